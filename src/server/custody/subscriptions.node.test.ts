import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Instant } from '../../bytes/index.ts';
import { openQueue, type Queue } from '../../jobs/index.ts';
import { toldEvent } from '../../provenance/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import { type CustodyApp, custodyApp, parseSenders, type Sender } from './index.ts';
import { postTo } from './subscriptions.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const DEST = 'https://client.example/told';
const senders: readonly [Sender, ...Sender[]] = [
  { name: 'operator', party: null, tokenSha256: sha256('operator'), may: ['capture', 'query'], targets: [DEST] },
  {
    name: 'other',
    party: 'https://id.gs1.org/417/4000000000006',
    tokenSha256: sha256('other'),
    may: ['query'],
    targets: ['https://other.example/'],
  },
];
const CONTEXT = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld';
const SECRET = '13df38d8275b13f05704629e5f1cf3d45d6132d5';

let folder = '';
let store: Store;
let queue: Queue;
let served: CustodyApp;
let now = '2026-06-01T00:00:30Z' as Instant; // A literal of the type's form.
let sent: { readonly dest: string; readonly body: string; readonly headers: Readonly<Record<string, string>> }[] = [];
let answers: (number | Error)[] = [];
let serial = 0;

const appOf = (list = senders) =>
  custodyApp({
    store,
    queue,
    senders: list,
    now: () => now,
    hashIds: 'verify',
    prefixes: [],
    version: 'test',
    send: async (dest, body, headers) => {
      const answer = answers.shift() ?? 200;
      if (answer instanceof Error) throw answer;
      sent.push({ dest, body, headers });
      return answer;
    },
  });
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-told-'));
  store = await openStore(folder, undefined);
  [now, sent, answers] = ['2026-06-01T00:00:30Z' as Instant, [], []];
  queue = await openQueue(store);
  served = appOf();
  await post('/queries', { name: 'sales', query: { EQ_bizStep: 'retail_selling' } });
});
afterEach(async () => {
  await served.idle();
  await queue.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (path: string, init: RequestInit = {}, as = 'operator') =>
  served.app.request(path, { ...init, headers: { 'content-type': 'application/json', authorization: `Bearer ${as}` } });
const post = (path: string, body: unknown, as = 'operator') => ask(path, { method: 'POST', body: JSON.stringify(body) }, as);
const subscribe = (body: object, as = 'operator') => post('/queries/sales/subscriptions', body, as);
const capture = async (...steps: readonly ('retail_selling' | 'storing')[]) => {
  for (const [i, step] of steps.entries()) {
    const things = [`https://id.gs1.org/01/04000000000013/21/S${serial++}`];
    const event = toldEvent(step, { at: `2026-05-0${i + 1}T00:00:00Z` as Instant, things, place: 'https://id.gs1.org/414/4000000000013' });
    expect((await post('/events', { '@context': CONTEXT, ...event })).status).toBe(201);
  }
  await served.idle();
};
const counts = () => sent.map(({ body }) => JSON.parse(body).epcisBody.queryResults.resultsBody.eventList.length);

describe('stream', () => {
  test('new events of the query are sent once, signed, and none that came before', async () => {
    await capture('retail_selling');
    const made = await subscribe({ dest: DEST, signatureToken: SECRET, stream: true });
    expect(made.status).toBe(201);
    const subscription = await made.json();
    expect(JSON.stringify(subscription)).not.toContain(SECRET);
    expect(subscription).toMatchObject({ dest: DEST, stream: true, createdAt: now });
    await capture('storing');
    expect(sent).toEqual([]);
    await capture('retail_selling');
    const [one] = sent;
    expect(sent).toHaveLength(1);
    expect(JSON.parse(one?.body ?? '')).toMatchObject({
      type: 'EPCISQueryDocument',
      epcisBody: {
        queryResults: {
          queryName: 'sales',
          subscriptionID: subscription.subscriptionID,
          resultsBody: { eventList: [{ bizStep: 'retail_selling' }] },
        },
      },
    });
    expect(one?.headers['GS1-Signature']).toBe(
      `sha256=${createHmac('sha256', SECRET)
        .update(one?.body ?? '')
        .digest('hex')}`,
    );
    const shown = await (await ask(made.headers.get('location') ?? '')).json();
    expect(shown).toMatchObject({ lastNotifiedAt: now });
    served.tick();
    await served.idle();
    expect(sent).toHaveLength(1);
  });
  test('of several servers of one store one tells a subscriber, and another where that one died at it', async () => {
    await subscribe({ dest: DEST, stream: true });
    const others = [appOf(), appOf()];
    await capture('retail_selling', 'retail_selling', 'retail_selling');
    await Promise.all(
      [served, ...others].map(async (one) => {
        one.tick();
        await one.idle();
      }),
    );
    expect(counts().reduce((sum, count) => sum + count, 0)).toBe(3);
    // Died: what it held is held by it until its time is over.
    const dead = { holder: 'dead', held_until_ms: Date.parse('2026-06-01T00:01:00Z') };
    await store.db.updateTable('custody_subscriptions').set(dead).execute();
    await capture('retail_selling');
    expect(counts().reduce((sum, count) => sum + count, 0)).toBe(3);
    now = '2026-06-01T00:01:00Z' as Instant;
    others[0]?.tick();
    await others[0]?.idle();
    expect(counts().reduce((sum, count) => sum + count, 0)).toBe(4);
  });
  test('what the query itself asks of the time of capture is not widened by initialRecordTime', async () => {
    await capture('retail_selling');
    now = '2026-06-02T00:00:00Z' as Instant;
    await post('/queries', { name: 'late', query: { GE_recordTime: '2026-06-01T20:00:00-04:00' } });
    await post('/queries/late/subscriptions', { dest: DEST, stream: true, initialRecordTime: '2026-01-01T00:00:00Z' });
    await capture('retail_selling');
    expect(counts()).toEqual([1]);
  });
  test('initialRecordTime sends what was there, in parts that the subscriber takes', async () => {
    await capture('retail_selling', 'retail_selling', 'retail_selling');
    answers = [413];
    await subscribe({ dest: DEST, stream: true, initialRecordTime: '2026-01-01T00:00:00Z' });
    served.tick();
    await served.idle();
    expect(counts()).toEqual([3, 3]);
  });
  test('what was not taken is sent again, later each time, also after a restart', async () => {
    await subscribe({ dest: DEST, stream: true });
    answers = [new Error('refused'), 500];
    await capture('retail_selling');
    expect(sent).toEqual([]);
    served.tick();
    await served.idle();
    expect(sent).toEqual([]);
    now = '2026-06-01T00:00:32Z' as Instant;
    served.tick();
    await served.idle();
    expect(sent).toHaveLength(1);
    served = appOf();
    served.tick();
    await served.idle();
    expect(counts()).toEqual([1, 1]);
  });
});

describe('schedule', () => {
  test('events wait for their time, and an empty report comes only where it was asked for', async () => {
    await subscribe({ dest: DEST, schedule: { minute: '5' }, reportIfEmpty: true });
    await subscribe({ dest: DEST, schedule: { minute: '5' } });
    await capture('retail_selling', 'retail_selling');
    expect(sent).toEqual([]);
    now = '2026-06-01T00:05:00Z' as Instant;
    served.tick();
    await served.idle();
    expect(counts()).toEqual([2, 2]);
    served.tick();
    await served.idle();
    expect(sent).toHaveLength(2);
    now = '2026-06-01T01:05:01Z' as Instant;
    served.tick();
    await served.idle();
    expect(counts()).toEqual([2, 2, 0]);
  });
});

describe('refused', () => {
  test.each([
    ['another address than the operator wrote down', { dest: 'http://169.254.169.254/latest', stream: true }, 403],
    ['the same with a path more', { dest: `${DEST}/x`, stream: true }, 403],
    ['another sender’s', { dest: 'https://other.example/', stream: true }, 403],
    ['neither stream nor schedule', { dest: DEST }, 400],
    ['both', { dest: DEST, stream: true, schedule: { hour: '1' } }, 400],
    ['a schedule that is none', { dest: DEST, schedule: { hour: '25' } }, 400],
    ['a day that never comes', { dest: DEST, schedule: { dayOfMonth: '31', month: '2' } }, 400],
    ['a secret that can be guessed', { dest: DEST, stream: true, signatureToken: 'x' }, 400],
    ['a field of nobody', { dest: DEST, stream: true, secret: 'x' }, 400],
  ])('%s', async (_what, body, status) => {
    const response = await subscribe(body);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
  });
  test('a query of one answer, a query of nobody, and somebody else’s subscription', async () => {
    await post('/queries', { name: 'few', query: { orderBy: 'eventTime', eventCountLimit: 3 } });
    expect((await post('/queries/few/subscriptions', { dest: DEST, stream: true })).status).toBe(400);
    expect((await post('/queries/none/subscriptions', { dest: DEST, stream: true })).status).toBe(404);
    const at = (await subscribe({ dest: DEST, stream: true })).headers.get('location') ?? '';
    expect((await ask(at, {}, 'other')).status).toBe(404);
    expect(await (await ask('/queries/sales/subscriptions', {}, 'other')).json()).toEqual([]);
    expect((await ask(at, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(at)).status).toBe(404);
  });
  test('a target that was struck off is told nothing more, and subscriptions go with their query', async () => {
    await subscribe({ dest: DEST, stream: true });
    const [{ targets: _targets, ...operator }, other] = senders as readonly [Sender, Sender]; // The two above.
    served = appOf([operator, other]);
    await capture('retail_selling');
    expect(sent).toEqual([]);
    await ask('/queries/sales', { method: 'DELETE' });
    await post('/queries', { name: 'sales', query: {} });
    expect(await (await ask('/queries/sales/subscriptions')).json()).toEqual([]);
  });
  test('targets are addresses', () => {
    const list = (target: string) =>
      JSON.stringify({
        format: 'assay.custody-senders/1',
        senders: [{ name: 'a', party: null, tokenSha256: '0'.repeat(64), may: [], targets: [target] }],
      });
    expect(() => parseSenders(list('file:///etc/passwd'))).toThrow();
    expect(parseSenders(list(DEST))[0].targets).toEqual([DEST]);
  });
});

test('over the network: the body arrives, and a redirect is not followed', async () => {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    if (request.url === '/there') response.writeHead(302, { location: '/elsewhere' }).end();
    else request.resume().on('end', () => response.writeHead(200).end('x'.repeat(1000)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on a port.
  try {
    expect(await postTo(`http://127.0.0.1:${port}/`, '{}', {})).toBe(200);
    await expect(postTo(`http://127.0.0.1:${port}/there`, '{}', {})).rejects.toThrow();
    expect(asked).toBe(2);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
