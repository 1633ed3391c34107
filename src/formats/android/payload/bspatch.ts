/**
 * Binary patches: BSDIFF40 of bsdiff 4, and BSDF2 of AOSP external/bsdiff, which names a compressor for each stream.
 * Spec: external/bsdiff/patch_reader.cc, bspatch.cc. Limits: `ceiling` bytes of output, and of control `CONTROL_MAX`, or a triple for each byte of output:
 * fifty bytes of bzip2 are 64 MiB of control, and a payload has room for a hundred thousand such patches of a block each.
 *
 *   char  magic[8]      "BSDIFF40", or "BSDF2" and a byte each for control, diff and extra: 0 none, 1 bz2, 2 brotli
 *   off_t ctrl_len      sign and magnitude, little endian, as are the triples
 *   off_t diff_len
 *   off_t new_size
 *   control: { diff bytes to add to the old file's; extra bytes to copy; how far to move in the old file }
 */
import { type CodecName, type CodecPort, Cursor, FormatError } from '../../../bytes/index.ts';

const FORMAT = 'bsdiff';
const HEADER_SIZE = 32;
const CONTROL_MAX = 64 << 20;
const TRIPLE = 24;
/** Triples that make nothing, besides those that make a byte each. */
const IDLE_MAX = 64;
const COMPRESSORS: Readonly<Record<number, CodecName | 'none'>> = { 0: 'none', 1: 'bzip2', 2: 'brotli' };

/** Applies a patch to `old`. @throws FormatError on a malformed patch, or one that makes more than `ceiling` bytes */
export async function applyBspatch(old: Uint8Array, patch: Uint8Array, codec: CodecPort, ceiling: number): Promise<Uint8Array> {
  const head = new Cursor(patch, { format: FORMAT });
  const magic = head.text('magic', 5);
  const tail = head.take('magic', 3);
  const compressors = magic === 'BSDIF' && String.fromCharCode(...tail) === 'F40' ? [1, 1, 1] : magic === 'BSDF2' ? [...tail] : undefined;
  if (compressors === undefined) throw head.error('magic', 'bad-magic', `${JSON.stringify(magic)} is neither BSDIFF40 nor BSDF2`, 0);
  const controlLength = offset(head, 'ctrl_len');
  const diffLength = offset(head, 'diff_len');
  const size = offset(head, 'new_size');
  if (controlLength < 0 || diffLength < 0 || controlLength + diffLength > patch.length - HEADER_SIZE)
    throw head.error('ctrl_len', 'out-of-bounds', `${controlLength} and ${diffLength} bytes of ${patch.length - HEADER_SIZE}`, 8);
  if (size < 0 || size > ceiling) throw head.error('new_size', 'too-large', `${size}, where ${ceiling} bytes are wanted`, 24);
  const stream = async (index: number, start: number, end: number, most: number) => {
    const name = COMPRESSORS[compressors[index] ?? -1];
    if (name === undefined) throw head.error('magic', 'unsupported-feature', `compressor ${compressors[index]}`, 5 + index);
    const bytes = patch.subarray(start, end);
    if (name === 'none') return bytes;
    return bytes.length === 0 ? bytes : codec(name, bytes, most);
  };
  const diffAt = HEADER_SIZE + controlLength;
  const extraAt = diffAt + diffLength;
  const control = await stream(0, HEADER_SIZE, diffAt, Math.min(CONTROL_MAX, TRIPLE * (size + IDLE_MAX)));
  const diff = await stream(1, diffAt, extraAt, size);
  const extra = await stream(2, extraAt, patch.length, size);
  return merge(old, { control, diff, extra, size });
}

interface Streams {
  readonly control: Uint8Array;
  readonly diff: Uint8Array;
  readonly extra: Uint8Array;
  readonly size: number;
}

function merge(old: Uint8Array, { control, diff, extra, size }: Streams): Uint8Array {
  const out = new Uint8Array(size);
  const triples = new Cursor(control, { format: FORMAT, prefix: 'control.' });
  let [at, oldAt, diffAt, extraAt] = [0, 0, 0, 0];
  while (at < size) {
    const add = offset(triples, 'diff');
    const copy = offset(triples, 'extra');
    const move = offset(triples, 'seek');
    if (add < 0 || copy < 0 || add > size - at || copy > size - at - add || add > diff.length - diffAt || copy > extra.length - extraAt)
      throw triples.error('diff', 'out-of-bounds', `${add} and ${copy} bytes at ${at} of ${size}`);
    for (let index = 0; index < add; index++) {
      // bspatch takes bytes outside the old file for zeros.
      out[at + index] = (diff[diffAt + index] ?? 0) + (old[oldAt + index] ?? 0);
    }
    at += add;
    diffAt += add;
    oldAt += add;
    out.set(extra.subarray(extraAt, extraAt + copy), at);
    at += copy;
    extraAt += copy;
    oldAt += move;
    if (!Number.isSafeInteger(oldAt)) throw new FormatError({ format: FORMAT, field: 'control.seek', at: 0 }, 'out-of-bounds', `${oldAt}`);
  }
  return out;
}

/** Sign and magnitude in eight bytes. */
function offset(cursor: Cursor, field: string): number {
  const at = cursor.at;
  const raw = cursor.u64(field);
  const magnitude = raw & 0x7fff_ffff_ffff_ffffn;
  if (magnitude > BigInt(Number.MAX_SAFE_INTEGER)) throw cursor.error(field, 'too-large', `${magnitude} is above 2^53 - 1`, at);
  return raw >> 63n === 1n ? -Number(magnitude) : Number(magnitude);
}
