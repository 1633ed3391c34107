import { describe, expect, test } from 'vitest';
import { builtinKnowledge, type Indicator, type Knowledge, parsePattern } from '../../knowledge/index.ts';
import { context, files, judge, packages } from '../boot/made-facts.ts';
import { runChecks } from '../run.ts';
import { patterns } from './patterns.ts';

const row = (source: string) => ({ source, pattern: parsePattern(source), family: 'Bad', class: 'malware' as const, sources: ['pack@1'] });
const knowing = (sources: readonly string[], more: Partial<Knowledge> = {}) => ({
  knowledge: { ...builtinKnowledge, patterns: sources.map(row), ...more },
});
const facts = [
  packages({ name: 'com.bad', paths: ['/data/app/com.bad/base.apk'] }, { name: 'com.good' }),
  files({ path: '/system/app/Bad/Bad.apk' }),
];
const beyond = (sources: readonly string[], more?: Partial<Knowledge>) =>
  runChecks([patterns], context(facts, knowing(sources, more))).notExamined.map(({ because }) => because);

describe('patterns of imported packs', () => {
  test.each([
    ["[app:id='com.bad' AND file:path LIKE '/data/app/%']", ['weak posture']],
    ["[app:id='com.bad'] AND [file:name='Bad.apk']", ['weak posture']],
    ["[app:id='com.bad' AND file:name='Bad.apk']", 'pass'],
    ["[app:id='com.worse']", 'pass'],
    ["[app:id='com.bad'] FOLLOWEDBY [app:id='com.good']", 'not-checked'],
  ])('%s', (source, expected) => expect(judge(patterns, facts, knowing([source]))).toEqual(expected));

  test('a pattern about what nothing was read of is not passed', () => {
    expect(judge(patterns, facts, knowing(["[url:value='http://x']"]))).toBe('not-checked');
    expect(beyond(["[url:value='http://x']", "[app:id='com.worse']"])).toEqual([
      '1 of 2 patterns hang on what is not examined: Bad (nothing of the kind url is read)',
    ]);
    // One that holds by what was read needs no more.
    expect(judge(patterns, facts, knowing(["[url:value='http://x'] OR [app:id='com.bad']"]))).toEqual(['weak posture']);
  });

  test('domains of packs are held against the hosts file alone, and what had ended against nothing: both are said', () => {
    const domain: Indicator = { type: 'domain', value: 'bad.example', family: 'Bad', class: 'malware', sources: [] };
    const more = { indicators: [...builtinKnowledge.indicators, domain], ended: 3 };
    const [said] = beyond(["[app:id='com.worse']"], more);
    expect(said).toMatch(/domains are compared with the hosts file alone.*; 3 indicators are left out/);
    expect(judge(patterns, facts, knowing([], more))).toBe('not-checked');
  });

  test('without a pack nothing is examined, nor where nothing was read', () => {
    expect(judge(patterns, facts)).toBe('not-checked');
    expect(judge(patterns, [], knowing(["[app:id='com.bad']"]))).toBe('not-checked');
  });
});
