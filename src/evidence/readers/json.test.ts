import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LoadedArtefact } from '../reader.ts';
import { jsonValue, membersOf, recordsOf, skipMark, textOf } from './json.ts';

const artefact = (text: string): LoadedArtefact => ({
  name: 'a',
  kind: 'unknown',
  origin: undefined,
  bytes: new TextEncoder().encode(text),
});
const records = (text: string) => {
  const of = artefact(text);
  return [...recordsOf(of)].map((range) => jsonValue(of, range));
};

describe('the scanner agrees with the engine’s parser', () => {
  test('over the members of any object, however it is spaced', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.constantFrom(0, 1, '\t'), (value, space) => {
        const of = artefact(JSON.stringify(value, null, space));
        const members = [...membersOf(of, 0)].map((member) => [member.key, jsonValue(of, member)]);
        expect(members).toEqual(Object.entries(JSON.parse(JSON.stringify(value))));
      }),
    );
  });

  test('over records, as an array and as one a line', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), (values) => {
        const plain: unknown = JSON.parse(JSON.stringify(values));
        expect(records(JSON.stringify(values))).toEqual(plain);
        // A first record that is an array would be taken for the list itself.
        if (!Array.isArray(values[0])) expect(records(values.map((value) => JSON.stringify(value)).join('\n'))).toEqual(plain);
      }),
    );
  });

  test('over the text of any string, with the place of every byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const of = artefact(JSON.stringify(value));
        const text = textOf(of, { at: 0, end: of.bytes.length });
        expect(new TextDecoder().decode(text?.bytes)).toBe(value);
        expect(text?.places.at(-1)).toBe(of.bytes.length - 1);
      }),
    );
  });
});

test('an escaped surrogate pair is one character', () => {
  const of = artefact('"\\ud83d\\ude00\\n\\u00e9"');
  expect(new TextDecoder().decode(textOf(of, { at: 0, end: of.bytes.length })?.bytes)).toBe('😀\né');
});

test('a byte-order mark is skipped', () => {
  expect(skipMark(Uint8Array.of(0xef, 0xbb, 0xbf, 0x5b))).toBe(3);
});

test.each([
  ['[1,', 'container'],
  ['[{"a":1}', 'container'],
  ['["a', 'string'],
  ['[1 2]', 'comma'],
  [`${'['.repeat(200)}${']'.repeat(200)}`, 'depth'],
  ['[{"a":tru}]', 'value'],
  ['[,]', 'value'],
])('malformed: %s names %s', (text, field) => {
  expect(() => records(text)).toThrow(field);
});
