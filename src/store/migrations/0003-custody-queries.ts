import type { Kysely } from 'kysely';

/** Queries that somebody gave a name over HTTP. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('custody_queries')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('created', 'text', (column) => column.notNull())
    .addColumn('query', 'text', (column) => column.notNull())
    .execute();
}
