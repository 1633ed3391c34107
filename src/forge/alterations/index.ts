/** The adversary's catalogue: every alteration and every benign variant of the lab. */
import { attestationAlterations } from './attestation.ts';
import type { AlterationEntry } from './catalogue.ts';
import { custodyAlterations } from './custody.ts';
import { hardwareAlterations } from './hardware.ts';
import { apkAlterations } from './software-apks.ts';
import { appAlterations } from './software-apps.ts';
import { propertyAlterations } from './software-properties.ts';
import { systemAlterations } from './software-system.ts';

export { benignVariants } from './benign.ts';
export { browserSigns } from './browser.ts';
export type { AlterationEntry, BenignEntry, SignEntry } from './catalogue.ts';
export { CLONED_IMEI } from './custody.ts';

export const alterations: readonly AlterationEntry[] = [
  ...appAlterations,
  ...apkAlterations,
  ...propertyAlterations,
  ...systemAlterations,
  ...hardwareAlterations,
  ...custodyAlterations,
  ...attestationAlterations,
];
