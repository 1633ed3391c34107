export * from './ask-timed.ts';
export * from './circumstances.ts';
export * from './envelope.ts';
export type { Estimate } from './estimate.ts';
export * from './memory-proof.ts';
export * from './read-timing.ts';
export * from './record.ts';
export * from './relay.ts';
export * from './storage-proof.ts';
