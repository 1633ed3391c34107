import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HashPort, Instant } from '../../bytes/index.ts';
import type { Authorisation, Channel, Place, VerifiedAuthorisation } from './channel.ts';
import { authorisedAt } from './channel.ts';
import { eventOf, eventProblems, type JsonObject } from './epcis/index.ts';
import { byTime, type CustodyEvent, custodyEvent, namesOf } from './event.ts';
import { gatherEvents } from './gather.ts';
import { identityOf, imeiUri, isOwn, ownUri } from './identity.ts';
import { aggregationEvent, associationEvent, errorEvent, toldEvent, verdictEvent } from './make.ts';
import { pathOf } from './path.ts';

const hash: HashPort = () => {
  const hasher = sha256.create();
  return { update: (bytes) => void hasher.update(bytes), digest: () => hasher.digest() };
};
const on = (day: string, time = '12:00:00') => `2026-${day}T${time}Z` as Instant; // A literal of the type's form.
const party = (n: number) => `https://id.gs1.org/417/400000000000${n}`;
const place = (n: number) => `https://id.gs1.org/414/400000000100${n}`;
const [FACTORY, DISTRIBUTOR, SHOP, STRANGER, CARRIER, BRAND] = [party(1), party(2), party(3), party(4), party(5), party(9)];
const PHONE = 'https://id.gs1.org/01/04000000000016/21/A1';
const OTHER = 'https://id.gs1.org/01/04000000000016/21/B2';
const CHIP = ownUri('attested', 'serial', 'c0ffee42');
const IMEI = imeiUri('350000001234562');
const PALLET = 'https://id.gs1.org/00/040000000000000017';

const made = (more: Partial<Authorisation> & { readonly party: string }, id = more.party.slice(-4)): VerifiedAuthorisation => ({
  format: 'assay.authorisation/1',
  brand: BRAND,
  role: 'distributor',
  places: [],
  territories: [],
  products: [],
  validFrom: '2026-01-01T00:00:00Z',
  validTo: null,
  withdraws: null,
  id,
  logged: undefined,
  ...more,
});
const places = new Map<string, Place>(
  [FACTORY, DISTRIBUTOR, SHOP, STRANGER, CARRIER].map((owner, i) => {
    const uri = place(i + 1);
    const [latitude, longitude] =
      [
        [22.5, 114.1],
        [52.5, 13.4],
        [52.4, 13.5],
        [31.2, 121.5],
        [50.1, 8.7],
      ][i] ?? [];
    return [uri, { uri, name: undefined, party: owner, country: ['CN', 'DE', 'DE', 'CN', 'DE'][i], latitude, longitude }];
  }),
);
const channel: Channel = {
  log: 'not-asked',
  authorisations: [
    made({ party: FACTORY, role: 'maker' }),
    made({ party: DISTRIBUTOR }),
    made({ party: SHOP, role: 'retailer', territories: ['DE'], validTo: '2026-06-01T00:00:00Z' }),
    made({ party: CARRIER, role: 'logistics' }),
  ],
  places,
};

const commissioned = toldEvent('commissioning', { at: on('01-10'), things: [PHONE], place: place(1) });
const named = associationEvent(on('01-10', '12:05:00'), PHONE, [IMEI, CHIP]);
const shipped = (from: number, to: string, day: string, things = [PHONE]) =>
  toldEvent('shipping', { at: on(day), things, place: place(from), from: party(from), to });
const received = (at: number, from: string | undefined, day: string, things = [PHONE]) =>
  toldEvent('receiving', { at: on(day), things, place: place(at), from, to: party(at) });
const sold = (day: string) => toldEvent('retail_selling', { at: on(day), things: [PHONE], place: place(3) });
const straight = [
  commissioned,
  named,
  shipped(1, DISTRIBUTOR, '01-20'),
  received(2, FACTORY, '02-01'),
  shipped(2, SHOP, '02-10'),
  received(3, DISTRIBUTOR, '02-11'),
  sold('03-01'),
];

const read = (bodies: readonly JsonObject[]): readonly CustodyEvent[] =>
  bodies.map((body) => {
    expect(eventProblems(body)).toEqual([]);
    return custodyEvent(hash, eventOf(body));
  });
const lookupIn = (events: readonly CustodyEvent[]) => (uris: readonly string[]) =>
  Promise.resolve(events.filter((event) => namesOf(event).some(({ uri }) => uris.includes(uri))));
const path = async (bodies: readonly JsonObject[], by: Channel = channel, start = PHONE) =>
  pathOf(await gatherEvents(lookupIn(read(bodies)), [start]), by);

describe('a path', () => {
  test('of authorised hands from the making on, bound to an attested ID, is authorised', async () => {
    const found = await path(straight);
    expect(found).toMatchObject({ answer: 'authorised', gaps: [], faults: [], boundTo: { kind: 'attested', uri: CHIP } });
    expect(found.stays.map(({ custodian, role, from, until }) => [custodian, role, from.slice(5, 10), until?.slice(5, 10)])).toEqual([
      [FACTORY, 'maker', '01-10', '01-20'],
      [DISTRIBUTOR, 'distributor', '02-01', '02-10'],
      [SHOP, 'retailer', '02-11', '03-01'],
    ]);
  });

  test('is the same by any of its names and in any order of its events', async () => {
    const expected = await path(straight);
    expect((await path(straight, channel, IMEI)).stays).toEqual(expected.stays);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(straight, { minLength: straight.length }), async (mixed) => {
        expect(await path(mixed)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  test('by labels alone is unproven: a label can be copied', async () => {
    expect(await path(straight.filter((event) => event !== named))).toMatchObject({ answer: 'unproven', boundTo: undefined, faults: [] });
  });

  test('is never authorised where nobody said who may', async () => {
    const found = await path(straight, { log: 'not-asked', authorisations: [], places });
    expect(found).toMatchObject({ answer: 'unproven', faults: [] });
    expect(new Set(found.stays.map(({ standing }) => standing))).toEqual(new Set(['unknown']));
  });

  test('without events is unproven', async () => {
    expect(await path([])).toMatchObject({ answer: 'unproven', stays: [] });
  });

  test('with a hand-over that nobody told has a gap, and is unproven', async () => {
    const without = straight.filter((event) => event !== straight[2] && event !== straight[3]);
    const found = await path([...without, received(2, undefined, '02-01')]);
    expect(found).toMatchObject({ answer: 'unproven', faults: [], gaps: [{ after: 0 }] });
  });

  test('that does not begin with the making is unproven', async () => {
    expect(await path(straight.slice(3))).toMatchObject({ answer: 'unproven', gaps: [{ after: -1 }] });
  });

  test('goes through boxes on pallets', async () => {
    const box = 'https://id.gs1.org/00/040000000000000024';
    const found = await path([
      commissioned,
      named,
      aggregationEvent(on('01-11'), box, [PHONE, OTHER]),
      aggregationEvent(on('01-12'), PALLET, [box]),
      shipped(1, DISTRIBUTOR, '01-20', [PALLET]),
      received(2, FACTORY, '02-01', [PALLET]),
      aggregationEvent(on('02-02'), PALLET, [], 'DELETE'),
      aggregationEvent(on('02-03'), box, [], 'DELETE'),
      // Both boxes go on without the phone: nothing of it is the phone's.
      received(4, DISTRIBUTOR, '02-04', [PALLET]),
      received(4, DISTRIBUTOR, '02-05', [box]),
      ...straight.slice(4),
    ]);
    expect(found).toMatchObject({ answer: 'authorised', faults: [] });
    expect(found.stays).toHaveLength(3);
  });

  test('with a carrier in between is nobody’s wrong hand-over', async () => {
    const hub = toldEvent('arriving', { at: on('01-25'), things: [PHONE], place: place(5) });
    const found = await path([
      ...straight.slice(0, 3),
      hub,
      toldEvent('departing', { at: on('01-26'), things: [PHONE], place: place(5) }),
      ...straight.slice(3),
    ]);
    expect(found).toMatchObject({ answer: 'authorised', faults: [], gaps: [] });
    expect(found.stays.map(({ custodian }) => custodian)).toEqual([FACTORY, CARRIER, DISTRIBUTOR, SHOP]);
  });

  test('carries inspections on the way, and forgets events that were declared wrong', async () => {
    const verdict = verdictEvent(
      { hardware: 'genuine', software: 'altered', custody: 'unproven' },
      { at: on('02-20'), things: [PHONE], certificationInfo: ['urn:x:statement'] },
    );
    const wrong = shipped(3, STRANGER, '02-25');
    const found = await path([
      ...straight,
      verdict,
      wrong,
      errorEvent(wrong, { at: on('02-26'), reason: 'did_not_occur', corrective: [] }),
    ]);
    expect(found).toMatchObject({
      answer: 'authorised',
      inspections: [{ stay: 2, disposition: 'non_conformant', certificationInfo: ['urn:x:statement'] }],
    });
  });
});

describe('a path is broken, and says where and why,', () => {
  test.each<[string, readonly JsonObject[], string, string]>([
    [
      'by a custodian that no brand authorised',
      [...straight.slice(0, 4), shipped(2, STRANGER, '02-10'), received(4, DISTRIBUTOR, '03-20')],
      'unauthorised-custodian',
      STRANGER,
    ],
    [
      'by a shop whose authorisation had ended',
      [...straight.slice(0, 4), shipped(2, SHOP, '06-10'), received(3, DISTRIBUTOR, '06-11')],
      'unauthorised-custodian',
      SHOP,
    ],
    ['by another receiver than whom it was sent to', [...straight.slice(0, 3), received(3, FACTORY, '02-01')], 'wrong-hand-over', SHOP],
    ['by trade after the sale', [...straight, shipped(3, DISTRIBUTOR, '03-02')], 'after-sale', place(3)],
    [
      'by life after its end',
      [...straight.slice(0, 2), toldEvent('decommissioning', { at: on('01-11'), things: [PHONE], place: place(1) }), ...straight.slice(2)],
      'after-decommissioning',
      place(1),
    ],
    [
      'by being made twice',
      [...straight, toldEvent('commissioning', { at: on('03-05'), things: [PHONE], place: place(1) })],
      'made-twice',
      place(1),
    ],
    [
      'by being in two boxes',
      [
        commissioned,
        named,
        aggregationEvent(on('01-11'), PALLET, [PHONE]),
        aggregationEvent(on('01-12'), 'https://id.gs1.org/00/040000000000000031', [PHONE]),
      ],
      'two-parents',
      'https://id.gs1.org/00/040000000000000031',
    ],
    [
      'by being faster than an aeroplane',
      [...straight, toldEvent('inspecting', { at: on('03-01', '13:00:00'), things: [PHONE], place: place(4) })],
      'two-places',
      place(4),
    ],
  ])('%s', async (_name, bodies, code, where) => {
    const found = await path(bodies);
    expect(found.answer).toBe('broken');
    expect(found.faults.map((fault) => [fault.code, fault.where])).toContainEqual([code, where]);
    expect(found.because).toContain(found.faults[0]?.why);
  });

  test('by a territory that the shop was not authorised for', async () => {
    const abroad: Channel = { ...channel, places: new Map([...places, [place(3), { ...(places.get(place(3)) as Place), country: 'FR' }]]) }; // The key is of the map above.
    expect(await path(straight, abroad)).toMatchObject({ answer: 'broken', faults: [{ code: 'outside-territory', where: SHOP }] });
  });

  test('but not by a return, nor by an owner who has it repaired', async () => {
    const back = toldEvent('returning', { at: on('03-10'), things: [PHONE], place: place(3), to: SHOP });
    const found = await path([...straight, back, shipped(3, DISTRIBUTOR, '03-12'), received(2, SHOP, '03-13')]);
    expect(found).toMatchObject({ answer: 'unproven', faults: [], gaps: [{ because: expect.stringContaining('whoever bought it') }] });
    const repaired = toldEvent('repairing', { at: on('04-01'), things: [PHONE], place: place(4) });
    expect(await path([...straight, repaired])).toMatchObject({ answer: 'authorised', faults: [] });
  });
});

describe('was this shop authorised on the day of sale', () => {
  const ask = (at: Instant, by = channel, where = place(3)) => authorisedAt(by, { party: SHOP, place: where, at, product: undefined });
  test('on every day from the first, and on none before or after', () => {
    expect(ask(on('01-01', '00:00:00')).standing).toBe('authorised');
    expect(ask('2026-01-01T00:00:00.000Z').standing).toBe('authorised');
    expect(ask('2025-12-31T23:59:59.999Z').standing).toBe('unauthorised');
    expect(ask('2026-05-31T23:59:59.999Z').standing).toBe('authorised');
    expect(ask('2026-06-01T00:00:00.000Z').standing).toBe('unauthorised');
  });

  test('where a log is asked for, a signature alone is unproven, and a withdrawal counts as it is signed', async () => {
    const asked: Channel = { ...channel, log: 'asked' };
    expect(ask(on('02-01'), asked)).toMatchObject({ standing: 'unknown', by: { party: SHOP } });
    const logged = { origin: 'log.example', index: 3, by: undefined };
    const all: Channel = { ...asked, authorisations: channel.authorisations.map((one) => ({ ...one, logged })) };
    expect(ask(on('02-01'), all).standing).toBe('authorised');
    // Of two that cover it, the one that is logged answers.
    const both: Channel = { ...asked, authorisations: [...channel.authorisations, ...all.authorisations] };
    expect(ask(on('02-01'), both)).toMatchObject({ standing: 'authorised', by: { logged } });
    const ends = made({ party: SHOP, withdraws: SHOP.slice(-4), validFrom: '2026-02-01T00:00:00Z' }, 'w');
    expect(ask(on('02-02'), { ...all, authorisations: [...all.authorisations, ends] }).standing).toBe('unauthorised');
    expect(await path(straight, asked)).toMatchObject({ answer: 'unproven' });
  });

  test('a withdrawal ends it, and only one of the same brand', () => {
    const ends = made({ party: SHOP, withdraws: SHOP.slice(-4), validFrom: '2026-02-01T00:00:00Z' }, 'w');
    const withdrawn = (one: VerifiedAuthorisation) => ({ ...channel, authorisations: [...channel.authorisations, one] });
    expect(ask(on('02-02'), withdrawn(ends)).standing).toBe('unauthorised');
    expect(ask(on('01-31'), withdrawn(ends)).standing).toBe('authorised');
    expect(ask(on('02-02'), withdrawn({ ...ends, brand: STRANGER })).standing).toBe('authorised');
  });
});

describe('hostile events', () => {
  test('aggregations in a circle are refused by name, and nothing hangs', async () => {
    const boxes = Array.from({ length: 12 }, (_, i) => `https://id.gs1.org/00/0400000000000${String(i).padStart(5, '0')}`);
    const ring = boxes.map((box, i) => aggregationEvent(on('01-11'), boxes[(i + 1) % boxes.length] ?? '', [box]));
    await expect(path([commissioned, aggregationEvent(on('01-11'), boxes[0] ?? '', [PHONE]), ...ring])).rejects.toThrow('go in a circle');
  });

  test('a list of phones joins none of them, nor does a placeholder', async () => {
    const bulk = toldEvent('commissioning', { at: on('01-10'), things: [PHONE, OTHER, CHIP], place: place(1) });
    expect((await path([bulk])).subject.identities).toHaveLength(1);
    const shared = associationEvent(on('01-10'), PHONE, [ownUri('serial', 'brand', '0123456789ABCDEF')]);
    expect((await path([shared])).subject.identities).toHaveLength(1);
    expect(
      [imeiUri('000000000000000'), ownUri('attested', 'serial', 'unknown'), ownUri('serial', 'b', 'aaaaaaaa')].map((uri) =>
        isOwn(identityOf(uri)),
      ),
    ).toEqual([false, false, false]);
  });

  test('events of one moment have one order', () => {
    const events = read([shipped(1, SHOP, '01-10'), commissioned, received(3, FACTORY, '01-10')]);
    expect(events.toSorted(byTime).map(({ step }) => step)).toEqual(['commissioning', 'shipping', 'receiving']);
  });
});
