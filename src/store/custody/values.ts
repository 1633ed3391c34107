/** What events name: the values of the index's columns, types of somebody's own, and things. Things are in the index by keyed hashes only, so they are read from the events. */
import { canonicalIdentity, type JsonObject, QueryError, textsOf } from '../../provenance/index.ts';
import type { Store } from '../store.ts';
import { hashedName, readEvent } from './read.ts';

/** Events that one question reads. */
const SCANNED = 20_000;
const BATCH = 200;
/** Names that are looked up at once: fewer than a statement may have values. */
const ASKED = 5000;

const byCode = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The values that events have in a column of the index, in the order of their code units, which is the same in every database. */
export async function valuesOf(
  store: Pick<Store, 'db'>,
  column: 'step' | 'disposition' | 'read_point' | 'biz_location',
): Promise<readonly string[]> {
  const rows = await store.db.selectFrom('custody_events').select(column).distinct().where(column, 'is not', null).execute();
  return rows.flatMap((row) => row[column] ?? []).toSorted(byCode);
}

/** Types of events that are not the standard's. @throws QueryError where more events would have to be read than one question may */
export async function ownTypes(store: Store): Promise<readonly string[]> {
  const rows = await store.db
    .selectFrom('custody_events')
    .selectAll()
    .where('type', '=', 'other')
    .limit(SCANNED + 1)
    .execute();
  if (rows.length > SCANNED) throw new QueryError('too-complex', `more than ${SCANNED} events would have to be read`);
  const types = new Set<string>();
  for (const row of rows) for (const type of textsOf((await readEvent(store, row)).body['type'])) types.add(type);
  return [...types].toSorted(byCode);
}

export interface Things {
  /** As their first event writes them. */
  readonly uris: readonly string[];
  /** Where the next page begins; undefined where this was the last. */
  readonly next: string | undefined;
}

/** The things that an event names, as it writes them. */
const LISTS = ['parentID', 'inputEPCList', 'epcList', 'childEPCs', 'outputEPCList'];
function namedIn(body: JsonObject): readonly { readonly uri: string; readonly canonical: string }[] {
  const found = new Map<string, string>();
  for (const uri of LISTS.flatMap((list) => textsOf(body[list]))) {
    const canonical = canonicalIdentity(uri);
    if (!found.has(canonical)) found.set(canonical, uri);
  }
  return [...found].map(([canonical, uri]) => ({ uri, canonical }));
}

/**
 * A page of the things that events name, each once, in the order in which they were first named. A page may have fewer than were asked for and yet be followed by another:
 * where many events name nothing new.
 * @throws QueryError where the token is none
 */
export async function thingsIn(
  store: Store,
  { perPage, token }: { readonly perPage: number; readonly token: string | undefined },
): Promise<Things> {
  let from = tokenOf(token);
  const uris: string[] = [];
  for (let scanned = 0; scanned < SCANNED; ) {
    const rows = await store.db.selectFrom('custody_events').selectAll().where('n', '>=', from.n).orderBy('n').limit(BATCH).execute();
    for (const row of rows) {
      const { body } = await readEvent(store, row);
      const names = namedIn(body);
      for (let i = row.n === from.n ? from.i : 0; i < names.length; i += ASKED) {
        const some = names.slice(i, i + ASKED);
        const first = await firstNaming(store, some);
        for (const [k, { uri, canonical }] of some.entries()) {
          if (first.get(hashedName(store.key, canonical)) !== row.n) continue;
          if (uris.length === perPage) return { uris, next: `${row.n}.${i + k}` };
          uris.push(uri);
        }
      }
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return { uris, next: undefined };
    from = { n: last.n + 1, i: 0 };
    scanned += rows.length;
  }
  return { uris, next: `${from.n}.${from.i}` };
}

/** The first event that names each of these. */
async function firstNaming(store: Store, names: readonly { readonly canonical: string }[]): Promise<ReadonlyMap<string, number>> {
  const rows = await store.db
    .selectFrom('custody_names')
    .select(({ fn }) => ['hash', fn.min('n').as('first')])
    .where(
      'hash',
      'in',
      names.map(({ canonical }) => hashedName(store.key, canonical)),
    )
    .groupBy('hash')
    .execute();
  return new Map(rows.map(({ hash, first }) => [hash, Number(first)]));
}

function tokenOf(token: string | undefined): { readonly n: number; readonly i: number } {
  if (token === undefined) return { n: 0, i: 0 };
  const [, n, i] = /^(\d{1,15})\.(\d{1,7})$/.exec(token) ?? [];
  if (n === undefined) throw new QueryError('parameter', 'nextPageToken is none that was given here');
  return { n: Number(n), i: Number(i) };
}

/** Whether any event names a thing. */
export async function isNamed(store: Pick<Store, 'db' | 'key'>, uri: string): Promise<boolean> {
  const row = await store.db
    .selectFrom('custody_names')
    .select('n')
    .where('hash', '=', hashedName(store.key, canonicalIdentity(uri)))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
