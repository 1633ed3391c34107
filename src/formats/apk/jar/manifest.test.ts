import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ApkRefusal } from '../issue.ts';
import { digestsToVerify } from './digests.ts';
import { jarAttribute, readJarSections, writeJarSection } from './manifest.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const sections = (text: string) =>
  readJarSections(bytes(text)).map(({ start, size, name, attributes }) => ({ start, size, name, attributes: attributes() }));

describe('sections as platforms cut them', () => {
  test('a section takes the empty line that ends it, and no other', () => {
    expect(sections('Manifest-Version: 1.0\r\n\r\nName: a\r\nSHA1-Digest: x\r\n\r\n')).toEqual([
      { start: 0, size: 25, name: undefined, attributes: [['Manifest-Version', '1.0']] },
      {
        start: 25,
        size: 27,
        name: 'a',
        attributes: [
          ['Name', 'a'],
          ['SHA1-Digest', 'x'],
        ],
      },
    ]);
  });

  test('CR, LF and CR LF end lines alike', () => {
    for (const end of ['\r', '\n', '\r\n']) {
      const text = ['A: 1', '', 'Name: b', ''].join(end);
      expect(sections(text).map(({ attributes }) => attributes)).toEqual([[['A', '1']], [['Name', 'b']]]);
    }
  });

  test('a continued line loses one space, and no more', () => {
    expect(sections('Name: ab\n c\n  d\n')[0]?.name).toBe('abc d');
  });

  test('the name counts only where it comes first', () => {
    expect(sections('X: 1\nName: a\n')[0]?.name).toBeUndefined();
    expect(sections('nAmE: a\n')[0]?.name).toBe('a');
  });

  test('no text, only empty lines, no colon, no value, a hostile name', () => {
    expect(sections('')).toEqual([]);
    expect(sections('\n\n\r\n')).toEqual([]);
    expect(sections('nothing\n')[0]?.attributes).toEqual([['nothing', '']]);
    expect(sections('Name:x\n')[0]?.attributes).toEqual([['Name:x', '']]);
    expect(sections('Name: \u0000../../x\n')[0]?.name).toBe('\u0000../../x');
    expect(sections('Name : a\n')[0]?.attributes).toEqual([['Name ', 'a']]);
  });

  test('the first attribute of a name counts, whatever its case', () => {
    const [section] = readJarSections(bytes('Name: a\nsha1-digest: first\nSHA1-Digest: second\n'));
    expect(section === undefined ? '' : jarAttribute(section.attributes(), 'SHA1-Digest')).toBe('first');
  });

  test('100,000 continued lines are joined once', () => {
    const text = `Name: a${'\n b'.repeat(100_000)}\n`;
    expect(sections(text)[0]?.name?.length).toBe(100_001);
  });
});

test('what is written reads back, lines folded at 72 bytes', () => {
  const value = fc.stringMatching(/^[ -~]{0,200}$/).filter((text) => !text.startsWith(' '));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.stringMatching(/^[A-Za-z0-9-]{1,20}$/), value), { minLength: 1, maxLength: 4 }), (attributes) => {
      const written = writeJarSection(attributes);
      expect(
        new TextDecoder()
          .decode(written)
          .split('\r\n')
          .every((line) => line.length <= 72),
      ).toBe(true);
      const [section] = readJarSections(written);
      expect(section?.attributes()).toEqual(attributes);
      expect(section?.size).toBe(written.length);
    }),
  );
});

describe('which digest counts', () => {
  const [section] = readJarSections(bytes('Name: a\nSHA1-Digest: AQ==\nSHA-256-Digest: Ag==\nMD5-Digest: Aw==\n'));
  const algorithms = (minSdk: number, maxSdk: number, text?: string) => {
    const one = text === undefined ? section : readJarSections(bytes(text))[0];
    return one === undefined
      ? []
      : digestsToVerify(one, '-Digest', { minSdk, maxSdk }).map(({ algorithm, digest }) => [algorithm, digest[0]]);
  };

  test('SHA-1 before API 18, the strongest from there on, both over a range', () => {
    expect(algorithms(17, 17)).toEqual([['sha1', 1]]);
    expect(algorithms(18, 18)).toEqual([['sha256', 2]]);
    expect(algorithms(10, 30)).toEqual([
      ['sha1', 1],
      ['sha256', 2],
    ]);
  });

  test('Digest-Algorithms decides before API 18', () => {
    expect(algorithms(17, 17, 'Name: a\nDigest-Algorithms: MD5 SHA1\nMD5-Digest: Aw==\nSHA1-Digest: AQ==\n')).toEqual([['md5', 3]]);
    expect(algorithms(8, 8, 'Name: a\nDigest-Algorithms: SHA-512\nSHA-512-Digest: AQ==\n')).toEqual([]);
  });

  test('none that an old platform knows: none at all', () => {
    expect(algorithms(10, 30, 'Name: a\nSHA-256-Digest: Ag==\n')).toEqual([]);
  });

  test('text that is no base64 is a refusal, not a match', () => {
    expect(() => algorithms(18, 18, 'Name: a\nSHA-256-Digest: ??\n')).toThrow(ApkRefusal);
  });
});
