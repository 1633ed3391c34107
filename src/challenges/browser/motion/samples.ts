/**
 * What our page says of a motion question, read with distrust: `{ nonce, starts, samples, orientations, interval }`. Each refusal names what is wrong, and where.
 *
 *     starts        milliseconds since the question at which each step began
 *     samples       [ms, ax, ay, az, ra, rb, rc]: means since the one before; acceleration with gravity in mm/s², rotation in hundredths of the browser's unit a second, null where the phone has none
 *     orientations  [ms, alpha, beta, gamma] in tenths of degrees
 *     interval      milliseconds between events, as the browser says
 */
import { toHex } from '../../../bytes/index.ts';
import { motionSteps, type Vector } from './steps.ts';

export interface MotionSample {
  readonly ms: number;
  /** Acceleration with gravity, m/s². */
  readonly acceleration: Vector | undefined;
  /** Rotation as the browser states it: its unit and the order of its axes are for whoever reads it to find. */
  readonly rotation: Vector | undefined;
}

interface OrientationSample {
  readonly ms: number;
  /** Degrees, counter-clockwise about up. */
  readonly alpha: number | undefined;
}

export interface MotionRecord {
  readonly starts: readonly number[];
  readonly samples: readonly MotionSample[];
  readonly orientations: readonly OrientationSample[];
  readonly intervalMs: number | undefined;
}

/** What our page sends at most: 48 seconds at 20 a second, and at 10. */
const [SAMPLES_MAX, ORIENTATIONS_MAX] = [1000, 500];
/** Beyond what sensors of phones measure, with room: 40 g in mm/s², and 10,000 degrees a second in hundredths. */
const [ACCELERATION_MAX, ROTATION_MAX, ANGLE_MAX] = [400_000, 1_000_000, 3600];
/** Milliseconds by which the page's clock and the host's may part. */
const CLOCK_SLACK_MS = 1000;
const NONE_OF_OURS = 'the answer is none that our page gives';

class Refused extends Error {}

/** Reads an answer to the question of this nonce. `waitedMs`: how long the host waited for it, by its own clock. */
export function readMotionSamples(answer: string, nonce: Uint8Array, waitedMs: number): MotionRecord | { readonly refused: string } {
  try {
    return recordOf(JSON.parse(answer), nonce, waitedMs);
  } catch (error) {
    return { refused: error instanceof Refused ? error.message : NONE_OF_OURS };
  }
}

function recordOf(said: unknown, nonce: Uint8Array, waitedMs: number): MotionRecord {
  if (typeof said !== 'object' || said === null) throw new Refused(NONE_OF_OURS);
  // What is neither null nor a primitive has names.
  const { nonce: of, refused, starts, samples, orientations, interval } = said as Readonly<Record<string, unknown>>;
  if (typeof refused === 'string') throw new Refused(refused.slice(0, 400));
  if (!Array.isArray(starts) || !Array.isArray(samples) || !Array.isArray(orientations)) throw new Refused(NONE_OF_OURS);
  if (of !== toHex(nonce)) throw new Refused('samples of another question');
  if (samples.length > SAMPLES_MAX) throw new Refused(`${samples.length} samples, where our page sends ${SAMPLES_MAX} at most`);
  if (orientations.length > ORIENTATIONS_MAX)
    throw new Refused(`${orientations.length} orientations, where our page sends ${ORIENTATIONS_MAX} at most`);
  if (starts.length > motionSteps(nonce).length) throw new Refused('more steps than were asked for');
  const lastMs = waitedMs + CLOCK_SLACK_MS;
  const rows = rowsOf(samples, { what: 'sample', columns: 7, lastMs });
  return {
    starts: rowsOf(
      starts.map((start) => [start]),
      { what: 'step', columns: 1, lastMs },
    ).map(([ms = 0]) => ms ?? 0),
    samples: rows.map(
      ([ms, ax, ay, az, ra, rb, rc], at): MotionSample => ({
        ms: ms ?? 0,
        acceleration: vectorOf([ax, ay, az], { limit: ACCELERATION_MAX, unit: 1000, what: `sample ${at + 1}: an acceleration` }),
        rotation: vectorOf([ra, rb, rc], { limit: ROTATION_MAX, unit: 100, what: `sample ${at + 1}: a rotation` }),
      }),
    ),
    orientations: rowsOf(orientations, { what: 'orientation', columns: 4, lastMs }).map(([ms, alpha], at) => {
      if (Math.abs(alpha ?? 0) > ANGLE_MAX) throw new Refused(`orientation ${at + 1}: an angle beyond the circle`);
      return { ms: ms ?? 0, alpha: typeof alpha === 'number' ? alpha / 10 : undefined };
    }),
    intervalMs: typeof interval === 'number' && interval > 0 && interval < 1e5 ? interval : undefined,
  };
}

interface RowRules {
  readonly what: string;
  readonly columns: number;
  readonly lastMs: number;
}

/** Rows of numbers or null; the first column is a time: never null, never negative, never before that of the row before, never after the host had the answer. */
function rowsOf(rows: readonly unknown[], { what, columns, lastMs }: RowRules): readonly (readonly (number | null | undefined)[])[] {
  let before = 0;
  return rows.map((row, at) => {
    const name = `${what} ${at + 1}`;
    if (!Array.isArray(row) || row.length !== columns) throw new Refused(`${name} is not ${columns} numbers`);
    const values = row.map((value: unknown): number | null => {
      if (value === null || (typeof value === 'number' && Number.isFinite(value))) return value;
      throw new Refused(`${name} holds what is no number`);
    });
    const [ms] = values;
    if (typeof ms !== 'number') throw new Refused(`${name} has no time`);
    if (ms < 0) throw new Refused(`${name} has a negative time`);
    if (ms < before) throw new Refused(`${name} is earlier than the one before it`);
    if (ms > lastMs) throw new Refused(`${name} is later than its answer`);
    before = ms;
    return values;
  });
}

interface VectorRules {
  readonly limit: number;
  readonly unit: number;
  readonly what: string;
}

function vectorOf([x, y, z]: readonly (number | null | undefined)[], { limit, unit, what }: VectorRules): Vector | undefined {
  if (typeof x !== 'number' || typeof y !== 'number' || typeof z !== 'number') return undefined;
  for (const value of [x, y, z]) if (Math.abs(value) > limit) throw new Refused(`${what} beyond what sensors measure`);
  return [x / unit, y / unit, z / unit];
}
