import { bytesSource, Cursor, concatBytes, FormatError, type HashPort } from '../../bytes/index.ts';
import {
  type ApkPorts,
  BLOCK_ID,
  readLineage,
  readSigningBlock,
  u32Bytes,
  verifyStamp,
  verifyV2,
  verifyV3,
  writeIdPairs,
  writePrefixed,
  writeSigningBlock,
} from './index.ts';

export const name = 'signing-block';

const hash: HashPort = () => ({ update: () => undefined, digest: () => new Uint8Array(32) });
/** Every signature is right, so that what lies behind them is reached. */
const ports: ApkPorts = { hash, verify: async () => 'valid', codec: async (_codec, bytes) => bytes };

const signedData = concatBytes([
  writePrefixed(writeIdPairs([{ id: 0x0103, value: new Uint8Array(32) }])),
  writePrefixed(),
  writePrefixed(),
]);
const signer = writePrefixed(
  writePrefixed(writePrefixed(signedData), writePrefixed(writeIdPairs([{ id: 0x0103, value: new Uint8Array(8) }])), writePrefixed()),
);

export const seeds: readonly Uint8Array[] = [
  writeSigningBlock([
    { id: BLOCK_ID.v2, value: signer },
    { id: BLOCK_ID.v3, value: signer },
  ]),
  writeSigningBlock([{ id: BLOCK_ID.sourceStampV2, value: writePrefixed(writePrefixed(), writePrefixed()) }], true),
  concatBytes([u32Bytes(1), writePrefixed(writePrefixed(writePrefixed(), u32Bytes(0)), u32Bytes(0), u32Bytes(0), writePrefixed())]),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  const range = { minSdk: 24, maxSdk: 35 };
  const context = { ports, range, digestOf: async () => undefined, compareDigests: true };
  try {
    const { value: block } = await readSigningBlock(bytesSource(bytes), { centralAt: bytes.length });
    for (const pair of block?.pairs.slice(0, 8) ?? []) {
      await verifyV2(pair, context, { supported: new Set([2, 3]), found: new Set() });
      await verifyV3(pair, context, { block: 'v3', rotationMinSdk: undefined });
      await verifyStamp(pair, { ports, range, certificateDigest: new Uint8Array(32), digests: new Map() });
    }
    await readLineage(new Cursor(bytes, { format: 'lineage' }), ports);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
