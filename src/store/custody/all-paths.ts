/** Every phone that the events of the store name, with its path: one pass over the captures, then phone by phone in memory. */
import {
  type Channel,
  type CustodyEvent,
  type CustodyPath,
  gatherEvents,
  identityOf,
  isOwn,
  type JsonObject,
  namesOf,
  pathOf,
} from '../../provenance/index.ts';
import type { Store } from '../store.ts';
import { readBack } from './read.ts';

/** Events beyond which this is refused: they are held in memory, at about a kilobyte each. */
const EVENTS_MAX = 2_000_000;
const KINDS = new Set(['sgtin', 'imei', 'attested', 'fused', 'serial']);

export interface AllPaths {
  readonly paths: readonly CustodyPath[];
  /** Phones whose events cannot be put together, and why. */
  readonly unread: readonly { readonly identity: string; readonly because: string }[];
}

/** Every event of the store, read from the captures that are indexed. A blob is compared with its name when it is read. */
async function* everyEvent(store: Pick<Store, 'db' | 'blobs'>): AsyncGenerator<CustodyEvent> {
  const rows = await store.db.selectFrom('custody_events').select(['blob', 'start', 'size']).orderBy('n').execute();
  let open: { readonly blob: string; readonly bytes: Uint8Array } | undefined;
  const decoder = new TextDecoder();
  for (const { blob, start, size } of rows) {
    if (open?.blob !== blob) open = { blob, bytes: await store.blobs.get('event', blob) };
    // Only what was judged is ever written.
    yield readBack(JSON.parse(decoder.decode(open.bytes.subarray(Number(start), Number(start) + Number(size)))) as JsonObject);
  }
}

/** @throws RangeError beyond EVENTS_MAX events */
export async function allPaths(store: Pick<Store, 'db' | 'blobs'>, channel: Channel): Promise<AllPaths> {
  const byName = new Map<string, CustodyEvent[]>();
  let count = 0;
  for await (const event of everyEvent(store)) {
    if (++count > EVENTS_MAX) throw new RangeError(`more than ${EVENTS_MAX} events: ask for single phones`);
    for (const { uri } of namesOf(event)) {
      const others = byName.get(uri);
      if (others === undefined) byName.set(uri, [event]);
      else others.push(event);
    }
  }
  const lookup = (uris: readonly string[]) => Promise.resolve([...new Set(uris.flatMap((uri) => byName.get(uri) ?? []))]);
  const done = new Set<string>();
  const paths: CustodyPath[] = [];
  const unread: AllPaths['unread'][number][] = [];
  for (const uri of [...byName.keys()].toSorted()) {
    if (done.has(uri)) continue;
    const identity = identityOf(uri);
    if (!KINDS.has(identity.kind) || !isOwn(identity)) continue;
    try {
      const gathered = await gatherEvents(lookup, [uri]);
      for (const { uri: other } of gathered.subject.identities) done.add(other);
      paths.push(pathOf(gathered, channel));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      done.add(uri);
      unread.push({ identity: uri, because: error.message });
    }
  }
  return { paths, unread };
}
