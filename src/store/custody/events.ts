/**
 * Events in the store. One capture is one blob of lines (`assay.events/1`): a header, then an event a line. Its rows are committed with it, so a capture is kept
 * whole or not at all: the blob is durable before the rows, and is named by nothing before they are there.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import { z } from 'zod/mini';
import { type Instant, instantMs, isInstant } from '../../bytes/index.ts';
import { type Admitted, type CustodyEvent, type JsonObject, keyOf, namesOf, type Refusal } from '../../provenance/index.ts';
import { indexBlob, type Store } from '../store.ts';
import type { CustodyEventRow, Tables } from '../tables.ts';
import { cyclesIn } from './cycles.ts';
import { hashedEventId, hashedName, hexOf, idOf, readBack } from './read.ts';

const FORMAT = 'assay.events/1';
/** Rows of one statement; SQLite takes 32,766 values. */
const ROWS = 1000;
/** Hashes of one question. */
const ASKED = 5000;
/** Any number that the migrations' lock is not. */
const CAPTURE_LOCK = 0x63757374;

const headerSchema = z.strictObject({
  format: z.literal(FORMAT),
  capturedAt: z.custom<Instant>((value) => typeof value === 'string' && isInstant(value)),
  /** The party that sent them; null for the operator of the store. */
  sender: z.nullable(z.string()),
  events: z.int(),
  /** The number of its first event: the order of capture, which a rebuilding keeps. */
  from: z.optional(z.int()),
});

/** All or nothing, or whatever is right: EPCIS calls them so. */
export type Behaviour = 'rollback' | 'proceed';

export interface KeepOptions {
  readonly capturedAt: Instant;
  readonly sender: string | null;
  readonly behaviour: Behaviour;
}

export interface Kept {
  /** How many are new. */
  readonly kept: number;
  readonly refused: readonly Refusal[];
}

/**
 * Keeps events that were judged. With `rollback` one refusal refuses all. Answers once they are durable.
 * Duplicates and circles of boxes are refused here, because only the store knows the others.
 */
export async function keepEvents(store: Store, admitted: readonly Admitted[], options: KeepOptions): Promise<Kept> {
  const refusedNow = async (db: Kysely<Tables>) => {
    const refused = [...(await duplicatesIn(db, store.key, admitted)), ...(await cyclesIn({ ...store, db }, admitted))];
    const places = new Set(refused.map(({ at }) => at));
    return { refused, rest: admitted.filter(({ at }) => !places.has(at)) };
  };
  const before = await refusedNow(store.db);
  if (before.rest.length === 0 || (options.behaviour === 'rollback' && before.refused.length > 0))
    return { kept: 0, refused: before.refused };
  return store.db.transaction().execute(async (transaction) => {
    // One capture at a time: SQLite's write lock does it there.
    if (store.kind === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(CAPTURE_LOCK)})`.execute(transaction);
    const { refused, rest } = await refusedNow(transaction);
    if (rest.length === 0 || (options.behaviour === 'rollback' && refused.length > 0)) return { kept: 0, refused };
    const { bytes, places } = written(rest, options, (await lastIn(transaction)) + 1);
    const sha256 = await store.blobs.put('event', bytes);
    await indexBlob(transaction, 'event', { sha256, bytes: bytes.length });
    await indexEvents(transaction, store.key, {
      blob: sha256,
      recordedMs: instantMs(options.capturedAt),
      events: rest.map(({ event }, i) => ({ event, ...(places[i] ?? { start: 0, size: 0 }) })),
    });
    return { kept: rest.length, refused };
  });
}

/** Events that are there already, and those that are called as another one is. */
async function duplicatesIn(db: Kysely<Tables>, key: Uint8Array, admitted: readonly Admitted[]): Promise<readonly Refusal[]> {
  const known = await knownOf(
    db,
    admitted.map(({ event }) => event),
  );
  const called = new Map(
    admitted.flatMap(({ event }) => (event.calledId === undefined ? [] : [[hashedEventId(key, event.calledId), event] as const])),
  );
  const taken = new Set<string>();
  for (const hashes of parts([...called.keys()], ASKED)) {
    const rows = await db
      .selectFrom('custody_names')
      .innerJoin('custody_events', 'custody_events.n', 'custody_names.n')
      .select(['hash', 'id'])
      .where('hash', 'in', hashes)
      .where('role', '=', 'e')
      .execute();
    // The declaration that an event is wrong is called as the event is.
    for (const { hash, id } of rows) if (called.get(hash)?.id !== idOf(id)) taken.add(called.get(hash)?.id ?? '');
  }
  return admitted.flatMap((one): readonly Refusal[] => {
    const { at, event } = one;
    if (known.has(keyOf(one))) return [{ name: 'duplicate', at, because: `${event.calledId ?? event.id} was captured before` }];
    return taken.has(event.id) ? [{ name: 'duplicate', at, because: `${event.calledId} is the ID of another event` }] : [];
  });
}

/** Which of these events the index has, by `keyOf`. */
async function knownOf(db: Kysely<Tables>, events: readonly CustodyEvent[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const ids of parts([...new Set(events.map(({ id }) => hexOf(id)))], ASKED)) {
    const rows = await db.selectFrom('custody_events').select(['id', 'declared']).where('id', 'in', ids).execute();
    for (const { id, declared } of rows) found.add(`${idOf(id)} ${declared === 1 ? 'declared' : ''}`);
  }
  return found;
}

function* parts<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
}

/** The lines of a capture, and where each event stands in them. */
function written(admitted: readonly Admitted[], { capturedAt, sender }: KeepOptions, from: number) {
  const encoder = new TextEncoder();
  const lines = [encoder.encode(`${JSON.stringify({ format: FORMAT, capturedAt, sender, events: admitted.length, from })}\n`)];
  let at = lines[0]?.length ?? 0;
  const places: { readonly start: number; readonly size: number }[] = [];
  for (const { body } of admitted) {
    const line = encoder.encode(`${JSON.stringify(body)}\n`);
    places.push({ start: at, size: line.length - 1 });
    lines.push(line);
    at += line.length;
  }
  return { bytes: new Uint8Array(Buffer.concat(lines)), places };
}

/** The number of the last event; 0 before the first. */
async function lastIn(db: Transaction<Tables>): Promise<number> {
  const { last } = await db
    .selectFrom('custody_events')
    .select(({ fn }) => fn.max('n').as('last'))
    .executeTakeFirstOrThrow();
  return Number(last ?? 0);
}

interface Indexed {
  readonly blob: string;
  readonly recordedMs: number;
  readonly events: readonly { readonly event: CustodyEvent; readonly start: number; readonly size: number }[];
}

async function indexEvents(db: Transaction<Tables>, key: Uint8Array, { blob, recordedMs, events }: Indexed): Promise<void> {
  let n = await lastIn(db);
  const rows: CustodyEventRow[] = [];
  const names: Tables['custody_names'][] = [];
  for (const { event, start, size } of events) {
    n++;
    rows.push({
      n,
      id: hexOf(event.id),
      declared: event.declaredWrong === undefined ? 0 : 1,
      at_ms: event.atMs,
      recorded_ms: recordedMs,
      type: event.type,
      action: event.action ?? null,
      step: event.step ?? null,
      disposition: event.disposition ?? null,
      read_point: event.readPoint ?? null,
      biz_location: event.bizLocation ?? null,
      blob,
      start,
      size,
    });
    for (const { uri, role } of namesOf(event)) names.push({ hash: hashedName(key, uri), n, role: role.slice(0, 1) });
    if (event.calledId !== undefined) names.push({ hash: hashedEventId(key, event.calledId), n, role: 'e' });
  }
  for (let i = 0; i < rows.length; i += ROWS)
    await db
      .insertInto('custody_events')
      .values(rows.slice(i, i + ROWS))
      .execute();
  // In the order of the index, so that its pages are filled one after the other.
  names.sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : a.n - b.n));
  for (let i = 0; i < names.length; i += ROWS)
    await db
      .insertInto('custody_names')
      .values(names.slice(i, i + ROWS))
      .execute();
}

/** The rows that follow from the blob of a capture. @throws Error where it is none, or an event in it is not one that could have been captured */
export async function indexCapture(
  db: Transaction<Tables>,
  key: Uint8Array,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: Uint8Array },
): Promise<void> {
  const events: Indexed['events'][number][] = [];
  let header: z.infer<typeof headerSchema> | undefined;
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0) throw new Error(`the capture ${sha256} has a last line without its end`);
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(start, end)));
    if (header === undefined) header = z.parse(headerSchema, json);
    else events.push({ event: readBack(json as JsonObject), start, size: end - start }); // Only what was judged is ever written.
    start = end + 1;
  }
  if (header === undefined || header.events !== events.length)
    throw new Error(`the capture ${sha256} has ${events.length} events, and says another number`);
  // A capture that was killed between its blob and its rows, and then asked for again, left its events in two blobs.
  const known = await knownOf(
    db,
    events.map(({ event }) => event),
  );
  const fresh = events.filter((one) => !known.has(keyOf(one)));
  await indexEvents(db, key, { blob: sha256, recordedMs: instantMs(header.capturedAt), events: fresh });
}

/** Longer than any header line: a party's URI is at most a few hundred characters. */
const HEADER_MAX = 8 << 10;

/** The captures of a store in the order in which they came. */
export async function captureOrder({ blobs }: Pick<Store, 'blobs'>): Promise<readonly string[]> {
  const found: { readonly sha256: string; readonly from: number }[] = [];
  for await (const { sha256, bytes } of blobs.list('event')) {
    const head = await blobs.unverifiedSlice('event', sha256, { start: 0, size: Math.min(bytes, HEADER_MAX) });
    const line = new TextDecoder().decode(head.subarray(0, head.indexOf(0x0a)));
    const { from } = z.parse(headerSchema, JSON.parse(line));
    found.push({ sha256, from: from ?? Number.MAX_SAFE_INTEGER });
  }
  return found.toSorted((a, b) => a.from - b.from || (a.sha256 < b.sha256 ? -1 : 1)).map(({ sha256 }) => sha256);
}
