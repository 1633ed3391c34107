export * from './algorithms.ts';
export * from './descriptors.ts';
export { computeFec, type FecShape, fecSize } from './fec.ts';
export * from './hashtree.ts';
export * from './vbmeta.ts';
export * from './verify.ts';
