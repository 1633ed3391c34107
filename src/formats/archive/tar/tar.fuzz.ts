import { bytesSource, FormatError } from '../../../bytes/index.ts';
import { readTar, tarMember, writeTar } from './index.ts';

export const name = 'tar';

export const seeds: readonly Uint8Array[] = [
  writeTar([
    { name: 'images/boot.img', data: new Uint8Array(700).fill(1) },
    { name: `${'long/'.repeat(30)}name`, data: new Uint8Array(3) },
  ]),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const source = bytesSource(bytes);
    const { value } = await readTar(source);
    for (const entry of value.slice(0, 20)) {
      const member = tarMember(source, entry);
      await member.read(0, Math.min(4096, member.size));
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
