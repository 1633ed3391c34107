export * from './judge.ts';
export * from './probes.ts';
export * from './program.ts';
