import { bytesSource, FormatError } from '../../../bytes/index.ts';
import { pureCodec } from '../../codec/index.ts';
import { readBoot, writeBoot } from './boot.ts';
import { readCpio, writeCpio } from './cpio.ts';
import { unpackRamdisk } from './ramdisk.ts';

export const name = 'boot';

const ramdisk = writeCpio([
  {
    name: 'init',
    mode: 0o100750,
    uid: 0,
    gid: 2000,
    links: 1,
    modifiedSeconds: 0,
    deviceMajor: 0,
    deviceMinor: 0,
    data: new Uint8Array(9),
  },
]);

export const seeds: readonly Uint8Array[] = [writeBoot({ version: 4, kernel: new Uint8Array(5), ramdisk }), ramdisk];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  for (const read of [
    async () => {
      const source = bytesSource(bytes);
      const { value } = await readBoot(source);
      for (const { at, size } of value.sections) readCpio(await unpackRamdisk(await source.read(at, size), pureCodec));
    },
    async () => void readCpio(bytes),
  ]) {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
}
