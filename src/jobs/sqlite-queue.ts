/** The queue of a store in a folder: one table in a file of its own, so that waiting for work never holds the index's lock. Several processes may share it. */
import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { Job, Queue, QueueOptions, Worker } from './queue.ts';

const BUSY_MS = 30_000;

/** `lease` is when the lease ends, in milliseconds since 1970; null while the job waits. `holder` tells an attempt from a later one of the same job. */
const SCHEMA = `
create table if not exists jobs (
  n integer primary key,
  name text not null,
  key text not null,
  state text not null check (state in ('waiting', 'running', 'failed')),
  attempt integer not null default 0,
  due integer not null,
  lease integer,
  holder text,
  error text,
  unique (name, key)
);
create index if not exists jobs_by_due on jobs (name, state, due)`;

/** Opens a queue, and makes it where there is none. */
export function openSqliteQueue(path: string, options: QueueOptions): Queue {
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  db.exec(`pragma journal_mode = wal; pragma synchronous = full; ${SCHEMA}`);
  const send = db.prepare(
    `insert into jobs (name, key, state, due) values (?, ?, 'waiting', ?)
     on conflict (name, key) do update set state = 'waiting', attempt = 0, due = excluded.due, error = null where state = 'failed'`,
  );
  // One statement, so that two workers never take one job.
  const take = db.prepare(
    `update jobs set state = 'running', attempt = attempt + 1, lease = ?, holder = ? where n = (
       select n from jobs where name = ? and ((state = 'waiting' and due <= ?) or (state = 'running' and lease <= ?)) and attempt < ?
       order by n limit 1) returning key, attempt`,
  );
  const fail = db.prepare(
    `update jobs set state = 'failed', lease = null, holder = null, error = coalesce(error, 'its workers ended before it did')
     where name = ? and attempt >= ? and ((state = 'running' and lease <= ?) or state = 'waiting')`,
  );
  const renew = db.prepare('update jobs set lease = ? where holder = ?');
  const done = db.prepare('delete from jobs where holder = ?');
  const later = db.prepare(`update jobs set state = 'waiting', due = ?, lease = null, holder = null, error = ? where holder = ?`);
  const open = db.prepare(`select count(*) as open from jobs where name = ? and state <> 'failed'`);
  const leaseMs = options.leaseSeconds * 1000;
  const wakers = new Set<() => void>();
  const workers = new Set<Worker>();

  async function runOne(name: string, handler: (job: Job) => Promise<void>): Promise<boolean> {
    const now = Date.now();
    const holder = randomUUID();
    fail.run(name, options.attemptsMax, now);
    const job = take.get(now + leaseMs, holder, name, now, now, options.attemptsMax);
    if (job === undefined) return false;
    const renewing = setInterval(() => void renew.run(Date.now() + leaseMs, holder), leaseMs / 3);
    try {
      await handler({ key: String(job['key']), attempt: Number(job['attempt']) });
      done.run(holder);
    } catch (error) {
      options.onError(error);
      later.run(Date.now() + options.retrySeconds * 1000, String(error).slice(0, 1000), holder);
    } finally {
      clearInterval(renewing);
    }
    return true;
  }

  return {
    async send(name, key) {
      send.run(name, key, Date.now());
      for (const wake of wakers) wake();
    },
    async work(name, handler) {
      let isStopped = false;
      let wake = () => {};
      const call = () => wake();
      wakers.add(call);
      const ended = (async () => {
        while (!isStopped) {
          // Made before it looks: what is sent while it looks wakes it too.
          const woken = new Promise<void>((resolve) => {
            wake = resolve;
          });
          if (await runOne(name, handler)) continue;
          const timer = setTimeout(call, options.pollMs);
          await woken;
          clearTimeout(timer);
        }
      })();
      const worker: Worker = {
        async stop() {
          isStopped = true;
          wake();
          await ended;
          wakers.delete(call);
          workers.delete(worker);
        },
      };
      workers.add(worker);
      return worker;
    },
    open: async (name) => Number(open.get(name)?.['open']),
    async close() {
      await Promise.all([...workers].map((worker) => worker.stop()));
      db.close();
    },
  };
}
