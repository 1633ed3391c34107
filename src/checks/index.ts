export * from './define.ts';
export * from './rates.ts';
export * from './registry.ts';
export * from './run.ts';
