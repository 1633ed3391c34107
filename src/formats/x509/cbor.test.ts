import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError, parseHex, toHex } from '../../bytes/index.ts';
import { type CborValue, readCbor, readCborPrefix, writeCbor } from './cbor.ts';

const hex = (text: string) => parseHex(text) ?? new Uint8Array(0);
const bytes = (...values: number[]) => Uint8Array.from(values);
const map = (...entries: [CborValue, CborValue][]): CborValue => ({ kind: 'map', entries });

/** RFC 8949 Appendix A; those marked are not in the deterministic form. */
const vectors: readonly [encoded: string, value: CborValue, deterministic?: false][] = [
  ['00', 0],
  ['17', 23],
  ['1818', 24],
  ['1903e8', 1000],
  ['1a000f4240', 1_000_000],
  ['1b000000e8d4a51000', 1_000_000_000_000],
  ['1bffffffffffffffff', 18_446_744_073_709_551_615n],
  ['3bffffffffffffffff', -18_446_744_073_709_551_616n],
  ['20', -1],
  ['3903e7', -1000],
  ['fb3ff199999999999a', { kind: 'float', value: 1.1 }],
  ['f93c00', { kind: 'float', value: 1 }, false],
  ['f97bff', { kind: 'float', value: 65_504 }, false],
  ['f90001', { kind: 'float', value: 2 ** -24 }, false],
  ['fa47c35000', { kind: 'float', value: 100_000 }, false],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['f7', undefined],
  ['f0', { kind: 'simple', value: 16 }],
  ['f8ff', { kind: 'simple', value: 255 }],
  ['c11a514b67b0', { kind: 'tag', tag: 1, value: 1_363_896_240 }],
  ['40', bytes()],
  ['4401020304', bytes(1, 2, 3, 4)],
  ['6449455446', 'IETF'],
  ['62c3bc', 'ü'],
  ['83010203', [1, 2, 3]],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  ['a201020304', map([1, 2], [3, 4])],
  ['826161a161626163', ['a', map(['b', 'c'])]],
  ['5f42010243030405ff', bytes(1, 2, 3, 4, 5), false],
  ['7f657374726561646d696e67ff', 'streaming', false],
  ['9fff', [], false],
  ['9f018202039f0405ffff', [1, [2, 3], [4, 5]], false],
  ['bf61610161629f0203ffff', map(['a', 1], ['b', [2, 3]]), false],
];

describe('the examples of RFC 8949', () => {
  test.each(vectors)('%s', (encoded, value, deterministic) => {
    expect(readCbor(hex(encoded), 'cbor').value).toEqual(value);
    if (deterministic !== false) expect(toHex(writeCbor(value))).toBe(encoded);
  });
});

const value = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.maxSafeInteger(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .uniqueArray(fc.nat(), { maxLength: 4 })
      .chain((keys) =>
        fc
          .array(tie('value'), { minLength: keys.length, maxLength: keys.length })
          .map((items) => map(...keys.map((key, index): [CborValue, CborValue] => [key, items[index]]))),
      ),
  ),
})).value;

test('what is written reads back', () => {
  fc.assert(
    fc.property(value, (item) => {
      const read = readCbor(writeCbor(item), 'cbor');
      expect(toHex(writeCbor(read.value))).toBe(toHex(writeCbor(item)));
      expect(read.oddities).toEqual([]);
    }),
  );
});

describe('malformed', () => {
  test.each([
    ['nothing', '', 'short-read'],
    ['bytes that are cut', '4401', 'short-read'],
    ['an array of 2^32 items', '9affffffff', 'short-read'],
    ['a map of 2^64 entries', 'bbffffffffffffffff', 'short-read'],
    ['a break alone', 'ff', 'bad-value'],
    ['a break in a definite array', '82ff00', 'bad-value'],
    ['a key without a value', 'bf01ff', 'bad-value'],
    ['a string in pieces of bytes', '7f4101ff', 'bad-value'],
    ['reserved additional information', '1c', 'bad-value'],
    ['an indefinite number', '1f', 'bad-value'],
    ['bytes left over', '0000', 'trailing'],
    ['a thousand nested arrays', `${'81'.repeat(1000)}00`, 'too-deep'],
    ['a thousand nested tags', `${'c1'.repeat(1000)}00`, 'too-deep'],
    ['a hundred thousand items', `9f${'00'.repeat(100_000)}ff`, 'too-large'],
  ])('%s', (_name, encoded, code) => {
    const failure = (() => {
      try {
        return readCbor(hex(encoded), 'cbor');
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toBeInstanceOf(FormatError);
    expect(failure).toMatchObject({ code });
  });

  test('a duplicate key and a long length are oddities', () => {
    expect(readCbor(hex('a2010201031800'.slice(0, 10)), 'cbor').oddities.map(({ code }) => code)).toEqual(['duplicate-key']);
    expect(readCbor(hex('1800'), 'cbor').oddities.map(({ code }) => code)).toEqual(['non-minimal-argument']);
  });

  test('a prefix says where it ends', () => {
    expect(readCborPrefix(hex('8101ff'), 'cbor').end).toBe(2);
  });
});
