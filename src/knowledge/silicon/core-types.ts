/**
 * Core types by MIDR. Implementer is bits 31:24 of MIDR_EL1, part number bits 15:4 (Arm Architecture Reference Manual, MIDR_EL1).
 * Sources: pytorch/cpuinfo@029030c1 src/arm/uarch.c; hrw/arm-socs-table@063919cd data/cpu_cores.yml; Linux arch/arm64/include/asm/cputype.h.
 * Intel's Atoms have no MIDR: implementer 0, part is the x86 model number.
 */
export interface CoreType {
  readonly name: string;
  readonly implementer: number;
  readonly part: number;
  readonly isa: 'armv6' | 'armv7' | 'armv8.0' | 'armv8.2' | 'armv9.0' | 'armv9.2' | 'x86' | 'x86_64';
}

const rows: readonly (readonly [name: string, implementer: number, part: number, isa: CoreType['isa']])[] = [
  ['ARM1136', 0x41, 0xb36, 'armv6'],
  ['ARM1176', 0x41, 0xb76, 'armv6'],
  ['Cortex-A5', 0x41, 0xc05, 'armv7'],
  ['Cortex-A7', 0x41, 0xc07, 'armv7'],
  ['Cortex-A8', 0x41, 0xc08, 'armv7'],
  ['Cortex-A9', 0x41, 0xc09, 'armv7'],
  ['Cortex-A12', 0x41, 0xc0d, 'armv7'],
  ['Cortex-A15', 0x41, 0xc0f, 'armv7'],
  ['Cortex-A17', 0x41, 0xc0e, 'armv7'],
  ['Cortex-A53', 0x41, 0xd03, 'armv8.0'],
  ['Cortex-A35', 0x41, 0xd04, 'armv8.0'],
  ['Cortex-A57', 0x41, 0xd07, 'armv8.0'],
  ['Cortex-A72', 0x41, 0xd08, 'armv8.0'],
  ['Cortex-A73', 0x41, 0xd09, 'armv8.0'],
  ['Cortex-A55', 0x41, 0xd05, 'armv8.2'],
  ['Cortex-A75', 0x41, 0xd0a, 'armv8.2'],
  ['Cortex-A76', 0x41, 0xd0b, 'armv8.2'],
  ['Cortex-A77', 0x41, 0xd0d, 'armv8.2'],
  ['Cortex-A78', 0x41, 0xd41, 'armv8.2'],
  ['Cortex-A78C', 0x41, 0xd4b, 'armv8.2'],
  ['Cortex-X1', 0x41, 0xd44, 'armv8.2'],
  ['Cortex-X1C', 0x41, 0xd4c, 'armv8.2'],
  ['Cortex-A510', 0x41, 0xd46, 'armv9.0'],
  ['Cortex-A710', 0x41, 0xd47, 'armv9.0'],
  ['Cortex-X2', 0x41, 0xd48, 'armv9.0'],
  ['Cortex-A715', 0x41, 0xd4d, 'armv9.0'],
  ['Cortex-X3', 0x41, 0xd4e, 'armv9.0'],
  ['Cortex-A520', 0x41, 0xd80, 'armv9.2'],
  ['Cortex-A720', 0x41, 0xd81, 'armv9.2'],
  ['Cortex-X4', 0x41, 0xd82, 'armv9.2'],
  ['Cortex-X925', 0x41, 0xd85, 'armv9.2'],
  ['Cortex-A725', 0x41, 0xd87, 'armv9.2'],
  ['C1-Nano', 0x41, 0xd8a, 'armv9.2'],
  ['C1-Pro', 0x41, 0xd8b, 'armv9.2'],
  ['C1-Ultra', 0x41, 0xd8c, 'armv9.2'],
  ['Scorpion', 0x51, 0x00f, 'armv7'],
  ['Scorpion-MP', 0x51, 0x02d, 'armv7'],
  ['Krait-2', 0x51, 0x04d, 'armv7'],
  ['Krait', 0x51, 0x06f, 'armv7'],
  ['Kryo-Silver-821', 0x51, 0x201, 'armv8.0'],
  ['Kryo-Gold', 0x51, 0x205, 'armv8.0'],
  ['Kryo-Silver-820', 0x51, 0x211, 'armv8.0'],
  ['Kryo-2xx-Gold', 0x51, 0x800, 'armv8.0'],
  ['Kryo-2xx-Silver', 0x51, 0x801, 'armv8.0'],
  ['Kryo-3xx-Gold', 0x51, 0x802, 'armv8.2'],
  ['Kryo-3xx-Silver', 0x51, 0x803, 'armv8.2'],
  ['Kryo-4xx-Gold', 0x51, 0x804, 'armv8.2'],
  ['Kryo-4xx-Silver', 0x51, 0x805, 'armv8.2'],
  ['Oryon', 0x51, 0x001, 'armv9.0'],
  ['Exynos-M1', 0x53, 0x001, 'armv8.0'],
  ['Exynos-M3', 0x53, 0x002, 'armv8.0'],
  ['Exynos-M4', 0x53, 0x003, 'armv8.2'],
  ['Exynos-M5', 0x53, 0x004, 'armv8.2'],
  ['TaiShan-A76', 0x48, 0xd40, 'armv8.2'],
  ['TaiShan-V120', 0x48, 0xd02, 'armv8.2'],
  ['Denver', 0x4e, 0x000, 'armv8.0'],
  ['PJ4', 0x56, 0x581, 'armv7'],
  ['PJ4B', 0x56, 0x584, 'armv7'],
  ['Saltwell', 0, 0x35, 'x86'],
  ['Silvermont', 0, 0x37, 'x86_64'],
  ['Silvermont-M', 0, 0x4a, 'x86_64'],
  ['Silvermont-Z', 0, 0x5a, 'x86_64'],
  ['SoFIA', 0, 0x5d, 'x86_64'],
  ['Airmont', 0, 0x4c, 'x86_64'],
  ['Airmont-SC', 0, 0x75, 'x86_64'],
];

const coreTypes: readonly CoreType[] = rows.map(([name, implementer, part, isa]) => ({ name, implementer, part, isa }));

const byName = new Map(coreTypes.map((core) => [core.name, core]));

/** The core type of a name in the table. @throws Error where there is none: a mistake in our own rows. */
export function coreTypeNamed(name: string): CoreType {
  const found = byName.get(name);
  if (found === undefined) throw new Error(`silicon table: no core type is called ${name}`);
  return found;
}

/** The core type with this MIDR, or undefined for one that the table lacks. */
export function coreTypeOf(implementer: number, part: number): CoreType | undefined {
  return coreTypes.find((core) => core.implementer === implementer && core.part === part);
}

/** Implementers whose cores stand in one maker's chips only. Arm's own (0x41) stand in everybody's. */
export const IMPLEMENTER_VENDORS: ReadonlyMap<number, 'qualcomm' | 'samsung' | 'hisilicon' | 'nvidia' | 'marvell' | 'apple'> = new Map([
  [0x51, 'qualcomm'],
  [0x53, 'samsung'],
  [0x48, 'hisilicon'],
  [0x4e, 'nvidia'],
  [0x56, 'marvell'],
  [0x61, 'apple'],
]);
