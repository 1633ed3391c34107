export * from './firmware/index.ts';
export * from './manifest.ts';
