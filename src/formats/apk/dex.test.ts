import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError, type HashPort } from '../../bytes/index.ts';
import { adler32, readDex, writeDex } from './index.ts';

/** The signature is not looked at here: a digest that never changes is enough. */
const noHash: HashPort = () => ({ update: () => undefined, digest: () => new Uint8Array(20) });
const GOOD = writeDex({ classes: ['Lcom/example/B;', 'Lcom/example/A;'], strings: ['hello', ''] }, noHash);

test('what is written reads back', () => {
  const { value, oddities } = readDex(GOOD, 0, noHash);
  expect(oddities).toEqual([]);
  expect(value.version).toBe('035');
  expect(value.classes().map(({ name, superclass }) => [name, superclass])).toEqual([
    ['Lcom/example/A;', 'Ljava/lang/Object;'],
    ['Lcom/example/B;', 'Ljava/lang/Object;'],
  ]);
  expect(Array.from({ length: value.stringCount }, (_, index) => value.string(index))).toEqual([
    '',
    'Lcom/example/A;',
    'Lcom/example/B;',
    'Ljava/lang/Object;',
    'hello',
  ]);
  expect(value.string(5)).toBeUndefined();
  expect(value.type(9)).toBeUndefined();
});

const FIELDS = [
  { className: 'La/B;', name: 'x', type: 'J', accessFlags: 0x92 },
  { className: 'La/B;', name: 'a', type: 'La/A;', accessFlags: 0x10001 },
  { className: 'La/A;', name: 'only', type: 'I', accessFlags: 2 },
];
const WITH_FIELDS = writeDex({ classes: ['La/B;', 'La/A;', 'La/C;'], strings: [], fields: FIELDS }, noHash);

test('fields of a class read back with their flags', () => {
  const { value, oddities } = readDex(WITH_FIELDS, 0, noHash);
  expect(oddities).toEqual([]);
  expect(value.fieldsOf('La/A;')).toEqual([{ name: 'only', type: 'I', accessFlags: 2 }]);
  expect(value.fieldsOf('La/B;')).toEqual([
    { name: 'a', type: 'La/A;', accessFlags: 0x10001 },
    { name: 'x', type: 'J', accessFlags: 0x92 },
  ]);
  expect(value.fieldsOf('La/C;')).toEqual([]);
  expect(value.fieldsOf('La/D;')).toBeUndefined();
});

test('more fields than there are, and fields outside the table, are refused', () => {
  const { value } = readDex(WITH_FIELDS);
  const at = new DataView(WITH_FIELDS.buffer).getUint32(new DataView(WITH_FIELDS.buffer).getUint32(100, true) + 24, true);
  expect(value.fieldsOf('La/A;')).toHaveLength(1);
  for (const [offset, byte, says] of [
    [1, 0x7f, 'class_data.fields_size: 127 fields'],
    [4, 0x7f, 'class_data.field_idx_diff: field 127 of 3'],
  ] as const) {
    const changed = WITH_FIELDS.slice();
    changed[at + offset] = byte;
    expect(() => readDex(changed).value.fieldsOf('La/A;')).toThrow(says);
  }
});

test('a byte changed after the build leaves the checksum behind', () => {
  const changed = GOOD.slice();
  changed[changed.length - 1] = 9;
  expect(readDex(changed).oddities.map(({ code }) => code)).toEqual(['dex-checksum']);
});

test('Adler-32 of the standard check text', () => {
  expect(adler32(new TextEncoder().encode('Wikipedia'))).toBe(0x11e60398);
});

/** A field replaced by a bad value, and what must be said of it. */
const malformed: readonly [name: string, at: number, bytes: readonly number[], says: string][] = [
  ['wrong magic', 0, [0], 'dex @0x0 magic'],
  ['big endian', 40, [0x12, 0x34, 0x56, 0x78], '@0x28 endian_tag'],
  ['4 billion strings', 56, [0xff, 0xff, 0xff, 0xff], '@0x38 string_ids_size: 4294967295 is above'],
  ['strings outside the file', 60, [0xff, 0xff, 0xff, 0x7f], '@0x3c string_ids_off'],
  ['classes outside the file', 100, [0xf0, 0xff, 0xff, 0xff], '@0x64 class_defs_off'],
];

describe('malformed', () => {
  test.each(malformed)('%s', (_name, at, bytes, says) => {
    const changed = GOOD.slice();
    changed.set(bytes, at);
    expect(() => readDex(changed)).toThrow(FormatError);
    expect(() => readDex(changed)).toThrow(says);
  });

  test('strings that lie nowhere are absent', () => {
    const changed = GOOD.slice();
    changed.set([0xff, 0xff, 0xff, 0xff], 0x70);
    expect(readDex(changed).value.string(0)).toBeUndefined();
  });

  test('any byte changed, everything asked for: an answer or a FormatError', () => {
    fc.assert(
      fc.property(fc.nat(GOOD.length - 1), fc.nat(255), (at, byte) => {
        const changed = GOOD.slice();
        changed[at] = byte;
        try {
          const { value } = readDex(changed);
          value.classes();
          value.methods();
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
