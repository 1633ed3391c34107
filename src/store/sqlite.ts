import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { SqliteDialect } from 'kysely';

/** How long a writer waits for another process's transaction before it gives up with "database is locked". */
const BUSY_MS = 30_000;

/** @throws Error naming the file, which SQLite's own message does not */
function opened(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { timeout: BUSY_MS });
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on');
    return database;
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/**
 * Kysely's dialect over Node's own SQLite. WAL, so that readers and one writer in several processes share the file; `synchronous = FULL`, so that a commit
 * that was acknowledged is on the disk.
 */
export function sqliteDialect(path: string): SqliteDialect {
  const database = opened(path);
  return new SqliteDialect({
    database: {
      close: () => database.close(),
      prepare(sql) {
        // A deferred transaction that reads and then writes fails at once when another process wrote in between: it must take the write lock first.
        // Where the disk is full SQLite has rolled back by itself, and a second time would be an error that hides the first.
        const isOver = sql === 'rollback' && !database.isTransaction;
        const statement = database.prepare(isOver ? 'select 1 where false' : sql === 'begin' ? 'begin immediate' : sql);
        const given = (values: readonly unknown[]) => values as readonly SQLInputValue[]; // Rows hold text, numbers and null only (`tables.ts`).
        return {
          reader: statement.columns().length > 0,
          all: (values: readonly unknown[]) => statement.all(...given(values)),
          run: (values: readonly unknown[]) => statement.run(...given(values)),
          iterate: (values: readonly unknown[]) => statement.iterate(...given(values)),
        };
      },
    },
  });
}
