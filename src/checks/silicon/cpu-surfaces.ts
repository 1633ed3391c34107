/** What /proc/cpuinfo and /sys/devices/system/cpu say of the chip. */
import type { Fact } from '../../evidence/index.ts';
import { IMPLEMENTER_VENDORS, isSameCounter, type NamedSoc, namedSoc, type Soc, vendorCountsAt } from '../../knowledge/index.ts';
import { naming, OTHER_VENDOR, type SurfaceReading } from './surface.ts';

/** Whether a 64-bit kernel printed this: only its BogoMIPS is the counter's. */
export function isArm64Kernel({ value }: Fact<'cpuinfo'>): boolean {
  return (
    /aarch64/i.test(value.processorName ?? '') ||
    value.processors.some(({ features, modelName }) => features.includes('asimd') || /aarch64|\(v8l\)/i.test(modelName ?? ''))
  );
}

export function cpuinfoSurfaces(fact: Fact<'cpuinfo'>, socs: readonly Soc[]): readonly SurfaceReading[] {
  const { value, place, standing } = fact;
  const readings: SurfaceReading[] = [];
  const base = { group: 'cpuinfo', place, standing, named: undefined } as const;
  if (value.hardware !== undefined) {
    const named = namedSoc(value.hardware.value, socs);
    if (named !== undefined)
      readings.push(naming({ surface: '/proc/cpuinfo Hardware', group: 'cpuinfo', said: value.hardware, standing }, named));
  }
  const parts = partsOf(fact);
  if (parts.length > 0)
    readings.push({
      ...base,
      surface: '/proc/cpuinfo cores',
      text: parts.map(([i, p]) => `${hex(i)}/${hex(p)}`).join(', '),
      named: vendorOfParts(parts),
      fit: fitOfParts(parts),
    });
  if (value.processors.some(({ vendorId }) => vendorId === 'GenuineIntel'))
    // Unisoc's SC9853 has Intel's cores.
    readings.push({
      ...base,
      surface: '/proc/cpuinfo vendor_id',
      text: 'GenuineIntel',
      fit: (soc) => (soc.isa.startsWith('x86') || (soc.vendor === 'intel' && soc.cores.length === 0) ? 1 : OTHER_VENDOR),
    });
  const timer = counterOf(fact);
  if (timer !== undefined)
    readings.push({
      ...base,
      surface: '/proc/cpuinfo BogoMIPS',
      text: `${(timer / 500_000).toFixed(2)} (counter ${(timer / 1e6).toFixed(3)} MHz)`,
      fit: (soc) => fitOfCounter(timer, soc),
    });
  return readings;
}

/** The counter that BogoMIPS tell: twice its MHz, on 64-bit kernels and where all cores say the same. In Hz. */
export function counterOf(fact: Fact<'cpuinfo'>): number | undefined {
  if (!isArm64Kernel(fact)) return undefined;
  const said = [...new Set(fact.value.processors.map(({ bogoMips }) => bogoMips).filter((mips) => mips !== undefined))];
  const [mips] = said;
  return said.length === 1 && mips !== undefined && mips > 1 && mips < 4000 ? mips * 500_000 : undefined;
}

type Part = readonly [implementer: number, part: number];

/** Implementer and part of the cores, each pair once. */
export function partsOf({ value }: Fact<'cpuinfo'>): readonly Part[] {
  const pairs = new Map<string, Part>();
  for (const { implementer, part } of value.processors)
    if (implementer !== undefined && part !== undefined) pairs.set(`${implementer}/${part}`, [implementer, part]);
  return [...pairs.values()];
}

const hex = (value: number) => `0x${value.toString(16)}`;

function vendorOfParts(parts: readonly Part[]): NamedSoc | undefined {
  const vendors = new Set(parts.map(([implementer]) => IMPLEMENTER_VENDORS.get(implementer)).filter((vendor) => vendor !== undefined));
  const [vendor] = vendors;
  return vendors.size === 1 && vendor !== undefined ? { vendor, name: undefined, socs: [] } : undefined;
}

/** Whether a chip can have these cores; undefined where we do not know its cores. */
export function canHaveParts(parts: readonly Part[], soc: Soc): boolean | undefined {
  return soc.cores.length === 0 ? undefined : parts.every(([i, p]) => soc.cores.some((core) => core.implementer === i && core.part === p));
}

function fitOfParts(parts: readonly Part[]): (soc: Soc) => number {
  const owner = vendorOfParts(parts)?.vendor;
  return (soc) => {
    if (owner !== undefined && owner !== soc.vendor) return OTHER_VENDOR;
    const can = canHaveParts(parts, soc);
    if (can === undefined) return 0.2;
    if (!can) return 0.02;
    // A kernel may show one kind of core of two, where it prints once or the others sleep.
    return soc.cores.every((core) => parts.some(([i, p]) => core.implementer === i && core.part === p)) ? 1 : 0.5;
  };
}

export function fitOfCounter(hertz: number, soc: Soc): number {
  if (soc.counterHertz !== undefined)
    return isSameCounter(hertz, soc.counterHertz) || vendorCountsAt(soc.vendor, hertz) === true ? 1 : 0.005;
  const vendor = vendorCountsAt(soc.vendor, hertz);
  return vendor === undefined ? 0.15 : vendor ? 0.6 : 0.01;
}

/** The number of cores in a list such as `0-3,6`; undefined for what is none. */
export function coresInList(list: string | undefined): number | undefined {
  if (list === undefined || !/^\d{1,3}(?:-\d{1,3})?(?:,\d{1,3}(?:-\d{1,3})?)*$/.test(list)) return undefined;
  let count = 0;
  for (const part of list.split(',')) {
    const [first = 0, last = first] = part.split('-').map(Number);
    if (last < first) return undefined;
    count += last - first + 1;
  }
  return count;
}

const coreCountOf = (soc: Soc) => soc.cores.reduce((sum, core) => sum + core.count, 0);

export function topologySurfaces({ value, place, standing }: Fact<'cpu-topology'>): readonly SurfaceReading[] {
  const readings: SurfaceReading[] = [];
  const base = { group: 'cpu-sysfs', place, standing, named: undefined } as const;
  const count = coresInList(value.possible ?? value.present);
  if (count !== undefined)
    readings.push({
      ...base,
      surface: 'cpu/possible',
      text: `${count} cores`,
      fit(soc) {
        if (soc.cores.length === 0) return 0.3;
        // Cores are switched off in variants; none has more than its chip.
        return coreCountOf(soc) === count ? 1 : coreCountOf(soc) < count ? 0.02 : 0.08;
      },
    });
  const parts = [
    ...new Map(
      value.cores.flatMap(({ midr }) =>
        midr === undefined ? [] : [[String(midr & 0xff00fff0n), [Number((midr >> 24n) & 0xffn), Number((midr >> 4n) & 0xfffn)] as const]],
      ),
    ).values(),
  ];
  if (parts.length > 0)
    readings.push({
      ...base,
      surface: 'midr_el1',
      text: parts.map(([i, p]) => `${hex(i)}/${hex(p)}`).join(', '),
      named: vendorOfParts(parts),
      fit: fitOfParts(parts),
    });
  const clocks = [
    ...new Set(value.cores.map(({ maxFrequencyKiloHertz }) => maxFrequencyKiloHertz).filter((f) => f !== undefined && f > 100_000)),
  ].map((f) => Math.round((f ?? 0) / 1000));
  if (clocks.length > 0)
    readings.push({
      ...base,
      surface: 'cpufreq/cpuinfo_max_freq',
      text: `${clocks.join(', ')} MHz`,
      fit(soc) {
        const known = soc.cores.map(({ maxMegaHertz }) => maxMegaHertz).filter((mhz) => mhz !== undefined);
        if (known.length === 0) return 0.4;
        // Variants of one chip are sold slower, hardly faster.
        const near = clocks.every((clock) => known.some((mhz) => Math.abs(clock - mhz) <= 0.02 * mhz));
        return near ? 1 : clocks.every((clock) => known.some((mhz) => clock <= 1.06 * mhz)) ? 0.5 : 0.2;
      },
    });
  return readings;
}
