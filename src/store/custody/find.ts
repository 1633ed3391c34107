/** What the store knows of things: every event that names one of them, and from those a phone's path. */
import {
  type Channel,
  type CustodyEvent,
  type CustodyPath,
  canonicalIdentity,
  type EventLookup,
  gatherEvents,
  pathOf,
} from '../../provenance/index.ts';
import type { Store } from '../store.ts';
import { channelOf } from './channel.ts';
import { hashedName, readEvent } from './read.ts';
import { trustedBrands } from './trust.ts';

/** Every event that names one of these in any role; a declaration that one is wrong comes as an event of its own. */
export function lookupIn(store: Pick<Store, 'db' | 'key' | 'blobs'>): EventLookup {
  return async (uris) => {
    if (uris.length === 0) return [];
    const hashes = uris.map((uri) => hashedName(store.key, uri));
    const rows = await store.db
      .selectFrom('custody_names')
      .innerJoin('custody_events', 'custody_events.n', 'custody_names.n')
      .select(['custody_events.n', 'id', 'blob', 'start', 'size'])
      .distinct()
      .where('hash', 'in', hashes)
      .orderBy('custody_events.n')
      .execute();
    return Promise.all(rows.map(async (row): Promise<CustodyEvent> => (await readEvent(store, row)).event));
  };
}

/** Where a phone has been. `names` are any of its identities as URIs. */
export async function custodyPath(store: Store, names: readonly string[], channel?: Channel): Promise<CustodyPath> {
  const gathered = await gatherEvents(lookupIn(store), names.map(canonicalIdentity));
  return pathOf(gathered, channel ?? (await channelOf(store, await trustedBrands(store.folder))));
}
