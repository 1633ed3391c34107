/** The custody app on a socket of this machine. */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { openQueue } from '../../jobs/index.ts';
import { custodyApp } from './app.ts';
import type { CustodyServer } from './desk.ts';

/** Schedules are exact to the second. */
const TICK_MS = 1000;

export interface Served {
  readonly port: number;
  /** Stops listening, and waits for what was begun. */
  readonly close: () => Promise<void>;
}

/** Listens on 127.0.0.1 unless told otherwise; port 0 takes any. Capture jobs wait in the queue of the store. */
export async function serveCustody(
  server: Omit<CustodyServer, 'queue'>,
  { port, host = '127.0.0.1' }: { readonly port: number; readonly host?: string },
): Promise<Served> {
  const queue = await openQueue(server.store);
  const { app, work, tick, idle } = custodyApp({ ...server, queue });
  const worker = await work();
  const listening = await new Promise<{ readonly info: AddressInfo; readonly stop: () => Promise<void> }>((resolve, reject) => {
    const http = serve({ fetch: app.fetch, port, hostname: host }, (info) =>
      resolve({ info, stop: () => new Promise<void>((done) => void http.close(() => done())) }),
    );
    http.once('error', reject);
  });
  const timer = setInterval(tick, TICK_MS);
  return {
    port: listening.info.port,
    close: async () => {
      clearInterval(timer);
      await listening.stop();
      await worker.stop();
      await idle();
      await queue.close();
    },
  };
}
