export {
  isSuper,
  type LpDevice,
  type LpExtent,
  type LpGeometry,
  type LpGroup,
  type LpMetadata,
  type LpPartition,
  readLp,
  readLpSlots,
} from './metadata.ts';
export * from './source.ts';
export * from './write.ts';
