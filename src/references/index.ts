export * from './compare/index.ts';
export * from './firmware/index.ts';
export * from './image/index.ts';
export * from './manifest.ts';
export * from './manifest-bytes.ts';
export * from './provenance.ts';
export * from './shelf/index.ts';
