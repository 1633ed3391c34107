import { bytesSource, FormatError } from '../../../bytes/index.ts';
import { writeZip } from '../../archive/index.ts';
import { pureCodec } from '../../codec/index.ts';
import { writeProto } from '../payload/index.ts';
import { readApex } from './apex.ts';

export const name = 'apex';

const manifest = writeProto([
  [1, new TextEncoder().encode('com.android.made')],
  [2, 7],
]);
const apex = writeZip([
  { name: 'apex_manifest.pb', data: manifest },
  { name: 'apex_payload.img', data: new Uint8Array(64), align: 4096 },
  { name: 'apex_pubkey', data: new Uint8Array(40) },
]);

export const seeds: readonly Uint8Array[] = [
  apex,
  writeZip([{ name: 'original_apex', data: apex }]),
  writeZip([
    { name: 'apex_manifest.json', data: new TextEncoder().encode('{"name":"com.android.made","version":"7"}') },
    { name: 'apex_payload.img', data: new Uint8Array(16) },
  ]),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const { payload } = await readApex(bytesSource(bytes), pureCodec);
    await payload.read(0, Math.min(payload.size, 4096));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
