import type { Kysely } from 'kysely';

/** Logs that the store follows and where each digest stands in them; and of a named query the blob that it follows from. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('logs')
    .addColumn('origin', 'text', (column) => column.primaryKey().notNull())
    .addColumn('blob', 'text', (column) => column.notNull())
    .addColumn('place', 'text', (column) => column.notNull())
    .addColumn('size', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('log_entries')
    .addColumn('origin', 'text', (column) => column.notNull().references('logs.origin'))
    .addColumn('n', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('log_entries_key', ['origin', 'n'])
    .execute();
  await db.schema.createIndex('log_entries_by_digest').on('log_entries').columns(['digest', 'kind']).execute();
  await db.schema.alterTable('custody_queries').addColumn('blob', 'text').execute();
}
