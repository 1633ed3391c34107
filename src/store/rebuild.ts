import { BLOB_KINDS } from './blobs.ts';
import { indexAuthorisation, indexPlace } from './custody/channel.ts';
import { indexCapture } from './custody/events.ts';
import { parseRecord } from './record.ts';
import { indexBlob, indexInspection, type Store } from './store.ts';
import { TABLES } from './tables.ts';

/** How many rows there are of each table. */
export type Counts = Readonly<Record<(typeof TABLES)[number], number>>;

/**
 * Makes the index anew from the blobs, in one transaction: who reads meanwhile sees the old index, and a process killed here leaves it.
 * @throws Error where a record's bytes are not those of its name: nothing is changed then
 */
export async function rebuild(store: Store): Promise<Counts> {
  await store.db.transaction().execute(async (transaction) => {
    for (const table of TABLES.toReversed()) await transaction.deleteFrom(table).execute();
    for (const kind of BLOB_KINDS)
      for await (const blob of store.blobs.list(kind)) {
        await indexBlob(transaction, kind, blob);
        if (kind !== 'inspection' && kind !== 'event' && kind !== 'authorisation' && kind !== 'place') continue;
        const { sha256 } = blob;
        const bytes = await store.blobs.get(kind, sha256);
        if (kind === 'inspection') await indexInspection(transaction, store.key, { sha256, record: parseRecord(bytes) });
        else if (kind === 'event') await indexCapture(transaction, store.key, { sha256, bytes });
        else if (kind === 'authorisation') await indexAuthorisation(transaction, { sha256, bytes });
        else await indexPlace(transaction, { sha256, bytes });
      }
  });
  return counts(store.db);
}

export async function counts(db: Store['db']): Promise<Counts> {
  const count = async (table: (typeof TABLES)[number]) =>
    Number(
      (
        await db
          .selectFrom(table)
          .select(({ fn }) => fn.countAll<number>().as('rows'))
          .executeTakeFirstOrThrow()
      ).rows,
    );
  return {
    blobs: await count('blobs'),
    inspections: await count('inspections'),
    sightings: await count('sightings'),
    custody_events: await count('custody_events'),
    custody_names: await count('custody_names'),
    custody_authorisations: await count('custody_authorisations'),
    custody_places: await count('custody_places'),
  };
}
