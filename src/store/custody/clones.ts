/** What speaks for clones in everything that a store remembers: its inspections, the events of custody, the blocks of numbers, and the tails. */
import { instantMs } from '../../bytes/index.ts';
import type { CloneFinding } from '../../evidence/index.ts';
import {
  canonicalIdentity,
  clonesOfPath,
  findClones,
  identityOf,
  isOwn,
  judgeTails,
  type PoolEstimate,
  poolSize,
  type TailEntry,
  wrongAllocations,
} from '../../provenance/index.ts';
import { type InspectionRecord, parseRecord, sightingOfRecord } from '../record.ts';
import type { Store } from '../store.ts';
import { allPaths } from './all-paths.ts';
import { keptAllocations } from './allocations.ts';
import { channelOf } from './channel.ts';
import { lookupIn } from './find.ts';
import { identitiesOf, unitOf } from './history.ts';
import { placesOf } from './master-data.ts';
import { tailsIn } from './tails.ts';
import { trustedBrands } from './trust.ts';

export interface StoreClones {
  readonly inspections: number;
  readonly phones: number;
  readonly findings: readonly CloneFinding[];
  /** How many IMEIs the counterfeits of the store share; undefined where fewer than two that are known to be two were inspected. */
  readonly pool: PoolEstimate | undefined;
  /** Phones whose events cannot be put together. */
  readonly unread: readonly { readonly identity: string; readonly because: string }[];
}

/** Every inspection that the index knows. */
export async function inspectionRecords(store: Pick<Store, 'db' | 'blobs'>): Promise<readonly InspectionRecord[]> {
  const rows = await store.db.selectFrom('inspections').select('record').orderBy('record').execute();
  const records: InspectionRecord[] = [];
  for (const { record } of rows) records.push(parseRecord(await store.blobs.get('inspection', record)));
  return records;
}

/** Looks through the whole store. `tails` are those of others, who keep stores of their own. */
export async function clonesIn(store: Store, tails: readonly TailEntry[] = []): Promise<StoreClones> {
  const places = await placesOf(store);
  const records = await inspectionRecords(store);
  const blocks = await keptAllocations(store.folder);
  const sightings = records.map(({ sighting }) => sightingOfRecord(sighting));
  const units = sightings.map((one) => unitOf(one, places));
  const lookup = lookupIn(store);
  const names = [...new Set(sightings.flatMap(identitiesOf))];
  const repairs = [];
  for (let i = 0; i < names.length; i += 1000) repairs.push(...(await lookup(names.slice(i, i + 1000))));
  const { paths, unread } = await allPaths(store, await channelOf(store, await trustedBrands(store.folder)));
  const found = [
    ...findClones(units, repairs),
    ...paths.flatMap(clonesOfPath),
    ...sightings.flatMap(({ brand, model }, i) => {
      const unit = units[i];
      return brand === undefined || model === undefined || unit === undefined ? [] : wrongAllocations({ brand, model }, unit, blocks);
    }),
    ...judgeTails([...tailsIn(records), ...tails]),
  ];
  return {
    inspections: records.length,
    phones: paths.length,
    findings: once(found).toSorted(
      (a, b) => instantMs(a.at) - instantMs(b.at) || (a.identity < b.identity ? -1 : a.identity > b.identity ? 1 : 0),
    ),
    pool: poolOf(records),
    unread,
  };
}

/** A number is in the same wrong block in every inspection of a phone: said once. */
function once(found: readonly CloneFinding[]): readonly CloneFinding[] {
  const kept = new Map<string, CloneFinding>();
  for (const one of found) {
    const key = one.code === 'wrong-allocation' ? JSON.stringify([one.code, one.identity, one.observed]) : JSON.stringify(one);
    if (!kept.has(key)) kept.set(key, one);
  }
  return [...kept.values()];
}

/** IMEIs of counterfeits that are known to be different phones, because their secure worlds swore to different IDs. */
function poolOf(records: readonly InspectionRecord[]): PoolEstimate | undefined {
  const units = new Map<string, string>();
  for (const { verdict, sighting } of records) {
    if (verdict.hardware !== 'counterfeit') continue;
    const own = identitiesOf(sightingOfRecord(sighting))
      .map((uri) => identityOf(canonicalIdentity(uri)))
      .filter(isOwn);
    const id = own.find(({ kind }) => kind === 'fused' || kind === 'attested');
    const imei = own.find(({ kind }) => kind === 'imei');
    if (id !== undefined && imei !== undefined) units.set(id.uri, imei.uri);
  }
  return units.size < 2 ? undefined : poolSize([...units.values()]);
}
