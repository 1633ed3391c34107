/** What the numbers of a lot say together: numbers in a row, and how many numbers a counterfeiter has. */
import type { Instant } from '../../bytes/index.ts';
import type { CloneFinding } from '../../evidence/index.ts';

/** Shorter rows come about by themselves. */
const RUN_MIN = 5;
/** A carton of one model is in a row by right; what a shop bought from many is not, beyond this share of it. */
const RUN_SHARE = 0.5;

/** A lot: numbers that came from one hand. */
export interface Lot {
  readonly at: Instant;
  readonly source: string;
  /** Digits, as IMEIs without check digit or serials of digits. */
  readonly numbers: readonly string[];
}

/** Rows of numbers one after the other that make up much of a lot. */
export function serialRuns({ at, source, numbers }: Lot): readonly CloneFinding[] {
  const sorted = [...new Set(numbers.filter((number) => /^\d{1,30}$/.test(number)))].toSorted(
    (a, b) => a.length - b.length || (a < b ? -1 : 1),
  );
  const runs: string[][] = [];
  for (const number of sorted) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && last.length === number.length && BigInt(number) === BigInt(last) + 1n) run.push(number);
    else runs.push([number]);
  }
  return runs
    .filter((run) => run.length >= RUN_MIN && run.length >= sorted.length * RUN_SHARE)
    .map((run) => ({
      code: 'serial-run',
      identity: run[0] ?? '',
      at,
      observed: `${run.length} of ${sorted.length} numbers are in a row, from ${run[0]} to ${run.at(-1)}`,
      benign: 'A carton of the factory has numbers in a row.',
      trust: 'bearer',
      evidence: [source],
    }));
}

export interface PoolEstimate {
  /** Phones that were seen, and pairs of them with the same number. */
  readonly phones: number;
  readonly pairs: number;
  /** How many numbers the pool has; Infinity where nothing was seen twice. */
  readonly size: number;
  /** Between these, at 95 %. */
  readonly low: number;
  readonly high: number;
}

/**
 * How many numbers counterfeits share, from how often two have the same: of n phones with numbers drawn alike from N, n(n−1)/2N pairs agree.
 * The pairs are counted as Poisson's; his exact interval is taken (Garwood 1936) by halving. Two phones of one number must be known to be two.
 */
export function poolSize(numbers: readonly string[]): PoolEstimate {
  const counted = new Map<string, number>();
  for (const number of numbers) counted.set(number, (counted.get(number) ?? 0) + 1);
  const phones = numbers.length;
  const all = (phones * (phones - 1)) / 2;
  const pairs = [...counted.values()].reduce((sum, count) => sum + (count * (count - 1)) / 2, 0);
  const [least, most] = poissonInterval(pairs);
  const sizeAt = (mean: number) => (mean === 0 ? Number.POSITIVE_INFINITY : all / mean);
  return { phones, pairs, size: sizeAt(pairs), low: sizeAt(most), high: sizeAt(least) };
}

/** The means under which as many or as few as `count` are seen in one of forty cases. */
function poissonInterval(count: number): readonly [number, number] {
  const atMost = (k: number, mean: number) => {
    let term = Math.exp(-mean);
    let sum = term;
    for (let i = 1; i <= k; i++) {
      term *= mean / i;
      sum += term;
    }
    return sum;
  };
  // Beyond this the normal approximation is as good, and exp(-mean) is nothing.
  if (count > 500) return [count - 1.96 * Math.sqrt(count), count + 1.96 * Math.sqrt(count + 1)];
  const solve = (isLow: (mean: number) => boolean) => {
    let [low, high] = [0, count + 10 * Math.sqrt(count + 1) + 10];
    for (let i = 0; i < 100; i++) {
      const middle = (low + high) / 2;
      if (isLow(middle)) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  return [count === 0 ? 0 : solve((mean) => 1 - atMost(count - 1, mean) < 0.025), solve((mean) => atMost(count, mean) > 0.025)];
}
