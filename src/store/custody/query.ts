/**
 * EPCIS's SimpleEventQuery (EPCIS 2.0, 8.2.7) over the store. The index leaves out what cannot be an answer (`narrow.ts`); the query's own test decides of each event that
 * is left, on its bytes, for as many of them as SCANNED.
 */
import {
  type Asked,
  asksMasterData,
  type CustodyEvent,
  type EventQuery,
  eventOf,
  inOrder,
  type JsonObject,
  QueryError,
  type ReadQuery,
  readQuery,
} from '../../provenance/index.ts';
import type { Store } from '../store.ts';
import type { CustodyEventRow } from '../tables.ts';
import { knowledgeOf } from './master-data.ts';
import { narrowed, type Rows } from './narrow.ts';
import { readEvent } from './read.ts';

/** Rows that one question may read from their blobs. */
const SCANNED = 20_000;
const PAGE = 500;

export interface Found {
  readonly n: number;
  readonly body: JsonObject;
  readonly event: CustodyEvent;
  readonly recordedMs: number;
}

export interface Page {
  readonly found: readonly Found[];
  /** Where the next page begins; undefined where this was the last. */
  readonly next: string | undefined;
}

export interface PageAsked {
  readonly perPage: number;
  readonly token: string | undefined;
  /** Prefixes that the question itself declares. */
  readonly namespaces?: ReadonlyMap<string, string>;
  /** The last event that is looked at, in the order of capture; all where undefined. */
  readonly until?: number;
}

/** One page of the events that a query asks for. @throws QueryError where it cannot be answered as it was asked */
export async function queryEvents(store: Store, query: EventQuery, page: PageAsked): Promise<Page> {
  const masterData = asksMasterData(query) ? await knowledgeOf(store) : undefined;
  const read = readQuery(query, page.namespaces, masterData);
  const all = store.db.selectFrom('custody_events').selectAll();
  const rows = narrowed(page.until === undefined ? all : all.where('n', '<=', page.until), query, { ...store, masterData });
  return typeof read.order?.by === 'function' ? pageByField(store, rows, read, page) : pageByIndex(store, rows, read, page);
}

interface Answer extends Found {
  readonly asked: Asked;
}

/** The event of a row, where it is an answer. */
async function answerIn(store: Store, row: CustodyEventRow, { isAnswer }: ReadQuery): Promise<Answer | undefined> {
  const { body, event } = await readEvent(store, row);
  const asked = { body, event, namespaces: eventOf(body).namespaces, recordedMs: row.recorded_ms };
  return isAnswer(asked) ? { n: row.n, body, event, recordedMs: row.recorded_ms, asked } : undefined;
}

const found = ({ n, body, event, recordedMs }: Answer): Found => ({ n, body, event, recordedMs });

/** In an order that the index has: that of capture where none was asked for. */
async function pageByIndex(store: Store, rows: Rows, read: ReadQuery, { perPage, token }: PageAsked): Promise<Page> {
  const { limit, most, order } = read;
  const column = order?.by === 'eventTime' ? 'at_ms' : 'n';
  const way = order?.direction ?? 'asc';
  const beyond = way === 'asc' ? '>' : '<';
  let from = tokenOf(token);
  const wanted = Math.min(perPage, limit - from.given, Number.isFinite(most) ? most + 1 : Number.POSITIVE_INFINITY);
  const answers: Found[] = [];
  for (let scanned = 0; answers.length < wanted; ) {
    const at = from;
    let next = rows.orderBy(column, way).orderBy('n', way).limit(PAGE);
    if (at.n !== undefined) {
      const after = at.n;
      next = next.where((of) =>
        column === 'n' ? of('n', beyond, after) : of.or([of('at_ms', beyond, at.at), of('at_ms', '=', at.at).and(of('n', beyond, after))]),
      );
    }
    const some = await next.execute();
    for (const row of some) {
      const answer = await answerIn(store, row, read);
      scanned++;
      from = { at: row.at_ms, n: row.n, given: from.given };
      if (answer === undefined) continue;
      answers.push(found(answer));
      if (answers.length === wanted) break;
    }
    if (some.length < PAGE && answers.length < wanted) return finished(answers, undefined, most);
    if (answers.length < wanted && scanned > SCANNED) throw tooComplex();
  }
  const given = from.given + answers.length;
  return finished(answers, given >= limit ? undefined : `${from.at}.${from.n ?? 0}.${given}`, most);
}

/** In the order of a field that no index has: all answers are read, and a page of them is given. */
async function pageByField(store: Store, rows: Rows, read: ReadQuery, { perPage, token }: PageAsked): Promise<Page> {
  const { order, limit, most } = read;
  const key = order?.by;
  if (typeof key !== 'function') throw new RangeError('an order of no field');
  const some = await rows
    .orderBy('n')
    .limit(SCANNED + 1)
    .execute();
  if (some.length > SCANNED) throw tooComplex();
  const answers: { readonly value: ReturnType<typeof key>; readonly found: Found }[] = [];
  for (const row of some) {
    const answer = await answerIn(store, row, read);
    if (answer !== undefined) answers.push({ value: key(answer.asked), found: found(answer) });
  }
  if (answers.length > most) throw tooLarge(most);
  // Without the field an event comes last, whichever way the others go.
  const has = answers.filter(({ value }) => value !== undefined);
  const ordered = has.toSorted((a, b) => inOrder(a.value, b.value) * (order?.direction === 'desc' ? -1 : 1) || a.found.n - b.found.n);
  const all = [...ordered, ...answers.filter(({ value }) => value === undefined)].map((answer) => answer.found);
  const { given } = tokenOf(token);
  const end = Math.min(given + perPage, limit);
  return { found: all.slice(given, end), next: end >= Math.min(all.length, limit) ? undefined : `0.0.${end}` };
}

const tooComplex = () => new QueryError('too-complex', `more than ${SCANNED} events would have to be read`);
const tooLarge = (most: number) => new QueryError('too-large', `there are more than ${most} events`);

function finished(answers: readonly Found[], next: string | undefined, most: number): Page {
  if (answers.length > most) throw tooLarge(most);
  return { found: answers, next };
}

function tokenOf(token: string | undefined): { readonly at: number; readonly n: number | undefined; readonly given: number } {
  if (token === undefined) return { at: 0, n: undefined, given: 0 };
  const [, at, n, given] = /^(-?\d{1,15})\.(\d{1,15})\.(\d{1,15})$/.exec(token) ?? [];
  if (at === undefined) throw new QueryError('parameter', 'nextPageToken is none that was given here');
  return { at: Number(at), n: Number(n), given: Number(given) };
}
