/** What the boot chain says of the chip: the boot ROM's own numbers, and the names of partitions that a bootloader lists. */
import type { Fact, FastbootVariables } from '../../evidence/index.ts';
import { mediatekChipOf, type NamedSoc, qualcommChipOf, type Soc } from '../../knowledge/index.ts';
import { naming, type SurfaceReading } from './surface.ts';

const hex = (value: number, digits: number) => `0x${value.toString(16).padStart(digits, '0')}`;

/** A boot ROM states its chip's number; that it speaks its maker's protocol says whose chip it is. */
export function romSurfaces({ value: { identity }, place, standing }: Fact<'rom'>, socs: readonly Soc[]): readonly SurfaceReading[] {
  const read = (surface: string, text: string, named: NamedSoc) => [
    naming({ surface, group: 'boot-rom', said: { value: text, place }, standing }, named),
  ];
  switch (identity.protocol) {
    case 'mediatek':
      return identity.hwCode === undefined
        ? []
        : read('boot ROM: hw_code', `MediaTek ${hex(identity.hwCode, 4)}`, mediatekChipOf(identity.hwCode, socs));
    case 'sahara':
      return identity.hardware === undefined
        ? []
        : read('boot ROM: MSM_HW_ID', `Qualcomm ${hex(identity.hardware.msmId, 6)}`, qualcommChipOf(identity.hardware.msmId, socs));
    case 'unisoc':
      return identity.version === undefined
        ? []
        : read('boot ROM: version', `Unisoc ${identity.version}`, { vendor: 'unisoc', name: undefined, socs: [] });
  }
}

/** Names of the partitions that a bootloader or fastbootd lists, without their slots' order. */
export const bootloaderPartitions = ({ variables }: FastbootVariables): readonly string[] => [
  ...new Set(variables.flatMap(([name]) => /^(?:partition-size|partition-type|is-logical):(.{1,72})$/.exec(name)?.[1] ?? [])),
];
