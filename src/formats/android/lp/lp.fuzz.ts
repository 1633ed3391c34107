import { bytesSource, FormatError, type HashPort } from '../../../bytes/index.ts';
import { readLp } from './metadata.ts';
import { lpPartition } from './source.ts';
import { writeSuper } from './write.ts';

export const name = 'lp';

/** Not a digest: hostile tables must get past the comparison. */
const weakHash: HashPort = () => ({ update: () => undefined, digest: () => new Uint8Array(32) });

export const seeds: readonly Uint8Array[] = [
  writeSuper(
    {
      groups: [{ name: 'main', maximumSize: 1 << 20 }],
      partitions: [{ name: 'system', group: 'main', image: new Uint8Array(4096) }],
      metadataMaxSize: 1024,
      slots: 1,
    },
    weakHash,
  ).slice(0, 16_384),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const source = bytesSource(bytes);
    const { value } = await readLp(source, weakHash);
    for (const partition of value.partitions.slice(0, 8)) {
      const image = lpPartition(value, partition, [source]);
      await image.read(0, Math.min(image.size, 1 << 16));
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
