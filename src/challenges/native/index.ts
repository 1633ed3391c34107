export * from './converse.ts';
export { recomputeQueries } from './memory.ts';
export { type NativeProgram, planProgram, writeProgram } from './program.ts';
export * from './read-run.ts';
