export type { BlobKind, Blobs } from './blobs.ts';
export { copyIndex } from './copy.ts';
export * from './custody/index.ts';
export { keepCapture } from './kept-capture.ts';
export * from './log/index.ts';
export * from './packs/index.ts';
export { type Counts, counts, rebuild } from './rebuild.ts';
export * from './shelf/index.ts';
export { historyOf, type KeptInspection, keepInspection, openStore, type Store } from './store.ts';
