import { expect, test } from 'vitest';
import { growthOf, SQUARE_FROM } from './growth.ts';

const numbers = (size: number) => Array.from({ length: size }, (_, index) => index);

test('one pass is no square, and sorting is none', () => {
  const sum = (input: readonly number[]) => input.reduce((total, value) => (total + value * 7) % 1009, 0);
  expect(growthOf({ make: numbers, run: sum, size: 50_000 })).toBeLessThan(SQUARE_FROM);
  const shuffled = (size: number) => numbers(size).map((value) => (value * 7919) % 100_003);
  expect(growthOf({ make: shuffled, run: (input) => input.toSorted((a, b) => a - b), size: 2000 })).toBeLessThan(SQUARE_FROM);
});

test('a square is one, however cheap its step', () => {
  const search = (input: readonly number[]) => input.filter((value) => input.indexOf(value) === value).length;
  expect(growthOf({ make: numbers, run: search, size: 500 })).toBeGreaterThan(SQUARE_FROM);
  const pairs = (input: readonly number[]) => {
    let equal = 0;
    for (const a of input) for (const b of input) if (a === b) equal++;
    return equal;
  };
  expect(growthOf({ make: numbers, run: pairs, size: 500 })).toBeGreaterThan(SQUARE_FROM);
});

test('work that is too little to time is refused, and does not pass', () => {
  expect(() => growthOf({ make: numbers, run: (input) => input.length, size: 10 })).toThrow('too little');
});
