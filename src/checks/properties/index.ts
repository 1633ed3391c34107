import type { Check } from '../define.ts';
import { releaseSdk } from './release-sdk.ts';

/** Contradictions between properties. */
export const propertyChecks: readonly Check[] = [releaseSdk];
