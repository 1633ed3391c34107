import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import { openTexts } from './texts.ts';

const folder = await mkdtemp(join(tmpdir(), 'assay-texts-'));
afterAll(() => rm(folder, { recursive: true }));
const kept = (path: string, text: string) => {
  const bytes = new TextEncoder().encode(text);
  return { path, sha256: createHash('sha256').update(bytes).digest('hex'), bytes };
};
const lines = (count: number, seed: number) =>
  Array.from({ length: count }, (_, i) => `<item name="n${((i + seed) * 7919) % 100_003}"/>`).join('\n');
const open = (name: string, mode: 'read' | 'write' = 'write') => {
  const store = openTexts(join(folder, name), mode);
  if (store === undefined) throw new Error('no texts');
  return store;
};
const made = async (name: string) => {
  const { mkdir } = await import('node:fs/promises');
  await mkdir(join(folder, name));
  return name;
};

test('texts come back; a version of one that is there costs what differs, and another text at its path does not hinder', async () => {
  const name = await made('versions');
  expect(openTexts(join(folder, name), 'read')).toBeUndefined();
  const store = open(name);
  const base = lines(3000, 1);
  const texts = [kept('/a.xml', base), kept('/a.xml', `${base}\n<last/>`), kept('/a.xml', lines(3000, 50_000)), kept('/b.rc', '')];
  store.put(texts.slice(0, 1));
  const size = async () => (await stat(join(folder, name, 'texts.sqlite-wal'))).size;
  const before = await size();
  store.put(texts.slice(1, 2));
  expect((await size()) - before).toBeLessThan(20_000);
  store.put(texts);
  for (const { sha256, bytes } of texts) expect(store.read(sha256)).toEqual(bytes);
  expect(store.read('0'.repeat(64))).toBeUndefined();
  expect(store.verify()).toEqual([]);
  store.close();
});

test('what nobody wants goes, but not what another one is packed against', async () => {
  const store = open(await made('collected'));
  const [first, second] = [kept('/a.xml', lines(500, 1)), kept('/a.xml', `${lines(500, 1)}\n<b/>`)];
  store.put([first, second]);
  const only = Buffer.from(second.sha256, 'hex');
  expect(store.collect((sha256) => only.equals(sha256))).toBe(0);
  expect(store.read(second.sha256)).toEqual(second.bytes);
  expect(store.collect(() => false)).toBe(2);
  expect(store.read(second.sha256)).toBeUndefined();
  store.close();
});

test('hostile: a text that somebody changed is not shown, and verify names it', async () => {
  const name = await made('changed');
  const store = open(name);
  const [first, second] = [kept('/a.xml', lines(500, 1)), kept('/a.xml', `${lines(500, 1)}\n<b/>`)];
  store.put([first, second]);
  store.close();
  const database = new DatabaseSync(join(folder, name, 'texts.sqlite'));
  database.prepare('update text set packed = ? where base is null').run(Buffer.from('no zstd at all'));
  database.close();
  const read = open(name, 'read');
  expect([read.read(first.sha256), read.read(second.sha256)]).toEqual([undefined, undefined]);
  expect(read.verify().toSorted()).toEqual([first.sha256, second.sha256].toSorted());
  read.close();
});

test('a text that is put again mends one that was changed, and what stands on it; what is not what it is called is not kept', async () => {
  const name = await made('mended');
  const store = open(name);
  const [first, second] = [kept('/a.xml', lines(500, 1)), kept('/a.xml', `${lines(500, 1)}\n<b/>`)];
  expect(store.put([first, second])).toBe(2);
  expect(store.put([first, second])).toBe(0);
  const database = new DatabaseSync(join(folder, name, 'texts.sqlite'));
  database.prepare('update text set packed = ? where base is null').run(Buffer.from('no zstd at all'));
  database.close();
  expect(store.put([first])).toBe(1);
  expect([store.read(first.sha256), store.read(second.sha256)]).toEqual([first.bytes, second.bytes]);
  expect(store.put([{ ...kept('/c.xml', 'c'), sha256: 'ab'.repeat(32) }])).toBe(0);
  store.close();
});
