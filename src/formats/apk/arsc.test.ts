import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../bytes/index.ts';
import {
  intValue,
  type ResourcePart,
  readResources,
  referenceValue,
  resolveResource,
  resourceEntries,
  resourceText,
  resourceTexts,
  writeResources,
} from './index.ts';

const PARTS: readonly ResourcePart[] = [
  { type: 'string', key: 'app_name', value: 'Example', languages: { de: 'Beispiel', fr: 'Exemple' } },
  { type: 'string', key: 'alias', value: referenceValue(0x7f010000) },
  { type: 'integer', key: 'min_sdk', value: intValue(24) },
  { type: 'integer', key: 'circle', value: referenceValue(0x7f020001) },
];

const layouts = [
  ['plain', {}],
  ['compact entries', { compact: true }],
  ['sparse entries', { offsets: 'sparse' }],
  ['16-bit offsets', { offsets: 'short' }],
  ['compact and sparse', { compact: true, offsets: 'sparse' }],
] as const;

describe.each(layouts)('%s', (_name, layout) => {
  const { value: table, oddities } = readResources(writeResources(PARTS, { packageName: 'com.example', ...layout }));

  test('values, references and languages', () => {
    expect(oddities).toEqual([]);
    expect(table.packages.map(({ id, name }) => [id, name])).toEqual([[0x7f, 'com.example']]);
    expect(resourceText(table, resolveResource(table, 0x7f010000))).toBe('Example');
    expect(resourceText(table, resolveResource(table, 0x7f010001))).toBe('Example');
    expect(resolveResource(table, 0x7f020000)).toEqual({ type: 16, data: 24 });
    expect(resourceTexts(table, 0x7f010000).map(({ config, text }) => [config.language, text])).toEqual([
      ['', 'Example'],
      ['de', 'Beispiel'],
      ['fr', 'Exemple'],
    ]);
    expect(resourceEntries(table, 0x7f010000)[0]?.key).toBe('app_name');
  });

  test('a reference to itself ends', () => {
    expect(resolveResource(table, 0x7f020001)).toBeUndefined();
  });

  test('ids that are not there', () => {
    for (const id of [0, 0x7f010002, 0x7f030000, 0x01010001, 0x7f01ffff]) expect(resourceEntries(table, id)).toEqual([]);
  });
});

test('pools that claim 2^31 texts, styles or bytes end with what lies there', () => {
  const bytes = writeResources(PARTS, { packageName: 'com.example' });
  // ResTable_header (12), then ResStringPool_header: type, headerSize, size, stringCount, styleCount, flags, stringsStart, stylesStart.
  for (const [at, value] of [16, 20, 24, 32, 36].flatMap((field) => [0x80000000, 0xffffffff].map((value) => [field, value] as const))) {
    const tampered = bytes.slice();
    new DataView(tampered.buffer).setUint32(at, value, true);
    const outcome = (() => {
      try {
        const { value: table, oddities } = readResources(tampered);
        return oddities.length > 0 || resourceText(table, resolveResource(table, 0x7f010000)) === 'Example' ? 'named' : 'believed';
      } catch (error) {
        return error instanceof FormatError ? 'refused' : String(error);
      }
    })();
    expect(['named', 'refused']).toContain(outcome);
  }
});

test('a resource name that reads as a path is named', () => {
  const bytes = writeResources([{ type: 'raw', key: '../../poc', value: 'res/raw/poc' }], { packageName: 'p' });
  expect(readResources(bytes).oddities.map(({ code }) => code)).toEqual(['arsc-key-traversal']);
});

describe('malformed', () => {
  const good = writeResources(PARTS, { packageName: 'com.example' });

  test('not a table', () => {
    expect(() => readResources(new Uint8Array(12))).toThrow('resources.arsc @0x0 type: 0x0, not 0x2');
    expect(() => readResources(new Uint8Array(1))).toThrow(FormatError);
  });

  test('any byte changed, any id asked for: an answer or a FormatError', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(3), (at, byte, index) => {
        const changed = good.slice();
        changed[at] = byte;
        try {
          const { value } = readResources(changed);
          resolveResource(value, 0x7f010000 + index);
          resourceTexts(value, 0x7f020000 + index);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('more entries than offsets fit', () => {
    const changed = good.slice();
    const view = new DataView(changed.buffer);
    for (let at = 12; at < changed.length - 16; at += 4) {
      if (view.getUint16(at, true) === 0x0201) view.setUint32(at + 12, 0x7fffffff, true);
    }
    const { value, oddities } = readResources(changed);
    expect(oddities.map(({ code }) => code)).toContain('arsc-type');
    expect(resourceEntries(value, 0x7f010000)).toEqual([]);
  });
});
