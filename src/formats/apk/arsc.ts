import type { Reading } from '../../bytes/index.ts';
export interface ResourceTable {
  readonly packages: readonly never[];
}
export function readResources(_bytes: Uint8Array): Reading<ResourceTable> {
  return { value: { packages: [] }, oddities: [] };
}
