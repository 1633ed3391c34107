import type { Check } from '../define.ts';
import { batteryCapacity } from './battery.ts';
import { bitsClaim } from './bits.ts';
import { browserChecks } from './browser/index.ts';
import { claimedSilicon } from './claim.ts';
import { coreCount } from './cores.ts';
import { declaredParts } from './declared-parts.ts';
import { displayPanel } from './display.ts';
import { executedClaim, executedOwnModel } from './executed.ts';
import { executedFeatures } from './executed-features.ts';
import { fusedMaker, openBootRom } from './fused-maker.ts';
import { gpuAgainstChip } from './gpu.ts';
import { memorySize } from './memory.ts';
import { memoryProof } from './memory-proof.ts';
import { midrAgainstCpuinfo } from './midr.ts';
import { siliconModel } from './own-model.ts';
import { siliconProperties } from './own-properties.ts';
import { procFiles } from './proc-files.ts';
import { requiredParts } from './required-parts.ts';
import { screenSize } from './screen-size.ts';
import { storageProof } from './storage-proof.ts';
import { surfacesAgree } from './surfaces-agree.ts';
import { relay, speed } from './timed.ts';
import { timerAgainstVendor } from './timer.ts';

export { chipName } from './argue.ts';
export { readBrowserTranscript } from './browser/index.ts';
export { readTranscript } from './executed-argue.ts';
export { inferSoc, type JudgedSurface, type SocInference } from './infer.ts';
export type { SurfaceGroup } from './surface.ts';

/** The chip, the memory and the panel against what is claimed of them. */
export const siliconChecks: readonly Check[] = [
  claimedSilicon,
  siliconProperties,
  siliconModel,
  surfacesAgree,
  gpuAgainstChip,
  timerAgainstVendor,
  bitsClaim,
  coreCount,
  memorySize,
  displayPanel,
  screenSize,
  batteryCapacity,
  declaredParts,
  requiredParts,
  procFiles,
  midrAgainstCpuinfo,
  executedClaim,
  executedOwnModel,
  executedFeatures,
  speed,
  relay,
  memoryProof,
  storageProof,
  fusedMaker,
  openBootRom,
  ...browserChecks,
];
