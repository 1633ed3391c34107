export * from './der.ts';
