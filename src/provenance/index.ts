export * from './android-logs/index.ts';
export * from './bundle/index.ts';
export * from './capture-seal.ts';
export * from './custody/index.ts';
export * from './log/index.ts';
export * from './pack-seal.ts';
export * from './sign.ts';
export * from './statement/index.ts';
