/**
 * What the index can leave out of a query's answers before any event is read. Only that: whether an event is an answer is decided by the query's own test
 * (`readQuery`) on its bytes, so that both databases give the same. Whatever is not certain here is left in.
 */
import type { SelectQueryBuilder } from 'kysely';
import {
  bareWord,
  canonicalUri,
  type EventQuery,
  isStandardType,
  type MasterData,
  matchOf,
  momentOf,
  VOCABULARIES,
} from '../../provenance/index.ts';
import type { Store } from '../store.ts';
import type { CustodyEventRow, Tables } from '../tables.ts';
import { hashedEventId, hashedName, hexOf } from './read.ts';

export type Rows = SelectQueryBuilder<Tables, 'custody_events', CustodyEventRow>;
type Known = Pick<Store, 'db' | 'key'> & { readonly masterData: MasterData | undefined };
type Narrowing = (rows: Rows, values: readonly string[], known: Known) => Rows;

const time =
  (column: 'at_ms' | 'recorded_ms', operator: '>=' | '<'): Narrowing =>
  (rows, [text]) => {
    const ms = momentOf(text);
    return ms === undefined ? rows : rows.where(column, operator, ms);
  };

/** Words of the sender's own may stand as a URI or as a CURIE of any prefix: only the standard's are one text. */
const words =
  (column: 'step' | 'disposition', vocabulary: (typeof VOCABULARIES)['bizStep' | 'disposition']): Narrowing =>
  (rows, values) => {
    const bare = values.flatMap((value) => bareWord(vocabulary, value) ?? []);
    return bare.length < values.length ? rows : rows.where(column, 'in', bare);
  };

/** Places of one question: SQLite takes no expression of more than a thousand terms. */
const PLACES_MAX = 200;
/** A CURIE stands for another text, which the question's own prefixes say. */
const isWhole = (value: string) => /^(?:https?:\/\/|urn:)/i.test(value);

const place =
  (column: 'read_point' | 'biz_location', isWithin: boolean): Narrowing =>
  (rows, values, { masterData }) => {
    if (!values.every(isWhole)) return rows;
    const uris = values.map(canonicalUri);
    if (!isWithin) return rows.where(column, 'in', uris);
    const all = uris.flatMap((uri) => [uri, ...(masterData?.below(uri) ?? [])]);
    if (all.length > PLACES_MAX) return rows;
    // An escape in the URI is a wildcard in the pattern, which leaves more in.
    return rows.where((of) => of.or(all.flatMap((uri) => [of(column, '=', uri), of(column, 'like', `${uri}/254/%`)])));
  };

/** Things are in the index by their hashes only, so a pattern finds none of them there. */
const named: Narrowing = (rows, values, { db, key }) => {
  const { names } = matchOf('MATCH', values);
  if (names === undefined) return rows;
  const hashes = names.map((uri) => hashedName(key, uri));
  return rows.where('n', 'in', db.selectFrom('custody_names').select('n').where('hash', 'in', hashes));
};

const NARROWINGS: Readonly<Record<string, Narrowing>> = {
  eventType: (rows, values) => rows.where('type', 'in', [...new Set(values.map((value) => (isStandardType(value) ? value : 'other')))]),
  GE_eventTime: time('at_ms', '>='),
  LT_eventTime: time('at_ms', '<'),
  GE_recordTime: time('recorded_ms', '>='),
  LT_recordTime: time('recorded_ms', '<'),
  EQ_action: (rows, values) => rows.where('action', 'in', values),
  EQ_bizStep: words('step', VOCABULARIES.bizStep),
  EQ_disposition: words('disposition', VOCABULARIES.disposition),
  EQ_readPoint: place('read_point', false),
  WD_readPoint: place('read_point', true),
  EQ_bizLocation: place('biz_location', false),
  WD_bizLocation: place('biz_location', true),
  EXISTS_errorDeclaration: (rows, values) => (values[0] === 'false' ? rows : rows.where('declared', '=', 1)),
  MATCH_epc: named,
  MATCH_parentID: named,
  MATCH_inputEPC: named,
  MATCH_outputEPC: named,
  MATCH_anyEPC: named,
  EQ_eventID: (rows, values, { db, key }) => {
    const called = values.map((value) => hashedEventId(key, value));
    return rows.where((of) =>
      of.or([
        of('id', 'in', values.map(hexOf)),
        of('n', 'in', db.selectFrom('custody_names').select('n').where('hash', 'in', called).where('role', '=', 'e')),
      ]),
    );
  },
};

/** The rows among which the answers of a query are, and perhaps others. The query was read before. */
export function narrowed(rows: Rows, query: EventQuery, known: Known): Rows {
  let fewer = rows;
  for (const [name, values] of Object.entries(query)) {
    const narrow = Object.hasOwn(NARROWINGS, name) ? NARROWINGS[name] : undefined;
    if (narrow !== undefined) fewer = narrow(fewer, values, known);
  }
  return fewer;
}
