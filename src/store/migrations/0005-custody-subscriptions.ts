import type { Kysely } from 'kysely';

/** Who is told over HTTP of events that a query finds, when, and up to which event. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('custody_subscriptions')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('query', 'text', (column) => column.notNull())
    .addColumn('created', 'text', (column) => column.notNull())
    .addColumn('sender', 'text', (column) => column.notNull())
    .addColumn('dest', 'text', (column) => column.notNull())
    .addColumn('token', 'text')
    .addColumn('schedule', 'text')
    .addColumn('report_if_empty', 'bigint', (column) => column.notNull())
    .addColumn('initial', 'text')
    .addColumn('format', 'text', (column) => column.notNull())
    .addColumn('after_n', 'bigint', (column) => column.notNull())
    .addColumn('next_ms', 'bigint')
    .addColumn('notified', 'text')
    .execute();
}
