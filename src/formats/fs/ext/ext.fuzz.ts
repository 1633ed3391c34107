import { bytesSource, FormatError } from '../../../bytes/index.ts';
import { openExt } from './index.ts';

export const name = 'ext';

/** A superblock, one group and a root directory, by hand: small enough that every byte is tried. */
function seed(): Uint8Array {
  const bytes = new Uint8Array(12 * 1024);
  const view = new DataView(bytes.buffer);
  const u32 = (at: number, ...values: readonly number[]) => {
    for (const [i, value] of values.entries()) view.setUint32(at + i * 4, value, true);
  };
  u32(1024, 16, 12);
  u32(1024 + 0x14, 1, 0);
  u32(1024 + 0x20, 8192);
  u32(1024 + 0x28, 16);
  view.setUint16(1024 + 0x38, 0xef53, true);
  u32(1024 + 0x4c, 1);
  view.setUint16(1024 + 0x58, 128, true);
  u32(1024 + 0x60, 2);
  u32(2048 + 8, 4);
  // Inode 2: a directory of one block; inode 12: a file of one block.
  const inode = (id: number, mode: number, size: number, block: number) => {
    const at = 4096 + (id - 1) * 128;
    view.setUint16(at, mode, true);
    u32(at + 4, size);
    u32(at + 0x28, block);
  };
  inode(2, 0o40755, 1024, 8);
  inode(12, 0o100644, 9, 9);
  u32(8 * 1024, 12);
  view.setUint16(8 * 1024 + 4, 1024, true);
  bytes.set([1, 1, 0x61], 8 * 1024 + 6);
  return bytes;
}

export const seeds: readonly Uint8Array[] = [seed()];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const fileSystem = await openExt(bytesSource(bytes));
    for await (const visit of fileSystem.walk()) {
      if (visit.kind !== 'entry' || visit.entry.type !== 'file') continue;
      const source = await fileSystem.open(visit.entry);
      await source.read(0, Math.min(source.size, 4096));
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
