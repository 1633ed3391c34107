/**
 * File lists and hashes as the plan reads them (`acquire/plan.ts` has the forms). Names are hostile: a name with a line break in it goes over several lines,
 * and only a line that begins with the list's nonce begins an entry.
 */
import type { Oddity } from '../../bytes/index.ts';
import type { Line } from '../lines.ts';
import { type ArtefactReader, eachLineIn, type LoadedArtefact, makeFact, unreadable, wholeOf } from '../reader.ts';
import type { FileList, ListedFile } from '../values/index.ts';
import { nonceOf } from './bundle.ts';

/** A file list with more entries is cut, and that is said. */
const FILES_MAX = 2_000_000;
const PATH_MAX = 8192;
const FORMAT = 'file list';

const TYPES: ReadonlyMap<number, ListedFile['type']> = new Map([
  [0o01, 'fifo'],
  [0o02, 'character device'],
  [0o04, 'directory'],
  [0o06, 'block device'],
  [0o10, 'file'],
  [0o12, 'link'],
  [0o14, 'socket'],
]);
const LETTERS: ReadonlyMap<string, ListedFile['type']> = new Map([
  ['-', 'file'],
  ['d', 'directory'],
  ['l', 'link'],
  ['p', 'fifo'],
  ['s', 'socket'],
  ['c', 'character device'],
  ['b', 'block device'],
]);

export interface FileListReading extends FileList {
  /** Whether it begins as a list at all; one that holds nothing says that nothing is there. */
  readonly isList: boolean;
  readonly oddities: readonly Oddity[];
  /** Whether entries were left out. */
  readonly cut: boolean;
}

const octal = (mode: number) => (mode & 0o7777).toString(8).padStart(4, '0');
const number = (text: string | undefined): number | undefined => (text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined);

/** `/system//bin` is `/system/bin`: a walk that began at `/system/`. */
const tidy = (path: string) => path.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');

/** Reads either form. Nothing is thrown: what is no entry is an oddity. */
export function readFileList(artefact: LoadedArtefact): FileListReading {
  const lines = eachLineIn(artefact);
  const first = lines.next();
  const head = first.done === true ? undefined : nonceOf(first.value);
  const [, form, root] = /^file-list\/1 (stat|ls)(?: (\/.*))?$/.exec(head?.rest ?? '') ?? [];
  if (head === undefined || form === undefined) return { isList: false, roots: [], files: [], oddities: [], cut: false };
  const roots = root === undefined ? [] : [root];
  return { isList: true, roots, ...(form === 'stat' ? readStatLines(lines, head.nonce) : readLsLines(lines, head.nonce)) };
}

type Entries = Pick<FileListReading, 'files' | 'oddities' | 'cut'>;

/** Lines `NONCE %f %u %g %s %Y %C %N`. */
function readStatLines(lines: Iterable<Line>, nonce: string): Entries {
  const files: ListedFile[] = [];
  const oddities: Oddity[] = [];
  let open: { text: string; readonly at: number } | undefined;
  let cut = false;
  const close = () => {
    if (open === undefined) return;
    const { text, at } = open;
    open = undefined;
    if (text === `${nonce} link` || text === `${nonce} absent`) return;
    const file = statEntry(text.slice(nonce.length + 1));
    if (file === undefined) oddities.push({ format: FORMAT, field: 'line', at, code: 'not-an-entry', detail: 'a line that is no entry' });
    else if (files.length >= FILES_MAX) cut = true;
    else files.push(file);
  };
  for (const line of lines) {
    if (line.text.startsWith(`${nonce} `)) {
      close();
      open = { text: line.text, at: line.at };
    } else if (open === undefined) {
      oddities.push({ format: FORMAT, field: 'line', at: line.at, code: 'not-an-entry', detail: 'a line before the first entry' });
    } else if (open.text.length < PATH_MAX) {
      open.text += `\n${line.text}`;
      if (oddities.length < 1000)
        oddities.push({
          format: FORMAT,
          field: 'name',
          at: line.at,
          code: 'line-break-in-name',
          detail: 'a file’s name has a line break in it',
        });
    }
  }
  close();
  return { files, oddities, cut };
}

function statEntry(text: string): ListedFile | undefined {
  const [, hex, uid, gid, size, modified, context, name] = /^([0-9a-f]{1,8}) (\d+) (\d+) (\d+) (-?\d+) (\S+) (.+)$/s.exec(text) ?? [];
  if (hex === undefined || name === undefined) return undefined;
  const mode = Number.parseInt(hex, 16);
  const type = TYPES.get((mode >> 12) & 0o17) ?? 'unknown';
  const [path, target] = type === 'link' ? splitLink(name) : [unquote(name), undefined];
  if (!path.startsWith('/')) return undefined;
  return {
    path: tidy(path),
    type,
    size: number(size),
    mode: octal(mode),
    uid: number(uid),
    gid: number(gid),
    context: context === undefined || context === '?' ? undefined : context,
    sha256: undefined,
    target,
    modified,
  };
}

/** toybox writes `` name -> `target' ``, GNU `'name' -> 'target'`. */
function splitLink(name: string): readonly [string, string | undefined] {
  const arrow = name.lastIndexOf(' -> ');
  if (arrow < 0) return [unquote(name), undefined];
  return [unquote(name.slice(0, arrow)), unquote(name.slice(arrow + 4))];
}

function unquote(text: string): string {
  const [, inner] = /^[`'](.*)'$/s.exec(text) ?? [];
  return inner ?? text;
}

/** toolbox's `ls -laR` and `ls -aRZ`: sections `FOLDER:`, entries without a size for folders and devices. */
function readLsLines(lines: Iterable<Line>, nonce: string): Entries {
  const files = new Map<string, ListedFile>();
  const oddities: Oddity[] = [];
  let folder = '';
  let contexts = false;
  let cut = false;
  for (const { text, at } of lines) {
    if (text.startsWith(`${nonce} `)) {
      contexts = text === `${nonce} context`;
      folder = '';
      continue;
    }
    if (text === '' || /^total \d+$/.test(text)) continue;
    const heading = /^(\/.*):$/.exec(text)?.[1];
    if (heading !== undefined) {
      folder = tidy(heading);
      continue;
    }
    const entry = contexts ? undefined : lsEntry(text, folder);
    if (contexts) {
      const [, context, name] = /^\S{10,11}\s+\S+\s+\S+\s+(\S+:\S+:\S+)\s(.+)$/.exec(text) ?? [];
      const path = tidy(`${folder}/${(name ?? '').trim().split(' -> ')[0] ?? ''}`);
      const known = files.get(path);
      if (known !== undefined && context !== undefined) files.set(path, { ...known, context });
    } else if (entry === undefined) {
      if (oddities.length < 1000)
        oddities.push({ format: FORMAT, field: 'line', at, code: 'not-an-entry', detail: 'a line that is no entry' });
    } else if (files.size >= FILES_MAX) cut = true;
    else if (!/\/\.{1,2}$/.test(entry.path)) files.set(entry.path, entry);
  }
  return { files: [...files.values()], oddities, cut };
}

function lsEntry(text: string, folder: string): ListedFile | undefined {
  const [, mode, owner, group, middle, modified, rest] =
    /^([-dlpscb][-rwxsStT]{9})[.+]?\s+(?:\d+\s+)?(\S+)\s+(\S+)\s+(?:(\d+,\s*\d+|\d+)\s+)?(\d{4}-\d\d-\d\d \d\d:\d\d) (.*)$/s.exec(text) ??
    [];
  if (mode === undefined || rest === undefined) return undefined;
  const type = LETTERS.get(mode.charAt(0)) ?? 'unknown';
  const arrow = type === 'link' ? rest.indexOf(' -> ') : -1;
  const name = arrow < 0 ? rest : rest.slice(0, arrow);
  return {
    path: tidy(name.startsWith('/') ? name : `${folder}/${name}`),
    type,
    size: number(middle),
    mode: modeOf(mode),
    uid: number(owner),
    gid: number(group),
    context: undefined,
    sha256: undefined,
    target: arrow < 0 ? undefined : rest.slice(arrow + 4),
    modified,
  };
}

/** `-rwsr-x---` as octal text. */
function modeOf(letters: string): string {
  let mode = 0;
  for (let index = 0; index < 9; index++) {
    const letter = letters.charAt(index + 1);
    const bit = 0o400 >> index;
    if ('rwxst'.includes(letter)) mode |= bit;
    if ('sS'.includes(letter)) mode |= index === 2 ? 0o4000 : 0o2000;
    if ('tT'.includes(letter)) mode |= 0o1000;
  }
  return octal(mode);
}

const tailOf = ({ bytes }: LoadedArtefact) => new TextDecoder().decode(bytes.subarray(-40));
const tooMany = `more than ${FILES_MAX} entries: the rest was not read`;

export const fileListReader: ArtefactReader = {
  kinds: ['file-list'],
  read(artefact) {
    const { isList, roots, files, oddities, cut } = readFileList(artefact);
    // A root that is not there, or that leads to another, has no list.
    if (files.length === 0 && oddities.length === 0 && /^[0-9a-f]{16} (link|absent)$/m.test(tailOf(artefact)))
      return { facts: [], unread: [] };
    if (!isList) return unreadable('it does not begin as a file list');
    return {
      facts: [makeFact('files', { roots, files }, { standing: 'shown', place: wholeOf(artefact), oddities })],
      unread: cut ? [tooMany] : [],
    };
  },
};

/** sha256sum's lines behind our heading. GNU puts a backslash before a line whose name it escaped. */
export const fileHashesReader: ArtefactReader = {
  kinds: ['file-hashes'],
  read(artefact) {
    const files: ListedFile[] = [];
    const oddities: Oddity[] = [];
    const roots: string[] = [];
    let cut = false;
    let isFirst = true;
    for (const line of eachLineIn(artefact)) {
      const head = isFirst ? /^file-hashes\/1 (\/.*)$/.exec(nonceOf(line)?.rest ?? '')?.[1] : undefined;
      isFirst = false;
      if (head !== undefined) {
        roots.push(head);
        continue;
      }
      const [, escaped, sha256, path] = /^(\\?)([0-9a-f]{64}) [ *](\/.*)$/s.exec(line.text) ?? [];
      if (sha256 === undefined || path === undefined) {
        if (!/^[0-9a-f]{16} (link|absent)$/.test(line.text) && oddities.length < 1000)
          oddities.push({ format: 'file hashes', field: 'line', at: line.at, code: 'not-a-hash', detail: 'a line that is no hash' });
        continue;
      }
      if (files.length >= FILES_MAX) {
        cut = true;
        break;
      }
      const name = escaped === '' ? path : path.replaceAll(/\\([n\\])/g, (_, letter) => (letter === 'n' ? '\n' : '\\'));
      const nothing = {
        size: undefined,
        mode: undefined,
        uid: undefined,
        gid: undefined,
        context: undefined,
        target: undefined,
        modified: undefined,
      };
      files.push({ path: tidy(name), type: 'file', sha256, ...nothing });
    }
    if (files.length === 0 && roots.length === 0) return unreadable('it holds no hash');
    if (files.length === 0 && oddities.length === 0 && /^[0-9a-f]{16} (link|absent)$/m.test(tailOf(artefact)))
      return { facts: [], unread: [] };
    return {
      facts: [makeFact('files', { roots, files }, { standing: 'shown', place: wholeOf(artefact), oddities })],
      unread: cut ? [tooMany] : [],
    };
  },
};
