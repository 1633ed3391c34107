/** Which chip is this most probably, from every surface together: naive Bayes with surfaces tempered by group, since one edit changes a group. */
import type { Facts } from '../../evidence/index.ts';
import { familyOf, type Knowledge, type Soc, type SocVendor } from '../../knowledge/index.ts';
import type { SurfaceGroup, SurfaceReading } from './surface.ts';
import { readSurfaces } from './surfaces.ts';

interface RankedSoc {
  readonly soc: Soc;
  readonly probability: number;
}

export interface JudgedSurface extends SurfaceReading {
  /** Who made the chip by this surface alone; undefined where it does not tell. */
  readonly vendor: SocVendor | undefined;
  /** Whether the chip found would hardly make it say this. */
  readonly disagrees: boolean;
}

export interface SocInference {
  /** Most probable first; at most ten. */
  readonly ranked: readonly RankedSoc[];
  readonly vendor: SocVendor;
  readonly vendorProbability: number;
  /** The finest name that its variants share, as in `msm8974`. */
  readonly family: string;
  readonly familyProbability: number;
  readonly surfaces: readonly JudgedSurface[];
  /** Groups that hardly any of these chips would make say what they say. */
  readonly refuting: (chips: readonly Soc[], level: 'vendor' | 'chip') => readonly SurfaceGroup[];
  /** Groups of surfaces that tell the vendor by themselves, with whom they tell. */
  readonly votes: ReadonlyMap<SurfaceGroup, SocVendor>;
}

/** A group or surface tells its vendor where this much of the probability is one's. */
const TELLS = 0.9;
/** A surface disagrees with a chip that fits it this much worse than the best chip does. */
const DISAGREES = 0.021;

/** Infers the chip from the surfaces of the groups asked for (all where none are named); undefined where no surface says anything. */
export function inferSoc(facts: Facts, knowledge: Knowledge, groups?: readonly SurfaceGroup[]): SocInference | undefined {
  const readings = readSurfaces(facts, knowledge).filter(({ group }) => groups === undefined || groups.includes(group));
  if (readings.length === 0) return undefined;
  const candidates = candidatesOf(readings, knowledge.socs);
  const priors = priorsOf(candidates);
  const groupFits = [...Map.groupBy(readings, ({ group }) => group)].map(([group, members]) => ({
    group,
    fits: candidates.map((soc) => groupFit(members, soc)),
  }));
  const posterior = normalised(
    candidates.map((_, at) => groupFits.reduce((product, { fits }) => product * (fits[at] ?? 0), priors[at] ?? 0)),
  );
  const ranked = candidates
    .map((soc, at): RankedSoc => ({ soc, probability: posterior[at] ?? 0 }))
    .toSorted((a, b) => b.probability - a.probability || (a.soc.id < b.soc.id ? -1 : 1));
  const [vendor, vendorProbability] = best(ranked, ({ soc }) => soc.vendor);
  const [family, familyProbability] = best(
    ranked.filter(({ soc }) => soc.vendor === vendor),
    ({ soc }) => familyOf(soc),
  );
  const winner = ranked.find(({ soc }) => soc.vendor === vendor && familyOf(soc) === family)?.soc;
  if (winner === undefined) return undefined;
  const votes = new Map<SurfaceGroup, SocVendor>();
  for (const { group, fits } of groupFits) {
    const told = tells(candidates, fits, priors);
    if (told !== undefined) votes.set(group, told);
  }
  return {
    ranked: ranked.slice(0, 10),
    vendor,
    vendorProbability,
    family,
    familyProbability,
    votes,
    refuting(chips, level) {
      const vendors = new Set(chips.map((soc) => soc.vendor));
      const allowed = candidates.map((soc) => (level === 'vendor' ? vendors.has(soc.vendor) : chips.includes(soc)));
      return groupFits
        .filter(({ fits }) => Math.max(0, ...fits.filter((_, at) => allowed[at])) <= DISAGREES * Math.max(...fits))
        .map(({ group }) => group);
    },
    surfaces: readings.map((reading): JudgedSurface => {
      const fits = candidates.map((soc) => reading.fit(soc));
      return { ...reading, vendor: tells(candidates, fits, priors), disagrees: reading.fit(winner) <= DISAGREES * Math.max(...fits) };
    }),
  };
}

/** The table's chips, those that surfaces name and the table lacks, and for each vendor one that nobody knows. */
function candidatesOf(readings: readonly SurfaceReading[], socs: readonly Soc[]): readonly Soc[] {
  const made = new Map<string, Soc>();
  for (const { named } of readings) {
    if (named?.name === undefined || named.socs.length > 0) continue;
    made.set(`${named.vendor}/${named.name}`, unknownSoc(named.name.toUpperCase(), named.vendor, named.name));
  }
  const vendors = new Set(socs.map(({ vendor }) => vendor));
  for (const vendor of vendors) made.set(vendor, unknownSoc(`unknown ${vendor}`, vendor, `unknown-${vendor}`));
  return [...socs, ...made.values()];
}

const unknownSoc = (id: string, vendor: SocVendor, platform: string): Soc => ({
  id,
  vendor,
  names: [],
  platforms: [platform],
  cores: [],
  counterHertz: undefined,
  gpu: undefined,
  isa: 'unknown',
  bits: 64,
  sources: ['no row of the table: made from what surfaces say'],
});

/** Each vendor as probable as another, each of its chips as another; one that nobody knows a tenth of that. */
function priorsOf(candidates: readonly Soc[]): readonly number[] {
  const weight = (soc: Soc) => (soc.id.startsWith('unknown ') ? 0.1 : 1);
  const totals = new Map<SocVendor, number>();
  for (const soc of candidates) totals.set(soc.vendor, (totals.get(soc.vendor) ?? 0) + weight(soc));
  return candidates.map((soc) => weight(soc) / (totals.get(soc.vendor) ?? 1));
}

/** Surfaces of one group are not independent: together they weigh at most as two. */
function groupFit(members: readonly SurfaceReading[], soc: Soc): number {
  const sum = members.reduce((total, reading) => total + Math.log(reading.fit(soc)), 0);
  return Math.exp(members.length <= 2 ? sum : (2 * sum) / members.length);
}

function normalised(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return total === 0 ? weights : weights.map((weight) => weight / total);
}

/** The vendor that has nearly all of the probability, where one has. */
function tells(candidates: readonly Soc[], fits: readonly number[], priors: readonly number[]): SocVendor | undefined {
  const shares = new Map<SocVendor, number>();
  normalised(fits.map((fit, at) => fit * (priors[at] ?? 0))).forEach((share, at) => {
    const vendor = candidates[at]?.vendor;
    if (vendor !== undefined) shares.set(vendor, (shares.get(vendor) ?? 0) + share);
  });
  return [...shares].find(([, share]) => share >= TELLS)?.[0];
}

function best<K>(ranked: readonly RankedSoc[], keyOf: (ranked: RankedSoc) => K): readonly [K, number] {
  const sums = new Map<K, number>();
  for (const entry of ranked) sums.set(keyOf(entry), (sums.get(keyOf(entry)) ?? 0) + entry.probability);
  const total = [...sums.values()].reduce((sum, value) => sum + value, 0);
  const [first] = [...sums].toSorted((a, b) => b[1] - a[1]);
  if (first === undefined) throw new Error('silicon: nothing to choose from');
  return [first[0], total === 0 ? 0 : first[1] / total];
}
