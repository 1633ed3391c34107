import { describe, expect, test } from 'vitest';
import type { CaptureTrust, Sighting } from '../../evidence/index.ts';
import { sightingOf } from '../identity/sighting.ts';
import { antiRollback } from './anti-rollback.ts';
import { fact, judge, MODERN, props, reference } from './made-facts.ts';
import { rollbackIndexesOf } from './rollback-indexes.ts';

const FINGERPRINT = MODERN['ro.build.fingerprint'] ?? '';
const phone = props({ ...MODERN, 'ro.serialno': 'R0LLBACK01' });
type Variables = readonly (readonly [string, string])[];
const bootloader = (variables: Variables, userspace = false) => fact('fastboot', { userspace, variables });
const facts = (variables: Variables) => ({ list: [phone, bootloader(variables)], unread: [] });
const earlier = (variables: Variables, more: Partial<Sighting> = {}): Sighting => ({
  ...sightingOf(facts(variables), { trust: 'live' satisfies CaptureTrust }, { at: '2025-12-01T00:00:00Z', source: 'earlier' }),
  ...more,
});
const seen = (...sightings: Sighting[]) => ({ history: { sightings } });
const build = (partition: string, rollbackIndex: string, outcome: 'intact' | 'altered' = 'intact') => {
  const base = reference(FINGERPRINT);
  const avb = { by: 'root', in: null, outcome, because: '', keySha256: null, rollbackIndex } as const;
  return {
    references: [
      {
        ...base,
        manifest: {
          ...base.manifest,
          identity: { 'build.fingerprint': FINGERPRINT },
          partitions: [{ name: partition, size: 1, sha256: null, rootDigest: null, avb }],
        },
      },
    ],
  };
};
const locked = (name: string, value: string): Variables => [
  ['unlocked', 'no'],
  [name, value],
];

describe('against earlier inspections', () => {
  test.each<[string, Variables, Sighting | undefined, ReturnType<typeof judge>]>([
    ['risen, as after an update', [['anti', '5']], earlier([['anti', '4']]), 'pass'],
    ['the same', [['anti', '4']], earlier([['anti', '4']]), 'pass'],
    ['fallen', [['anti', '3']], earlier([['anti', '4']]), ['weak software']],
    ['fallen, on another phone', [['anti', '3']], earlier([['anti', '4']], { serials: ['other'] }), 'not-checked'],
    ['another counter', [['anti', '3']], earlier([['rollback-index', '4']]), 'not-checked'],
    ['missing: nothing earlier', [['anti', '3']], undefined, 'not-checked'],
    ['missing: no counter', [['unlocked', 'no']], earlier([['anti', '4']]), 'not-checked'],
    ['hostile: no number', [['anti', '-1\u001b[0m']], earlier([['anti', '4']]), 'not-checked'],
    ['hostile: a number beyond an index', [['anti', '99999999999999999999']], earlier([['anti', '4']]), 'not-checked'],
  ])('%s', (_name, variables, before, expected) => {
    expect(judge(antiRollback, [phone, bootloader(variables)], before === undefined ? {} : seen(before))).toEqual(expected);
  });
});

describe('against the build that is named', () => {
  test.each<[string, Variables, ReturnType<typeof build>, ReturnType<typeof judge>]>([
    ['the build’s own', locked('rollback-index', '7'), build('vbmeta', '7'), 'pass'],
    ['a build that was not started yet', locked('rollback_index_0', '6'), build('vbmeta', '7'), 'pass'],
    ['a build that this bootloader refuses', locked('rollback-index', '8'), build('vbmeta', '7'), ['weak software']],
    ['an index of days, in hex', locked('avb-stored-rollback-index:0', '0x67afd980'), build('vbmeta', '1736035200'), ['weak software']],
    ['of a chained partition', locked('rollback-index:vbmeta_system', '8'), build('vbmeta_system', '7'), ['weak software']],
    ['of a slot', locked('rollback-index:boot_a', '6'), build('boot', '7'), 'pass'],
    [
      'unlocked: whatever is flashed starts',
      [
        ['unlocked', 'yes'],
        ['rollback-index', '8'],
      ],
      build('vbmeta', '7'),
      'not-checked',
    ],
    ['Xiaomi’s counter is no AVB index', locked('anti', '8'), build('vbmeta', '7'), 'not-checked'],
    ['a location that no name tells', locked('rollback-index-3', '8'), build('vbmeta', '7'), 'not-checked'],
    ['a vbmeta that does not verify', locked('rollback-index', '8'), build('vbmeta', '7', 'altered'), 'not-checked'],
  ])('%s', (_name, variables, references, expected) => {
    expect(judge(antiRollback, [phone, bootloader(variables)], references)).toEqual(expected);
  });

  test('fastbootd, a part of the system, has no counter', () => {
    expect(judge(antiRollback, [phone, bootloader(locked('rollback-index', '8'), true)], build('vbmeta', '7'))).toBe('not-checked');
  });
});

test('names that are none', () => {
  const none = [
    'anti-theft',
    'rollback',
    'max-rollback-index-size-in-bytes-of-all-the-things-that-there-are',
    'partition-size:rollback_index_x',
  ];
  expect(rollbackIndexesOf(facts(none.map((name) => [name, '1'])))).toEqual([]);
});
