import { bytesSource, FormatError } from '../../../bytes/index.ts';
import { openF2fs } from './index.ts';
import { attributes, dentries, words, writeF2fs } from './write.ts';

export const name = 'f2fs';

const text = new TextEncoder();
export const seeds: readonly Uint8Array[] = [
  writeF2fs({
    totalBlocks: 14,
    feature: 0x2008,
    inodes: [
      {
        id: 3,
        mode: 0o40755,
        inline: dentries(
          [
            ['a', 4],
            ['b', 5],
            ['c', 6],
          ],
          3452,
        ),
      },
      { id: 4, mode: 0o100644, size: 5000, flags: 4, compression: { algorithm: 1, clusterBits: 2 }, addresses: [0xfffffffe, 12] },
      { id: 5, mode: 0o120777, inline: text.encode('a'), xattrs: attributes([[6, 'selinux', text.encode('u:r:x:s0')]]) },
      { id: 6, mode: 0o40755, size: 4096, addresses: [13] },
    ],
    blocks: new Map([
      [12, words([30, 0, 0, 0, 0, 0, 0x01020324, 0x05060708])],
      [13, dentries([['d', 4]], 4096)],
    ]),
  }),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const fileSystem = await openF2fs(bytesSource(bytes));
    for await (const visit of fileSystem.walk()) {
      if (visit.kind !== 'entry' || visit.entry.type !== 'file') continue;
      const source = await fileSystem.open(visit.entry);
      await source.read(0, Math.min(source.size, 4096));
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
