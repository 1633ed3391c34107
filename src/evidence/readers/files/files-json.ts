/**
 * files.json of androidqf, every vintage: an array, or one object a line. Source: mvt-project/androidqf adb/collector.go (`FileInfo`), android-collector-rs src/files.
 * A list of a million entries is read one entry at a time.
 */
import { type ArtefactReader, makeFact, unreadable, wholeOf } from '../../reader.ts';
import type { ListedFile } from '../../values/index.ts';
import { collect } from '../collect.ts';
import { jsonValue, recordsOf } from '../json.ts';

const FILES_MAX = 2_000_000;

export const filesJsonReader: ArtefactReader = {
  kinds: ['files.json'],
  read(artefact) {
    const files = collect<ListedFile>('files', FILES_MAX);
    const roots = new Set<string>();
    let strange = 0;
    for (const range of recordsOf(artefact)) {
      const file = fileOf(jsonValue(artefact, range));
      if (file === undefined) strange++;
      else {
        files.add(file);
        const root = /^\/[^/]*/.exec(file.path)?.[0];
        if (root !== undefined && roots.size < 1000) roots.add(root);
      }
    }
    if (files.list.length === 0) return unreadable('it lists no file');
    return {
      facts: [makeFact('files', { roots: [...roots], files: files.list }, { standing: 'shown', place: wholeOf(artefact) })],
      unread: [...files.dropped(), ...(strange === 0 ? [] : [`${strange} entries have no path`])],
    };
  },
};

function fileOf(record: unknown): ListedFile | undefined {
  if (typeof record !== 'object' || record === null) return undefined;
  const say = (key: string): unknown => Reflect.get(record, key);
  const path = say('path');
  if (typeof path !== 'string') return undefined;
  const mode = say('mode');
  const modified = say('modified_time');
  return {
    path,
    type: typeof mode === 'string' ? typeOf(mode) : 'unknown',
    size: whole(say('size')),
    mode: typeof mode === 'string' ? octalOf(mode) : undefined,
    uid: whole(say('user_id')),
    gid: whole(say('group_id')),
    context: text(say('context')),
    sha256: text(say('sha256'))?.toLowerCase(),
    target: text(say('target')),
    modified: typeof modified === 'number' ? String(modified) : text(modified),
  };
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const whole = (value: unknown) => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined);

const TYPES: ReadonlyMap<string, ListedFile['type']> = new Map<string, ListedFile['type']>([
  ['-', 'file'],
  ['d', 'directory'],
  ['l', 'link'],
  ['L', 'link'],
  ['p', 'fifo'],
  ['s', 'socket'],
  ['S', 'socket'],
  ['c', 'character device'],
  ['b', 'block device'],
]);

/** The type of `-rw-r--r--`; collectors in Go write `Dc---------` for a character device, `Lrwxrwxrwx` for a link, and a bare octal number from `find -printf %m`. */
function typeOf(mode: string): ListedFile['type'] {
  if (/^D?c/.test(mode)) return 'character device';
  if (mode.startsWith('D')) return 'block device';
  return TYPES.get(mode.charAt(0)) ?? 'unknown';
}

/** Permissions as octal text: of `rwxr-x--x` with `s`, `S`, `t`, `T` where setuid, setgid and sticky bits stand. */
export function octalOf(mode: string): string | undefined {
  if (/^0?[0-7]{3,4}$/.test(mode)) return mode.padStart(4, '0');
  const bits = /([r-][w-][xsS-][r-][w-][xsS-][r-][w-][xtT-])$/.exec(mode)?.[1];
  if (bits === undefined) return undefined;
  let value = 0;
  for (let index = 0; index < 9; index++) {
    const bit = bits.charAt(index);
    if (bit !== '-' && bit !== 'S' && bit !== 'T') value |= 1 << (8 - index);
    if (bit === 's' || bit === 'S') value |= index === 2 ? 0o4000 : 0o2000;
    if (bit === 't' || bit === 'T') value |= 0o1000;
  }
  // A collector in Go puts these bits in front: `ugtrwxr-xr-x`.
  const front = mode.slice(0, -9);
  if (front.includes('u')) value |= 0o4000;
  if (front.includes('g')) value |= 0o2000;
  return value.toString(8).padStart(4, '0');
}
