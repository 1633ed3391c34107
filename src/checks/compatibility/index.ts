import type { Check } from '../define.ts';
import { buildParameters } from './build-parameters.ts';
import { ctsResult } from './cts-result.ts';
import { encryption } from './encryption.ts';
import { nativeAbis } from './native-abis.ts';
import { permissiveDomains } from './permissive-domains.ts';
import { screenDensity } from './screen-density.ts';
import { secureAdb } from './secure-adb.ts';
import { selinuxEnforcing } from './selinux-enforcing.ts';
import { userAuthorities } from './user-authorities.ts';
import { verifiedBoot } from './verified-boot.ts';
import { versionString } from './version-string.ts';

/** The claim to be compatible, held against the definition and against test results. */
export const compatibilityChecks: readonly Check[] = [
  ctsResult,
  buildParameters,
  versionString,
  nativeAbis,
  secureAdb,
  screenDensity,
  selinuxEnforcing,
  permissiveDomains,
  userAuthorities,
  encryption,
  verifiedBoot,
];
