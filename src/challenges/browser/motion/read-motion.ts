/**
 * Motion on command, judged: whether gravity is there, each position was reached in its window, and the rotation that the gyroscope states carries one position's gravity into the next one's.
 * What this says is that some phone's sensors are there and live; whose, it does not say.
 */
import { type Hold, holdsIn, type Window } from './holds.ts';
import { bestFrame, isTurned } from './rotation.ts';
import { type MotionSample, readMotionSamples } from './samples.ts';
import { isTurn, type MotionStep, motionSteps, STEP_MS, writeMotionQuestion } from './steps.ts';

export interface MotionReading {
  readonly steps: readonly { readonly step: MotionStep; readonly isReached: boolean }[];
  readonly samples: number;
  readonly hasAcceleration: boolean;
  readonly hasRotation: boolean;
  /** Whether any two samples of acceleration differ. */
  readonly isLive: boolean;
  /** Median length of acceleration while a position was held, m/s²; of all samples where none was. */
  readonly gravity: number | undefined;
  /** Changes of position over which the gyroscope was held against gravity; and those where they agree. */
  readonly compared: number;
  readonly agreeing: number;
}

/** Degrees by which gravity and an integrated rotation may part: hands that move on, offsets of cheap gyroscopes, 20 samples a second. */
const AGREE_DEGREES = 35;
/** A step may end a little after its window: the page's timer is no clock. */
const SLACK_MS = 500;

interface Asked {
  readonly nonce: Uint8Array;
  readonly question: string;
  readonly answer: string;
  readonly sentNs: number;
  readonly receivedNs: number;
}

/** The last answer to a question of motion: what it shows, or why it is not judged. Undefined where none was asked. */
export function readMotion(exchanges: readonly Asked[]): MotionReading | { readonly refused: string } | undefined {
  const asked = exchanges.findLast(({ question }) => question.startsWith('{"ask":"motion"'));
  if (asked === undefined) return undefined;
  if (asked.question !== writeMotionQuestion(asked.nonce)) return { refused: 'the question is not the one that its nonce makes' };
  const record = readMotionSamples(asked.answer, asked.nonce, (asked.receivedNs - asked.sentNs) / 1e6);
  if ('refused' in record) return record;
  const { starts, samples } = record;
  const windows = motionSteps(asked.nonce).map((step, at): Window => {
    const start = starts[at] ?? Number.POSITIVE_INFINITY;
    return { step, start, end: Math.min(starts[at + 1] ?? Number.POSITIVE_INFINITY, start + STEP_MS + SLACK_MS) };
  });
  const held = [holdsIn(samples, windows, 1), holdsIn(samples, windows, -1)].reduce((one, other) =>
    other.length > one.length ? other : one,
  );
  const best = bestFrame(samples, held);
  const back = held.find(({ step }) => step === 'face up');
  return {
    steps: windows.map(({ step, start, end }) => ({
      step,
      isReached: isTurn(step)
        ? back !== undefined && isTurned(record, { start, end, turn: step }, back.up, best?.frame)
        : held.some((hold) => hold.step === step),
    })),
    samples: samples.length,
    hasAcceleration: samples.some(({ acceleration }) => acceleration !== undefined),
    hasRotation: samples.some(({ rotation }) => rotation !== undefined),
    isLive: new Set(samples.flatMap(({ acceleration }) => (acceleration === undefined ? [] : [String(acceleration)]))).size > 1,
    gravity: gravityOf(samples, held),
    compared: best?.errors.length ?? 0,
    agreeing: best?.errors.filter((error) => error <= AGREE_DEGREES).length ?? 0,
  };
}

function gravityOf(samples: readonly MotionSample[], held: readonly Hold[]): number | undefined {
  const still = held.flatMap(({ first, last }) => samples.slice(first, last + 1));
  const lengths = (still.length > 0 ? still : samples)
    .flatMap(({ acceleration }) => (acceleration === undefined ? [] : [Math.hypot(...acceleration)]))
    .toSorted((a, b) => a - b);
  return lengths[lengths.length >> 1];
}
