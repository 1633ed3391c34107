/** The custody app on a socket of this machine. */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { type CustodyServer, custodyApp } from './app.ts';

/** Schedules are exact to the second. */
const TICK_MS = 1000;

export interface Served {
  readonly port: number;
  /** Stops listening, and waits for what was begun. */
  readonly close: () => Promise<void>;
}

/** Listens on 127.0.0.1 unless told otherwise; port 0 takes any. Unfinished capture jobs are run first. */
export async function serveCustody(
  server: CustodyServer,
  { port, host = '127.0.0.1' }: { readonly port: number; readonly host?: string },
): Promise<Served> {
  const { app, resume, tick, idle } = custodyApp(server);
  await resume();
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
      await idle();
    },
  };
}
