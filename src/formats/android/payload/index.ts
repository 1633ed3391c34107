export * from './bspatch.ts';
export * from './manifest.ts';
export type { LargePorts } from './operation.ts';
export type { Lanes } from './operation-cache.ts';
export * from './partition.ts';
export { isPayload, MANIFEST_MAX, type Payload, type PayloadBlobs, readPayload } from './payload.ts';
export * from './protobuf.ts';
export * from './verify.ts';
export * from './write.ts';
