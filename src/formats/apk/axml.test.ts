import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../bytes/index.ts';
import { forgeManifest } from '../../forge/apk.ts';
import { type AxmlTrick, axmlTrick } from '../../forge/apk-tricks.ts';
import { type AxmlPart, booleanValue, intValue, readAxml, u32s, VALUE_TYPE, writeAxml, writeStringPool } from './index.ts';

const APP = {
  packageName: 'com.example.app',
  versionCode: 7,
  versionName: '1.2',
  minSdk: 21,
  targetSdk: 34,
  permissions: ['android.permission.INTERNET'],
  components: [{ kind: 'service', name: '.Sync', exported: true, actions: ['android.intent.action.BOOT_COMPLETED'] }],
} as const;
const MANIFEST = writeAxml(forgeManifest(APP));
const names = (bytes: Uint8Array) => readAxml(bytes).value.elements.map(({ name }) => name);
const codes = (bytes: Uint8Array) => [...new Set(readAxml(bytes).oddities.map(({ code }) => code))];

test('what is written reads back, in both encodings', () => {
  for (const utf8 of [false, true]) {
    const { value, oddities } = readAxml(writeAxml(forgeManifest(APP), utf8));
    expect(oddities).toEqual([]);
    expect(value.utf8).toBe(utf8);
    expect(value.complete).toBe(true);
    expect(value.elements.map(({ name, depth, parent }) => [name, depth, parent])).toEqual([
      ['manifest', 1, -1],
      ['uses-sdk', 2, 0],
      ['uses-permission', 2, 0],
      ['application', 2, 0],
      ['service', 3, 3],
      ['intent-filter', 4, 4],
      ['action', 5, 5],
    ]);
    expect(value.elements[1]?.attributes).toEqual([
      {
        namespace: 'http://schemas.android.com/apk/res/android',
        name: 'minSdkVersion',
        resourceId: 0x0101020c,
        value: { type: 16, data: 21 },
        text: undefined,
      },
      {
        namespace: 'http://schemas.android.com/apk/res/android',
        name: 'targetSdkVersion',
        resourceId: 0x01010270,
        value: { type: 16, data: 34 },
        text: undefined,
      },
    ]);
    expect(value.elements[0]?.attributes.find(({ name }) => name === 'package')?.text).toBe('com.example.app');
  }
});

const word = fc.stringMatching(/^[a-z]{1,6}$/);
const value = fc.oneof(word, fc.integer({ min: 0, max: 0xffffffff }).map(intValue), fc.boolean().map(booleanValue));
const tree: fc.Arbitrary<AxmlPart> = fc.letrec<{ tree: AxmlPart }>((tie) => ({
  tree: fc.record({
    name: word,
    attributes: fc.uniqueArray(fc.record({ name: word, value }), { selector: ({ name }) => name, maxLength: 3 }),
    children: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 3 })),
  }),
})).tree;

test('any tree reads back as it was written', () => {
  const flat = (part: AxmlPart): string[] => [part.name, ...part.attributes.map(({ name }) => `@${name}`), ...part.children.flatMap(flat)];
  fc.assert(
    fc.property(tree, fc.boolean(), (part, utf8) => {
      const { value: document, oddities } = readAxml(writeAxml(part, utf8));
      expect(oddities.filter(({ code }) => code !== 'axml-no-resource-map')).toEqual([]);
      expect(document.elements.flatMap(({ name, attributes }) => [name, ...attributes.map((attribute) => `@${attribute.name}`)])).toEqual(
        flat(part),
      );
    }),
  );
});

/** Manifests that Android reads and analysts' tools refuse: each must read the same, and be named. */
const tricks: readonly [trick: AxmlTrick, code: string][] = [
  ['type', 'axml-type'],
  ['file-size', 'axml-size'],
  ['unknown-chunk', 'axml-unknown-chunk'],
  ['attribute-size', 'axml-attribute-size'],
  ['string-count', 'pool-count'],
  ['zero-end', 'axml-zero-chunk'],
];

describe('tampered as packers do', () => {
  test.each(tricks)('%s', (trick, code) => {
    const tampered = axmlTrick(MANIFEST, trick);
    expect(names(tampered)).toEqual(names(MANIFEST));
    expect(codes(tampered)).toContain(code);
  });

  test('attributes in a wider stride keep their values', () => {
    const [root] = readAxml(axmlTrick(MANIFEST, 'attribute-size')).value.elements;
    expect(root?.attributes.map(({ name, text }) => [name, text])).toEqual(
      readAxml(MANIFEST).value.elements[0]?.attributes.map(({ name, text }) => [name, text]),
    );
  });

  test('an attribute with an id and no name is found by its id', () => {
    const { value: document, oddities } = readAxml(
      writeAxml({ name: 'manifest', attributes: [{ name: '', resourceId: 0x0101021b, value: intValue(3) }], children: [] }),
    );
    expect(document.elements[0]?.attributes[0]).toMatchObject({ resourceId: 0x0101021b, value: { type: VALUE_TYPE.intDec, data: 3 } });
    expect(oddities.map(({ code }) => code)).toContain('axml-attribute-no-name');
  });
});

describe('bounded', () => {
  test('nested 100,000 deep: read, with memory by the bytes', () => {
    const depth = 100_000;
    const start = u32s(0x00100102, 36, 1, 0xffffffff, 0xffffffff, 0, 0x00140014, 0, 0);
    const pool = writeStringPool(['x']);
    const bytes = new Uint8Array(8 + pool.length + depth * start.length);
    bytes.set(u32s(0x00080003, bytes.length));
    bytes.set(pool, 8);
    for (let i = 0; i < depth; i++) bytes.set(start, 8 + pool.length + i * start.length);
    const { value: document, oddities } = readAxml(bytes);
    expect(document.elements.at(-1)?.depth).toBe(depth);
    expect(oddities.map(({ code }) => code)).toContain('axml-incomplete');
  });

  test('a pool that claims 2^31 texts', () => {
    expect(names(axmlTrick(MANIFEST, 'string-count'))).toEqual(names(MANIFEST));
  });

  /** A document of `count` open elements, each of 65,535 attributes that lie `stride` bytes apart. */
  function crowded(count: number, stride: number): Uint8Array {
    const size = 56 + 65_536 * stride;
    const start = u32s(0x00100102, size, 1, 0xffffffff, 0xffffffff, 0, (stride << 16) | 0x14, 0x0000ffff, 0, 0, 0, 0, 0, 0);
    const pool = writeStringPool(['x']);
    const body = new Uint8Array(count * size);
    for (let i = 0; i < count; i++) body.set(start, i * size);
    return new Uint8Array([...u32s(0x00080003, 8 + pool.length + body.length), ...pool, ...body]);
  }

  test('65,535 attributes that lie in the same 20 bytes are one, again and again', () => {
    const { value, oddities } = readAxml(crowded(50, 0));
    expect(value.elements.map(({ attributes }) => attributes.length)).toEqual(Array.from({ length: 50 }, () => 1));
    expect(oddities.map(({ code }) => code)).toContain('axml-attribute-size');
  });

  test('elements that crowd their attributes are refused above the ceiling', () => {
    expect(() => readAxml(crowded(9, 1))).toThrow('more than 524288 attributes');
  });
});

describe('malformed', () => {
  const cases: readonly [name: string, bytes: Uint8Array, says: string][] = [
    ['nothing', new Uint8Array(0), 'axml @0x0 type: 2 bytes wanted, 0 left'],
    ['a header larger than the file', Uint8Array.of(3, 0, 0xff, 0xff, 8, 0, 0, 0), '@0x2 header_size'],
    ['no element', u32s(0x00080003, 8), '@0x8 elements: no root element'],
    ['a chunk of no size first', u32s(0x00080003, 16, 0x00100102, 0), 'no root element'],
  ];
  test.each(cases)('%s', (_name, bytes, says) => {
    expect(() => readAxml(bytes)).toThrow(FormatError);
    expect(() => readAxml(bytes)).toThrow(says);
  });

  test('cut anywhere: refused, or said to be incomplete', () => {
    for (let length = 0; length < MANIFEST.length - 24; length++) {
      try {
        expect(readAxml(MANIFEST.subarray(0, length)).value.complete).toBe(false);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }
  });

  test('any byte changed: an answer or a FormatError', () => {
    fc.assert(
      fc.property(fc.nat(MANIFEST.length - 1), fc.nat(255), (at, byte) => {
        const changed = MANIFEST.slice();
        changed[at] = byte;
        try {
          readAxml(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
