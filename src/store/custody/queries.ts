/**
 * Queries that somebody gave a name over HTTP. Each naming is a blob of its own (`assay.query/1`), and taking a name away names that blob (`assay.query-end/1`), so
 * that the names are what the blobs say in whatever order they are read.
 */
import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { z } from 'zod/mini';
import type { Instant } from '../../bytes/index.ts';
import { indexBlob, type Store } from '../store.ts';
import type { Tables } from '../tables.ts';

const querySchema = z.strictObject({
  format: z.literal('assay.query/1'),
  /** So that the same query, named again after it was taken away, is another blob. */
  id: z.string(),
  name: z.string(),
  created: z.string(),
  query: z.unknown(),
});
const endSchema = z.strictObject({ format: z.literal('assay.query-end/1'), ends: z.string() });

const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const json = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

/** The blob of the query that was taken away. */
export const endedQuery = (bytes: Uint8Array): string => z.parse(endSchema, json(bytes)).ends;

/** False where the name is taken. */
export async function indexQuery(
  db: Kysely<Tables>,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: Uint8Array },
): Promise<boolean> {
  const { name, created, query } = z.parse(querySchema, json(bytes));
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('custody_queries')
    .values({ name, created, query: JSON.stringify(query), blob: sha256 })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

export const namedQueries = {
  list: async (store: Store): Promise<readonly string[]> =>
    // In the order of code units, which no database's own order has to be.
    (await store.db.selectFrom('custody_queries').select('name').execute()).map(({ name }) => name).toSorted(),
  get: async (store: Store, name: string): Promise<unknown> => {
    const row = await store.db.selectFrom('custody_queries').select('query').where('name', '=', name).executeTakeFirst();
    return row === undefined ? undefined : JSON.parse(row.query);
  },
  /** False where the name is taken. */
  add: async (store: Store, name: string, query: unknown, created: Instant): Promise<boolean> => {
    // Asked before a blob is there that a rebuilding would take for the name's.
    const taken = await store.db.selectFrom('custody_queries').select('name').where('name', '=', name).executeTakeFirst();
    if (taken !== undefined) return false;
    const bytes = text({ format: 'assay.query/1', id: randomUUID(), name, created, query });
    const sha256 = await store.blobs.put('query', bytes);
    const isAdded = await store.db.transaction().execute(async (transaction) => {
      const added = await indexQuery(transaction, { sha256, bytes });
      if (added) await indexBlob(transaction, 'query', { sha256, bytes: bytes.length });
      return added;
    });
    // Somebody else was first.
    if (!isAdded) await keepEnd(store, sha256);
    return isAdded;
  },
  /** False where there was none. */
  remove: async (store: Store, name: string): Promise<boolean> => {
    const row = await store.db.selectFrom('custody_queries').select('blob').where('name', '=', name).executeTakeFirst();
    if (row === undefined) return false;
    if (row.blob !== null) await keepEnd(store, row.blob);
    return (await store.db.deleteFrom('custody_queries').where('name', '=', name).executeTakeFirstOrThrow()).numDeletedRows === 1n;
  },
};

async function keepEnd(store: Store, ends: string): Promise<void> {
  const bytes = text({ format: 'assay.query-end/1', ends });
  const sha256 = await store.blobs.put('query-end', bytes);
  await store.db.transaction().execute((transaction) => indexBlob(transaction, 'query-end', { sha256, bytes: bytes.length }));
}
