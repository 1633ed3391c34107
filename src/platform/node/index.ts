export * from './clock.ts';
export * from './codecs.ts';
export * from './files.ts';
export * from './hash.ts';
export * from './open-source.ts';
export * from './verify.ts';
