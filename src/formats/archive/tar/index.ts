export * from './tar.ts';
export * from './write.ts';
