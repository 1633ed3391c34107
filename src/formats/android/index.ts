export * from './apex/index.ts';
export * from './avb/index.ts';
export * from './boot/index.ts';
export * from './lp/index.ts';
export * from './ota/index.ts';
export * from './payload/index.ts';
export * from './sparse.ts';
export * from './transfer-list/index.ts';
