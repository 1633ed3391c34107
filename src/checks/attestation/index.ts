export * from './anchors.ts';
export * from './answers.ts';
export * from './cache.ts';
export * from './status-list.ts';
export * from './types.ts';
export * from './verify.ts';
export * from './webauthn.ts';
