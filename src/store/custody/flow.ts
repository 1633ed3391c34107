/**
 * What locating starts from, out of a store: the paths of all phones that events name, and what inspections said of them. An `inspecting` event is its sender's word and
 * counts for nothing by itself: what counts is an inspection that this store made, or a signed statement that the caller verified. The event only says where on the way it was.
 */
import { type Instant, instantMs } from '../../bytes/index.ts';
import { type CustodyInspection, type CustodyPath, type Toolmark, toolmarkName } from '../../evidence/index.ts';
import { canonicalIdentity, identityOf, isOwn, reportDigest, reportUri } from '../../provenance/index.ts';
import {
  type Flow,
  flowOfPaths,
  HANDLINGS_MAX,
  INSPECTIONS_MAX,
  type Inspection,
  type SharedMarks,
  sharedMarkOf,
} from '../../provenance/locate/index.ts';
import { sightingOfRecord } from '../record.ts';
import type { Store } from '../store.ts';
import { allPaths } from './all-paths.ts';
import { channelOf } from './channel.ts';
import { inspectionRecords } from './clones.ts';
import { identitiesOf } from './history.ts';
import { knowledgeOf } from './master-data.ts';
import { trustedBrands } from './trust.ts';

/** An inspection that somebody trusted vouches for. */
export interface ProvenInspection {
  readonly identities: readonly string[];
  readonly at: Instant;
  readonly outcome: Inspection['outcome'];
  /** SHA-256 of the report. */
  readonly report: string;
  /** What its findings leave to compare other phones with. */
  readonly toolmarks: readonly Toolmark[];
}

export interface StoreFlow {
  readonly flow: Flow;
  /** Which number of the flow is which phone: to be kept by whoever asked, never in the result. */
  readonly phones: readonly { readonly id: string; readonly identities: readonly string[] }[];
  readonly counted: { readonly own: number; readonly proven: number };
  /** The mark by which phones are brought together, and those that are not rare. */
  readonly marks: SharedMarks;
  /** Inspections and phones that are left out, by why. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/** What a verdict says of whether the phone was altered. Nothing found is nothing proven. */
export function outcomeOf({ hardware, software }: { readonly hardware: string; readonly software: string }): Inspection['outcome'] {
  if (hardware === 'counterfeit' || software === 'altered') return 'altered';
  return hardware === 'genuine' && software === 'genuine' ? 'clean' : 'inconclusive';
}

/** Makes the flow. `complaints` are identities of phones that came because somebody noticed: those are no sample. */
export async function flowOfStore(
  store: Store,
  { proven, complaints }: { readonly proven: readonly ProvenInspection[]; readonly complaints: readonly string[] },
): Promise<StoreFlow> {
  const leftOut = new Map<string, number>();
  const leave = (why: string) => leftOut.set(why, (leftOut.get(why) ?? 0) + 1);
  const own: ProvenInspection[] = [];
  for (const { report, verdict, sighting, toolmarks = [] } of await inspectionRecords(store)) {
    if (sighting.trust === 'bearer') leave('a recording that no known operator signed is its bearer’s word');
    else
      own.push({ identities: identitiesOf(sightingOfRecord(sighting)), at: sighting.at, outcome: outcomeOf(verdict), report, toolmarks });
  }
  const known = new Map(own.map((one) => [one.report, one]));
  const fromBundles = proven.filter(({ report }) => !known.has(report));
  for (const one of fromBundles) known.set(one.report, one);
  const byIdentity = new Map<string, ProvenInspection[]>();
  for (const one of known.values())
    for (const uri of new Set(one.identities.map(canonicalIdentity)))
      if (isOwn(identityOf(uri))) byIdentity.set(uri, [...(byIdentity.get(uri) ?? []), one]);
  const channel = await channelOf(store, await trustedBrands(store.folder));
  const all = await allPaths(store, channel);
  for (let i = 0; i < all.unread.length; i++) leave('the events of a phone cannot be put together');
  const met = new Set<string>();
  const complained = new Set(complaints.map(canonicalIdentity));
  const usable = all.paths.filter(({ stays, gaps }) => {
    if (stays.length === 0) leave('no event says who had the phone');
    else if (stays.length + gaps.length > HANDLINGS_MAX) leave(`the phone was in more than ${HANDLINGS_MAX} hands`);
    else return true;
    return false;
  });
  const paths = usable.map((path): CustodyPath => {
    for (const { certificationInfo } of path.inspections)
      if (!certificationInfo.some((uri) => known.has(reportDigest(uri) ?? ''))) leave('an inspecting event whose statement was not given');
    const found = new Set(path.subject.identities.flatMap(({ uri }) => byIdentity.get(uri) ?? []));
    const inspections = [...found].toSorted((a, b) => instantMs(a.at) - instantMs(b.at)).slice(-INSPECTIONS_MAX);
    for (const { report } of inspections) met.add(report);
    return { ...path, inspections: inspections.map((one) => placed(one, path)) };
  });
  for (const report of known.keys()) if (!met.has(report)) leave('an inspected phone that no event names');
  const outcomes = new Map([...known].map(([report, one]) => [reportUri(report), one]));
  const marks = sharedMarkOf(
    paths.map((path) => ({
      custodians: knownHands(path),
      inspections: path.inspections.flatMap(({ certificationInfo: [uri = ''] }) => outcomes.get(uri) ?? []),
    })),
  );
  const identities = paths.map(({ subject }) => subject.identities.map(({ uri }) => uri));
  const flow = flowOfPaths(paths, {
    nameOf: (_path, index) => nameOf(index),
    count: ({ certificationInfo: [uri = ''] }, path) => {
      const one = outcomes.get(uri);
      if (one === undefined) return undefined;
      const isComplaint = path.subject.identities.some((identity) => complained.has(identity.uri));
      const shared = one.toolmarks.find((mark) => marks.used !== undefined && toolmarkName(mark) === toolmarkName(marks.used.mark));
      return {
        outcome: one.outcome,
        because: isComplaint ? 'complaint' : 'chosen',
        subject: 'phone',
        ...(shared === undefined ? {} : { signature: toolmarkName(shared) }),
      };
    },
  });
  const { names } = await knowledgeOf(store);
  return {
    flow: {
      ...flow,
      custodians: flow.custodians.map((one) => {
        const name = names.get(one.id);
        return name === undefined ? one : { ...one, name: name.slice(0, 200) };
      }),
    },
    phones: identities.map((uris, index) => ({ id: nameOf(index), identities: uris })),
    counted: {
      own: own.filter(({ report }) => met.has(report)).length,
      proven: fromBundles.filter(({ report }) => met.has(report)).length,
    },
    marks,
    leftOut: Object.fromEntries(leftOut),
  };
}

/** Who had a phone besides its maker; undefined where an event is missing on the way. What came before the first event is nobody who could be named. */
function knownHands({ stays, gaps }: CustodyPath): readonly string[] | undefined {
  if (gaps.some(({ after }) => after >= 0)) return undefined;
  const isWhole = gaps.length === 0;
  const makers = new Set(stays.filter(({ role }, i) => (isWhole && i === 0) || role === 'maker').map(({ custodian }) => custodian));
  return stays.map(({ custodian }) => custodian).filter((custodian) => !makers.has(custodian));
}

const nameOf = (index: number) => `phone ${String(index + 1).padStart(6, '0')}`;

/** An inspection at its place on the way: where an event of it says so there, else by its time. */
function placed({ at, report }: ProvenInspection, { inspections }: CustodyPath): CustodyInspection {
  const event = inspections.find(({ certificationInfo }) => certificationInfo.includes(reportUri(report)));
  return { at, stay: event?.stay ?? -1, disposition: undefined, certificationInfo: [reportUri(report)], event: event?.event ?? '' };
}
