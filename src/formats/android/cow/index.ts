export { type CowImage, type CowOperation, isCow, readCow } from './cow.ts';
export * from './merged.ts';
export * from './write.ts';
