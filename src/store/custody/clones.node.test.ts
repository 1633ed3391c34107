import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storeEngines } from '../../../test/support/store-engines.ts';
import { type Instant, parseHex, toHex } from '../../bytes/index.ts';
import type { AttestedSighting, Sighting } from '../../evidence/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import { judgeEvent, ownUri, toldEvent } from '../../provenance/index.ts';
import {
  answeredTail,
  askTail,
  clonesIn,
  inspectionRecords,
  keepAllocations,
  keepEvents,
  keepInspection,
  keepPlace,
  openStore,
  parseAllocations,
  parsePlace,
  rebuild,
  type Store,
  tailsIn,
  tellInspection,
} from '../index.ts';

const { describeOn, urlOf } = storeEngines();

const folders: string[] = [];
const opened: Store[] = [];
async function made(engine: 'sqlite' | 'postgres'): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-clones-'));
  folders.push(folder);
  const store = await openStore(folder, urlOf(engine));
  opened.push(store);
  return store;
}
beforeEach(async () => {
  if (urlOf('postgres') === undefined) return;
  const { db, close } = await made('postgres');
  await sql`drop schema public cascade`.execute(db);
  await sql`create schema public`.execute(db);
  await close();
  opened.pop();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const at = (time: string) => `2026-03-01T${time}:00Z` as Instant; // A literal of the type's form.
const SERIAL = ownUri('attested', 'serial', 'c0ffee42');
const attested = (serial: string): AttestedSighting => ({
  issuerKey: '00'.repeat(32),
  brand: 'Example',
  ids: [`serial ${serial}`],
  securityLevel: 'TRUSTED_ENVIRONMENT',
  attestationVersion: 300,
  verifiedBootState: 'VERIFIED',
  verifiedBootKey: undefined,
  osVersion: undefined,
  osPatchLevel: undefined,
  vendorPatchLevel: undefined,
  bootPatchLevel: undefined,
});
const seen = (time: string, more: Partial<Sighting> = {}): Sighting => ({
  at: at(time),
  source: `at ${time}`,
  trust: 'live',
  imeis: ['86489502123456'],
  serials: [],
  brand: 'Example',
  model: 'One',
  fingerprint: undefined,
  attested: [attested('c0ffee42')],
  ...more,
});
const keep = (
  store: Store,
  sighting: Sighting,
  more: { hardware?: string; tail?: { identity: string; nonce: string; answers: string | null } } = {},
) =>
  keepInspection(store, {
    report: new TextEncoder().encode(JSON.stringify(sighting)),
    capture: undefined,
    judgedAsOf: sighting.at,
    verdict: { hardware: more.hardware ?? 'unproven', software: 'unproven', custody: 'unproven', decision: 'hold' },
    sighting,
    ...(more.tail === undefined ? {} : { tail: more.tail }),
  });
const codes = async (store: Store) => (await clonesIn(store)).findings.map(({ code }) => code);
const city = (uri: string, latitude: number, longitude: number) =>
  parsePlace({ format: 'assay.place/1', recordedAt: at('00:00'), uri, name: null, party: null, country: null, latitude, longitude });
const challenge = (hex: string) => parseHex(hex) ?? new Uint8Array();

describeOn('clones in a store of %s', (engine) => {
  test('one attested ID at two stations further apart than anything travels, and not where the places are near or unknown', async () => {
    const store = await made(engine);
    await keepPlace(store, city('urn:x:berlin', 52.5, 13.4));
    await keepPlace(store, city('urn:x:shenzhen', 22.5, 114.1));
    await keepPlace(store, city('urn:x:potsdam', 52.4, 13.06));
    await keep(store, seen('10:00', { place: 'urn:x:berlin' }));
    await keep(store, seen('10:20', { place: 'urn:x:potsdam' }));
    await keep(store, seen('10:30', { place: 'urn:x:nowhere' }));
    expect(await codes(store)).toEqual([]);
    await keep(store, seen('11:00', { place: 'urn:x:shenzhen' }));
    await keep(store, seen('11:10', { place: 'urn:x:berlin' }));
    const expected = ['same-id-two-places', 'same-name-two-places'];
    expect([...new Set(await codes(store))].toSorted()).toEqual(expected);
    // The place stands in the record, so that the index rebuilt says the same.
    await rebuild(store);
    expect([...new Set(await codes(store))].toSorted()).toEqual(expected);
  });

  test('a number of a block that another product was given is said once, however often the phone was seen', async () => {
    const store = await made(engine);
    await keep(store, seen('10:00'));
    await keep(store, seen('12:00', { source: 'at 10:00' }));
    const blocks = (model: string) =>
      parseAllocations({
        format: 'assay.allocations/1',
        blocks: [{ kind: 'imei', from: '864895021234500', to: '864895021234999', brand: 'Example', model }],
      });
    await keepAllocations(store.folder, blocks('One'));
    expect(await codes(store)).toEqual([]);
    await keepAllocations(store.folder, blocks('Two'));
    expect((await clonesIn(store)).findings).toMatchObject([{ code: 'wrong-allocation', trust: 'live' }]);
    expect(() =>
      parseAllocations({ format: 'assay.allocations/1', blocks: [{ kind: 'imei', from: '9', to: '10', brand: 'a', model: 'b' }] }),
    ).toThrow();
  });

  test('counterfeits that swear to IDs of their own under shared numbers give the size of the pool', async () => {
    const store = await made(engine);
    for (let i = 0; i < 6; i++)
      await keep(store, seen(`1${i}:00`, { attested: [attested(`chip${i}`)], imeis: [`8648950212345${i % 2}`] }), {
        hardware: 'counterfeit',
      });
    expect((await clonesIn(store)).pool).toMatchObject({ phones: 6, pairs: 6 });
    expect(await codes(store)).toContain('same-name-other-id');
  });

  test('what was sold and is in trade again is a sign too, and so is what a repair explains not', async () => {
    const store = await made(engine);
    const phone = 'https://id.gs1.org/01/04000000000016/21/S1';
    const rules = { hash: nodeHash, now: at('23:00'), hashIds: 'verify', sender: { kind: 'operator' }, places: new Map() } as const;
    const bodies = [
      toldEvent('retail_selling', { at: at('08:00'), things: [phone], place: 'https://id.gs1.org/414/4000000000010' }),
      toldEvent('shipping', { at: at('09:00'), things: [phone], place: 'https://id.gs1.org/414/4000000000027' }),
      toldEvent('repairing', { at: at('10:30'), things: [ownUri('attested', 'serial', 'chip1')] }),
    ];
    const admitted = bodies.map((body) => judgeEvent(body, '', rules)).filter((one) => 'event' in one);
    await keepEvents(store, admitted, { capturedAt: at('23:00'), sender: null, behaviour: 'rollback' });
    await keep(store, seen('10:00', { attested: [attested('chip1')], serials: [] }));
    expect(await codes(store)).toEqual(['after-sale']);
  });
});

describeOn('tails in a store of %s', (engine) => {
  const answer = async (store: Store, hex: string, time: string, ids = ['serial c0ffee42']) => {
    const answered = await answeredTail(store, [{ challenge: challenge(hex), ids }]);
    if (answered === undefined || 'refused' in answered) return answered?.refused;
    await keep(store, seen(time), { tail: answered.tail });
    return 'kept';
  };
  test('each inspection answers for the one before, and the chain is quiet', async () => {
    const store = await made(engine);
    for (const time of ['10:00', '11:00', '12:00'])
      expect(await answer(store, (await askTail(store, SERIAL)).challenge, time)).toBe('kept');
    expect((await askTail(store, SERIAL)).answersFor?.source).toBe('at 12:00');
    await rebuild(store);
    expect(tailsIn(await inspectionRecords(store))).toHaveLength(3);
    expect(await codes(store)).toEqual([]);
  });
  test('a challenge for an inspection that is no longer the last one, or of another phone, is no tail', async () => {
    const store = await made(engine);
    const [one, two] = [await askTail(store, SERIAL), await askTail(store, SERIAL)];
    expect(await answer(store, one.challenge, '10:00', ['serial other'])).toContain('did not attest');
    expect(await answer(store, one.challenge, '10:00')).toBe('kept');
    expect(await answer(store, two.challenge, '10:05')).toContain('no longer the last');
    expect(await answer(store, 'ab'.repeat(32), '10:10')).toBeUndefined();
    expect(await codes(store)).toEqual([]);
    await expect(askTail(store, 'urn:gsma:imei:86489502-123456-0')).rejects.toThrow('no attested serial or IMEI');
  });
  test('two phones of one identity, inspected in stores that each had the chain, fork it', async () => {
    const store = await made(engine);
    const first = await askTail(store, SERIAL);
    await answer(store, first.challenge, '10:00');
    const [root] = tailsIn(await inspectionRecords(store));
    // Another store that read the chain up to here, and then met the other phone.
    const theirs = { identity: SERIAL, at: at('11:00'), source: 'theirs', nonce: new Uint8Array(32).fill(9), answers: root?.nonce };
    const second = await askTail(store, SERIAL);
    await answer(store, second.challenge, '12:00');
    expect((await clonesIn(store, [theirs])).findings).toMatchObject([{ code: 'tail-forked', evidence: ['theirs', 'at 12:00'] }]);
    expect(toHex(root?.nonce ?? new Uint8Array())).toMatch(/^[0-9a-f]{64}$/);
  });
});

test('a verdict becomes an event, once; a recording’s becomes none, and nor does one of a phone without a name', async () => {
  const store = await made('sqlite');
  const tell = (sighting: Sighting, hardware = 'unproven' as 'unproven' | 'counterfeit') =>
    tellInspection(store, {
      sighting,
      verdict: { hardware, software: 'altered', custody: 'unproven' },
      reportSha256: 'ab'.repeat(32),
      now: at('20:00'),
    });
  expect(await tell(seen('10:00', { trust: 'bearer' }))).toContain('bearer');
  expect(await tell(seen('10:00', { imeis: [], attested: [] }))).toContain('no identity');
  expect(await tell(seen('10:00', { at: at('23:59') }))).toContain('in-the-future');
  expect(await tell(seen('10:00'))).toMatch(/^the event ni:\/\/\/sha-256;/);
  expect(await tell(seen('10:00'))).toContain('captured before');
});
