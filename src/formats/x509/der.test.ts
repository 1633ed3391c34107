import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, FormatError, instantOf, parseHex } from '../../bytes/index.ts';
import { derChildren, derExplicit, derTrail, readDer } from './der.ts';
import {
  readDerBits,
  readDerBoolean,
  readDerInteger,
  readDerNumber,
  readDerOctets,
  readDerOid,
  readDerText,
  readDerTime,
} from './der-values.ts';
import {
  writeDer,
  writeDerBoolean,
  writeDerContext,
  writeDerInteger,
  writeDerOctets,
  writeDerOid,
  writeDerSequence,
  writeDerSet,
  writeDerText,
  writeDerTime,
  writeDerUnsigned,
} from './der-write.ts';

const hex = (text: string) => parseHex(text) ?? new Uint8Array(0);
const read = (bytes: Uint8Array) => readDer(bytes, derTrail('der'));

describe('what is written reads back', () => {
  test('integers of any size', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 4096n), max: 2n ** 4096n }), (value) => {
        expect(readDerInteger(read(writeDerInteger(value)), 'i')).toBe(value);
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(readDerNumber(read(writeDerInteger(value)), 'i')).toBe(value);
      }),
    );
  });

  test('object identifiers', () => {
    const arc = fc.nat(2 ** 31 - 1);
    fc.assert(
      fc.property(fc.constantFrom(0, 1), fc.nat(39), fc.array(arc, { maxLength: 8 }), (top, second, rest) => {
        const text = [top, second, ...rest].join('.');
        expect(readDerOid(read(writeDerOid(text)), 'o')).toBe(text);
      }),
    );
    for (const text of ['2.999.3', '2.5.4.3', '1.3.6.1.4.1.11129.2.1.17', '2.25.329800735698586629295641978511506172918']) {
      expect(readDerOid(read(writeDerOid(text)), 'o')).toBe(text);
    }
  });

  test('times, by the form that their year wants', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), (seconds) => {
        const at = instantOf(seconds * 1000);
        expect(readDerTime(read(writeDerTime(at)), 't')).toBe(at);
      }),
    );
  });

  test('nested elements, their tags and lengths', () => {
    const tree = fc.letrec<{ tree: Uint8Array }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.uint8Array({ maxLength: 300 }).map((bytes) => writeDerOctets(bytes)),
        fc.tuple(fc.nat(2000), fc.array(tie('tree'), { maxLength: 4 })).map(([tag, parts]) => writeDerContext(tag, parts)),
      ),
    })).tree;
    const again = (element: ReturnType<typeof read>): Uint8Array =>
      element.constructed
        ? writeDer(element.tagClass, true, element.tag, concatBytes(derChildren(element, 'x').map(again)))
        : writeDerOctets(readDerOctets(element, 'x'));
    fc.assert(
      fc.property(tree, (bytes) => {
        const element = read(bytes);
        expect([...again(element)]).toEqual([...bytes]);
        expect(element.trail.oddities).toEqual([]);
      }),
    );
  });
});

/** What ITU-T X.690 gives as examples in 8.1.5, 8.7.3.2, 8.9, 8.19.5 and 8.14.3. */
describe('the examples of X.690', () => {
  test('an octet string in pieces of indefinite length', () => {
    const element = read(hex('2480' + '04020a3b' + '04025f29' + '0401cd' + '0000'));
    expect([...readDerOctets(element, 'o')]).toEqual([0x0a, 0x3b, 0x5f, 0x29, 0xcd]);
    expect(element.trail.oddities.map(({ code }) => code)).toEqual(['indefinite-length', 'constructed-string']);
  });

  test('an object identifier {2 100 3}', () => {
    expect(readDerOid(read(hex('0603813403')), 'o')).toBe('2.100.3');
  });

  test('a visible string under tags', () => {
    expect(readDerText(read(hex('1a054a6f6e6573')), 't')).toBe('Jones');
    const outer = read(hex('a207' + '1a054a6f6e6573'));
    expect([outer.tag, outer.tagClass, readDerText(derExplicit(outer, 'x'), 't')]).toEqual([2, 'context', 'Jones']);
  });
});

const deviations: readonly [name: string, bytes: string, code: string, check: (element: ReturnType<typeof read>) => void][] = [
  ['a length in more bytes than needed', '04810141', 'non-minimal-length', () => undefined],
  ['a length with zeros in front', '0482000141', 'non-minimal-length', () => undefined],
  ['a low tag in the long form', '9f0500', 'non-minimal-tag', () => undefined],
  ['an integer with a byte too many', '02020001', 'non-minimal-integer', (element) => expect(readDerNumber(element, 'i')).toBe(1)],
  [
    'a negative integer with a byte too many',
    '0202ffff',
    'non-minimal-integer',
    (element) => expect(readDerInteger(element, 'i')).toBe(-1n),
  ],
  ['TRUE that is 1, as phones write it', '010101', 'boolean-not-ff', (element) => expect(readDerBoolean(element, 'b')).toBe(true)],
  ['bits set that are not used', '030207ff', 'unused-bits-set', (element) => expect(readDerBits(element, 'b').unused).toBe(7)],
  ['a NUL in a name', '0c03410042', 'nul-in-text', (element) => expect(readDerText(element, 't')).toBe('A\u0000B')],
  ['malformed UTF-8', '0c01ff', 'malformed-text', (element) => expect(readDerText(element, 't')).toBe('\ufffd')],
  [
    'a time without seconds',
    '170b323630313031303030305a',
    'time-encoding',
    (element) => expect(readDerTime(element, 't')).toBe('2026-01-01T00:00:00Z'),
  ],
  [
    'a time with an offset',
    '1711323630313031303130303030' + '2b30313030',
    'time-encoding',
    (element) => expect(readDerTime(element, 't')).toBe('2026-01-01T00:00:00Z'),
  ],
  [
    'a four-digit year under UTCTime',
    '170f32303236303130313030303030305a',
    'time-encoding',
    (element) => expect(readDerTime(element, 't')).toBe('2026-01-01T00:00:00Z'),
  ],
  ['bytes after the document', '0500ff', 'trailing', () => undefined],
];

describe('deviations are read and recorded', () => {
  test.each(deviations)('%s', (_name, bytes, code, check) => {
    const element = read(hex(bytes));
    check(element);
    expect(element.trail.oddities.map((oddity) => oddity.code)).toEqual([code]);
  });
});

const malformed: readonly [name: string, bytes: string, says: string][] = [
  ['nothing', '', 'der @0x0 document: the header runs past'],
  ['a tag without a length', '30', 'der @0x0 document: the header runs past'],
  ['a length that is cut', '3082ff', 'the header runs past'],
  ['a length past the end', '3005' + '0500', '5 bytes of contents, 2 left'],
  ['a length of 2^64', '3088ffffffffffffffff00', 'above 2^53 - 1'],
  ['a length byte of 0xff', '30ff00', 'reserved'],
  ['a tag number of 2^40', '9f' + 'ffffffffffff' + '7f00', 'above 2^31'],
  ['an indefinite length on a primitive', '0480' + '0000', 'indefinite length on a primitive'],
  ['an indefinite length that never ends', '3080' + '0500', 'the header runs past'],
  ['an indefinite length whose end is cut', '3080' + '0500' + '00', 'the header runs past'],
];

describe('malformed', () => {
  test.each(malformed)('%s', (_name, bytes, says) => {
    expect(() => derChildren(read(hex(bytes)), 'x')).toThrow(FormatError);
    expect(() => derChildren(read(hex(bytes)), 'x')).toThrow(says);
  });

  test.each([
    ['an integer without contents', '0200', (element: ReturnType<typeof read>) => readDerInteger(element, 'i')],
    ['an object identifier without contents', '0600', (element: ReturnType<typeof read>) => readDerOid(element, 'o')],
    ['an object identifier that is cut', '060281ff', (element: ReturnType<typeof read>) => readDerOid(element, 'o')],
    ['a boolean of two bytes', '0102ffff', (element: ReturnType<typeof read>) => readDerBoolean(element, 'b')],
    ['a bit string without contents', '0300', (element: ReturnType<typeof read>) => readDerBits(element, 'b')],
    ['eight unused bits', '03020800', (element: ReturnType<typeof read>) => readDerBits(element, 'b')],
    ['the thirteenth month', '170d3236313330313030303030305a', (element: ReturnType<typeof read>) => readDerTime(element, 't')],
    ['an integer where a text was expected', '020101', (element: ReturnType<typeof read>) => readDerText(element, 't')],
  ])('%s', (_name, bytes, reader) => {
    expect(() => reader(read(hex(bytes)))).toThrow(FormatError);
  });

  test('truncated at every byte: refused, never short', () => {
    const whole = writeDerSequence([
      writeDerInteger(2n ** 2000n),
      writeDerOid('2.5.4.3'),
      writeDerSet([writeDerText('text'), writeDerBoolean(false)]),
    ]);
    const all = (bytes: Uint8Array) => {
      for (const element of derChildren(read(bytes), 'x')) if (element.constructed) derChildren(element, 'y');
    };
    all(whole);
    for (let length = 0; length < whole.length; length++) expect(() => all(whole.subarray(0, length))).toThrow(FormatError);
  });

  test('errors carry the offset in the outermost source', () => {
    expect(() => derChildren(readDer(hex('30050204'), derTrail('der', 1000)), 'x')).toThrow('der @0x3e8');
  });
});

describe('bombs', () => {
  test('a megabyte of nested sequences is refused at the depth limit', () => {
    let bytes: Uint8Array = new Uint8Array(0);
    for (let depth = 0; depth < 200; depth++) bytes = writeDerSequence([bytes]);
    const dig = (element: ReturnType<typeof read>): void => derChildren(element, 'x').forEach(dig);
    expect(() => dig(read(bytes))).toThrow('48 levels');
  });

  test('a megabyte of indefinite openings is refused at once', () => {
    expect(() => read(new Uint8Array(1 << 20).map((_, index) => (index % 2 === 0 ? 0x30 : 0x80)))).toThrow('48 levels');
  });

  test('an integer of a megabyte is not turned into a number', () => {
    const element = read(writeDerUnsigned(new Uint8Array(1 << 20).fill(0x7f)));
    expect(() => readDerInteger(element, 'i')).toThrow('an integer of 1048576 bytes');
    expect(() => readDerNumber(element, 'i')).toThrow('an integer of 1048576 bytes');
  });

  test('a hundred thousand elements in one are refused', () => {
    const many = writeDerSequence([new Uint8Array(200_000).map((_, index) => (index % 2 === 0 ? 5 : 0))]);
    expect(() => derChildren(read(many), 'x')).toThrow('more than 65536 elements');
  });

  test('deviations are counted up to a limit', () => {
    const odd = writeDerSequence(Array.from({ length: 1000 }, () => hex('04810141')));
    const root = read(odd);
    expect(derChildren(root, 'x')).toHaveLength(1000);
    expect(root.trail.oddities).toHaveLength(257);
    expect(root.trail.oddities.at(-1)?.code).toBe('more-oddities');
  });
});
