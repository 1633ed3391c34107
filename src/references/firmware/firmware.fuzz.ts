import { bytesSource, FormatError } from '../../bytes/index.ts';
import { writeBoot, writeCpio, writeSparse } from '../../formats/android/index.ts';
import { writeTar, writeZip } from '../../formats/archive/index.ts';
import { pureCodec } from '../../formats/codec/index.ts';
import { makeManifest } from './make-manifest.ts';
import { findPartitions } from './partitions.ts';

export const name = 'firmware';

const weakHash = () => ({ update: () => undefined, digest: () => new Uint8Array(32) });
const ports = { hash: weakHash, codec: pureCodec, verify: async () => 'invalid' as const };
const boot = writeBoot({ version: 3, kernel: new Uint8Array(4), ramdisk: writeCpio([]) });
const chunk = writeSparse([{ type: 'raw', data: new Uint8Array(4096).fill(1) }]);
const text = (value: string) => new TextEncoder().encode(value);

export const seeds: readonly Uint8Array[] = [
  writeTar([
    { name: 'a/flash_all.sh', data: text('fastboot flash tz images/tz.mbn\n') },
    { name: 'a/images/boot.img', data: boot },
  ]),
  writeZip([
    { name: 'system.transfer.list', data: text('4\n1\n0\n1\nstash a 2,0,1\nmove b 2,0,1 1 - a:2,0,1\nnew 2,1,2\n') },
    { name: 'system.new.dat', data: new Uint8Array(4096) },
    { name: 'vendor.img_sparsechunk.0', data: chunk },
  ]),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  const before = new Map([['system', bytesSource(new Uint8Array(8192))]]);
  try {
    await makeManifest(await findPartitions(bytesSource(bytes), { ...ports, before }, 'x.img'), { ports, together: 1 });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
