import type { Kysely } from 'kysely';

/** Which server tells a subscriber, until when it is believed to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('custody_subscriptions').addColumn('holder', 'text').execute();
  await db.schema.alterTable('custody_subscriptions').addColumn('held_until_ms', 'bigint').execute();
}
