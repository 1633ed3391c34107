import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codec } from '../../../../test/support/ports.ts';
import { differencesOf, makeTree } from '../../../../test/support/source-tree.ts';
import { bytesSource } from '../../../bytes/index.ts';
import { openSquashfs } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-squashfs-'));
const tree = join(folder, 'tree');
const hasTool = spawnSync('mksquashfs', ['-version']).error === undefined;

beforeAll(() => makeTree(tree, { large: 1_500_001, many: 600, special: true, highIds: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function make(...options: readonly string[]): Uint8Array {
  const image = join(folder, 'image');
  rmSync(image, { force: true });
  const run = spawnSync('mksquashfs', [tree, image, '-quiet', '-no-progress', ...options], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return new Uint8Array(readFileSync(image));
}

describe.skipIf(!hasTool)('images of mksquashfs (skipped where it is not installed)', () => {
  test.each([
    [[]],
    [['-b', '4K']],
    [['-b', '1M', '-comp', 'lz4']],
    [['-comp', 'lz4', '-Xhc']],
    [['-comp', 'lzo']],
    [['-comp', 'lzo', '-Xalgorithm', 'lzo1x_1']],
    [['-comp', 'xz', '-Xbcj', 'x86,arm']],
    [['-comp', 'zstd']],
    [['-comp', 'lzma']],
    [['-noI', '-noD', '-noF', '-noX', '-noId']],
    [['-no-fragments']],
    [['-always-use-fragments']],
    [['-no-duplicates', '-no-exports', '-no-sparse', '-comp', 'lz4']],
  ])('%j read back as their source tree', async (options) => {
    const fileSystem = await openSquashfs(bytesSource(make(...options)), { codec });
    expect(fileSystem.oddities).toEqual([]);
    expect(await differencesOf(fileSystem, tree, { windows: 100_000 })).toEqual([]);
  });

  test('attributes, long ones and those that many files share', async () => {
    const label = 'u:object_r:system_file:s0';
    const long = 'y'.repeat(3000);
    const records = pax({ 'security.selinux': label, 'user.long': long });
    const archive = ['a', 'b', 'c'].flatMap((name) => [header('x', 'x', records.length), ...padded(records), header(name, '0', 0)]);
    const image = join(folder, 'image');
    rmSync(image, { force: true });
    const input = Buffer.concat([...archive, new Uint8Array(1024)]);
    const run = spawnSync('mksquashfs', ['-', image, '-tar', '-quiet', '-no-progress'], { input, encoding: 'utf8' });
    if (run.status !== 0) throw new Error(run.stderr);
    const fileSystem = await openSquashfs(bytesSource(new Uint8Array(readFileSync(image))), { codec });
    for (const path of ['/a', '/b', '/c']) {
      const entry = await fileSystem.find(path);
      expect([path, entry?.context]).toEqual([path, label]);
      expect(new TextDecoder().decode(entry?.xattrs.get('user.long'))).toBe(long);
    }
    expect(await fileSystem.find('/none')).toBeUndefined();
  });
});

/** A tar header in the form that pax archives have. */
function header(name: string, type: string, size: number): Uint8Array {
  const bytes = new Uint8Array(512);
  const put = (at: number, value: string) => bytes.set(new TextEncoder().encode(value), at);
  put(0, name);
  for (const at of [100, 108, 116]) put(at, at === 100 ? '0000644' : '0000000');
  put(124, `${size.toString(8).padStart(11, '0')} 00000000000         ${type}`);
  put(257, 'ustar');
  put(263, '00');
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return bytes;
}

/** Records of an extended header: each says its own length. */
function pax(xattrs: Readonly<Record<string, string>>): Uint8Array {
  const records = Object.entries(xattrs).map(([name, value]) => {
    const rest = ` SCHILY.xattr.${name}=${value}\n`;
    const length = [1, 2, 3, 4].map((digits) => rest.length + digits).find((all) => `${all}`.length + rest.length === all);
    return `${length}${rest}`;
  });
  return new TextEncoder().encode(records.join(''));
}

const padded = (bytes: Uint8Array): readonly Uint8Array[] => [bytes, new Uint8Array((512 - (bytes.length % 512)) % 512)];
