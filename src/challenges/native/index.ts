export * from './converse.ts';
export { recomputeFetches, recomputeQueries } from './memory.ts';
export { type NativeProgram, planProgram, writeProgram } from './program.ts';
export * from './read-run.ts';
