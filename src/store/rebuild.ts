import { BLOB_KINDS } from './blobs.ts';
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
        if (kind !== 'inspection') continue;
        const record = parseRecord(await store.blobs.get(kind, blob.sha256));
        await indexInspection(transaction, store.key, { sha256: blob.sha256, record });
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
  return { blobs: await count('blobs'), inspections: await count('inspections'), sightings: await count('sightings') };
}
