import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { growthOf, SQUARE_FROM } from '../../../test/support/growth.ts';
import { type HashPort, type Instant, toHex } from '../../bytes/index.ts';
import type { CustodyPath } from '../../evidence/index.ts';
import { custodyEvent, eventOf, imeiUri, ownUri, type Place, toldEvent } from '../custody/index.ts';
import {
  clonesOfPath,
  findClones,
  judgeTails,
  poolSize,
  serialRuns,
  type TailEntry,
  tailChallenge,
  type UnitSighting,
  wrongAllocations,
} from './index.ts';

const hash: HashPort = () => {
  const hasher = sha256.create();
  return { update: (bytes) => void hasher.update(bytes), digest: () => hasher.digest() };
};
const on = (day: string, time = '12:00:00') => `2026-${day}T${time}Z` as Instant; // A literal of the type's form.
const IMEI = imeiUri('350000001234562');
const chip = (n: number) => ownUri('attested', 'serial', `chip${n}`);
const city = (name: string, latitude: number, longitude: number): Place => ({
  uri: `urn:x:${name}`,
  name,
  party: undefined,
  country: undefined,
  latitude,
  longitude,
});
const [BERLIN, SHENZHEN, POTSDAM] = [city('berlin', 52.5, 13.4), city('shenzhen', 22.5, 114.1), city('potsdam', 52.4, 13.06)];
const seen = (day: string, identities: readonly string[], more: Partial<UnitSighting> = {}): UnitSighting => ({
  at: on(day),
  source: `inspection of ${day}`,
  trust: 'live',
  identities,
  place: undefined,
  ...more,
});
const codes = (sightings: readonly UnitSighting[], repairs: Parameters<typeof findClones>[1] = []) =>
  findClones(sightings, repairs).map(({ code, identity }) => [code, identity]);

describe('one identity on two phones', () => {
  test('an IMEI beside another attested ID is named', () => {
    expect(codes([seen('02-01', [IMEI, chip(1)]), seen('03-01', [IMEI, chip(2)])])).toEqual([['same-name-other-id', IMEI]]);
  });
  test('the same phone seen again, with fewer or more of its names, is no clone', () => {
    const both = [chip(1), ownUri('attested', 'imei', '35000000123456'), ownUri('attested', 'imei', '35000000123457')];
    expect(
      codes([
        seen('02-01', [IMEI, chip(1)]),
        seen('02-02', [IMEI]),
        seen('03-01', [IMEI, ...both]),
        seen('03-02', [IMEI, ...both.slice(0, 2)]),
      ]),
    ).toEqual([]);
  });
  test('a repaired board explains itself by an event, and only then', () => {
    const two = [seen('02-01', [IMEI, chip(1)]), seen('03-01', [IMEI, chip(2)])];
    const repair = (day: string) => custodyEvent(hash, eventOf(toldEvent('repairing', { at: on(day), things: [IMEI] })));
    expect(codes(two, [repair('02-10')])).toEqual([]);
    expect(codes(two, [repair('01-10')])).toHaveLength(1);
    expect(
      codes(two, [custodyEvent(hash, eventOf(toldEvent('repairing', { at: on('02-10'), things: [imeiUri('350000001234570')] })))]),
    ).toHaveLength(1);
  });
  test('one attested ID beside two fused ones is two chips', () => {
    const fused = (n: number) => ownUri('fused', 'soc', `soc${n}`);
    expect(codes([seen('02-01', [chip(1), fused(1)]), seen('03-01', [chip(1), fused(2)])])).toEqual([['same-id-two-chips', chip(1)]]);
  });
  test('placeholders and defaults name nobody', () => {
    for (const shared of [
      imeiUri('000000000000000'),
      ownUri('serial', 'brand', '0123456789ABCDEF'),
      ownUri('serial', 'brand', 'unknown'),
      imeiUri('004999010640000'),
    ])
      expect(codes([seen('02-01', [shared, chip(1)]), seen('03-01', [shared, chip(2)])])).toEqual([]);
  });
  test('two cities in an hour are two phones; two quarters of a town are not', () => {
    const at = (place: Place, time: string, identities = [chip(1)]) => seen('02-01', identities, { at: on('02-01', time), place });
    expect(codes([at(BERLIN, '10:00:00'), at(SHENZHEN, '11:00:00')])).toEqual([['same-id-two-places', chip(1)]]);
    expect(codes([at(BERLIN, '10:00:00', [IMEI]), at(SHENZHEN, '11:00:00', [IMEI])])).toEqual([['same-name-two-places', IMEI]]);
    expect(codes([at(BERLIN, '10:00:00'), at(POTSDAM, '10:05:00')])).toEqual([]);
    expect(codes([at(BERLIN, '00:00:00'), at(SHENZHEN, '23:00:00')])).toEqual([]);
  });
  test('what a recording says is its bearer’s word', () => {
    const [found] = findClones([seen('02-01', [IMEI, chip(1)]), seen('03-01', [IMEI, chip(2)], { trust: 'bearer' })], []);
    expect(found).toMatchObject({ trust: 'bearer', evidence: ['inspection of 02-01', 'inspection of 03-01'] });
  });
  test('ten thousand sightings of one identity do not take the square of it', () => {
    const many = (size: number) => Array.from({ length: size }, (_, i) => seen('02-01', [IMEI, chip(1)], { source: String(i) }));
    expect(findClones(many(10_000), [])).toEqual([]);
    expect(growthOf({ make: many, run: (sightings) => findClones(sightings, []), size: 625 })).toBeLessThan(SQUARE_FROM);
  });
});

test('faults of a path are signs of clones where one phone cannot have them', () => {
  const fault = (code: CustodyPath['faults'][number]['code']) => ({ code, at: on('02-01'), where: 'x', why: 'w', events: ['e'] as const });
  const path: CustodyPath = {
    subject: { identities: [{ kind: 'imei', uri: IMEI }] },
    answer: 'broken',
    because: '',
    boundTo: undefined,
    stays: [],
    gaps: [],
    inspections: [],
    faults: [fault('after-sale'), fault('two-parents'), fault('unauthorised-custodian')],
  };
  expect(clonesOfPath(path).map(({ code }) => code)).toEqual(['after-sale', 'two-parents']);
});

test('a number of a block that another product was given is named, one of its own is not', () => {
  const blocks = [
    { kind: 'imei' as const, from: '35000000000000', to: '35000000999999', brand: 'Made', model: 'One' },
    { kind: 'serial' as const, from: 'a000', to: 'a999', brand: 'Made', model: 'Two' },
  ];
  const at = (identities: readonly string[], model: string) =>
    wrongAllocations({ brand: 'made', model }, seen('02-01', identities), blocks).map(({ code }) => code);
  expect(at([IMEI], 'One')).toEqual([]);
  expect(at([IMEI], 'Two')).toEqual(['wrong-allocation']);
  expect(at([imeiUri('360000001234562')], 'Two')).toEqual([]);
  expect(at([ownUri('serial', 'made', 'A123')], 'One')).toEqual(['wrong-allocation']);
  expect(at([ownUri('serial', 'made', 'A1234')], 'One')).toEqual([]);
});

describe('numbers of a lot', () => {
  const lot = (numbers: readonly string[]) => serialRuns({ at: on('02-01'), source: 'lot', numbers });
  test('numbers in a row are named, scattered ones and short rows are not', () => {
    const row = Array.from({ length: 6 }, (_, i) => `3500000099999${4 + i}`);
    expect(lot(row)).toMatchObject([{ code: 'serial-run', identity: row[0], observed: expect.stringContaining('6 of 6') }]);
    expect(lot(row.slice(0, 4))).toEqual([]);
    expect(lot([...row, ...Array.from({ length: 20 }, (_, i) => `36${i}00000000000`)])).toEqual([]);
    expect(lot(['x', '', '1', '1', '1'])).toEqual([]);
  });

  test('the pool is estimated from what agrees, and its interval covers the truth in nearly all worlds', () => {
    expect(poolSize([])).toMatchObject({ pairs: 0, size: Number.POSITIVE_INFINITY, high: Number.POSITIVE_INFINITY });
    expect(poolSize(['a', 'a', 'b'])).toMatchObject({ phones: 3, pairs: 1, size: 3 });
    let state = 1;
    const next = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let covered = 0;
    for (let world = 0; world < 200; world++) {
      const { low, high } = poolSize(Array.from({ length: 60 }, () => String(next(300))));
      if (low <= 300 && 300 <= high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(184);
    expect(covered).toBeLessThan(200);
  });
});

describe('tailing', () => {
  const nonce = (n: number) => new Uint8Array(32).fill(n);
  const entry = (n: number, answers: number | undefined, identity = chip(1)): TailEntry => ({
    identity,
    at: on('02-01', `12:00:0${n}`),
    source: `i${n}`,
    nonce: nonce(n),
    answers: answers === undefined ? undefined : nonce(answers),
  });
  test('a chain of one phone is quiet, in whatever order it is read', () => {
    const chain = [entry(1, undefined), entry(2, 1), entry(3, 2), entry(4, undefined, chip(2))];
    fc.assert(fc.property(fc.shuffledSubarray(chain, { minLength: 4 }), (mixed) => judgeTails(mixed).length === 0));
  });
  test('two phones in turn fork it', () => {
    expect(judgeTails([entry(1, undefined), entry(2, 1), entry(3, 1)])).toMatchObject([{ code: 'tail-forked', evidence: ['i2', 'i3'] }]);
    expect(judgeTails([entry(1, undefined), entry(2, undefined)])).toMatchObject([{ code: 'tail-forked' }]);
  });
  test('an answer for what nobody asked skips it', () => {
    expect(judgeTails([entry(1, undefined), entry(2, 9)])).toMatchObject([{ code: 'tail-skipped' }]);
  });
  test('the challenge signs both nonces, and neither alone', () => {
    const challenge = (a: number, b: number | undefined) => toHex(tailChallenge(hash, nonce(a), b === undefined ? undefined : nonce(b)));
    expect(new Set([challenge(1, 2), challenge(2, 1), challenge(1, undefined), challenge(2, undefined)]).size).toBe(4);
    expect(() => tailChallenge(hash, new Uint8Array(16), undefined)).toThrow('a nonce has 32 bytes');
  });
});
