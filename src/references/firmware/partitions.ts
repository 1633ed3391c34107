/** The partitions that a ROM holds, whatever containers it comes in. */
import type { Source } from '../../bytes/index.ts';
import { type FirmwarePorts, listPartitions } from './container.ts';

/** One partition's image, opened where it lies. */
export interface RomPartition {
  readonly source: Source;
  /** What its container says that the SHA-256 of all its bytes is. */
  readonly statedSha256: Uint8Array | undefined;
}

/** Partitions by name without slot suffix. @throws FormatError where the outermost container is malformed */
export async function findPartitions(source: Source, ports: FirmwarePorts): Promise<ReadonlyMap<string, RomPartition>> {
  const found = await listPartitions(source, ports);
  return new Map([...found].map(([name, image]) => [name, { source: image, statedSha256: undefined }]));
}
