import type { Place, Said, Standing } from '../../evidence/index.ts';
import type { NamedSoc, Soc } from '../../knowledge/index.ts';

/** Surfaces that one edit changes together. `properties`: values; `property-keys`: which keys there are at all, which an edit of values leaves as it was. */
export type SurfaceGroup =
  | 'properties'
  | 'property-keys'
  | 'cpuinfo'
  | 'cpu-sysfs'
  | 'soc-sysfs'
  | 'boot-log'
  | 'kernel-text'
  | 'gpu'
  | 'kernel-names'
  | 'partition-names'
  | 'boot-rom'
  | 'driver-names';

/** One surface's word. */
export interface SurfaceReading {
  readonly surface: string;
  readonly group: SurfaceGroup;
  /** What it says, for a report. */
  readonly text: string;
  readonly place: Place;
  readonly standing: Standing;
  /** The chip it names, where it names one. */
  readonly named: NamedSoc | undefined;
  /** How well the surface's word fits this chip, from nearly 0 to 1. */
  readonly fit: (soc: Soc) => number;
}

/** How often a genuine phone's surface names another maker's chip: 0 of 57 recorded phones, so at most a few in a hundred; surfaces multiply. */
export const OTHER_VENDOR = 0.002;
/** A name of the same maker's other chip is common: `msm8960` on APQ8064, `exynos5` on all of ten. */
const OTHER_CHIP = 0.04;

/** A surface that names a chip. */
export function naming(
  from: { readonly surface: string; readonly group: SurfaceGroup; readonly said: Said<string>; readonly standing: Standing },
  named: NamedSoc,
): SurfaceReading {
  return {
    surface: from.surface,
    group: from.group,
    text: from.said.value,
    place: from.said.place,
    standing: from.standing,
    named,
    fit(soc) {
      if (soc.vendor !== named.vendor) return OTHER_VENDOR;
      if (named.name === undefined || named.socs.includes(soc)) return 1;
      // A chip that the table lacks stands as a row of its own, made from its name.
      return soc.platforms.includes(named.name) ? 1 : OTHER_CHIP;
    },
  };
}
