export { nonceInCode } from './layout.ts';
export { type PatternReading, readPattern } from './read-pattern.ts';
