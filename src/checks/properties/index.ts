import type { Check } from '../define.ts';
import { releaseSdk } from './release-sdk.ts';

/** Contradictions between properties. */
export const propertyChecks: readonly Check[] = [releaseSdk];

/** An official name: `V14.0.7.0.TMCMIXM`; a reseller's has a group more: `V14.0.7.0.0.TMCMIXM`. */
export const isResellerVersion = (version: string): boolean => /^(?:V|OS)?\d{1,3}(?:\.\d{1,4}){4,}\.[A-Z]{7}$/.test(version);
