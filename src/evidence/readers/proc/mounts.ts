/**
 * What is mounted where: `mount` (`X on Y type Z (opts)`), /proc/mounts (`X Y Z opts 0 0`), /proc/PID/mountinfo, and androidqf's mounts.json (an array of the former two).
 * Source: Linux Documentation/filesystems/proc.rst 3.5, toybox toys/lsb/mount.c, toolbox mount.c (which prints /proc/mounts).
 */
import type { Oddity } from '../../../bytes/index.ts';
import type { Place } from '../../fact.ts';
import { type ArtefactReader, eachLineIn, type LoadedArtefact, makeFact, placeOfLine, unreadable, wholeOf } from '../../reader.ts';
import type { Mount } from '../../values/index.ts';
import { type Collected, collect } from '../collect.ts';
import { jsonValue, recordsOf } from '../json.ts';

export const mountsReader: ArtefactReader = {
  kinds: ['mount', 'proc/mounts'],
  read: (artefact) => readLines(artefact, mountOf),
};

export const mountinfoReader: ArtefactReader = {
  kinds: ['proc/mountinfo'],
  read: (artefact) => readLines(artefact, mountinfoOf),
};

export const mountsJsonReader: ArtefactReader = {
  kinds: ['mounts.json'],
  read(artefact) {
    const mounts = collect<Mount>('mounts');
    const oddities: Oddity[] = [];
    for (const range of recordsOf(artefact)) {
      const record = jsonValue(artefact, range);
      const place = { artefact: artefact.name, at: (artefact.base ?? 0) + range.at, length: range.end - range.at };
      const lines = typeof record === 'string' ? [record] : Array.isArray(record) ? record.filter((item) => typeof item === 'string') : [];
      for (const line of lines) take(mountOf(line, place), mounts, oddities, place);
    }
    return readingOf(artefact, mounts, oddities);
  },
};

function readLines(artefact: LoadedArtefact, parse: (text: string, place: Place) => Mount | undefined) {
  const mounts = collect<Mount>('mounts');
  const oddities: Oddity[] = [];
  for (const line of eachLineIn(artefact)) {
    if (line.text.trim() === '') continue;
    const place = placeOfLine(artefact, line);
    take(parse(line.text.trim(), place), mounts, oddities, place);
  }
  return readingOf(artefact, mounts, oddities);
}

function take(mount: Mount | undefined, mounts: Collected<Mount>, oddities: Oddity[], place: Place): void {
  if (mount !== undefined) mounts.add(mount);
  else if (oddities.length < 1000)
    oddities.push({ format: 'mounts', field: 'line', at: place.at, code: 'not-a-mount', detail: 'a line that is no mount' });
}

function readingOf(artefact: LoadedArtefact, mounts: Collected<Mount>, oddities: readonly Oddity[]) {
  if (mounts.list.length === 0) return unreadable('it lists no mount');
  return {
    facts: [makeFact('mounts', mounts.list, { standing: 'shown', place: wholeOf(artefact), oddities })],
    unread: mounts.dropped(),
  };
}

/** One line of either syntax. */
function mountOf(text: string, place: Place): Mount | undefined {
  const type = text.lastIndexOf(' type ');
  const on = type < 0 ? -1 : text.indexOf(' on ');
  if (on >= 0 && on < type) {
    const [, kind, options] = /^(\S+)(?: \((.*)\))?$/.exec(text.slice(type + ' type '.length)) ?? [];
    if (kind !== undefined) return mount([text.slice(0, on), text.slice(on + ' on '.length, type), kind, options ?? ''], place);
  }
  const [device, mountPoint, kind, options, ...rest] = text.split(/\s+/, 8);
  if (device === undefined || mountPoint === undefined || kind === undefined || options === undefined) return undefined;
  if (!mountPoint.startsWith('/') || rest.some((word) => !/^\d+$/.test(word))) return undefined;
  return mount([unescaped(device), unescaped(mountPoint), kind, options], place);
}

const mount = ([device, mountPoint, type, options]: readonly [string, string, string, string], place: Place): Mount => ({
  device,
  mountPoint,
  type,
  options: options === '' ? [] : options.split(','),
  root: undefined,
  deviceNumber: undefined,
  place,
});

/** `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`: optional fields end at a lone dash. */
function mountinfoOf(text: string, place: Place): Mount | undefined {
  const words = text.split(/\s+/);
  const dash = words.indexOf('-', 6);
  const [, , deviceNumber, root, mountPoint, options] = words;
  const [type, device, superOptions] = words.slice(dash + 1);
  if (dash < 0 || deviceNumber === undefined || !/^\d+:\d+$/.test(deviceNumber) || type === undefined || device === undefined)
    return undefined;
  if (root === undefined || mountPoint === undefined || options === undefined) return undefined;
  const both = new Set([...options.split(','), ...(superOptions ?? '').split(',')].filter((option) => option !== ''));
  return {
    ...mount([unescaped(device), unescaped(mountPoint), type, [...both].join(',')], place),
    root: unescaped(root),
    deviceNumber,
  };
}

/** The kernel writes space, tab, line feed and backslash as octal escapes. */
const unescaped = (text: string) =>
  text.replace(/\\(040|011|012|134)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
