export * from './bundle.ts';
export { timestampRoots, verifyTimestamp } from './timestamp.ts';
export * from './verify.ts';
