/**
 * DEFLATE, read in pieces: memory is the window, whatever the stream unpacks to.
 * Spec: RFC 1951. Limits: output above the caller's ceiling is refused before it is made. Bytes after the last block are left alone and counted.
 * It stands beside the platform's codec for what that cannot do: stop in the middle, hand out pieces, and answer for small entries without a call
 * into another thread.
 */
import { concatBytes, FormatError, type FormatErrorCode } from '../../bytes/index.ts';

const FORMAT = 'deflate';
const WINDOW = 32 << 10;
const OUT = WINDOW + (64 << 10);
const MATCH_MAX = 258;
const FAST_BITS = 10;
/** The most that one block header or one symbol can take: 3 + 14 + 19 * 3 bits and 316 code lengths of at most 14 bits. */
const UNIT_MAX = 600;

const LENGTH_BASE = Uint16Array.of(
  3,
  4,
  5,
  6,
  7,
  8,
  9,
  10,
  11,
  13,
  15,
  17,
  19,
  23,
  27,
  31,
  35,
  43,
  51,
  59,
  67,
  83,
  99,
  115,
  131,
  163,
  195,
  227,
  258,
);
const LENGTH_EXTRA = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0);
const DISTANCE_BASE = Uint16Array.of(
  1,
  2,
  3,
  4,
  5,
  7,
  9,
  13,
  17,
  25,
  33,
  49,
  65,
  97,
  129,
  193,
  257,
  385,
  513,
  769,
  1025,
  1537,
  2049,
  3073,
  4097,
  6145,
  8193,
  12289,
  16385,
  24577,
);
const DISTANCE_EXTRA = Uint8Array.of(0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13);
const CODE_LENGTH_ORDER = Uint8Array.of(16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15);

/** A canonical Huffman code: short codes by table, long ones by counting as RFC 1951 3.2.2 builds them. */
interface Huffman {
  /** By the next FAST_BITS bits: symbol * 16 + length, or 0 where the code is longer or none. */
  readonly fast: Uint16Array;
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

/** Builds a code, or undefined where the lengths are over-subscribed, or incomplete in a way that zlib refuses. */
function huffman(lengths: Uint8Array): Huffman | undefined {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  const used = lengths.length - (counts[0] ?? 0);
  counts[0] = 0;
  let left = 1;
  for (let length = 1; length <= 15; length++) {
    left = left * 2 - (counts[length] ?? 0);
    if (left < 0) return undefined;
  }
  // A single code of one bit is allowed to be incomplete, and so is none at all.
  if (left > 0 && used > 1) return undefined;
  const offsets = new Uint16Array(16);
  for (let length = 1; length < 15; length++) offsets[length + 1] = (offsets[length] ?? 0) + (counts[length] ?? 0);
  const symbols = new Uint16Array(used);
  const fast = new Uint16Array(1 << FAST_BITS);
  const next = new Uint16Array(16);
  for (let length = 1, code = 0; length <= 15; length++) {
    code = (code + (counts[length - 1] ?? 0)) << 1;
    next[length] = code;
  }
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] ?? 0;
    if (length === 0) continue;
    const place = offsets[length] ?? 0;
    symbols[place] = symbol;
    offsets[length] = place + 1;
    const code = next[length] ?? 0;
    next[length] = code + 1;
    if (length > FAST_BITS) continue;
    for (let at = reverse(code, length); at < 1 << FAST_BITS; at += 1 << length) fast[at] = (symbol << 4) | length;
  }
  return { fast, counts, symbols };
}

function reverse(code: number, length: number): number {
  let value = 0;
  for (let i = 0; i < length; i++) value = (value << 1) | ((code >>> i) & 1);
  return value;
}

let fixedCodes: { readonly literals: Huffman; readonly distances: Huffman } | undefined;

function fixed(): { readonly literals: Huffman; readonly distances: Huffman } {
  if (fixedCodes !== undefined) return fixedCodes;
  const lengths = new Uint8Array(288);
  lengths.fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280, 288);
  const literals = huffman(lengths);
  const distances = huffman(new Uint8Array(32).fill(5));
  if (literals === undefined || distances === undefined) throw new Error('the fixed codes of RFC 1951 are complete');
  fixedCodes = { literals, distances };
  return fixedCodes;
}

/** A stream being unpacked. */
export interface Inflater {
  /** Takes the next bytes of the stream; `last` says that no more follow. Answers true when the stream has ended. @throws FormatError */
  push(bytes: Uint8Array, last: boolean): boolean;
  /** Bytes unpacked so far. */
  readonly total: number;
  /** Bytes of the input behind the end of the stream, once it has ended. */
  readonly left: number;
}

/** Starts to unpack. Pieces handed to `sink` are views that the next piece overwrites: copy what is to stay. */
export function inflater(sink: (piece: Uint8Array) => void, ceiling: number): Inflater {
  const out = new Uint8Array(OUT);
  let kept: Uint8Array = new Uint8Array(0);
  let outAt = 0;
  let flushed = 0;
  let total = 0;
  let consumed = 0;
  let hold = 0;
  let held = 0;
  let done = false;
  let finalBlock = false;
  let stored = 0;
  let literals: Huffman | undefined;
  let distances: Huffman | undefined;
  let mode: 'header' | 'stored' | 'codes' = 'header';
  let behind = 0;

  const fail = (field: string, code: FormatErrorCode, detail: string, at: number) =>
    new FormatError({ format: FORMAT, field, at: consumed + at }, code, detail);

  const flush = () => {
    if (outAt > flushed) sink(out.subarray(flushed, outAt));
    flushed = outAt;
    if (outAt > OUT - MATCH_MAX - 1) {
      out.copyWithin(0, outAt - WINDOW, outAt);
      outAt = WINDOW;
      flushed = WINDOW;
    }
  };

  return {
    get total() {
      return total;
    },
    get left() {
      return behind;
    },
    push(bytes, last) {
      if (done) return true;
      const input = kept.length === 0 ? bytes : concatBytes([kept, bytes]);
      const size = input.length;
      let at = 0;
      /** Up to `count` (at most 16) bits of the stream; a stream that ends here reads as zeros only inside `peek`. */
      const need = (count: number) => {
        while (held < count) {
          if (at >= size) throw fail('stream', 'short-read', 'the stream ends inside a block', at);
          hold |= (input[at++] ?? 0) << held;
          held += 8;
        }
      };
      const take = (count: number): number => {
        if (count === 0) return 0;
        need(count);
        const value = hold & ((1 << count) - 1);
        hold >>>= count;
        held -= count;
        return value;
      };
      const symbolOf = (code: Huffman): number => {
        while (held < 15 && at < size) {
          hold |= (input[at++] ?? 0) << held;
          held += 8;
        }
        const entry = code.fast[hold & ((1 << FAST_BITS) - 1)] ?? 0;
        if (entry !== 0) {
          const length = entry & 15;
          if (length > held) throw fail('stream', 'short-read', 'the stream ends inside a code', at);
          hold >>>= length;
          held -= length;
          return entry >>> 4;
        }
        let value = 0;
        let first = 0;
        let index = 0;
        for (let length = 1; length <= 15; length++) {
          if (length > held) throw fail('stream', 'short-read', 'the stream ends inside a code', at);
          value |= (hold >>> (length - 1)) & 1;
          const count = code.counts[length] ?? 0;
          if (value - count < first) {
            hold >>>= length;
            held -= length;
            return code.symbols[index + (value - first)] ?? 0;
          }
          index += count;
          first = (first + count) << 1;
          value <<= 1;
        }
        throw fail('symbol', 'bad-value', 'no code of this block', at);
      };
      const readLengths = () => {
        const literalCount = take(5) + 257;
        const distanceCount = take(5) + 1;
        const codeCount = take(4) + 4;
        if (literalCount > 286 || distanceCount > 30) {
          throw fail('HLIT', 'bad-value', `${literalCount} literal and ${distanceCount} distance codes`, at);
        }
        const codeLengths = new Uint8Array(19);
        for (let i = 0; i < codeCount; i++) codeLengths[CODE_LENGTH_ORDER[i] ?? 0] = take(3);
        const codes = huffman(codeLengths);
        if (codes === undefined) throw fail('code_lengths', 'bad-value', 'not a complete code', at);
        const lengths = new Uint8Array(literalCount + distanceCount);
        for (let i = 0; i < lengths.length; ) {
          const symbol = symbolOf(codes);
          if (symbol < 16) {
            lengths[i++] = symbol;
            continue;
          }
          if (symbol === 16 && i === 0) throw fail('code_lengths', 'bad-value', 'repeats a length before the first', at);
          const value = symbol === 16 ? (lengths[i - 1] ?? 0) : 0;
          const count = symbol === 16 ? 3 + take(2) : symbol === 17 ? 3 + take(3) : 11 + take(7);
          if (i + count > lengths.length) throw fail('code_lengths', 'bad-value', 'repeats past the last code', at);
          lengths.fill(value, i, i + count);
          i += count;
        }
        if (lengths[256] === 0) throw fail('code_lengths', 'bad-value', 'no end-of-block code', at);
        literals = huffman(lengths.subarray(0, literalCount));
        distances = huffman(lengths.subarray(literalCount));
        if (literals === undefined || distances === undefined) throw fail('code_lengths', 'bad-value', 'not a complete code', at);
      };

      while (!done) {
        if (mode === 'header') {
          if (finalBlock) {
            done = true;
            break;
          }
          if (!last && size - at < UNIT_MAX) break;
          finalBlock = take(1) === 1;
          const type = take(2);
          if (type === 0) {
            hold >>>= held & 7;
            held -= held & 7;
            const length = take(16);
            const inverse = take(16);
            if ((length ^ inverse) !== 0xffff) throw fail('LEN', 'bad-value', `${length} and its complement ${inverse} disagree`, at);
            // Whole bytes that were taken ahead are given back.
            at -= held >> 3;
            hold = 0;
            held = 0;
            stored = length;
            mode = 'stored';
          } else if (type === 1) {
            ({ literals, distances } = fixed());
            mode = 'codes';
          } else if (type === 2) {
            readLengths();
            mode = 'codes';
          } else {
            throw fail('BTYPE', 'bad-value', '3 is no block type', at);
          }
        } else if (mode === 'stored') {
          const piece = Math.min(stored, size - at, OUT - MATCH_MAX - outAt);
          if (total + piece > ceiling) throw fail('stream', 'too-large', `more than ${ceiling} bytes`, at);
          out.set(input.subarray(at, at + piece), outAt);
          outAt += piece;
          total += piece;
          at += piece;
          stored -= piece;
          if (outAt >= OUT - MATCH_MAX) flush();
          if (stored === 0) mode = 'header';
          else if (at >= size) {
            if (last) throw fail('stream', 'short-read', 'the stream ends inside a stored block', at);
            break;
          }
        } else {
          if (literals === undefined || distances === undefined) throw fail('BTYPE', 'bad-value', 'no codes', at);
          const fast = literals.fast;
          let ended = false;
          // The hot loop: nothing in it allocates, and every bound is checked once a symbol.
          while (true) {
            if (!last && size - at < 8) break;
            if (outAt >= OUT - MATCH_MAX) flush();
            while (held < 15 && at < size) {
              hold |= (input[at++] as number) << held; // at < size
              held += 8;
            }
            const entry = fast[hold & ((1 << FAST_BITS) - 1)] as number; // the index has FAST_BITS bits
            let symbol: number;
            if (entry !== 0 && (entry & 15) <= held) {
              hold >>>= entry & 15;
              held -= entry & 15;
              symbol = entry >>> 4;
            } else symbol = symbolOf(literals);
            if (symbol < 256) {
              if (total >= ceiling) throw fail('stream', 'too-large', `more than ${ceiling} bytes`, at);
              out[outAt++] = symbol;
              total++;
              continue;
            }
            if (symbol === 256) {
              ended = true;
              break;
            }
            if (symbol > 285) throw fail('symbol', 'bad-value', `${symbol} is no length code`, at);
            const length = (LENGTH_BASE[symbol - 257] as number) + take(LENGTH_EXTRA[symbol - 257] as number); // symbol is 257 to 285
            const place = symbolOf(distances);
            if (place > 29) throw fail('distance', 'bad-value', `${place} is no distance code`, at);
            const distance = (DISTANCE_BASE[place] as number) + take(DISTANCE_EXTRA[place] as number); // place is 0 to 29
            if (distance > total) throw fail('distance', 'out-of-bounds', `${distance} back, ${total} bytes so far`, at);
            if (total + length > ceiling) throw fail('stream', 'too-large', `more than ${ceiling} bytes`, at);
            let from = outAt - distance;
            const to = outAt + length;
            total += length;
            if (distance >= length && length > 16) {
              out.copyWithin(outAt, from, from + length);
              outAt = to;
            } else while (outAt < to) out[outAt++] = out[from++] as number; // from stays below outAt
          }
          if (!ended) break;
          mode = 'header';
        }
      }
      flush();
      if (done) {
        behind = size - at + (held >> 3);
        kept = new Uint8Array(0);
      } else {
        kept = new Uint8Array(input.subarray(at));
        if (last) throw fail('stream', 'short-read', 'the stream ends before its last block', at);
      }
      consumed += at;
      return done;
    },
  };
}

/** Unpacks a whole stream in memory. Bytes after its end are left alone. @throws FormatError when it is malformed, or makes more than `ceiling` bytes */
export function inflateRaw(bytes: Uint8Array, ceiling: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  inflater((piece) => pieces.push(piece.slice()), ceiling).push(bytes, true);
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : concatBytes(pieces);
}
