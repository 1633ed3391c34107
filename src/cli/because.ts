/** What the system says of a file, in words; its own message names the call that failed and the path in full. */
const SYSTEM: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder, and a file is wanted',
  ENOTDIR: 'a part of the path is no folder',
  EACCES: 'it may not be read or written by you',
  EPERM: 'it may not be read or written by you',
  EROFS: 'it may not be read or written by you',
  ENOSPC: 'no space is left',
  EMFILE: 'too many files are open',
};

/** The same of SQLite's result codes (sqlite.org/rescode.html), in their first eight bits. */
const DATABASE: Readonly<Record<number, string>> = {
  8: 'it may not be read or written by you',
  11: 'it is no database, or was damaged',
  13: 'no space is left',
  14: 'it may not be read or written by you',
  26: 'it is no database, or was damaged',
};

/** Why something could not be done, as one line for whoever typed the command; the caller has named the file. */
export function because(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  const result = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
  return (code === undefined ? undefined : SYSTEM[code]) ?? (result === undefined ? undefined : DATABASE[result]) ?? error.message;
}

/** The same where nobody named the file yet. */
export function becauseOfWhat(error: unknown): string {
  const path = error instanceof Error ? (error as NodeJS.ErrnoException).path : undefined;
  const words = because(error);
  return path === undefined || words.includes(path) ? words : `${path}: ${words}`;
}
