/** The shelf as the command line finds it: a folder that is named, `ASSAY_SHELF`, or the user's own. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Reference } from '../references/index.ts';
import type { DiskShelf } from '../store/shelf/index.ts';
import { UsageError } from './exit.ts';
import { callerPath } from './paths.ts';

export interface ShelfFlag {
  readonly shelf?: string;
}

/** Where the shelf stands. */
export function shelfFolder(named: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const word = named ?? env['ASSAY_SHELF'];
  if (word !== undefined && word !== '') return callerPath(word);
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'assay', 'shelf');
  return join(env['XDG_DATA_HOME'] ?? join(env['HOME'] ?? homedir(), '.local', 'share'), 'assay', 'shelf');
}

/** Works on the shelf and closes it. */
export async function usingShelf<T>(flags: ShelfFlag, work: (shelf: DiskShelf) => Promise<T>): Promise<T> {
  const { openShelf } = await import('../store/shelf/index.ts');
  const shelf = await openShelf(shelfFolder(flags.shelf));
  try {
    return await work(shelf);
  } finally {
    shelf.close();
  }
}

/** Builds that a message names. */
const SEVERAL_MAX = 5;

/** What to say where a word names several builds. */
export function severalWords(word: string, digests: readonly string[], isBeginning: boolean): string {
  const shown = digests.slice(0, SEVERAL_MAX).map((digest) => digest.slice(0, 16));
  const more = digests.length > SEVERAL_MAX ? ` and ${digests.length - SEVERAL_MAX} more` : '';
  const what = isBeginning ? `is the beginning of ${digests.length} builds’ digests` : `is what ${digests.length} builds call themselves`;
  return `"${word}" ${what}: name one of ${shown.join(', ')}${more}`;
}

/** A build on the shelf by its digest or the beginning of it; undefined: the word names none. */
export async function findOnShelf(word: string, flags: ShelfFlag): Promise<Reference | undefined> {
  if (!/^[0-9a-f]{6,64}$/.test(word) || existsSync(callerPath(word))) return undefined;
  return usingShelf(flags, async (shelf) => {
    const found = await shelf.digestsFrom(word);
    const [first] = found;
    if (found.length > 1) throw new UsageError(severalWords(word, found, true));
    return first === undefined ? undefined : shelf.get(first);
  });
}
