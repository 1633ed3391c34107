import type { Kysely } from 'kysely';

/** Events of custody and what they name, whom brands allowed, places, and capture jobs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('custody_events')
    .addColumn('n', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('declared', 'bigint', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('recorded_ms', 'bigint', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('action', 'text')
    .addColumn('step', 'text')
    .addColumn('disposition', 'text')
    .addColumn('read_point', 'text')
    .addColumn('biz_location', 'text')
    .addColumn('blob', 'text', (column) => column.notNull())
    .addColumn('start', 'bigint', (column) => column.notNull())
    .addColumn('size', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('custody_events_once', ['id', 'declared'])
    .execute();
  await db.schema.createIndex('custody_events_by_time').on('custody_events').columns(['at_ms', 'n']).execute();
  await db.schema
    .createTable('custody_names')
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('n', 'bigint', (column) => column.notNull().references('custody_events.n'))
    .addColumn('role', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('custody_names_key', ['hash', 'n'])
    .execute();
  await db.schema
    .createTable('custody_authorisations')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('blob', 'text', (column) => column.notNull())
    .addColumn('brand', 'text', (column) => column.notNull())
    .addColumn('party', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('custody_authorisations_by_party').on('custody_authorisations').column('party').execute();
  await db.schema
    .createTable('custody_places')
    .addColumn('uri', 'text', (column) => column.primaryKey().notNull())
    .addColumn('blob', 'text', (column) => column.notNull())
    .addColumn('recorded_ms', 'bigint', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('party', 'text')
    .addColumn('country', 'text')
    .addColumn('latitude', 'double precision')
    .addColumn('longitude', 'double precision')
    .execute();
  await db.schema
    .createTable('custody_jobs')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('created', 'text', (column) => column.notNull())
    .addColumn('finished', 'text')
    .addColumn('success', 'bigint')
    .addColumn('behaviour', 'text', (column) => column.notNull())
    .addColumn('sender', 'text')
    .addColumn('document', 'text', (column) => column.notNull())
    .addColumn('errors', 'text')
    .execute();
}
