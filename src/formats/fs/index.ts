export * from './capabilities.ts';
export * from './erofs/index.ts';
export * from './ext/index.ts';
export * from './f2fs/index.ts';
export * from './loose/index.ts';
export * from './open.ts';
export * from './squashfs/index.ts';
export * from './types.ts';
