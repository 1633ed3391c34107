/**
 * From times to slopes. First the minimum of each size, then the slope: minima of slopes gave 9 to 144 GHz where a core ran at 3.5, since one delayed small sample makes a slope as steep as it likes.
 * The interval is by bootstrap over the samples of each size. Every time is the host's.
 */
import type { Next } from '../native/random.ts';

/** Times in nanoseconds of one size; sizes are in whatever the slope shall be per. */
export interface SizeSamples {
  readonly size: number;
  readonly timesNs: readonly number[];
}

export interface Estimate {
  readonly value: number;
  /** 95 % of the bootstrap lie between. */
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 200;

/** Least squares through the minima: nanoseconds per unit of size, and what is left at size 0. Undefined with fewer than two sizes. */
function lineOfMinima(samples: readonly SizeSamples[]): { readonly slope: number; readonly intercept: number } | undefined {
  const points = samples.filter(({ timesNs }) => timesNs.length > 0).map(({ size, timesNs }) => [size, least(timesNs)] as const);
  if (new Set(points.map(([size]) => size)).size < 2) return undefined;
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return { slope, intercept: meanY - slope * meanX };
}

/** The slope with its interval; undefined where there is none, or where time does not grow with size. */
export function slopeOf(samples: readonly SizeSamples[], next: Next): Estimate | undefined {
  const line = lineOfMinima(samples);
  if (line === undefined || line.slope <= 0) return undefined;
  const slopes = Array.from({ length: RESAMPLES }, () => lineOfMinima(samples.map((one) => resampled(one, next)))?.slope ?? line.slope);
  const sorted = slopes.toSorted((a, b) => a - b);
  return {
    value: line.slope,
    low: sorted[Math.floor(RESAMPLES * 0.025)] ?? line.slope,
    high: sorted[Math.ceil(RESAMPLES * 0.975) - 1] ?? line.slope,
  };
}

const resampled = ({ size, timesNs }: SizeSamples, next: Next): SizeSamples => ({
  size,
  timesNs: timesNs.map(() => timesNs[next(timesNs.length)] ?? 0),
});

export const least = (values: readonly number[]): number => values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);

/** One time of one size. */
export interface Timed {
  readonly size: number;
  readonly ns: number;
}

/** Times gathered by size, smallest first. */
export function bySize(times: readonly Timed[]): readonly SizeSamples[] {
  return [...Map.groupBy(times, ({ size }) => size)]
    .map(([size, all]) => ({ size, timesNs: all.map(({ ns }) => ns) }))
    .toSorted((a, b) => a.size - b.size);
}
