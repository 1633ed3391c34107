import { bytesSource, FormatError, type HashPort } from '../../../bytes/index.ts';
import { pureCodec } from '../../codec/index.ts';
import { payloadPartition } from './partition.ts';
import { readPayload } from './payload.ts';
import { readSignatures } from './verify.ts';
import { writePayload } from './write.ts';

export const name = 'payload';

/** Not a digest: hostile bytes must get past the comparison as often as not. */
const weakHash: HashPort = () => ({ update: () => undefined, digest: () => new Uint8Array(32) });

const old = bytesSource(new Uint8Array(8192).fill(3));

export const seeds: readonly Uint8Array[] = [
  await writePayload(
    {
      blockSize: 4096,
      minorVersion: 0,
      partitions: [
        {
          name: 'boot',
          after: { size: 12_288, sha256: new Uint8Array(32) },
          operations: [
            { type: 'REPLACE', data: new Uint8Array(4096).fill(7), targets: [{ startBlock: 1, blocks: 1 }] },
            {
              type: 'ZERO',
              targets: [
                { startBlock: 0, blocks: 1 },
                { startBlock: 2, blocks: 1 },
              ],
            },
          ],
        },
      ],
    },
    weakHash,
    { sign: async () => new Uint8Array(8), signatureSize: 8 },
  ),
  // What a delta leaves to the device: operations with a source, a hash tree and codes over them.
  await writePayload(
    {
      blockSize: 4096,
      minorVersion: 7,
      partitions: [
        {
          name: 'system',
          after: { size: 6 * 4096, sha256: new Uint8Array(32) },
          hashtree: {
            data: { startBlock: 0, blocks: 2 },
            tree: { startBlock: 2, blocks: 1 },
            algorithm: 'sha256',
            salt: new Uint8Array(4),
          },
          fec: { data: { startBlock: 0, blocks: 3 }, codes: { startBlock: 3, blocks: 2 }, roots: 2 },
          operations: [
            { type: 'SOURCE_COPY', sources: [{ startBlock: 1, blocks: 1 }], targets: [{ startBlock: 0, blocks: 1 }] },
            {
              type: 'SOURCE_BSDIFF',
              data: new Uint8Array(40),
              sources: [{ startBlock: 0, blocks: 1 }],
              targets: [{ startBlock: 1, blocks: 1 }],
            },
            { type: 'PUFFDIFF', data: new Uint8Array(4), targets: [{ startBlock: 5, blocks: 1 }] },
          ],
        },
      ],
    },
    weakHash,
  ),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const { value } = await readPayload(bytesSource(bytes));
    readSignatures(value.metadataSignature, value.metadata.length);
    for (const partition of value.manifest.partitions.slice(0, 4)) {
      for (const before of [undefined, old]) {
        const source = payloadPartition(value, partition, {
          codec: pureCodec,
          hash: weakHash,
          ...(before === undefined ? {} : { before }),
        });
        await source.read(0, Math.min(source.size, 1 << 16));
      }
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
