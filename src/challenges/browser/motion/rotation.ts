/** Rotation as a gyroscope states it, held against what gravity shows. */
import { angleOf, GAP_MS, type Hold, type Window } from './holds.ts';
import type { MotionRecord, MotionSample } from './samples.ts';
import { TURNS, type Turn, type Vector } from './steps.ts';

/** How a browser states a rotation: where in alpha, beta, gamma the axes x, y, z stand, and radians of its unit. */
interface Frame {
  readonly axes: readonly [x: number, y: number, z: number];
  readonly unit: number;
}

const DEGREE = Math.PI / 180;
/** As browsers do it and the standard says since 2019 (w3c/deviceorientation, issue 44), and as it said before; in degrees, and in radians, as Chrome for Android once did. */
const AS_BROWSERS_DO: Frame = { axes: [0, 1, 2], unit: DEGREE };
const FRAMES: readonly Frame[] = [
  AS_BROWSERS_DO,
  { axes: [1, 2, 0], unit: DEGREE },
  { axes: [0, 1, 2], unit: 1 },
  { axes: [1, 2, 0], unit: 1 },
];

/** Radians a second about x, y and z. */
const ratesOf = (rotation: Vector, { axes: [x, y, z], unit }: Frame): Vector => [
  (rotation[x] ?? 0) * unit,
  (rotation[y] ?? 0) * unit,
  (rotation[z] ?? 0) * unit,
];

/** How well gravity and gyroscope agree: the frame in which they agree best, and for each change of position degrees by which they part. Undefined where no change can be compared. */
export function bestFrame(
  samples: readonly MotionSample[],
  holds: readonly Hold[],
): { readonly frame: Frame; readonly errors: readonly number[] } | undefined {
  const tried = FRAMES.map((frame) => ({ frame, errors: errorsIn(samples, holds, frame) })).filter(({ errors }) => errors.length > 0);
  const sum = ({ errors }: { readonly errors: readonly number[] }) => errors.reduce((all, error) => all + error, 0);
  // Of equals the first, which is what browsers do.
  return tried.toSorted((one, other) => sum(one) - sum(other))[0];
}

const errorsIn = (samples: readonly MotionSample[], holds: readonly Hold[], frame: Frame): readonly number[] =>
  holds.slice(1).flatMap((to, at) => {
    const from = holds[at];
    const carried = from === undefined ? undefined : carry(from.up, samples.slice(from.middle, to.middle + 1), frame);
    return carried === undefined ? [] : [angleOf(carried, to.up)];
  });

/** Where a direction of the world stands in the phone's frame after its rotations. Undefined where a sample has none, or after a gap. */
function carry(direction: Vector, [first, ...samples]: readonly MotionSample[], frame: Frame): Vector | undefined {
  let [carried, before] = [direction, first?.ms ?? 0];
  for (const { ms, rotation } of samples) {
    if (rotation === undefined || ms - before > GAP_MS) return undefined;
    // The world turns the other way.
    carried = rotated(carried, ratesOf(rotation, frame), (before - ms) / 1000);
    before = ms;
  }
  return carried;
}

/** A direction turned about an axis, by the length of the axis a second (Rodrigues). */
function rotated([x, y, z]: Vector, rates: Vector, seconds: number): Vector {
  const speed = Math.hypot(...rates);
  if (speed === 0) return [x, y, z];
  const [a, b, c] = rates.map((rate) => rate / speed) as [number, number, number];
  const [sine, cosine] = [Math.sin(speed * seconds), Math.cos(speed * seconds)];
  const along = (a * x + b * y + c * z) * (1 - cosine);
  return [
    x * cosine + (b * z - c * y) * sine + a * along,
    y * cosine + (c * x - a * z) * sine + b * along,
    z * cosine + (a * y - b * x) * sine + c * along,
  ];
}

/** Degrees of a quarter turn as hands do it. */
const TURN_LOW = 45;

/** Whether the phone was turned as asked, and not the other way first: by the gyroscope where there is one, else by what the browser calls its orientation. */
export function isTurned(
  { samples, orientations }: MotionRecord,
  { start, end, turn }: Pick<Window, 'start' | 'end'> & { readonly turn: Turn },
  up: Vector,
  frame: Frame | undefined,
): boolean {
  const length = Math.hypot(...up);
  const own = samples.flatMap(({ ms, rotation }, at) => {
    if (rotation === undefined || ms < start || ms >= end) return [];
    const [x, y, z] = ratesOf(rotation, frame ?? AS_BROWSERS_DO);
    const seconds = Math.min(GAP_MS, ms - (samples[at - 1]?.ms ?? ms)) / 1000;
    return [((x * up[0] + y * up[1] + z * up[2]) / length / DEGREE) * seconds];
  });
  return isQuarter(own.length > 0 ? own : changesOf(orientations, start, end), TURNS[turn]);
}

/** Changes of a direction, each by the shorter way. */
const changesOf = (orientations: MotionRecord['orientations'], start: number, end: number): readonly number[] =>
  orientations
    .filter(({ ms }) => ms >= start && ms < end)
    .flatMap(({ alpha }) => alpha ?? [])
    .map((alpha, at, all) => {
      const change = alpha - (all[at - 1] ?? alpha);
      return change - 360 * Math.round(change / 360);
    });

function isQuarter(changes: readonly number[], sign: 1 | -1): boolean {
  let turned = 0;
  for (const change of changes) {
    turned += sign * change;
    if (turned <= -TURN_LOW) return false;
    if (turned >= TURN_LOW) return true;
  }
  return false;
}
