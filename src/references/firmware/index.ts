export * from './container.ts';
export { type ExaminePorts, examinePartition, type ProgressPort } from './examine.ts';
export * from './make-manifest.ts';
export type { PartitionPart, PartitionQuestion } from './part.ts';
export * from './partitions.ts';
