/**
 * A source tree with everything that a system partition may hold, and the comparison of a file system with it: the tree is the oracle, no tool's reader is.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { FileSystem } from '../../src/formats/fs/index.ts';
import { setXattrs, type TreeXattrs } from './tree-xattrs.ts';

/** Bytes that look like nothing in particular. */
const noise = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => (Math.imul(i + 7, 2654435761) >>> 11) & 255);

const isRoot = process.getuid?.() === 0;

export interface TreeOptions {
  /** Bytes of the largest file, which does not compress. */
  readonly large?: number;
  /** Names in the largest directory. */
  readonly many?: number;
  /** Devices and a fifo, where the machine lets us make them. */
  readonly special?: boolean;
  /** Bytes of the longest name; mkfs.erofs 1.5 takes none of 255. */
  readonly longName?: number;
  /** Owners above 16 bits, which some tools cut off. */
  readonly highIds?: boolean;
  /** Labels, capabilities and users' attributes, of several sizes, many files with the same ones. */
  readonly xattrs?: boolean;
}

/** Writes the tree into a folder that is not there yet. */
export function makeTree(
  folder: string,
  { large = 9_000_001, many = 1500, special = false, highIds = false, longName = 255, xattrs = false }: TreeOptions = {},
): void {
  const put = (name: string, bytes: Uint8Array | string) => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  };
  put('bin/sh', new Uint8Array(readFileSync(process.execPath).subarray(0, 700_000)));
  put('etc/empty', '');
  put('etc/tiny', 'ro.a=b\n');
  put('etc/most-of-a-block', noise(3700));
  put('etc/a-block', noise(4096));
  put('etc/a-block-and-one', noise(4097));
  put('etc/text', 'a line of text that repeats\n'.repeat(40_000));
  put('etc/text-again', 'a line of text that repeats\n'.repeat(40_000));
  put('etc/tail', `${'another line that repeats\n'.repeat(6000)}and its end is another`);
  put('lib/zeros.so', new Uint8Array(1_200_000));
  put('lib/noise.so', noise(large));
  put(`etc/${'n'.repeat(longName)}`, 'a long name');
  put('etc/größe ü', 'not of ASCII');
  // Written here and there: holes in between.
  put('lib/sparse.so', 'begin');
  truncateSync(join(folder, 'lib/sparse.so'), 5_000_000);
  writeFileSync(join(folder, 'lib/sparse.so'), 'end', { flag: 'a' });
  for (let i = 0; i < many; i++) put(`many/a-file-with-a-longer-name-${i}`, `${i}\n`);
  mkdirSync(join(folder, 'deep/a/b/c/d/e/f/g/h'), { recursive: true });
  mkdirSync(join(folder, 'nothing'));
  symlinkSync('../bin/sh', join(folder, 'etc/link'));
  symlinkSync(`/${'a-long-name/'.repeat(12)}end`, join(folder, 'etc/long-link'));
  symlinkSync(`/${'a-long-name/'.repeat(80)}end`, join(folder, 'etc/longer-link'));
  linkSync(join(folder, 'bin/sh'), join(folder, 'bin/hard'));
  if (isRoot) {
    chownSync(join(folder, 'lib/noise.so'), 1000, 2000);
    if (highIds) chownSync(join(folder, 'etc/tail'), 100_000, 200_000);
    if (special)
      for (const [name, ...numbers] of [
        ['null', 'c', '1', '3'],
        ['disk', 'b', '259', '300'],
        ['pipe', 'p'],
      ])
        execFileSync('mknod', [join(folder, name ?? ''), ...numbers]);
  }
  if (xattrs && isRoot) {
    const hex = (text: string) => Buffer.from(text).toString('hex');
    const label = (name: string, type: string) => [join(folder, name), 'security.selinux', hex(`u:object_r:${type}:s0\0`)] as const;
    const user = (name: string, key: string, value: string) => [join(folder, name), `user.${key}`, hex(value)] as const;
    setXattrs([
      ...['bin', 'etc', 'lib', 'deep/a/b', 'nothing', 'etc/tiny', 'etc/empty', 'etc/link', 'etc/long-link'].map((name) =>
        label(name, 'system_file'),
      ),
      label('bin/sh', 'shell_exec'),
      [join(folder, 'bin/sh'), 'security.capability', '0100000200040000000000000000000000000000'],
      ...Array.from({ length: 40 }, (_, i) => label(`many/a-file-with-a-longer-name-${i}`, i % 3 === 0 ? 'vendor_file' : 'system_file')),
      user('etc/text', 'empty', ''),
      user('etc/text', 'short', 'v'),
      user('etc/tail', 'long', 'a value that is long '.repeat(40)),
      user('lib/noise.so', `${'name.'.repeat(40)}end`, 'of a long name'),
      ...Array.from({ length: 12 }, (_, i) => user('deep', `n${i}`, `value ${i}`.repeat(i + 1))),
      ...Array.from({ length: 30 }, (_, i) =>
        user(`many/a-file-with-a-longer-name-${i + 50}`, 'shared', 'the same value for thirty files, long enough to be shared'),
      ),
    ]);
  }
  chmodSync(join(folder, 'bin/sh'), 0o4755);
  utimesSync(join(folder, 'etc/tiny'), 1_400_000_000, 1_400_000_000);
}

type Stat = ReturnType<typeof lstatSync>;

function typeOf(stat: NonNullable<Stat>): string {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  if (stat.isSymbolicLink()) return 'link';
  if (stat.isFIFO()) return 'fifo';
  if (stat.isCharacterDevice()) return 'character device';
  return stat.isBlockDevice() ? 'block device' : 'socket';
}

/** Linux' own numbers: 12 bits of major, 20 of minor, each in two pieces. */
const deviceOf = (rdev: number) => ({ major: (rdev >>> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00) });

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export interface Comparing {
  /** Paths that the file system has of its own, or its tool does not take along. */
  readonly ignore?: RegExp;
  /** Bytes that are read at once. */
  readonly windows?: number;
  /** Attributes that the tree has, where they are to be compared. */
  readonly xattrs?: TreeXattrs | undefined;
}

/** Every way in which a file system differs from the tree it was made of. Links count, so do times; the root's own row is its maker's. */
export async function differencesOf(
  fileSystem: FileSystem,
  folder: string,
  { ignore = /^$/, windows = 1 << 20, xattrs }: Comparing = {},
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const seen = new Set<string>();
  const ids = new Map<number, number>();
  for await (const visit of fileSystem.walk()) {
    if (visit.kind === 'broken') {
      wrong.push(`${visit.path}: ${visit.error.message}`);
      continue;
    }
    const { entry } = visit;
    seen.add(entry.path);
    if (entry.path === '/' || ignore.test(entry.path)) continue;
    const stat = lstatSync(join(folder, entry.path), { throwIfNoEntry: false });
    if (stat === undefined) {
      wrong.push(`${entry.path}: not in the tree`);
      continue;
    }
    const type = typeOf(stat);
    const is = [entry.type, type === 'link' ? 0 : entry.mode, entry.uid, entry.gid, entry.modifiedSeconds];
    const should = [type, type === 'link' ? 0 : stat.mode & 0o7777, stat.uid, stat.gid, Math.floor(stat.mtimeMs / 1000)];
    if (is.join() !== should.join()) wrong.push(`${entry.path}: ${is.join()}, where the tree has ${should.join()}`);
    if (type === 'link' && entry.target !== readlinkSync(join(folder, entry.path))) wrong.push(`${entry.path}: target ${entry.target}`);
    if (entry.device !== undefined && JSON.stringify(entry.device) !== JSON.stringify(deviceOf(stat.rdev)))
      wrong.push(`${entry.path}: device ${JSON.stringify(entry.device)}`);
    if (xattrs !== undefined) {
      const has = [...entry.xattrs].map(([name, value]) => `${name}=${Buffer.from(value).toString('hex')}`).toSorted();
      const had = Object.entries(xattrs[entry.path] ?? {}).map(([name, value]) => `${name}=${value}`);
      if (has.join() !== had.toSorted().join())
        wrong.push(`${entry.path}: attributes ${has.join().slice(0, 200)}, where the tree has ${had.join().slice(0, 200)}`);
    }
    if (type !== 'file') continue;
    const before = ids.get(entry.id);
    if (before !== undefined && before !== stat.ino) wrong.push(`${entry.path}: one inode with another file`);
    ids.set(entry.id, stat.ino);
    const source = await fileSystem.open(entry);
    const hash = createHash('sha256');
    for (let at = 0; at < source.size; at += windows) hash.update(await source.read(at, Math.min(windows, source.size - at)));
    if (hash.digest('hex') !== sha256(readFileSync(join(folder, entry.path)))) wrong.push(`${entry.path}: other content`);
  }
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(folder.length);
    if (!seen.has(path) && !ignore.test(path)) wrong.push(`${path}: missing`);
  }
  return wrong;
}
