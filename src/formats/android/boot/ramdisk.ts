/**
 * A ramdisk's bytes as cpio: plain, or packed in gzip, xz, lz4 legacy, zstd or bzip2; behind MediaTek's header, too.
 * LZ4 legacy is what the kernel reads (`lz4 -l`): u32 magic 0x184c2102, then blocks of at most 8 MiB of output, each behind its u32 packed size.
 */
import { type CodecName, type CodecPort, Cursor, concatBytes, FormatError } from '../../../bytes/index.ts';
import { isCpio } from './cpio.ts';

const FORMAT = 'ramdisk';
const LZ4_BLOCK = 8 << 20;
const LZ4_MAGIC = 0x184c2102;
const MTK_HEADER = 512;
export const RAMDISK_MAX = 256 << 20;

const MAGICS: readonly (readonly [readonly number[], CodecName])[] = [
  [[0x1f, 0x8b], 'gzip'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd'],
  [[0x42, 0x5a, 0x68], 'bzip2'],
];

/**
 * MediaTek's header of kernels and ramdisks until 2016: `struct { u32 magic (0x58881688); u32 size; char name[32]; u8 unused[472]; }`. Source: osm0sis/mkmtkhdr.
 * What follows it; the bytes themselves where it is not there.
 */
export function withoutMtkHeader(bytes: Uint8Array): Uint8Array {
  const isThere = [0x88, 0x16, 0x88, 0x58].every((value, index) => bytes[index] === value);
  return isThere && bytes.length > MTK_HEADER ? bytes.subarray(MTK_HEADER) : bytes;
}

/** Unpacks a ramdisk to cpio. @throws FormatError, naming what it begins with where that is no compression known here, and above `ceiling` bytes */
export async function unpackRamdisk(packed: Uint8Array, codec: CodecPort, ceiling = RAMDISK_MAX): Promise<Uint8Array> {
  const bytes = withoutMtkHeader(packed);
  if (bytes.length === 0 || isCpio(bytes)) return bytes;
  for (const [magic, name] of MAGICS) if (magic.every((value, index) => bytes[index] === value)) return codec(name, bytes, ceiling);
  const cursor = new Cursor(bytes, { format: FORMAT });
  const magic = cursor.u32('magic');
  if (magic !== LZ4_MAGIC) throw cursor.error('magic', 'unsupported-feature', `0x${magic.toString(16)} is no compression known here`, 0);
  const parts: Uint8Array[] = [];
  let total = 0;
  while (cursor.left >= 4) {
    const size = cursor.u32('block_size');
    // Several streams may follow each other, and zeros may pad the last.
    if (size === LZ4_MAGIC) continue;
    if (size === 0) break;
    // LG's packer ends the stream with the size of the output (lz4_lg).
    if (size > cursor.left && cursor.left === 0) break;
    const part = await codec('lz4-block', cursor.take('block', size), LZ4_BLOCK);
    total += part.length;
    if (total > ceiling)
      throw new FormatError({ format: FORMAT, field: 'block', at: cursor.at }, 'too-large', `more than ${ceiling} bytes`);
    parts.push(part);
  }
  return concatBytes(parts);
}
