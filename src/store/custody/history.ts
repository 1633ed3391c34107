/** What custody knows of a phone that is inspected: its path, and what speaks for another of its name. Plain data, for the checks. */
import type { History, Sighting } from '../../evidence/index.ts';
import {
  type CustodyEvent,
  canonicalUri,
  clonesOfPath,
  findClones,
  gatherEvents,
  imeiUri,
  ownUri,
  type Place,
  pathOf,
  type UnitSighting,
  wrongAllocations,
} from '../../provenance/index.ts';
import type { Store } from '../store.ts';
import { keptAllocations } from './allocations.ts';
import { channelOf } from './channel.ts';
import { lookupIn } from './find.ts';
import { placesOf } from './master-data.ts';
import { trustedBrands } from './trust.ts';

/** The identities of a sighting as URIs: attested ones first, because a path follows them best. */
export function identitiesOf({ imeis, serials, brand, attested = [] }: Sighting): readonly string[] {
  const ids = attested.flatMap((one) =>
    one.ids.flatMap((id) => {
      const [kind, value] = id.split(' ', 2);
      return (kind === 'serial' || kind === 'imei') && value !== undefined ? [ownUri('attested', kind, value)] : [];
    }),
  );
  const names = imeis.filter((imei) => /^\d{14,16}$/.test(imei)).map(imeiUri);
  return [...new Set([...ids, ...names, ...(brand === undefined ? [] : serials.map((serial) => ownUri('serial', brand, serial)))])];
}

export const unitOf = (sighting: Sighting, places: ReadonlyMap<string, Place>): UnitSighting => ({
  at: sighting.at,
  source: sighting.source,
  trust: sighting.trust,
  identities: identitiesOf(sighting),
  place: sighting.place === undefined ? undefined : places.get(canonicalUri(sighting.place)),
});

/** The custody part of a phone's history. `before` are earlier inspections that share an identity with it. */
export async function custodyHistory(
  store: Store,
  sighting: Sighting,
  before: readonly Sighting[],
): Promise<Pick<History, 'custody' | 'clones'>> {
  const identities = identitiesOf(sighting);
  if (identities.length === 0) return {};
  const lookup = lookupIn(store);
  const repairs: readonly CustodyEvent[] = await lookup(identities);
  const places = await placesOf(store);
  const unit = unitOf(sighting, places);
  const { brand, model } = sighting;
  const clones = [
    ...findClones([...before.map((one) => unitOf(one, places)), unit], repairs),
    ...(brand === undefined || model === undefined ? [] : wrongAllocations({ brand, model }, unit, await keptAllocations(store.folder))),
  ];
  if (repairs.length === 0) return before.length === 0 && clones.length === 0 ? {} : { clones };
  const custody = pathOf(await gatherEvents(lookup, identities), await channelOf(store, await trustedBrands(store.folder)));
  return { custody, clones: [...clones, ...clonesOfPath(custody)] };
}
