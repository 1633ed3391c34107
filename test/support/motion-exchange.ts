import { writeMotionQuestion } from '../../src/challenges/index.ts';

/** A question of motion with an answer; the host waited a minute for it. */
export const motionExchange = (nonce: Uint8Array, answer: unknown) => ({
  nonce,
  question: writeMotionQuestion(nonce),
  answer: JSON.stringify(answer),
  sentNs: 0,
  receivedNs: 60e9,
});
