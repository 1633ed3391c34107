import { type Kysely, sql } from 'kysely';
import { type DatabaseAt, openDatabase } from './database.ts';
import { type Counts, counts } from './rebuild.ts';
import { refreshStatistics } from './statistics.ts';
import type { Store } from './store.ts';
import { type IndexTable, KEYS, TABLES, type Tables } from './tables.ts';

/** Rows of one page: SQLite takes 32,766 values in one statement, and the widest table has fourteen columns. */
const PAGE = 1000;

/**
 * Copies a store's index into another database, which must be empty: in one transaction there, so that it is all or nothing.
 * Rows go over in pages by their keys, so that memory does not grow with the store. The folder with the blobs stays where it is.
 * @throws Error where the other database holds rows
 */
export async function copyIndex(store: Store, to: DatabaseAt): Promise<Counts> {
  const other = await openDatabase(to);
  try {
    // One picture of the whole source, whatever others write meanwhile: SQLite's write lock gives it there.
    const source = store.db.transaction();
    await (store.kind === 'postgres' ? source.setIsolationLevel('repeatable read') : source).execute(async (from) => {
      await other.transaction().execute(async (into) => {
        for (const table of TABLES) {
          if ((await into.selectFrom(table).selectAll().limit(1).execute()).length > 0)
            throw new Error(`the other database already holds ${table}; nothing was copied`);
          for await (const rows of pagesOf(from, table))
            await into
              .insertInto(table)
              .values(rows as never) // One table at a time, its rows as they were read.
              .execute();
        }
      });
    });
    await refreshStatistics({ kind: to.kind, db: other });
    return await counts(other);
  } finally {
    await other.destroy();
  }
}

/** The rows of a table in the order of its key, a page at a time. */
export async function* pagesOf(db: Kysely<Tables>, table: IndexTable, size = PAGE): AsyncGenerator<readonly Record<string, unknown>[]> {
  const key: readonly string[] = KEYS[table];
  const columns = sql.join(key.map((column) => sql.ref(column)));
  for (let last: Record<string, unknown> | undefined; ; ) {
    const after = last === undefined ? sql`` : sql`where (${columns}) > (${sql.join(key.map((column) => last?.[column]))})`;
    const { rows } = await sql<
      Record<string, unknown>
    >`select * from ${sql.table(table)} ${after} order by ${columns} limit ${size}`.execute(db);
    if (rows.length > 0) yield rows;
    if (rows.length < size) return;
    last = rows.at(-1);
  }
}
