/** The checks of this family. What they argue from is verified before, by `verifyAnswers`. */
import type { Check } from '../define.ts';
import { attestedBootKey, attestedBuild } from './boot-key.ts';
import { attestationChain } from './chain.ts';
import { attestationChallenge } from './challenge.ts';
import { genuineHardware, genuineSoftware } from './genuine.ts';
import { attestedClone, attestedPinning, sharedIssuer } from './history.ts';
import { attestedIdentity } from './identity.ts';
import { greenUnlocked } from './lock-outside.ts';
import { attestedNames } from './model.ts';
import { attestedPatchLevels } from './patch-levels.ts';
import { attestedBootState, attestedLock } from './root-of-trust.ts';
import { attestedStrongBox } from './strongbox.ts';
import { attestedVersions } from './versions.ts';

export { isForOperator, isMissingPiece } from './genuine.ts';
export { answeredChallenges, attestedSightings } from './history.ts';

export const attestationChecks: readonly Check[] = [
  genuineHardware,
  genuineSoftware,
  attestationChain,
  attestationChallenge,
  attestedBootState,
  greenUnlocked,
  attestedBuild,
  attestedBootKey,
  attestedVersions,
  attestedPatchLevels,
  attestedIdentity,
  attestedNames,
  attestedLock,
  attestedStrongBox,
  sharedIssuer,
  attestedClone,
  attestedPinning,
];
