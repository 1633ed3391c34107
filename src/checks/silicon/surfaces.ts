/** Every surface that says something of the chip, each with how well it fits a chip of the table. Likelihoods, not identities. */
import { type Fact, type Facts, factsOf } from '../../evidence/index.ts';
import { gpuFamilyOf, gpuModelOf, type Knowledge, namedSoc, type Soc, type SocVendor } from '../../knowledge/index.ts';
import { bootloaderPartitions, romSurfaces } from './boot-surfaces.ts';
import { cpuinfoSurfaces, fitOfCounter, topologySurfaces } from './cpu-surfaces.ts';
import { vendorsOfKeys, vendorsOfNames, vendorsOfSensors, type WordCount } from './driver-words.ts';
import { naming, OTHER_VENDOR, type SurfaceGroup, type SurfaceReading } from './surface.ts';

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

/** What was read of the same facts: six checks ask for it. */
const read = new WeakMap<Facts, { readonly socs: readonly Soc[]; readonly surfaces: readonly SurfaceReading[] }>();

/** What all surfaces say, in a fixed order. */
export function readSurfaces(facts: Facts, { socs }: Pick<Knowledge, 'socs'>): readonly SurfaceReading[] {
  const known = read.get(facts);
  if (known?.socs === socs) return known.surfaces;
  const surfaces = readAll(facts, socs);
  read.set(facts, { socs, surfaces });
  return surfaces;
}

function readAll(facts: Facts, socs: readonly Soc[]): readonly SurfaceReading[] {
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
    ...factsOf(facts, 'sensors').flatMap(sensorSurfaces),
    ...factsOf(facts, 'rom').flatMap((fact) => romSurfaces(fact, socs)),
    ...factsOf(facts, 'fastboot').flatMap(partitionSurfaces),
  ];
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

/** Sensors that the chip's own hub computes carry its maker's name; bought ones carry their own, and say nothing. */
function sensorSurfaces(fact: Fact<'sensors'>): readonly SurfaceReading[] {
  return wordReading('sensors', 'driver-names', vendorsOfSensors(fact.value), fact);
}

/** Names of partitions as the bootloader lists them: the layout is the one that the chip's boot chain reads. */
function partitionSurfaces(fact: Fact<'fastboot'>): readonly SurfaceReading[] {
  return wordReading(
    'names of partitions in the bootloader',
    'partition-names',
    vendorsOfNames(bootloaderPartitions(fact.value).slice(0, NAMES_MAX), 'partitions'),
    fact,
  );
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

/** Names of one list that are looked at: the longest list of a phone has some hundreds. */
const NAMES_MAX = 5000;

function driverSurfaces(fact: Fact<'driver-names'>): readonly SurfaceReading[] {
  const { surface, names } = fact.value;
  const counts = vendorsOfNames(
    names.slice(0, NAMES_MAX).map(({ value }) => value),
    surface,
  );
  const group = surface === 'partitions' ? 'partition-names' : KERNEL_NAMES.includes(surface) ? 'kernel-names' : 'driver-names';
  return wordReading(`names of ${surface}`, group, counts, fact);
}
