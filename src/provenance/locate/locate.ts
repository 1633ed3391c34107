/** Where phones were altered: the whole answer to a flow. */
import { alikeSets } from './alike.ts';
import { compile, DEFAULT_CALIBRATION, type Problem, type Unused } from './compile.ts';
import { type ExactModel, observeExact, posteriorExact, startExact, TWO_MAX, twoEntries } from './exact.ts';
import { type GibbsOptions, type Sampled, sample } from './gibbs.ts';
import { type Calibration, checkFlow, type Flow } from './input.ts';
import { isAltered, type Ledger, ledgerExact, ledgerSampled } from './ledger.ts';
import { beliefsOf, candidatesOf, exactModelOf, suspectName } from './locator.ts';
import { ASSUMPTIONS, type Assumptions, type Modes, modesOf } from './model.ts';
import { type Belief, type Candidate, chooseBatch, informationOf, passingOf, rankProposals } from './next.ts';
import type { Random } from './random.ts';
import { decideStop, type Stop } from './stop.ts';

export interface LocateOptions {
  readonly random: Random;
  readonly assumptions?: Partial<Assumptions>;
  /** `auto`: exact up to two hands where that is small enough and a third hand is improbable, else sampled. */
  readonly method?: 'auto' | 'exact' | 'sampled';
  /** Posterior from which a custodian is named, and the search ends. */
  readonly threshold?: number;
  /** Phones in the proposed batch. */
  readonly batch?: number;
  readonly sweeps?: number;
}

export interface LocatedSuspect {
  /** A custodian's id, or `from → to`. */
  readonly name: string;
  readonly kind: 'custodian' | 'link';
  readonly from: string | null;
  readonly to: string | null;
  readonly posterior: number;
  /** The share of phones that it would alter, if it is a hand: 5 %, 50 % and 95 % quantiles. */
  readonly share: { readonly low: number; readonly middle: number; readonly high: number };
  /** Phones of the fleet that pass it, expected where ways are uncertain. */
  readonly phones: number;
  readonly inspected: number;
  readonly altered: number;
  readonly ledger: Ledger | null;
}

export interface ProposedPhone {
  readonly phone: string;
  readonly bits: number;
  /** The probability that it is found altered; null in a batch. */
  readonly altered: number | null;
  /** Phones that came the same way, and would tell as much. */
  readonly alike: number;
}

export interface Alike {
  readonly suspects: readonly string[];
  /** The probability that one of them is a hand, at most: the sum. */
  readonly posterior: number;
  readonly separable: boolean;
}

export interface Location {
  readonly method: 'exact' | 'sampled';
  /** Greatest difference between two chains; null for exact ones. Above 0.05 the numbers have not settled. */
  readonly disagreement: number | null;
  readonly threshold: number;
  readonly assumptions: Assumptions;
  readonly calibration: Readonly<Record<string, Calibration>>;
  readonly counts: { readonly custodians: number; readonly phones: number; readonly inspected: number; readonly altered: number };
  readonly unused: readonly Unused[];
  /** Signatures that several phones share, and how many. */
  readonly shared: readonly { readonly signature: string; readonly phones: number }[];
  readonly outside: number;
  /** Share of phones whose way is not certain, because events are missing. */
  readonly uncertain: number;
  /** Probability of more than one hand. */
  readonly several: number;
  /** By falling posterior: every suspect of at least 0.001, and at least the first ten; at most 200. */
  readonly suspects: readonly LocatedSuspect[];
  /** Posterior of every custodian and of every link that a phone took, by name. */
  readonly posteriors: ReadonlyMap<string, number>;
  readonly alike: readonly Alike[];
  readonly next: readonly ProposedPhone[];
  readonly batch: readonly ProposedPhone[];
  readonly stop: Stop;
}

/** Posterior of a named custodian unless another threshold is given. */
export const NAME_FROM = 0.95;
const LISTED_MAX = 200;
const LEDGERS = 5;
const NEXT = 10;
/** A third hand this probable calls for sampling. */
const THIRD_HAND = 0.1;

/** Locates. Deterministic for a given generator. @throws FormatError where the flow contradicts itself */
export function locate(flow: Flow, options: LocateOptions): Location {
  checkFlow(flow);
  const assumptions: Assumptions = { ...ASSUMPTIONS, ...options.assumptions };
  const { threshold = NAME_FROM, method = 'auto' } = options;
  const problem = compile(flow, assumptions);
  const modes = modesOf(assumptions, problem.signatures.length);
  const isSmall = twoEntries(problem.custodians.size, modes.count) <= TWO_MAX;
  const answer =
    method === 'exact' || (method === 'auto' && isSmall)
      ? solveExact(problem, assumptions, method === 'auto' ? options.random : undefined)
      : undefined;
  const solved = answer ?? solveSampled(problem, { assumptions, modes, options });
  return describe(flow, { problem, solved, options, assumptions, threshold });
}

interface Solved {
  readonly method: 'exact' | 'sampled';
  readonly disagreement: number | null;
  readonly suspects: Float64Array;
  readonly outside: number;
  readonly several: number;
  readonly modes: Modes;
  readonly modesOf: Float64Array;
  readonly beliefs: readonly Belief[];
  readonly ledger: (suspect: number) => Ledger;
}

function solveExact(problem: Problem, assumptions: Assumptions, doubt: Random | undefined): Solved | undefined {
  const model = exactModelOf(problem, assumptions);
  const exact = startExact(model);
  for (const observation of problem.observations) observeExact(exact, observation);
  const posterior = posteriorExact(exact);
  if (doubt !== undefined && problem.observations.some(isAltered) && thirdHand(problem, model, doubt) > THIRD_HAND) return undefined;
  const start = startExact(model);
  return {
    method: 'exact',
    disagreement: null,
    suspects: posterior.suspects,
    outside: posterior.outside,
    several: posterior.two,
    modes: model.modes,
    modesOf: posterior.modes,
    beliefs: beliefsOf(posterior, model.modes),
    ledger: (suspect) => ledgerExact(suspect, model, problem.observations, start),
  };
}

/** The probability of a third hand, from a short sample: where it is not small, the exact method does not count far enough. */
function thirdHand(problem: Problem, { modes, assumptions }: ExactModel, random: Random): number {
  const { samples } = sample(problem, modes, assumptions, { random, sweeps: 120, burnIn: 20 });
  return samples.filter(({ hands }) => hands.length > 2).length / Math.max(samples.length, 1);
}

function solveSampled(
  problem: Problem,
  setting: { readonly assumptions: Assumptions; readonly modes: Modes; readonly options: LocateOptions },
): Solved {
  const { assumptions, modes, options } = setting;
  const gibbs: GibbsOptions = { random: options.random, sweeps: options.sweeps ?? 400, burnIn: Math.ceil((options.sweeps ?? 400) / 8) };
  const sampled = sample(problem, modes, assumptions, gibbs);
  const several = sampled.samples.filter(({ hands }) => hands.length > 1).length / Math.max(sampled.samples.length, 1);
  return {
    method: 'sampled',
    disagreement: sampled.disagreement,
    suspects: sampled.suspects,
    outside: sampled.outside,
    several,
    modes,
    modesOf: sampled.modes,
    beliefs: sampledBeliefs(sampled, modes),
    ledger: (suspect) => ledgerSampled(suspect, sampled, { modes, assumptions }, problem),
  };
}

/** Sampled states, gathered by set of hands. */
function sampledBeliefs({ samples }: Sampled, { share }: Modes): readonly Belief[] {
  const bySet = new Map<string, { readonly hands: readonly number[]; readonly shares: (readonly number[])[] }>();
  for (const { hands, modes } of samples) {
    const key = hands.join(',');
    const shares = modes.map((mode) => share[mode] ?? 0);
    const known = bySet.get(key);
    if (known === undefined) bySet.set(key, { hands, shares: [shares] });
    else known.shares.push(shares);
  }
  return [...bySet.values()]
    .map(({ hands, shares }) => ({
      hands,
      probability: shares.length / samples.length,
      states: shares.map((each) => ({ probability: 1 / shares.length, shares: each })),
    }))
    .toSorted((a, b) => b.probability - a.probability);
}

interface Answer {
  readonly problem: Problem;
  readonly solved: Solved;
  readonly options: LocateOptions;
  readonly assumptions: Assumptions;
  readonly threshold: number;
}

function describe(flow: Flow, { problem, solved, options, assumptions, threshold }: Answer): Location {
  const names = problem.suspects.map(suspectName);
  const order = [...names.keys()].toSorted((a, b) => (solved.suspects[b] ?? 0) - (solved.suspects[a] ?? 0) || a - b);
  const listed = order.filter((v, rank) => rank < 10 || (solved.suspects[v] ?? 0) >= 0.001).slice(0, LISTED_MAX);
  const traffic = trafficOf(problem);
  const suspects = listed.map((v, rank): LocatedSuspect => {
    const suspect = problem.suspects[v];
    return {
      name: names[v] ?? '',
      kind: suspect?.kind ?? 'custodian',
      from: suspect?.kind === 'link' ? suspect.from : null,
      to: suspect?.kind === 'link' ? suspect.to : null,
      posterior: solved.suspects[v] ?? 0,
      share: shareOf(v, solved, assumptions),
      phones: traffic.phones[v] ?? 0,
      inspected: traffic.inspected[v] ?? 0,
      altered: traffic.altered[v] ?? 0,
      ledger: rank < LEDGERS && problem.observations.length > 0 ? solved.ledger(v) : null,
    };
  });
  const alike = alikeSets(problem)
    .map(({ suspects: set, separable }): Alike & { readonly first: number } => ({
      suspects: set.map((v) => names[v] ?? ''),
      posterior: Math.min(
        1,
        set.reduce((sum, v) => sum + (solved.suspects[v] ?? 0), 0),
      ),
      separable,
      first: set[0] ?? 0,
    }))
    .filter(({ posterior }) => posterior >= 0.01)
    .toSorted((a, b) => b.posterior - a.posterior || a.first - b.first)
    .map(({ suspects: set, posterior, separable }) => ({ suspects: set, posterior, separable }));
  const inspected = new Set(problem.observations.flatMap(({ phones }) => [...phones]));
  const test = { ...(flow.calibration?.['default'] ?? DEFAULT_CALIBRATION), leak: assumptions.leak };
  const candidates = candidatesOf(problem, (phone) => inspected.has(phone));
  const uncertain = problem.routes.filter((ways) => ways.length > 1).length / Math.max(problem.routes.length, 1);
  const next = proposalsOf(candidates, { solved, test, problem });
  return {
    method: solved.method,
    disagreement: solved.disagreement,
    threshold,
    assumptions,
    calibration: { default: DEFAULT_CALIBRATION, ...flow.calibration },
    counts: {
      custodians: problem.custodians.size,
      phones: problem.phones.length,
      inspected: inspected.size,
      altered: problem.observations.reduce((sum, observation) => sum + (isAltered(observation) ? observation.count : 0), 0),
    },
    unused: problem.unused,
    shared: problem.signatures.map((signature, index) => ({
      signature,
      phones: problem.observations.reduce((sum, one) => sum + (one.signature === index ? one.count : 0), 0),
    })),
    outside: solved.outside,
    uncertain,
    several: solved.several,
    suspects,
    posteriors: new Map(names.map((name, v) => [name, solved.suspects[v] ?? 0])),
    alike,
    next,
    batch: batchOf(candidates, { solved, test, problem, size: options.batch ?? 10 }),
    stop: decideStop({
      suspects,
      alike,
      outside: solved.outside,
      disagreement: solved.disagreement,
      next,
      threshold,
      inspected: inspected.size,
      uncertain,
    }),
  };
}

interface Traffic {
  readonly phones: Float64Array;
  readonly inspected: Float64Array;
  readonly altered: Float64Array;
}

/** How many phones pass each suspect, in all, inspected, and found altered; by weight where ways are uncertain. */
function trafficOf({ suspects, routes, observations }: Problem): Traffic {
  const traffic = {
    phones: new Float64Array(suspects.length),
    inspected: new Float64Array(suspects.length),
    altered: new Float64Array(suspects.length),
  };
  const add = (into: Float64Array, ways: Problem['routes'][number], count: number) => {
    for (const { weight, suspects: steps } of ways) for (const v of new Set(steps)) into[v] = (into[v] ?? 0) + weight * count;
  };
  const grouped = new Map<Problem['routes'][number], number>();
  for (const ways of routes) grouped.set(ways, (grouped.get(ways) ?? 0) + 1);
  for (const [ways, count] of grouped) add(traffic.phones, ways, count);
  for (const observation of observations) {
    // Ways as the last inspection saw them: what came after it is not counted as inspected.
    add(traffic.inspected, observation.ways, observation.count);
    if (isAltered(observation)) add(traffic.altered, observation.ways, observation.count);
  }
  return traffic;
}

/** Quantiles of the altered share, read off the cells with straight lines inside each. */
function shareOf(v: number, { modes, modesOf: probabilities }: Solved, { shares }: Assumptions): LocatedSuspect['share'] {
  const cells = shares.length - 1;
  const mass = new Float64Array(cells);
  for (let m = 0; m < modes.count; m++) mass[m % cells] = (mass[m % cells] ?? 0) + (probabilities[v * modes.count + m] ?? 0);
  const quantile = (q: number): number => {
    let left = q * mass.reduce((sum, p) => sum + p, 0);
    for (let cell = 0; cell < cells; cell++) {
      const p = mass[cell] ?? 0;
      const [from = 0, to = 1] = [shares[cell], shares[cell + 1]];
      if (left <= p && p > 0) return from + (to - from) * (left / p);
      left -= p;
    }
    return shares[cells] ?? 1;
  };
  return { low: quantile(0.05), middle: quantile(0.5), high: quantile(0.95) };
}

interface ProposalSetting {
  readonly solved: Solved;
  readonly test: Calibration & { readonly leak: number };
  readonly problem: Problem;
}

function proposalsOf(candidates: readonly Candidate[], { solved, test, problem }: ProposalSetting): readonly ProposedPhone[] {
  return rankProposals(informationOf(candidates, solved.beliefs, test, passingOf(candidates)))
    .slice(0, NEXT)
    .map(({ candidate, bits, altered }) => {
      const phones = candidates[candidate]?.phones ?? [];
      return { phone: problem.phones[phones[0] ?? 0]?.id ?? '', bits, altered, alike: phones.length };
    });
}

function batchOf(
  candidates: readonly Candidate[],
  { solved, test, problem, size }: ProposalSetting & { readonly size: number },
): readonly ProposedPhone[] {
  return chooseBatch(candidates, solved.beliefs, test, size).map(({ candidate, nth, bits }) => {
    const phones = candidates[candidate]?.phones ?? [];
    return { phone: problem.phones[phones[nth] ?? 0]?.id ?? '', bits, altered: null, alike: phones.length };
  });
}
