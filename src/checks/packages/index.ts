import type { Check } from '../define.ts';
import { accessibility } from './accessibility.ts';
import { authorities } from './authorities.ts';
import { canary } from './canary.ts';
import { checkerCopies } from './checker-copies.ts';
import { devicePolicy } from './device-policy.ts';
import { disabledGuards } from './disabled-guards.ts';
import { googleImpostor } from './google-impostor.ts';
import { googleLogs } from './google-logs.ts';
import { hiddenCheckers } from './hidden-checkers.ts';
import { hosts } from './hosts.ts';
import { installers } from './installers.ts';
import { knownMalware } from './known-malware.ts';
import { makerDisclaimer } from './maker-disclaimer.ts';
import { permissions } from './permissions.ts';
import { platformKey } from './platform-key.ts';
import { referencePackages } from './reference-packages.ts';
import { repackaged } from './repackaged.ts';
import { rootApps } from './root-apps.ts';
import { rules } from './rules.ts';
import { sharedUser } from './shared-user.ts';
import { signatureTricks } from './signature-tricks.ts';
import { testKeys } from './test-keys.ts';

export { indexIndicators, namesPackage } from './indicator-index.ts';
export * from './inventory.ts';
export { type PackageView, packageView } from './package-view.ts';

/** Packages: who made them, who put them there, what they may do. */
export const packageChecks: readonly Check[] = [
  canary,
  platformKey,
  sharedUser,
  testKeys,
  makerDisclaimer,
  referencePackages,
  googleImpostor,
  googleLogs,
  repackaged,
  signatureTricks,
  checkerCopies,
  hiddenCheckers,
  knownMalware,
  rules,
  rootApps,
  installers,
  disabledGuards,
  devicePolicy,
  accessibility,
  permissions,
  authorities,
  hosts,
];
