/**
 * EPCIS's SimpleEventQuery (EPCIS 2.0, 8.2.7) over the index. What the index has is asked of the database; what only an event's own bytes say is looked for in
 * them afterwards, for as many rows as SCANNED. Parameters that are not read are refused by name: a filter that is passed over would answer another question.
 */
import type { SelectQueryBuilder } from 'kysely';
import { instantMs, isInstant } from '../../bytes/index.ts';
import {
  bareWord,
  type CustodyEvent,
  canonicalIdentity,
  canonicalTime,
  canonicalUri,
  isObject,
  type JsonObject,
  listOf,
  namesOf,
  textAt,
  textsOf,
  VOCABULARIES,
} from '../../provenance/index.ts';
import type { Store } from '../store.ts';
import type { CustodyEventRow, Tables } from '../tables.ts';
import { hashedEventId, hashedName, hexOf, readEvent } from './read.ts';

/** Rows that one question may read from their blobs. */
const SCANNED = 20_000;
const PAGE = 500;

/** A parameter's name to its values, as JSON or a query string has them. */
export type EventQuery = Readonly<Record<string, readonly string[]>>;

/** A question that is not answered as it was asked. `parameter`: it has one that is not read, or no value; `too-complex`: it reads too much; `too-large`: it has more answers than were asked for. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly kind: 'parameter' | 'too-complex' | 'too-large';
  constructor(kind: QueryError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

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

type Rows = SelectQueryBuilder<Tables, 'custody_events', CustodyEventRow>;
type Test = (found: Pick<Found, 'body' | 'event'>) => boolean;

const time = (name: string, [text = '']: readonly string[]): number => {
  const instant = canonicalTime(text);
  if (!isInstant(instant)) throw new QueryError('parameter', `${name} wants a time with its offset; "${text.slice(0, 60)}" is none`);
  return instantMs(instant);
};
const count = (name: string, [text = '']: readonly string[]): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new QueryError('parameter', `${name} wants a number from 1; "${text.slice(0, 60)}" is none`);
  return Number(text);
};
const word = (vocabulary: (typeof VOCABULARIES)['bizStep' | 'disposition'], values: readonly string[]) =>
  values.map((value) => bareWord(vocabulary, value) ?? value);

/** Parameters of the index. */
const INDEXED: Readonly<Record<string, (rows: Rows, values: readonly string[], name: string) => Rows>> = {
  eventType: (rows, values) => rows.where('type', 'in', values),
  GE_eventTime: (rows, values, name) => rows.where('at_ms', '>=', time(name, values)),
  LT_eventTime: (rows, values, name) => rows.where('at_ms', '<', time(name, values)),
  GE_recordTime: (rows, values, name) => rows.where('recorded_ms', '>=', time(name, values)),
  LT_recordTime: (rows, values, name) => rows.where('recorded_ms', '<', time(name, values)),
  EQ_action: (rows, values) => rows.where('action', 'in', values),
  EQ_bizStep: (rows, values) => rows.where('step', 'in', word(VOCABULARIES.bizStep, values)),
  EQ_disposition: (rows, values) => rows.where('disposition', 'in', word(VOCABULARIES.disposition, values)),
  EQ_readPoint: (rows, values) => rows.where('read_point', 'in', values.map(canonicalUri)),
  EQ_bizLocation: (rows, values) => rows.where('biz_location', 'in', values.map(canonicalUri)),
  WD_readPoint: (rows, values) => within(rows, 'read_point', values),
  WD_bizLocation: (rows, values) => within(rows, 'biz_location', values),
  EXISTS_errorDeclaration: (rows) => rows.where('declared', '=', 1),
};

/** A place and what is below it: the extensions of its GLN. Children of master data are not known here. */
function within(rows: Rows, column: 'read_point' | 'biz_location', values: readonly string[]): Rows {
  return rows.where((of) =>
    of.or(
      values
        .map(canonicalUri)
        .flatMap((uri) => [of(column, '=', uri), of(column, '>=', `${uri}/254/`).and(of(column, '<', `${uri}/2540`))]),
    ),
  );
}

/** Parameters that name things: found by their hashes, then compared with what the event says. */
const MATCHED: Readonly<Record<string, (event: CustodyEvent) => readonly string[]>> = {
  MATCH_epc: ({ type, things }) => (type === 'TransformationEvent' ? [] : things),
  MATCH_parentID: ({ parent }) => (parent === undefined ? [] : [parent]),
  MATCH_inputEPC: ({ inputs }) => inputs,
  MATCH_outputEPC: ({ type, things }) => (type === 'TransformationEvent' ? things : []),
  MATCH_anyEPC: (event) => namesOf(event).map(({ uri }) => uri),
};

const classes = (body: JsonObject, ...lists: readonly string[]) =>
  lists.flatMap((list) =>
    listOf(body[list])
      .filter(isObject)
      .flatMap((element) => textAt(element, 'epcClass') ?? [])
      .map(canonicalUri),
  );

/** Parameters that only the event's bytes answer. */
const READ: Readonly<Record<string, (body: JsonObject) => readonly string[]>> = {
  EQ_transformationID: (body) => textsOf(body['transformationID']),
  EQ_persistentDisposition_set: (body) => persistent(body, 'set'),
  EQ_persistentDisposition_unset: (body) => persistent(body, 'unset'),
  EQ_errorReason: (body) => declared(body, 'reason'),
  EQ_correctiveEventID: (body) => declared(body, 'correctiveEventIDs'),
  MATCH_epcClass: (body) => classes(body, 'quantityList', 'childQuantityList'),
  MATCH_inputEPCClass: (body) => classes(body, 'inputQuantityList'),
  MATCH_outputEPCClass: (body) => classes(body, 'outputQuantityList'),
  MATCH_anyEPCClass: (body) => classes(body, 'quantityList', 'childQuantityList', 'inputQuantityList', 'outputQuantityList'),
};
const persistent = (body: JsonObject, name: 'set' | 'unset') =>
  isObject(body['persistentDisposition']) ? textsOf(body['persistentDisposition'][name]) : [];
const declared = (body: JsonObject, name: string) => (isObject(body['errorDeclaration']) ? textsOf(body['errorDeclaration'][name]) : []);

/** EQ_bizTransaction_po, EQ_source_owning_party, EQ_destination_location. */
function pairParameter(name: string): ((body: JsonObject) => readonly string[]) | undefined {
  const [, one, type] = /^EQ_(bizTransaction|source|destination)_([a-z_]+)$/.exec(name) ?? [];
  if (one === undefined || type === undefined) return undefined;
  const vocabulary = one === 'bizTransaction' ? VOCABULARIES.bizTransactionType : VOCABULARIES.sourceDestType;
  return (body) =>
    listOf(body[`${one}List`])
      .filter(isObject)
      .filter((pair) => bareWord(vocabulary, textAt(pair, 'type')) === type)
      .flatMap((pair) => textAt(pair, one) ?? []);
}

const ORDER = new Set(['orderBy', 'orderDirection', 'eventCountLimit', 'maxEventCount', 'perPage', 'nextPageToken']);

/** One page of the events that a query asks for. @throws QueryError where it cannot be answered as it was asked */
export async function queryEvents(
  store: Store,
  query: EventQuery,
  page: { readonly perPage: number; readonly token: string | undefined },
): Promise<Page> {
  let rows: Rows = store.db.selectFrom('custody_events').selectAll();
  const tests: Test[] = [];
  for (const [name, values] of Object.entries(query)) {
    if (ORDER.has(name)) continue;
    if (values.length === 0 && name !== 'EXISTS_errorDeclaration') throw new QueryError('parameter', `${name} has no value`);
    const own = (table: object) => Object.hasOwn(table, name);
    const [indexed, matched] = [own(INDEXED) ? INDEXED[name] : undefined, own(MATCHED) ? MATCHED[name] : undefined];
    const read = own(READ) ? READ[name] : pairParameter(name);
    if (indexed !== undefined) rows = indexed(rows, values, name);
    else if (matched !== undefined) {
      if (values.some((value) => value.includes('*'))) throw new QueryError('parameter', `${name} is read without patterns`);
      const wanted = new Set(values.map(canonicalIdentity));
      const hashes = [...wanted].map((uri) => hashedName(store.key, uri));
      rows = rows.where('n', 'in', store.db.selectFrom('custody_names').select('n').where('hash', 'in', hashes));
      tests.push(({ event }) => matched(event).some((uri) => wanted.has(uri)));
    } else if (name === 'EQ_eventID') {
      const called = values.map((value) => hashedEventId(store.key, value));
      rows = rows.where((of) =>
        of.or([
          of('id', 'in', values.map(hexOf)),
          of('n', 'in', store.db.selectFrom('custody_names').select('n').where('hash', 'in', called).where('role', '=', 'e')),
        ]),
      );
    } else if (read !== undefined) {
      const wanted = new Set(values.map(canonicalUri));
      tests.push(({ body }) => read(body).some((value) => wanted.has(canonicalUri(value))));
    } else throw new QueryError('parameter', `the parameter ${name.slice(0, 80)} is not read here`);
  }
  const [by = 'recordTime'] = query['orderBy'] ?? [];
  if (by !== 'eventTime' && by !== 'recordTime') throw new QueryError('parameter', 'orderBy is eventTime or recordTime here');
  const [direction = 'DESC'] = query['orderDirection'] ?? [];
  if (direction !== 'ASC' && direction !== 'DESC') throw new QueryError('parameter', 'orderDirection is ASC or DESC');
  const column = by === 'eventTime' ? 'at_ms' : 'n';
  // Without an order asked for: as they were captured.
  const way = query['orderBy'] === undefined ? 'asc' : direction === 'ASC' ? 'asc' : 'desc';
  const limit = query['eventCountLimit'] === undefined ? Number.POSITIVE_INFINITY : count('eventCountLimit', query['eventCountLimit']);
  const most = query['maxEventCount'] === undefined ? Number.POSITIVE_INFINITY : count('maxEventCount', query['maxEventCount']);
  if (Number.isFinite(limit) && Number.isFinite(most))
    throw new QueryError('parameter', 'eventCountLimit and maxEventCount exclude each other');
  let from = tokenOf(page.token);
  const wanted = Math.min(page.perPage, limit - from.given, Number.isFinite(most) ? most + 1 : Number.POSITIVE_INFINITY);
  const found: Found[] = [];
  for (let scanned = 0; found.length < wanted; ) {
    const at = from;
    let next = rows.orderBy(column, way).orderBy('n', way).limit(PAGE);
    if (at.n !== undefined)
      next = next.where((of) =>
        column === 'n'
          ? of('n', way === 'asc' ? '>' : '<', at.n ?? 0)
          : of.or([
              of('at_ms', way === 'asc' ? '>' : '<', at.at),
              of('at_ms', '=', at.at).and(of('n', way === 'asc' ? '>' : '<', at.n ?? 0)),
            ]),
      );
    const some = await next.execute();
    for (const row of some) {
      const { body, event } = await readEvent(store, row);
      scanned++;
      from = { at: row.at_ms, n: row.n, given: from.given };
      if (!tests.every((test) => test({ body, event }))) continue;
      found.push({ n: row.n, body, event, recordedMs: row.recorded_ms });
      if (found.length === wanted) break;
    }
    if (some.length < PAGE && found.length < wanted) return finished(found, undefined, most);
    if (found.length < wanted && scanned > SCANNED)
      throw new QueryError('too-complex', `more than ${SCANNED} events would have to be read`);
  }
  const given = from.given + found.length;
  return finished(found, given >= limit ? undefined : `${from.at}.${from.n ?? 0}.${given}`, most);
}

function finished(found: readonly Found[], next: string | undefined, most: number): Page {
  if (found.length > most) throw new QueryError('too-large', `there are more than ${most} events`);
  return { found, next };
}

function tokenOf(token: string | undefined): { readonly at: number; readonly n: number | undefined; readonly given: number } {
  if (token === undefined) return { at: 0, n: undefined, given: 0 };
  const [, at, n, given] = /^(-?\d{1,15})\.(\d{1,15})\.(\d{1,15})$/.exec(token) ?? [];
  if (at === undefined) throw new QueryError('parameter', 'nextPageToken is none that was given here');
  return { at: Number(at), n: Number(n), given: Number(given) };
}

/** The values that events have in a column of the index. */
export async function valuesOf(
  store: Store,
  column: 'type' | 'step' | 'disposition' | 'read_point' | 'biz_location',
): Promise<readonly string[]> {
  const rows = await store.db
    .selectFrom('custody_events')
    .select(column)
    .distinct()
    .where(column, 'is not', null)
    .orderBy(column)
    .limit(10_000)
    .execute();
  return rows.flatMap((row) => row[column] ?? []);
}
