import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { killImports } from '../../../test/support/kill-imports.ts';
import { storeEngines } from '../../../test/support/store-engines.ts';
import type { Instant } from '../../bytes/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import {
  type Admitted,
  aggregationEvent,
  associationEvent,
  errorEvent,
  type JsonObject,
  judgeEvent,
  ownUri,
  type Rules,
  toldEvent,
} from '../../provenance/index.ts';
import {
  type Behaviour,
  copyIndex,
  counts,
  custodyPath,
  keepEvents,
  keepPlace,
  openStore,
  placesOf,
  rebuild,
  type Store,
} from '../index.ts';
import { hashedName } from './read.ts';

const { describeOn, hasPostgres, urlOf } = storeEngines();

let folder = '';
const opened: Store[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-custody-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  rmSync(folder, { recursive: true, force: true });
});

const now = '2026-06-01T00:00:00Z' as Instant; // A literal of the type's form.
const on = (day: string) => `2026-${day}T12:00:00Z` as Instant;
const rules: Rules = { hash: nodeHash, now, hashIds: 'verify', sender: { kind: 'operator' }, places: new Map() };
const admitted = (bodies: readonly JsonObject[]): readonly Admitted[] =>
  bodies.map((body, i) => {
    const judged = judgeEvent(body, `/${i}`, rules);
    if ('name' in judged) throw new Error(`${judged.name}: ${judged.because}`);
    return judged;
  });
const keep = (store: Store, bodies: readonly JsonObject[], behaviour: Behaviour = 'rollback') =>
  keepEvents(store, admitted(bodies), { capturedAt: now, sender: null, behaviour });

const phone = (n: number) => `https://id.gs1.org/01/04000000000016/21/S${n}`;
const box = (n: number) => `https://id.gs1.org/00/${String(n).padStart(18, '0')}`;
const CHIP = ownUri('attested', 'serial', 'c0ffee42');
const party = (n: number) => `https://id.gs1.org/417/400000000000${n}`;
const events = [
  toldEvent('commissioning', { at: on('01-10'), things: [phone(1)], to: party(1), place: 'https://id.gs1.org/414/4000000000010' }),
  associationEvent(on('01-11'), phone(1), [CHIP]),
  aggregationEvent(on('01-12'), box(1), [phone(1), phone(2)]),
  toldEvent('shipping', { at: on('01-13'), things: [box(1)], from: party(1), to: party(2), place: 'https://id.gs1.org/414/4000000000010' }),
  toldEvent('receiving', {
    at: on('01-20'),
    things: [box(1)],
    from: party(1),
    to: party(2),
    place: 'https://id.gs1.org/414/4000000000027',
  }),
];

describeOn('custody in the store on %s', (engine) => {
  const open = async () => {
    const store = await openStore(folder, urlOf(engine));
    opened.push(store);
    return store;
  };
  beforeEach(async () => {
    if (engine === 'sqlite') return;
    const { db, close } = await openStore(folder, urlOf('postgres'));
    await sql`drop schema public cascade`.execute(db);
    await sql`create schema public`.execute(db);
    await close();
  });

  test('a phone’s path is found by any of its names, through the boxes it was in', async () => {
    const store = await open();
    expect(await keep(store, events)).toEqual({ kept: 5, refused: [] });
    for (const name of [phone(1), CHIP]) {
      const path = await custodyPath(store, [name]);
      expect(path).toMatchObject({
        answer: 'unproven',
        boundTo: { uri: CHIP },
        stays: [{ custodian: party(1) }, { custodian: party(2) }],
      });
    }
    expect((await custodyPath(store, [phone(3)])).stays).toEqual([]);
  });

  test('a duplicate refuses all of a capture that rolls back, and itself of one that proceeds', async () => {
    const store = await open();
    await keep(store, events.slice(0, 2));
    expect(await keep(store, events)).toMatchObject({
      kept: 0,
      refused: [
        { name: 'duplicate', at: '/0' },
        { name: 'duplicate', at: '/1' },
      ],
    });
    expect((await counts(store.db)).custody_events).toBe(2);
    expect(await keep(store, events, 'proceed')).toMatchObject({ kept: 3, refused: [{ at: '/0' }, { at: '/1' }] });
    expect((await counts(store.db)).custody_events).toBe(5);
  });

  test('what was declared wrong says nothing any more, and the declaration is no duplicate', async () => {
    const store = await open();
    await keep(store, events);
    const [, , , , received] = events;
    if (received === undefined) throw new Error('no event');
    expect(await keep(store, [errorEvent(received, { at: on('02-01'), reason: 'did_not_occur', corrective: [] })])).toMatchObject({
      kept: 1,
    });
    expect((await custodyPath(store, [phone(1)])).stays).toHaveLength(1);
  });

  test('boxes in a circle are refused by name, in one capture or over several', async () => {
    const store = await open();
    await keep(store, [aggregationEvent(on('01-10'), box(2), [box(1)]), aggregationEvent(on('01-11'), box(3), [box(2)])]);
    expect(await keep(store, [aggregationEvent(on('01-12'), box(1), [box(3)])])).toMatchObject({
      kept: 0,
      refused: [{ name: 'cyclic-aggregation', at: '/0' }],
    });
    // Taken out before, it is no circle.
    expect(
      await keep(store, [aggregationEvent(on('01-12'), box(2), [], 'DELETE'), aggregationEvent(on('01-13'), box(1), [box(3)])]),
    ).toMatchObject({ kept: 2 });
    expect(
      await keep(store, [aggregationEvent(on('01-14'), box(8), [box(9)]), aggregationEvent(on('01-15'), box(9), [box(8)])]),
    ).toMatchObject({
      kept: 0,
      refused: [{ name: 'cyclic-aggregation', at: '/1' }],
    });
  });

  test('no identity of a phone stands in the index in the clear', async () => {
    const store = await open();
    await keep(store, events);
    for (const table of ['custody_events', 'custody_names', 'blobs'] as const)
      expect(JSON.stringify(await store.db.selectFrom(table).selectAll().execute())).not.toMatch(/04000000000016|c0ffee42/);
  });

  test('the index is rebuilt from the blobs, row by row the same', async () => {
    const store = await open();
    await keep(store, events);
    for (const name of ['old', 'new'])
      await keepPlace(store, {
        format: 'assay.place/1',
        recordedAt: name === 'old' ? on('01-01') : on('02-01'),
        uri: 'https://example.com/414/4000000000010',
        name,
        party: party(1),
        country: 'DE',
        latitude: 52.5,
        longitude: 13.4,
      });
    const rows = async () => [
      await store.db.selectFrom('custody_events').selectAll().orderBy('n').execute(),
      await store.db.selectFrom('custody_names').selectAll().orderBy('hash').orderBy('n').execute(),
      [...(await placesOf(store)).values()],
    ];
    const before = await rows();
    expect(before[2]).toMatchObject([{ name: 'new', latitude: 52.5 }]);
    await store.db.deleteFrom('custody_names').execute();
    await rebuild(store);
    expect(await rows()).toEqual(before);
  });

  test('an event with other bytes than its name says is refused when it is read', async () => {
    const store = await open();
    await keep(store, events);
    const { blob } = await store.db.selectFrom('custody_events').select('blob').executeTakeFirstOrThrow();
    const path = join(folder, 'blobs', 'event', blob.slice(0, 2), blob);
    expect(readdirSync(join(folder, 'blobs', 'event', blob.slice(0, 2)))).toEqual([blob]);
    const bytes = await store.blobs.get('event', blob);
    writeFileSync(path, new TextDecoder().decode(bytes).replaceAll('0000001/21', '0000001/21').replaceAll('S1', 'S7'));
    await expect(custodyPath(store, [phone(1)])).rejects.toThrow('has other bytes than its name says');
  });

  test('two captures of the same events at once keep them once', async () => {
    const one = await open();
    // SQLite waits in the driver: two connections of one process would wait for each other.
    const other = engine === 'sqlite' ? one : await open();
    const results = await Promise.all([keep(one, events, 'proceed'), keep(other, events, 'proceed')]);
    expect(results.map(({ kept }) => kept).toSorted((a, b) => a - b)).toEqual([0, 5]);
    expect((await counts(one.db)).custody_events).toBe(5);
  });

  test('killed at random moments while it imports, it has all that was acknowledged and nothing half-written', async () => {
    const found = await killImports(folder, urlOf(engine), 4);
    expect(found).toMatchObject({ lost: [], halves: [], unequal: false });
    expect(found.acknowledged).toBeGreaterThanOrEqual(4);
  });
});

test.skipIf(!hasPostgres)(
  'custody is copied from SQLite to PostgreSQL with the rest (skipped where PostgreSQL is not installed)',
  async () => {
    const postgres = await openStore(folder, urlOf('postgres'));
    await sql`drop schema public cascade`.execute(postgres.db);
    await sql`create schema public`.execute(postgres.db);
    await postgres.close();
    const store = await openStore(folder, undefined);
    opened.push(store);
    await keep(store, events);
    expect(await copyIndex(store, { kind: 'postgres', url: urlOf('postgres') ?? '' })).toEqual(await counts(store.db));
    const other = await openStore(folder, urlOf('postgres'));
    opened.push(other);
    expect(await custodyPath(other, [phone(1)])).toEqual(await custodyPath(store, [phone(1)]));
  },
);

test('names are under RFC 2104’s HMAC, whatever the length of the key', () => {
  for (const length of [1, 32, 64, 65, 200]) {
    const key = new Uint8Array(length).fill(length);
    expect(hashedName(key, 'urn:x:y')).toBe(createHmac('sha256', key).update('custody\nurn:x:y').digest('hex').slice(0, 32));
  }
});
