import { expect, it } from 'vitest';
import { fact, outcomeOf, placeOf, properties } from '../../../test/support/check-facts.ts';
import type { Fact, Sighting } from '../../evidence/index.ts';
import { luhnDigit } from './index.ts';
import { imeiSeenBefore } from './seen-before.ts';
import { sightingOf } from './sighting.ts';

const imeiOf = (fourteen: string) => `${fourteen}${luhnDigit(fourteen)}`;
const IMEI = imeiOf('86489502123456');
const imei = (value: string): Fact =>
  fact('identifiers', [{ type: 'imei', slot: 0, value, surface: 'service call iphonesubinfo', place: placeOf('ids') }], 'told');
const phone = (model: string, serial: string) =>
  properties({ 'ro.product.brand': 'Xiaomi', 'ro.product.model': model, 'ro.serialno': serial });
const seenAs = (facts: readonly Fact[], trust: Sighting['trust'] = 'live'): Sighting =>
  sightingOf({ list: facts, unread: [] }, { trust }, { at: '2026-01-02T03:04:05Z', source: 'shop 1' });
const judged = (facts: readonly Fact[], ...sightings: readonly Sighting[]) => outcomeOf(imeiSeenBefore, facts, {}, { sightings });

const here = [phone('MI 4LTE', '1a2b3c4d'), imei(IMEI)];

it('passes the same phone seen again, however its serial is written', () => {
  expect(judged(here, seenAs(here))).toBe('pass');
  expect(judged(here, seenAs([phone('MI 4LTE', '001A2B3C4D'), imei(IMEI)]))).toBe('pass');
});
it('passes where another phone was seen', () =>
  expect(judged(here, seenAs([phone('MI 4LTE', 'ffff0001'), imei(imeiOf('86489502999999'))]))).toBe('pass'));
it('convicts an IMEI that was on a phone of another model', () =>
  expect(judged(here, seenAs([phone('SM-G900F', 'ffff0001'), imei(IMEI)]))).toBe('fail conclusive'));
it('parts models of one maker by the table, and unknown ones by their brand', () => {
  expect(judged(here, seenAs([phone('Redmi Note 13 Pro 5G', 'ffff0001'), imei(IMEI)]))).toBe('fail conclusive');
  const other = properties({ 'ro.product.brand': 'ASUS', 'ro.product.model': 'Never Heard Of It', 'ro.serialno': 'f1' });
  expect(judged(here, seenAs([other, imei(IMEI)]))).toBe('fail conclusive');
});
it('only lists the same unit that said it is another model', () =>
  expect(judged(here, seenAs([phone('SM-G900F', '1a2b3c4d'), imei(IMEI)]))).toBe('fail weak'));
it('only lists it where a bearer vouches for the other', () =>
  expect(judged(here, seenAs([phone('SM-G900F', 'ffff0001'), imei(IMEI)], 'bearer'))).toBe('fail weak'));
it('only lists another serial number: a mainboard may have been replaced', () =>
  expect(judged(here, seenAs([phone('MI 4LTE', 'ffff0001'), imei(IMEI)]))).toBe('fail weak'));
it('lets names that no table knows be names of one model', () =>
  expect(judged(here, seenAs([phone('Never Heard Of It 9', '1a2b3c4d'), imei(IMEI)]))).toBe('pass'));
it('finds the IMEI whose check digit one surface states as 0, or with a software version', () => {
  for (const other of [`${IMEI.slice(0, 14)}0`, `${IMEI.slice(0, 14)}78`])
    expect(judged(here, seenAs([phone('SM-G900F', 'ffff0001'), imei(other)]))).toBe('fail conclusive');
});
it('follows nobody by a default, masked or malformed IMEI, nor by a default serial', () => {
  for (const bad of ['000000000000000', '123456789012345', '862305030000000', '<b>1</b>', '490154203237519'])
    expect(judged([phone('MI 4LTE', '1a2b3c4d'), imei(bad)], seenAs([phone('SM-G900F', 'f'), imei(bad)]))).toBe('not-checked');
  expect(seenAs([phone('MI 4LTE', '0123456789ABCDEF')]).serials).toEqual([]);
});
it('examines nothing without an earlier inspection or an IMEI', () => {
  expect(judged(here)).toBe('not-checked');
  expect(judged([phone('MI 4LTE', '1a2b3c4d')], seenAs(here))).toBe('not-checked');
});
