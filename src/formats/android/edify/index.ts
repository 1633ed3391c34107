export * from './edify.ts';
