import { bytesSource, concatBytes, FormatError } from '../../../bytes/index.ts';
import { writeZip } from '../../archive/index.ts';
import { pureCodec } from '../../codec/index.ts';
import { readApex } from '../apex/index.ts';
import { verifyOtaSignature } from './ota-signature.ts';

export const name = 'ota-signature';

const zip = writeZip([
  { name: 'apex_manifest.pb', data: Uint8Array.of(10, 3, 97, 46, 98, 16, 1) },
  { name: 'apex_payload.img', data: new Uint8Array(64), align: 64 },
]);
const comment = Uint8Array.of(0, 0x30, 0x80, 0, 0, 10, 0, 255, 255, 11, 0);
export const seeds: readonly Uint8Array[] = [zip, concatBytes([zip.subarray(0, zip.length - 2), Uint8Array.of(11, 0), comment])];

const ports = { hash: () => ({ update: () => undefined, digest: () => new Uint8Array(32) }), verifyStream: async () => 'invalid' as const };

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  await verifyOtaSignature(bytesSource(bytes), ports);
  try {
    await readApex(bytesSource(bytes), pureCodec);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
