import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptInspection } from '../../test/support/kept-inspection.ts';
import { type Engine, storeEngines } from '../../test/support/store-engines.ts';
import { copyIndex, counts, historyOf, keepInspection, openStore, rebuild, type Store } from './index.ts';

const keeper = join(import.meta.dirname, '../../test/support/keep.ts');
const { describeOn, hasPostgres, urlOf } = storeEngines();

let folder = '';
const opened: Store[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-store-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function openAs(engine: Engine) {
  const store = await openStore(folder, urlOf(engine));
  opened.push(store);
  return store;
}

/** A PostgreSQL without tables, as it is at first. */
async function emptied(engine: Engine) {
  if (engine === 'sqlite') return;
  const { db, close } = await openStore(folder, urlOf('postgres'));
  await sql`drop schema public cascade`.execute(db);
  await sql`create schema public`.execute(db);
  await close();
}

const start = (name: string, count: number, url?: string): ChildProcess =>
  spawn(process.execPath, [keeper, folder, name, String(count), ...(url === undefined ? [] : [url])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** What a process said, when it has ended. A last line without its end was never said. */
async function saidBy(child: ChildProcess): Promise<readonly string[]> {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await new Promise((resolve) => child.once('close', resolve));
  return text.split('\n').slice(0, -1);
}

describeOn('the store on %s', (engine) => {
  beforeEach(() => emptied(engine));
  const url = () => urlOf(engine);

  test('an inspection is kept once, and found by an identifier that it shares', async () => {
    const store = await openAs(engine);
    const first = await keepInspection(store, keptInspection('a', 3));
    expect(await keepInspection(store, keptInspection('a', 3))).toBe(first);
    await keepInspection(store, keptInspection('a', 13));
    await keepInspection(store, keptInspection('a', 4));
    expect(await counts(store.db)).toMatchObject({ blobs: 6, inspections: 3, sightings: 6, custody_events: 0 });
    const { sightings } = await historyOf(store, { imeis: ['000000000000003'], serials: [] });
    expect(sightings.map(({ source }) => source).toSorted()).toEqual(['a-13', 'a-3']);
    expect(await historyOf(store, { imeis: ['000000000000003'], serials: ['a4'] })).toMatchObject({ sightings: { length: 3 } });
    expect(await historyOf(store, { imeis: [], serials: [] })).toEqual({ sightings: [] });
  });

  test('what a secure world swore to is kept, and found by attested numbers and by the key that signed', async () => {
    const store = await openAs(engine);
    const plain = keptInspection('a', 1);
    const attested = [
      {
        issuerKey: 'aa'.repeat(32),
        brand: 'google',
        ids: ['serial s1', 'imei 49015420323751'],
        securityLevel: 'TRUSTED_ENVIRONMENT' as const,
        attestationVersion: 300,
        verifiedBootState: 'VERIFIED',
        verifiedBootKey: undefined,
        osVersion: 150_000,
        osPatchLevel: 202_505,
        vendorPatchLevel: undefined,
        bootPatchLevel: undefined,
      },
    ];
    const rollback = [['anti', '4']] as const;
    await keepInspection(store, { ...plain, sighting: { ...plain.sighting, rollback, attested } });
    expect((await historyOf(store, { imeis: ['49015420323751'], serials: [] })).sightings).toMatchObject([{ rollback }]);
    const find = async (wanted: Parameters<typeof historyOf>[1]) => (await historyOf(store, wanted)).sightings.map((seen) => seen.attested);
    const none = { imeis: [], serials: [] };
    expect(await find({ imeis: ['49015420323751'], serials: [] })).toEqual([attested]);
    expect(await find({ imeis: [], serials: ['s1'] })).toEqual([attested]);
    const [own] = attested;
    if (own === undefined) throw new Error('none');
    expect(await find({ ...none, attested: [{ ...own, ids: ['serial other'] }] })).toEqual([attested]);
    expect(await find({ ...none, attested: [{ ...own, ids: ['serial s1'], issuerKey: 'bb'.repeat(32) }] })).toEqual([attested]);
    expect(await find({ ...none, attested: [{ ...own, ids: ['serial other'], issuerKey: 'bb'.repeat(32) }] })).toEqual([]);
  });

  test('no identifier stands in the index in the clear', async () => {
    const store = await openAs(engine);
    await keepInspection(store, keptInspection('serial-of-somebody', 3));
    for (const table of ['inspections', 'sightings', 'blobs'] as const)
      expect(JSON.stringify(await store.db.selectFrom(table).selectAll().execute())).not.toMatch(/serial-of-somebody|000000000000003/);
  });

  test('the index is rebuilt from the blobs, row by row the same', async () => {
    const store = await openAs(engine);
    for (let i = 0; i < 12; i++) await keepInspection(store, keptInspection('r', i));
    const rows = async () => [
      await store.db.selectFrom('blobs').selectAll().orderBy('kind').orderBy('sha256').execute(),
      await store.db.selectFrom('inspections').selectAll().orderBy('record').execute(),
      await store.db.selectFrom('sightings').selectAll().orderBy('record').orderBy('hash').execute(),
    ];
    const before = await rows();
    await store.db.deleteFrom('sightings').execute();
    await rebuild(store);
    expect(await rows()).toEqual(before);
  });

  test('a record with other bytes than its name says stops the rebuilding, and nothing is changed', async () => {
    const store = await openAs(engine);
    const record = await keepInspection(store, keptInspection('x', 1));
    writeFileSync(join(folder, 'blobs', 'inspection', record.slice(0, 2), record), '{}');
    await expect(rebuild(store)).rejects.toThrow('has other bytes than its name says');
    expect((await counts(store.db)).inspections).toBe(1);
  });

  test('two processes on one store lose nothing', async () => {
    const said = await Promise.all([saidBy(start('one', 60, url())), saidBy(start('two', 60, url()))]);
    expect(said.map(({ length }) => length)).toEqual([60, 60]);
    const store = await openAs(engine);
    const rows = await store.db.selectFrom('inspections').select('record').execute();
    expect(new Set(rows.map(({ record }) => record))).toEqual(new Set(said.flat()));
    expect(await counts(store.db)).toEqual(await rebuild(store));
  });

  test('killed at random moments, it has all that was acknowledged and nothing half-written', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 4; round++) {
      const child = start(`k${round}`, 100_000, url());
      const said = saidBy(child);
      await new Promise((resolve) => child.stdout?.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, randomInt(150)));
      child.kill('SIGKILL');
      acknowledged.push(...(await said));
    }
    const store = await openAs(engine);
    const kept = new Set((await store.db.selectFrom('inspections').select('record').execute()).map(({ record }) => record));
    expect(acknowledged.filter((record) => !kept.has(record))).toEqual([]);
    const before = await counts(store.db);
    const after = await rebuild(store);
    // What was durable and not yet acknowledged may come to light; nothing goes away.
    expect(after.inspections - before.inspections).toBeLessThanOrEqual(4);
    expect(after.inspections).toBeGreaterThanOrEqual(before.inspections);
  });

  test('a store of a newer version is refused', async () => {
    const store = await openAs(engine);
    await store.db.insertInto('migrations').values({ name: '9999-future' }).execute();
    await expect(openStore(folder, url())).rejects.toThrow('newer assay: it has the migration 9999-future');
    await store.db.deleteFrom('migrations').where('name', '=', '9999-future').execute();
  });
});

test.skipIf(!hasPostgres)(
  'an index is copied from SQLite to PostgreSQL and back, and never onto rows (skipped where PostgreSQL is not installed)',
  async () => {
    await emptied('postgres');
    const store = await openAs('sqlite');
    for (let i = 0; i < 5; i++) await keepInspection(store, keptInspection('c', i));
    const url = urlOf('postgres') ?? '';
    expect(await copyIndex(store, { kind: 'postgres', url })).toEqual(await counts(store.db));
    await expect(copyIndex(store, { kind: 'postgres', url })).rejects.toThrow('already holds blobs');
    const postgres = await openAs('postgres');
    const back = join(folder, 'back.sqlite');
    expect(await copyIndex(postgres, { kind: 'sqlite', path: back })).toEqual(await counts(store.db));
    expect((await historyOf(postgres, { imeis: [], serials: ['c2'] })).sightings.map(({ source }) => source)).toEqual(['c-2']);
  },
);

test('the key is made once, for its owner only, and a cut one is refused', async () => {
  await openAs('sqlite');
  const key = readFileSync(join(folder, 'key'));
  await openAs('sqlite');
  expect(readFileSync(join(folder, 'key'))).toEqual(key);
  expect(readdirSync(folder).filter((name) => name.startsWith('.key'))).toEqual([]);
  writeFileSync(join(folder, 'key'), key.subarray(1));
  await expect(openStore(folder, undefined)).rejects.toThrow("has 31 bytes; a store's key has 32");
});

test('a database that has no room says so, whichever statement it stopped, and holds what it held', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-full-'));
  const store = await openStore(folder, undefined);
  try {
    await keepInspection(store, keptInspection('a', 0));
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(store.db);
    await sql.raw(`pragma max_page_count = ${rows[0]?.page_count}`).execute(store.db);
    const fill = store.db.transaction().execute(async (transaction) => {
      for (let i = 0; i < 1000; i++)
        await transaction
          .insertInto('blobs')
          .values({ kind: 'report', sha256: `${i}`.padStart(64, '0'), bytes: i })
          .execute();
    });
    await expect(fill).rejects.toThrow('database or disk is full');
    expect(await counts(store.db)).toMatchObject({ inspections: 1, blobs: 2 });
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a place where no database can be is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-nowhere-'));
  try {
    mkdirSync(join(folder, 'index.sqlite'));
    await expect(openStore(folder, undefined)).rejects.toThrow(`${join(folder, 'index.sqlite')}: unable to open database file`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a store whose key is gone is refused and not given another in silence; rebuilt it is found under a new one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-keyless-'));
  try {
    const first = await openStore(folder, undefined);
    await keepInspection(first, keptInspection('a', 0));
    await first.close();
    rmSync(join(folder, 'key'));
    await expect(openStore(folder, undefined)).rejects.toThrow('is gone: put it back');
    expect(readdirSync(folder)).not.toContain('key');
    const store = await openStore(folder, undefined, { newKey: true });
    await rebuild(store);
    expect((await historyOf(store, { imeis: [], serials: ['a0'] })).sightings).toHaveLength(1);
    await store.close();
    await (await openStore(folder, undefined)).close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
