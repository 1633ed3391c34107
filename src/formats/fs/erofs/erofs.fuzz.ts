import { EROFS_LAYOUTS } from '../../../../test/support/erofs-layouts.ts';
import { bytesSource, concatBytes, FormatError } from '../../../bytes/index.ts';
import { openErofs } from './index.ts';
import { type ErofsNode, LAYOUT, names, words, writeErofs } from './write.ts';

export const name = 'erofs';

const node = (nid: number, layout: number, size: number, behind: Uint8Array): ErofsNode => ({
  nid,
  mode: 0o100644,
  layout,
  size,
  raw: 5,
  behind,
});
const map = (advise: number, ...rest: readonly Uint8Array[]) => concatBytes([words(0, [2, advise], [1, 0], [1, 0]), ...rest]);
const list = names([
  ['a', 8],
  ['b', 14],
  ['c', 20],
  ['d', 26],
  ['e', 32],
]);
export const seeds: readonly Uint8Array[] = [
  writeErofs({
    totalBlocks: 7,
    root: 0,
    packed: 40,
    incompat: 0x1 | 0x2 | 0x4 | 0x20,
    nodes: [
      { nid: 0, mode: 0o40755, layout: LAYOUT.inline, size: list.length, behind: list },
      node(8, LAYOUT.full, 4000, map(0, new Uint8Array(8), words([2, 1], [2, 0], 5))),
      node(14, LAYOUT.compact, 8000, map(6, words(0x2001_1000, 5))),
      node(20, LAYOUT.chunk, 8192, words(5, 6)),
      node(26, LAYOUT.full, 100, words(20, 0x80000000)),
      node(32, LAYOUT.full, 8192, map(1 | 4, words(0x100, 5, 0, 0))),
      node(40, LAYOUT.inline, 500, new Uint8Array(500)),
    ],
    blocks: new Map([[5, Uint8Array.from({ length: 8192 }, (_, i) => (i * 31) & 255)]]),
  }),
  ...EROFS_LAYOUTS.map(([, make]) => make().bytes),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const fileSystem = await openErofs(bytesSource(bytes));
    for await (const visit of fileSystem.walk()) {
      if (visit.kind !== 'entry' || visit.entry.type !== 'file') continue;
      const source = await fileSystem.open(visit.entry);
      await source.read(0, Math.min(source.size, 4096));
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
