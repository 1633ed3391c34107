/** SQLite files of a shelf, opened for reading wherever they lie. */
import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** How long a reader waits while the journal is put away. */
export const BUSY_MS = 30_000;

/** SQLite's result codes (sqlite.org/rescode.html). */
const CANTOPEN = 14;
const READONLY = 8;
const FULL = 13;

/** The result code of an error of SQLite's; undefined: it is none. */
const resultOf = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;

/** Whether the disk is full. */
export const isFull = (error: unknown): boolean => resultOf(error) === FULL || codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT';

/** Whether it may not be written to. */
export const isUnwritable = (error: unknown): boolean => {
  const result = resultOf(error);
  return result === READONLY || result === CANTOPEN || ['EROFS', 'EACCES', 'EPERM'].includes(codeOf(error) ?? '');
};

const codeOf = (error: unknown) => (error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined);

/** A database that is only read. */
export interface OpenedToRead {
  readonly database: DatabaseSync;
  /** @throws Error where it was written to since it was opened, and what it answered may be of two states */
  readonly assertUnchanged: () => void;
}

/**
 * Opens a database that is in WAL mode. Its readers write beside it, too; where they may not, as on a DVD or in another user's folder, it is read as it lies. Nobody tells such a reader of a
 * writer, so it looks for itself whether there was one. Where a journal lies beside it, a part of it is in there, and it is refused.
 */
export function openToRead(path: string): OpenedToRead {
  const database = new DatabaseSync(path, { timeout: BUSY_MS, readOnly: true });
  try {
    database.prepare('pragma schema_version').get();
    return { database, assertUnchanged: () => undefined };
  } catch (error) {
    database.close();
    if (!isUnwritable(error)) throw error;
    if (existsSync(`${path}-wal`))
      throw new Error(`${path} was left in the middle of writing, in a folder that you may not write to: whoever may must open it once`);
  }
  const stamp = () => {
    const { size, mtimeMs, ino } = statSync(path);
    return `${size} ${mtimeMs} ${ino}`;
  };
  const before = stamp();
  return {
    database: new DatabaseSync(`${pathToFileURL(path).href}?immutable=1`, { readOnly: true }),
    assertUnchanged() {
      if (stamp() !== before) throw new Error(`${path} was written to while it was read: ask again`);
    },
  };
}
