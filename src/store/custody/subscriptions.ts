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
  return found;
}

export async function removeSubscription(store: Pick<Store, 'db'>, id: string): Promise<void> {
  await store.db.deleteFrom('custody_subscriptions').where('id', '=', id).execute();
}

/** The subscriptions of a query that is removed go with it. */
export async function removeSubscriptions(store: Pick<Store, 'db'>, query: string): Promise<void> {
  await store.db.deleteFrom('custody_subscriptions').where('query', '=', query).execute();
}

/** A subscriber is told by one server at a time: true, and the row as it is now, where this one is it until `untilMs`. Whoever was, and is silent, is so no more. */
export async function holdSubscription(
  store: Pick<Store, 'db'>,
  id: string,
  hold: { readonly holder: string; readonly nowMs: number; readonly untilMs: number },
): Promise<CustodySubscriptionRow | undefined> {
  return store.db
    .updateTable('custody_subscriptions')
    .set({ holder: hold.holder, held_until_ms: hold.untilMs })
    .where('id', '=', id)
    .where((of) => of.or([of('holder', 'is', null), of('holder', '=', hold.holder), of('held_until_ms', '<=', hold.nowMs)]))
    .returningAll()
    .executeTakeFirst();
}

export async function letGoSubscription(store: Pick<Store, 'db'>, id: string, holder: string): Promise<void> {
  await store.db
    .updateTable('custody_subscriptions')
    .set({ holder: null, held_until_ms: null })
    .where('id', '=', id)
    .where('holder', '=', holder)
    .execute();
}

/** Notes how far a subscriber was told. What is not told is left as it was. */
export async function keepTold(
  store: Pick<Store, 'db'>,
  id: string,
  told: Partial<Pick<CustodySubscriptionRow, 'after_n' | 'next_ms' | 'notified' | 'held_until_ms'>>,
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
