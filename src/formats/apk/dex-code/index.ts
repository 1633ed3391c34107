export { callOf, type Line, type MethodSource } from './assemble.ts';
export { checkDexProgram } from './check.ts';
export { type DexProgram, writeDexProgram } from './write.ts';
