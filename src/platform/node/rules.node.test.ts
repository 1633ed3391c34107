import { describe, expect, test } from 'vitest';
import { wasmRules } from '../web/rules.ts';
import { nodeRules } from './index.ts';
import { guarded } from './rule-text.ts';

const dex = new TextEncoder().encode('dex\n035\0 needle in hay');
/** A rule that declares what its condition names. */
const rule = (name: string, condition: string) =>
  `rule ${name} { strings: ${/\$m/.test(condition) ? '$m = "MZ" ' : ''}$a = "needle in hay" condition: ${condition}\n}\n`;
const met = async (compile: typeof nodeRules, text: string) => {
  const scanner = await compile([{ name: 'x', text }]);
  expect(scanner?.refused).toEqual([]);
  const answer = await scanner?.scan(dex);
  return answer !== undefined && answer.stopped.length === 0 ? answer.matches.map(({ rule }) => rule).toSorted() : answer;
};

describe('two rules that share a string', () => {
  test.each([
    'uint32(0) == 0x464c457f and $a',
    'filesize < 5 and $a',
    '$m at 0 and $a',
    'uint8(0) == 1 and any of them',
    '0x464c457f == uint32(0) and $a // a comment at its end',
    'for all i in (1..#a) : (@a[i] < 2)',
    '$a and not $a or $m',
  ])('do not hide each other: %s', async (condition) => {
    const text = rule('first', condition) + rule('second', '$a');
    expect(await met(nodeRules, text)).toEqual(['second']);
    expect(await met(wasmRules, text)).toEqual(['second']);
  });
});

describe('guarding a rule file', () => {
  test('texts, expressions, hex strings and comments are stepped over', async () => {
    const text = `import "math"
/* condition: } */
private rule p : tag { meta: a = "condition: }" b = 1 strings: $x = { 6E [0-2] ( 65 | 66 ) } $y = /need\\/?le}/i $z = "\\"}" condition: $x or $y or $z }
rule q { condition: p and math.entropy(0, filesize) > 0.1 and "abc" matches /a.}?c/ }
`;
    expect(guarded(text).match(/\) or filesize < 0 }/g)).toHaveLength(2);
    expect(await met(nodeRules, text)).toEqual(['q']);
  });
  test('what is no rule file stays for the compiler to refuse', async () => {
    for (const text of ['rule x {', 'rule x { condition: "unclosed }', '}{', '\u0000', 'rule x { strings: $a = { 00 condition: $a }']) {
      const scanner = await nodeRules([{ name: 'x', text }]);
      expect(scanner?.refused, text).toHaveLength(1);
    }
  });
});

test('a rule that does not end is stopped, and says so', async () => {
  const scanner = await nodeRules(
    [{ name: 'slow', text: 'rule s { condition: for all i in (0..100000000000) : (uint8(i) == 0 or true) }' }],
    300,
  );
  expect(await scanner?.scan(dex)).toEqual({ matches: [], stopped: [expect.stringMatching(/^slow: .*time/i)] });
});

test('a rule that does not end takes nothing from what another found', async () => {
  const slow = { name: 'slow', text: 'rule s { condition: for all i in (0..100000000000) : (uint8(i) == 0 or true) }' };
  const scanner = await nodeRules([slow, { name: 'ours', text: rule('found', '$a') }], 300);
  expect(await scanner?.scan(dex)).toMatchObject({
    matches: [{ source: 'ours', rule: 'found' }],
    stopped: [expect.stringMatching(/^slow/)],
  });
});

describe('what the engine would not survive is refused before it sees it', () => {
  const nested = (count: number, open: string, close: string) => `rule x { condition: ${open.repeat(count)}1${close.repeat(count)} == 1 }`;
  test.each([
    ['brackets, which end the process', nested(100_000, '(', ')'), 'brackets within each other'],
    ['calls, each of which doubles the time', nested(30, 'uint8(', ')'), 'calls within each other'],
    ['negations', `rule x { condition: ${'not '.repeat(100_000)}true }`, 'operators in a row'],
    ['signs', `rule x { condition: ${'-'.repeat(100_000)}1 == 1 }`, 'operators in a row'],
    ['comparisons', `rule x { condition: ${Array(10_000).fill('1').join(' == ')} }`, 'operators in a row'],
    [
      'alternatives',
      `rule x { strings: $a = { 01 02 ${'( 01 | '.repeat(50_000)}03${' )'.repeat(50_000)} } condition: $a }`,
      'within each other',
    ],
  ])('%s', async (_, text, because) => {
    const scanner = await nodeRules([
      { name: 'bad', text },
      { name: 'good', text: rule('good', '$a') },
    ]);
    expect(scanner?.refused).toMatchObject([{ source: 'bad', because: expect.stringContaining(because) }]);
    expect((await scanner?.scan(dex))?.matches.map((match) => match.rule)).toEqual(['good']);
  });
  test('what rules do is not', async () => {
    const deep = nested(40, '(', ')').replace('1 == 1', 'uint8(uint8(uint16(0))) >= 0 and 1 == 1');
    expect((await nodeRules([{ name: 'x', text: deep }]))?.refused).toEqual([]);
    const long = `rule x { condition: ${Array(3000).fill('filesize != 7').join(' and ')} }`;
    expect((await nodeRules([{ name: 'x', text: long }]))?.refused).toEqual([]);
  });
});
