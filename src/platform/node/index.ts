export * from './clock.ts';
export * from './codecs.ts';
export * from './files.ts';
export * from './hash.ts';
export * from './http-source.ts';
export * from './open-source.ts';
export * from './sign.ts';
export * from './verify.ts';
