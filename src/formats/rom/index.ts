export * from './identity.ts';
export * from './mediatek.ts';
export * from './sahara.ts';
export * from './transcript.ts';
export * from './unisoc.ts';
