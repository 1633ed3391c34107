/** The custody app on a socket of this machine. */
import type { AddressInfo } from 'node:net';
import { serve, type WebSocketServerLike } from '@hono/node-server';
import { WebSocketServer } from 'ws';
import { openQueue } from '../../jobs/index.ts';
import { custodyApp } from './app.ts';
import type { CustodyServer } from './desk.ts';

/** Schedules are exact to the second. */
const TICK_MS = 1000;
/** A line on which nothing answers for that long is cut. */
const PING_MS = 30_000;
/** Nobody has anything to say on a line. */
const PAYLOAD_MAX = 1024;

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
  const { app, work, tick, idle, hangUp } = custodyApp({ ...server, queue });
  const worker = await work();
  const lines = new WebSocketServer({ noServer: true, maxPayload: PAYLOAD_MAX });
  const listening = await new Promise<{ readonly info: AddressInfo; readonly stop: () => Promise<void> }>((resolve, reject) => {
    // Types that disagree on an option that may be left out, and is not.
    const http = serve({ fetch: app.fetch, port, hostname: host, websocket: { server: lines as WebSocketServerLike } }, (info) =>
      resolve({ info, stop: () => new Promise<void>((done) => void http.close(() => done())) }),
    );
    http.once('error', reject);
  });
  const timer = setInterval(tick, TICK_MS);
  const pinging = pingAll(lines);
  return {
    port: listening.info.port,
    close: async () => {
      clearInterval(timer);
      clearInterval(pinging);
      await hangUp();
      const stopped = listening.stop();
      // Whoever does not say goodbye in his turn keeps nobody waiting.
      for (const line of lines.clients) line.terminate();
      await stopped;
      await worker.stop();
      await idle();
      await queue.close();
    },
  };
}

/** Asks on every line whether somebody is there, and cuts those on which nobody answered the last time. */
function pingAll(lines: WebSocketServer): NodeJS.Timeout {
  const silent = new WeakSet<object>();
  return setInterval(() => {
    for (const line of lines.clients) {
      if (silent.has(line)) line.terminate();
      else {
        silent.add(line);
        line.once('pong', () => silent.delete(line));
        line.ping();
      }
    }
  }, PING_MS);
}
