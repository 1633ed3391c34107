import type { Check } from '../define.ts';
import { avbChain } from './avb-chain.ts';
import { makerBuild } from './maker-build.ts';
import { patchedBoot } from './patched-boot.ts';
import { imageSigner } from './signer.ts';
import { testKey } from './test-key.ts';

/** What only a firmware image shows. */
export const imageChecks: readonly Check[] = [avbChain, imageSigner, makerBuild, patchedBoot, testKey];
