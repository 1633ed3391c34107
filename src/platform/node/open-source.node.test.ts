import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openInput } from './open-source.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-open-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a file is itself', async () => {
  writeFileSync(join(folder, 'x.txt'), 'hello');
  const [entry, ...others] = await openInput(join(folder, 'x.txt'));
  expect([entry?.name, entry?.source.size, others]).toEqual(['x.txt', 5, []]);
  expect(new TextDecoder().decode(await entry?.source.read(1, 3))).toBe('ell');
  await expect(entry?.source.read(3, 3)).rejects.toThrow('file @0x3');
});

test('a folder is its files in order; links out of it and loops are not followed', async () => {
  const inside = join(folder, 'capture');
  mkdirSync(join(inside, 'sub'), { recursive: true });
  writeFileSync(join(folder, 'secret'), 'outside');
  writeFileSync(join(inside, 'b'), 'b');
  writeFileSync(join(inside, 'sub', 'a'), 'a');
  symlinkSync(join(folder, 'secret'), join(inside, 'out'));
  symlinkSync('../..', join(inside, 'sub', 'up'));
  symlinkSync('..', join(inside, 'sub', 'loop'));
  symlinkSync('b', join(inside, 'within'));
  symlinkSync('nowhere', join(inside, 'dangling'));
  const entries = await openInput(inside);
  expect(entries.map(({ name }) => name)).toEqual(['b', 'sub/a', 'within']);
});

test('a file that shrinks is a short read', async () => {
  const path = join(folder, 'x');
  writeFileSync(path, 'hello');
  const [entry] = await openInput(path);
  writeFileSync(path, 'h');
  await expect(entry?.source.read(0, 5)).rejects.toThrow('the file ends here, 4 bytes early');
});

test('what is not there is the system’s error', async () => {
  await expect(openInput(join(folder, 'none'))).rejects.toThrow('ENOENT');
});
