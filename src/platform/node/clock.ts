import type { ClockPort } from '../../bytes/index.ts';
import { instantOf } from '../../bytes/index.ts';

export const nodeClock: ClockPort = {
  monotonicMs: () => performance.now(),
  now: () => instantOf(Date.now()),
};
