/** Subscriptions to named queries: whom to tell, when, and up to which event he was told. No index of anything: they are copied, and rebuilt from nothing. */
import type { Store } from '../store.ts';
import type { CustodySubscriptionRow } from '../tables.ts';

export const SUBSCRIPTIONS_MAX = 1000;

/** Keeps a subscription; false where there are as many as this store takes. */
export async function addSubscription(store: Pick<Store, 'db'>, row: CustodySubscriptionRow): Promise<boolean> {
  const { rows } = await store.db
    .selectFrom('custody_subscriptions')
    .select(({ fn }) => fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow();
  if (Number(rows) >= SUBSCRIPTIONS_MAX) return false;
  await store.db.insertInto('custody_subscriptions').values(row).execute();
  return true;
}

/** All of them, or those of one query, oldest first. */
export async function subscriptionsOf(store: Pick<Store, 'db'>, query?: string): Promise<readonly CustodySubscriptionRow[]> {
  const rows = store.db.selectFrom('custody_subscriptions').selectAll().orderBy('created').orderBy('id');
  const found = await (query === undefined ? rows : rows.where('query', '=', query)).execute();
  // PostgreSQL gives a bigint as it is configured to; both are numbers below 2^53 here.
  return found.map((row) => ({ ...row, after_n: Number(row.after_n), next_ms: row.next_ms === null ? null : Number(row.next_ms) }));
}

export async function removeSubscription(store: Pick<Store, 'db'>, id: string): Promise<void> {
  await store.db.deleteFrom('custody_subscriptions').where('id', '=', id).execute();
}

/** The subscriptions of a query that is removed go with it. */
export async function removeSubscriptions(store: Pick<Store, 'db'>, query: string): Promise<void> {
  await store.db.deleteFrom('custody_subscriptions').where('query', '=', query).execute();
}

/** Notes how far a subscriber was told. What is not told is left as it was. */
export async function keepTold(
  store: Pick<Store, 'db'>,
  id: string,
  told: Partial<Pick<CustodySubscriptionRow, 'after_n' | 'next_ms' | 'notified'>>,
): Promise<void> {
  await store.db.updateTable('custody_subscriptions').set(told).where('id', '=', id).execute();
}

/** The last event that was captured; 0 where there is none. */
export async function lastEvent(store: Pick<Store, 'db'>): Promise<number> {
  const { last } = await store.db
    .selectFrom('custody_events')
    .select(({ fn }) => fn.max('n').as('last'))
    .executeTakeFirstOrThrow();
  return Number(last ?? 0);
}
