import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lockFolder } from '../log/lock.ts';
import { openShelf } from './shelf.ts';

const folder = await mkdtemp(join(tmpdir(), 'assay-shelf-'));
afterAll(() => rm(folder, { recursive: true }));
const config = join(folder, 'config');
const PROGRAM = join(import.meta.dirname, '../../../test/support/put-builds.ts');

const start = (shelf: string, family: number, count: number) =>
  spawn(process.execPath, [PROGRAM, shelf, config, String(family), String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });
/** The digests that a process said, each a whole line. */
const saidBy = (child: ChildProcess): Promise<readonly string[]> =>
  new Promise((resolve) => {
    let text = '';
    child.stdout?.on('data', (piece: Buffer) => {
      text += piece.toString();
    });
    child.on('close', () => resolve(text.split('\n').slice(0, -1)));
  });

test('two writers and a reader at the same time: nothing is lost, and the reader is never refused', async () => {
  const path = join(folder, 'together');
  const writers = [1, 2].map((family) => saidBy(start(path, family, 12)));
  let over = false;
  const reading = (async () => {
    let most = 0;
    while (!over) {
      const shelf = await openShelf(path, { config });
      const builds = await shelf.list();
      for (const { digest } of builds.slice(-1)) await shelf.get(digest);
      expect(builds.length).toBeGreaterThanOrEqual(most);
      most = builds.length;
      shelf.close();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const said = (await Promise.all(writers)).flat();
  over = true;
  await reading;
  const shelf = await openShelf(path, { config });
  expect(new Set((await shelf.list()).map(({ digest }) => digest))).toEqual(new Set(said));
  expect(said).toHaveLength(24);
  expect(await shelf.verify()).toEqual({ builds: 24, foreignEntries: 0, problems: [] });
});

test('killed at random moments, it has all that was acknowledged, nothing half-written, and goes on', async () => {
  const path = join(folder, 'killed');
  const acknowledged: string[] = [];
  for (let round = 0; round < 5; round++) {
    const child = start(path, 10 + round, 1000);
    const said = saidBy(child);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, randomInt(200)));
    child.kill('SIGKILL');
    acknowledged.push(...(await said));
  }
  const shelf = await openShelf(path, { config });
  const kept = new Set((await shelf.list()).map(({ digest }) => digest));
  expect(acknowledged.filter((digest) => !kept.has(digest))).toEqual([]);
  expect((await shelf.verify()).problems).toEqual([]);
  await shelf.gc();
  expect(new Set((await shelf.list()).map(({ digest }) => digest))).toEqual(kept);
  expect((await shelf.verify()).problems).toEqual([]);
  expect(await saidBy(start(path, 10, 3))).toHaveLength(3);
});

test('a writer that waits too long is told who holds the shelf', async () => {
  const path = join(folder, 'held');
  mkdirSync(path);
  const lock = lockFolder(path);
  try {
    const shelf = await openShelf(path, { config, lockWaitMs: 100 });
    await expect(shelf.gc()).rejects.toThrow(`is in use by the process ${process.pid}`);
  } finally {
    lock.release();
  }
});
