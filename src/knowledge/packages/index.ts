export * from './aosp-baselines.ts';
export * from './checkers.ts';
export * from './indicators.ts';
export * from './lists.ts';
export * from './preload-risk.ts';
export * from './signers.ts';
export * from './sources.ts';
export * from './update-keys.ts';
