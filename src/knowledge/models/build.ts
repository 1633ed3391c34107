import type { Model, Sku } from '../types.ts';

export const GIB = 2 ** 30;

/** What memory chips are sold as, in bytes. */
const MEMORY_STEPS = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 10, 12, 16, 18, 20, 24, 32].map((size) => size * GIB);

/** The memory that a phone with this MemTotal was sold with: the kernel and the firmware keep 1 to 30 % of it. */
export function soldMemoryOf(totalBytes: number): number | undefined {
  return MEMORY_STEPS.find((step) => totalBytes <= step);
}

/** Every step from the smaller to the larger. */
export function soldMemoryBetween(low: number, high: number): readonly number[] {
  const [from, to] = [soldMemoryOf(low), soldMemoryOf(high)];
  return from === undefined || to === undefined ? [] : MEMORY_STEPS.filter((step) => step >= from && step <= to);
}

/** A line of our own tables of models; sizes in GiB. */
export interface ModelLine {
  readonly brand: string;
  readonly names: readonly string[];
  readonly skus: readonly {
    readonly models: string;
    readonly devices: string;
    readonly socs: string;
    readonly memory: readonly number[];
    readonly storage: readonly number[];
    readonly display?: readonly [number, number];
    readonly region?: string;
  }[];
  readonly launchAndroid: string;
  readonly attests: boolean;
}

/** Models, devices and SoCs are words; `|` parts names that hold blanks. */
export function modelOf(line: ModelLine, sources: readonly string[]): Model {
  const [name] = line.names;
  return {
    id: `${line.brand}/${name ?? ''}`.toLowerCase().replaceAll(' ', '-'),
    brand: line.brand,
    names: line.names,
    skus: line.skus.map(
      (sku): Sku => ({
        models: sku.models.split('|'),
        devices: sku.devices.split(' '),
        socs: sku.socs.split(' '),
        memoryBytes: sku.memory.map((size) => size * GIB),
        storageBytes: sku.storage.map((size) => size * GIB),
        display: sku.display === undefined ? undefined : { width: sku.display[0], height: sku.display[1] },
        region: sku.region,
      }),
    ),
    launchAndroid: line.launchAndroid,
    attests: line.attests,
    sources,
  };
}
