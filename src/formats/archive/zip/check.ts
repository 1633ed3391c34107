/** What is odd about an archive's entries once they are read: names that no honest tool writes, flags that Android ignores, bytes that belong to nobody. */
import type { OddityLog } from './oddity-log.ts';
import type { ZipEntry } from './read.ts';
import { FLAG_DESCRIPTOR, FLAG_ENCRYPTED, LOCAL_SIZE } from './records.ts';

/** Names that Android's package parser and most tools never meet in earnest. */
const NAME_LONG = 256;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Nothing to say of such a name: letters, digits and a few signs, no two dots in a row. */
const PLAIN_NAME = /^\w(?:[\w$@+=,()-]|[ ./](?!\.)){0,254}$/;

/** Records names that no honest tool writes, and flags and methods that Android ignores. Answers the first entry of each name. */
export function checkNames(entries: readonly ZipEntry[], log: OddityLog): ReadonlyMap<string, number> {
  const seen = new Map<string, number>();
  const parents = new Set<string>();
  let parent = '';
  for (const { index, name, nameBytes, flags, method, localAt } of entries) {
    const slash = name.lastIndexOf('/', name.length - 2);
    // Entries of a folder mostly follow each other.
    if (slash > 0 && (slash !== parent.length || !name.startsWith(parent))) {
      parent = name.slice(0, slash);
      parents.add(parent);
    }
    // Android looks at none of the flags: an entry marked encrypted is read as it lies.
    if ((flags & FLAG_ENCRYPTED) !== 0) log.add('encrypted-flag', `entry[${index}].flags`, localAt, shown(name));
    if (method !== 0 && method !== 8) log.add('method', `entry[${index}].method`, localAt, `${method} for ${shown(name)}`);
    if (PLAIN_NAME.test(name) && !seen.has(name)) {
      seen.set(name, index);
      continue;
    }
    const add = (code: string, detail: string) => log.add(code, `entry[${index}].name`, localAt, detail);
    const first = seen.get(name);
    if (first !== undefined) add('duplicate-name', `${shown(name)} is entry ${first} too`);
    else seen.set(name, index);
    if (nameBytes.length === 0) add('name-empty', 'no name');
    if (nameBytes.length > NAME_LONG) add('name-long', `${nameBytes.length} bytes`);
    if (name.includes('\uFFFD') && !isUtf8(nameBytes)) add('name-not-utf8', shown(name));
    if (name.includes('\0')) add('name-nul', shown(name));
    else if (/\p{Cc}/u.test(name)) add('name-control', shown(name));
    if (name.includes('\\')) add('name-backslash', shown(name));
    if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) add('name-absolute', shown(name));
    if (name.includes('..') && name.split(/[/\\]/).includes('..')) add('name-traversal', shown(name));
  }
  for (const folder of parents) {
    const file = seen.get(folder);
    if (file !== undefined) log.add('name-file-and-folder', `entry[${file}].name`, entries[file]?.localAt ?? 0, shown(folder));
  }
  return seen;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictUtf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** A name for a message: short, and without what a terminal would obey. */
function shown(name: string): string {
  const plain = name.replace(/\p{Cc}/gu, '\uFFFD');
  return JSON.stringify(plain.length > 80 ? `${plain.slice(0, 80)}…` : plain);
}

/** Records bytes that belong to no entry, and entries that share bytes. */
export function checkLayout(
  entries: readonly ZipEntry[],
  { centralAt, compared }: { readonly centralAt: number; readonly compared: boolean },
  log: OddityLog,
): { readonly firstAt: number; readonly lastEnd: number } {
  const order = [...entries].sort((a, b) => a.localAt - b.localAt);
  const firstAt = order[0]?.localAt ?? centralAt;
  if (firstAt > 0 && entries.length > 0) log.add('prefix', 'start', 0, `${firstAt} bytes before the first entry`);
  let end = firstAt;
  let before: ZipEntry | undefined;
  for (let rank = 0; rank < order.length; rank++) {
    const entry = order[rank];
    if (entry === undefined) break;
    const { localAt, compressedSize, local, index, name } = entry;
    if (localAt < end) log.add('overlap', `entry[${index}]`, localAt, `${shown(name)} begins inside ${shown(before?.name ?? '')}`);
    else if (compared && localAt > end)
      log.add('gap', `entry[${index}]`, end, `${localAt - end} bytes between ${shown(before?.name ?? '')} and ${shown(name)}`);
    const headerLength = local?.length ?? LOCAL_SIZE + entry.nameBytes.length;
    let entryEnd = localAt + headerLength + compressedSize;
    if (((local ?? entry).flags & FLAG_DESCRIPTOR) !== 0) {
      // The descriptor takes 12 to 24 bytes; which, shows in where the next entry begins.
      const next = order[rank + 1]?.localAt ?? centralAt;
      const left = next - entryEnd;
      entryEnd += [16, 12, 24, 20].find((size) => left === size) ?? 0;
    }
    if (entryEnd > centralAt)
      log.add(
        'entry-outside',
        `entry[${index}].compressed_size`,
        localAt,
        `${shown(name)} ends at ${entryEnd}, behind the directory's start`,
      );
    if (entryEnd > end) {
      end = entryEnd;
      before = entry;
    }
  }
  return { firstAt, lastEnd: end };
}
