export * from './blob-source.ts';
export * from './codecs.ts';
export * from './hash.ts';
export * from './rules.ts';
export * from './verify.ts';
