export * from './avb/index.ts';
export * from './sparse.ts';
