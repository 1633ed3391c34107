import type { Check } from '../define.ts';
import { descriptionRelease } from './description-release.ts';
import { fileAgainstRuntime } from './file-against-runtime.ts';
import { fingerprintFields } from './fingerprint-fields.ts';
import { fingerprintRelease } from './fingerprint-release.ts';
import { identityTwice } from './identity-twice.ts';
import { firstApiLevel, patchAgainstDate, patchBeforeVersion } from './patch-level.ts';
import { patchLevelForm } from './patch-level-form.ts';
import { releaseSdk } from './release-sdk.ts';
import { resellerVersion } from './reseller-version.ts';
import { adbAgainstVersion, apexesAgainstVersion, servicesAgainstVersion } from './version-behaviour.ts';
import { kernelAgainstVersion } from './version-kernel.ts';
import { versionLayers } from './version-layers.ts';

export { publishedOn } from './patch-level.ts';
export { isResellerVersion } from './reseller-version.ts';

/** Contradictions between properties, and between properties and behaviour. */
export const propertyChecks: readonly Check[] = [
  releaseSdk,
  descriptionRelease,
  fingerprintRelease,
  fingerprintFields,
  patchBeforeVersion,
  patchAgainstDate,
  patchLevelForm,
  firstApiLevel,
  versionLayers,
  identityTwice,
  fileAgainstRuntime,
  resellerVersion,
  apexesAgainstVersion,
  servicesAgainstVersion,
  kernelAgainstVersion,
  adbAgainstVersion,
];
