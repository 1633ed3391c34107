/**
 * Settings: `settings list NAMESPACE` (`key=value`, a value may run over lines) and `dumpsys settings` (`_id:1 name:key pkg:p value:v default:d …` under a heading a namespace and user).
 * Source: AOSP SettingsService (list), SettingsProvider.dumpForUserLocked, SettingsState.dumpHistoricalOperations.
 */
import type { Fact } from '../../fact.ts';
import { type ArtefactReader, eachLineIn, makeFact, unreadable, wholeOf } from '../../reader.ts';
import type { Settings } from '../../values/index.ts';
import { collect } from '../collect.ts';

type Namespace = Settings['namespace'];
type Entry = { -readonly [K in keyof Settings['entries'][number]]: Settings['entries'][number][K] };

/** Bytes of one value that are kept: some hold whole documents. */
const VALUE_MAX = 1 << 16;

/** The namespace by the command or file name that brought the list. */
function namespaceOf(origin: string | undefined): Namespace | undefined {
  const found = /(?:^|[\s_./-])(system|secure|global)(?:[\s_.-]|$)/.exec(origin ?? '')?.[1];
  return found === 'system' || found === 'secure' || found === 'global' ? found : undefined;
}

export const settingsListReader: ArtefactReader = {
  kinds: ['settings'],
  read(artefact) {
    const namespace = namespaceOf(artefact.origin) ?? namespaceOf(artefact.name);
    if (namespace === undefined) return unreadable('neither its name nor its command says which namespace it is');
    const entries = collect<Entry>('settings', 100_000);
    let open: Entry | undefined;
    for (const line of eachLineIn(artefact)) {
      const key = /^([\w.\-:/@ ]{1,300})=/.exec(line.text)?.[1];
      if (key !== undefined) {
        open = { key, value: line.text.slice(key.length + 1), place: { artefact: artefact.name, at: line.at, length: line.length } };
        entries.add(open);
      } else if (open !== undefined) grow(open, line.text, line.at + line.length);
    }
    if (entries.list.length === 0) return unreadable('it holds no `key=value` line');
    return {
      facts: [makeFact('settings', { namespace, entries: entries.list }, { standing: 'told', place: wholeOf(artefact) })],
      unread: entries.dropped(),
    };
  },
};

function grow(entry: Entry, text: string, end: number): void {
  if (entry.value.length < VALUE_MAX) entry.value += `\n${text}`;
  entry.place = { ...entry.place, length: end - entry.place.at };
}

export const settingsDumpReader: ArtefactReader = {
  kinds: ['dumpsys/settings'],
  read(artefact) {
    const facts: Fact[] = [];
    const unread: string[] = [];
    let namespace: Namespace | undefined;
    let start = 0;
    let entries = collect<Entry>('settings', 100_000);
    let open: Entry | undefined;
    let end = artefact.base ?? 0;
    const close = () => {
      if (namespace !== undefined && entries.list.length > 0)
        facts.push(
          makeFact(
            'settings',
            { namespace, entries: entries.list.map(withoutTail) },
            { standing: 'told', place: { artefact: artefact.name, at: start, length: end - start } },
          ),
        );
      unread.push(...entries.dropped());
      entries = collect('settings', 100_000);
      open = undefined;
    };
    for (const line of eachLineIn(artefact)) {
      const heading = /^(SYSTEM|SECURE|GLOBAL|CONFIG|SSAID) SETTINGS \(user (\d+)\)/.exec(line.text);
      if (heading !== null) {
        close();
        // Settings of other users are not told apart by a value's shape: only the owner's are read.
        const name = heading[1]?.toLowerCase();
        namespace = heading[2] === '0' && (name === 'system' || name === 'secure' || name === 'global') ? name : undefined;
        start = line.at;
        continue;
      }
      end = line.at + line.length;
      if (namespace === undefined) continue;
      const [whole, key] = /^_id:\S+ name:(\S+)(?: pkg:\S+)? value:/.exec(line.text) ?? [];
      if (whole !== undefined && key !== undefined) {
        open = { key, value: line.text.slice(whole.length), place: { artefact: artefact.name, at: line.at, length: line.length } };
        entries.add(open);
      } else if (line.text.startsWith('\t') || line.text === '') open = undefined;
      else if (open !== undefined) grow(open, line.text, line.at + line.length);
    }
    close();
    return facts.length === 0 && unread.length === 0 ? unreadable('it holds no settings of the owner') : { facts, unread };
  },
};

/** What stands behind a value: ` default:… defaultSystemSet:true …`. */
const withoutTail = (entry: Entry): Entry => ({
  ...entry,
  value: entry.value.replace(
    / default:[^\n]*(\n[\s\S]*)?$| (defaultSystemSet|isValuePreservedInRestore|notPreservedInRestore)\b[^\n]*$/,
    '',
  ),
});
