import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeBootV0, writeCpio } from '../../formats/android/index.ts';
import { writeTar } from '../../formats/archive/index.ts';
import { openShelf } from './shelf.ts';

const folder = await mkdtemp(join(tmpdir(), 'assay-making-'));
afterAll(() => rm(folder, { recursive: true }));
const config = join(folder, 'config');
const PROGRAM = join(import.meta.dirname, '../../../test/support/add-rom.ts');
const utf8 = (text: string) => new TextEncoder().encode(text);

const RC = 'on boot\n    setprop ro.secure 1\n';
const entry = { mode: 0o100644, uid: 0, gid: 0, links: 1, modifiedSeconds: 0, deviceMajor: 0, deviceMinor: 0 };
const ramdisk = writeCpio([
  { ...entry, name: 'init.rc', data: utf8(RC) },
  { ...entry, name: 'default.prop', data: utf8('ro.secure=1\n') },
]);
const rom = join(folder, 'rom.tar');
writeFileSync(
  rom,
  writeTar([
    { name: 'boot.img', data: writeBootV0({ kernel: new Uint8Array(5000).fill(1), ramdisk }) },
    { name: 'tz.img', data: new Uint8Array(70_000).fill(2) },
    { name: 'abl.img', data: new Uint8Array(60_000).fill(3) },
    { name: 'modem.img', data: new Uint8Array(50_000).fill(4) },
  ]),
);

const add = (shelf: string, version: string, kept = '') => {
  const { stdout, signal } = spawnSync(process.execPath, [PROGRAM, shelf, config, rom, version, kept], { encoding: 'utf8' });
  return { lines: stdout.trim().split('\n'), signal };
};
const making = (shelf: string) => {
  const path = join(shelf, 'making');
  return existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json')) : [];
};

test('killed between two partitions, it goes on with the next one; the build is the same, and nothing is left', () => {
  const path = join(folder, 'killed');
  const first = add(path, '1', '2');
  expect([first.signal, ...first.lines]).toEqual(['SIGKILL', 'read tz', 'read abl']);
  expect(making(path)).toHaveLength(2);
  const second = add(path, '1');
  const [digest] = second.lines.slice(-1);
  expect(second.lines).toEqual(['before tz', 'before abl', 'read modem', 'read boot', digest]);
  expect(making(path)).toEqual([]);
  expect(add(join(folder, 'whole'), '1').lines.at(-1)).toBe(digest);
});

test('what another version read, and what somebody wrote into it, is read again', () => {
  const path = join(folder, 'changed');
  add(path, '1', '2');
  for (const name of making(path)) {
    const file = join(path, 'making', name);
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(/"sha256":"[0-9a-f]{64}","rootDigest"/, `"sha256":"${'0'.repeat(64)}","rootDigest"`),
    );
  }
  expect(add(path, '1', '3').lines).toEqual(['read tz', 'read abl', 'read modem']);
  expect(add(path, '2').lines.slice(0, -1)).toEqual(['read tz', 'read abl', 'read modem', 'read boot']);
});

test('a text of the build can be read from the shelf, until nothing has it any more', async () => {
  const path = join(folder, 'texts');
  const digest = add(path, '1').lines.at(-1) ?? '';
  const shelf = await openShelf(path, { config });
  const { readFiles } = await shelf.get(digest);
  const wanted = [{ partition: 'boot', path: '/init.rc' }];
  expect([...((await readFiles?.(wanted, 1000))?.values() ?? [])].map((bytes) => new TextDecoder().decode(bytes))).toEqual([RC]);
  expect(await shelf.gc()).toMatchObject({ texts: 0 });
  await shelf.remove(digest);
  expect(await shelf.gc()).toMatchObject({ builds: 1, texts: 1 });
  shelf.close();
});

test('gc beside a run that is under way leaves what it did and its texts; a day later nobody goes on', async () => {
  const path = join(folder, 'under-way');
  // The boot image, whose text it is, comes last: once more than the others.
  add(path, '1', '4');
  expect(making(path)).toHaveLength(4);
  const shelf = await openShelf(path, { config });
  expect(await shelf.gc()).toMatchObject({ texts: 0 });
  expect(making(path)).toHaveLength(4);
  for (const name of making(path)) utimesSync(join(path, 'making', name), 1, 1);
  expect(await shelf.gc()).toMatchObject({ texts: 1 });
  expect(making(path)).toEqual([]);
  shelf.close();
});
