export * from './zip/index.ts';
