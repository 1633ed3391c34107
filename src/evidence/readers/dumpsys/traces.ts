/**
 * Traces of packages in time: the daily log and the history of `dumpsys batterystats`, the database pools of `dumpsys dbinfo`, the overrides of `dumpsys platform_compat`.
 * They outlive the package that left them. Source: AOSP BatteryStats.dumpDailyPackageChanges, HistoryPrinter; SQLiteConnectionPool.dump; CompatChange.toString.
 */
import type { Line } from '../../lines.ts';
import { type ArtefactReader, eachLineIn, type LoadedArtefact, makeFact, placeOfLine, unreadable, wholeOf } from '../../reader.ts';
import type { PackageTrace } from '../../values/index.ts';
import { type Collected, collect, wholeNumber } from '../collect.ts';

type Seen = Pick<PackageTrace, 'source' | 'package' | 'event'> & Partial<Pick<PackageTrace, 'when' | 'detail' | 'uid' | 'versionAfter'>>;

const trace = (artefact: LoadedArtefact, line: Line, seen: Seen): PackageTrace => ({
  when: undefined,
  detail: undefined,
  uid: undefined,
  versionBefore: undefined,
  versionAfter: undefined,
  ...seen,
  place: placeOfLine(artefact, line),
});

const readingOf = (artefact: LoadedArtefact, traces: Collected<PackageTrace>, because: string) =>
  traces.list.length === 0
    ? unreadable(because)
    : { facts: [makeFact('package-traces', traces.list, { standing: 'told', place: wholeOf(artefact) })], unread: traces.dropped() };

/** History events that name a package, by the tag of their line. */
const EVENT = /([+-]?)\b(job|top|pkginst|pkgunin|wake_lock|longwake)=(?:([^:"\s]{1,20}):)?"([^"]{1,500})"/g;

export const batteryReader: ArtefactReader = {
  kinds: ['dumpsys/batterystats'],
  read(artefact) {
    const traces = collect<PackageTrace>('traces');
    let day: string | undefined;
    for (const line of eachLineIn(artefact)) {
      const { text } = line;
      const from = /^\s*Daily from (\S+) to /.exec(text)?.[1];
      if (from !== undefined) day = from;
      const [, name, version] = /^\s*Update (\S+) vers=(\d+)/.exec(text) ?? [];
      if (name !== undefined) {
        const versionAfter = wholeNumber(version);
        const event = versionAfter === 0 ? 'uninstall' : 'update';
        traces.add(trace(artefact, line, { source: 'battery-daily', package: name, event, when: day, versionAfter }));
      } else if (text.includes('="') || text.includes(':"')) historyOf(artefact, line, traces);
    }
    return readingOf(artefact, traces, 'it names no package in its history');
  },
};

function historyOf(artefact: LoadedArtefact, line: Line, traces: Collected<PackageTrace>): void {
  const when = /^\s*(\+?\d\S*)/.exec(line.text)?.[1];
  for (const [, sign = '', tag = '', uid, text = ''] of line.text.slice(0, 20_000).matchAll(EVENT)) {
    const isWake = tag === 'wake_lock' || tag === 'longwake';
    const named = /((?:[A-Za-z]\w*\.)+\w+)/.exec(
      isWake ? (/\*job\*\/(?:\S*:)?(\S+)\//.exec(text)?.[1] ?? '') : (text.split('/')[0] ?? ''),
    )?.[1];
    if (named !== undefined)
      traces.add(
        trace(artefact, line, {
          source: 'battery-history',
          package: named,
          event: sign + tag,
          when,
          detail: uid === undefined ? text : `${uid}: ${text}`,
        }),
      );
  }
}

export const dbinfoReader: ArtefactReader = {
  kinds: ['dumpsys/dbinfo'],
  read(artefact) {
    const traces = collect<PackageTrace>('traces');
    let owner: string | undefined;
    for (const line of eachLineIn(artefact)) {
      const { text } = line;
      const process = /^\s*\*\* Database info for pid \d+ \[([^\]]+)\]/.exec(text)?.[1];
      if (process !== undefined) {
        owner = process.split(':')[0] ?? process;
        traces.add(trace(artefact, line, { source: 'dbinfo', package: owner, event: 'process' }));
        continue;
      }
      const pool = /^\s*Connection pool for (.*):\s*$/.exec(text)?.[1];
      const inside = /\/data\/(?:data|user\/\d+|user_de\/\d+)\/([^/]+)\//.exec(pool ?? '')?.[1];
      if (pool !== undefined)
        traces.add(trace(artefact, line, { source: 'dbinfo', package: inside ?? owner ?? '', event: 'database', detail: pool }));
      const [, when, sql] = /^\s*\d+: \[([^\]]+)\].{0,200}?sql="(.*)$/s.exec(text) ?? [];
      if (sql !== undefined && owner !== undefined)
        traces.add(trace(artefact, line, { source: 'dbinfo', package: owner, event: 'sql', when, detail: sql.slice(0, 500) }));
    }
    return readingOf(artefact, traces, 'it names no database');
  },
};

export const platformCompatReader: ArtefactReader = {
  kinds: ['dumpsys/platform_compat'],
  read(artefact) {
    const traces = collect<PackageTrace>('traces');
    let found = false;
    for (const line of eachLineIn(artefact)) {
      const change = /^\s*ChangeId\(\d+; name=([^;)]+)/.exec(line.text)?.[1];
      if (change === undefined) continue;
      found = true;
      for (const { list, packages } of overridesIn(line.text))
        for (const entry of packages.split(', ')) {
          const name = entry.split('=')[0]?.trim();
          if (name !== undefined && name !== '')
            traces.add(
              trace(artefact, line, { source: 'platform-compat', package: name, event: list, detail: `${change} ${entry}`.slice(0, 500) }),
            );
        }
    }
    // A phone without overrides says so by having none.
    if (!found) return unreadable('it lists no change');
    return { facts: [makeFact('package-traces', traces.list, { standing: 'told', place: wholeOf(artefact) })], unread: traces.dropped() };
  },
};

/** The lists `packageOverrides={…}` and `rawOverrides={…}` of a change. */
function* overridesIn(text: string): Generator<{ readonly list: string; readonly packages: string }, void, undefined> {
  for (const list of ['packageOverrides', 'rawOverrides']) {
    const begins = text.indexOf(`${list}={`);
    const ends = begins < 0 ? -1 : text.indexOf('}', begins);
    if (ends >= 0) yield { list, packages: text.slice(begins + list.length + 2, ends) };
  }
}
