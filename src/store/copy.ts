import { type DatabaseAt, openDatabase } from './database.ts';
import { type Counts, counts } from './rebuild.ts';
import type { Store } from './store.ts';
import { ALL_TABLES } from './tables.ts';

/** Rows that go in one statement: SQLite takes 32,766 values in one, and the widest table has fourteen columns. */
const ROWS = 1000;

/**
 * Copies a store's index into another database, which must be empty: in one transaction there, so that it is all or nothing.
 * The folder with the blobs stays where it is.
 * @throws Error where the other database holds rows
 */
export async function copyIndex(store: Store, to: DatabaseAt): Promise<Counts> {
  const other = await openDatabase(to);
  try {
    await store.db.transaction().execute(async (from) => {
      await other.transaction().execute(async (into) => {
        for (const table of ALL_TABLES) {
          if ((await into.selectFrom(table).selectAll().limit(1).execute()).length > 0)
            throw new Error(`the other database already holds ${table}; nothing was copied`);
          let rows: Record<string, unknown>[] = [];
          const flush = async () => {
            if (rows.length > 0)
              await into
                .insertInto(table)
                .values(rows as never)
                .execute(); // One table at a time, its rows as they were read.
            rows = [];
          };
          for (const row of await from.selectFrom(table).selectAll().execute()) {
            rows.push(row as Record<string, unknown>); // A row of whichever table it is.
            if (rows.length === ROWS) await flush();
          }
          await flush();
        }
      });
    });
    return await counts(other);
  } finally {
    await other.destroy();
  }
}
