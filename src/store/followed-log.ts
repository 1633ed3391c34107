/**
 * Logs that the store follows: where a digest stands in them is found in the index, and not by reading the whole log. What is remembered of a log is a blob
 * (`assay.followed-log/1`: its place, the policy under which it is trusted, the checkpoint up to which it was read); the entries follow from the log's own tiles.
 */
import type { Transaction } from 'kysely';
import { z } from 'zod/mini';
import { FormatError, hashOf, toHex } from '../bytes/index.ts';
import { nodeHash } from '../platform/node/index.ts';
import { type EntryKind, parseCheckpoint, parseLogEntry, parseLogPolicy, parseNote, verifyConsistency } from '../provenance/index.ts';
import { entriesSince } from './log/entries-since.ts';
import { growthProof, logFetch, trustCheckpoint } from './log/index.ts';
import { indexBlob, type Store } from './store.ts';
import type { LogEntryRow, Tables } from './tables.ts';

/** Rows of one statement. */
const ROWS = 1000;

const followedSchema = z.strictObject({
  format: z.literal('assay.followed-log/1'),
  /** Counts what is remembered of one log: the last counts. */
  n: z.int(),
  place: z.string(),
  policy: z.string(),
  checkpoint: z.string(),
});
type Followed = z.infer<typeof followedSchema>;

const utf8 = new TextEncoder();
const parsed = (bytes: Uint8Array): Followed => z.parse(followedSchema, JSON.parse(new TextDecoder().decode(bytes)));
const checkpointOf = ({ checkpoint }: Followed) => parseCheckpoint(parseNote(utf8.encode(checkpoint)).text);

/**
 * Follows a log to its newest checkpoint: every entry that is new is read, and must lead from what was signed before to what is signed now.
 * @throws Error where the policy is not satisfied, or the log is not a longer one of what was read before: nothing is changed then
 */
export async function followLog(
  store: Store,
  log: { readonly place: string; readonly policy: string },
): Promise<{ readonly origin: string; readonly size: number; readonly fresh: number }> {
  const note = await logFetch(log.place)('checkpoint');
  const { origin } = await trustCheckpoint(note, parseLogPolicy(nodeHash, log.policy));
  return store.db.transaction().execute(async (transaction) => {
    const known = await transaction.selectFrom('logs').selectAll().where('origin', '=', origin).executeTakeFirst();
    const before = known === undefined ? undefined : parsed(await store.blobs.get('log', known.blob));
    const followed: Followed = {
      format: 'assay.followed-log/1',
      n: (before?.n ?? 0) + 1,
      ...log,
      checkpoint: new TextDecoder().decode(note),
    };
    const bytes = utf8.encode(JSON.stringify(followed));
    const size = await readEntries(transaction, before, { sha256: toHex(hashOf(nodeHash, 'sha256', bytes)), followed });
    // Only now: a rebuilding believes what a blob says.
    await indexBlob(transaction, 'log', { sha256: await store.blobs.put('log', bytes), bytes: bytes.length });
    return { origin, size, fresh: size - (known?.size ?? 0) };
  });
}

/** What is remembered last of each log that the store follows. */
export async function followedLogs({ blobs }: Pick<Store, 'blobs'>): Promise<readonly string[]> {
  const newest = new Map<string, { readonly sha256: string; readonly n: number }>();
  for await (const { sha256 } of blobs.list('log')) {
    const followed = parsed(await blobs.get('log', sha256));
    const { origin } = checkpointOf(followed);
    if (followed.n >= (newest.get(origin)?.n ?? 0)) newest.set(origin, { sha256, n: followed.n });
  }
  return [...newest.values()].map(({ sha256 }) => sha256);
}

/** The rows that follow from what is remembered of a log, and from its tiles. */
export async function indexFollowed(
  transaction: Transaction<Tables>,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: Uint8Array },
): Promise<void> {
  await readEntries(transaction, undefined, { sha256, followed: parsed(bytes) });
}

/** Reads what is new between two checkpoints into the index. Answers how many entries the log has. */
async function readEntries(
  transaction: Transaction<Tables>,
  before: Followed | undefined,
  { sha256, followed }: { readonly sha256: string; readonly followed: Followed },
): Promise<number> {
  const { origin, size, root } = await trustCheckpoint(utf8.encode(followed.checkpoint), parseLogPolicy(nodeHash, followed.policy));
  const from = before === undefined ? undefined : checkpointOf(before);
  const fetch = logFetch(followed.place);
  if (from !== undefined && from.size > 0) {
    const claim = { oldSize: from.size, newSize: size, oldRoot: from.root, newRoot: root };
    if (from.size > size || !verifyConsistency(nodeHash, claim, await growthProof(fetch, from.size, size)))
      throw new Error(
        `${origin} of ${size} entries is not the log that was followed before, of ${from.size}, grown: compare the two checkpoints`,
      );
  }
  await transaction
    .insertInto('logs')
    .values({ origin, blob: sha256, place: followed.place, size })
    .onConflict((conflict) => conflict.column('origin').doUpdateSet({ blob: sha256, place: followed.place, size }))
    .execute();
  let rows: LogEntryRow[] = [];
  const flush = async () => {
    if (rows.length > 0) await transaction.insertInto('log_entries').values(rows).execute();
    rows = [];
  };
  let n = from?.size ?? 0;
  const served = Math.max(size, parseCheckpoint(parseNote(await fetch('checkpoint')).text).size);
  for await (const entries of entriesSince(fetch, from, { size, root, origin }, served)) {
    for (const bytes of entries) {
      const entry = ours(bytes);
      if (entry !== undefined) rows.push({ origin, n, kind: entry.kind, digest: entry.sha256 });
      n++;
    }
    if (rows.length >= ROWS) await flush();
  }
  await flush();
  return size;
}

/** A log may hold what others write: it counts, and is no entry of ours. */
function ours(bytes: Uint8Array) {
  try {
    return parseLogEntry(bytes);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** The last place of a digest in a log that is followed. */
export async function entryIndex(store: Pick<Store, 'db'>, origin: string, kind: EntryKind, digest: string): Promise<number | undefined> {
  const row = await store.db
    .selectFrom('log_entries')
    .select(({ fn }) => fn.max('n').as('n'))
    .where('digest', '=', digest)
    .where('kind', '=', kind)
    .where('origin', '=', origin)
    .executeTakeFirst();
  return row?.n ?? undefined;
}
