/** A lost database: every table is made anew from blobs and log tiles, and is row by row what it was. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventDocument } from '../../test/support/event-document.ts';
import { keptInspection } from '../../test/support/kept-inspection.ts';
import { storeEngines } from '../../test/support/store-engines.ts';
import { bytesSource, type Instant } from '../bytes/index.ts';
import { makeSigningKey, nodeHash, nodeSigner } from '../platform/node/index.ts';
import { authorisationBytes, formatVerifierKey, logEntry, PAYLOAD_TYPE, signEnvelope } from '../provenance/index.ts';
import { pagesOf } from './copy.ts';
import { keepMasterData } from './custody/master-data.ts';
import { openDatabase } from './database.ts';
import {
  copyIndex,
  createJob,
  entryIndex,
  followLog,
  initLog,
  keepAuthorisation,
  keepCapture,
  keepInspection,
  keepPlace,
  logKey,
  namedQueries,
  openLog,
  openStore,
  rebuild,
  runJob,
  type Store,
} from './index.ts';
import { TABLES } from './tables.ts';

const { describeOn, urlOf } = storeEngines();

let root = '';
const opened: Store[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assay-rebuild-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  rmSync(root, { recursive: true, force: true });
});

const at = (day: number) => `2026-07-0${day}T00:00:00Z` as Instant; // A literal of the type's form.
const signer = nodeSigner(makeSigningKey('ed25519'));
const digest = (n: number) => new Uint8Array(32).fill(n % 251);

async function appendTo(log: string, from: number, count: number) {
  const writer = await openLog(log, signer, { everyMs: 0 });
  await Promise.all(
    Array.from({ length: count }, (_, i) => writer.append(logEntry(i % 2 === 0 ? 'report' : 'reference', digest(from + i)))),
  );
  await writer.close();
}

/** Something in every table. */
async function fill(store: Store, log: string, policy: string) {
  const bytes = new TextEncoder().encode('[ro.product.model]: [Example]\n');
  const capture = await keepCapture(store, {
    trust: 'live',
    origin: 'test',
    takenAt: undefined,
    items: [],
    changes: [],
    claims: [],
    artefacts: [{ name: 'getprop', kind: 'getprop', source: bytesSource(bytes), origin: undefined }],
  } as never); // Only what is kept of it.
  for (let i = 0; i < 12; i++) await keepInspection(store, { ...keptInspection('r', i), capture: i === 0 ? capture : undefined });
  const brand = 'https://id.gs1.org/417/4000000000000';
  const party = 'https://id.gs1.org/417/4000000000017';
  const authorisation = authorisationBytes(nodeHash, {
    format: 'assay.authorisation/1',
    brand,
    party,
    role: 'retailer',
    places: [],
    territories: ['DE'],
    products: [],
    validFrom: at(1),
    validTo: null,
    withdraws: null,
  });
  await keepAuthorisation(store, await signEnvelope(nodeHash, PAYLOAD_TYPE, authorisation, [signer]), { brand, party });
  for (const day of [2, 1, 3])
    await keepPlace(store, {
      format: 'assay.place/1',
      recordedAt: at(day),
      uri: 'https://id.gs1.org/414/4000000000010',
      name: `as of day ${day}`,
      party,
      country: 'DE',
      latitude: 52.5,
      longitude: 13.25,
    });
  const described = {
    type: 'urn:epcglobal:epcis:vtype:Location',
    address: undefined,
    country: undefined,
    latitude: undefined,
    longitude: undefined,
  };
  for (const [day, sender] of [
    [2, null],
    [1, null],
    [3, party],
  ] as const)
    await keepMasterData(
      store,
      [1, 2].map((n) => ({
        ...described,
        uri: `https://id.gs1.org/414/400000000001${n}`,
        name: `said on day ${day}`,
        party: undefined,
        roles: [],
        attributes: [],
        children: [],
      })),
      { now: at(day), sender },
    );
  const ask = (document: Uint8Array, day: number) => createJob(store, document, { now: at(day), behaviour: 'rollback', sender: null });
  for (const i of [5, 1, 4]) await runJob(store, await ask(eventDocument('r', i), 4), { now: at(5), hashIds: 'verify' });
  await runJob(store, await ask(eventDocument('r', 1), 6), { now: at(6), hashIds: 'verify' });
  await ask(eventDocument('r', 9), 7);
  await namedQueries.add(store, 'sales', { EQ_bizStep: ['retail_selling'] }, at(1));
  expect(await namedQueries.add(store, 'sales', {}, at(1))).toBe(false);
  await namedQueries.add(store, 'gone', {}, at(1));
  expect(await namedQueries.remove(store, 'gone')).toBe(true);
  await namedQueries.add(store, 'again', { n: 1 }, at(1));
  await namedQueries.remove(store, 'again');
  await namedQueries.add(store, 'again', { n: 2 }, at(1));
  await initLog(log, 'log.example/one', signer);
  await appendTo(log, 0, 300);
  expect(await followLog(store, { place: log, policy })).toEqual({ origin: 'log.example/one', size: 300, fresh: 300 });
  await appendTo(log, 300, 250);
  expect(await followLog(store, { place: log, policy })).toMatchObject({ size: 550, fresh: 250 });
}

async function rowsOf({ db }: Pick<Store, 'db'>) {
  const rows: Record<string, readonly string[]> = {};
  for (const table of TABLES) {
    const found: string[] = [];
    // Pages of seven, so that every table of more has several.
    for await (const page of pagesOf(db, table, 7)) found.push(...page.map((row) => JSON.stringify(row)));
    rows[table] = found.toSorted();
  }
  return rows;
}

describeOn('a lost database: %s', (engine) => {
  const open = async () => {
    const store = await openStore(join(root, 'store'), urlOf(engine));
    opened.push(store);
    return store;
  };
  const lose = async (store: Store) => {
    if (engine === 'postgres') {
      await sql`drop schema public cascade`.execute(store.db);
      await sql`create schema public`.execute(store.db);
    }
    await store.close();
    opened.splice(opened.indexOf(store), 1);
    if (engine === 'sqlite') for (const end of ['', '-wal', '-shm']) rmSync(join(root, 'store', `index.sqlite${end}`), { force: true });
  };
  beforeEach(async () => lose(await open()));
  const policy = `log ${formatVerifierKey(logKey('log.example/one', signer))}\nquorum none\n`;

  test('every table is what it was, row by row, and copied it is the same', async () => {
    const log = join(root, 'log');
    const store = await open();
    await fill(store, log, policy);
    const before = await rowsOf(store);
    for (const table of TABLES) if (table !== 'custody_subscriptions') expect([table, before[table]?.length]).not.toEqual([table, 0]);
    expect(await entryIndex(store, 'log.example/one', 'reference', '2d'.repeat(32))).toBe(547);
    await lose(store);
    const again = await open();
    expect((await again.db.selectFrom('blobs').selectAll().execute()).length).toBe(0);
    // The log grew meanwhile, and its host deleted what was narrower: the store still knows it as it was.
    await appendTo(log, 550, 300);
    rmSync(join(log, 'tile/entries/002.p'), { recursive: true });
    await rebuild(again);
    expect(await rowsOf(again)).toEqual(before);
    expect(await followLog(again, { place: log, policy })).toMatchObject({ size: 850, fresh: 300 });
    await lose(again);
    const third = await open();
    await rebuild(third);
    expect((await rowsOf(third))['log_entries']).toHaveLength(850);
    const path = join(root, 'copy.sqlite');
    await copyIndex(third, { kind: 'sqlite', path });
    const copied = await openDatabase({ kind: 'sqlite', path });
    expect(await rowsOf({ db: copied })).toEqual(await rowsOf(third));
    await copied.destroy();
  });

  test('a log that forked, or is not there, stops following and rebuilding, and nothing is changed', async () => {
    const log = join(root, 'log');
    const store = await open();
    await initLog(log, 'log.example/one', signer);
    await appendTo(log, 0, 3);
    await followLog(store, { place: log, policy });
    // What follows from no blob is left as it is.
    const subscription = {
      id: 's',
      query: 'q',
      created: at(1),
      sender: 'x',
      dest: 'https://x.example/',
      token: null,
      schedule: null,
      report_if_empty: 0,
      initial: null,
      format: '',
      after_n: 0,
      next_ms: null,
      notified: null,
    };
    await store.db.insertInto('custody_subscriptions').values(subscription).execute();
    await rebuild(store);
    const before = await rowsOf(store);
    expect(before['custody_subscriptions']).toHaveLength(1);
    rmSync(log, { recursive: true });
    await expect(rebuild(store)).rejects.toThrow('ENOENT');
    await initLog(log, 'log.example/one', signer);
    await appendTo(log, 100, 4);
    await expect(followLog(store, { place: log, policy })).rejects.toThrow('is not the log that was followed before, of 3, grown');
    await expect(rebuild(store)).rejects.toThrow(/root that was signed|ENOENT/);
    const stranger = policy.replace('quorum none', `witness w ${'x'}`);
    await expect(followLog(store, { place: log, policy: stranger })).rejects.toThrow();
    expect(await rowsOf(store)).toEqual(before);
  });
});
