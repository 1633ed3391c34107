export * from './codecs.ts';
export * from './hash.ts';
export * from './verify.ts';
