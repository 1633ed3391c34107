export * from './builtin.ts';
export * from './models/index.ts';
export * from './packages/index.ts';
export * from './packs/index.ts';
export * from './silicon/index.ts';
export * from './stix/index.ts';
export * from './types.ts';
export * from './vulnerabilities/index.ts';
