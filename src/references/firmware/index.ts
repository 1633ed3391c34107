export { readApkRow } from './apk-row.ts';
export { type Container, type ContainerKind, followPath, openContainer, openInside } from './container.ts';
export { examinePartition, type ProgressPort } from './examine.ts';
export * from './make-manifest.ts';
export * from './member.ts';
export type { ExaminePorts, PartitionPart, PartitionQuestion } from './part.ts';
export * from './partitions.ts';
export type { FirmwarePorts } from './ports.ts';
export * from './signatures.ts';
