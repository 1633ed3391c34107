import type { MotionSample } from './samples.ts';
import { isTurn, type MotionStep, POSES, type Vector } from './steps.ts';

/** A step and the time in which it counts, milliseconds since the question. */
export interface Window {
  readonly step: MotionStep;
  readonly start: number;
  readonly end: number;
}

/** A position that was held: samples `first` to `last`, and where up was in the middle of them. */
export interface Hold {
  readonly step: MotionStep;
  readonly first: number;
  readonly last: number;
  readonly middle: number;
  readonly up: Vector;
}

/** Degrees within which a position is held; milliseconds that it is held for; and of a gap over which nothing is known. */
const [HELD_DEGREES, HELD_MS] = [30, 400];
export const GAP_MS = 500;
/** m/s² of what may be gravity while a hand moves it. */
const [STILL_LOW, STILL_HIGH] = [6, 14];

/** Degrees between two directions. */
export function angleOf(one: Vector, other: Vector): number {
  const cosine = (one[0] * other[0] + one[1] * other[1] + one[2] * other[2]) / (Math.hypot(...one) * Math.hypot(...other));
  return (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI;
}

/** The positions that were held, each the longest time within its window. `sign` is -1 where a browser states the pull of gravity instead of the push against it. */
export function holdsIn(samples: readonly MotionSample[], windows: readonly Window[], sign: 1 | -1): readonly Hold[] {
  return windows.flatMap(({ step, start, end }): Hold[] => {
    if (isTurn(step)) return [];
    const up = (at: number): Vector | undefined => {
      const { ms, acceleration } = samples[at] ?? { ms: Number.NaN, acceleration: undefined };
      if (acceleration === undefined || !(ms >= start && ms < end)) return undefined;
      const length = Math.hypot(...acceleration);
      if (length < STILL_LOW || length > STILL_HIGH) return undefined;
      const direction: Vector = [sign * acceleration[0], sign * acceleration[1], sign * acceleration[2]];
      return angleOf(direction, POSES[step]) <= HELD_DEGREES ? direction : undefined;
    };
    const run = longestRun(samples, (at) => up(at) !== undefined);
    if (run === undefined) return [];
    const middle = (run.first + run.last) >> 1;
    const direction = up(middle);
    return direction === undefined ? [] : [{ step, ...run, middle, up: direction }];
  });
}

/** The longest run of samples without a gap that all are so, where it lasts. */
function longestRun(samples: readonly MotionSample[], isSo: (at: number) => boolean): Pick<Hold, 'first' | 'last'> | undefined {
  let best: { readonly first: number; readonly last: number; readonly ms: number } | undefined;
  let first: number | undefined;
  for (const [at, { ms }] of samples.entries()) {
    if (!isSo(at)) first = undefined;
    else if (first === undefined || ms - (samples[at - 1]?.ms ?? ms) > GAP_MS) first = at;
    if (first === undefined) continue;
    const lasted = ms - (samples[first]?.ms ?? ms);
    if (lasted >= HELD_MS && lasted > (best?.ms ?? 0)) best = { first, last: at, ms: lasted };
  }
  return best;
}
