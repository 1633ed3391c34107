/** What whoever holds a phone is asked to do with it: positions in an order that the nonce chose, one of them followed by a turn on the table, which gravity cannot tell. */
import { toHex } from '../../../bytes/index.ts';
import { spread } from '../../native/random.ts';

/** A direction in the phone's own frame: x to the right of the screen, y to its top, z out of it (W3C Device Orientation and Motion, 4.1). */
export type Vector = readonly [x: number, y: number, z: number];

/** Positions, each by where up is. */
export const POSES = {
  'face up': [0, 0, 1],
  'face down': [0, 0, -1],
  upright: [0, 1, 0],
  'upside down': [0, -1, 0],
  'left edge down': [1, 0, 0],
  'right edge down': [-1, 0, 0],
} as const satisfies Readonly<Record<string, Vector>>;
export type Pose = keyof typeof POSES;

/** Turns by a quarter, as seen from above, on the phone's back; each by its sign about up. */
export const TURNS = { clockwise: -1, 'counter-clockwise': 1 } as const;
export type Turn = keyof typeof TURNS;

export type MotionStep = Pose | Turn;
export const isTurn = (step: MotionStep): step is Turn => Object.hasOwn(TURNS, step);

const OTHERS: readonly Pose[] = ['face down', 'upright', 'upside down', 'left edge down', 'right edge down'];

/** Milliseconds within which a step is done. */
export const STEP_MS = 8000;
/** Positions, one of them on the back. */
const PLACES = 4;

/**
 * The steps that a nonce asks for. No position comes twice, and none after its opposite: a phone that is turned over by one axis ends as one that was turned over by another,
 * and the gyroscope could say either.
 */
export function motionSteps(nonce: Uint8Array): readonly MotionStep[] {
  const next = spread(nonce);
  const back = next(PLACES);
  const steps: MotionStep[] = [];
  let before: Pose | undefined;
  for (let place = 0; place < PLACES; place++) {
    const after = place + 1 === back ? ('face up' as const) : undefined;
    const left = OTHERS.filter((pose) => !steps.includes(pose) && !isOpposite(pose, before) && !isOpposite(pose, after));
    const pose: Pose = place === back ? 'face up' : (left[next(left.length)] ?? 'upright');
    steps.push(pose, ...(place === back ? [next(2) === 0 ? ('clockwise' as const) : ('counter-clockwise' as const)] : []));
    before = pose;
  }
  return steps;
}

const isOpposite = (pose: Pose, other: Pose | undefined): boolean =>
  other !== undefined && POSES[pose].every((part, axis) => part + (POSES[other][axis] ?? 0) === 0);

/** The question as it is sent. The nonce is in it, and comes back with the samples. */
export const writeMotionQuestion = (nonce: Uint8Array): string =>
  JSON.stringify({ ask: 'motion', nonce: toHex(nonce), ms: STEP_MS, steps: motionSteps(nonce) });
