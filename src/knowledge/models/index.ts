import type { Model } from '../types.ts';
import { catalogueModels } from './catalogue.ts';
import { mi4Family } from './mi4.ts';
import { wellKnownModels } from './well-known.ts';

export { GIB, soldMemoryOf } from './build.ts';
export * from './clones.ts';
export * from './import.ts';
export * from './resolve.ts';
export * from './tac.ts';
export { tacs } from './tacs.ts';

/** Every model that we know; what sources say differently stands side by side. */
export const models: readonly Model[] = [...mi4Family, ...wellKnownModels, ...catalogueModels];
