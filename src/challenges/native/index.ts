export * from './converse.ts';
export { type NativeProgram, planProgram, writeProgram } from './program.ts';
export * from './read-run.ts';
