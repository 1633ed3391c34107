import type { Check } from '../define.ts';

/** The phone's identifiers against each other and against box and model. */
export const identityChecks: readonly Check[] = [];
