export * from './algorithms.ts';
export * from './descriptors.ts';
export * from './hashtree.ts';
export * from './vbmeta.ts';
export * from './verify.ts';
