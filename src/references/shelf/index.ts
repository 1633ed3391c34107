export * from './build.ts';
export * from './components.ts';
export * from './makers-keys.ts';
export * from './memory.ts';
export * from './nearest.ts';
export * from './object.ts';
export type { ContentChanges } from './rows.ts';
export * from './types.ts';
export * from './vouch.ts';
