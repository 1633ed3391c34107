/** Every surface that says something of the chip, each with how well it fits a chip of the table. Likelihoods, not identities. */
import { type Fact, type Facts, factsOf, type Place, type Said, type Standing } from '../../evidence/index.ts';
import {
  gpuFamilyOf,
  gpuModelOf,
  IMPLEMENTER_VENDORS,
  isSameCounter,
  type Knowledge,
  type NamedSoc,
  namedSoc,
  type Soc,
  type SocVendor,
  vendorCountsAt,
} from '../../knowledge/index.ts';
import { vendorsOfKeys, vendorsOfNames, type WordCount } from './driver-words.ts';

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
const OTHER_VENDOR = 0.002;
/** A name of the same maker's other chip is common: `msm8960` on APQ8064, `exynos5` on all of ten. */
const OTHER_CHIP = 0.04;

const NAMING_PROPERTIES = [
  'ro.board.platform',
  'ro.hardware',
  'ro.boot.hardware',
  'ro.soc.model',
  'ro.soc.manufacturer',
  'ro.chipname',
  'ro.hardware.chipname',
  'ro.hardware.alter',
  'ro.product.board',
  'ro.arch',
  'ro.mediatek.platform',
  'ro.vendor.mediatek.platform',
  'ro.boot.hardware.platform',
  'ro.vendor.qti.soc_name',
  'ro.vendor.qti.soc_model',
  'ro.hardware.egl',
] as const;

/** Short forms that only ro.soc.manufacturer uses. */
const MANUFACTURERS: ReadonlyMap<string, SocVendor> = new Map([
  ['samsung', 'samsung'],
  ['google', 'google'],
]);

/** What all surfaces say, in a fixed order. */
export function readSurfaces(facts: Facts, knowledge: Knowledge): readonly SurfaceReading[] {
  const { socs } = knowledge;
  return [
    ...propertySurfaces(facts, socs),
    ...keySurfaces(facts),
    ...factsOf(facts, 'cpuinfo').flatMap((fact) => cpuinfoSurfaces(fact, socs)),
    ...factsOf(facts, 'cpu-topology').flatMap(topologySurfaces),
    ...factsOf(facts, 'soc-nodes').flatMap((fact) => nodeSurfaces(fact, socs)),
    ...factsOf(facts, 'boot-log').flatMap((fact) => bootLogSurfaces(fact, socs)),
    ...factsOf(facts, 'kernel').flatMap((fact) => kernelSurfaces(fact, socs)),
    ...factsOf(facts, 'gpu').flatMap(gpuSurfaces),
    ...factsOf(facts, 'driver-names').flatMap(driverSurfaces),
  ];
}

/** A surface that names a chip. */
function naming(
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

function propertySurfaces(facts: Facts, socs: readonly Soc[]): readonly SurfaceReading[] {
  const readings: SurfaceReading[] = [];
  const seen = new Set<string>();
  for (const fact of factsOf(facts, 'properties')) {
    for (const entry of fact.value.entries) {
      if (!NAMING_PROPERTIES.some((key) => key === entry.key)) continue;
      const said = `${entry.key}=${entry.value}`;
      if (seen.has(said)) continue;
      seen.add(said);
      const family = entry.key === 'ro.hardware.egl' ? gpuFamilyOf(entry.value) : undefined;
      const short = entry.key === 'ro.soc.manufacturer' ? MANUFACTURERS.get(entry.value.toLowerCase()) : undefined;
      const vendor = family?.vendors.length === 1 ? family.vendors[0] : short;
      const named = vendor === undefined ? namedSoc(entry.value, socs) : { vendor, name: undefined, socs: [] };
      if (named !== undefined)
        readings.push(naming({ surface: entry.key, group: 'properties', said: entry, standing: fact.standing }, named));
    }
  }
  return readings;
}

/** Keys below this many are somebody's left-overs: five Kirin phones set one key of Qualcomm's. */
const KEYS_MIN = 3;

function keySurfaces(facts: Facts): readonly SurfaceReading[] {
  const fact = factsOf(facts, 'properties').toSorted((a, b) => b.value.entries.length - a.value.entries.length)[0];
  if (fact === undefined) return [];
  const counts = vendorsOfKeys(fact.value.entries.map(({ key }) => key)).filter(({ names }) => names.length >= KEYS_MIN);
  return wordReading('platform keys of properties', 'property-keys', counts, fact);
}

/** A reading from words: the maker with the most fits, the others by their share. */
function wordReading(
  surface: string,
  group: SurfaceGroup,
  counts: readonly WordCount[],
  fact: Pick<Fact, 'place' | 'standing'>,
): readonly SurfaceReading[] {
  const [first, second] = counts;
  if (first === undefined) return [];
  // Tensor's drivers are Exynos' by name.
  const isKin = (vendor: SocVendor) => vendor === 'google' && first.vendor === 'samsung';
  const certain = first.names.length >= KEYS_MIN && (second === undefined || second.names.length * 4 <= first.names.length);
  return [
    {
      surface,
      group,
      text: `${first.names.length} of ${first.vendor}: ${first.names.slice(0, 4).join(', ')}`,
      place: fact.place,
      standing: fact.standing,
      named: certain && !counts.some(({ vendor }) => isKin(vendor)) ? { vendor: first.vendor, name: undefined, socs: [] } : undefined,
      fit(soc) {
        if (soc.vendor === first.vendor) return 1;
        if (isKin(soc.vendor)) return 0.8;
        const own = counts.find(({ vendor }) => vendor === soc.vendor);
        const share = (own?.names.length ?? 0) / first.names.length;
        return Math.max(certain ? OTHER_VENDOR : 0.1, share * 0.6);
      },
    },
  ];
}

/** Whether a 64-bit kernel printed this: only its BogoMIPS is the counter's. */
export function isArm64Kernel({ value }: Fact<'cpuinfo'>): boolean {
  return (
    /aarch64/i.test(value.processorName ?? '') ||
    value.processors.some(({ features, modelName }) => features.includes('asimd') || /aarch64|\(v8l\)/i.test(modelName ?? ''))
  );
}

function cpuinfoSurfaces(fact: Fact<'cpuinfo'>, socs: readonly Soc[]): readonly SurfaceReading[] {
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
      fit: (soc) => fitOfParts(parts, soc),
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

function fitOfParts(parts: readonly Part[], soc: Soc): number {
  const owner = vendorOfParts(parts)?.vendor;
  if (owner !== undefined && owner !== soc.vendor) return OTHER_VENDOR;
  const can = canHaveParts(parts, soc);
  if (can === undefined) return 0.2;
  if (!can) return 0.02;
  // A kernel may show one kind of core of two, where it prints once or the others sleep.
  return soc.cores.every((core) => parts.some(([i, p]) => core.implementer === i && core.part === p)) ? 1 : 0.5;
}

function fitOfCounter(hertz: number, soc: Soc): number {
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

function topologySurfaces({ value, place, standing }: Fact<'cpu-topology'>): readonly SurfaceReading[] {
  const readings: SurfaceReading[] = [];
  const base = { group: 'cpu-sysfs', place, standing, named: undefined } as const;
  const count = coresInList(value.possible ?? value.present);
  if (count !== undefined)
    readings.push({
      ...base,
      surface: 'cpu/possible',
      text: `${count} cores`,
      fit: (soc) => (soc.cores.length === 0 ? 0.3 : coreCountOf(soc) === count ? 1 : 0.08),
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
      fit: (soc) => fitOfParts(parts, soc),
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

const NODE_NAMES = /\/(?:machine|family|vendor|soc_id|gpu_model|compatible|model|chip_name|chipname|product_name)$/;

function nodeSurfaces({ value, standing }: Fact<'soc-nodes'>, socs: readonly Soc[]): readonly SurfaceReading[] {
  return value.flatMap((node) => {
    if (!NODE_NAMES.test(node.path)) return [];
    const gpu = node.path.endsWith('gpu_model') ? gpuFamilyOf(node.value)?.vendors : undefined;
    const named = gpu?.length === 1 && gpu[0] !== undefined ? { vendor: gpu[0], name: undefined, socs: [] } : namedSoc(node.value, socs);
    return named === undefined ? [] : [naming({ surface: node.path, group: 'soc-sysfs', said: node, standing }, named)];
  });
}

function bootLogSurfaces({ value, standing }: Fact<'boot-log'>, socs: readonly Soc[]): readonly SurfaceReading[] {
  const readings: SurfaceReading[] = [];
  const machine = value.machine === undefined ? undefined : namedSoc(value.machine.value, socs);
  if (value.machine !== undefined && machine !== undefined)
    readings.push(naming({ surface: 'kernel log: Machine', group: 'boot-log', said: value.machine, standing }, machine));
  const hardware = /androidboot\.hardware=(\S{1,60})/.exec(value.commandLine?.value ?? '')?.[1];
  const named = hardware === undefined ? undefined : namedSoc(hardware, socs);
  if (value.commandLine !== undefined && hardware !== undefined && named !== undefined)
    readings.push(
      naming(
        {
          surface: 'kernel log: androidboot.hardware',
          group: 'boot-log',
          said: { value: hardware, place: value.commandLine.place },
          standing,
        },
        named,
      ),
    );
  for (const timer of value.timerHertz.slice(0, 4))
    readings.push({
      surface: 'kernel log: timer',
      group: 'boot-log',
      text: `${(timer.value / 1e6).toFixed(2)} MHz`,
      place: timer.place,
      standing,
      named: undefined,
      fit: (soc) => fitOfCounter(timer.value, soc),
    });
  return readings;
}

/** `4.14.186-mt6768`, `(build@mtk-server)`: kernels that name their chip or its maker. Most do not. */
function kernelSurfaces({ value, place, standing }: Fact<'kernel'>, socs: readonly Soc[]): readonly SurfaceReading[] {
  const text = [value.release, value.builtBy].filter((part) => part !== undefined).join(' ');
  const named = namedSoc(text.replace(/\.(?:com|net|org|cn|bj|local)\b/g, ' '), socs);
  return named === undefined
    ? []
    : [naming({ surface: '/proc/version', group: 'kernel-text', said: { value: text, place }, standing }, named)];
}

function gpuSurfaces({ value, place, standing }: Fact<'gpu'>): readonly SurfaceReading[] {
  const text = [value.vendor, value.renderer].filter((part) => part !== undefined).join(', ');
  const family = gpuFamilyOf(text);
  if (family === undefined) return [];
  const model = gpuModelOf(text);
  const [only] = family.vendors;
  return [
    {
      surface: 'GLES',
      group: 'gpu',
      text,
      place,
      standing,
      named: family.vendors.length === 1 && only !== undefined ? { vendor: only, name: undefined, socs: [] } : undefined,
      fit(soc) {
        if (!family.vendors.includes(soc.vendor)) return OTHER_VENDOR;
        const own = soc.gpu === undefined ? undefined : gpuModelOf(soc.gpu);
        return own === undefined || model === undefined ? 0.3 : own === model ? 1 : 0.05;
      },
    },
  ];
}

/** Lists that the kernel prints itself; the others are of its file systems and services. */
const KERNEL_NAMES: readonly string[] = ['interrupts', 'modules', 'clocks', 'thermal'];

function driverSurfaces(fact: Fact<'driver-names'>): readonly SurfaceReading[] {
  const { surface, names } = fact.value;
  const counts = vendorsOfNames(
    names.map(({ value }) => value),
    surface,
  );
  const group = surface === 'partitions' ? 'partition-names' : KERNEL_NAMES.includes(surface) ? 'kernel-names' : 'driver-names';
  return wordReading(`names of ${surface}`, group, counts, fact);
}
