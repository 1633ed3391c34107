import { bytesSource, FormatError } from '../../../bytes/index.ts';
import { readDtTable, writeDtTable } from './index.ts';

export const name = 'dt-table';

const tree = Uint8Array.from({ length: 48 }, (_, i) => [0xd0, 0x0d, 0xfe, 0xed, 0, 0, 0, 48][i] ?? 0);
export const seeds: readonly Uint8Array[] = [writeDtTable([{ tree }, { tree, id: 3 }]), writeDtTable([{ tree, flags: 1 }], { version: 1 })];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    await readDtTable(bytesSource(bytes));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
