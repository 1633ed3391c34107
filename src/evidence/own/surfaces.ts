/** Kernel surfaces as the plan reads them: `sys/cpu`, `sys/names`, `stat`, `ls/block`, `ls/dev`. */
import { type ArtefactReader, eachLineIn, type LoadedArtefact, makeFact, placeOfLine, unreadable, wholeOf } from '../reader.ts';
import type { CpuTopology, DriverNames, FileStat, Said } from '../values/index.ts';

/** No system on a chip has more cores; a longer list is a flood. */
const CORES_MAX = 1024;
const NAMES_MAX = 20_000;

/** Lines `path<TAB>value`. */
function* pathValues(artefact: LoadedArtefact): Generator<{ readonly path: string; readonly said: Said<string> }> {
  for (const line of eachLineIn(artefact)) {
    const tab = line.text.indexOf('\t');
    if (tab > 0 && line.text.startsWith('/'))
      yield { path: line.text.slice(0, tab), said: { value: line.text.slice(tab + 1).trim(), place: placeOfLine(artefact, line) } };
  }
}

const whole = (text: string | undefined): number | undefined => (text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined);

/** `32K`, `1M`. */
function sizeOf(text: string | undefined): number | undefined {
  const [, digits, unit] = /^(\d{1,9})([KM]?)$/.exec(text ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits) * (unit === 'M' ? 1 << 20 : unit === 'K' ? 1024 : 1);
}

export const sysCpuReader: ArtefactReader = {
  kinds: ['sys/cpu'],
  read(artefact) {
    const top = new Map<string, string>();
    const cores = new Map<number, Map<string, string>>();
    for (const { path, said } of pathValues(artefact)) {
      const [, core, rest] = /^\/sys\/devices\/system\/cpu\/(?:cpu(\d{1,4})\/)?([a-z0-9_/]+)$/.exec(path) ?? [];
      if (rest === undefined) continue;
      if (core === undefined) top.set(rest, said.value);
      else if (Number(core) < CORES_MAX) {
        const fields = cores.get(Number(core)) ?? new Map<string, string>();
        cores.set(Number(core), fields.set(rest, said.value));
      }
    }
    if (top.size === 0 && cores.size === 0) return unreadable('it names no core');
    const value: CpuTopology = {
      possible: top.get('possible'),
      present: top.get('present'),
      cores: [...cores].sort(([a], [b]) => a - b).map(([index, fields]) => coreOf(index, fields)),
    };
    return { facts: [makeFact('cpu-topology', value, { standing: 'shown', place: wholeOf(artefact) })], unread: [] };
  },
};

function coreOf(index: number, fields: ReadonlyMap<string, string>): CpuTopology['cores'][number] {
  const midr = fields.get('regs/identification/midr_el1');
  const levels = [...fields.keys()].flatMap((key) => /^cache\/(index\d{1,2})\/level$/.exec(key)?.[1] ?? []).sort();
  return {
    index,
    midr: midr !== undefined && /^0x[0-9a-fA-F]{1,16}$/.test(midr) ? BigInt(midr) : undefined,
    maxFrequencyKiloHertz: whole(fields.get('cpufreq/cpuinfo_max_freq')),
    minFrequencyKiloHertz: whole(fields.get('cpufreq/cpuinfo_min_freq')),
    capacity: whole(fields.get('cpu_capacity')),
    packageId: whole(fields.get('topology/physical_package_id')),
    caches: levels.map((name) => ({
      level: whole(fields.get(`cache/${name}/level`)) ?? 0,
      type: fields.get(`cache/${name}/type`) ?? '',
      sizeBytes: sizeOf(fields.get(`cache/${name}/size`)),
    })),
  };
}

const SURFACES: readonly (readonly [pattern: RegExp, surface: DriverNames['surface']])[] = [
  [/^\/sys\/class\/thermal\//, 'thermal'],
  [/^\/sys\/devices\/system\/clocksource\//, 'clocks'],
  [/^\/sys\/class\/input\//, 'input'],
  [/^\/sys\//, 'devices'],
];

export const sysNamesReader: ArtefactReader = {
  kinds: ['sys/names'],
  read(artefact) {
    const names = new Map<DriverNames['surface'], Said<string>[]>();
    let count = 0;
    for (const { path, said } of pathValues(artefact)) {
      const surface = SURFACES.find(([pattern]) => pattern.test(path))?.[1];
      if (surface === undefined || said.value === '' || path.endsWith('/size') || count++ > NAMES_MAX) continue;
      const values = surface === 'clocks' ? said.value.split(/\s+/) : [said.value];
      names.set(surface, [...(names.get(surface) ?? []), ...values.map((value) => ({ ...said, value }))]);
    }
    if (names.size === 0) return unreadable('it names no driver');
    const place = wholeOf(artefact);
    return {
      facts: [...names].map(([surface, said]) => makeFact('driver-names', { surface, names: said }, { standing: 'shown', place })),
      unread: [],
    };
  },
};

/** `ls -l` of /dev and of the partitions' names. */
const lsNames = (kind: 'ls/dev' | 'ls/block', surface: DriverNames['surface']): ArtefactReader => ({
  kinds: [kind],
  read(artefact) {
    const names: Said<string>[] = [];
    for (const line of eachLineIn(artefact)) {
      // The name follows the time; toybox of before Android 8 prints seconds or a zone between them.
      const name = /^[-dlpscb][-rwxsStT]{9}\S*\s.*?\d\d:\d\d(?::[\d.]+)?(?: [+-]\d{4})? (.+?)(?: -> .*)?$/.exec(line.text)?.[1];
      if (name !== undefined && names.length < NAMES_MAX) names.push({ value: name, place: placeOfLine(artefact, line) });
    }
    if (names.length === 0) return unreadable('it lists nothing');
    return { facts: [makeFact('driver-names', { surface, names }, { standing: 'shown', place: wholeOf(artefact) })], unread: [] };
  },
});
export const lsDevReader = lsNames('ls/dev', 'devices');
export const lsBlockReader = lsNames('ls/block', 'partitions');

/** `S %D %i %s %a %u %g %C %n` and `F %T %n`. */
export const statReader: ArtefactReader = {
  kinds: ['stat'],
  read(artefact) {
    const stats = new Map<string, FileStat>();
    for (const line of eachLineIn(artefact)) {
      const place = placeOfLine(artefact, line);
      const [, device, inode, size, mode, uid, gid, context, path] =
        /^S ([0-9a-f]{1,16}) (\d+) (\d+) ([0-7]{1,5}) (\d+) (\d+) (\S+) (\/.*)$/.exec(line.text) ?? [];
      if (path !== undefined) {
        const fileSystem = stats.get(path)?.fileSystem;
        const known = context === '?' ? undefined : context;
        stats.set(path, {
          path,
          device,
          inode,
          size: whole(size),
          mode: mode?.padStart(4, '0'),
          uid: whole(uid),
          gid: whole(gid),
          context: known,
          fileSystem,
          place,
        });
        continue;
      }
      const [, fileSystem, on] = /^F (\S+) (\/.*)$/.exec(line.text) ?? [];
      const known = on === undefined ? undefined : stats.get(on);
      if (known !== undefined) stats.set(known.path, { ...known, fileSystem });
    }
    if (stats.size === 0) return unreadable('it holds no line of stat(1): this phone has none');
    return { facts: [makeFact('file-stats', [...stats.values()], { standing: 'shown', place: wholeOf(artefact) })], unread: [] };
  },
};
