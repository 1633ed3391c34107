/** /sys/devices/system/cpu from a set of files. Source: Linux Documentation/ABI/testing/sysfs-devices-system-cpu. */
import type { CpuTopology } from '../../values/index.ts';

type Core = CpuTopology['cores'][number];

const ROOT = '/sys/devices/system/cpu/';
/** More cores than any kernel for phones is built for. */
const CORES_MAX = 1024;

/** The topology that files tell, or undefined where none of them is of it. `files` gives a path's text. */
export function cpuTopologyOf(files: ReadonlyMap<string, string>): CpuTopology | undefined {
  const indices = new Set<number>();
  for (const path of files.keys()) {
    const index = /^\/sys\/devices\/system\/cpu\/cpu(\d{1,4})\//.exec(path)?.[1];
    if (index !== undefined && indices.size < CORES_MAX) indices.add(Number(index));
  }
  const possible = line(files, 'possible');
  const present = line(files, 'present');
  if (indices.size === 0 && possible === undefined && present === undefined) return undefined;
  return { possible, present, cores: [...indices].toSorted((a, b) => a - b).map((index) => coreOf(files, index)) };
}

function coreOf(files: ReadonlyMap<string, string>, index: number): Core {
  const folder = `cpu${index}/`;
  const midr = line(files, `${folder}regs/identification/midr_el1`);
  const caches: Core['caches'][number][] = [];
  for (let cache = 0; files.has(`${ROOT}${folder}cache/index${cache}/level`); cache++) {
    const at = `${folder}cache/index${cache}/`;
    const level = integer(line(files, `${at}level`));
    if (level !== undefined) caches.push({ level, type: line(files, `${at}type`) ?? '', sizeBytes: sizeOf(line(files, `${at}size`)) });
  }
  return {
    index,
    midr: midr !== undefined && /^0x[0-9a-f]{1,16}$/i.test(midr) ? BigInt(midr) : undefined,
    maxFrequencyKiloHertz: integer(line(files, `${folder}cpufreq/cpuinfo_max_freq`)),
    minFrequencyKiloHertz: integer(line(files, `${folder}cpufreq/cpuinfo_min_freq`)),
    capacity: integer(line(files, `${folder}cpu_capacity`) ?? line(files, `${folder}topology/cpu_capacity`)),
    packageId: integer(line(files, `${folder}topology/physical_package_id`)),
    caches,
  };
}

function line(files: ReadonlyMap<string, string>, path: string): string | undefined {
  const text = files.get(ROOT + path)?.trim();
  return text === '' ? undefined : text;
}

const integer = (text: string | undefined) => (text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined);

function sizeOf(text: string | undefined): number | undefined {
  const [, digits, unit] = /^(\d{1,12})([KM]?)$/.exec(text ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits) * (unit === 'K' ? 1024 : unit === 'M' ? 1_048_576 : 1);
}
