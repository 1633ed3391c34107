import { type Instant, instantMs, instantOf } from '../bytes/index.ts';
import { nodeClock } from '../platform/node/index.ts';

/** Before this no version of assay was there. A machine that lost its clock starts in 1970. */
const SINCE_MS = Date.UTC(2024, 0);

/** The moment under which something is signed. @throws Error where the clock cannot be right: a date under a signature stays */
export function signingTime(): Instant {
  const now = nodeClock.now();
  if (instantMs(now) < SINCE_MS)
    throw new Error(`the clock of this machine says ${now}: nothing is signed before ${instantOf(SINCE_MS).slice(0, 4)}, set it first`);
  return now;
}
