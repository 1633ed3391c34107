/**
 * The ways that a phone may have come where events are missing.
 *
 * From all paths a first-order network is learnt: how often custodian w followed u, with a start and an end. Where a path has a gap, or where w follows u
 * although most other phones went u → x → w, the way is a mixture: directly, or through each x that is known between them, in proportion to the network
 * (random walk over all paths, as Horn & Friedrich 2019 use for recalls). How often an event is missing is learnt with the network, by expectation
 * maximisation: each round shares every hand-over out between "directly" and "through x", and counts anew.
 * Limits: one missing custodian for each hand-over (two for a stated gap are merged into one), 24 ways a phone, the likelier ones.
 */
import type { Handling, Phone } from './input.ts';

const ROUNDS = 12;
const WAYS_MAX = 24;
/** Ways below this part of the likeliest one are left out. */
const SMALL = 1e-3;
/** Custodians between two others that are considered. */
const BETWEEN_MAX = 400;

const START = '\u0000start';
const END = '\u0000end';

export interface Network {
  /** Whether w right after u is rather a record that is missing than a link: at least as many phones went from u to w through others. */
  readonly isDoubtful: (from: string, to: string) => boolean;
  /** Learnt counts of w right after u. */
  readonly next: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Learnt share of events that are missing. */
  readonly missing: number;
}

export interface RouteStop {
  readonly custodian: string;
  /** Index of the handling in the phone's path; for a custodian that was put in, of the handling behind it. */
  readonly handling: number;
}
export interface Route {
  readonly weight: number;
  readonly stops: readonly RouteStop[];
}

type Counts = Map<string, Map<string, number>>;

function add(counts: Counts, from: string, to: string, amount: number): void {
  let row = counts.get(from);
  if (row === undefined) {
    row = new Map();
    counts.set(from, row);
  }
  row.set(to, (row.get(to) ?? 0) + amount);
}

/** Names of a path with its ends; `undefined` is a stated gap. */
const wordsOf = (path: readonly Handling[]): readonly (string | undefined)[] => [
  START,
  ...path.map((handling) => ('gap' in handling ? undefined : handling.custodian)),
  END,
];

/** Learns the network of all phones. */
export function networkOf(phones: readonly Phone[]): Network {
  const observed: Counts = new Map();
  for (const { path } of phones) {
    const words = wordsOf(path);
    for (let i = 1; i < words.length; i++) {
      const [from, to] = [words[i - 1], words[i]];
      if (from !== undefined && to !== undefined) add(observed, from, to, 1);
    }
  }
  const isDoubtful = doubtOf(observed);
  let next: Counts = observed;
  let missing = 0.1;
  for (let round = 0; round < ROUNDS; round++) {
    const learnt: Counts = new Map();
    let hidden = 0;
    let stops = 0;
    for (const [from, row] of observed) {
      for (const [to, count] of row) {
        const { direct, through } = isDoubtful(from, to) ? shares(from, to, { next, missing }) : DIRECTLY;
        // Where another way is known, a direct link pays one phone for being there (a Dirichlet prior of weight zero): whether records are missing or links exist is
        // not told by counts alone, and one rate of missing records for all is the simpler story than a link for each of them.
        const kept = through.length > 0 ? Math.max(0, count * direct - 1) : count * direct;
        if (kept > 0) add(learnt, from, to, kept);
        for (const { custodian, share } of through) {
          add(learnt, from, custodian, count * share);
          add(learnt, custodian, to, count * share);
          hidden += count * share;
        }
        if (to !== END) stops += count;
      }
    }
    next = learnt;
    missing = hidden / Math.max(hidden + stops, 1);
    if (hidden < 1e-9) break;
  }
  return { next, missing, isDoubtful };
}

interface Shares {
  readonly direct: number;
  readonly through: readonly { readonly custodian: string; readonly share: number }[];
}
const DIRECTLY: Shares = { direct: 1, through: [] };

/** Phones that must have gone the longer way before a shorter one is doubted: few phones tell nothing of a network. */
const DOUBT_FROM = 5;

function doubtOf(observed: Counts): (from: string, to: string) => boolean {
  const known = new Map<string, Set<string>>();
  for (const [from, row] of observed) {
    const doubtful = new Set<string>();
    const around = new Map<string, number>();
    for (const [custodian, count] of row) {
      const onward = observed.get(custodian);
      if (custodian === from || onward === undefined) continue;
      const all = sum(onward);
      for (const [to, step] of onward) if (row.has(to)) around.set(to, (around.get(to) ?? 0) + (count * step) / all);
    }
    for (const [to, count] of around) if (to !== from && count >= DOUBT_FROM && count >= (row.get(to) ?? 0)) doubtful.add(to);
    known.set(from, doubtful);
  }
  return (from, to) => known.get(from)?.has(to) ?? false;
}

/** How a hand-over from u to w is shared out between "directly" and "through x". */
function shares(from: string, to: string, { next, missing }: Pick<Network, 'next' | 'missing'>): Shares {
  const out = next.get(from);
  const outSum = sum(out);
  const direct = outSum === 0 ? 0 : ((out?.get(to) ?? 0) / outSum) * (1 - missing);
  const through: { readonly custodian: string; readonly share: number }[] = [];
  let all = direct;
  if (missing > 0 && out !== undefined && outSum > 0) {
    for (const [custodian, count] of out) {
      if (custodian === to || custodian === from || custodian === END) continue;
      const onward = next.get(custodian);
      const step = onward?.get(to);
      if (step === undefined || onward === undefined) continue;
      const share = (count / outSum) * missing * (step / sum(onward));
      through.push({ custodian, share });
      all += share;
      if (through.length === BETWEEN_MAX) break;
    }
  }
  if (!(all > 0)) return DIRECTLY;
  return { direct: direct / all, through: through.map(({ custodian, share }) => ({ custodian, share: share / all })) };
}

const sums = new WeakMap<ReadonlyMap<string, number>, number>();
function sum(row: ReadonlyMap<string, number> | undefined): number {
  if (row === undefined) return 0;
  let known = sums.get(row);
  if (known === undefined) {
    known = 0;
    for (const count of row.values()) known += count;
    sums.set(row, known);
  }
  return known;
}

interface Leg {
  readonly weight: number;
  /** Custodians that are put in before the leg's end. */
  readonly between: readonly string[];
}

function legsOf(from: string, to: string, isGap: boolean, network: Network): readonly Leg[] {
  const { direct, through } = isGap
    ? shares(from, to, { next: network.next, missing: 0.999 })
    : network.isDoubtful(from, to)
      ? shares(from, to, network)
      : DIRECTLY;
  const legs = through.map(({ custodian, share }): Leg => ({ weight: share, between: [custodian] }));
  if (direct > 0 && !(isGap && legs.length > 0)) legs.push({ weight: direct, between: [] });
  const most = Math.max(...legs.map(({ weight }) => weight));
  return legs
    .filter(({ weight }) => weight >= SMALL * most)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, WAYS_MAX);
}

/** The routes of a path, with weights that add up to one. A path without gaps in a network without missing events has one. */
export function routesOf(path: readonly Handling[], network: Network): readonly Route[] {
  let routes: readonly Route[] = [{ weight: 1, stops: [] }];
  let from = START;
  let isGap = false;
  const words = wordsOf(path);
  for (let i = 1; i < words.length; i++) {
    const to = words[i];
    if (to === undefined) {
      isGap = true;
      continue;
    }
    const legs = legsOf(from, to, isGap, network);
    // A custodian that is put in behind the last handling counts with that one.
    const handling = Math.min(i - 1, path.length - 1);
    const longer = routes.flatMap(({ weight, stops }) =>
      legs.map(({ weight: leg, between }) => ({
        weight: weight * leg,
        stops: [...stops, ...between.map((custodian) => ({ custodian, handling })), ...(to === END ? [] : [{ custodian: to, handling }])],
      })),
    );
    routes = longer.toSorted((a, b) => b.weight - a.weight).slice(0, WAYS_MAX);
    from = to;
    isGap = false;
  }
  const all = routes.reduce((total, { weight }) => total + weight, 0);
  return routes.map(({ weight, stops }) => ({ weight: weight / all, stops }));
}
