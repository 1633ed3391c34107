/**
 * Which phones to inspect next: those whose answer is expected to tell most about who the hands are (mutual information between answer and set of hands, in bits;
 * Lindley 1956). In batches, greedily by what the answers tell together, since three phones of one shop mostly repeat each other.
 */
import type { Calibration } from './input.ts';
import type { Way } from './model.ts';

/** A set of hands, its probability, and what is known of the shares it alters, together. */
export interface Belief {
  readonly hands: readonly number[];
  readonly probability: number;
  /** Joint states of the hands, with probabilities that add up to one. */
  readonly states: readonly { readonly probability: number; readonly shares: readonly number[] }[];
}

/** Phones that came the same ways and can still be inspected. */
export interface Candidate {
  readonly ways: readonly Way[];
  /** Indexes of phones, the first one is proposed. */
  readonly phones: readonly number[];
}

export interface Proposal {
  readonly candidate: number;
  /** Expected information about who did it, in bits. */
  readonly bits: number;
  /** The probability that this phone is found altered. */
  readonly altered: number;
}

export interface Test extends Calibration {
  readonly leak: number;
}

const entropyOf = (p: number): number => (p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p));

/** For each suspect the candidates that pass it, so that a set of hands meets only those it can change. */
export interface Passing {
  readonly of: (suspect: number) => readonly number[];
}

export function passingOf(candidates: readonly Candidate[]): Passing {
  const of = new Map<number, number[]>();
  for (const [index, { ways }] of candidates.entries()) {
    for (const { suspects } of ways) {
      for (const suspect of suspects) {
        const known = of.get(suspect);
        if (known === undefined) of.set(suspect, [index]);
        else if (known.at(-1) !== index) known.push(index);
      }
    }
  }
  const none: readonly number[] = [];
  return { of: (suspect) => of.get(suspect) ?? none };
}

/** Times that a hand has had a phone are counted up to this many. */
const TIMES = 4;

/** How often each hand occurs in a way, as one number with a digit for each hand. */
function timesOf(hands: readonly number[], suspects: Int32Array): number {
  let key = 0;
  for (let i = 0, digit = 1; i < hands.length; i++, digit *= TIMES) {
    let times = 0;
    for (let step = 0; step < suspects.length; step++) if (suspects[step] === hands[i]) times++;
    key += digit * Math.min(times, TIMES - 1);
  }
  return key;
}

/** The probability of staying unaltered by hands that occur so often, for given shares. */
function unalteredBy(key: number, shares: readonly number[]): number {
  let product = 1;
  let rest = key;
  for (let i = 0; rest > 0; i++, rest = Math.floor(rest / TIMES)) {
    const times = rest % TIMES;
    if (times > 0) product *= (1 - (shares[i] ?? 0)) ** times;
  }
  return product;
}

const saysAltered = (unaltered: number, { sensitivity, falsePositive, leak }: Test): number =>
  falsePositive + (sensitivity - falsePositive) * (1 - (1 - leak) * unaltered);

/** The probability that a candidate is unaltered by a set of hands, over their states. Linear in ways, so that what a way does is computed once for each belief. */
function meanUnaltered({ ways }: Candidate, { hands, states }: Belief, known: Map<number, number>): number {
  let unaltered = 0;
  for (const { weight, suspects } of ways) {
    const key = timesOf(hands, suspects);
    let mean = known.get(key);
    if (mean === undefined) {
      mean = 0;
      for (const { probability, shares } of states) mean += probability * unalteredBy(key, shares);
      known.set(key, mean);
    }
    unaltered += weight * mean;
  }
  return unaltered;
}

/** Expected information of every candidate about the set of hands. */
export function informationOf(
  candidates: readonly Candidate[],
  beliefs: readonly Belief[],
  test: Test,
  passing: Passing,
): readonly Proposal[] {
  const unmet = saysAltered(1, test);
  const unmetNoise = entropyOf(unmet);
  const mass = beliefs.reduce((sum, { probability }) => sum + probability, 0);
  const says = new Float64Array(candidates.length).fill(unmet * mass);
  const noise = new Float64Array(candidates.length).fill(unmetNoise * mass);
  const met = new Int32Array(candidates.length).fill(-1);
  for (const [turn, belief] of beliefs.entries()) {
    const known = new Map<number, number>();
    for (const hand of belief.hands) {
      for (const index of passing.of(hand)) {
        const candidate = candidates[index];
        if (candidate === undefined || met[index] === turn) continue;
        met[index] = turn;
        const p = saysAltered(meanUnaltered(candidate, belief, known), test);
        says[index] = (says[index] ?? 0) + belief.probability * (p - unmet);
        noise[index] = (noise[index] ?? 0) + belief.probability * (entropyOf(p) - unmetNoise);
      }
    }
  }
  return candidates.map((_, candidate) => {
    const altered = (says[candidate] ?? 0) / mass;
    return { candidate, altered, bits: Math.max(0, entropyOf(altered) - (noise[candidate] ?? 0) / mass) };
  });
}

/** Candidates by falling information; of equal ones the earlier. */
export const rankProposals = (proposals: readonly Proposal[]): readonly Proposal[] =>
  proposals.toSorted((a, b) => b.bits - a.bits || a.candidate - b.candidate);

/** Candidates that are looked at for a batch, and combinations of answers that are followed. */
const BATCH_CANDIDATES = 48;
const BRANCHES_MAX = 64;
const BELIEFS_MAX = 120;

/** One phone of a batch, with what it adds to those before it. */
export interface BatchItem {
  readonly candidate: number;
  /** How many phones of this candidate the batch has by now: the index into `phones`. */
  readonly nth: number;
  readonly bits: number;
}

/**
 * Chooses a batch of `size` phones greedily by the information of all their answers together (greedy is within 1-1/e of the best for such sums, Krause & Guestrin
 * 2005). Of the combinations of answers the 64 likeliest are followed.
 */
export function chooseBatch(candidates: readonly Candidate[], beliefs: readonly Belief[], test: Test, size: number): readonly BatchItem[] {
  const considered = rankProposals(informationOf(candidates, beliefs, test, passingOf(candidates))).slice(0, BATCH_CANDIDATES);
  const likely = beliefs.slice(0, BELIEFS_MAX);
  const states = likely.flatMap(({ probability, hands, states: joint }, set) =>
    joint.map((state) => ({ set, hands, shares: state.shares, probability: probability * state.probability })),
  );
  const says = considered.map(({ candidate }) => {
    const ways = candidates[candidate]?.ways ?? [];
    return Float64Array.from(states, ({ hands, shares }) =>
      saysAltered(
        ways.reduce((sum, { weight, suspects }) => sum + weight * unalteredBy(timesOf(hands, suspects), shares), 0),
        test,
      ),
    );
  });
  const used = new Map<number, number>();
  let branches: readonly Float64Array[] = [Float64Array.from(states, ({ probability }) => probability)];
  const chosen: BatchItem[] = [];
  const bySet = new Float64Array(likely.length);
  /** Probability times entropy over sets, of a branch's weights times an answer's. */
  const uncertainty = (weights: Float64Array, answer: Float64Array, isAltered: boolean): number => {
    bySet.fill(0);
    let all = 0;
    for (const [i, { set }] of states.entries()) {
      const p = (weights[i] ?? 0) * (isAltered ? (answer[i] ?? 0) : 1 - (answer[i] ?? 0));
      bySet[set] = (bySet[set] ?? 0) + p;
      all += p;
    }
    let sum = 0;
    for (const p of bySet) if (p > 0) sum -= p * Math.log2(p / all);
    return sum;
  };
  const ones = new Float64Array(states.length).fill(1);
  let before = branches.reduce((sum, weights) => sum + uncertainty(weights, ones, true), 0);
  while (chosen.length < size) {
    let best: { readonly row: number; readonly after: number } | undefined;
    for (const [row, { candidate }] of considered.entries()) {
      if ((used.get(candidate) ?? 0) >= (candidates[candidate]?.phones.length ?? 0)) continue;
      const answer = says[row];
      if (answer === undefined) continue;
      let after = 0;
      for (const weights of branches) after += uncertainty(weights, answer, true) + uncertainty(weights, answer, false);
      if (best === undefined || after < best.after - 1e-12) best = { row, after };
    }
    const candidate = best === undefined ? undefined : considered[best.row]?.candidate;
    const answer = best === undefined ? undefined : says[best.row];
    if (best === undefined || candidate === undefined || answer === undefined) break;
    const nth = used.get(candidate) ?? 0;
    chosen.push({ candidate, nth, bits: Math.max(0, before - best.after) });
    used.set(candidate, nth + 1);
    branches = branches
      .flatMap((weights) => [weights.map((w, i) => w * (answer[i] ?? 0)), weights.map((w, i) => w * (1 - (answer[i] ?? 0)))])
      .toSorted((a, b) => massOf(b) - massOf(a))
      .slice(0, BRANCHES_MAX);
    before = branches.reduce((sum, weights) => sum + uncertainty(weights, ones, true), 0);
  }
  return chosen;
}

const massOf = (weights: Float64Array): number => {
  let sum = 0;
  for (const weight of weights) sum += weight;
  return sum;
};
