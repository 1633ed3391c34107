/**
 * bzip2 streams, one behind the other. Spec: "BZIP2: Format Specification" (J. Tsai, 2016), after bzip2 1.0.8.
 * Limits: the caller's ceiling on output; a block of at most 900,000 bytes before its last run-length step.
 * Does not read: randomised blocks of bzip2 0.9.0 (named).
 *
 *   stream  "BZh" level['1'…'9'] { block }… 177245385090, CRC[32] of all blocks, padding to a byte
 *   block   314159265359, CRC[32], randomised[1], origin[24], used symbols[16 + 16 × …], trees[3], selectors[15] in unary over move-to-front,
 *           per tree: start[5] and deltas; then Huffman codes, 50 by each selector: run lengths of the front symbol, move-to-front, end of block
 */
import { concatBytes, FormatError, type FormatErrorCode } from '../../bytes/index.ts';

const FORMAT = 'bzip2';
const LEVEL_SIZE = 100_000;
const GROUP = 50;
const TREES_MAX = 6;
const SELECTORS_MAX = 18_002;
const CODE_MAX = 20;
const SYMBOLS_MAX = 258;

const refuse = (field: string, at: number, code: FormatErrorCode, detail: string) =>
  new FormatError({ format: FORMAT, field, at }, code, detail);

const CRC = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i << 24;
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value;
});

/** Whether bytes begin as a bzip2 stream does. */
export function isBzip2(start: Uint8Array): boolean {
  return start[0] === 0x42 && start[1] === 0x5a && start[2] === 0x68 && (start[3] ?? 0) >= 0x31 && (start[3] ?? 0) <= 0x39;
}

interface Bits {
  readonly bytes: Uint8Array;
  at: number;
  buffer: number;
  count: number;
}

/** Up to 24 bits, most significant first. */
function take(bits: Bits, wanted: number, field: string): number {
  while (bits.count < wanted) {
    if (bits.at >= bits.bytes.length) throw refuse(field, bits.at, 'short-read', 'the stream ends here');
    bits.buffer = ((bits.buffer << 8) | (bits.bytes[bits.at++] ?? 0)) >>> 0;
    bits.count += 8;
  }
  bits.count -= wanted;
  return (bits.buffer >>> bits.count) & ((1 << wanted) - 1);
}

const take32 = (bits: Bits, field: string) => ((take(bits, 16, field) << 16) | take(bits, 16, field)) >>> 0;

/** What bzip2 streams in memory unpack to. @throws FormatError on malformed streams, on a CRC that does not hold, and above `ceiling` bytes */
export function unbzip2(bytes: Uint8Array, ceiling: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (const piece of bzip2Pieces(bytes)) {
    total += piece.length;
    if (total > ceiling) throw refuse('output', 0, 'too-large', `more than ${ceiling} bytes`);
    pieces.push(piece);
  }
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : concatBytes(pieces);
}

/** The same in pieces of up to a few megabytes: of a block of 900,000 bytes the last step makes at most 51 times as much, handed out as it comes. */
export function* bzip2Pieces(bytes: Uint8Array): Generator<Uint8Array, void, void> {
  const bits: Bits = { bytes, at: 0, buffer: 0, count: 0 };
  for (let streams = 0; ; streams++) {
    if (streams > 0 && (bits.at >= bytes.length || !isBzip2(bytes.subarray(bits.at)))) {
      if (bytes.subarray(bits.at).some((byte) => byte !== 0))
        throw refuse('magic', bits.at, 'trailing', `${bytes.length - bits.at} bytes after the last stream`);
      return;
    }
    if (!isBzip2(bytes.subarray(bits.at))) throw refuse('magic', bits.at, 'bad-magic', 'not BZh1 to BZh9');
    const level = (bytes[bits.at + 3] ?? 0) - 0x30;
    bits.at += 4;
    const words = new Int32Array(level * LEVEL_SIZE);
    let combined = 0;
    for (;;) {
      const high = take(bits, 24, 'block magic');
      const low = take(bits, 24, 'block magic');
      if (high === 0x177245 && low === 0x385090) break;
      if (high !== 0x314159 || low !== 0x265359) throw refuse('block magic', bits.at - 6, 'bad-magic', 'neither a block nor the end');
      const crc = take32(bits, 'block crc');
      const run = { crc: -1 };
      yield* blockPieces(bits, words, run);
      if (~run.crc >>> 0 !== crc) throw refuse('block crc', bits.at, 'bad-checksum', 'the block has another');
      combined = ((combined << 1) | (combined >>> 31)) ^ crc;
    }
    if (take32(bits, 'stream crc') !== combined >>> 0) throw refuse('stream crc', bits.at, 'bad-checksum', 'the stream has another');
    // Bytes that were looked at and not used are given back.
    bits.at -= bits.count >> 3;
    bits.count = 0;
    if (bits.at > bytes.length) throw refuse('stream crc', bytes.length, 'short-read', 'the stream ends here');
  }
}

function* blockPieces(bits: Bits, words: Int32Array, run: { crc: number }): Generator<Uint8Array, void, void> {
  const { length, origin } = readBlock(bits, words);
  if (length === 0) return;
  // The inverse of the Burrows-Wheeler transform: each word's high bits point to its successor.
  const counts = new Int32Array(257);
  for (let i = 0; i < length; i++) {
    const symbol = ((words[i] ?? 0) & 0xff) + 1;
    counts[symbol] = (counts[symbol] ?? 0) + 1;
  }
  for (let i = 1; i < 257; i++) counts[i] = (counts[i] ?? 0) + (counts[i - 1] ?? 0);
  for (let i = 0; i < length; i++) {
    const symbol = (words[i] ?? 0) & 0xff;
    const at = counts[symbol] ?? 0;
    counts[symbol] = at + 1;
    words[at] = (words[at] ?? 0) | (i << 8);
  }
  // Runs: four equal bytes, then how many more.
  const PIECE = 1 << 20;
  let out = new Uint8Array(Math.min(PIECE, Math.ceil(length * 1.3)) + 256);
  const limit = out.length - 256;
  let at = 0;
  let crc = run.crc;
  let word = words[origin] ?? 0;
  let previous = -1;
  let repeats = 0;
  for (let i = 0; i < length; i++) {
    word = words[word >>> 8] ?? 0;
    const byte = word & 0xff;
    if (repeats === 4) {
      for (let k = 0; k < byte; k++) {
        out[at++] = previous;
        crc = (crc << 8) ^ (CRC[(crc >>> 24) ^ previous] ?? 0);
      }
      repeats = 0;
      previous = -1;
    } else {
      repeats = byte === previous ? repeats + 1 : 1;
      previous = byte;
      out[at++] = byte;
      crc = (crc << 8) ^ (CRC[(crc >>> 24) ^ byte] ?? 0);
    }
    if (at >= limit) {
      yield out.subarray(0, at);
      out = new Uint8Array(limit + 256);
      at = 0;
    }
  }
  run.crc = crc;
  if (at > 0) yield out.subarray(0, at);
}

/** Reads a block's bytes as they stand before the transform is undone. */
function readBlock(bits: Bits, words: Int32Array): { length: number; origin: number } {
  if (take(bits, 1, 'randomised') === 1) throw refuse('randomised', bits.at, 'unsupported-feature', 'a randomised block of bzip2 0.9.0');
  const origin = take(bits, 24, 'origin pointer');
  const symbols = readSymbols(bits);
  const endOfBlock = symbols.length + 1;
  const trees = take(bits, 3, 'trees');
  if (trees < 2 || trees > TREES_MAX) throw refuse('trees', bits.at, 'bad-value', `${trees} is not 2 to ${TREES_MAX}`);
  const selectors = readSelectors(bits, trees);
  const codes = Array.from({ length: trees }, () => readCode(bits, endOfBlock + 1));

  let length = 0;
  let runLength = 0;
  let runBit = 1;
  let group = 0;
  let left = 0;
  let code = codes[0];
  for (;;) {
    if (left === 0) {
      code = codes[selectors[group++] ?? TREES_MAX];
      if (code === undefined) throw refuse('selectors', bits.at, 'bad-value', 'the block goes on after its last selector');
      left = GROUP;
    }
    left--;
    if (code === undefined) break;
    const symbol = readSymbol(bits, code);
    if (symbol <= 1) {
      // Run lengths are written in bijective base two.
      runLength += runBit << symbol;
      runBit <<= 1;
      if (runBit > words.length * 2) throw refuse('run', bits.at, 'too-large', `longer than a block of ${words.length}`);
      continue;
    }
    if (runLength > 0) {
      if (length + runLength > words.length) throw refuse('block', bits.at, 'too-large', `more than ${words.length} bytes`);
      words.fill(symbols[0] ?? 0, length, length + runLength);
      length += runLength;
      runLength = 0;
      runBit = 1;
    }
    if (symbol === endOfBlock) break;
    if (length >= words.length) throw refuse('block', bits.at, 'too-large', `more than ${words.length} bytes`);
    const index = symbol - 1;
    const byte = symbols[index] ?? 0;
    symbols.copyWithin(1, 0, index);
    symbols[0] = byte;
    words[length++] = byte;
  }
  if (origin >= length && length > 0) throw refuse('origin pointer', bits.at, 'out-of-bounds', `${origin} of ${length}`);
  return { length, origin };
}

function readSymbols(bits: Bits): Uint8Array {
  const ranges = take(bits, 16, 'symbol map');
  const symbols: number[] = [];
  for (let i = 0; i < 16; i++) {
    if (((ranges >>> (15 - i)) & 1) === 0) continue;
    const map = take(bits, 16, 'symbol map');
    for (let k = 0; k < 16; k++) if (((map >>> (15 - k)) & 1) === 1) symbols.push(16 * i + k);
  }
  if (symbols.length === 0) throw refuse('symbol map', bits.at, 'bad-value', 'no symbol is used');
  return Uint8Array.from(symbols);
}

function readSelectors(bits: Bits, trees: number): Uint8Array {
  const count = take(bits, 15, 'selectors');
  if (count === 0) throw refuse('selectors', bits.at, 'bad-value', 'none');
  const order = Uint8Array.from({ length: trees }, (_, i) => i);
  const selectors = new Uint8Array(Math.min(count, SELECTORS_MAX));
  for (let i = 0; i < count; i++) {
    let steps = 0;
    while (take(bits, 1, 'selector') === 1) if (++steps >= trees) throw refuse('selector', bits.at, 'bad-value', `above ${trees} trees`);
    const tree = order[steps] ?? 0;
    order.copyWithin(1, 0, steps);
    order[0] = tree;
    // Some writers leave more selectors than a block can use (lbzip2); they are read and dropped, as bzip2 1.0.8 does.
    if (i < SELECTORS_MAX) selectors[i] = tree;
  }
  return selectors;
}

const FAST = 10;

/** A canonical Huffman code: short codes by table, longer ones by comparing with the last code of each length. */
interface Code {
  readonly fast: Uint16Array;
  readonly limits: Int32Array;
  readonly bases: Int32Array;
  readonly symbols: Uint16Array;
}

function readCode(bits: Bits, count: number): Code {
  const lengths = new Uint8Array(Math.min(count, SYMBOLS_MAX));
  let length = take(bits, 5, 'code length');
  for (let i = 0; i < lengths.length; i++) {
    for (;;) {
      if (length < 1 || length > CODE_MAX) throw refuse('code length', bits.at, 'bad-value', `${length} is not 1 to ${CODE_MAX}`);
      if (take(bits, 1, 'code length') === 0) break;
      length += take(bits, 1, 'code length') === 0 ? 1 : -1;
    }
    lengths[i] = length;
  }
  const symbols = new Uint16Array(lengths.length);
  const limits = new Int32Array(CODE_MAX + 2).fill(-1);
  const bases = new Int32Array(CODE_MAX + 2);
  const fast = new Uint16Array(1 << FAST);
  let next = 0;
  let filled = 0;
  for (let size = 1; size <= CODE_MAX; size++) {
    bases[size] = filled - next;
    for (let i = 0; i < lengths.length; i++) {
      if (lengths[i] !== size) continue;
      if (size <= FAST) fast.fill((i << 5) | size, next << (FAST - size), (next + 1) << (FAST - size));
      symbols[filled++] = i;
      next++;
    }
    limits[size] = next - 1;
    if (next > 2 ** size) throw refuse('code length', bits.at, 'bad-value', 'more codes than their lengths allow');
    next <<= 1;
  }
  return { fast, limits, bases, symbols };
}

function readSymbol(bits: Bits, code: Code): number {
  while (bits.count < CODE_MAX) {
    // Near the end zeros are read; what was not there is found when more was taken than there is.
    bits.buffer = ((bits.buffer << 8) | (bits.bytes[bits.at] ?? 0)) >>> 0;
    bits.at++;
    bits.count += 8;
  }
  if (bits.at - (bits.count >> 3) > bits.bytes.length) throw refuse('data', bits.bytes.length, 'short-read', 'the stream ends here');
  const found = code.fast[(bits.buffer >>> (bits.count - FAST)) & ((1 << FAST) - 1)] ?? 0;
  if (found !== 0) {
    bits.count -= found & 31;
    return found >>> 5;
  }
  for (let size = FAST + 1; size <= CODE_MAX; size++) {
    const value = (bits.buffer >>> (bits.count - size)) & ((1 << size) - 1);
    if (value <= (code.limits[size] ?? -1)) {
      const symbol = code.symbols[value + (code.bases[size] ?? 0)];
      if (symbol === undefined) break;
      bits.count -= size;
      return symbol;
    }
  }
  throw refuse('data', bits.at, 'bad-value', 'no code of this tree');
}
