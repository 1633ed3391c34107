/**
 * DEFLATE, written: one block with the fixed codes, matches found through a hash of three bytes.
 * It packs worse than zlib and is here because forging must need no platform: the same input gives the same bytes everywhere.
 */
const WINDOW = 32 << 10;
const MATCH_MAX = 258;
/** How many earlier places are tried for a match. */
const CHAIN_MAX = 16;
const HASH_BITS = 15;

/** Packs bytes as one raw DEFLATE stream. */
export function deflateRaw(bytes: Uint8Array): Uint8Array {
  const bits = bitWriter(bytes.length + (bytes.length >> 3) + 16);
  const heads = new Int32Array(1 << HASH_BITS).fill(-1);
  const chain = new Int32Array(WINDOW).fill(-1);
  const at3 = (at: number) => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  const hashAt = (at: number) => Math.imul(at3(at), 0x9e3779b1) >>> (32 - HASH_BITS);
  bits.put(1, 1);
  bits.put(1, 2);
  let at = 0;
  const remember = (place: number) => {
    const hash = hashAt(place);
    chain[place % WINDOW] = heads[hash] ?? -1;
    heads[hash] = place;
  };
  while (at < bytes.length) {
    let best = 0;
    let distance = 0;
    if (at + 3 <= bytes.length) {
      const most = Math.min(MATCH_MAX, bytes.length - at);
      let place = heads[hashAt(at)] ?? -1;
      for (let tried = 0; tried < CHAIN_MAX && place >= 0 && at - place <= WINDOW; tried++) {
        let length = 0;
        while (length < most && bytes[place + length] === bytes[at + length]) length++;
        if (length > best) {
          best = length;
          distance = at - place;
          if (length === most) break;
        }
        const before = chain[place % WINDOW] ?? -1;
        if (before >= place) break;
        place = before;
      }
    }
    if (best < 3) {
      putLiteral(bits, bytes[at] ?? 0);
      if (at + 3 <= bytes.length) remember(at);
      at++;
      continue;
    }
    putMatch(bits, best, distance);
    for (const end = at + best; at < end; at++) if (at + 3 <= bytes.length) remember(at);
  }
  putLiteral(bits, 256);
  return bits.done();
}

interface BitWriter {
  put(value: number, count: number): void;
  /** A Huffman code: its bits go from the most significant. */
  code(value: number, count: number): void;
  done(): Uint8Array;
}

function bitWriter(capacity: number): BitWriter {
  let out = new Uint8Array(capacity);
  let at = 0;
  let hold = 0;
  let held = 0;
  const put = (value: number, count: number) => {
    hold |= value << held;
    held += count;
    while (held >= 8) {
      if (at === out.length) {
        const more = new Uint8Array(out.length * 2);
        more.set(out);
        out = more;
      }
      out[at++] = hold & 0xff;
      hold >>>= 8;
      held -= 8;
    }
  };
  return {
    put,
    code(value, count) {
      let turned = 0;
      for (let i = 0; i < count; i++) turned |= ((value >>> i) & 1) << (count - 1 - i);
      put(turned, count);
    },
    done() {
      if (held > 0) put(0, 8 - held);
      return out.slice(0, at);
    },
  };
}

/** RFC 1951 3.2.6: the fixed code of a literal, of the end of block (256) or of a length code. */
function putLiteral(bits: BitWriter, symbol: number): void {
  if (symbol < 144) bits.code(0x30 + symbol, 8);
  else if (symbol < 256) bits.code(0x190 + symbol - 144, 9);
  else if (symbol < 280) bits.code(symbol - 256, 7);
  else bits.code(0xc0 + symbol - 280, 8);
}

function putMatch(bits: BitWriter, length: number, distance: number): void {
  if (length === MATCH_MAX) putLiteral(bits, 285);
  else {
    const value = length - 3;
    const extra = value < 8 ? 0 : Math.floor(Math.log2(value)) - 2;
    putLiteral(bits, 257 + (extra << 2) + (value >> extra));
    bits.put(value & ((1 << extra) - 1), extra);
  }
  const value = distance - 1;
  const extra = value < 4 ? 0 : Math.floor(Math.log2(value)) - 1;
  bits.code((extra << 1) + (value >> extra), 5);
  bits.put(value & ((1 << extra) - 1), extra);
}
