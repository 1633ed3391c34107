import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../bytes/index.ts';
import { isLike, matchPattern, type Observation, parsePattern, readStixBundle } from './index.ts';

const seen = (values: Readonly<Record<string, readonly string[]>>): Observation => ({ values: new Map(Object.entries(values)) });
const bad = seen({ 'app:id': ['com.bad'], 'app:cert.sha256': ['AB'.repeat(32)], 'file:path': ['/system/app/Bad.apk'] });
const good = seen({
  'app:id': ['com.good'],
  'app:cert.sha256': ['cd'.repeat(32)],
  'file:path': ['/system/app/Good.apk'],
  'file:size': ['20'],
});
const answer = (pattern: string, ...observations: readonly Observation[]) => matchPattern(parsePattern(pattern), observations).answer;

describe('patterns that investigations publish', () => {
  // The forms that mvt's documentation and its test bundles use.
  test.each([
    ["[app:id='com.bad']", 'yes'],
    ["[app:id = 'com.bad']", 'yes'],
    ["[app:id='com.other']", 'no'],
    [`[app:cert.sha256='${'ab'.repeat(32)}']`, 'yes'],
    [`[app:cert.'SHA-256' = '${'ab'.repeat(32)}']`, 'yes'],
    ["[file:path='/system/app/Bad.apk']", 'yes'],
    ["[domain-name:value='bad.example']", 'no'],
    // No STIX, but what MVT takes.
    ['[app:id=com.bad]', 'yes'],
    ['[ file:path = /system/app/Bad.apk ]', 'yes'],
    ['[app:id=com.other]', 'no'],
  ])('%s: %s', (pattern, expected) => expect(answer(pattern, good, bad)).toBe(expected));

  test.each([
    ["[app:id='com.bad' AND file:path='/system/app/Bad.apk']", 'yes', 'both of one app'],
    ["[app:id='com.bad' AND file:path='/system/app/Good.apk']", 'no', 'one of each app'],
    ["[app:id='com.bad'] AND [file:path='/system/app/Good.apk']", 'yes', 'two observations'],
    ["[app:id='com.bad'] AND [app:id='com.none']", 'no', 'one of two'],
    ["[app:id='com.none'] OR [app:id='com.bad']", 'yes', 'either'],
    ["[app:id='com.none' OR app:id='com.bad']", 'yes', 'either of one'],
    ["[app:id IN ('com.a', 'com.bad')]", 'yes', 'a list'],
    ["[app:id NOT IN ('com.bad','com.good')]", 'no', 'neither of a list'],
    ["[file:path LIKE '/system/%.apk']", 'yes', 'LIKE'],
    ["[app:id LIKE 'com._ad']", 'yes', 'LIKE with one character'],
    ["[app:id != 'com.bad' AND file:path LIKE '%Bad%']", 'no', 'not equal'],
    ['[EXISTS file:size]', 'yes', 'a property that is there'],
    ['[file:size > 19 AND file:size <= 20]', 'yes', 'numbers'],
    ["([app:id='com.bad'] OR [app:id='x']) AND [EXISTS file:path]", 'yes', 'brackets'],
    ["[(app:id='x' OR app:id='com.bad') AND (file:path LIKE '%Bad%')]", 'yes', 'brackets inside'],
    ["[app:id='x' OR app:id='com.bad' AND file:path='none']", 'no', 'AND binds more than OR'],
    ["[NOT EXISTS file:size AND app:id='com.bad']", 'yes', 'a property that is not there'],
    ['[NOT EXISTS file:path]', 'no', 'a property that all have'],
    ['[NOT EXISTS url:value]', 'no', 'of an object that is not there at all'],
    ["/* who */ [app:id='com.bad' // which\n ]", 'yes', 'comments'],
    ["[app:id='com.bad'] START '2016-06-01T00:00:00Z' STOP '2017-03-12T08:30:00Z'", 'open', 'an interval as STIX 2.0 writes it'],
    ["((([app:id='com.bad'] AND ([app:id='com.none'] OR [file:path LIKE '%Good%']))))", 'yes', 'nested'],
    ["[app:id MATCHES 'com\\\\..*']", 'open', 'a regular expression is not examined'],
    ["[app:id MATCHES '(a+)+$' AND file:path='none']", 'no', 'what cannot hold is not open'],
    ["[app:id='com.bad'] FOLLOWEDBY [app:id='com.good']", 'open', 'order is not known'],
    ["[app:id='com.bad'] FOLLOWEDBY [app:id='com.none']", 'no', 'a part that is not there'],
    ["[app:id='com.bad'] WITHIN 300 SECONDS", 'open', 'time is not known'],
    ["[app:id='com.none'] REPEATS 5 TIMES", 'no', 'what is not there is not there five times'],
    ["[app:id='com.bad'] START t'2016-06-01T00:00:00Z' STOP t'2017-03-12T08:30:00Z'", 'open', 'an interval'],
    ["[x:list[0].name = 'a' OR x:list[*].name = 'b']", 'no', 'list steps'],
  ])('%s: %s (%s)', (pattern, expected) => expect(answer(pattern, good, bad)).toBe(expected));

  test('a quote and a backslash in a text', () =>
    expect(answer("[app:id = 'it\\'s \\\\ here']", seen({ 'app:id': ["it's \\ here"] }))).toBe('yes'));
});

describe('malformed patterns are refused where they go wrong', () => {
  test.each([
    ['', 0],
    ['[', 1],
    ["[app:id='x'", 11],
    ["[app:id='x']]", 12],
    ["[app='x']", 4],
    ["[app:id 'x']", 8],
    ["[app:id='x' AND]", 15],
    ["[app:id='x'] WITHIN soon SECONDS", 20],
    ["[app:id='unclosed]", 8],
    ['[app:id=\u0000]', 8],
    ['[app:id IN ()]', 12],
    ["[NOT app:id='x']", 5],
    ["[app:id='x'] /* never closed", 13],
    ["[app:id='x'] [app:id='y']", 13],
    [`${'('.repeat(100)}[a:b='c']${')'.repeat(100)}`, 65],
    [`[${'('.repeat(100)}a:b='c'${')'.repeat(100)}]`, 65],
  ])('%j', (pattern, at) => {
    try {
      parsePattern(pattern);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      expect(error).toMatchObject({ at, format: 'stix pattern' });
    }
  });
  test('whatever the text, an answer or a FormatError', () => {
    const word = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      'AND',
      'OR',
      'NOT',
      'a:b',
      '=',
      "'x'",
      '7',
      'IN',
      ',',
      'WITHIN',
      'FOLLOWEDBY',
      "t'x'",
      '*',
      '.',
      ':',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        try {
          parsePattern(words.join(' '));
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });
  test('a pattern of too many comparisons', () =>
    expect(() => parsePattern(`[${Array.from({ length: 4097 }, () => "a:b='c'").join(' OR ')}]`)).toThrow(/comparisons/));
});

describe('LIKE', () => {
  test.each([
    ['', '', true],
    ['', '%', true],
    ['a', '', false],
    ['abc', 'a%c', true],
    ['abc', 'a_c', true],
    ['abc', '%b', false],
    ['aXbXc', 'a%X%c', true],
    ['abcabd', '%abd', true],
  ])('%j like %j: %s', (text, pattern, expected) => expect(isLike(text, pattern)).toBe(expected));
  test('agrees with a regular expression', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
    const likes = fc.string({ unit: fc.constantFrom('a', 'b', '%', '_'), maxLength: 6 });
    fc.assert(
      fc.property(letters, likes, (text, pattern) => {
        const expression = new RegExp(`^${pattern.replaceAll('%', '.*').replaceAll('_', '.')}$`, 's');
        expect(isLike(text, pattern)).toBe(expression.test(text));
      }),
    );
  });
});

describe('bundles', () => {
  const bytes = (json: unknown) => new TextEncoder().encode(typeof json === 'string' ? json : JSON.stringify(json));
  const indicator = (more: object) => ({
    type: 'indicator',
    id: 'indicator--1',
    pattern_type: 'stix',
    pattern: "[app:id='com.bad']",
    ...more,
  });
  test('an indicator with the malware that it indicates', () => {
    const bundle = readStixBundle(
      bytes({
        type: 'bundle',
        id: 'bundle--1',
        objects: [
          { type: 'malware', id: 'malware--1', name: 'Bad', is_family: false },
          indicator({ labels: ['malicious-activity'] }),
          {
            type: 'relationship',
            id: 'relationship--1',
            relationship_type: 'indicates',
            source_ref: 'indicator--1',
            target_ref: 'malware--1',
          },
        ],
      }),
    );
    expect(bundle).toMatchObject({ indicators: [{ indicates: ['Bad'], labels: ['malicious-activity'] }], left: [] });
  });
  test('an indicator says until when its author stands by it', () => {
    const until = (valid_until: unknown) =>
      readStixBundle(bytes({ type: 'bundle', objects: [indicator({ valid_until })] })).indicators[0]?.until;
    expect([until('2024-01-01T00:00:00.000Z'), until(undefined), until('soon')]).toEqual([
      '2024-01-01T00:00:00.000Z',
      undefined,
      undefined,
    ]);
  });
  test('what cannot be used of it is said, and costs itself', () => {
    const bundle = readStixBundle(
      bytes({
        type: 'bundle',
        objects: [
          indicator({ id: 'a', pattern_type: 'yara' }),
          indicator({ id: 'b', pattern: '[oops' }),
          indicator({ id: 'c', revoked: true }),
          indicator({ id: 'd', pattern: 7 }),
          indicator({ id: 'e' }),
          7,
          null,
          { type: 'note' },
        ],
      }),
    );
    expect(bundle.indicators.map(({ id }) => id)).toEqual(['e']);
    expect(bundle.left.map(({ id }) => id).toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });
  test.each([['no json'], ['[]'], ['{"type":"bundle"}'], ['{"type":"bundle","objects":{}}'], ['{"type":"other","objects":[]}']])(
    '%s is refused',
    (text) => expect(() => readStixBundle(bytes(text))).toThrow(FormatError),
  );
  test('more bytes than a bundle may have are refused before they are parsed', () =>
    expect(() => readStixBundle(new Uint8Array((128 << 20) + 1))).toThrow(/too|most/));
});
