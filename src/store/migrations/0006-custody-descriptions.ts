import type { Kysely } from 'kysely';

/** What documents say of places and parties, by whom. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('custody_descriptions')
    .addColumn('uri', 'text', (column) => column.notNull())
    .addColumn('sender', 'text', (column) => column.notNull())
    .addColumn('said', 'text', (column) => column.notNull())
    .addColumn('blob', 'text', (column) => column.notNull())
    .addColumn('recorded_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('custody_descriptions_key', ['uri', 'sender'])
    .execute();
}
