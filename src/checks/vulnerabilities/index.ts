import type { Check } from '../define.ts';
import { kernelLevel } from './kernel-level.ts';
import { openHoles } from './open-holes.ts';
import { patchPresence } from './patch-presence.ts';

export { patchQueries } from './patch-presence.ts';

/** Published holes: what the claims leave open, and what the binaries show. */
export const vulnerabilityChecks: readonly Check[] = [openHoles, patchPresence, kernelLevel];
