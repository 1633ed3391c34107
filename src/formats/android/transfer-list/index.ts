export type { IncrementalInputs } from './incremental.ts';
export * from './transfer-list.ts';
export * from './types.ts';
