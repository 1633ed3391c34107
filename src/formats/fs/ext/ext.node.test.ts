import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesSource, FormatError, readAll } from '../../../bytes/index.ts';
import type { FileEntry, FileSystem } from '../types.ts';
import { openExt } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-ext-'));
const tree = join(folder, 'tree');
const LONG_TARGET = `/${'a-long-name/'.repeat(12)}end`;

/** Bytes that look like nothing in particular. */
const noise = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => (Math.imul(i + 7, 2654435761) >>> 11) & 255);

/** The source tree is the oracle. */
const files: Readonly<Record<string, Uint8Array>> = {
  'bin/sh': noise(400_000),
  'etc/empty': new Uint8Array(0),
  'etc/tiny': new TextEncoder().encode('ro.a=b\n'),
  'etc/inline-and-more': noise(140),
  'lib/noise.so': noise(9_000_001),
};
/** Written here and there: holes in between. */
const SPARSE = 'lib/sparse.so';

beforeAll(() => {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(join(tree, name, '..'), { recursive: true });
    writeFileSync(join(tree, name), bytes);
  }
  const sparse = join(tree, SPARSE);
  writeFileSync(sparse, 'begin');
  truncateSync(sparse, 5_000_000);
  writeFileSync(sparse, 'end', { flag: 'a' });
  mkdirSync(join(tree, 'many'));
  for (let i = 0; i < 1500; i++) writeFileSync(join(tree, 'many', `a-file-with-a-longer-name-${i}`), `${i}\n`);
  chmodSync(join(tree, 'bin/sh'), 0o4755);
  symlinkSync('../bin/sh', join(tree, 'etc/link'));
  symlinkSync(LONG_TARGET, join(tree, 'etc/long-link'));
  linkSync(join(tree, 'bin/sh'), join(tree, 'bin/hard'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function make(options: readonly string[], commands: readonly string[] = []): Uint8Array {
  const image = join(folder, 'image');
  rmSync(image, { force: true });
  const run = spawnSync('mke2fs', ['-q', '-F', '-d', tree, ...options, image, '40000k'], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  for (const command of commands) execFileSync('debugfs', ['-w', '-R', command, image], { stdio: 'ignore' });
  return new Uint8Array(readFileSync(image));
}

async function everything(fileSystem: FileSystem): Promise<ReadonlyMap<string, FileEntry>> {
  const found = new Map<string, FileEntry>();
  for await (const visit of fileSystem.walk()) {
    if (visit.kind === 'broken') throw visit.error;
    found.set(visit.entry.path, visit.entry);
  }
  return found;
}
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('images of mke2fs', () => {
  test.each([
    [['-t', 'ext4']],
    [['-t', 'ext4', '-b', '1024']],
    [['-t', 'ext4', '-b', '2048', '-I', '128']],
    [['-t', 'ext4', '-O', '^64bit,^metadata_csum']],
    [['-t', 'ext4', '-O', '^extent,^64bit']],
    [['-t', 'ext4', '-O', 'inline_data', '-I', '256']],
    [['-t', 'ext4', '-O', 'inline_data,^extent,^64bit', '-I', '512']],
    [['-t', 'ext4', '-O', 'meta_bg,^resize_inode', '-b', '1024']],
    [['-t', 'ext4', '-O', 'sparse_super2', '-b', '1024', '-g', '1024']],
    [['-t', 'ext4', '-O', 'bigalloc', '-C', '16384']],
    [['-t', 'ext4', '-O', '^has_journal,^dir_index,^flex_bg']],
    [['-t', 'ext4', '-O', '^filetype']],
    [['-t', 'ext2', '-b', '1024']],
    [['-t', 'ext3']],
    [['-t', 'ext2', '-r', '0', '-b', '1024']],
  ])('%j read back as their source tree', async (options) => {
    const fileSystem = await openExt(bytesSource(make(options)));
    expect(fileSystem.oddities).toEqual([]);
    const found = await everything(fileSystem);
    for (const [path, entry] of found) {
      if (path === '/' || path.startsWith('/lost+found')) continue;
      const stat = lstatSync(join(tree, path));
      expect([path, entry.mode, entry.uid, entry.gid]).toEqual([path, stat.mode & 0o7777, stat.uid, stat.gid]);
      if (entry.type !== 'file') continue;
      const bytes = await readAll(await fileSystem.open(entry), 1 << 24);
      expect([path, sha256(bytes)]).toEqual([path, sha256(readFileSync(join(tree, path)))]);
    }
    expect([...found.keys()].filter((path) => path.startsWith('/many/'))).toHaveLength(1500);
    for (const name of [...Object.keys(files), SPARSE]) expect(found.get(`/${name}`)?.type).toBe('file');
    expect(found.get('/etc/link')?.target).toBe('../bin/sh');
    expect(found.get('/etc/long-link')?.target).toBe(LONG_TARGET);
    expect(found.get('/bin/hard')?.id).toBe(found.get('/bin/sh')?.id);
  });

  test('attributes are read from inodes and from blocks of their own', async () => {
    const label = 'u:object_r:system_file:s0';
    const long = 'x'.repeat(600);
    for (const size of ['128', '256']) {
      const image = make(
        ['-t', 'ext4', '-I', size],
        [`ea_set /bin/sh security.selinux ${label}`, `ea_set /etc/tiny user.long ${long}`, `ea_set /etc/tiny security.selinux ${label}`],
      );
      const fileSystem = await openExt(bytesSource(image));
      expect((await fileSystem.find('/bin/sh'))?.context).toBe(label);
      const tiny = await fileSystem.find('/etc/tiny');
      expect(tiny?.context).toBe(label);
      expect(new TextDecoder().decode(tiny?.xattrs.get('user.long'))).toBe(long);
    }
  });

  test('an access control list is told as it was set, not as it lies', async () => {
    const told = Buffer.from('0200000001000700ffffffff02000400e803000004000500ffffffff10000700ffffffff20000400ffffffff', 'hex');
    const file = join(folder, 'acl');
    writeFileSync(file, told);
    const image = make(['-t', 'ext4'], [`ea_set -f ${file} /etc/tiny system.posix_acl_access`]);
    // It lies shorter: only the named user has a number.
    expect(Buffer.from(image).includes(Buffer.from('010000000100070002000400e8030000040005001000070020000400', 'hex'))).toBe(true);
    const entry = await (await openExt(bytesSource(image))).find('/etc/tiny');
    expect(Buffer.from(entry?.xattrs.get('system.posix_acl_access') ?? []).toString('hex')).toBe(told.toString('hex'));
  });

  test('an attribute may have an inode of its own, and inline data keeps its rest to itself', async () => {
    // debugfs takes as much as one block, which fits into none beside the header.
    const value = 'y'.repeat(1024);
    writeFileSync(join(folder, 'value'), value);
    const image = make(
      ['-t', 'ext4', '-O', 'ea_inode,inline_data', '-I', '256', '-b', '1024'],
      [`ea_set -f ${join(folder, 'value')} /bin/sh user.big`],
    );
    const fileSystem = await openExt(bytesSource(image));
    expect(new TextDecoder().decode((await fileSystem.find('/bin/sh'))?.xattrs.get('user.big'))).toBe(value);
    expect([...((await fileSystem.find('/etc/inline-and-more'))?.xattrs.keys() ?? [])]).toEqual([]);
  });

  test('devices, fifos and modes are kept; what is not there is undefined', async () => {
    const image = make(['-t', 'ext4'], ['mknod null c 1 3', 'mknod disk b 259 44', 'mknod pipe p']);
    const fileSystem = await openExt(bytesSource(image));
    expect(await fileSystem.find('/null')).toMatchObject({ type: 'character device', device: { major: 1, minor: 3 } });
    expect(await fileSystem.find('/disk')).toMatchObject({ type: 'block device', device: { major: 259, minor: 44 } });
    expect(await fileSystem.find('/pipe')).toMatchObject({ type: 'fifo' });
    expect((await fileSystem.find('/bin/sh'))?.mode).toBe(0o4755);
    expect(await fileSystem.find('/bin/none')).toBeUndefined();
    expect(await fileSystem.find('/../etc/tiny')).toBeUndefined();
  });

  test('an image that a phone was torn from says that its journal was not written back', async () => {
    const image = make(['-t', 'ext4', '-O', '^metadata_csum'], ['feature needs_recovery']);
    expect((await openExt(bytesSource(image))).oddities).toMatchObject([{ code: 'needs-recovery' }]);
  });
});

function refusal(error: unknown): void {
  if (!(error instanceof FormatError)) throw error;
}

describe('a broken image', () => {
  test('cut or changed anywhere is refused or costs some files, and never hangs', { timeout: 120_000 }, async () => {
    for (const options of [
      ['-t', 'ext4', '-b', '1024'],
      ['-t', 'ext2', '-b', '1024'],
      ['-t', 'ext4', '-O', 'inline_data', '-I', '256'],
    ]) {
      const image = make(options);
      const attempt = async (bytes: Uint8Array) => {
        try {
          const fileSystem = await openExt(bytesSource(bytes));
          let [steps, read] = [0, 0];
          for await (const visit of fileSystem.walk()) {
            if (visit.kind === 'entry' && visit.entry.type === 'file' && visit.entry.size < 1 << 21 && read++ < 40)
              await fileSystem
                .open(visit.entry)
                .then((source) => readAll(source, 1 << 21))
                .catch(refusal);
            if (++steps > 20_000) throw new Error('a walk without end');
          }
        } catch (error) {
          refusal(error);
        }
      };
      for (let i = 0; i < 8; i++) await attempt(image.slice(0, Math.floor((image.length * i) / 8)));
      // The superblock, the descriptors, and some of everything after them.
      for (let at = 1024; at < 4096; at += 61) {
        const changed = new Uint8Array(image);
        changed[at] = (changed[at] ?? 0) ^ 0xff;
        await attempt(changed);
      }
      for (let at = 4096; at < 400_000; at += 9973) {
        const changed = new Uint8Array(image);
        changed.fill(0xff, at, at + 8);
        await attempt(changed);
      }
    }
  });

  test('a directory that is its own child is cut, and a file mapped in a circle is refused', async () => {
    const looped = make(['-t', 'ext4', '-O', '^metadata_csum'], ['link bin bin/again']);
    const broken: string[] = [];
    for await (const visit of (await openExt(bytesSource(looped))).walk()) if (visit.kind === 'broken') broken.push(visit.error.message);
    expect(broken.join()).toContain('its own or another');
  });

  test.each([
    ['nothing', new Uint8Array(8192), 'ext4'],
    ['too little', new Uint8Array(100), 'no superblock'],
  ])('%s is refused by name', async (_, bytes, words) => {
    await expect(openExt(bytesSource(bytes))).rejects.toThrow(words);
  });

  test.each([
    ['blocks of 8 MiB', 0x18, [13, 0, 0, 0], 's_log_block_size'],
    ['no blocks', 0x4, [0, 0, 0, 0], 's_blocks_count_lo'],
    ['groups without blocks', 0x20, [0, 0, 0, 0], 's_blocks_per_group'],
    ['inodes of 100 bytes', 0x58, [100, 0], 's_inode_size'],
    ['a feature that nobody has', 0x60, [0x43, 0, 0, 0], 's_feature_incompat'],
  ])('%s: refused, with the field', async (_, at, values, field) => {
    const image = make(['-t', 'ext4', '-O', '^metadata_csum,^64bit']);
    image.set(values, 1024 + at);
    await expect(openExt(bytesSource(image))).rejects.toThrow(field);
  });
});
