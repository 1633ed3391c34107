import { bytesSource } from '../../../bytes/index.ts';
import { readTar, writeTar } from './index.ts';

export const name = 'tar';

export const seeds: readonly Uint8Array[] = [
  writeTar([
    { name: 'images/boot.img', data: new Uint8Array(700).fill(1) },
    { name: `${'long/'.repeat(30)}name`, data: new Uint8Array(3) },
  ]),
];

export async function run(bytes: Uint8Array): Promise<void> {
  await readTar(bytesSource(bytes));
}
