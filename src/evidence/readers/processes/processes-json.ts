/** processes.json of androidqf. Source: mvt-project/androidqf adb/collector.go (`ProcessInfo`), android-collector-rs src/process. */
import { type ArtefactReader, makeFact, unreadable, wholeOf } from '../../reader.ts';
import type { Process } from '../../values/index.ts';
import { collect } from '../collect.ts';
import { jsonValue, recordsOf } from '../json.ts';

export const processesJsonReader: ArtefactReader = {
  kinds: ['processes.json'],
  read(artefact) {
    const processes = collect<Process>('processes');
    let strange = 0;
    for (const range of recordsOf(artefact)) {
      const record = jsonValue(artefact, range);
      const place = { artefact: artefact.name, at: (artefact.base ?? 0) + range.at, length: range.end - range.at };
      const process = typeof record === 'object' && record !== null ? processOf(record, place) : undefined;
      if (process === undefined) strange++;
      else processes.add(process);
    }
    if (processes.list.length === 0) return unreadable('it lists no process');
    return {
      facts: [makeFact('processes', processes.list, { standing: 'shown', place: wholeOf(artefact) })],
      unread: [...processes.dropped(), ...(strange === 0 ? [] : [`${strange} entries are no process`])],
    };
  },
};

function processOf(record: object, place: Process['place']): Process | undefined {
  const say = (key: string): unknown => Reflect.get(record, key);
  const pid = say('pid');
  if (typeof pid !== 'number') return undefined;
  const line = say('command_line') ?? say('cmdline');
  const words = Array.isArray(line) ? line.filter((word) => typeof word === 'string') : [];
  // The kernel's name of a process is cut at 15 characters; its command line is not.
  const name = words[0] !== undefined && words[0] !== '' ? words[0] : (text(say('filename')) ?? text(say('path')) ?? '');
  const uid = say('uid');
  const parent = say('ppid');
  return {
    user: text(say('user')) ?? (typeof uid === 'number' ? String(uid) : ''),
    pid,
    parentPid: typeof parent === 'number' ? parent : undefined,
    name,
    label: text(say('context')),
    place,
  };
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
