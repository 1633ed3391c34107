/**
 * A source tree with everything that a system partition may hold, and the comparison of a file system with it: the tree is the oracle, no tool's reader is.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, mkdirSync, readFileSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileSystem } from '../../src/formats/fs/index.ts';
import { differencesIn, rowsOfFolder, rowsOfImage, type TreeRows } from './tree-rows.ts';
import { setXattrs } from './tree-xattrs.ts';

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

export interface Comparing {
  /** Paths that the file system has of its own, or its tool does not take along. */
  readonly ignore?: RegExp;
  /** Bytes that are read at once. */
  readonly windows?: number;
  /** Facts that the tool does not take along: `links`, where it makes a file of every name. */
  readonly without?: readonly string[];
}

/** Every way in which a file system differs from the tree it was made of. Links count, so do times; the root's own row is its maker's. */
export async function differencesOf(
  fileSystem: FileSystem,
  folder: string,
  { ignore, windows, without = [] }: Comparing = {},
): Promise<readonly string[]> {
  const reading = { ignore, ...(windows === undefined ? {} : { window: windows }) };
  const [is, should] = [await rowsOfImage(fileSystem, reading), rowsOfFolder(folder, reading)];
  return [...differencesIn(leavingOut(is, without), leavingOut(should, without))].map(([path, why]) => `${path}: ${why}`);
}

function leavingOut(rows: TreeRows, names: readonly string[]): TreeRows {
  if (names.length === 0) return rows;
  return new Map(
    [...rows].map(([path, { inode, facts }]) => [path, { inode, facts: new Map([...facts].filter(([name]) => !names.includes(name))) }]),
  );
}
