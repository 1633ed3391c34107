import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import { madeBuild } from '../../../test/support/made-builds.ts';
import { nodeHash } from '../../platform/node/index.ts';
import { type Manifest, manifestDigest, type Provenance, writeManifest } from '../../references/index.ts';
import { filePath, listFiles } from './files.ts';
import { openShelf } from './shelf.ts';

const folder = await mkdtemp(join(tmpdir(), 'assay-shelf-'));
afterAll(() => rm(folder, { recursive: true }));
let count = 0;
const PROVENANCE: Provenance = { made: 'image', sources: [], signatures: [], vouched: 'nobody', label: 'release' };
const SIZES = { files: 40, changed: 0.2, common: 0.3 };
const manifests = [0, 1, 2, 3, 4]
  .map((n) => madeBuild({ family: 1, ...SIZES }, n))
  .concat([0, 1].map((n) => madeBuild({ family: 2, ...SIZES }, n)));
const digests = manifests.map((manifest) => manifestDigest(manifest, nodeHash));
const digestAt = (n: number) => digests[n] ?? '';
const text = (manifest: Manifest) => new TextDecoder().decode(writeManifest(manifest));
const config = join(folder, 'config');

async function filled() {
  const shelf = await openShelf(join(folder, `shelf-${count++}`), { config });
  for (const manifest of manifests) await shelf.put({ manifest, provenance: PROVENANCE, writer: { by: 'here' } });
  return shelf;
}
type Filled = Awaited<ReturnType<typeof filled>>;
const answers = async (shelf: Filled) => {
  const contents = [...new Set(manifests.flatMap(({ files }) => files.flatMap(({ sha256 }) => sha256 ?? [])))];
  const found = await shelf.find(contents);
  return found.map(({ places }) => places.map(({ path, builds }) => `${path} ${builds.toSorted().join(' ')}`).toSorted());
};

test('a shelf that was only written to by us verifies', async () => {
  const shelf = await filled();
  expect(await shelf.verify()).toEqual({ builds: 7, foreignEntries: 0, problems: [] });
  const borrowed = await openShelf(shelf.folder, { config: join(folder, 'another') });
  expect(await borrowed.verify()).toEqual({ builds: 7, foreignEntries: 7, problems: [] });
});

test('what is removed is gone at once, its files with gc, and all that stood on it is still there', async () => {
  const shelf = await filled();
  const gone = [0, 2, 4].map(digestAt);
  for (const digest of gone) expect(await shelf.remove(digest)).toBe(true);
  expect(await shelf.remove(digestAt(0))).toBe(false);
  await expect(shelf.get(digestAt(0))).rejects.toThrow(RangeError);
  const before = await answers(shelf);
  expect(before.join()).not.toContain(digestAt(0));
  // What writers leave that were killed.
  await writeFile(join(shelf.folder, 'objects', digestAt(1).slice(0, 2), '.half'), 'x');
  await writeFile(filePath(shelf.folder, 'objects', digestAt(1).slice(0, 2).padEnd(64, '0')), 'x');
  expect(await shelf.gc()).toMatchObject({ builds: 3, files: 3 + 3 + 2 });
  expect(await answers(shelf)).toEqual(before);
  expect((await listFiles(shelf.folder, 'objects')).names).toEqual([1, 3, 5, 6].map(digestAt).toSorted());
  for (const n of [1, 3, 5, 6]) expect(text((await shelf.get(digestAt(n))).manifest)).toBe(text(manifests[n] ?? ({} as Manifest)));
  expect(await shelf.verify()).toEqual({ builds: 4, foreignEntries: 0, problems: [] });
  // And it can come back.
  await shelf.put({ manifest: manifests[4] ?? ({} as Manifest), provenance: PROVENANCE, writer: { by: 'here' } });
  expect(await shelf.verify()).toEqual({ builds: 5, foreignEntries: 0, problems: [] });
});

test('a build that was removed and comes back before gc is there again', async () => {
  const shelf = await filled();
  await shelf.remove(digestAt(1));
  await shelf.put({ manifest: manifests[1] ?? ({} as Manifest), provenance: PROVENANCE, writer: { by: 'here' } });
  expect(await shelf.list()).toHaveLength(7);
  expect(await shelf.gc()).toMatchObject({ builds: 0, files: 0 });
});

test('the index is made anew from the files, and answers the same', async () => {
  const shelf = await filled();
  const [before, list] = [await answers(shelf), await shelf.list()];
  shelf.close();
  for (const end of ['', '-wal', '-shm']) await rm(join(shelf.folder, `index.sqlite${end}`), { force: true });
  expect(await shelf.list()).toEqual([]);
  expect(await shelf.rebuild()).toEqual({ builds: 7, problems: [] });
  const byDigest = (builds: typeof list) => builds.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  expect(byDigest(await shelf.list())).toEqual(byDigest(list));
  expect(await answers(shelf)).toEqual(before);
  expect((await shelf.verify()).problems).toEqual([]);
});

test('any byte of an object that is bent is found by verify, and get refuses it', async () => {
  const shelf = await filled();
  const path = filePath(shelf.folder, 'objects', digestAt(0));
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at += 211) {
    const bent = Buffer.from(whole);
    bent[at] = (bent[at] ?? 0) ^ 1;
    writeFileSync(path, bent);
    await expect(shelf.get(digestAt(0))).rejects.toThrow();
  }
  // All that stands on it is unreadable too, and nothing else.
  const { problems } = await shelf.verify();
  expect(problems.map(({ what }) => what)).toEqual([0, 1, 2, 3, 4].map((n) => `build ${digestAt(n)}`));
  writeFileSync(path, whole);
  expect((await shelf.verify()).problems).toEqual([]);
});

test('an index that lies is found by verify', async () => {
  const shelf = await filled();
  shelf.close();
  const database = new DatabaseSync(join(shelf.folder, 'index.sqlite'));
  database.exec('delete from content where chapter = 2 and prefix = (select prefix from content where chapter = 2 limit 1)');
  database.exec(`update build set summary = replace(summary, 'made2', 'made3') where number = 7`);
  database.exec(`update entry set document = replace(document, '"nobody"', '"maker-signature"') where build = 1`);
  database.close();
  const { problems } = await shelf.verify();
  expect(problems.some(({ because }) => because.includes('contents otherwise'))).toBe(true);
  expect(problems.some(({ because }) => because.includes('other things of it'))).toBe(true);
  expect(problems.some(({ what }) => what.startsWith('entry '))).toBe(true);
});
