export * from './tar/index.ts';
export * from './zip/index.ts';
