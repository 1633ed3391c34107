export * from './aosp-baselines.ts';
export * from './checkers.ts';
export { BADBOX_SERVERS, COPYCAT_SERVERS, TRIADA_SERVERS } from './firmware-families.ts';
export * from './indicators.ts';
export * from './lists.ts';
export * from './preload-risk.ts';
export * from './signers.ts';
export * from './sources.ts';
export * from './update-keys.ts';
