/** The queue of a store in PostgreSQL: pg-boss, in a schema of its own (`pgboss`) beside the index. Its lease is a heartbeat. */
import { PgBoss } from 'pg-boss';
import type { Queue, QueueOptions, Worker } from './queue.ts';

/** A handler may take as long as it likes while it lives: the heartbeat ends a lease, not the clock. pg-boss takes up to a day. */
const RUNNING_SECONDS = 23 * 3600;
/** The shortest heartbeat that pg-boss takes. */
const LEASE_SECONDS_MIN = 10;

/** Opens a queue, and makes it where there is none. @throws RangeError for a lease below ten seconds */
export async function openPgBossQueue(url: string, options: QueueOptions): Promise<Queue> {
  if (options.leaseSeconds < LEASE_SECONDS_MIN) throw new RangeError(`pg-boss wants a lease of ${LEASE_SECONDS_MIN} seconds or more`);
  // Whoever is alive looks for leases that ended: as often as they could.
  const boss = new PgBoss({ connectionString: url, max: 4, schedule: false, monitorIntervalSeconds: 2, superviseIntervalSeconds: 2 });
  boss.on('error', options.onError);
  await boss.start();
  const made = new Set<string>();
  const queueOf = async (name: string) => {
    if (made.has(name)) return;
    await boss.createQueue(name, {
      policy: 'exclusive',
      heartbeatSeconds: options.leaseSeconds,
      expireInSeconds: RUNNING_SECONDS,
      retryLimit: options.attemptsMax - 1,
      retryDelay: options.retrySeconds,
    });
    made.add(name);
  };
  return {
    async send(name, key) {
      await queueOf(name);
      await boss.send(name, { key }, { singletonKey: key });
    },
    async work(name, handler) {
      await queueOf(name);
      const id = await boss.work<{ readonly key: string }>(
        name,
        { batchSize: 1, includeMetadata: true, pollingIntervalSeconds: Math.max(0.5, options.pollMs / 1000) },
        async ([job]) => {
          if (job === undefined) return;
          try {
            await handler({ key: job.data.key, attempt: job.retryCount + 1 });
          } catch (error) {
            options.onError(error);
            throw error;
          }
        },
      );
      return { stop: () => boss.offWork(name, { id, wait: true }) } satisfies Worker;
    },
    async open(name) {
      await queueOf(name);
      const found = await boss.findJobs(name);
      return found.filter(({ state }) => state === 'created' || state === 'retry' || state === 'active').length;
    },
    close: () => boss.stop({ graceful: true }),
  };
}
