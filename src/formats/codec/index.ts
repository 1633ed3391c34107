export * from './bzip2.ts';
export * from './checksums.ts';
export * from './lz4.ts';
export * from './lzma-alone.ts';
export * from './microlzma.ts';
export * from './registry.ts';
export * from './streams.ts';
export * from './xz.ts';
