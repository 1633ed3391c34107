import { bytesSource, FormatError } from '../../../bytes/index.ts';
import { pureCodec } from '../../codec/index.ts';
import { readCow } from './cow.ts';
import { mergedImage } from './merged.ts';
import { type CowPart, writeCow } from './write.ts';

export const name = 'cow';

const operations: readonly CowPart[] = [
  { kind: 'replace', block: 1, data: new Uint8Array(4096).fill(1) },
  { kind: 'copy', block: 2, from: 0 },
  { kind: 'zero', block: 3 },
  { kind: 'label', label: 7n },
  { kind: 'xor', block: 4, from: 100, data: new Uint8Array(4096).fill(3) },
];
export const seeds: readonly Uint8Array[] = [
  writeCow({ version: 2, operations, bufferSize: 16 }),
  writeCow({ version: 2, operations, clusterOps: 3, bufferSize: 0 }),
  writeCow({ version: 3, operations, bufferSize: 16 }),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const data = bytesSource(bytes);
    const cow = await readCow(data);
    await mergedImage({ cow, data, before: bytesSource(new Uint8Array(8 * 4096)), codec: pureCodec }).read(0, 8 * 4096);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
