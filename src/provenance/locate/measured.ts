/** How often locating names an innocent: measured by `npm run bench:locate -- --write`, and said beside every name. */
import measured from './measured.json' with { type: 'json' };

export interface MeasuredWorld {
  readonly world: string;
  readonly what: string;
  readonly runs: number;
  /** Runs in which a custodian that had done nothing was at the threshold at some moment. */
  readonly accused: number;
}

export interface MeasuredError {
  readonly threshold: number;
  /** The main world first. */
  readonly worlds: readonly MeasuredWorld[];
}

export const MEASURED: MeasuredError = measured;

/** Upper end of the 95 % interval of a rate (Wilson score). */
export function upperRate(count: number, of: number): number {
  if (of === 0) return 1;
  const z = 1.96;
  const p = count / of;
  return Math.min(1, (p + z ** 2 / (2 * of) + z * Math.sqrt((p * (1 - p)) / of + z ** 2 / (4 * of ** 2))) / (1 + z ** 2 / of));
}
