import { bytesSource, FormatError } from '../../../bytes/index.ts';
import { openSquashfs } from './index.ts';
import { directory, fields, file, listing, writeSquashfs } from './write.ts';

export const name = 'squashfs';

const PLAIN = 0x1000000;
const names = listing([
  ['a', 0],
  ['b', 40],
  ['c', 72],
  ['d', 96],
]);
export const seeds: readonly Uint8Array[] = [1, 2, 3, 4, 5].map((compression) =>
  writeSquashfs({
    compression,
    data: Uint8Array.from({ length: 6000 }, (_, i) => i & 255),
    fragments: [{ at: 96, word: PLAIN | 4096 }],
    nodes: [
      file(96, 6000, [PLAIN | 4096, compression === 3 ? 1904 : PLAIN | 1904]),
      file(96, 100, [], [0, 20]),
      { type: 5, rest: fields('ww', 1, 0x103) },
      directory(0, names.length),
    ],
    listings: names,
    root: 3,
  }),
);

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const fileSystem = await openSquashfs(bytesSource(bytes));
    for await (const visit of fileSystem.walk()) {
      if (visit.kind !== 'entry' || visit.entry.type !== 'file') continue;
      const source = await fileSystem.open(visit.entry);
      await source.read(0, Math.min(source.size, 4096));
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
