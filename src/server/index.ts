export * from './custody/index.ts';
