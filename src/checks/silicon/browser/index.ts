import type { Check } from '../../define.ts';
import { browserCamera } from './camera.ts';
import { browserClaim } from './claim.ts';
import { browserExecuted } from './executed.ts';
import { browserGpu } from './gpu.ts';
import { browserIdentity } from './identity.ts';
import { browserMemory } from './memory.ts';
import { browserMotion } from './motion.ts';
import { browserParts } from './parts.ts';
import { browserPattern } from './pattern.ts';
import { browserScreen } from './screen.ts';
import { browserTouch } from './touch.ts';

export { readBrowserTranscript } from './transcript.ts';

/** What a page of ours in the phone's browser brought. All of it below a program of our own: none of it clears, and none of it convicts alone. */
export const browserChecks: readonly Check[] = [
  browserExecuted,
  browserGpu,
  browserClaim,
  browserScreen,
  browserIdentity,
  browserMemory,
  browserTouch,
  browserMotion,
  browserCamera,
  browserPattern,
  browserParts,
];
