/** Full disks, folders that may not be written to, and readers in the way of `gc`: nothing is lost, and it is said what is wrong. Disks of their own are mounted, where that is allowed. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { madeBuild } from '../../../test/support/made-builds.ts';
import { nodeHash } from '../../platform/node/index.ts';
import { type Manifest, manifestDigest, type Provenance, writeManifest } from '../../references/index.ts';
import { openShelf } from './shelf.ts';

const hooks: { beforeRead: ((name: string) => Promise<void>) | undefined } = { beforeRead: undefined };
vi.mock(import('./files.ts'), async (load) => {
  const real = await load();
  return {
    ...real,
    async readShelfFile(folder, kind, name) {
      await hooks.beforeRead?.(name);
      return real.readShelfFile(folder, kind, name);
    },
  };
});

const folder = mkdtempSync(join(tmpdir(), 'assay-trouble-'));
const config = join(folder, 'config');
const PROVENANCE: Provenance = { made: 'image', sources: [], signatures: [], vouched: 'nobody', label: 'release' };
const build = (n: number, files = 300): Manifest => madeBuild({ family: 1, files, changed: 0.5, common: 0.1 }, n);
const one = (n: number) => ({ manifest: build(n), provenance: PROVENANCE, writer: { by: 'here' as const } });
const digestOf = (n: number) => manifestDigest(build(n), nodeHash);
const text = (manifest: Manifest) => new TextDecoder().decode(writeManifest(manifest));

const disks: string[] = [];
const mount = (...words: string[]) => execFileSync('mount', words, { stdio: 'ignore' });
function disk(name: string, sizeKiB: number): string {
  const path = join(folder, name);
  mkdirSync(path);
  mount('-t', 'tmpfs', '-o', `size=${sizeKiB}k`, 'tmpfs', path);
  disks.push(path);
  return path;
}
const mayMount = (() => {
  try {
    execFileSync('umount', [disk('probe', 64)]);
    disks.pop();
    return true;
  } catch {
    return false;
  }
})();

afterEach(() => {
  hooks.beforeRead = undefined;
});
afterAll(() => {
  for (const path of disks) execFileSync('umount', [path]);
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(!mayMount)(
  'a disk that is full: said, nothing that was acknowledged is lost, and it goes on when there is room (skipped where nothing may be mounted)',
  async () => {
    const path = join(disk('full', 1024), 'shelf');
    const shelf = await openShelf(path, { config });
    const kept: string[] = [];
    let refused: unknown;
    for (let n = 0; n < 200 && refused === undefined; n++)
      await shelf.put(one(n)).then(
        ({ digest }) => kept.push(digest),
        (error: unknown) => {
          refused = error;
        },
      );
    expect(String(refused)).toBe(`Error: no space is left for the shelf in ${path}`);
    expect(kept.length).toBeGreaterThan(3);
    shelf.close();
    const full = await openShelf(path, { config });
    expect((await full.list()).map(({ digest }) => digest)).toEqual(kept);
    expect((await full.verify()).problems).toEqual([]);
    await expect(full.put(one(199))).rejects.toThrow('no space is left');
    await expect(full.gc()).rejects.toThrow('no space is left');
    full.close();
    mount('-o', 'remount,size=8192k', join(folder, 'full'));
    const roomy = await openShelf(path, { config });
    expect((await roomy.list()).map(({ digest }) => digest)).toEqual(kept);
    await roomy.put(one(199));
    await roomy.gc();
    expect(await roomy.verify()).toMatchObject({ builds: kept.length + 1, problems: [] });
    expect(readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => /objects\/..\/\./.test(name))).toEqual([]);
    roomy.close();
  },
);

test.skipIf(!mayMount)(
  'a folder that may not be written to is read, and it is said that it may not be written to (skipped where nothing may be mounted)',
  async () => {
    const root = disk('locked', 4096);
    const path = join(root, 'shelf');
    const shelf = await openShelf(path, { config });
    await shelf.put(one(0));
    await shelf.put({ ...one(1), texts: [] });
    shelf.close();
    mount('-o', 'remount,ro', root);
    const locked = await openShelf(path, { config, lockWaitMs: 0 });
    expect((await locked.list()).map(({ digest }) => digest)).toEqual([digestOf(0), digestOf(1)]);
    expect(text((await locked.get(digestOf(1))).manifest)).toBe(text(build(1)));
    expect((await locked.verify()).problems).toEqual([]);
    for (const work of [() => locked.put(one(2)), () => locked.gc(), () => locked.remove(digestOf(0)), () => locked.rebuild()])
      await expect(work()).rejects.toThrow(`the shelf in ${path} may not be written by you`);
    // Somebody else writes: an answer that may be of two states is none.
    mount('-o', 'remount,rw', root);
    const writer = await openShelf(path, { config });
    await writer.put(one(2));
    writer.close();
    await expect(locked.list()).rejects.toThrow('written to while it was read');
    locked.close();
    expect(await locked.list()).toHaveLength(3);
    locked.close();
  },
);

test('gc takes away what a build stood on while that build is read: it is read as it stands now', async () => {
  const path = join(folder, 'raced');
  const shelf = await openShelf(path, { config });
  for (let n = 0; n < 3; n++) await shelf.put(one(n));
  const other = await openShelf(path, { config });
  await other.remove(digestOf(1));
  let reads = 0;
  hooks.beforeRead = async (name) => {
    if (name !== digestOf(1) || reads++ > 0) return;
    hooks.beforeRead = undefined;
    await other.gc();
  };
  expect(text((await shelf.get(digestOf(2))).manifest)).toBe(text(build(2)));
  expect(reads).toBe(1);
  await expect(shelf.get(digestOf(1))).rejects.toThrow(RangeError);
  shelf.close();
  other.close();
});

test('gc takes a build away while it is read: there is no such build, and no word of a file', async () => {
  const path = join(folder, 'gone');
  const shelf = await openShelf(path, { config });
  for (let n = 0; n < 2; n++) await shelf.put(one(n));
  const other = await openShelf(path, { config });
  hooks.beforeRead = async (name) => {
    if (name !== digestOf(1)) return;
    hooks.beforeRead = undefined;
    await other.remove(name);
    await other.gc();
  };
  await expect(shelf.get(digestOf(1))).rejects.toThrow(`no build ${digestOf(1)} on this shelf`);
  shelf.close();
  other.close();
});

test('gc beside a reader that holds an old state: he sees that state to its end, and the next one sees the new one', async () => {
  const path = join(folder, 'held');
  const shelf = await openShelf(path, { config });
  for (let n = 0; n < 3; n++) await shelf.put(one(n));
  const reader = new DatabaseSync(join(path, 'index.sqlite'), { readOnly: true });
  const count = () => Number(Object.values(reader.prepare('select count(*) from build').get() ?? {})[0]);
  reader.exec('begin');
  expect(count()).toBe(3);
  await shelf.remove(digestOf(0));
  expect(await shelf.gc()).toMatchObject({ builds: 1 });
  expect(count()).toBe(3);
  reader.exec('commit');
  expect(count()).toBe(2);
  reader.close();
  expect(await shelf.verify()).toMatchObject({ builds: 2, problems: [] });
  shelf.close();
});
