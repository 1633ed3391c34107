import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../bytes/index.ts';
import { allowedLines, isSelinuxPolicy, type PolicyParts, readSelinuxPolicy, writeSelinuxPolicy } from './index.ts';

const PARTS: PolicyParts = {
  types: ['init', 'shell', 'su'],
  permissive: ['su'],
  classes: { file: ['read', 'write'], process: ['transition'] },
  allow: [
    ['shell', 'su', 'process', ['transition']],
    ['init', 'shell', 'file', ['read', 'write']],
  ],
};
const whole = writeSelinuxPolicy(PARTS);
const codeOf = (bytes: Uint8Array): string => {
  try {
    readSelinuxPolicy(bytes);
    return 'read';
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return `${error.code} ${error.field}`;
  }
};
const changed = (at: number, ...values: readonly number[]): Uint8Array => {
  const bytes = whole.slice();
  bytes.set(values, at);
  return bytes;
};

describe('a policy', () => {
  it('reads back as it was written', () => {
    const { value, oddities } = readSelinuxPolicy(whole);
    expect(isSelinuxPolicy(whole)).toBe(true);
    expect(oddities).toEqual([]);
    expect(value.types.slice(1)).toEqual(PARTS.types);
    expect(value.permissive.map((type) => value.types[type])).toEqual(['su']);
    expect([...allowedLines(value)]).toEqual([
      'allow shell su:process transition',
      'allow init shell:file read',
      'allow init shell:file write',
    ]);
  });
  it('reads back, whatever its names and rules are', () => {
    const word = fc.stringMatching(/^[a-z][a-z_]{0,12}$/);
    const words = fc.uniqueArray(word, { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(
        words,
        fc.uniqueArray(word, { minLength: 1, maxLength: 31 }),
        fc.infiniteStream(fc.nat()),
        (types, permissions, numbers) => {
          const pick = <T>(list: readonly T[]): T => list[(numbers.next().value ?? 0) % list.length] as T; // the list is not empty
          const allow = Array.from({ length: 20 }, () => [pick(types), pick(types), 'file', [pick(permissions)]] as const);
          const { value } = readSelinuxPolicy(
            writeSelinuxPolicy({ types, permissive: [pick(types)], classes: { file: permissions }, allow }),
          );
          expect(value.types.slice(1)).toEqual(types);
          expect(allowedLines(value)).toEqual(
            new Set(allow.map(([source, target, of, [one]]) => `allow ${source} ${target}:${of} ${one}`)),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
  it('cut anywhere is refused by name, never half read', () => {
    for (let length = 0; length < whole.length; length++) expect(codeOf(whole.subarray(0, length))).not.toBe('read');
  });
  it.each([
    ['another magic', changed(0, 0), 'bad-magic magic'],
    ['another target', changed(8, 0x58), 'bad-value target'],
    ['a target of 4 GB', changed(4, 255, 255, 255, 255), 'bad-value len'],
    ['a version of tomorrow', changed(16, 34), 'unsupported-version version'],
    ['no multi-level security', changed(20, 0), 'bad-value config'],
    ['nine symbol tables', changed(24, 9), 'bad-value sym_num'],
    ['a bitmap of other words', changed(32, 32), 'bad-value policycaps.mapsize'],
    ['a bitmap with more nodes than bytes', changed(40, 255, 255, 255, 127), 'out-of-bounds policycaps.count'],
    ['a permissive node beyond its end', changed(56, 64), 'bad-value permissive_map.startbit'],
    ['more commons than bytes', changed(72, 255, 255, 255, 127), 'out-of-bounds commons.nel'],
    ['more rules than bytes', changed(whole.length - 28, 255, 255, 15, 0), 'out-of-bounds avtab.nel'],
    ['rules without end', changed(whole.length - 28, 255, 255, 255, 255), 'too-large avtab.nel'],
  ])('%s is refused', (_, bytes, expected) => expect(codeOf(bytes)).toBe(expected));
  it('a rule about what the policy has no name for is shown by its number', () => {
    const bytes = changed(whole.length - 24, 99, 0);
    expect([...allowedLines(readSelinuxPolicy(bytes).value)][0]).toBe('allow #99 su:process transition');
  });
});
