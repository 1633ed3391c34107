/** Subscriptions by WebSocket, with a client of `ws` on a real socket. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve, type WebSocketServerLike } from '@hono/node-server';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Instant } from '../../bytes/index.ts';
import { openQueue, type Queue } from '../../jobs/index.ts';
import { toldEvent } from '../../provenance/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import { type CustodyApp, custodyApp, type Sender, serveCustody } from './index.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const senders: readonly [Sender, ...Sender[]] = [
  { name: 'operator', party: null, tokenSha256: sha256('operator'), may: ['capture', 'query'] },
  { name: 'shop', party: 'https://id.gs1.org/417/4000000000006', tokenSha256: sha256('shop'), may: ['capture'] },
];
const CONTEXT = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld';

let folder = '';
let store: Store;
let queue: Queue;
let served: CustodyApp;
let now = '2026-06-01T00:00:30Z' as Instant; // A literal of the type's form.
let port = 0;
let lines = new WebSocketServer({ noServer: true });
let stop: () => Promise<void> = () => Promise.resolve();
let serial = 0;
const clients: WebSocket[] = [];

const serverOf = () => ({ store, senders, now: () => now, hashIds: 'verify' as const, prefixes: [], version: 'test' });
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-live-'));
  store = await openStore(folder, undefined);
  now = '2026-06-01T00:00:30Z' as Instant;
  queue = await openQueue(store);
  served = custodyApp({ ...serverOf(), queue, sendMs: 1500 });
  lines = new WebSocketServer({ noServer: true });
  const server = lines as WebSocketServerLike; // As in serve.ts.
  const http = serve({ fetch: served.app.fetch, port: 0, hostname: '127.0.0.1', websocket: { server } }, (info) => {
    port = info.port;
  });
  await once(http, 'listening');
  stop = async () => {
    await served.hangUp();
    for (const line of lines.clients) line.terminate();
    await new Promise<void>((done) => void http.close(() => done()));
  };
  await post('/queries', { name: 'sales', query: { EQ_bizStep: ['retail_selling'] } });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await stop();
  await served.idle();
  await queue.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const headers = { 'content-type': 'application/json', authorization: 'Bearer operator' };
const post = (path: string, body: unknown) => served.app.request(path, { method: 'POST', body: JSON.stringify(body), headers });
const capture = async (...steps: readonly ('retail_selling' | 'storing')[]) => {
  for (const step of steps) {
    const things = [`https://id.gs1.org/01/04000000000013/21/S${serial++}`];
    const event = toldEvent(step, { at: '2026-05-01T00:00:00Z' as Instant, things, place: 'https://id.gs1.org/414/4000000000013' });
    expect((await post('/events', { '@context': CONTEXT, ...event })).status).toBe(201);
  }
};
interface Told {
  readonly queryName: string;
  readonly subscriptionID: string;
  readonly resultsBody: { readonly eventList: readonly { readonly epcList: readonly string[] }[] };
}
const call = async (
  path: string,
  { as = 'operator', more = {} }: { readonly as?: string; readonly more?: Record<string, string> } = {},
) => {
  const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${as}`, ...more } });
  clients.push(client);
  const told: Told[] = [];
  client.on('message', (data) => {
    if (Buffer.isBuffer(data)) told.push(JSON.parse(data.toString('utf8')).epcisBody.queryResults);
  });
  const closed = new Promise<number>((resolve) => client.once('close', resolve));
  const refused = new Promise<number>((resolve) =>
    client.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0)),
  );
  const answer = await Promise.race([once(client, 'open').then(() => 101), refused]);
  return { client, told, closed, answer, counts: () => told.map(({ resultsBody }) => resultsBody.eventList.length) };
};
const until = (isSo: () => void) => vi.waitFor(isSo, { timeout: 5000, interval: 10 });
const quiet = () => new Promise((resolve) => setTimeout(resolve, 50));

describe('stream', () => {
  test('tells what is captured from now on, each event once, and nothing else', async () => {
    await capture('retail_selling');
    const line = await call('/queries/sales/events?stream=true');
    expect(line.answer).toBe(101);
    await capture('storing');
    await capture('retail_selling');
    await until(() => expect(line.counts()).toEqual([1]));
    expect(line.told[0]).toMatchObject({ queryName: 'sales', subscriptionID: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    await capture('retail_selling', 'retail_selling');
    await until(() => expect(line.counts().reduce((sum, count) => sum + count, 0)).toBe(3));
    served.tick();
    await quiet();
    const things = line.told.flatMap(({ resultsBody }) => resultsBody.eventList.flatMap(({ epcList }) => epcList));
    expect(new Set(things).size).toBe(3);
    expect(things).toHaveLength(3);
  });

  test('initialRecordTime tells what was there, a hundred events at a time', async () => {
    await capture(...Array.from({ length: 130 }, () => 'retail_selling' as const));
    const line = await call('/queries/sales/events?stream=true&initialRecordTime=2026-01-01T00:00:00Z');
    await until(() => expect(line.counts()).toEqual([100, 30]));
    const later = await call('/queries/sales/events?stream=true&initialRecordTime=2027-01-01T00:00:00-06:00');
    await quiet();
    expect(later.counts()).toEqual([]);
  });

  test('one who does not read is cut, and keeps nobody waiting: not the others, not the end of the server', async () => {
    const slow = connect(port, '127.0.0.1');
    slow.on('error', () => undefined);
    slow.pause();
    slow.write(
      `GET /queries/sales/events?stream=true&initialRecordTime=2026-01-01T00:00:00Z HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nAuthorization: Bearer operator\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    // More than the buffers of two sockets hold.
    const things = Array.from({ length: 2000 }, (_, i) => `urn:x:${'y'.repeat(3000)}${i}`);
    const place = 'https://id.gs1.org/414/4000000000013';
    for (let i = 0; i < 3; i++) {
      const event = toldEvent('retail_selling', { at: `2026-05-0${i + 1}T00:00:00Z` as Instant, things, place });
      expect((await post('/events', { '@context': CONTEXT, ...event })).status).toBe(201);
    }
    const line = await call('/queries/sales/events?stream=true');
    await capture('retail_selling');
    await until(() => expect(line.counts()).toEqual([1]));
    await until(() => expect(lines.clients.size).toBe(1));
    const before = performance.now();
    await served.hangUp();
    expect(performance.now() - before).toBeLessThan(5000);
    expect(await line.closed).toBe(1001);
    slow.destroy();
  });
});

describe('by schedule', () => {
  test('tells when it is due, and that there is nothing where that was asked for', async () => {
    const line = await call('/queries/sales/events?minute=5&reportIfEmpty=true');
    const terse = await call('/queries/sales/events?minute=5');
    await capture('retail_selling');
    await quiet();
    expect(line.counts()).toEqual([]);
    now = '2026-06-01T00:05:00Z' as Instant;
    served.tick();
    await until(() => expect([line.counts(), terse.counts()]).toEqual([[1], [1]]));
    served.tick();
    await quiet();
    now = '2026-06-01T01:05:00Z' as Instant;
    served.tick();
    await until(() => expect(line.counts()).toEqual([1, 0]));
    expect(terse.counts()).toEqual([1]);
  });
});

test.each([
  ['neither a stream nor a schedule', '/queries/sales/events', {}, 400],
  ['both', '/queries/sales/events?stream=true&minute=1', {}, 400],
  ['a minute that is none', '/queries/sales/events?minute=61', {}, 400],
  ['a day that never comes', '/queries/sales/events?dayOfMonth=31&month=2', {}, 400],
  ['a stream that reports nothing', '/queries/sales/events?stream=true&reportIfEmpty=true', {}, 400],
  ['a time that is none', '/queries/sales/events?stream=true&initialRecordTime=now', {}, 400],
  ['another form of EPCs', '/queries/sales/events?stream=true', { more: { 'gs1-epc-format': 'Sometimes' } }, 406],
  ['no such query', '/queries/none/events?stream=true', {}, 404],
  ['another address', '/events?stream=true', {}, 400],
  ['one who may only capture', '/queries/sales/events?stream=true', { as: 'shop' }, 403],
  ['nobody', '/queries/sales/events?stream=true', { as: 'guess' }, 401],
] as const)('%s is refused', async (_name, path, about, status) => {
  expect((await call(path, about)).answer).toBe(status);
});

test('what has an order or a count is of one answer, and no stream', async () => {
  await post('/queries', { name: 'few', query: { orderBy: 'eventTime', eventCountLimit: 1 } });
  expect((await call('/queries/few/events?stream=true')).answer).toBe(400);
});

test('a line ends with its query, and is closed by its client', async () => {
  const line = await call('/queries/sales/events?stream=true');
  const other = await call('/queries/sales/events?stream=true');
  other.client.close(1000);
  expect(await other.closed).toBe(1000);
  expect((await served.app.request('/queries/sales', { method: 'DELETE', headers })).status).toBe(204);
  served.tick();
  expect(await line.closed).toBe(1000);
});

test('the server as it is started tells its lines, and says goodbye when it ends', async () => {
  const listening = await serveCustody(serverOf(), { port: 0 });
  port = listening.port;
  const line = await call('/queries/sales/events?stream=true');
  const event = toldEvent('retail_selling', {
    at: '2026-05-09T00:00:00Z' as Instant,
    things: ['https://id.gs1.org/01/04000000000013/21/T1'],
  });
  const at = `http://127.0.0.1:${listening.port}/events`;
  expect((await fetch(at, { method: 'POST', headers, body: JSON.stringify({ '@context': CONTEXT, ...event }) })).status).toBe(201);
  await until(() => expect(line.counts()).toEqual([1]));
  await listening.close();
  expect(await line.closed).toBe(1001);
});

test('mounted where there are no WebSockets, an upgrade is refused by name', async () => {
  const response = await served.app.request('/queries/sales/events?stream=true', { headers: { ...headers, upgrade: 'websocket' } });
  expect([response.status, await response.json()]).toEqual([
    501,
    expect.objectContaining({ title: expect.stringContaining('WebSockets') }),
  ]);
});
