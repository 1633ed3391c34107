import type { Check } from '../define.ts';
import { buildListed } from './build-listed.ts';
import { keyLayouts } from './key-layouts.ts';
import { mixedBuild } from './mixed-build.ts';
import { olderBuild } from './older-build.ts';
import { serverNames } from './server-names.ts';
import { trustedCertificates } from './trusted-certificates.ts';
import { twoAnswers } from './two-answers.ts';
import { updateInProgress } from './update-in-progress.ts';
import { updateKeys } from './update-keys.ts';
import { updater } from './updater.ts';
import { vbmetaDigest } from './vbmeta-digest.ts';
import { yardstick } from './yardstick.ts';

export * from './account.ts';

/** The phone against builds that are known. The files themselves: `boot.reference-files`. */
export const referenceChecks: readonly Check[] = [
  vbmetaDigest,
  mixedBuild,
  updateKeys,
  updater,
  trustedCertificates,
  serverNames,
  keyLayouts,
  twoAnswers,
  yardstick,
  buildListed,
  olderBuild,
  updateInProgress,
];
