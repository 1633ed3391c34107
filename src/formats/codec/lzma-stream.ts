/** .lzma files in pieces: memory is the packed bytes and the dictionary, as far as data fills it. Spec: see `lzma-alone.ts`. */
import { Cursor, FormatError } from '../../bytes/index.ts';
import { decodeLzma, lzmaState, resetState, setProperties, startRange } from './lzma.ts';

const FORMAT = 'lzma';
const PIECE = 1 << 20;
/** Encoders go to 128 MiB at `-9` of old tools; a header that asks for more is believed only as far. */
const DICTIONARY_MAX = 256 << 20;

/** What a .lzma file unpacks to. A piece is a view: it is to be used before the next is asked for. @throws FormatError */
export function* lzmaPieces(bytes: Uint8Array, ceiling: number): Generator<Uint8Array, void, void> {
  const head = new Cursor(bytes, { format: FORMAT });
  const lzma = lzmaState(FORMAT);
  if (!setProperties(lzma, head.u8('properties'))) throw head.error('properties', 'bad-value', 'no lc, lp and pb', 0);
  const dictionary = Math.min(Math.max(head.u32('dictionary size'), 4096), DICTIONARY_MAX);
  const claimed = head.u64('uncompressed size');
  const size = claimed === 0xffffffffffffffffn ? undefined : claimed;
  if (size !== undefined && size > BigInt(ceiling)) throw head.error('uncompressed size', 'too-large', `${size} is above ${ceiling}`, 5);
  resetState(lzma);
  lzma.inAt = head.at;
  lzma.inEnd = bytes.length;
  startRange(lzma, bytes);
  const limit = size === undefined ? ceiling + 1 : Number(size);
  let window = new Uint8Array(Math.min(2 * PIECE, limit + 1));
  let total = 0;
  while (total < limit && !lzma.ended) {
    const length = Math.min(PIECE, limit - total);
    if (lzma.outAt + length > window.length) {
      if (window.length < dictionary + 2 * PIECE) {
        const larger = new Uint8Array(Math.min(dictionary + 2 * PIECE, 2 * window.length + PIECE));
        larger.set(window.subarray(0, lzma.outAt));
        window = larger;
      }
      if (lzma.outAt + length > window.length) {
        // The models look at the position's low bits: what moves, moves by a multiple of 16.
        const drop = Math.floor(Math.max(0, lzma.outAt - dictionary) / 16) * 16;
        window.copyWithin(0, drop, lzma.outAt);
        lzma.outAt -= drop;
      }
    }
    const start = lzma.outAt;
    lzma.outEnd = start + length;
    decodeLzma(lzma, bytes, window);
    total += lzma.outAt - start;
    if (total > ceiling) throw refuse('output', lzma.inAt, 'too-large', `more than ${ceiling} bytes`);
    if (lzma.outAt > start) yield window.subarray(start, lzma.outAt);
  }
  if (size === undefined && !lzma.ended) throw refuse('output', lzma.inAt, 'too-large', `more than ${ceiling} bytes`);
  if (size !== undefined && total !== limit)
    throw refuse('uncompressed size', 5, 'bad-value', `${size}, where the end marker comes after ${total}`);
}

const refuse = (field: string, at: number, code: FormatError['code'], detail: string) =>
  new FormatError({ format: FORMAT, field, at }, code, detail);
