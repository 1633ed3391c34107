import type { Check } from './define.ts';
import { propertyChecks } from './properties/index.ts';

/** Every check, in the order of the report. */
export const allChecks: readonly Check[] = [...propertyChecks];
