/**
 * .lzma files, also called LZMA_alone. Spec: LZMA specification, "lzma file format".
 * Limits: the caller's ceiling on output; the dictionary's size is not allocated, the output is.
 *
 *   properties[1]  dictionary size[4]  unpacked size[8], all ones: unknown, with an end marker
 */
import { Cursor, concatBytes, FormatError } from '../../bytes/index.ts';
import { decodeLzma, lzmaState, resetState, setProperties, startRange } from './lzma.ts';

const FORMAT = 'lzma';
const HEADER_SIZE = 13;
const PIECE = 1 << 20;

/** Whether bytes begin as a .lzma file may: it has no magic, so this asks for properties, a size of dictionary and a size that occur. */
export function isLzmaAlone(start: Uint8Array): boolean {
  if (start.length < HEADER_SIZE + 5 || (start[0] ?? 255) >= 225 || start[HEADER_SIZE] !== 0) return false;
  const view = new DataView(start.buffer, start.byteOffset, HEADER_SIZE);
  const dictionary = view.getUint32(1, true);
  const high = view.getUint32(9, true);
  const isRound = [0, 1].some((half) => {
    const base = dictionary / (half === 0 ? 1 : 3);
    return base >= 1 && Number.isInteger(Math.log2(base));
  });
  return (isRound || dictionary === 0xffffffff) && (high < 64 || (high === 0xffffffff && view.getUint32(5, true) === 0xffffffff));
}

/** What a .lzma file in memory unpacks to. @throws FormatError on malformed files and above `ceiling` bytes of output */
export function unlzma(bytes: Uint8Array, ceiling: number): Uint8Array {
  const head = new Cursor(bytes, { format: FORMAT });
  const lzma = lzmaState(FORMAT);
  if (!setProperties(lzma, head.u8('properties'))) throw head.error('properties', 'bad-value', 'no lc, lp and pb', 0);
  head.u32('dictionary size');
  const claimed = head.u64('uncompressed size');
  const size = claimed === 0xffffffffffffffffn ? undefined : claimed;
  if (size !== undefined && size > BigInt(ceiling)) throw head.error('uncompressed size', 'too-large', `${size} is above ${ceiling}`, 5);
  resetState(lzma);
  lzma.inAt = head.at;
  lzma.inEnd = bytes.length;
  startRange(lzma, bytes);
  const limit = size === undefined ? ceiling : Number(size);
  let out = new Uint8Array(Math.min(limit, PIECE));
  for (;;) {
    lzma.outEnd = out.length;
    decodeLzma(lzma, bytes, out);
    if (lzma.ended || lzma.outAt >= limit) break;
    // Grown by what is there: a file that claims gigabytes and holds nothing ends at the first piece.
    const larger = new Uint8Array(Math.min(limit, 2 * out.length));
    larger.set(out);
    out = larger;
  }
  if (lzma.pending > 0 || (size === undefined && !lzma.ended)) throw tooLarge(lzma.inAt, ceiling);
  if (size !== undefined && lzma.outAt !== limit)
    throw new FormatError(
      { format: FORMAT, field: 'uncompressed size', at: 5 },
      'bad-value',
      `${size}, where the end marker comes after ${lzma.outAt}`,
    );
  return lzma.outAt === out.length ? out : concatBytes([out.subarray(0, lzma.outAt)]);
}

const tooLarge = (at: number, ceiling: number) =>
  new FormatError({ format: FORMAT, field: 'output', at }, 'too-large', `more than ${ceiling} bytes`);
