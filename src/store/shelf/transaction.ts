import type { DatabaseSync } from 'node:sqlite';

/** All of the work or none of it, under the write lock. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('begin immediate');
  try {
    const answer = work();
    database.exec('commit');
    return answer;
  } catch (error) {
    // Where the disk is full SQLite has rolled back by itself, and a second time would be an error that hides the first.
    if (database.isTransaction) database.exec('rollback');
    throw error;
  }
}

/** The same of work that waits for files in between. The connection is this work's alone meanwhile: whatever else is asked of it belongs to the transaction. */
export async function inTransactionOver<T>(database: DatabaseSync, work: () => Promise<T>): Promise<T> {
  database.exec('begin immediate');
  try {
    const answer = await work();
    database.exec('commit');
    return answer;
  } catch (error) {
    if (database.isTransaction) database.exec('rollback');
    throw error;
  }
}
