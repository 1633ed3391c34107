import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Holds a folder for one writer until it is closed or its process ends, however it ends. */
export interface FolderLock {
  readonly release: () => void;
}

/**
 * Locks a folder. Node has no file locks of its own and SQLite has: its exclusive lock is the kernel's, so a killed process leaves none behind and no living one
 * loses its own, which a file with a number in it cannot promise. The number of the process stands beside, for people.
 * @throws Error naming the process that holds it
 */
export function lockFolder(folder: string): FolderLock {
  const owner = join(folder, '.lock.pid');
  const database = new DatabaseSync(join(folder, '.lock'), { timeout: 0 });
  try {
    database.exec('pragma journal_mode = delete; begin exclusive');
  } catch (error) {
    database.close();
    if (!/locked|busy/i.test(String(error))) throw error;
    let pid = 'unknown';
    try {
      pid = readFileSync(owner, 'utf8').trim();
    } catch {}
    throw new Error(`${folder} is in use by the process ${pid}`);
  }
  try {
    writeFileSync(owner, `${process.pid}\n`);
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    release() {
      database.exec('rollback');
      database.close();
    },
  };
}
