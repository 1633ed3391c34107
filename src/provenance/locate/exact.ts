/**
 * The exact posterior over no hand, one, and two.
 *
 * Weights of hypotheses are kept in the log domain, against "nobody did it": `one[v·M + m]` for suspect v in mode m, and for two suspects the sum of theirs plus
 * `both`, which differs from zero only where the two meet on an inspected phone. An observation changes only what touches its ways, so inspections are added one
 * by one at a cost of O(|path|·S·M²).
 * Limits: two hands are two custodians (a link and a second hand at once is not considered: its prior is 0.1 % of all); `TWO_MAX` entries for two hands; above it
 * callers sample instead (`gibbs.ts`).
 */
import type { Problem } from './compile.ts';
import { complaintRate, type Fleet } from './fleet.ts';
import { type Assumptions, countPrior, likelihood, logAdd, logSumExp, type Modes, type Observation } from './model.ts';

/** Entries of `both`: 8 bytes each. */
export const TWO_MAX = 6_000_000;

export interface ExactModel {
  readonly problem: Pick<Problem, 'suspects' | 'weights'>;
  /** Suspects below this index are custodians, those from it on are links. */
  readonly custodians: number;
  readonly fleet: Fleet;
  readonly modes: Modes;
  readonly assumptions: Assumptions;
}

/** A posterior that grows with observations. */
export interface Exact {
  readonly model: ExactModel;
  readonly prior: Float64Array;
  readonly one: Float64Array;
  readonly both: Float64Array;
  /** log Σ over modes, for each suspect and for each two: what is touched is made anew. */
  readonly ofOne: Float64Array;
  readonly ofTwo: Float64Array;
}

export const twoEntries = (custodians: number, modes: number): number => ((custodians * (custodians - 1)) / 2) * modes * modes;

/** Index of two custodians, v < w, among all twos of `count`. */
export const pairIndex = (v: number, w: number, count: number): number => v * count - (v * (v + 1)) / 2 + (w - v - 1);

/** Nothing observed yet. @throws RangeError where two hands would need more than TWO_MAX entries */
export function startExact(model: ExactModel): Exact {
  const { problem, modes, custodians } = model;
  const suspects = problem.suspects.length;
  if (twoEntries(custodians, modes.count) > TWO_MAX) throw new RangeError(`${custodians} custodians are too many for the exact method`);
  const one = new Float64Array(suspects * modes.count);
  for (let v = 0; v < suspects; v++) one.set(modes.logPrior, v * modes.count);
  const exact: Exact = {
    model,
    prior: priorOf(model),
    one,
    both: new Float64Array(twoEntries(custodians, modes.count)),
    ofOne: new Float64Array(suspects),
    ofTwo: new Float64Array((custodians * (custodians - 1)) / 2),
  };
  for (let v = 0; v < suspects; v++) settle(exact, v);
  return exact;
}

/** Prior of none, one and two hands. */
function priorOf({ problem, assumptions, custodians }: ExactModel): Float64Array {
  const prior = countPrior(problem.weights, assumptions, 1);
  const ofTwo = countPrior(problem.weights.slice(0, custodians), assumptions, 2);
  return Float64Array.of(prior[0] ?? 0, prior[1] ?? Number.NEGATIVE_INFINITY, ofTwo[2] ?? Number.NEGATIVE_INFINITY);
}

/** An independent copy. */
export const copyExact = (exact: Exact): Exact => ({
  ...exact,
  one: exact.one.slice(),
  both: exact.both.slice(),
  ofOne: exact.ofOne.slice(),
  ofTwo: exact.ofTwo.slice(),
});

/** Makes the sums over modes of everything that touches a suspect anew. */
function settle(exact: Exact, v: number): void {
  const { one, both, ofOne, ofTwo, model } = exact;
  const { count: modes } = model.modes;
  const { custodians } = model;
  ofOne[v] = logSumExp(one, v * modes, (v + 1) * modes);
  if (v >= custodians) return;
  const terms = new Float64Array(modes * modes);
  for (let other = 0; other < custodians; other++) {
    if (other === v) continue;
    const [a, b] = v < other ? [v, other] : [other, v];
    const pair = pairIndex(a, b, custodians);
    const at = pair * modes * modes;
    let k = 0;
    for (let i = 0; i < modes; i++) {
      const ofA = one[a * modes + i] ?? 0;
      for (let j = 0; j < modes; j++, k++) terms[k] = ofA + (one[b * modes + j] ?? 0) + (both[at + k] ?? 0);
    }
    ofTwo[pair] = logSumExp(terms);
  }
}

/** Adds an observation, in place. */
export function observeExact(exact: Exact, observation: Observation): void {
  const { model, one, both } = exact;
  const { modes, assumptions, custodians } = model;
  const suspects = model.problem.suspects.length;
  const { count } = observation;
  const touched = [...new Set(observation.ways.flatMap(({ suspects: steps }) => [...steps]))].toSorted((a, b) => a - b);
  const none = Math.log(likelihood(observation, () => -1, modes, assumptions));
  const alone = touched.map((v) =>
    Float64Array.from(modes.share, (_, mode) => Math.log(likelihood(observation, (s) => (s === v ? mode : -1), modes, assumptions)) - none),
  );
  for (const [i, v] of touched.entries()) {
    for (let mode = 0; mode < modes.count; mode++)
      one[v * modes.count + mode] = (one[v * modes.count + mode] ?? 0) + count * (alone[i]?.[mode] ?? 0);
    for (const [j, w] of touched.entries()) {
      if (j <= i || v >= custodians || w >= custodians) continue;
      let at = pairIndex(v, w, custodians) * modes.count ** 2;
      for (let a = 0; a < modes.count; a++) {
        for (let b = 0; b < modes.count; b++, at++) {
          const two = Math.log(likelihood(observation, (s) => (s === v ? a : s === w ? b : -1), modes, assumptions)) - none;
          both[at] = (both[at] ?? 0) + count * (two - (alone[i]?.[a] ?? 0) - (alone[j]?.[b] ?? 0));
        }
      }
    }
  }
  if (observation.complaint) {
    preferComplaints(exact, observation);
    for (let v = 0; v < suspects; v++) settle(exact, v);
  } else for (const v of touched) settle(exact, v);
}

/** Divides by the rate of complaints that each hypothesis would make. */
function preferComplaints({ model, one, both }: Exact, { given, count }: Observation): void {
  const { modes, fleet, assumptions, problem, custodians } = model;
  const suspects = problem.suspects.length;
  const nobody = Math.log(complaintRate(1, given, assumptions));
  const alone = new Float64Array(suspects * modes.count);
  for (let v = 0; v < suspects; v++) {
    for (let mode = 0; mode < modes.count; mode++) {
      const rate = Math.log(complaintRate(1 - (modes.share[mode] ?? 0) * (fleet.volume[v] ?? 0), given, assumptions)) - nobody;
      alone[v * modes.count + mode] = rate;
      one[v * modes.count + mode] = (one[v * modes.count + mode] ?? 0) - count * rate;
    }
  }
  let at = 0;
  for (let v = 0; v < custodians; v++) {
    const together = fleet.together(v);
    for (let w = v + 1; w < custodians; w++) {
      for (let a = 0; a < modes.count; a++) {
        const [shareV, volumeV] = [modes.share[a] ?? 0, fleet.volume[v] ?? 0];
        for (let b = 0; b < modes.count; b++, at++) {
          const shareW = modes.share[b] ?? 0;
          const unaltered = 1 - shareV * volumeV - shareW * (fleet.volume[w] ?? 0) + shareV * shareW * (together[w] ?? 0);
          const rate = Math.log(complaintRate(unaltered, given, assumptions)) - nobody;
          both[at] = (both[at] ?? 0) - count * (rate - (alone[v * modes.count + a] ?? 0) - (alone[w * modes.count + b] ?? 0));
        }
      }
    }
  }
}

/** A set of hands with its probability, and the probabilities of its modes: one array for one hand, M×M for two. */
export interface HandSet {
  readonly hands: readonly number[];
  readonly probability: number;
  readonly modes: Float64Array;
}

export interface Posterior {
  /** P(z = 1) of each suspect. */
  readonly suspects: Float64Array;
  /** P(nobody in the chain did it). */
  readonly outside: number;
  /** P(exactly two hands). */
  readonly two: number;
  /** The likeliest sets, down to 1e-4 (what is below tells a candidate’s information nothing that is seen), likeliest first. */
  readonly sets: readonly HandSet[];
  /** Probabilities of a suspect's modes, given that it is a hand: S×M. */
  readonly modes: Float64Array;
  /** Entropy over sets of hands, in bits. */
  readonly entropy: number;
}

const SMALL_SET = 1e-4;
const SETS_MAX = 4000;

/** The posterior as it stands. */
export function posteriorExact(exact: Exact, withModes = true): Posterior {
  const { model, prior, ofOne, ofTwo, one } = exact;
  const { weights, suspects: all } = model.problem;
  const { custodians } = model;
  const { count: modes } = model.modes;
  const suspects = all.length;
  const logWeight = Float64Array.from(weights, (weight) => Math.log(weight));
  const logOne = Float64Array.from(ofOne, (log, v) => (prior[1] ?? 0) + (logWeight[v] ?? 0) + log);
  const logTwo = new Float64Array(ofTwo.length);
  let total = logAdd(prior[0] ?? 0, logSumExp(logOne));
  let pair = 0;
  for (let v = 0; v < custodians; v++) {
    const base = (prior[2] ?? 0) + (logWeight[v] ?? 0);
    for (let w = v + 1; w < custodians; w++, pair++) logTwo[pair] = base + (logWeight[w] ?? 0) + (ofTwo[pair] ?? 0);
  }
  total = logAdd(total, logSumExp(logTwo));

  const outside = Math.exp((prior[0] ?? 0) - total);
  const marginal = Float64Array.from(logOne, (log) => Math.exp(log - total));
  let entropy = bitsOf(outside);
  for (const p of marginal) entropy += bitsOf(p);
  let two = 0;
  const sets: { hands: readonly number[]; probability: number }[] = outside > SMALL_SET ? [{ hands: [], probability: outside }] : [];
  for (let v = 0; v < suspects; v++) if ((marginal[v] ?? 0) > SMALL_SET) sets.push({ hands: [v], probability: marginal[v] ?? 0 });
  const modesOfAll = new Float64Array(suspects * modes);
  if (withModes)
    for (let v = 0; v < suspects; v++)
      for (let m = 0; m < modes; m++)
        modesOfAll[v * modes + m] = (marginal[v] ?? 0) * Math.exp((one[v * modes + m] ?? 0) - (ofOne[v] ?? 0));
  pair = 0;
  for (let v = 0; v < custodians; v++) {
    for (let w = v + 1; w < custodians; w++, pair++) {
      const p = Math.exp((logTwo[pair] ?? 0) - total);
      if (p < 1e-12) continue;
      two += p;
      marginal[v] = (marginal[v] ?? 0) + p;
      marginal[w] = (marginal[w] ?? 0) + p;
      entropy += bitsOf(p);
      if (p > SMALL_SET) sets.push({ hands: [v, w], probability: p });
      if (withModes && p > 1e-7) addModesOfTwo({ v, w, p, pair }, exact, modesOfAll);
    }
  }
  if (withModes)
    for (let v = 0; v < suspects; v++)
      for (let m = 0, sum = sumOf(modesOfAll, v * modes, modes); m < modes; m++)
        modesOfAll[v * modes + m] = sum > 0 ? (modesOfAll[v * modes + m] ?? 0) / sum : Math.exp(model.modes.logPrior[m] ?? 0);
  sets.sort((a, b) => b.probability - a.probability || (a.hands[0] ?? -1) - (b.hands[0] ?? -1) || (a.hands[1] ?? -1) - (b.hands[1] ?? -1));
  const kept = sets.slice(0, SETS_MAX).map(({ hands, probability }): HandSet => ({ hands, probability, modes: modesOfSet(exact, hands) }));
  return { suspects: marginal, outside, two, sets: kept, modes: modesOfAll, entropy };
}

const bitsOf = (p: number): number => (p > 0 ? -p * Math.log2(p) : 0);

function sumOf(values: Float64Array, from: number, count: number): number {
  let sum = 0;
  for (let i = from; i < from + count; i++) sum += values[i] ?? 0;
  return sum;
}

function addModesOfTwo({ v, w, p, pair }: { v: number; w: number; p: number; pair: number }, exact: Exact, into: Float64Array): void {
  const { one, both, ofTwo, model } = exact;
  const { count: modes } = model.modes;
  let at = pair * modes * modes;
  for (let a = 0; a < modes; a++) {
    for (let b = 0; b < modes; b++, at++) {
      const part = p * Math.exp((one[v * modes + a] ?? 0) + (one[w * modes + b] ?? 0) + (both[at] ?? 0) - (ofTwo[pair] ?? 0));
      into[v * modes + a] = (into[v * modes + a] ?? 0) + part;
      into[w * modes + b] = (into[w * modes + b] ?? 0) + part;
    }
  }
}

function modesOfSet({ one, both, ofOne, ofTwo, model }: Exact, hands: readonly number[]): Float64Array {
  const { count: modes } = model.modes;
  const [v, w] = hands;
  if (v === undefined) return new Float64Array(0);
  if (w === undefined) return Float64Array.from({ length: modes }, (_, m) => Math.exp((one[v * modes + m] ?? 0) - (ofOne[v] ?? 0)));
  const pair = pairIndex(v, w, model.custodians);
  return Float64Array.from({ length: modes * modes }, (_, k) => {
    const [a, b] = [Math.floor(k / modes), k % modes];
    return Math.exp((one[v * modes + a] ?? 0) + (one[w * modes + b] ?? 0) + (both[pair * modes * modes + k] ?? 0) - (ofTwo[pair] ?? 0));
  });
}
