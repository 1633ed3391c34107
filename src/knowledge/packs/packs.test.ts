import { describe, expect, test } from 'vitest';
import { FormatError } from '../../bytes/index.ts';
import { builtinKnowledge } from '../builtin.ts';
import { clonesClaiming } from '../models/index.ts';
import { parsePattern, type StixIndicator } from '../stix/index.ts';
import { knowledgeAt } from '../valid.ts';
import { emptyPack, isOlderVersion, type Pack, readPack, rowsOfStix, withPacks, writePack } from './index.ts';

const head = { id: 'example', title: 'Example', version: '2026-01', licence: 'CC-BY-4.0', source: 'https://example.org/x.stix2' };
const sha = 'AB'.repeat(32);
const indicator = (pattern: string, more: Partial<StixIndicator> = {}): StixIndicator => ({
  id: 'i',
  name: undefined,
  indicates: ['Bad'],
  source: pattern,
  pattern: parsePattern(pattern),
  labels: ['malicious-activity'],
  until: undefined,
  ...more,
});
const rows = (...indicators: readonly StixIndicator[]) => rowsOfStix({ indicators, left: [] }, { source: 'example@1', title: 'Example' });

describe('a STIX bundle as a pack', () => {
  test.each([
    ["[app:id='com.bad']", [['package', 'com.bad']]],
    [`[app:cert.sha256='${sha}']`, [['signer-sha256', sha.toLowerCase()]]],
    [`[app:cert.sha1='${sha.slice(0, 40)}']`, [['signer-sha1', sha.slice(0, 40).toLowerCase()]]],
    [`[file:hashes.'SHA-256'='${sha}']`, [['sha256', sha.toLowerCase()]]],
    [
      `[file:hashes.sha256='${sha}' OR file:hashes.md5='${sha.slice(0, 32)}']`,
      [
        ['sha256', sha.toLowerCase()],
        ['md5', sha.slice(0, 32).toLowerCase()],
      ],
    ],
    [
      "[file:path='/system/x'] OR [file:name='/system/y']",
      [
        ['path', '/system/x'],
        ['path', '/system/y'],
      ],
    ],
    ["[domain-name:value='Bad.Example']", [['domain', 'bad.example']]],
    ["[android-property:name='sys.bad']", [['property', 'sys.bad']]],
    [
      "[process:name IN ('a', 'b')]",
      [
        ['process', 'a'],
        ['process', 'b'],
      ],
    ],
  ])('%s becomes rows', (pattern, expected) => {
    const found = rows(indicator(pattern));
    expect(found.patterns).toEqual([]);
    expect(found.indicators.map(({ type, value }) => [type, value])).toEqual(expected);
    for (const row of found.indicators) expect(row).toMatchObject({ family: 'Bad', class: 'malware', sources: ['example@1'] });
  });
  test.each([
    ["[app:id='a' AND file:path='/b']"],
    ["[app:id='a'] AND [app:id='b']"],
    ["[app:id LIKE 'com.%']"],
    ["[app:id != 'a']"],
    ["[url:value='http://x']"],
    ["[file:name='x.apk']"],
    ["[file:hashes.sha256='not hex']"],
    ["[app:id='a' OR url:value='b']"],
  ])('%s stays a pattern', (pattern) =>
    expect(rows(indicator(pattern))).toMatchObject({ indicators: [], patterns: [{ pattern, family: 'Bad' }] }),
  );
  test('what its labels call it, and riskware where they call it nothing', () => {
    const classes = (...labels: readonly string[]) => rows(indicator("[app:id='a']", { labels })).indicators[0]?.class;
    expect([classes('stalkerware'), classes('malicious-activity'), classes(), classes('benign')]).toEqual([
      'stalkerware',
      'malware',
      'riskware',
      'riskware',
    ]);
  });
});

describe('time', () => {
  test('an indicator that had ended when the phone was read accuses nobody, and is counted; one that ended since does', () => {
    const { indicators, patterns } = rows(
      indicator("[app:id='a']", { until: '2024-01-01T00:00:00Z' }),
      indicator("[app:id LIKE 'b%']", { until: '2024-01-01T00:00:00Z' }),
      indicator("[app:id='c']"),
    );
    const known = withPacks({ ...builtinKnowledge, indicators: [] }, [readPack(writePack({ ...emptyPack(head), indicators, patterns }))]);
    const at = (moment: '2023-12-31T00:00:00Z' | '2024-01-01T00:00:00Z') => knowledgeAt(known, moment);
    expect([at('2023-12-31T00:00:00Z').indicators.length, at('2023-12-31T00:00:00Z').ended]).toEqual([2, undefined]);
    expect(at('2024-01-01T00:00:00Z')).toMatchObject({ ended: 2, indicators: [{ value: 'c' }], patterns: [] });
  });
  test.each([
    ['2026-01', '2026-02', true],
    ['2026-02-03', '2026-02', false],
    ['1.9', '1.10', true],
    ['v2', 'v1', false],
    ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', true],
    ['a04c5c1', 'e035f4f', false],
    ['2026-01', 'e035f4f', false],
    ['7', '7', false],
  ])('%s came before %s: %s', (one, other, expected) => expect(isOlderVersion(one, other)).toBe(expected));
});

describe('packs', () => {
  const pack: Pack = {
    ...emptyPack(head),
    indicators: [{ type: 'package', value: 'com.bad', family: 'Bad', class: 'malware', sources: ['x'] }],
    patterns: [{ pattern: "[app:id='a' AND app:id='b']", family: 'Bad', class: 'malware', sources: ['x'] }],
    signers: [{ sha256: 'ab'.repeat(32), owner: 'Somebody', role: 'app', packages: [], sources: ['x'] }],
    tacs: [{ tac: '35000000', brand: 'Example', model: 'One' }],
    specs: [
      {
        name: 'specs.csv',
        text: 'brand,model,device,soc,ram_gb,storage_gb,width,height,android\nExample,One,one,MSM8974,2,16,1080,1920,4.4\n',
      },
    ],
  };
  test('clones that were seen are added, and are named where a claim is refuted', () => {
    const clones = [{ claims: 'One', models: ['One'], is: 'a cheap phone', seen: '2026', sources: ['x'] }];
    const known = withPacks(builtinKnowledge, [{ ...pack, clones }]);
    expect(clonesClaiming('example one', known).map(({ is }) => is)).toEqual(['a cheap phone']);
    expect(clonesClaiming('MI 4LTE', known).map(({ seen }) => seen)).toEqual(['2015, China']);
    expect(clonesClaiming('Two', known)).toEqual([]);
    expect(() => readPack(new TextEncoder().encode(JSON.stringify({ ...pack, clones: [{ ...clones[0], serial: 'X' }] })))).toThrow(
      FormatError,
    );
  });
  test('round trip, one form', () => {
    expect(readPack(writePack(pack))).toEqual(pack);
    expect(writePack(readPack(writePack(pack)))).toEqual(writePack(pack));
  });
  test('are added to what is known, and named in its version', () => {
    const known = withPacks(builtinKnowledge, [{ ...pack, id: 'z' }, pack]);
    expect(known.version).toBe(`${builtinKnowledge.version} + example@2026-01 (CC-BY-4.0) + z@2026-01 (CC-BY-4.0)`);
    expect(known.indicators.length).toBe(builtinKnowledge.indicators.length + 2);
    expect(known.patterns).toHaveLength(2);
    expect(known.tacs.at(-1)?.brand).toBe('Example');
    expect(known.models.at(-1)).toMatchObject({ brand: 'Example', sources: ['z@2026-01: specs.csv'] });
  });
  test('cannot give a known certificate another owner', () => {
    const [first] = builtinKnowledge.signers;
    if (first === undefined) throw new Error('no signers');
    const stolen = {
      ...pack,
      signers: [{ sha256: first.sha256, owner: 'Attacker', role: 'platform' as const, packages: [], sources: ['x'] }],
    };
    expect(withPacks(builtinKnowledge, [stolen]).signers).toEqual(builtinKnowledge.signers);
  });
  test.each([
    ['no JSON', 'x'],
    ['another format', JSON.stringify({ ...pack, format: 'assay.knowledge/2' })],
    ['a field more', JSON.stringify({ ...pack, trusted: true })],
    ['an id that is a path', JSON.stringify({ ...pack, id: '../x' })],
    ['a pattern that does not parse', JSON.stringify({ ...pack, patterns: [{ ...pack.patterns[0], pattern: '[oops' }] })],
    ['a TAC of letters', JSON.stringify({ ...pack, tacs: [{ tac: 'abcdefgh', brand: 'x', model: 'y' }] })],
    ['no licence', JSON.stringify({ ...pack, licence: '' })],
  ])('%s is refused', (_, text) => expect(() => readPack(new TextEncoder().encode(text))).toThrow(FormatError));
});
