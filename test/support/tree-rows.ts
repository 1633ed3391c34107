/**
 * What a folder or an image holds, one row a path, and where two of them differ. Names and targets that are no UTF-8 are spelt as the file systems here spell them.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import type { FileSystem, Inode } from '../../src/formats/fs/index.ts';
import { type TreeXattrs, xattrsIn } from './tree-xattrs.ts';

/** A path: every property of it by name, as text. */
export interface TreeRow {
  /** One number for all names of an inode. */
  readonly inode: number | undefined;
  readonly facts: ReadonlyMap<string, string>;
}

export type TreeRows = ReadonlyMap<string, TreeRow>;

/** What of a row is read besides type, mode, owner, time and content. */
export interface Reading {
  /** Paths that are passed over. */
  readonly ignore?: RegExp | undefined;
  /** Extended attributes too. */
  readonly xattrs?: boolean;
  /** Bytes that are read at once. */
  readonly window?: number;
}

const WINDOW = 1 << 20;
const TYPES: Readonly<Record<number, Inode['type']>> = {
  1: 'fifo',
  2: 'character device',
  4: 'directory',
  6: 'block device',
  8: 'file',
  10: 'link',
  12: 'socket',
};

/** As `formats/fs/tree.ts` spells a name: UTF-8, or every byte above 7F as `\xNN`. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`)).join('');
  }
}

/** Linux' own numbers: 12 bits of major, 20 of minor, each in two pieces. */
const deviceOf = (rdev: bigint) => `${(Number(rdev) >>> 8) & 0xfff}:${(Number(rdev) & 0xff) | ((Number(rdev) >>> 12) & 0xfff00)}`;

/** Attributes in one line. */
const attributesOf = (all: Iterable<readonly [name: string, hex: string]>): string =>
  [...all]
    .map(([name, hex]) => `${name}=${hex}`)
    .toSorted()
    .join(' ');

/** Every path below a folder. Content that cannot be read is told by `unread`, as it is of an image. */
export function rowsOfFolder(folder: string, { ignore, xattrs = false, window = WINDOW }: Reading = {}): TreeRows {
  const rows = new Map<string, TreeRow>();
  const attributes: TreeXattrs = xattrs ? (xattrsIn(folder) ?? {}) : {};
  const buffer = Buffer.alloc(window);
  const visit = (at: Buffer, path: string): void => {
    for (const name of namesIn(at)) {
      const [here, text] = [Buffer.concat([at, Buffer.from('/'), name]), `${path}/${textOf(name)}`];
      if (ignore?.test(text) === true) continue;
      let stat: BigIntStats;
      try {
        stat = lstatSync(here, { bigint: true });
      } catch (error) {
        // A name whose inode a kernel refuses.
        rows.set(text, { inode: undefined, facts: new Map([['unread', error instanceof Error ? error.message : String(error)]]) });
        continue;
      }
      const facts = factsOf(stat);
      if (facts.get('type') === 'link') facts.set('target', textOf(readlinkSync(here, { encoding: 'buffer' })));
      if (facts.get('type') === 'file') {
        try {
          facts.set('content', digestOfFile(here, buffer));
        } catch (error) {
          facts.set('unread', error instanceof Error ? error.message : String(error));
        }
      }
      if (xattrs) facts.set('attributes', attributesOf(Object.entries(attributes[text] ?? {})));
      rows.set(text, { inode: Number(stat.ino), facts });
      if (facts.get('type') === 'directory') visit(here, text);
    }
  };
  visit(Buffer.from(folder), '');
  return rows;
}

/** A folder's names; none where a kernel refuses to list it. */
function namesIn(folder: Buffer): readonly Buffer[] {
  try {
    return readdirSync(folder, { encoding: 'buffer' });
  } catch {
    return [];
  }
}

function factsOf(stat: BigIntStats): Map<string, string> {
  const type = TYPES[(Number(stat.mode) >>> 12) & 15] ?? 'file';
  const isDevice = type === 'character device' || type === 'block device';
  return new Map([
    ['type', type],
    // Of a link nobody sets them.
    ['mode', type === 'link' ? '' : (Number(stat.mode) & 0o7777).toString(8)],
    ['owner', `${stat.uid}:${stat.gid}`],
    ['modified', `${stat.mtimeNs >= 0n ? stat.mtimeNs / 1_000_000_000n : -((999_999_999n - stat.mtimeNs) / 1_000_000_000n)}`],
    ...(type === 'file' ? [['size', `${stat.size}`] as const] : []),
    ...(isDevice ? [['device', deviceOf(stat.rdev)] as const] : []),
    // Of directories file systems count them each in their own way.
    ...(type === 'directory' ? [] : [['links', `${stat.nlink}`] as const]),
  ]);
}

function digestOfFile(path: Buffer, buffer: Buffer): string {
  const file = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) hash.update(buffer.subarray(0, read));
    return hash.digest('hex');
  } finally {
    closeSync(file);
  }
}

/** Every path of an image but its root, whose own row is its maker's. What cannot be read is told by `unread`. */
export async function rowsOfImage(fileSystem: FileSystem, { ignore, xattrs = false, window = WINDOW }: Reading = {}): Promise<TreeRows> {
  const rows = new Map<string, TreeRow>();
  for await (const visit of fileSystem.walk()) {
    if (visit.kind === 'broken') {
      if (ignore?.test(visit.path) !== true) rows.set(visit.path, { inode: undefined, facts: new Map([['unread', visit.error.message]]) });
      continue;
    }
    const { entry } = visit;
    if (entry.path === '/' || ignore?.test(entry.path) === true) continue;
    const facts = new Map([
      ['type', entry.type],
      ['mode', entry.type === 'link' ? '' : entry.mode.toString(8)],
      ['owner', `${entry.uid}:${entry.gid}`],
      ['modified', `${entry.modifiedSeconds}`],
      ...(entry.type === 'file' ? [['size', `${entry.size}`] as const] : []),
      ...(entry.device === undefined ? [] : [['device', `${entry.device.major}:${entry.device.minor}`] as const]),
      ...(entry.type === 'directory' ? [] : [['links', `${entry.links}`] as const]),
      ...(entry.target === undefined ? [] : [['target', entry.target] as const]),
    ]);
    if (xattrs) facts.set('attributes', attributesOf([...entry.xattrs].map(([name, value]) => [name, Buffer.from(value).toString('hex')])));
    if (entry.type === 'file') {
      try {
        const source = await fileSystem.open(entry);
        const hash = createHash('sha256');
        for (let at = 0; at < source.size; at += window) hash.update(await source.read(at, Math.min(window, source.size - at)));
        facts.set('content', hash.digest('hex'));
      } catch (error) {
        facts.set('unread', error instanceof Error ? error.message : String(error));
      }
    }
    rows.set(entry.path, { inode: entry.id, facts });
  }
  return rows;
}

/** Paths where `is` has something else than `should`, with what it is. Facts that one of them does not have at all are compared too. */
export function differencesIn(is: TreeRows, should: TreeRows): ReadonlyMap<string, string> {
  const wrong = new Map<string, string>();
  const inodes = new Map<number, number>();
  for (const [path, { facts, inode }] of is) {
    const row = should.get(path);
    if (row === undefined) {
      wrong.set(path, 'not in the tree');
      continue;
    }
    const both = facts.has('unread') && row.facts.has('unread') ? new Set<string>() : new Set([...facts.keys(), ...row.facts.keys()]);
    const differ = [...both].filter((name) => facts.get(name) !== row.facts.get(name));
    if (differ.length > 0) {
      const say = ({ facts: all }: TreeRow) => differ.map((name) => `${name} ${(all.get(name) ?? 'none').slice(0, 160)}`).join(', ');
      wrong.set(path, `${say({ facts, inode })}, where the tree has ${say(row)}`);
    }
    if (inode === undefined || row.inode === undefined || facts.get('type') !== 'file') continue;
    const before = inodes.get(inode);
    if (before !== undefined && before !== row.inode) wrong.set(path, 'one inode with another file');
    inodes.set(inode, row.inode);
  }
  for (const path of should.keys()) if (!is.has(path)) wrong.set(path, 'missing');
  return wrong;
}
