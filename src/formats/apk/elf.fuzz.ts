import { concatBytes, FormatError } from '../../bytes/index.ts';
import { readElf, u32s } from './index.ts';

export const name = 'elf';

export const seeds: readonly Uint8Array[] = [
  concatBytes([
    Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    u32s((40 << 16) | 3, 1, 0, 52, 84, 0, (32 << 16) | 52, (40 << 16) | 1, 1),
    u32s(2, 52, 52, 0, 40, 40, 6, 4),
    new Uint8Array(40),
  ]),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    readElf(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
