import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { storeEngines } from '../../test/support/store-engines.ts';
import { openQueue, type Queue, type QueueOptions } from './index.ts';

const hanger = join(import.meta.dirname, '../../test/support/work.ts');
const { describeOn, urlOf } = storeEngines();

let folder = '';
const opened: Queue[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-queue-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((queue) => queue.close()));
  rmSync(folder, { recursive: true, force: true });
});

describeOn('the queue on %s', (engine) => {
  const databaseUrl = () => urlOf(engine);
  /** pg-boss wants ten seconds. */
  const leaseSeconds = engine === 'sqlite' ? 1 : 10;
  const open = async (options: Partial<QueueOptions> = {}) => {
    const queue = await openQueue(
      { folder, databaseUrl: databaseUrl() },
      { leaseSeconds, pollMs: 20, retrySeconds: 0, onError: () => {}, ...options },
    );
    opened.push(queue);
    return queue;
  };
  const isDone = (queue: Queue, name: string) =>
    vi.waitFor(async () => expect(await queue.open(name)).toBe(0), { timeout: 30_000, interval: 50 });

  test('what was sent is done once, oldest first, also where it was sent twice and before anybody worked', async () => {
    const first = await open();
    for (const key of ['a', 'b', 'a', 'c']) await first.send('order', key);
    expect(await first.open('order')).toBe(3);
    const queue = await open();
    const done: string[] = [];
    await queue.work('order', async ({ key, attempt }) => void done.push(`${key} ${attempt}`));
    await isDone(queue, 'order');
    expect(done).toEqual(['a 1', 'b 1', 'c 1']);
    await queue.send('order', 'a');
    await isDone(queue, 'order');
    expect(done).toEqual(['a 1', 'b 1', 'c 1', 'a 1']);
  });

  test('a handler that throws has its job again, and not for ever', async () => {
    const errors: unknown[] = [];
    const queue = await open({ attemptsMax: 3, onError: (error) => void errors.push(error) });
    const tried: string[] = [];
    await queue.work('throws', async ({ key, attempt }) => {
      tried.push(`${key} ${attempt}`);
      if (key === 'bad' || attempt < 2) throw new Error('not now');
    });
    await queue.send('throws', 'bad');
    await queue.send('throws', 'good');
    await isDone(queue, 'throws');
    expect(tried.filter((one) => one.startsWith('bad'))).toEqual(['bad 1', 'bad 2', 'bad 3']);
    expect(tried.filter((one) => one.startsWith('good'))).toEqual(['good 1', 'good 2']);
    expect(errors).toHaveLength(4);
    await queue.send('throws', 'bad');
    await isDone(queue, 'throws');
    expect(tried.filter((one) => one === 'bad 1')).toHaveLength(2);
  });

  test('the job of a killed worker is another’s once its lease has ended; that of a slow one that lives is not', async () => {
    const queue = await open();
    await queue.send('hang', 'x');
    const words = [hanger, folder, String(leaseSeconds), ...(engine === 'sqlite' ? [] : [databaseUrl() ?? ''])];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const said = await new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve));
    expect(said).toBe('x 1\n');
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
    const taken: string[] = [];
    const slow: string[] = [];
    for (const other of [queue, await open()]) {
      await other.work('hang', async ({ key, attempt }) => void taken.push(`${key} ${attempt}`));
      await other.work('slow', async ({ key }) => {
        slow.push(key);
        await new Promise((resolve) => setTimeout(resolve, leaseSeconds * 1400));
      });
    }
    await queue.send('slow', 'y');
    await new Promise((resolve) => setTimeout(resolve, leaseSeconds * 300));
    expect(taken).toEqual([]);
    await isDone(queue, 'hang');
    expect(taken).toEqual(['x 2']);
    await isDone(queue, 'slow');
    expect(slow).toEqual(['y']);
  }, 60_000);
});

test('pg-boss is not given a lease that it would refuse later', async () => {
  await expect(openQueue({ folder, databaseUrl: 'postgres://nobody@localhost:1/none' }, { leaseSeconds: 1 })).rejects.toThrow(
    '10 seconds or more',
  );
});
