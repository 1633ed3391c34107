import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toBase64 } from '../../../bytes/index.ts';
import { ApkRefusal } from '../issue.ts';
import { digestsAt, digestsToVerify, type ExpectedDigest, expectedDigests, putDigests, usualDigest } from './digests.ts';
import {
  beginAlike,
  type JarSection,
  jarAttribute,
  jarAttributes,
  jarSectionName,
  readJarMain,
  readJarSections,
  writeJarSection,
} from './manifest.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const sections = (text: string) =>
  readJarSections(bytes(text)).map((section) => ({
    start: section.start,
    size: section.end - section.start,
    name: jarSectionName(section),
    attributes: jarAttributes(section),
  }));

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
    expect(section === undefined ? '' : jarAttribute(jarAttributes(section), 'SHA1-Digest')).toBe('first');
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
      expect(section === undefined ? [] : jarAttributes(section)).toEqual(attributes);
      expect(section?.end).toBe(written.length);
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

describe('a member’s digests, read from the bytes where there is nothing else to read', () => {
  const digest = (size: number, value: number) => toBase64(new Uint8Array(size).fill(value));
  const both = (text: string, minSdk: number, maxSdk: number) => {
    const [section] = readJarSections(bytes(text));
    const said = (digests: (one: JarSection) => readonly ExpectedDigest[]) => {
      try {
        return section === undefined ? [] : digests(section);
      } catch (error) {
        return error instanceof ApkRefusal ? error.message : String(error);
      }
    };
    const into = expectedDigests(usualDigest(bytes(text)), 3);
    return [
      said((one) => (putDigests(into, 1, one, { minSdk, maxSdk }) ? digestsAt(into, 1) : [])),
      said((one) => digestsToVerify(one, '-Digest', { minSdk, maxSdk })),
    ];
  };

  test.each([
    ['SHA-256', `Name: a\r\nSHA-256-Digest: ${digest(32, 7)}\r\n\r\n`],
    ['SHA-256 that the file ends with', `Name: a\nSHA-256-Digest: ${digest(32, 7)}`],
    ['SHA-256 behind a folded name', `Name: a\n b\n c\nSHA-256-Digest: ${digest(32, 7)}\n\n`],
    ['SHA1', `Name: a\r\nSHA1-Digest: ${digest(20, 9)}\r\n\r\n`],
    ['SHA-384', `Name: a\r\nSHA-384-Digest: ${digest(48, 9)}\r\n\r\n`],
    ['SHA-512, folded', `Name: a\r\nSHA-512-Digest: ${digest(64, 9).slice(0, 50)}\r\n ${digest(64, 9).slice(50)}\r\n\r\n`],
    ['two digests', `Name: a\r\nSHA1-Digest: ${digest(20, 9)}\r\nSHA-256-Digest: ${digest(32, 7)}\r\n\r\n`],
    ['a name in other case', `Name: a\r\nsha-256-digest: ${digest(32, 7)}\r\n\r\n`],
    ['a digest that goes on', `Name: a\r\nSHA-256-Digest: ${digest(32, 7)}\r\n A\r\n\r\n`],
    ['a digest that is too short', `Name: a\r\nSHA-256-Digest: ${digest(31, 7)}\r\n\r\n`],
    ['a digest without its padding', `Name: a\r\nSHA-256-Digest: ${digest(32, 7).slice(0, -1)}\r\n\r\n`],
    ['a digest of the other alphabet', `Name: a\r\nSHA-256-Digest: ${'_'.repeat(43)}=\r\n\r\n`],
    ['padding inside', `Name: a\r\nSHA-256-Digest: ${'A'.repeat(42)}==\r\n\r\n`],
    ['no digest', 'Name: a\r\n\r\n'],
    ['a digest for a name', `SHA-256-Digest: ${digest(32, 7)}\r\n\r\n`],
    ['an announced algorithm', `Name: a\r\nDigest-Algorithms: SHA-256\r\nSHA-256-Digest: ${digest(32, 7)}\r\n\r\n`],
  ])('%s', (_name, text) => {
    for (const [minSdk, maxSdk] of [
      [10, 30],
      [9, 17],
      [18, 30],
      [24, 24],
    ] as const) {
      const [short, long] = both(text, minSdk, maxSdk);
      expect(short).toEqual(long);
    }
  });

  test('the digest is what is written', () => {
    const [short] = both(`Name: a\r\nSHA-256-Digest: ${digest(32, 7)}\r\n\r\n`, 18, 30);
    expect(short).toEqual([{ algorithm: 'sha256', digest: new Uint8Array(32).fill(7) }]);
  });
});

describe('a signature file beside its manifest', () => {
  const alike = (file: string) => {
    const main = readJarMain(bytes(file));
    return main !== undefined && beginAlike(main, readJarSections(bytes('V: 1\n\nName: a\nX: 1\n\nName: b\n c\nX: 2\n\n')).slice(1));
  };

  test.each([
    ['the same names, other digests', 'V: 1\n\nName: a\nY: 7\n\nName: b\n c\nX: 3\nZ: 4\n\n', true],
    ['more empty lines, and none at the end', 'V: 1\n\n\n\nName: a\n\n\nName: b\n c\nX: 3', true],
    ['another order', 'V: 1\n\nName: b\n c\n\nName: a\n\n', false],
    ['one fewer', 'V: 1\n\nName: a\n\n', false],
    ['one more', 'V: 1\n\nName: a\n\nName: b\n c\n\nName: d\n\n', false],
    ['a name that goes on', 'V: 1\n\nName: a\n b\n\nName: b\n c\n\n', false],
    ['another name', 'V: 1\n\nName: a\n\nName: b\n d\n\n', false],
    ['the same name, folded elsewhere: to be looked up', 'V: 1\n\nName: a\n\nName: bc\n\n', false],
    ['nothing but the main section', 'V: 1\n', false],
  ])('%s', (_name, file, wanted) => expect(alike(file)).toBe(wanted));
});
