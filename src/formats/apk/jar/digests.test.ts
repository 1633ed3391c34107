import { expect, test } from 'vitest';
import { ApkRefusal } from '../issue.ts';
import { digestsToVerify } from './digests.ts';
import { readJarSections } from './manifest.ts';

const read = (text: string) => {
  const [section] = readJarSections(new TextEncoder().encode(`Name: a\r\nSHA1-Digest: ${text}\r\n\r\n`));
  if (section === undefined) throw new Error('no section');
  return digestsToVerify(section, '-Digest', { minSdk: 18, maxSdk: 23 }).length;
};

/** What java.util.Base64's basic decoder says of each: it decides on Android and in its verifier library. */
test.each(['', 'AA==', 'AAA=', 'AAAA', 'AA', 'AAA', 'AB=='])('%j is base64', (text) => expect(read(text)).toBe(1));
test.each(['AA=', 'AAAA=', 'AAAA====', 'A===', 'AAA==', '=', '==', 'AAAAA===', 'AAAA==', 'A', 'A-A=', 'AAA ', '*AAA'])(
  '%j is none',
  (text) => expect(() => read(text)).toThrow(ApkRefusal),
);
