export * from './container.ts';
export { examinePartition, type ProgressPort } from './examine.ts';
export * from './make-manifest.ts';
export type { ExaminePorts, PartitionPart, PartitionQuestion } from './part.ts';
export * from './partitions.ts';
