import { join } from 'node:path';
import { QUEUE_OPTIONS, type Queue, type QueueOptions } from './queue.ts';

export type { Job, Queue, QueueOptions, Worker } from './queue.ts';

/** The queue beside a store: in PostgreSQL where the store's index is there, else in the store's folder. Each engine is loaded only by those who use it. */
export async function openQueue(
  store: { readonly folder: string; readonly databaseUrl: string | undefined },
  options: Partial<QueueOptions> = {},
): Promise<Queue> {
  const all = { ...QUEUE_OPTIONS, ...options };
  if (store.databaseUrl !== undefined) return (await import('./pg-boss-queue.ts')).openPgBossQueue(store.databaseUrl, all);
  return (await import('./sqlite-queue.ts')).openSqliteQueue(join(store.folder, 'queue.sqlite'), all);
}
