/** Every refusal of custody by its name, through the whole way of an import, on both databases: with `rollback` nothing at all is kept, with `proceed` everything else. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storeEngines } from '../../../test/support/store-engines.ts';
import type { Instant } from '../../bytes/index.ts';
import { aggregationEvent, EPCS_MAX, errorEvent, type JsonObject, REFUSALS, type RefusalName, toldEvent } from '../../provenance/index.ts';
import { importDocument, openStore, type Store } from '../index.ts';

const { describeOn, urlOf } = storeEngines();

const now = '2026-06-01T00:00:00Z' as Instant; // A literal of the type's form.
const SHOP = 'https://id.gs1.org/417/4000000000006';
const on = (day: string) => `2026-${day}T12:00:00Z` as Instant;
const phone = (n: number) => `https://id.gs1.org/01/04000000000016/21/S${n}`;
const box = (n: number) => `https://id.gs1.org/00/${String(n).padStart(18, '0')}`;
const sold = (n: number, day = '02-01') =>
  toldEvent('retail_selling', { at: on(day), things: [phone(n)], place: 'https://id.gs1.org/414/4000000000006' });
const good = sold(1);

/** What is refused, and what has to have been captured before it is wrong. */
const BAD: Readonly<Record<RefusalName, { readonly bad: readonly JsonObject[]; readonly before?: readonly JsonObject[] }>> = {
  invalid: { bad: [{ ...sold(2), bizStep: 'shiping' }] },
  'too-many-things': {
    bad: [toldEvent('shipping', { at: on('02-01'), things: Array.from({ length: EPCS_MAX + 1 }, (_, i) => `urn:x:${i}`), from: SHOP })],
  },
  'in-the-future': { bad: [sold(2, '12-24')] },
  'out-of-order': {
    bad: [
      { ...sold(2), recordTime: '2026-01-01T00:00:00Z' },
      errorEvent(sold(3), { at: '2026-01-01T00:00:00Z' as Instant, reason: 'did_not_occur', corrective: [] }),
    ],
  },
  'forged-hash-id': { bad: [{ ...sold(2), eventID: `ni:///sha-256;${'0'.repeat(64)}?ver=CBV2.0` }] },
  'party-not-authorised': {
    bad: [toldEvent('shipping', { at: on('02-01'), things: [phone(2)], place: 'https://id.gs1.org/414/4000000000020' })],
  },
  'cyclic-aggregation': {
    bad: [aggregationEvent(on('02-01'), box(1), [box(1)]), aggregationEvent(on('02-02'), box(3), [box(2)])],
    before: [aggregationEvent(on('01-01'), box(2), [box(3)])],
  },
  duplicate: { bad: [sold(9)], before: [sold(9)] },
};

describeOn('in %s', (engine) => {
  let folder = '';
  let store: Store;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-refused-'));
    if (engine === 'postgres') {
      const { db, close } = await openStore(folder, urlOf('postgres'));
      await sql`drop schema public cascade`.execute(db);
      await sql`create schema public`.execute(db);
      await close();
    }
    store = await openStore(folder, urlOf(engine));
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const capture = (eventList: readonly JsonObject[], behaviour: 'rollback' | 'proceed', sender: string | null) => {
    const document = {
      '@context': 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
      type: 'EPCISDocument',
      schemaVersion: '2.0',
      creationDate: now,
      epcisBody: { eventList },
    };
    return importDocument(store, new TextEncoder().encode(JSON.stringify(document)), { now, sender, behaviour, hashIds: 'verify' });
  };
  const kept = async () => {
    const [events, names, blobs] = await Promise.all([
      store.db.selectFrom('custody_events').select('id').execute(),
      store.db.selectFrom('custody_names').select('n').execute(),
      store.db.selectFrom('blobs').select('sha256').execute(),
    ]);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name),
    );
    return { events: events.length, names: names.length, blobs: blobs.length, files: files.length };
  };

  test.each(REFUSALS)('%s', async (name) => {
    const { bad, before = [] } = BAD[name];
    const sender = name === 'party-not-authorised' ? SHOP : null;
    if (before.length > 0) await capture(before, 'rollback', null);
    const as = await kept();
    const whole = await capture([good, ...bad], 'rollback', sender);
    expect({ kept: whole.kept, names: [...new Set(whole.refused.map((one) => one.name))] }).toEqual({ kept: 0, names: [name] });
    // Not a row, not a blob, not a file.
    expect(await kept()).toEqual(as);
    const rest = await capture([good, ...bad], 'proceed', sender);
    expect([rest.kept, rest.refusedCount]).toEqual([1, bad.length]);
    expect((await kept()).events).toBe(as.events + 1);
  });
});
