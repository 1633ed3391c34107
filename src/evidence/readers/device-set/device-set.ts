/**
 * A recording of a phone as `{ device, properties: { key: value }, files: [{ path, content, arch? }] }`: its system properties and its files under /proc and /sys.
 * Every place is that of the text within the JSON, so that a finding can be looked up in the recording itself.
 */
import type { Fact, Place } from '../../fact.ts';
import type { Property } from '../../properties.ts';
import { type ArtefactReader, type ArtefactReading, type LoadedArtefact, makeFact, wholeOf } from '../../reader.ts';
import type { SocNode } from '../../values/index.ts';
import { type JsonMember, type JsonText, jsonValue, membersOf, skipMark, textOf } from '../json.ts';
import { relocated } from '../relocate.ts';
import { cpuTopologyOf } from './cpu-topology.ts';

/** Files of a set that are read. */
const FILES_MAX = 100_000;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Chooses the reader of a file within the set, by its path on the phone. */
export type ReaderForPath = (path: string) => { readonly reader: ArtefactReader; readonly kind: LoadedArtefact['kind'] } | undefined;

/** Makes the reader of device sets, which hands the files inside to the readers of their kinds. */
export function deviceSetReader(readerFor: ReaderForPath): ArtefactReader {
  return {
    kinds: ['device-set'],
    read(artefact) {
      const facts: Fact[] = [];
      const unread: string[] = [];
      const files: SetFile[] = [];
      for (const member of membersOf(artefact, skipMark(artefact.bytes))) {
        if (member.key === 'properties') facts.push(...propertiesOf(artefact, member));
        if (member.key === 'files') files.push(...filesOf(artefact, member, unread));
      }
      for (const file of files) take(readFile(artefact, file, readerFor), facts, unread);
      facts.push(...systemFilesOf(artefact, files));
      if (facts.length === 0) unread.push('it holds neither properties nor files of a kind that is read');
      return { facts, unread };
    },
  };
}

function take(reading: ArtefactReading, facts: Fact[], unread: string[]): void {
  facts.push(...reading.facts);
  unread.push(...reading.unread);
}

const isObject = (artefact: LoadedArtefact, { at }: JsonMember) => artefact.bytes[at] === 0x7b;
const placeIn = (artefact: LoadedArtefact, from: number, end: number): Place => ({
  artefact: artefact.name,
  at: (artefact.base ?? 0) + from,
  length: end - from,
});

function propertiesOf(artefact: LoadedArtefact, properties: JsonMember): readonly Fact[] {
  if (!isObject(artefact, properties)) return [];
  const entries: Property[] = [];
  for (const member of membersOf(artefact, properties.at)) {
    const text = textOf(artefact, member);
    if (text !== undefined && member.key !== undefined)
      entries.push({ key: member.key, value: utf8.decode(text.bytes), place: placeIn(artefact, member.from, member.end) });
  }
  if (entries.length === 0) return [];
  return [
    makeFact('properties', { layer: 'runtime', entries }, { standing: 'told', place: placeIn(artefact, properties.at, properties.end) }),
  ];
}

interface SetFile {
  readonly path: string;
  readonly text: JsonText;
  readonly place: Place;
}

function filesOf(artefact: LoadedArtefact, files: JsonMember, unread: string[]): readonly SetFile[] {
  const found: SetFile[] = [];
  for (const member of membersOf(artefact, files.at)) {
    if (found.length === FILES_MAX) {
      unread.push(`more than ${FILES_MAX} files; the rest is not read`);
      break;
    }
    const file = isObject(artefact, files) ? pathAndText(artefact, member.key, member) : fileOf(artefact, member);
    if (file === undefined) unread.push(`files: the entry at ${(artefact.base ?? 0) + member.from} has no path or no text`);
    else found.push(file);
  }
  return found;
}

/** `{ path, content }` (`arch` tells which view of a 64-bit kernel it is: `arm` gives a 32-bit process's). */
function fileOf(artefact: LoadedArtefact, entry: JsonMember): SetFile | undefined {
  if (!isObject(artefact, entry)) return undefined;
  let path: unknown;
  let content: JsonMember | undefined;
  for (const member of membersOf(artefact, entry.at)) {
    if (member.key === 'path') path = jsonValue(artefact, member);
    if (member.key === 'content') content = member;
  }
  return content === undefined ? undefined : pathAndText(artefact, path, content);
}

function pathAndText(artefact: LoadedArtefact, path: unknown, content: JsonMember): SetFile | undefined {
  const text = textOf(artefact, content);
  return typeof path !== 'string' || text === undefined ? undefined : { path, text, place: placeIn(artefact, content.at, content.end) };
}

function readFile(artefact: LoadedArtefact, file: SetFile, readerFor: ReaderForPath): ArtefactReading {
  const found = readerFor(file.path);
  if (found === undefined || file.text.bytes.length === 0) return { facts: [], unread: [] };
  const reading = found.reader.read({ name: artefact.name, kind: found.kind, origin: file.path, bytes: file.text.bytes });
  const { places } = file.text;
  const base = artefact.base ?? 0;
  const move = (place: Place): Place => {
    const from = places[place.at] ?? file.place.at;
    const end = places[place.at + place.length] ?? from;
    return { artefact: place.artefact, at: base + from, length: end - from };
  };
  return {
    facts: reading.facts.map((fact) => relocated(fact, move)),
    unread: reading.unread.map((because) => `${file.path}: ${because}`),
  };
}

/** What several files tell together. */
function systemFilesOf(artefact: LoadedArtefact, files: readonly SetFile[]): readonly Fact[] {
  const facts: Fact[] = [];
  const place = wholeOf(artefact);
  const topology = cpuTopologyOf(new Map(files.map(({ path, text }) => [path, utf8.decode(text.bytes)])));
  if (topology !== undefined) facts.push(makeFact('cpu-topology', topology, { standing: 'shown', place }));
  const nodes: SocNode[] = [];
  for (const { path, text, place: at } of files)
    if (/^\/sys\/(devices\/soc\d|class\/kgsl|devices\/system\/b\.L|kernel\/gpu|class\/misc\/mali\d)\//.test(path))
      nodes.push({ path, value: utf8.decode(text.bytes).trim(), place: at });
  if (nodes.length > 0) facts.push(makeFact('soc-nodes', nodes, { standing: 'shown', place }));
  return facts;
}
