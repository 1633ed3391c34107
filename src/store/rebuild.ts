import type { Transaction } from 'kysely';
import { BLOB_KINDS, type BlobKind } from './blobs.ts';
import { indexAuthorisation, indexPlace } from './custody/channel.ts';
import { captureOrder, indexCapture } from './custody/events.ts';
import { indexJob, indexJobEnd } from './custody/job-records.ts';
import { indexMasterData } from './custody/master-data.ts';
import { endedQuery, indexQuery } from './custody/queries.ts';
import { followedLogs, indexFollowed } from './followed-log.ts';
import { parseRecord } from './record.ts';
import { refreshStatistics } from './statistics.ts';
import { indexBlob, indexInspection, type Store } from './store.ts';
import { type IndexTable, TABLES, type Tables } from './tables.ts';

/** Follows from no blob, because a subscription holds its subscriber's secret: left as it is, and gone with a lost database. Subscribers subscribe again. */
const LEFT: readonly IndexTable[] = ['custody_subscriptions'];

/** How many rows there are of each table. */
export type Counts = Readonly<Record<IndexTable, number>>;

/**
 * Makes the index anew from the blobs, and from the tiles of the logs that the store follows, in one transaction: who reads meanwhile sees the old index, and a
 * process killed here leaves it.
 * @throws Error where a record's bytes are not those of its name, or a log is not there or not what it was: nothing is changed then
 */
export async function rebuild(store: Store): Promise<Counts> {
  await store.db.transaction().execute(async (transaction) => {
    for (const table of TABLES.toReversed()) if (!LEFT.includes(table)) await transaction.deleteFrom(table).execute();
    const endedQueries = new Set<string>();
    for (const kind of BLOB_KINDS) {
      for await (const blob of store.blobs.list(kind)) {
        await indexBlob(transaction, kind, blob);
        if (kind === 'query-end') endedQueries.add(endedQuery(await store.blobs.get(kind, blob.sha256)));
      }
    }
    for (const sha256 of await captureOrder(store)) await indexOne(transaction, store, 'event', sha256);
    for (const sha256 of await followedLogs(store)) await indexOne(transaction, store, 'log', sha256);
    for (const kind of BLOB_KINDS) {
      if (kind === 'event' || kind === 'log') continue;
      for await (const { sha256 } of store.blobs.list(kind))
        if (kind !== 'query' || !endedQueries.has(sha256)) await indexOne(transaction, store, kind, sha256);
    }
  });
  await refreshStatistics(store);
  return counts(store.db);
}

/** The rows that follow from a blob besides its own. */
async function indexOne(transaction: Transaction<Tables>, store: Store, kind: BlobKind, sha256: string): Promise<void> {
  const get = () => store.blobs.get(kind, sha256);
  switch (kind) {
    case 'inspection':
      return indexInspection(transaction, store.key, { sha256, record: parseRecord(await get()) });
    case 'event':
      return indexCapture(transaction, store.key, { sha256, bytes: await get() });
    case 'authorisation':
      return indexAuthorisation(transaction, { sha256, bytes: await get() });
    case 'place':
      return indexPlace(transaction, { sha256, bytes: await get() });
    case 'master-data':
      return indexMasterData(transaction, { sha256, bytes: await get() });
    case 'job':
      return indexJob(transaction, await get());
    case 'job-end':
      return indexJobEnd(transaction, await get());
    case 'query':
      await indexQuery(transaction, { sha256, bytes: await get() });
      return;
    case 'log':
      return indexFollowed(transaction, { sha256, bytes: await get() });
    case 'artefact':
    case 'capture':
    case 'document':
    case 'manifest':
    case 'query-end':
    case 'report':
      return;
  }
}

export async function counts(db: Store['db']): Promise<Counts> {
  const found: [IndexTable, number][] = [];
  for (const table of TABLES) {
    const { rows } = await db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow();
    found.push([table, Number(rows)]);
  }
  return Object.fromEntries(found) as Counts; // Every table is in the list.
}
