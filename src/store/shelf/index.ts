export type { Added, NewBuild } from './add.ts';
export * from './shelf.ts';
