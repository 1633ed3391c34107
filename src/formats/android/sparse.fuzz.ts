import { bytesSource, FormatError } from '../../bytes/index.ts';
import { readSparse, sparseSource, writeSparse } from './sparse.ts';

export const name = 'sparse';

export const seeds: readonly Uint8Array[] = [
  writeSparse(
    [
      { type: 'raw', data: new Uint8Array(32).fill(7) },
      { type: 'fill', fill: 0x01020304, blocks: 3 },
      { type: 'dont-care', blocks: 9 },
      { type: 'crc32', crc: 5 },
    ],
    16,
  ),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const source = bytesSource(bytes);
    const { value } = await readSparse(source);
    const out = sparseSource(source, value);
    const piece = Math.min(out.size, 64);
    await out.read(0, piece);
    await out.read(out.size - piece, piece);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
