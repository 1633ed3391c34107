import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { equalBytes } from '../../src/bytes/index.ts';
import { nodeHash as hash } from '../../src/platform/node/index.ts';
import {
  entriesPath,
  leafHash,
  parseCheckpoint,
  parseNote,
  readEntries,
  rootOf,
  tilePath,
  tileRangeRoot,
} from '../../src/provenance/index.ts';

export const collection = 'provenance/log';

/** Tessera's test log: of every size, the checkpoint's root is that of its tiles, and that of its entries. */
export async function run(dataDir: string): Promise<{ agree: number; differ: string[] } | undefined> {
  const folder = join(dataDir, 'provenance', 'tessera');
  if (!existsSync(folder)) return undefined;
  const load = (path: string) => new Uint8Array(readFileSync(join(folder, path)));
  const differ: string[] = [];
  let agree = 0;
  for (let size = 1; size <= 15; size++) {
    const { root, size: stated } = parseCheckpoint(parseNote(load(`checkpoint.${size}`)).text);
    const fromTiles = await tileRangeRoot(hash, async () => load(tilePath(0, 0, size)), { size })(0, size);
    const leaves = readEntries(load(entriesPath(0, size)), size).map((entry) => leafHash(hash, entry));
    const isSame = stated === size && equalBytes(fromTiles, root) && equalBytes(rootOf(hash, leaves), root);
    if (isSame) agree++;
    else differ.push(`tessera/checkpoint.${size}`);
  }
  return { agree, differ };
}
