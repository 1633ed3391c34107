/**
 * The dumpstate text of a bug report, Android 4.4 to 16: a head, then parts behind `------ TITLE (command) ------` lines, and services behind `DUMP OF SERVICE` lines.
 * Source: AOSP frameworks/native/cmds/dumpstate (dumpstate.cpp, DumpstateUtil.cpp). A part ends where the next begins: `------ 0.1s was the duration of 'TITLE' ------` may be printed
 * within another part. What a part is, its command says, which vendors and languages leave alone; its title only where there is no command.
 */
import type { ArtefactKind } from '../../capture.ts';
import { type ArtefactReader, eachLineIn, type LoadedArtefact, makeFact, placeOfLine, unreadable } from '../../reader.ts';
import { serviceHeaded } from '../dumpsys/dumpsys.ts';
import { parseKernelVersion } from '../proc/kernel.ts';
import { readSection, type SectionReading } from '../section-reading.ts';
import { sectionArtefact, sectionsOf } from '../sections.ts';

const DASH = 0x2d;
const LETTER_D = 0x44;
const SERVICE = 'service ';

/** The heading of a line: `TITLE (command)`, or `service NAME`. */
function headingOf(line: string): string | undefined {
  const service = serviceHeaded(line);
  if (service !== undefined) return SERVICE + service;
  const title = /^-{4,12} (.+?) -{4,12}$/.exec(line)?.[1];
  return title === undefined || title.includes(' was the duration of ') ? undefined : title;
}

/** What commands and files bring, by how they begin; the first that fits. */
const COMMANDS: readonly (readonly [pattern: RegExp, kind: ArtefactKind])[] = [
  [/^(\/system\/bin\/)?getprop\b/, 'getprop'],
  [/^ps\b/, 'ps'],
  [/^(dmesg|\/proc\/kmsg)\b/, 'dmesg'],
  [/^mount\b/, 'mount'],
  [/^service list\b/, 'service-list'],
  [/^(su root )?(\/system\/bin\/)?lshal\b/, 'lshal'],
  [/^lsmod\b/, 'proc/modules'],
  [/^df\b/, 'df'],
  [/^getenforce\b/, 'getenforce'],
  [/^pm list packages\b/, 'pm/packages'],
  [/^wm (size|density)\b/, 'wm'],
  [/^(?:.* )?\/data\/tombstones\/tombstone_\d+/, 'tombstone'],
  [/^(?:.* )?\/data\/misc\/bugreport|^logcat\b/, 'logcat'],
];

/** Titles of parts that name no command, or one that says nothing. */
const TITLES: ReadonlyMap<string, ArtefactKind> = new Map<string, ArtefactKind>([
  ['SYSTEM PROPERTIES', 'getprop'],
  ['KERNEL LOG', 'dmesg'],
  ['MEMORY INFO', 'proc/meminfo'],
  ['PROCESSES', 'ps'],
  ['PROCESSES AND THREADS', 'ps'],
  ['HARDWARE HALS', 'lshal'],
  ['MODULES INFO', 'proc/modules'],
]);

/** The kind of a part, by its heading; undefined where nothing reads it. */
export function kindOfPart(heading: string, kindOfPath: (path: string) => ArtefactKind | undefined): ArtefactKind | undefined {
  if (heading.startsWith(SERVICE)) return `dumpsys/${heading.slice(SERVICE.length)}`;
  const [, title = heading, inside] = /^(.*?) \((.*)\)$/.exec(heading) ?? [];
  // A file's heading ends in its time: `/proc/meminfo: 2022-03-29 23:14:26`.
  const path = /^(\/[^\s:]+)/.exec(inside ?? '')?.[1];
  const byPath = path === undefined ? undefined : kindOfPath(path);
  if (byPath !== undefined) return byPath;
  for (const [pattern, kind] of COMMANDS) if (inside !== undefined && pattern.test(inside)) return kind;
  return TITLES.get(title);
}

/** Makes the reader of dumpstate texts, which hands each part to the reader of its kind. */
export function bugreportReader(
  readers: readonly ArtefactReader[],
  kindOfPath: (path: string) => ArtefactKind | undefined,
): ArtefactReader {
  return {
    kinds: ['bugreport'],
    read(artefact) {
      const sections = sectionsOf(artefact.bytes, [DASH, LETTER_D], headingOf);
      const reading: SectionReading = { facts: [], unread: [] };
      const head = sections[0]?.at ?? artefact.bytes.length;
      readHead({ ...artefact, bytes: artefact.bytes.subarray(0, head) }, reading);
      const seen = new Set<string>();
      for (const section of sections) {
        const kind = kindOfPart(section.heading, kindOfPath);
        if (kind === undefined) continue;
        if (kind.startsWith('dumpsys/')) {
          if (seen.has(kind)) reading.unread.push(`the part ${section.heading} occurs more than once; every one was read`);
          seen.add(kind);
        }
        const inside = /\((.*)\)$/.exec(section.heading)?.[1];
        readSection(sectionArtefact(artefact, section, kind, inside ?? section.heading), readers, reading);
      }
      return reading.facts.length === 0 ? unreadable('it holds no part that is read') : reading;
    },
  };
}

/** The lines before the first part: the kernel and its command line. */
function readHead(artefact: LoadedArtefact, reading: SectionReading): void {
  const HEAD_LINES = 200;
  let count = 0;
  for (const line of eachLineIn(artefact)) {
    if (++count > HEAD_LINES) break;
    const kernel = /^Kernel: (.*)$/.exec(line.text)?.[1];
    const value = kernel === undefined ? undefined : parseKernelVersion(kernel);
    if (value !== undefined) reading.facts.push(makeFact('kernel', value, { standing: 'told', place: placeOfLine(artefact, line) }));
    const commandLine = /^Command line: (.*)$/.exec(line.text)?.[1];
    if (commandLine !== undefined) {
      const place = placeOfLine(artefact, line);
      const log = { machine: undefined, timerHertz: [], linuxVersion: undefined, commandLine: { value: commandLine, place } };
      reading.facts.push(makeFact('boot-log', log, { standing: 'told', place }));
    }
  }
}
