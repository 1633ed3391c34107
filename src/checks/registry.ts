import { attestationChecks } from './attestation/checks.ts';
import { behaviourChecks } from './behaviour/index.ts';
import { bootChecks } from './boot/index.ts';
import { compatibilityChecks } from './compatibility/index.ts';
import { custodyChecks } from './custody/index.ts';
import type { Check } from './define.ts';
import { identityChecks } from './identity/index.ts';
import { imageChecks } from './image/index.ts';
import { packageChecks } from './packages/index.ts';
import { propertyChecks } from './properties/index.ts';
import { referenceChecks } from './reference/index.ts';
import { siliconChecks } from './silicon/index.ts';
import { vulnerabilityChecks } from './vulnerabilities/index.ts';

/** Every check, in the order of the report. */
export const allChecks: readonly Check[] = [
  ...siliconChecks,
  ...propertyChecks,
  ...attestationChecks,
  ...bootChecks,
  ...referenceChecks,
  ...imageChecks,
  ...packageChecks,
  ...behaviourChecks,
  ...identityChecks,
  ...custodyChecks,
  ...vulnerabilityChecks,
  ...compatibilityChecks,
];
