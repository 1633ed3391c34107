/**
 * The model of locating: a noisy-OR over custody paths.
 *
 * Each suspect v (a custodian, or the way between two) is a hand (z = 1) or not. A hand alters a share θ of the phones it handles, each handling anew.
 * A phone may also be altered outside the chain, at the small rate ε (leak). A phone that passes v1, v2, … unaltered so far stays so with probability
 * (1-ε)·Π(1-θ)^z. An inspection says `altered` with the check's sensitivity s where it is, and with its false-positive rate f where it is not.
 * Pearl 1988 (noisy-OR); Heckerman 1989 and Jaakkola & Jordan, JAIR 10, 1999 (inference in QMR-DT: the same bipartite graph of causes and findings).
 *
 * Inspections on the way cut a path: what comes after a clean one is as it was, what comes before it is spoken for with the check's sensitivity. So a phone is
 * a chain of segments, and its likelihood is a sum over the segment in which it was altered. Ways that are not known are mixtures over paths.
 */

/** What the model assumes before any data; every number is an argument and is repeated in the result. */
export interface Assumptions {
  /** ε: share of phones that are altered outside the known chain. */
  readonly leak: number;
  /** The probability that nobody in the chain did it. */
  readonly outside: number;
  /** Of n hands, the share of incidents with one more: P(n+1)/P(n) from one hand on. */
  readonly anotherHand: number;
  /** Edges of the cells into which the altered share θ is cut, from 0 to 1; θ is the middle of a cell. */
  readonly shares: readonly number[];
  /** a of the share's prior Beta(a, 1): above 1, since whoever makes a business of it alters more rather than less. */
  readonly shareShape: number;
  /** How much a link is suspected, as a part of an ordinary custodian: whoever only carries a closed box has less time and no bench. */
  readonly linkWeight: number;
  /** How freely complaints come of phones that nobody altered, against those that somebody did. */
  readonly falseComplaint: number;
  /** The probability that a hand puts its own usual alteration on a phone, where it has a signature. */
  readonly signatureFidelity: number;
  /** Of how many alterations in the wild an unrelated one is one. */
  readonly signatureVariety: number;
}

/** How those that are judgements were chosen, and what they cost, is in docs/locating.md. */
export const ASSUMPTIONS: Assumptions = {
  leak: 0.002,
  outside: 0.01,
  anotherHand: 0.05,
  shares: [0, 0.08, 0.22, 0.4, 0.6, 0.8, 1],
  shareShape: 2,
  linkWeight: 0.005,
  falseComplaint: 0.01,
  signatureFidelity: 0.9,
  signatureVariety: 20,
};

/** Somebody who could have done it. */
export type Suspect =
  | { readonly kind: 'custodian'; readonly id: string; readonly weight: number }
  | { readonly kind: 'link'; readonly from: string; readonly to: string; readonly weight: number };

/** One way that a phone may have come: suspects in order, and before which of its inspections each handling took place. */
export interface Way {
  readonly weight: number;
  readonly suspects: Int32Array;
  /** Segment of each step: 0 is before the first inspection. Steps after the last one say nothing and are left out. */
  readonly segments: Uint8Array;
  /** Leak of each segment; its length is the count of segments. */
  readonly leaks: Float64Array;
}

/** Phones that say the same: same ways, same answers. */
export interface Observation {
  readonly ways: readonly Way[];
  /** `given[i]`: likelihood of all answers if the phone was altered in segment i; the last one, if never. */
  readonly given: Float64Array;
  /** Index of the signature's class; -1 where none was found, `OTHER` where nothing else has it. */
  readonly signature: number;
  readonly complaint: boolean;
  readonly count: number;
  readonly phones: readonly number[];
}

/** A signature that only one phone has. */
export const OTHER = -2;

/** The states that a hand can have: a share, and the signature that is its own (-1: none that we know). */
export interface Modes {
  readonly count: number;
  readonly share: Float64Array;
  readonly signature: Int32Array;
  readonly logPrior: Float64Array;
}

/** The shares' cells times the signatures' classes. */
export function modesOf({ shares, shareShape, signatureVariety }: Assumptions, signatures: number): Modes {
  const cells = shares.length - 1;
  const count = cells * (signatures + 1);
  const modes = { count, share: new Float64Array(count), signature: new Int32Array(count), logPrior: new Float64Array(count) };
  for (let mode = 0; mode < count; mode++) {
    const cell = mode % cells;
    const signature = Math.floor(mode / cells) - 1;
    const [from = 0, to = 0] = [shares[cell], shares[cell + 1]];
    modes.share[mode] = (from + to) / 2;
    modes.signature[mode] = signature;
    const own =
      signature < 0 ? 1 - signatures / Math.max(signatureVariety, signatures + 1) : 1 / Math.max(signatureVariety, signatures + 1);
    modes.logPrior[mode] = Math.log((to ** shareShape - from ** shareShape) * own);
  }
  return modes;
}

/** The probability that an alteration by a hand of this mode has the observation's signature. */
function signatureGiven(own: number, found: number, { signatureFidelity, signatureVariety }: Assumptions): number {
  if (found === -1) return 1;
  if (own === found) return signatureFidelity;
  return (own < 0 ? 1 : 1 - signatureFidelity) / signatureVariety;
}

/**
 * The likelihood of an observation. `modeOf` answers the mode of a suspect, or -1 where it is no hand.
 * Linear in the number of steps; never negative; not yet divided by what complaints prefer (`Fleet`).
 */
export function likelihood(observation: Observation, modeOf: (suspect: number) => number, modes: Modes, assumptions: Assumptions): number {
  const { given, signature, ways } = observation;
  const never =
    (given[given.length - 1] ?? 0) * (observation.complaint ? assumptions.falseComplaint : 1) * signatureGiven(-1, signature, assumptions);
  const outside = signatureGiven(-1, signature, assumptions);
  let sum = 0;
  for (const { weight, suspects, segments, leaks } of ways) {
    let unaltered = 1;
    let altered = 0;
    let segment = 0;
    const leaveSegment = () => {
      const leak = leaks[segment] ?? 0;
      altered += unaltered * leak * outside * (given[segment] ?? 0);
      unaltered *= 1 - leak;
      segment++;
    };
    for (let step = 0; step < suspects.length; step++) {
      const at = segments[step] ?? 0;
      while (segment < at) leaveSegment();
      const mode = modeOf(suspects[step] ?? -1);
      if (mode < 0) continue;
      const share = modes.share[mode] ?? 0;
      altered += unaltered * share * signatureGiven(modes.signature[mode] ?? -1, signature, assumptions) * (given[segment] ?? 0);
      unaltered *= 1 - share;
    }
    while (segment < leaks.length) leaveSegment();
    sum += weight * (altered + unaltered * never);
  }
  return sum;
}

/** log(Σ exp(x)) over a part of an array, without overflow. */
export function logSumExp(values: Float64Array, from = 0, to = values.length): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = from; i < to; i++) if ((values[i] ?? 0) > max) max = values[i] ?? 0;
  if (max === Number.NEGATIVE_INFINITY) return max;
  let sum = 0;
  for (let i = from; i < to; i++) sum += Math.exp((values[i] ?? 0) - max);
  return max + Math.log(sum);
}

export const logAdd = (a: number, b: number): number =>
  a === Number.NEGATIVE_INFINITY ? b : b === Number.NEGATIVE_INFINITY ? a : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));

/**
 * The prior of a set of hands: P(n) by how many they are, and among the sets of n in proportion to the product of weights.
 * `logOfCount[n]` is log(P(n) / e_n(weights)), with e_n the elementary symmetric polynomial, so that the prior of a set is logOfCount[n] + Σ log weight.
 */
export function countPrior(weights: Float64Array, assumptions: Assumptions, most: number): Float64Array {
  // e_n by the usual recurrence in the log domain; weights that are zero add nothing.
  const logE = new Float64Array(most + 1).fill(Number.NEGATIVE_INFINITY);
  logE[0] = 0;
  for (const weight of weights) {
    if (!(weight > 0)) continue;
    const log = Math.log(weight);
    for (let n = most; n >= 1; n--) logE[n] = logAdd(logE[n] ?? Number.NEGATIVE_INFINITY, (logE[n - 1] ?? Number.NEGATIVE_INFINITY) + log);
  }
  const logOfCount = new Float64Array(most + 1).fill(Number.NEGATIVE_INFINITY);
  const { outside, anotherHand } = assumptions;
  for (let n = 0; n <= most; n++) {
    const e = logE[n] ?? Number.NEGATIVE_INFINITY;
    if (e === Number.NEGATIVE_INFINITY) continue;
    logOfCount[n] = Math.log(n === 0 ? outside : (1 - outside) * (1 - anotherHand) * anotherHand ** (n - 1)) - e;
  }
  return logOfCount;
}
