import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Instant } from '../../bytes/index.ts';
import { openQueue, type Queue, type Worker } from '../../jobs/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import {
  associationEvent,
  EVENT_TYPES,
  errorEvent,
  eventHashId,
  eventsOf,
  type JsonObject,
  ownUri,
  readDocument,
  toldEvent,
  VOCABULARIES,
} from '../../provenance/index.ts';
import { createJob, openStore, type Store } from '../../store/index.ts';
import { type CustodyApp, custodyApp, parseSenders, type Sender, serveCustody } from './index.ts';

const now = '2026-06-01T00:00:00Z' as Instant; // A literal of the type's form.
const on = (day: string) => `2026-${day}T12:00:00Z` as Instant;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const SHOP = 'https://id.gs1.org/417/4000000000006';
const sender = (name: string, party: string | null, may: Sender['may']): Sender => ({ name, party, tokenSha256: sha256(name), may });
const senders: readonly [Sender, ...Sender[]] = [
  sender('operator', null, ['capture', 'query']),
  sender('shop', SHOP, ['capture']),
  sender('reader', null, ['query']),
];

let folder = '';
let store: Store;
let queue: Queue;
let worker: Worker;
let served: CustodyApp;
const serverOf = () => ({ store, queue, senders, now: () => now, hashIds: 'verify' as const, prefixes: ['400000'], version: 'assay test' });
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-capture-'));
  store = await openStore(folder, undefined);
  queue = await openQueue(store, { pollMs: 20 });
  served = custodyApp(serverOf());
  worker = await served.work();
});
afterEach(async () => {
  await worker.stop();
  await served.idle();
  await queue.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const CONTEXT = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld';
const phone = (n: number) => `urn:epc:id:sgtin:400000.0000001.S${n}`;
const link = (n: number) => `https://id.gs1.org/01/04000000000013/21/S${n}`;
const sold = (n: number, day = '02-01') =>
  toldEvent('retail_selling', { at: on(day), things: [phone(n)], place: 'urn:epc:id:sgln:400000.000001.0' });
const document = (eventList: readonly JsonObject[]) => ({
  '@context': CONTEXT,
  type: 'EPCISDocument',
  schemaVersion: '2.0',
  creationDate: now,
  epcisBody: { eventList },
});

const ask = (path: string, init: RequestInit & { readonly as?: string } = {}) =>
  served.app.request(path, {
    ...init,
    headers: { authorization: `Bearer ${init.as ?? 'operator'}`, ...(init.headers as Record<string, string> | undefined) },
  }); // Given as objects below.
const post = (path: string, body: unknown, headers: Record<string, string> = {}, as = 'operator') =>
  ask(path, {
    method: 'POST',
    as,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
const eventsIn = async (response: Response): Promise<readonly JsonObject[]> =>
  ((await response.json()) as { epcisBody: { queryResults: { resultsBody: { eventList: JsonObject[] } } } }).epcisBody.queryResults
    .resultsBody.eventList; // The form under test.
const idle = () => vi.waitFor(async () => expect(await queue.open('custody-capture')).toBe(0), { timeout: 10_000, interval: 10 });
const jobAt = async (response: Response) => {
  expect(response.status).toBe(202);
  await idle();
  return (await ask(response.headers.get('location') ?? '')).json();
};
const problem = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return [response.status, ((await response.json()) as { type: string }).type]; // A problem document.
};

describe('capture', () => {
  test('a document is a job, and its events are found', async () => {
    expect(await jobAt(await post('/capture', document([sold(1), sold(2)])))).toMatchObject({
      running: false,
      success: true,
      captureErrorBehaviour: 'rollback',
      errors: [],
    });
    const events = await eventsIn(await ask('/events'));
    expect(events).toMatchObject([
      { epcList: [link(1)], readPoint: { id: 'https://id.gs1.org/414/4000000000013' }, recordTime: '2026-06-01T00:00:00.000Z' },
      { epcList: [link(2)] },
    ]);
    expect(events[0]?.['eventID']).toMatch(/^ni:\/\/\/sha-256;/);
  });

  test('one bad event rejects all with rollback, and itself with proceed; the errors say which and why', async () => {
    const mixed = document([sold(1), { ...sold(2), bizStep: 'shiping' }, sold(3, '12-24')]);
    expect(await jobAt(await post('/capture', mixed))).toMatchObject({
      running: false,
      success: false,
      errors: [
        { status: 400, title: 'invalid', instance: '#/epcisBody/eventList/1/bizStep' },
        { title: 'in-the-future', instance: '#/epcisBody/eventList/2' },
      ],
    });
    expect(await eventsIn(await ask('/events'))).toEqual([]);
    expect(await jobAt(await post('/capture', mixed, { 'GS1-Capture-Error-Behaviour': 'proceed' }))).toMatchObject({
      success: false,
      captureErrorBehaviour: 'proceed',
      errors: { length: 2 },
    });
    expect(await eventsIn(await ask('/events'))).toHaveLength(1);
    expect(await jobAt(await post('/capture', document([sold(1)])))).toMatchObject({
      success: false,
      errors: [{ status: 409, title: 'duplicate' }],
    });
  });

  test('XML is captured too', async () => {
    const xml = `<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" creationDate="2026-02-01T00:00:00Z"><EPCISBody><EventList><ObjectEvent><eventTime>2026-02-01T12:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcList><epc>${phone(1)}</epc></epcList><action>OBSERVE</action></ObjectEvent></EventList></EPCISBody></e:EPCISDocument>`;
    expect(await jobAt(await post('/capture', xml, { 'content-type': 'application/xml' }))).toMatchObject({ success: true });
    expect(await eventsIn(await ask(`/epcs/${encodeURIComponent(link(1))}/events`))).toHaveLength(1);
  });

  test('a single event is created, and created once', async () => {
    const event = {
      '@context': [CONTEXT, { shop: 'https://shop.example/' }],
      ...sold(1),
      eventID: 'urn:uuid:00000000-0000-4000-8000-000000000001',
      'shop:till': 7,
    };
    const created = await post('/events', event);
    expect(created.status).toBe(201);
    const found = await ask(created.headers.get('location') ?? '');
    const named = { '@context': [CONTEXT, { shop: 'https://shop.example/' }], type: 'EPCISQueryDocument' };
    expect(await found.clone().json()).toMatchObject(named);
    expect(await eventsIn(found)).toMatchObject([{ eventID: event.eventID, 'shop:till': 7 }]);
    expect(await problem(await post('/events', event))).toEqual([409, 'epcisException:ResourceAlreadyExistsException']);
    // The same name for another event is a duplicate as well.
    expect(await problem(await post('/events', { ...event, eventTime: on('02-02') }))).toEqual([
      409,
      'epcisException:ResourceAlreadyExistsException',
    ]);
    // That the event is wrong is said under its own name.
    const { '@context': _context, ...told } = event;
    const wrong = { '@context': event['@context'], ...errorEvent(told, { at: on('02-03'), reason: 'did_not_occur', corrective: [] }) };
    expect((await post('/events', wrong)).status).toBe(201);
    expect(await eventsIn(await ask('/events?EXISTS_errorDeclaration='))).toHaveLength(1);
  });

  test('a forged hash ID, and a party that has no part in the event, are refused by name', async () => {
    const forged = await post('/events', { '@context': CONTEXT, ...sold(1), eventID: `ni:///sha-256;${'0'.repeat(64)}?ver=CBV2.0` });
    expect(await forged.clone().text()).toContain('forged-hash-id');
    expect(await problem(forged)).toEqual([400, 'epcisException:ValidationException']);
    expect(await problem(await post('/events', { '@context': CONTEXT, ...sold(1) }, {}, 'shop'))).toEqual([
      403,
      'epcisException:SecurityException',
    ]);
    const own = toldEvent('retail_selling', { at: on('02-01'), things: [phone(1)], place: 'urn:epc:id:sgln:400000.000000.0' });
    expect((await post('/events', { '@context': CONTEXT, ...own }, {}, 'shop')).status).toBe(201);
  });

  test.each<{ what: string; path?: string; body?: string; headers?: Record<string, string>; status: number }>([
    { what: 'another type', headers: { 'content-type': 'text/csv' }, status: 415 },
    { what: 'no JSON', body: '{', status: 400 },
    { what: 'no EPCIS document', status: 400 },
    { what: 'an event without context', path: '/events', body: '{"type":"ObjectEvent"}', status: 400 },
    { what: 'another behaviour', headers: { 'GS1-Capture-Error-Behaviour': 'maybe' }, status: 400 },
    { what: 'more than the limit', headers: { 'content-length': '999999999' }, status: 413 },
  ])('$what is refused', async ({ path = '/capture', body = '{}', headers = {}, status }) => {
    const response = await post(path, body, headers);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
  });

  test('a job that was cut off is run by the next process, and nothing is kept twice', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(document([sold(1), sold(2)])));
    const job = await createJob(store, bytes, { now, behaviour: 'rollback', sender: null });
    expect(await (await ask(`/capture/${job.id}`)).json()).toMatchObject({ running: true, success: true });
    await worker.stop();
    worker = await custodyApp(serverOf()).work();
    await idle();
    expect(await (await ask(`/capture/${job.id}`)).json()).toMatchObject({ running: false, success: true });
    // Cut off after its events were durable and before that was written down.
    await store.db.updateTable('custody_jobs').set({ finished: null, success: null }).execute();
    await worker.stop();
    worker = await custodyApp(serverOf()).work();
    await idle();
    expect(await (await ask(`/capture/${job.id}`)).json()).toMatchObject({ running: false, success: true });
    expect(await eventsIn(await ask('/events'))).toHaveLength(2);
  });

  test('a party sees its own jobs', async () => {
    const response = await post('/capture', document([sold(1)]));
    await idle();
    expect((await ask(response.headers.get('location') ?? '', { as: 'shop' })).status).toBe(404);
    expect(await (await ask('/capture', { as: 'shop' })).json()).toEqual([]);
    expect(await (await ask('/capture')).json()).toHaveLength(1);
  });
});

describe('queries', () => {
  beforeEach(async () => {
    const events = [
      ...Array.from({ length: 7 }, (_, i) => sold(i, `02-0${i + 1}`)),
      toldEvent('shipping', {
        at: on('01-05'),
        things: [phone(1)],
        from: 'urn:epc:id:pgln:400000.000000',
        to: SHOP,
        place: 'https://id.gs1.org/414/4000000000020/254/7',
      }),
      associationEvent(on('01-04'), phone(1), [ownUri('attested', 'serial', 'c0ffee')]),
    ];
    await jobAt(await post('/capture', document(events)));
  });

  test.each([
    ['all', '', 9],
    ['by step', '?EQ_bizStep=retail_selling', 7],
    ['by a step of CBV 1', `?EQ_bizStep=${encodeURIComponent('urn:epcglobal:cbv:bizstep:shipping')}`, 1],
    ['by two steps', '?EQ_bizStep=retail_selling,shipping', 8],
    ['by type', '?eventType=AssociationEvent', 1],
    ['by time', `?GE_eventTime=${on('02-03')}&LT_eventTime=${on('02-05')}`, 2],
    ['by the time of capture', `?GE_recordTime=${on('06-02')}`, 0],
    ['by a thing, whichever way it is written', `?MATCH_epc=${encodeURIComponent(phone(1))}`, 2],
    ['by a thing in any role', `?MATCH_anyEPC=${encodeURIComponent(link(1))}`, 3],
    ['by a parent', `?MATCH_parentID=${encodeURIComponent(link(1))}`, 1],
    ['by an input', `?MATCH_inputEPC=${encodeURIComponent(link(1))}`, 0],
    ['by place', `?EQ_readPoint=${encodeURIComponent('https://example.com/414/4000000000013')}`, 7],
    ['by what is within a place', `?WD_readPoint=${encodeURIComponent('https://id.gs1.org/414/4000000000020')}`, 1],
    ['by source', `?EQ_source_possessing_party=${encodeURIComponent(SHOP)}`, 1],
    ['by destination', `?EQ_destination_possessing_party=${encodeURIComponent('urn:epc:id:pgln:400000.000009')}`, 0],
    ['by disposition', '?EQ_disposition=retail_sold', 7],
    ['no more than', '?orderBy=eventTime&eventCountLimit=4', 4],
    ['by words with a bar between them', `?EQ_bizStep=${encodeURIComponent('retail_selling|shipping')}`, 8],
  ])('%s', async (_name, query, expected) => {
    expect(await eventsIn(await ask(`/events${query}`))).toHaveLength(expected);
  });

  test('fields of the sender’s own are asked for under a prefix that the question declares', async () => {
    const event = { '@context': [CONTEXT, { mine: 'https://shop.example/' }], ...sold(50), 'mine:till': 7 };
    expect((await post('/events', event)).status).toBe(201);
    const count = async (path: string, headers: Record<string, string> = {}) => (await eventsIn(await ask(path, { headers }))).length;
    const mapped = { 'gs1-extensions': 'other=https://other.example/, shop=https://shop.example/' };
    expect(await count('/events?GE_shop:till=7', mapped)).toBe(1);
    expect(await count('/events?GE_other:till=7', mapped)).toBe(0);
    const query = { '@context': [CONTEXT, { s: 'https://shop.example/' }], 'EQ_s:till': 7 };
    expect((await post('/queries', { name: 'till', query })).status).toBe(201);
    expect(await count('/queries/till/events')).toBe(1);
  });

  test('pages follow one another, each event once, and the last promises none', async () => {
    const seen: unknown[] = [];
    let next: string | undefined = '/events?perPage=2&orderBy=eventTime&orderDirection=DESC';
    for (let pages = 0; next !== undefined; pages++) {
      expect(pages).toBeLessThan(6);
      const response: Response = await ask(next);
      seen.push(...(await eventsIn(response)).map((event) => event['eventTime']));
      next = /^<(.+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    }
    expect(seen).toHaveLength(9);
    expect(seen).toEqual(seen.map(String).toSorted().toReversed());
  });

  test('EPCs come as they are asked for', async () => {
    const as = async (format: string) => {
      const response = await ask(`/events?EQ_bizStep=shipping`, { headers: { 'GS1-EPC-Format': format } });
      return response.status === 200 ? (await eventsIn(response))[0] : response.status;
    };
    expect(await as('Always_EPC_URN')).toMatchObject({
      epcList: [phone(1)],
      readPoint: { id: 'urn:epc:id:sgln:400000.000002.7' },
      destinationList: [{ destination: 'urn:epc:id:pgln:400000.000000' }],
    });
    expect(await as('Never_Translates')).toMatchObject({ epcList: [phone(1)], destinationList: [{ destination: SHOP }] });
    expect(await as('Sometimes')).toBe(406);
  });

  test('collections, sub-resources and named queries', async () => {
    const members = async (path: string) => ((await (await ask(path)).json()) as { member: unknown }).member; // A collection.
    expect(await members('/bizSteps?perPage=100')).toEqual(expect.arrayContaining(['assembling', 'retail_selling', 'void_shipping']));
    expect(await members('/eventTypes')).toEqual([...EVENT_TYPES].toSorted());
    expect(await eventsIn(await ask('/bizSteps/retail_selling/events'))).toHaveLength(7);
    expect(
      (await post('/queries', { name: 'sales', query: { EQ_bizStep: ['retail_selling'], orderBy: 'eventTime', eventCountLimit: 3 } }))
        .status,
    ).toBe(201);
    expect(await problem(await post('/queries', { name: 'sales', query: {} }))).toEqual([
      409,
      'epcisException:ResourceAlreadyExistsException',
    ]);
    expect(await (await ask('/queries')).json()).toEqual([
      { name: 'sales', query: { EQ_bizStep: ['retail_selling'], orderBy: 'eventTime', eventCountLimit: 3 } },
    ]);
    expect(await eventsIn(await ask('/queries/sales/events'))).toHaveLength(3);
    expect((await ask('/queries/sales', { method: 'DELETE' })).status).toBe(204);
    expect((await ask('/queries/sales')).status).toBe(404);
  });

  test('what is known is listed page by page, each once, and the last page promises none', async () => {
    const own = { '@context': [CONTEXT, { my: 'https://my.example/' }], ...sold(60), type: 'my:Sale', bizStep: 'https://my.example/step' };
    expect((await post('/events', own)).status).toBe(201);
    for (const [path, expected] of [
      ['/eventTypes', [...EVENT_TYPES, 'my:Sale'].toSorted()],
      ['/bizSteps', [...VOCABULARIES.bizStep.words, 'https://my.example/step'].toSorted()],
      ['/readPoints', ['https://id.gs1.org/414/4000000000013', 'https://id.gs1.org/414/4000000000020/254/7']],
      ['/bizLocations', ['https://id.gs1.org/414/4000000000013', 'https://id.gs1.org/414/4000000000020/254/7']],
      ['/epcs', [...[0, 1, 2, 3, 4, 5, 6].map(link), ownUri('attested', 'serial', 'c0ffee'), link(60)]],
    ] as const)
      for (const perPage of [1, 4, 100]) {
        const seen: string[] = [];
        let next: string | undefined = `${path}?perPage=${perPage}`;
        for (let pages = 0; next !== undefined && pages < 60; pages++) {
          const response: Response = await ask(next);
          const page = ((await response.json()) as { member: string[] }).member; // A collection.
          expect(page.length).toBeGreaterThan(0);
          expect(page.length).toBeLessThanOrEqual(perPage);
          seen.push(...page);
          next = /^<(.+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
        }
        expect([path, perPage, seen]).toEqual([path, perPage, expected]);
      }
    const urns = await ask('/epcs?perPage=2', { headers: { 'GS1-EPC-Format': 'Always_EPC_URN' } });
    expect(await urns.json()).toMatchObject({ type: 'Collection', member: [phone(0), phone(1)] });
    expect((await ask('/epcs?nextPageToken=x')).status).toBe(400);
  });

  test.each([
    [200, `/epcs/${encodeURIComponent(phone(1))}`],
    [404, `/epcs/${encodeURIComponent(phone(99))}`],
    [200, '/bizSteps/loading'],
    [404, '/bizSteps/shiping'],
    [200, '/eventTypes/TransactionEvent'],
    [404, '/eventTypes/SaleEvent'],
    [200, `/readPoints/${encodeURIComponent('urn:epc:id:sgln:400000.000002.7')}`],
    [404, `/bizLocations/${encodeURIComponent('urn:epc:id:sgln:400000.000003.0')}`],
  ])('%i for %s', async (status, path) => {
    const response = await ask(path);
    expect(response.status).toBe(status);
    if (status === 200) expect(await response.json()).toMatchObject({ type: 'Collection', member: ['events'] });
  });

  test.each([
    [200, { 'GS1-EPCIS-Min': '1.2', 'GS1-EPCIS-Max': '2.0' }],
    [200, { 'GS1-CBV-Min': '2.0.0', 'GS1-CBV-Max': '3' }],
    [406, { 'GS1-EPCIS-Min': '2.1' }],
    [406, { 'GS1-EPCIS-Max': '1.2' }],
    [406, { 'GS1-CBV-Min': '2.0.1' }],
    [406, { 'GS1-CBV-Max': 'old' }],
  ])('%i for a client that asks for the versions %j', async (status, headers) => {
    expect((await ask('/events', { headers })).status).toBe(status);
  });

  test.each([
    ['a parameter that is not read', '/events?EQ_colour=red', 400, 'QueryParameterException'],
    ['a prototype as a parameter', '/events?constructor=1', 400, 'QueryParameterException'],
    ['a time that is none', '/events?GE_eventTime=yesterday', 400, 'QueryParameterException'],
    ['a token of nobody', '/events?nextPageToken=x', 400, 'QueryParameterException'],
    ['more than were wanted', '/events?maxEventCount=3', 413, 'QueryTooLargeException'],
    ['the first of no order', '/events?eventCountLimit=3', 400, 'QueryParameterException'],
    ['a prefix that nobody declared', '/events?EQ_shop:till=7', 400, 'QueryParameterException'],
    ['an address that is too long', `/events?EQ_eventID=${'x'.repeat(9000)}`, 414, 'URITooLongException'],
    ['a thing that is not here', '/events/urn:x:y', 404, 'NoSuchResourceException'],
    ['a place that is not here', '/nowhere', 404, 'NoSuchResourceException'],
    ['a subscription to no query', '/queries/x/subscriptions', 404, 'NoSuchResourceException'],
  ])('%s', async (_name, path, status, type) => {
    expect(await problem(await ask(path))).toEqual([status, `epcisException:${type}`]);
  });

  test('events come as XML where that is asked for, with the words of the CBV in the form asked for, and nothing else does', async () => {
    const xml = (path: string, headers: Record<string, string> = {}) => ask(path, { headers: { accept: 'application/xml', ...headers } });
    const response = await xml('/events?perPage=3');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/xml']);
    expect(response.headers.get('link')).toContain('rel="next"');
    const { events } = eventsOf(readDocument(new Uint8Array(await response.arrayBuffer())));
    const asJson = await eventsIn(await ask('/events?perPage=3'));
    expect(events.map(({ body }) => body['eventID'])).toEqual(asJson.map((event) => event['eventID']));
    // The IDs are hashes of what was captured, and the XML says the same.
    expect(events.map((event) => eventHashId(nodeHash, event))).toEqual(asJson.map((event) => event['eventID']));
    const step = async (headers: Record<string, string>) =>
      /<bizStep>(.*?)<\/bizStep>/.exec(await (await xml('/events', headers)).text())?.[1];
    expect(await step({})).toMatch(/^https:\/\/ref\.gs1\.org\/cbv\/BizStep-/);
    expect(await step({ 'gs1-cbv-xml-format': 'Always_URN' })).toMatch(/^urn:epcglobal:cbv:bizstep:/);
    expect((await xml('/events', { 'gs1-cbv-xml-format': 'Roman' })).status).toBe(406);
    expect((await xml('/bizSteps/shipping/events')).headers.get('content-type')).toBe('application/xml');
    expect((await xml('/bizSteps')).status).toBe(406);
    for (const [accept, type] of [
      ['application/xml;q=0.5, application/json', 'application/json'],
      ['application/xml, application/json;q=0.5', 'application/xml'],
      ['text/html, */*', 'application/json'],
    ] as const)
      expect((await ask('/events', { headers: { accept } })).headers.get('content-type')).toBe(type);
    expect((await ask('/events', { headers: { accept: 'text/html' } })).status).toBe(406);
  });
});

describe('the door', () => {
  test.each([
    ['nobody', undefined, '/events', 401],
    ['a wrong token', 'Bearer guess', '/events', 401],
    ['one who may only capture', 'Bearer shop', '/events', 403],
    ['one who may only ask', 'Bearer reader', '/capture', 403],
  ])('%s is refused', async (_name, authorization, path, status) => {
    const response = await served.app.request(path, authorization === undefined ? {} : { headers: { authorization } });
    expect(await problem(response)).toEqual([status, 'epcisException:SecurityException']);
  });

  test('says what it can', async () => {
    const response = await ask('/capture', { method: 'OPTIONS' });
    expect(response.status).toBe(204);
    expect(response.headers.get('gs1-epcis-version')).toBe('2.0.0');
    expect(response.headers.get('gs1-epcis-capture-limit')).toBe('100000');
    expect(response.headers.get('allow')).toContain('POST');
  });

  test.each([
    ['/events', 'OPTIONS, GET, POST'],
    ['/queries', 'OPTIONS, GET, POST'],
    ['/queries/q', 'OPTIONS, GET, DELETE'],
    ['/queries/q/events', 'OPTIONS, GET'],
    ['/queries/q/subscriptions', 'OPTIONS, GET, POST'],
    ['/queries/q/subscriptions/1', 'OPTIONS, GET, DELETE'],
    ['/bizSteps/shipping/events', 'OPTIONS, GET'],
  ])('%s can be asked by %s', async (path, allow) => {
    expect((await ask(path, { method: 'OPTIONS' })).headers.get('allow')).toBe(allow);
  });

  test('a list of no senders is an error', () => {
    expect(() => parseSenders('{"format":"assay.custody-senders/1","senders":[]}')).toThrow();
  });
});

test('over a real socket it is the same', async () => {
  const listening = await serveCustody(serverOf(), { port: 0 });
  try {
    const at = `http://127.0.0.1:${listening.port}`;
    const headers = { authorization: 'Bearer operator', 'content-type': 'application/json' };
    const created = await fetch(`${at}/capture`, { method: 'POST', headers, body: JSON.stringify(document([sold(1)])) });
    expect(created.status).toBe(202);
    const job = async () => (await (await fetch(at + (created.headers.get('location') ?? ''), { headers })).json()) as { running: boolean };
    while ((await job()).running);
    expect(await eventsIn(await fetch(`${at}/events`, { headers }))).toHaveLength(1);
    const big = await fetch(`${at}/capture`, { method: 'POST', headers, body: 'x'.repeat(1 << 20) });
    expect(big.status).toBe(400);
  } finally {
    await listening.close();
  }
});
