import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codec } from '../../../../test/support/ports.ts';
import { differencesOf, makeTree } from '../../../../test/support/source-tree.ts';
import { bytesSource } from '../../../bytes/index.ts';
import { openF2fs } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-f2fs-'));
const hasTools = ['mkfs.f2fs', 'sload.f2fs'].every((tool) => spawnSync(tool, ['-V']).error === undefined);

beforeAll(() => {
  makeTree(join(folder, 'tree'), { many: 2000, large: 6_000_001 });
  // sload.f2fs 1.15 with flexible_inline_xattr breaks files of more than 914 blocks, as its own fsck says: that variant gets none.
  makeTree(join(folder, 'smaller'), { large: 3_000_001, many: 200 });
  rmSync(join(folder, 'smaller/lib/sparse.so'));
  writeFileSync(join(folder, 'contexts'), '/.* u:object_r:system_file:s0\n/bin/.* u:object_r:shell_exec:s0\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function make(tree: string, format: readonly string[], load: readonly string[] = []): Uint8Array {
  const image = join(folder, 'image');
  rmSync(image, { force: true });
  writeFileSync(image, '');
  truncateSync(image, 160 << 20);
  const made = spawnSync('mkfs.f2fs', ['-q', '-f', ...format, image], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stdout + made.stderr);
  const loaded = spawnSync('sload.f2fs', ['-P', ...load, '-f', join(folder, tree), '-t', '/', image], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  // It runs its own fsck at last, whose status is for the bugs of the loader too; the tree is the judge.
  if (!loaded.stdout.includes('Done:')) throw new Error(loaded.stdout.slice(-500) + loaded.stderr);
  return new Uint8Array(readFileSync(image));
}
const OWN = /^\/lost\+found/;

describe.skipIf(!hasTools)('images of mkfs.f2fs and sload.f2fs (skipped where they are not installed)', () => {
  test.each([
    ['tree', []],
    ['tree', ['-i']],
    ['tree', ['-O', 'extra_attr']],
    ['tree', ['-O', 'encrypt', '-l', 'system']],
    ['tree', ['-O', 'extra_attr,inode_checksum,inode_crtime,sb_checksum,lost_found']],
    ['tree', ['-O', 'extra_attr,project_quota,quota,verity,casefold', '-C', 'utf8']],
    ['tree', ['-s', '2', '-o', '20']],
    ['smaller', ['-O', 'extra_attr,flexible_inline_xattr']],
  ])('%s, %j: read back as their source tree', async (tree, options) => {
    const fileSystem = await openF2fs(bytesSource(make(tree, options)), { codec });
    expect(fileSystem.oddities).toEqual([]);
    expect(await differencesOf(fileSystem, join(folder, tree), { ignore: OWN })).toEqual([]);
  });

  test('contexts are read, and the label', async () => {
    const image = make('smaller', ['-O', 'extra_attr', '-l', 'vendor'], ['-s', join(folder, 'contexts')]);
    const fileSystem = await openF2fs(bytesSource(image), { codec });
    expect(fileSystem.label).toBe('vendor');
    expect((await fileSystem.find('/bin/sh'))?.context).toBe('u:object_r:shell_exec:s0');
    expect((await fileSystem.find('/etc/tiny'))?.context).toBe('u:object_r:system_file:s0');
    expect(await fileSystem.find('/etc/none')).toBeUndefined();
  });
});
