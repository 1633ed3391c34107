import type { Kysely } from 'kysely';

/** Blobs, inspections and what they saw. Only types that SQLite and PostgreSQL both have: text, bigint. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('blobs')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('sha256', 'text', (column) => column.notNull())
    .addColumn('bytes', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('blobs_key', ['kind', 'sha256'])
    .execute();
  await db.schema
    .createTable('inspections')
    .addColumn('record', 'text', (column) => column.primaryKey().notNull())
    .addColumn('report', 'text', (column) => column.notNull())
    .addColumn('capture', 'text')
    .addColumn('judged_as_of', 'text', (column) => column.notNull())
    .addColumn('hardware', 'text', (column) => column.notNull())
    .addColumn('software', 'text', (column) => column.notNull())
    .addColumn('custody', 'text', (column) => column.notNull())
    .addColumn('decision', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('sightings')
    .addColumn('record', 'text', (column) => column.notNull().references('inspections.record'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('sightings_key', ['record', 'kind', 'hash'])
    .execute();
  await db.schema.createIndex('sightings_by_hash').on('sightings').columns(['hash', 'kind']).execute();
}
