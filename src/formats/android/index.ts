export * from './sparse.ts';
