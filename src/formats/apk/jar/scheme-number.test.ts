import { expect, test } from 'vitest';
import { schemeNumber } from './scheme-number.ts';

test.each([
  ['2', 2],
  [' 3', 3],
  ['\0 3\t\0', 3],
  ['+2', 2],
  ['-1', -1],
  ['0000000000002', 2],
  ['2147483647', 2_147_483_647],
])('%j is a number to Java', (text, number) => expect(schemeNumber(text)).toBe(number));
test.each(['', 'x', '2 3', '2147483648', '2.0', '0x2', '\u00a02', '++2'])('%j is none', (text) =>
  expect(schemeNumber(text)).toBeUndefined(),
);
