export * from './loose.ts';
