import type { Check } from '../define.ts';
import { adbRootShell } from './adb-root-shell.ts';
import { adbWithoutPrompt } from './adb-without-prompt.ts';
import { antiRollback } from './anti-rollback.ts';
import { bootContradictions } from './boot-contradictions.ts';
import { buildType } from './build-type.ts';
import { customKey } from './custom-key.ts';
import { debugProperties } from './debug-properties.ts';
import { debuggableBuild } from './debuggable-build.ts';
import { fastbootContradiction } from './fastboot-contradiction.ts';
import { foreignSystem } from './foreign-system.ts';
import { lockState } from './lock-state.ts';
import { referenceFiles } from './reference-files.ts';
import { rootDigest } from './root-digest.ts';
import { hookingTraces, rootTraces } from './root-traces.ts';
import { selinuxMode } from './selinux-mode.ts';
import { selinuxPolicy } from './selinux-policy.ts';
import { suBinary } from './su-binary.ts';
import { systemOverlays } from './system-overlays.ts';
import { trustedAdbKeys } from './trusted-adb-keys.ts';
import { writableSystem } from './writable-system.ts';

export * from './claims.ts';
export * from './rollback-indexes.ts';
export * from './system-paths.ts';

/** Boot state and lockdown. */
export const bootChecks: readonly Check[] = [
  foreignSystem,
  bootContradictions,
  fastbootContradiction,
  antiRollback,
  customKey,
  debuggableBuild,
  rootDigest,
  referenceFiles,
  adbWithoutPrompt,
  adbRootShell,
  selinuxMode,
  selinuxPolicy,
  suBinary,
  rootTraces,
  hookingTraces,
  writableSystem,
  systemOverlays,
  buildType,
  debugProperties,
  lockState,
  trustedAdbKeys,
];
