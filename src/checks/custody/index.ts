import type { Check } from '../define.ts';
import { custodyClones } from './clones.ts';
import { custodyPath } from './path.ts';

/** Where the phone has been, and whether another is called as it is. */
export const custodyChecks: readonly Check[] = [custodyPath, custodyClones];
