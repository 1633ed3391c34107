/**
 * Why: the weight of evidence for and against one suspect, in decibans (Good 1950: ten times the decimal logarithm of a likelihood ratio; 10 is ten to one).
 * Phones are grouped by what they have to do with the suspect, and the groups are added in a fixed order, so that the lines add up to the posterior exactly and
 * depend neither on names nor on the order of the input.
 */
import type { Problem } from './compile.ts';
import { copyExact, type Exact, type ExactModel, observeExact, posteriorExact, startExact } from './exact.ts';
import type { Sampled } from './gibbs.ts';
import { likelihood, type Modes, type Observation } from './model.ts';

/** What a group of phones has to do with a suspect. In the order in which they are added. */
export const RELATIONS = [
  'through-altered',
  'through-clean',
  'beside-clean',
  'beside-altered',
  'elsewhere-clean',
  'elsewhere-altered',
] as const;
export type Relation = (typeof RELATIONS)[number];

export interface LedgerLine {
  readonly relation: Relation;
  readonly phones: number;
  /** What the group adds to those before it. */
  readonly decibans: number;
}

export interface PhoneWeight {
  readonly phone: number;
  readonly isAltered: boolean;
  /** What this phone alone says, the other hands being as they most likely are. */
  readonly decibans: number;
}

export interface Ledger {
  readonly prior: number;
  readonly lines: readonly LedgerLine[];
  readonly posterior: number;
  /** Of sampled posteriors: what is in who else is a hand, and in no line. Zero for exact ones. */
  readonly rest: number;
  readonly strongest: readonly PhoneWeight[];
}

/** Decibans of log odds. */
const decibansOf = (logOdds: number): number => (10 * logOdds) / Math.LN10;
const logOddsOf = (p: number): number => Math.log(Math.max(p, 1e-300)) - Math.log(Math.max(1 - p, 1e-16));

/** Weight of an observation's ways that pass a suspect. */
const passes = ({ ways }: Observation, suspect: number): number =>
  ways.reduce((sum, { weight, suspects }) => sum + (suspects.includes(suspect) ? weight : 0), 0);

/** Whether an observation says `altered` more than `clean` of the phone as it was seen last. */
export const isAltered = ({ given }: Observation): boolean => (given[0] ?? 0) > (given[given.length - 1] ?? 0);

/** Who comes right before or after a suspect on a phone's way, of those that were inspected: their other phones are the best comparison. */
function besideOf(suspect: number, observations: readonly Observation[]): ReadonlySet<number> {
  const beside = new Set<number>();
  for (const { ways } of observations) {
    for (const { suspects } of ways) {
      const at = suspects.indexOf(suspect);
      if (at > 0) for (const before of suspects.subarray(0, at)) beside.add(before);
    }
  }
  return beside;
}

function relationOf(observation: Observation, suspect: number, beside: ReadonlySet<number>): Relation {
  const altered = isAltered(observation);
  if (passes(observation, suspect) >= 0.5) return altered ? 'through-altered' : 'through-clean';
  const isBeside = observation.ways.some(({ suspects }) => suspects.some((other) => beside.has(other)));
  return isBeside ? (altered ? 'beside-altered' : 'beside-clean') : altered ? 'elsewhere-altered' : 'elsewhere-clean';
}

function grouped(suspect: number, observations: readonly Observation[]): ReadonlyMap<Relation, readonly Observation[]> {
  const beside = besideOf(suspect, observations);
  const groups = new Map<Relation, Observation[]>();
  for (const observation of observations) {
    const relation = relationOf(observation, suspect, beside);
    groups.set(relation, [...(groups.get(relation) ?? []), observation]);
  }
  return groups;
}

const phonesOf = (observations: readonly Observation[]) => observations.reduce((sum, { count }) => sum + count, 0);

/** The ledger of one suspect under the exact posterior. */
export function ledgerExact(
  suspect: number,
  model: ExactModel,
  observations: readonly Observation[],
  start: Exact = startExact(model),
): Ledger {
  const exact = copyExact(start);
  const groups = grouped(suspect, observations);
  const oddsNow = () => decibansOf(logOddsOf(posteriorExact(exact, false).suspects[suspect] ?? 0));
  const prior = oddsNow();
  let before = prior;
  const lines: LedgerLine[] = [];
  for (const relation of RELATIONS) {
    const group = groups.get(relation);
    if (group === undefined) continue;
    for (const observation of group) observeExact(exact, observation);
    const after = oddsNow();
    lines.push({ relation, phones: phonesOf(group), decibans: after - before });
    before = after;
  }
  const { sets, modes } = posteriorExact(exact);
  const others = (sets.find(({ hands }) => hands.includes(suspect)) ?? sets[0])?.hands.filter((hand) => hand !== suspect) ?? [];
  return { prior, lines, posterior: before, rest: 0, strongest: strongest(suspect, observations, { others, modes, model }) };
}

/** States of the chains over which a sampled ledger is averaged. */
const STATES = 24;

/** The ledger of one suspect under a sampled posterior: the mean of the conditional weights of evidence, given who else was a hand. */
export function ledgerSampled(
  suspect: number,
  sampled: Sampled,
  model: Pick<ExactModel, 'modes' | 'assumptions'>,
  problem: Problem,
): Ledger {
  const { modes, assumptions } = model;
  const observations = problem.observations;
  const groups = grouped(
    suspect,
    observations.filter((observation) => passes(observation, suspect) > 0),
  );
  const every = Math.max(1, Math.floor(sampled.samples.length / STATES));
  const states = sampled.samples.filter((_, i) => i % every === 0).slice(0, STATES);
  const sums = new Map<Relation, number>();
  for (const { hands, modes: own } of states) {
    const modeOf = new Map(hands.map((hand, i) => [hand, own[i] ?? -1]));
    const of = (mode: number) => (s: number) => (s === suspect ? mode : (modeOf.get(s) ?? -1));
    const logs = Float64Array.from(modes.logPrior);
    let off = 0;
    let before = 0;
    for (const relation of RELATIONS) {
      for (const observation of groups.get(relation) ?? []) {
        off += observation.count * Math.log(likelihood(observation, of(-1), modes, assumptions));
        for (let m = 0; m < modes.count; m++)
          logs[m] = (logs[m] ?? 0) + observation.count * Math.log(likelihood(observation, of(m), modes, assumptions));
      }
      const max = Math.max(...logs);
      const after = max + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - max), 0)) - off;
      sums.set(relation, (sums.get(relation) ?? 0) + (after - before) / states.length);
      before = after;
    }
  }
  const posterior = decibansOf(logOddsOf(sampled.suspects[suspect] ?? 0));
  const lines = RELATIONS.flatMap((relation): readonly LedgerLine[] => {
    const group = groups.get(relation);
    return group === undefined ? [] : [{ relation, phones: phonesOf(group), decibans: decibansOf(sums.get(relation) ?? 0) }];
  });
  const total = problem.weights.reduce((sum, weight) => sum + weight, 0);
  const prior = decibansOf(logOddsOf(((1 - assumptions.outside) * (problem.weights[suspect] ?? 0)) / total));
  const rest = posterior - prior - lines.reduce((sum, { decibans }) => sum + decibans, 0);
  const others = states.findLast(({ hands }) => hands.includes(suspect))?.hands.filter((hand) => hand !== suspect) ?? [];
  return { prior, lines, posterior, rest, strongest: strongest(suspect, observations, { others, modes: sampled.modes, model }) };
}

/** Phones that are listed for, and against. */
const LISTED = 5;

interface StrongestSetting {
  readonly others: readonly number[];
  readonly modes: Float64Array;
  readonly model: { readonly modes: Modes; readonly assumptions: ExactModel['assumptions'] };
}

function strongest(
  suspect: number,
  observations: readonly Observation[],
  { others, modes, model }: StrongestSetting,
): readonly PhoneWeight[] {
  const count = model.modes.count;
  const likeliest = (hand: number) => {
    let best = 0;
    for (let m = 1; m < count; m++) if ((modes[hand * count + m] ?? 0) > (modes[hand * count + best] ?? 0)) best = m;
    return best;
  };
  const modeOf = new Map(others.map((hand) => [hand, likeliest(hand)]));
  const own = likeliest(suspect);
  const weighed = observations
    .filter((observation) => passes(observation, suspect) > 0)
    .flatMap((observation) => {
      const of = (mode: number) => (s: number) => (s === suspect ? mode : (modeOf.get(s) ?? -1));
      const ratio =
        likelihood(observation, of(own), model.modes, model.assumptions) / likelihood(observation, of(-1), model.modes, model.assumptions);
      return observation.phones.map(
        (phone): PhoneWeight => ({ phone, isAltered: isAltered(observation), decibans: decibansOf(Math.log(ratio)) }),
      );
    })
    .toSorted((a, b) => b.decibans - a.decibans || a.phone - b.phone);
  const forIt = weighed.filter(({ decibans }) => decibans > 0).slice(0, LISTED);
  const against = weighed.filter(({ decibans }) => decibans < 0).slice(-LISTED);
  return [...forIt, ...against];
}
