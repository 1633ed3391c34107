/**
 * The system counter's frequency, by the host's clock alone.
 *
 * An exchange is: the host notes t0, asks, the phone reads its counter as c, the host notes t1 when the answer is there. The counter was c at some moment from t0 to t1, whatever the link did.
 * Two exchanges a and b bound the frequency without any statistics: (cb - ca) / (t1b - t0a) <= f <= (cb - ca) / (t0b - t1a). A phone can widen the bounds by delaying; it cannot move them off the truth.
 */

/** One question and answer. Times in nanoseconds of one monotonic host clock. */
export interface Exchange {
  readonly sentNs: number;
  readonly receivedNs: number;
  readonly counter: bigint;
}

/** Bounds in Hz. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** The answers that cannot be of one counter. */
export type CounterProblem = 'too few exchanges' | 'counter went backwards' | 'bounds do not meet';

/** Bounds over all pairs of exchanges, in one pass over each end: linear in the number of exchanges, since only the latest beginning and the earliest end of each prefix matter. */
export function counterBounds(exchanges: readonly Exchange[]): Bounds | CounterProblem {
  const usable = exchanges.filter(
    ({ sentNs, receivedNs }) => Number.isFinite(sentNs) && Number.isFinite(receivedNs) && receivedNs >= sentNs,
  );
  if (usable.length < 2) return 'too few exchanges';
  for (let i = 1; i < usable.length; i++) if ((usable[i]?.counter ?? 0n) < (usable[i - 1]?.counter ?? 0n)) return 'counter went backwards';
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  // All pairs: exchanges are tens, not thousands; the ceiling keeps a flood from becoming quadratic work.
  const some = thinned(usable, EXCHANGES_MAX);
  for (const [i, a] of some.entries()) {
    for (const b of some.slice(i + 1)) {
      const ticks = Number(b.counter - a.counter) * 1e9;
      low = Math.max(low, ticks / (b.receivedNs - a.sentNs));
      if (b.sentNs > a.receivedNs) high = Math.min(high, ticks / (b.sentNs - a.receivedNs));
    }
  }
  return low > high ? 'bounds do not meet' : { low, high };
}

const EXCHANGES_MAX = 256;

/** At most `most` of them, from both ends: the widest pairs bound best. */
function thinned<T>(all: readonly T[], most: number): readonly T[] {
  return all.length <= most ? all : [...all.slice(0, most / 2), ...all.slice(-most / 2)];
}

/** Counter frequencies that phones have, in Hz (BogoMIPS over dumps of some 80 chips): likelihoods, not identities. */
export const KNOWN_COUNTERS: readonly { readonly hertz: number; readonly chips: string }[] = [
  { hertz: 1_200_000, chips: 'Kirin 620' },
  { hertz: 1_920_000, chips: 'HiSilicon Kirin' },
  { hertz: 12_000_000, chips: 'Tegra K1' },
  { hertz: 13_000_000, chips: 'MediaTek' },
  { hertz: 19_200_000, chips: 'Qualcomm, Ascend' },
  { hertz: 24_000_000, chips: 'early Exynos, Rockchip, Allwinner' },
  { hertz: 24_576_000, chips: 'Google Tensor' },
  { hertz: 25_600_000, chips: 'Exynos 2200 and 2400' },
  { hertz: 26_000_000, chips: 'Exynos to 990, Unisoc' },
  { hertz: 26_080_000, chips: 'Surge S1' },
];

/** A crystal's tolerance: phones' are within 30 parts per million; this is generous. */
const TOLERANCE = 100e-6;

/** Which known frequencies lie within bounds. Empty: none that we know; the phone's is another, or it is emulated. */
export function countersWithin(bounds: Bounds): readonly (typeof KNOWN_COUNTERS)[number][] {
  return KNOWN_COUNTERS.filter(({ hertz }) => hertz * (1 + TOLERANCE) >= bounds.low && hertz * (1 - TOLERANCE) <= bounds.high);
}

/** What measured bounds say of a claimed frequency: refuted when it lies outside them, with the crystal's tolerance. */
export function judgeCounter(claimedHertz: number, bounds: Bounds): 'refuted' | 'consistent' {
  return claimedHertz * (1 + TOLERANCE) < bounds.low || claimedHertz * (1 - TOLERANCE) > bounds.high ? 'refuted' : 'consistent';
}

/**
 * The period of the timer behind clock_gettime, where programs may not read the counter: its nanoseconds lie on a lattice of 1e9 / f.
 * Answers the coarsest known frequency whose lattice explains the samples; undefined where none does, or too many fit.
 * `samples` are nanoseconds of CLOCK_MONOTONIC_RAW, read back to back.
 */
export function latticeFrequency(samples: readonly bigint[]): number | undefined {
  const [first] = samples;
  if (first === undefined || samples.length < 64) return undefined;
  const offsets = samples.slice(1).map((sample) => Number(sample - first));
  // From coarse to fine: a multiple's lattice explains everything that its divisor's does.
  return KNOWN_COUNTERS.find(({ hertz }) => explains(hertz, offsets))?.hertz;
}

/** At most one sample in 500 may miss the lattice by more than its rounding, whatever drift the crystal has. */
function explains(hertz: number, offsets: readonly number[]): boolean {
  const period = 1e9 / hertz;
  for (let ppm = -100; ppm <= 100; ppm += 5) {
    const drifted = period * (1 + ppm * 1e-6);
    let misses = 0;
    for (const offset of offsets) {
      const phase = offset / drifted;
      // Both readings are rounded down to a nanosecond, so a difference may be off by one.
      if (Math.abs(phase - Math.round(phase)) * drifted > 1.01) misses++;
      if (misses > offsets.length * 0.002) break;
    }
    if (misses <= offsets.length * 0.002) return true;
  }
  return false;
}
