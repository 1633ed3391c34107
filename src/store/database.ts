import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import { migrate } from './migrate.ts';
import type { Tables } from './tables.ts';

export type DatabaseKind = 'sqlite' | 'postgres';

/** A file for SQLite, or the address of a PostgreSQL database. */
export type DatabaseAt = { readonly kind: 'sqlite'; readonly path: string } | { readonly kind: 'postgres'; readonly url: string };

/** PostgreSQL's number for the type bigint. */
const INT8 = 20;

/** Opens a database and brings its schema up to date. Whoever opens it destroys it. */
export async function openDatabase(at: DatabaseAt): Promise<Kysely<Tables>> {
  const db = new Kysely<Tables>({ dialect: await dialectOf(at) });
  try {
    await migrate(db, at.kind);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

async function dialectOf(at: DatabaseAt) {
  // Each driver is loaded only by those who use it.
  if (at.kind === 'sqlite') return (await import('./sqlite.ts')).sqliteDialect(at.path);
  const { Pool, types } = (await import('pg')).default;
  return new PostgresDialect({
    pool: new Pool({
      connectionString: at.url,
      types: {
        // The driver gives bigint as text; a count beyond 2^53 is nothing that this store ever wrote.
        getTypeParser: (oid: number, format?: 'text' | 'binary') =>
          oid === INT8 ? (text: string) => safe(text) : types.getTypeParser(oid, format as 'text'),
      },
    }),
    onCreateConnection: async (connection) => {
      // Every question here is of a few rows, and compiling it takes longer than answering it: 20 of 34 ms for a phone's path (measured).
      // What speaks PostgreSQL's protocol and knows no such setting answers as it does.
      await connection.executeQuery(CompiledQuery.raw('set jit = off')).catch(() => undefined);
    },
  });
}

function safe(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond 2^53`);
  return value;
}
