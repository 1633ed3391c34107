/**
 * The LZMA core: one range decoder for LZMA2 (xz), .lzma and MicroLZMA (EROFS).
 * Spec: LZMA specification (LZMA SDK 9.20, lzma-specification.txt), "LZMA decoder" and "The range decoder".
 * Limits: distances reach back only over what was decoded since the last dictionary reset; the output ends where the caller says.
 * Does not read: containers. Those are `xz.ts`, `lzma-alone.ts` and `microlzma.ts`.
 *
 *   probabilities, in one flat array of u16 (11-bit fixed point, 1024 is one half)
 *     IsMatch[12][16] IsRep[12] IsRepG0[12] IsRepG1[12] IsRepG2[12] IsRep0Long[12][16]
 *     PosSlot[4][64] PosSpecial[128] Align[16]
 *     Len{ choice choice2 low[16][8] mid[16][8] high[256] } RepLen{ … }
 *     Literal[1 << (lc + lp)][0x300]
 */
import { FormatError } from '../../bytes/index.ts';

const IS_MATCH = 0;
const IS_REP = 192;
const IS_REP_G0 = 204;
const IS_REP_G1 = 216;
const IS_REP_G2 = 228;
const IS_REP0_LONG = 240;
const POS_SLOT = 432;
const POS_SPECIAL = 688;
const ALIGN = 816;
const LEN = 832;
const REP_LEN = 1346;
const LITERAL = 1860;
/** Offsets within a length coder. */
const LEN_LOW = 2;
const LEN_MID = 130;
const LEN_HIGH = 258;
const LITERAL_SIZE = 0x300;
const PROB_HALF = 1024;
const TOP = 0x1000000;
const MATCH_MIN = 2;
const STATE_LITERAL_MAX = 7;
const END_DISTANCE = 0xffffffff;

/** Everything that a decoder keeps between two calls. Fields change in place: it owns the tables. */
export interface LzmaState {
  readonly format: string;
  probs: Uint16Array;
  lc: number;
  lp: number;
  pb: number;
  state: number;
  rep0: number;
  rep1: number;
  rep2: number;
  rep3: number;
  range: number;
  code: number;
  /** Bytes of a match that did not fit before the output's end. */
  pending: number;
  /** Next byte of the input, and its end. */
  inAt: number;
  inEnd: number;
  /** Next byte of the output, and where to stop. */
  outAt: number;
  outEnd: number;
  /** First byte of the output that matches may reach back to. */
  dictionaryAt: number;
  /** Added to `outAt`, gives the position that the models see. */
  bias: number;
  /** Set when the stream's end marker was met. */
  ended: boolean;
}

/** A decoder for a stream of `format` (for its errors), with nothing set yet. */
export function lzmaState(format: string): LzmaState {
  return {
    format,
    probs: new Uint16Array(LITERAL),
    lc: 0,
    lp: 0,
    pb: 0,
    state: 0,
    rep0: 0,
    rep1: 0,
    rep2: 0,
    rep3: 0,
    range: 0,
    code: 0,
    pending: 0,
    inAt: 0,
    inEnd: 0,
    outAt: 0,
    outEnd: 0,
    dictionaryAt: 0,
    bias: 0,
    ended: false,
  };
}

/** Sets lc, lp and pb from the properties byte, or answers false where it holds none. `literalBitsMax`: 4 in LZMA2, where lc + lp is limited. */
export function setProperties(lzma: LzmaState, byte: number, literalBitsMax = 12): boolean {
  if (byte >= 9 * 5 * 5) return false;
  lzma.lc = byte % 9;
  lzma.lp = Math.floor(byte / 9) % 5;
  lzma.pb = Math.floor(byte / 45);
  return lzma.lc + lzma.lp <= literalBitsMax;
}

/** Puts all probabilities to one half, and the history to its start. */
export function resetState(lzma: LzmaState): void {
  const size = LITERAL + (LITERAL_SIZE << (lzma.lc + lzma.lp));
  if (lzma.probs.length < size) lzma.probs = new Uint16Array(size);
  lzma.probs.fill(PROB_HALF, 0, size);
  lzma.state = 0;
  lzma.rep0 = 0;
  lzma.rep1 = 0;
  lzma.rep2 = 0;
  lzma.rep3 = 0;
  lzma.pending = 0;
  lzma.ended = false;
}

/** Starts the range decoder: its first byte is 0, then come the first four bytes of code. @throws FormatError */
export function startRange(lzma: LzmaState, input: Uint8Array): void {
  const at = lzma.inAt;
  if (at + 5 > lzma.inEnd)
    throw new FormatError({ format: lzma.format, field: 'range', at }, 'short-read', `5 bytes wanted, ${lzma.inEnd - at} left`);
  if (input[at] !== 0) throw new FormatError({ format: lzma.format, field: 'range', at }, 'bad-value', 'the first byte is not 0');
  startCode(lzma, input, at + 1);
}

/** The four bytes of code, for streams that replace or leave out the zero before them. */
export function startCode(lzma: LzmaState, input: Uint8Array, at: number): void {
  lzma.range = 0xffffffff;
  lzma.code = (((input[at] ?? 0) << 24) | ((input[at + 1] ?? 0) << 16) | ((input[at + 2] ?? 0) << 8) | (input[at + 3] ?? 0)) >>> 0;
  lzma.inAt = at + 4;
}

/** Whether the range decoder ended as an encoder leaves it: after a last normalisation, its code is 0. */
export function isRangeFinished(lzma: LzmaState, input: Uint8Array): boolean {
  if (lzma.range < TOP && lzma.inAt < lzma.inEnd) {
    lzma.range = (lzma.range << 8) >>> 0;
    lzma.code = ((lzma.code << 8) | (input[lzma.inAt++] ?? 0)) >>> 0;
  }
  return lzma.code === 0;
}

/**
 * Decodes from `input` into `out` until `outEnd` is reached or the end marker was read (`ended`). What is behind the input's end reads as zero and
 * is found out after the symbol, so that the loop needs one comparison for it.
 * One long function over local variables: every bit's decoding is written out where it is, which is four times as fast as calling (measured).
 * @throws FormatError on input that ends early and on a distance that reaches before the dictionary
 */
export function decodeLzma(lzma: LzmaState, input: Uint8Array, out: Uint8Array): void {
  const probs = lzma.probs;
  const { lc, inEnd, outEnd, dictionaryAt, bias } = lzma;
  const lpMask = (1 << lzma.lp) - 1;
  const pbMask = (1 << lzma.pb) - 1;
  let { range, code, state, inAt, outAt, rep0, rep1, rep2, rep3 } = lzma;
  let length = lzma.pending;
  let failed: 'short' | 'distance' | undefined;
  lzma.pending = 0;

  if (length > 0) {
    let copies = Math.min(length, outEnd - outAt);
    length -= copies;
    for (; copies > 0; copies--, outAt++) out[outAt] = out[outAt - rep0 - 1] ?? 0;
  }

  while (outAt < outEnd) {
    if (inAt > inEnd) {
      failed = 'short';
      break;
    }
    const posState = (outAt + bias) & pbMask;
    let index = IS_MATCH + (state << 4) + posState;
    let prob = probs[index] ?? 0;
    if (range < TOP) {
      range = (range << 8) >>> 0;
      code = ((code << 8) | (input[inAt++] ?? 0)) >>> 0;
    }
    let bound = Math.imul(range >>> 11, prob) >>> 0;
    if (code < bound) {
      // A literal.
      range = bound;
      probs[index] = prob + ((2048 - prob) >>> 5);
      const before = outAt > dictionaryAt ? (out[outAt - 1] ?? 0) : 0;
      const base = LITERAL + LITERAL_SIZE * ((((outAt + bias) & lpMask) << lc) + (before >>> (8 - lc)));
      let symbol = 1;
      if (state >= STATE_LITERAL_MAX) {
        // After a match: the byte that the match would have gone on with steers the model while it agrees.
        if (rep0 >= outAt - dictionaryAt) {
          failed = 'distance';
          break;
        }
        let matched = out[outAt - rep0 - 1] ?? 0;
        let offset = 0x100;
        do {
          matched <<= 1;
          const matchBit = matched & offset;
          index = base + offset + matchBit + symbol;
          prob = probs[index] ?? 0;
          if (range < TOP) {
            range = (range << 8) >>> 0;
            code = ((code << 8) | (input[inAt++] ?? 0)) >>> 0;
          }
          bound = Math.imul(range >>> 11, prob) >>> 0;
          if (code < bound) {
            range = bound;
            probs[index] = prob + ((2048 - prob) >>> 5);
            symbol <<= 1;
            offset &= ~matchBit;
          } else {
            range = (range - bound) >>> 0;
            code = (code - bound) >>> 0;
            probs[index] = prob - (prob >>> 5);
            symbol = (symbol << 1) | 1;
            offset &= matchBit;
          }
        } while (symbol < 0x100);
      } else {
        do {
          index = base + symbol;
          prob = probs[index] ?? 0;
          if (range < TOP) {
            range = (range << 8) >>> 0;
            code = ((code << 8) | (input[inAt++] ?? 0)) >>> 0;
          }
          bound = Math.imul(range >>> 11, prob) >>> 0;
          if (code < bound) {
            range = bound;
            probs[index] = prob + ((2048 - prob) >>> 5);
            symbol <<= 1;
          } else {
            range = (range - bound) >>> 0;
            code = (code - bound) >>> 0;
            probs[index] = prob - (prob >>> 5);
            symbol = (symbol << 1) | 1;
          }
        } while (symbol < 0x100);
      }
      out[outAt++] = symbol;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    range = (range - bound) >>> 0;
    code = (code - bound) >>> 0;
    probs[index] = prob - (prob >>> 5);

    index = IS_REP + state;
    prob = probs[index] ?? 0;
    if (range < TOP) {
      range = (range << 8) >>> 0;
      code = ((code << 8) | (input[inAt++] ?? 0)) >>> 0;
    }
    bound = Math.imul(range >>> 11, prob) >>> 0;
    let lengthBase = LEN;
    let isRep = false;
    if (code < bound) {
      range = bound;
      probs[index] = prob + ((2048 - prob) >>> 5);
      rep3 = rep2;
      rep2 = rep1;
      rep1 = rep0;
      state = state < STATE_LITERAL_MAX ? 7 : 10;
    } else {
      range = (range - bound) >>> 0;
      code = (code - bound) >>> 0;
      probs[index] = prob - (prob >>> 5);
      isRep = true;
      lengthBase = REP_LEN;
      index = IS_REP_G0 + state;
      prob = probs[index] ?? 0;
      if (range < TOP) {
        range = (range << 8) >>> 0;
        code = ((code << 8) | (input[inAt++] ?? 0)) >>> 0;
      }
      bound = Math.imul(range >>> 11, prob) >>> 0;
      if (code < bound) {
        range = bound;
        probs[index] = prob + ((2048 - prob) >>> 5);
        index = IS_REP0_LONG + (state << 4) + posState;
        prob = probs[index] ?? 0;
        if (range < TOP) {
          range = (range << 8) >>> 0;
          code = ((code << 8) | (input[inAt++] ?? 0)) >>> 0;
        }
        bound = Math.imul(range >>> 11, prob) >>> 0;
        if (code < bound) {
          // The last match's distance again, one byte.
          range = bound;
          probs[index] = prob + ((2048 - prob) >>> 5);
          if (rep0 >= outAt - dictionaryAt) {
            failed = 'distance';
            break;
          }
          out[outAt] = out[outAt - rep0 - 1] ?? 0;
          outAt++;
          state = state < STATE_LITERAL_MAX ? 9 : 11;
          continue;
        }
        range = (range - bound) >>> 0;
        code = (code - bound) >>> 0;
        probs[index] = prob - (prob >>> 5);
      } else {
        range = (range - bound) >>> 0;
        code = (code - bound) >>> 0;
        probs[index] = prob - (prob >>> 5);
        index = IS_REP_G1 + state;
        prob = probs[index] ?? 0;
        if (range < TOP) {
          range = (range << 8) >>> 0;
          code = ((code << 8) | (input[inAt++] ?? 0)) >>> 0;
        }
        bound = Math.imul(range >>> 11, prob) >>> 0;
        let distance = rep1;
        if (code < bound) {
          range = bound;
          probs[index] = prob + ((2048 - prob) >>> 5);
        } else {
          range = (range - bound) >>> 0;
          code = (code - bound) >>> 0;
          probs[index] = prob - (prob >>> 5);
          index = IS_REP_G2 + state;
          prob = probs[index] ?? 0;
          if (range < TOP) {
            range = (range << 8) >>> 0;
            code = ((code << 8) | (input[inAt++] ?? 0)) >>> 0;
          }
          bound = Math.imul(range >>> 11, prob) >>> 0;
          distance = rep2;
          if (code < bound) {
            range = bound;
            probs[index] = prob + ((2048 - prob) >>> 5);
          } else {
            range = (range - bound) >>> 0;
            code = (code - bound) >>> 0;
            probs[index] = prob - (prob >>> 5);
            distance = rep3;
            rep3 = rep2;
          }
          rep2 = rep1;
        }
        rep1 = rep0;
        rep0 = distance;
      }
      state = state < STATE_LITERAL_MAX ? 8 : 11;
    }

    // The length: low, mid or high tree.
    index = lengthBase;
    prob = probs[index] ?? 0;
    if (range < TOP) {
      range = (range << 8) >>> 0;
      code = ((code << 8) | (input[inAt++] ?? 0)) >>> 0;
    }
    bound = Math.imul(range >>> 11, prob) >>> 0;
    let tree: number;
    let limit = 8;
    if (code < bound) {
      range = bound;
      probs[index] = prob + ((2048 - prob) >>> 5);
      tree = lengthBase + LEN_LOW + (posState << 3);
      length = MATCH_MIN;
    } else {
      range = (range - bound) >>> 0;
      code = (code - bound) >>> 0;
      probs[index] = prob - (prob >>> 5);
      index = lengthBase + 1;
      prob = probs[index] ?? 0;
      if (range < TOP) {
        range = (range << 8) >>> 0;
        code = ((code << 8) | (input[inAt++] ?? 0)) >>> 0;
      }
      bound = Math.imul(range >>> 11, prob) >>> 0;
      if (code < bound) {
        range = bound;
        probs[index] = prob + ((2048 - prob) >>> 5);
        tree = lengthBase + LEN_MID + (posState << 3);
        length = MATCH_MIN + 8;
      } else {
        range = (range - bound) >>> 0;
        code = (code - bound) >>> 0;
        probs[index] = prob - (prob >>> 5);
        tree = lengthBase + LEN_HIGH;
        length = MATCH_MIN + 16;
        limit = 256;
      }
    }
    let symbol = 1;
    do {
      index = tree + symbol;
      prob = probs[index] ?? 0;
      if (range < TOP) {
        range = (range << 8) >>> 0;
        code = ((code << 8) | (input[inAt++] ?? 0)) >>> 0;
      }
      bound = Math.imul(range >>> 11, prob) >>> 0;
      if (code < bound) {
        range = bound;
        probs[index] = prob + ((2048 - prob) >>> 5);
        symbol <<= 1;
      } else {
        range = (range - bound) >>> 0;
        code = (code - bound) >>> 0;
        probs[index] = prob - (prob >>> 5);
        symbol = (symbol << 1) | 1;
      }
    } while (symbol < limit);
    length += symbol - limit;

    if (!isRep) {
      // The distance: a slot of six bits, then bits by model or direct, then four aligned ones.
      tree = POS_SLOT + (Math.min(length - MATCH_MIN, 3) << 6);
      symbol = 1;
      do {
        index = tree + symbol;
        prob = probs[index] ?? 0;
        if (range < TOP) {
          range = (range << 8) >>> 0;
          code = ((code << 8) | (input[inAt++] ?? 0)) >>> 0;
        }
        bound = Math.imul(range >>> 11, prob) >>> 0;
        if (code < bound) {
          range = bound;
          probs[index] = prob + ((2048 - prob) >>> 5);
          symbol <<= 1;
        } else {
          range = (range - bound) >>> 0;
          code = (code - bound) >>> 0;
          probs[index] = prob - (prob >>> 5);
          symbol = (symbol << 1) | 1;
        }
      } while (symbol < 64);
      const slot = symbol - 64;
      if (slot < 4) rep0 = slot;
      else {
        let bits = (slot >>> 1) - 1;
        let distance = 2 | (slot & 1);
        if (slot < 14) {
          distance <<= bits;
          tree = POS_SPECIAL + distance - slot;
        } else {
          for (bits -= 4; bits > 0; bits--) {
            if (range < TOP) {
              range = (range << 8) >>> 0;
              code = ((code << 8) | (input[inAt++] ?? 0)) >>> 0;
            }
            range >>>= 1;
            if (code >= range) {
              code = (code - range) >>> 0;
              distance = (distance << 1) | 1;
            } else distance <<= 1;
          }
          distance <<= 4;
          bits = 4;
          tree = ALIGN;
        }
        symbol = 1;
        for (let bit = 1; bits > 0; bits--, bit <<= 1) {
          index = tree + symbol;
          prob = probs[index] ?? 0;
          if (range < TOP) {
            range = (range << 8) >>> 0;
            code = ((code << 8) | (input[inAt++] ?? 0)) >>> 0;
          }
          bound = Math.imul(range >>> 11, prob) >>> 0;
          if (code < bound) {
            range = bound;
            probs[index] = prob + ((2048 - prob) >>> 5);
            symbol <<= 1;
          } else {
            range = (range - bound) >>> 0;
            code = (code - bound) >>> 0;
            probs[index] = prob - (prob >>> 5);
            symbol = (symbol << 1) | 1;
            distance |= bit;
          }
        }
        rep0 = distance >>> 0;
        if (rep0 === END_DISTANCE) {
          lzma.ended = true;
          length = 0;
          break;
        }
      }
    }
    if (rep0 >= outAt - dictionaryAt) {
      failed = 'distance';
      break;
    }
    let from = outAt - rep0 - 1;
    let to = outAt + length;
    if (to > outEnd) {
      length = to - outEnd;
      to = outEnd;
    } else length = 0;
    for (; outAt < to; outAt++, from++) out[outAt] = out[from] ?? 0;
  }

  lzma.range = range;
  lzma.code = code;
  lzma.state = state;
  lzma.rep0 = rep0;
  lzma.rep1 = rep1;
  lzma.rep2 = rep2;
  lzma.rep3 = rep3;
  lzma.inAt = inAt;
  lzma.outAt = outAt;
  lzma.pending = length;
  if (failed === undefined && inAt > inEnd) failed = 'short';
  if (failed === 'short')
    throw new FormatError({ format: lzma.format, field: 'data', at: inEnd }, 'short-read', 'the compressed data ends within a symbol');
  if (failed === 'distance')
    throw new FormatError(
      { format: lzma.format, field: 'distance', at: inAt },
      'out-of-bounds',
      `${rep0 + 1} bytes back, where ${outAt - dictionaryAt} were decoded`,
    );
}
