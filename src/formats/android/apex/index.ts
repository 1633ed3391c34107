export * from './apex.ts';
