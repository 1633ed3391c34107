/** What an honest page sends for a motion question: a phone that a hand turns from position to position, by the physics of a rigid body. */
import { toHex } from '../bytes/index.ts';
import { isTurn, type MotionVector, motionSteps, POSES, TURNS } from '../challenges/index.ts';

type Triple = readonly [number | null, number | null, number | null];

export interface MovedPhone {
  /** m/s² of gravity. */
  readonly gravity?: number;
  /** -1: a browser that turns all signs of acceleration. */
  readonly sign?: 1 | -1;
  /** How a gyroscope's rotation about x, y and z, in degrees a second, is stated; null: no gyroscope. */
  readonly stated?: ((rates: MotionVector) => MotionVector) | null;
  readonly accelerometer?: boolean;
  /** The positions that the hand goes through, where they are not those asked for. */
  readonly nonce?: Uint8Array;
  readonly orientations?: boolean;
  /** Milliseconds on the way to a position, and of holding it. */
  readonly pace?: readonly [moves: number, holds: number];
}

export interface MotionAnswer {
  nonce: string;
  starts: number[];
  samples: (readonly [number, ...Triple, ...Triple])[];
  orientations: (readonly [number, number, number, number])[];
  interval: number;
}

const STEP = 50;
const cross = ([a, b, c]: MotionVector, [x, y, z]: MotionVector): MotionVector => [b * z - c * y, c * x - a * z, a * y - b * x];
const scaled = ([x, y, z]: MotionVector, by: number): MotionVector => [x * by, y * by, z * by];

/** The answer of a phone that is moved as the nonce asks. */
export function movedPhone(asked: Uint8Array, phone: MovedPhone = {}): MotionAnswer {
  const {
    gravity = 9.81,
    sign = 1,
    stated = (rates: MotionVector) => rates,
    accelerometer = true,
    nonce = asked,
    orientations = true,
    pace = [1000, 1000],
  } = phone;
  const [moves, holds] = pace;
  const answer: MotionAnswer = { nonce: toHex(asked), starts: [], samples: [], orientations: [], interval: 16 };
  let [ms, alpha] = [0, 350];
  let up: MotionVector = [0, Math.SQRT1_2, Math.SQRT1_2];
  const sample = (rates: MotionVector) => {
    ms += STEP;
    const pushed = up.map((part) => Math.round(sign * part * gravity * 1000));
    const turned = stated?.(rates).map((rate) => Math.round(rate * 100)) ?? [null, null, null];
    // Three of each, by the vectors they come from.
    answer.samples.push([ms, ...((accelerometer ? pushed : [null, null, null]) as unknown as Triple), ...(turned as unknown as Triple)]);
    if (orientations && ms % 100 === 0) answer.orientations.push([ms, Math.round(10 * ((alpha + 720) % 360)), 0, 0]);
  };
  for (const step of motionSteps(nonce)) {
    answer.starts.push(ms);
    if (isTurn(step)) {
      for (let at = 0; at < moves; at += STEP) {
        alpha += (TURNS[step] * 90 * STEP) / moves;
        sample(scaled(up, (TURNS[step] * 90_000) / moves));
      }
    } else {
      const from = up;
      const to: MotionVector = POSES[step];
      const across = cross(from, to);
      const size = Math.hypot(...across);
      // Opposite positions: over the phone's long edge or its short one.
      const axis: MotionVector = size > 1e-6 ? scaled(across, 1 / size) : Math.abs(from[0]) > 0.5 ? [0, 1, 0] : [1, 0, 0];
      const angle = Math.atan2(size, from[0] * to[0] + from[1] * to[1] + from[2] * to[2]);
      for (let at = STEP; at <= moves; at += STEP) {
        const part = (angle * at) / moves;
        const side = cross(axis, from);
        up = [0, 1, 2].map((i) => (from[i] ?? 0) * Math.cos(part) + (side[i] ?? 0) * Math.sin(part)) as unknown as MotionVector;
        // The world turns in the phone's frame the other way than the phone does.
        sample(scaled(axis, (-angle * 180_000) / Math.PI / moves));
      }
      up = to;
    }
    for (let at = 0; at < holds; at += STEP) sample([0, 0, 0]);
  }
  return answer;
}
