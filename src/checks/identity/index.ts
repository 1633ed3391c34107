import type { Check } from '../define.ts';
import { boxAgainstPhone } from './box.ts';
import { imeiForm, imeiPlaceholder, imeiSurfaces } from './imei.ts';
import { imeiSeenBefore } from './seen-before.ts';
import { serialPlaceholder, serialSurfaces } from './serials.ts';
import { tacModel } from './tac-model.ts';

export { luhnDigit } from '../../evidence/index.ts';
export { imeiFault } from './identifiers.ts';
export { sightingOf } from './sighting.ts';

/** The phone's identifiers against each other, and against box and model. */
export const identityChecks: readonly Check[] = [
  imeiForm,
  imeiPlaceholder,
  imeiSurfaces,
  tacModel,
  serialSurfaces,
  serialPlaceholder,
  boxAgainstPhone,
  imeiSeenBefore,
];
