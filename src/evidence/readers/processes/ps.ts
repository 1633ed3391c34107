/**
 * `ps` of every vintage, read by its header: toolbox (`USER PID PPID VSIZE RSS WCHAN PC NAME`, whose rows have a state that the header does not name),
 * toybox (`USER PID PPID VSZ RSS WCHAN ADDR S NAME`), with -Z (`LABEL` first), with -T (a row a thread) and dumpstate's long form.
 * Source: AOSP system/core/toolbox/ps.c, toybox toys/posix/ps.c, frameworks/native/cmds/dumpstate.
 */
import type { Oddity } from '../../../bytes/index.ts';
import type { Line } from '../../lines.ts';
import { type ArtefactReader, eachLineIn, type LoadedArtefact, makeFact, placeOfLine, unreadable, wholeOf } from '../../reader.ts';
import type { Process } from '../../values/index.ts';
import { collect, wholeNumber } from '../collect.ts';

const NAME_COLUMNS: readonly string[] = ['NAME', 'CMD', 'COMMAND', 'ARGS', 'CMDLINE'];

export const psReader: ArtefactReader = {
  kinds: ['ps'],
  read(artefact) {
    const processes = collect<Process>('processes');
    const oddities: Oddity[] = [];
    let header: readonly string[] | undefined;
    for (const line of eachLineIn(artefact)) {
      const words = line.text.trim().split(/\s+/, 32);
      if (words.includes('PID') && words.some((word) => NAME_COLUMNS.includes(word))) {
        header = columnsOf(words);
        continue;
      }
      if (header === undefined || line.text.trim() === '') continue;
      const process = processOf(artefact, line, header);
      if (process === 'thread') continue;
      if (process !== undefined) processes.add(process);
      else oddities.push({ format: 'ps', field: 'row', at: line.at, code: 'not-a-process', detail: 'a row that does not fit its header' });
    }
    if (header === undefined) return unreadable('it has no header with PID and a name');
    if (processes.list.length === 0) return unreadable('it lists no process');
    return {
      facts: [makeFact('processes', processes.list, { standing: 'shown', place: wholeOf(artefact), oddities: oddities.slice(0, 1000) })],
      unread: processes.dropped(),
    };
  },
};

/** toolbox prints a state that its header does not name. */
const columnsOf = (words: readonly string[]): readonly string[] =>
  words.includes('PC') && !words.includes('S') ? words.flatMap((word) => (word === 'PC' ? ['PC', 'S'] : [word])) : words;

function processOf(artefact: LoadedArtefact, line: Line, header: readonly string[]): Process | 'thread' | undefined {
  const values = new Map<string, string>();
  let rest = line.text.trim();
  for (const [index, column] of header.entries()) {
    if (index === header.length - 1) {
      values.set(column, rest);
      break;
    }
    const end = rest.search(/\s/);
    if (end < 0) return undefined;
    values.set(column, rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  const pid = wholeNumber(values.get('PID'));
  const name = NAME_COLUMNS.map((column) => values.get(column)).find((value) => value !== undefined);
  if (pid === undefined || name === undefined) return undefined;
  const thread = wholeNumber(values.get('TID') ?? values.get('LWP'));
  if (thread !== undefined && thread !== pid) return 'thread';
  return {
    user: values.get('USER') ?? values.get('UID') ?? '',
    pid,
    parentPid: wholeNumber(values.get('PPID')),
    name,
    label: values.get('LABEL') ?? values.get('CONTEXT'),
    place: placeOfLine(artefact, line),
  };
}
