export * from './capabilities.ts';
export * from './judge.ts';
export * from './levels.ts';
export { type IsaProbe, isaProbes } from './probes.ts';
export { a32Probes } from './probes-a32.ts';
