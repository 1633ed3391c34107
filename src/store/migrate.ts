import { type Kysely, sql } from 'kysely';
import type { DatabaseKind } from './database.ts';
import { up as inspections } from './migrations/0001-inspections.ts';
import { up as custody } from './migrations/0002-custody.ts';
import { up as custodyQueries } from './migrations/0003-custody-queries.ts';
import { up as logEntries } from './migrations/0004-log-entries.ts';
import { up as custodySubscriptions } from './migrations/0005-custody-subscriptions.ts';
import { up as custodyDescriptions } from './migrations/0006-custody-descriptions.ts';
import { up as custodySubscriptionHolds } from './migrations/0007-custody-subscription-holds.ts';
import type { Tables } from './tables.ts';

/** Each once, in this order, never changed after a release: a later change of the schema is a new one. */
const MIGRATIONS: readonly { readonly name: string; readonly up: (db: Kysely<unknown>) => Promise<void> }[] = [
  { name: '0001-inspections', up: inspections },
  { name: '0002-custody', up: custody },
  { name: '0003-custody-queries', up: custodyQueries },
  { name: '0004-log-entries', up: logEntries },
  { name: '0005-custody-subscriptions', up: custodySubscriptions },
  { name: '0006-custody-descriptions', up: custodyDescriptions },
  { name: '0007-custody-subscription-holds', up: custodySubscriptionHolds },
];
/** Any number will do, as long as nothing else in the database locks it. */
const ADVISORY_LOCK = 0x61737361;

/**
 * Brings the schema up to date in one transaction, so that a process killed here leaves the old schema and not half of the new one.
 * Two processes that open at once wait for each other: SQLite by the write lock, PostgreSQL by an advisory one.
 * @throws Error where the database knows a migration that this version does not: it was made by a newer one
 */
export async function migrate(db: Kysely<Tables>, kind: DatabaseKind): Promise<void> {
  // The way of every opening but the first takes no write lock.
  if (missing(await appliedIn(db, kind)).length === 0) return;
  await db.transaction().execute(async (transaction) => {
    if (kind === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(ADVISORY_LOCK)})`.execute(transaction);
    await transaction.schema
      .createTable('migrations')
      .ifNotExists()
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .execute();
    for (const { name, up } of missing(await appliedIn(transaction, kind))) {
      await up(transaction as unknown as Kysely<unknown>); // A migration knows no tables: those of its time may be gone.
      await transaction.insertInto('migrations').values({ name }).execute();
    }
  });
}

async function appliedIn(db: Kysely<Tables>, kind: DatabaseKind): Promise<readonly string[]> {
  const { rows } =
    kind === 'sqlite'
      ? await sql`select 1 from sqlite_master where type = 'table' and name = 'migrations'`.execute(db)
      : await sql`select 1 from information_schema.tables where table_schema = current_schema() and table_name = 'migrations'`.execute(db);
  if (rows.length === 0) return [];
  return (await db.selectFrom('migrations').select('name').execute()).map(({ name }) => name);
}

function missing(applied: readonly string[]) {
  const unknown = applied.find((name) => !MIGRATIONS.some((known) => known.name === name));
  if (unknown !== undefined) throw new Error(`the store was made by a newer assay: it has the migration ${unknown}`);
  return MIGRATIONS.filter(({ name }) => !applied.includes(name));
}
