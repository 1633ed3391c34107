import { describe, expect, test } from 'vitest';
import { growthOf, SQUARE_FROM } from '../../../../../test/support/growth.ts';
import { inUnit } from './units.ts';
import { isCompared, numberOf, sameAs, scalarsOf, writtenOut } from './values.ts';

const none = new Map<string, string>();

describe('values', () => {
  test.each([
    ['1', 1],
    [' +1.50 ', 1.5],
    ['.5', 0.5],
    ['1e3', 1000],
    ['1.', 1],
    ['', undefined],
    ['0x10', undefined],
    ['1e999', undefined],
    ['Infinity', undefined],
    ['1 2', undefined],
  ])('"%s" is the number %s', (text, number) => expect(numberOf(text)).toBe(number));

  test.each([
    ['EQ', 1, 1 + 1e-12, true],
    ['EQ', 1, 1.001, false],
    ['GE', 298.15000000000003, 298.15, true],
    ['LT', 298.15, 298.15000000000003, false],
    ['GT', 2, 1, true],
    ['LE', 2, 1, false],
    ['EQ', 0, 0, true],
  ] as const)('%s of %s and %s is %s', (operator, a, b, is) => expect(isCompared(operator, a, b)).toBe(is));

  test('what is the same is so however it is written, and of one kind', () => {
    const isOne = sameAs(['7', '2026-01-01T00:00:00Z', 'x:a', 'urn:epc:id:sgtin:4012345.011111.2'], new Map([['x', 'https://x.example/']]));
    for (const value of ['7.0', 7, '2026-01-01T01:00:00+01:00', 'https://x.example/a', 'https://shop.example/01/04012345111118/21/2'])
      expect(isOne(value, none)).toBe(true);
    expect(isOne('y:a', new Map([['y', 'https://x.example/']]))).toBe(true);
    for (const value of ['8', true, '2026-01-01', 'x:a b', '']) expect(isOne(value, none)).toBe(false);
  });

  test('plain values are found in lists, in elements with attributes, and nowhere else', () => {
    expect(scalarsOf([1, ['a', null], { '#text': 'b', 'x:c': 'd' }, { 'x:e': 'f' }])).toEqual([1, 'a', 'b']);
    expect(writtenOut('https://x.example/', new Map([['https', 'no']]))).toBe('https://x.example/');
  });

  test('what is no number is so after one look, however long', () => {
    const work = { make: (size: number) => `${'1'.repeat(size)}x`, run: numberOf, size: 100_000 };
    expect(growthOf(work)).toBeLessThan(SQUARE_FROM);
  });
});

describe('units', () => {
  test.each([
    [25, 'CEL', 'FAH', 77],
    [77, 'FAH', 'CEL', 25],
    [0, 'KEL', 'CEL', -273.15],
    [1, 'INH', 'MMT', 25.4],
    [1, 'BAR', 'KPA', 100],
    [36, 'KMH', 'MTS', 10],
    [5, 'XYZ', 'XYZ', 5],
  ])('%s %s in %s', (value, from, to, is) => expect(inUnit(value, from, to)).toBeCloseTo(is, 9));
  test('a difference has no zero, and what is of another quantity is none', () => {
    expect(inUnit(9, 'FAH', 'CEL', true)).toBeCloseTo(5, 9);
    for (const [from, to] of [
      ['CEL', 'MTR'],
      ['XYZ', 'CEL'],
      ['constructor', 'toString'],
    ] as const)
      expect(inUnit(1, from, to)).toBeUndefined();
  });
});
