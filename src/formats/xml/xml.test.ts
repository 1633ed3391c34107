import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { growthOf, SQUARE_FROM } from '../../../test/support/growth.ts';
import { FormatError } from '../../bytes/index.ts';
import { ATTRIBUTES_MAX, DEPTH_MAX, elementsOf, readXml, textOf, writeXml, type XmlElement } from './index.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => readXml(bytes(text)).value;

test('elements, attributes and text come with their namespaces', () => {
  const root = read(
    '<a xmlns="urn:x" xmlns:b="urn:y" c="1" b:c="&lt;2&#x41;&#66;">one<b:d> two </b:d><![CDATA[<&>]]><!-- no --><?no?><e xmlns=""/></a>',
  );
  expect(root).toMatchObject({ namespace: 'urn:x', local: 'a' });
  expect(root.attributes).toEqual([
    { namespace: '', local: 'c', value: '1' },
    { namespace: 'urn:y', local: 'c', value: '<2AB' },
  ]);
  expect(elementsOf(root).map(({ namespace, local }) => [namespace, local])).toEqual([
    ['urn:y', 'd'],
    ['', 'e'],
  ]);
  expect(elementsOf(root).map(textOf)).toEqual(['two', '']);
  expect(textOf(root)).toBe('one<&>');
});

test('UTF-16 and Latin-1 are read by their mark or declaration', () => {
  const text = '<a>Zürich</a>';
  const utf16 = new Uint8Array(2 + text.length * 2);
  utf16.set([0xff, 0xfe]);
  for (let i = 0; i < text.length; i++) utf16.set([text.charCodeAt(i) & 0xff, text.charCodeAt(i) >> 8], 2 + 2 * i);
  expect(textOf(readXml(utf16).value)).toBe('Zürich');
  const latin = Uint8Array.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${text}`, (character) => character.charCodeAt(0));
  expect(textOf(readXml(latin).value)).toBe('Zürich');
});

test('a document type without entities is an oddity, and read past', () => {
  expect(readXml(bytes('<!DOCTYPE project>\n<a/>')).oddities).toMatchObject([{ code: 'document-type', at: 0 }]);
});

describe('malformed and hostile documents are refused', () => {
  test.each([
    ['a billion laughs', '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>', 'unsupported-feature'],
    ['an external entity', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'unsupported-feature'],
    ['a document type in the middle', '<a><!DOCTYPE b></a>', 'unsupported-feature'],
    ['an entity that is not the standard’s', '<a>&b;</a>', 'unsupported-feature'],
    ['an entity by a name of Object', '<a>&constructor;</a>', 'unsupported-feature'],
    ['a bare ampersand', '<a>b & c</a>', 'unsupported-feature'],
    ['a reference to no character', '<a>&#0;</a>', 'bad-value'],
    ['a reference to half a pair', '<a>&#xd800;</a>', 'bad-value'],
    ['an unclosed element', '<a><b></a>', 'bad-value'],
    ['an element without an end', '<a><b>', 'short-read'],
    ['a tag without an end', '<a b="1"', 'bad-value'],
    ['nothing', '', 'short-read'],
    ['only text', 'a', 'trailing'],
    ['two roots', '<a/><b/>', 'trailing'],
    ['the same attribute twice', '<a b="1" b="2"/>', 'overlap'],
    ['the same attribute twice by namespace', '<a xmlns:c="urn:x" xmlns:d="urn:x" c:b="1" d:b="2"/>', 'overlap'],
    ['a value without quotation marks', '<a b=1/>', 'bad-value'],
    ['a prefix that nobody declared', '<x:a/>', 'bad-value'],
    ['a comment without an end', '<a/><!-- ', 'short-read'],
    ['an encoding that is not read', '<?xml version="1.0" encoding="EBCDIC-CP-US"?><a/>', 'unsupported-feature'],
    ['too deep', '<a>'.repeat(DEPTH_MAX + 1), 'too-deep'],
    ['too many attributes', `<a ${Array.from({ length: ATTRIBUTES_MAX + 1 }, (_, i) => `b${i}="1"`).join(' ')}/>`, 'too-large'],
  ])('%s', (_name, text, code) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ name: 'FormatError', code }));
  });

  test('bytes that are no UTF-8', () => {
    expect(() => readXml(Uint8Array.of(0x3c, 0x61, 0xff, 0x3e))).toThrow(FormatError);
  });

  test('an error names the byte, not the character', () => {
    expect(() => read('<a>ü€😀&b;</a>')).toThrow(expect.objectContaining({ at: 3 + 2 + 3 + 4 }));
  });

  test('every beginning of a document is refused, none hangs', () => {
    const text = '<?xml version="1.0"?><a xmlns:b="urn:y" b:c="&lt;1"><!-- n --><b:d>t</b:d><![CDATA[r]]></a>';
    for (let end = 0; end < text.length; end++) expect(() => read(text.slice(0, end))).toThrow(FormatError);
  });
});

const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9._-]{0,8}$/);
const text = fc.string({ unit: fc.constantFrom('a', 'ü', '😀', '&', '<', '>', '"', "'", '\n', '\t', ' ', ']]>') });
const { tree } = fc.letrec<{ tree: XmlElement }>((tie) => ({
  tree: fc.record({
    namespace: fc.constantFrom('', 'urn:x', 'urn:y'),
    local: name,
    at: fc.constant(0),
    attributes: fc.uniqueArray(fc.record({ namespace: fc.constantFrom('', 'urn:x'), local: name, value: text }), {
      selector: ({ namespace, local }) => `${namespace} ${local}`,
      maxLength: 3,
    }),
    children: fc.oneof(
      { depthSize: 'small' },
      fc.constant([]),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.tuple(text.filter((one) => one !== '')),
    ),
  }),
}));

test('what is written is read again', () => {
  const without = ({ namespace, local, attributes, children }: XmlElement): unknown => ({
    namespace,
    local,
    attributes,
    children: children.map((child) => (typeof child === 'string' ? child : without(child))),
  });
  fc.assert(
    fc.property(tree, (element) => {
      expect(without(readXml(writeXml(element)).value)).toEqual(without(element));
    }),
  );
});

test('time grows with the text, not with its square', () => {
  const made = (count: number) => bytes(`<a>${'<b c="1">&lt;ü</b>'.repeat(count)}</a>`);
  expect(growthOf({ make: made, run: readXml, size: 2000 })).toBeLessThan(SQUARE_FROM);
});

test('what is done with when it ends is in no list, and its parent has no blanks', () => {
  const seen: string[] = [];
  const { value } = readXml(bytes('<a>\n <b n="1"><c/></b>\n <b n="2">x</b>y</a>'), ({ local, attributes }) => {
    seen.push(local);
    return local === 'b' && attributes[0]?.value === '1';
  });
  expect(seen).toEqual(['c', 'b', 'b']);
  expect(value.children).toMatchObject([{ local: 'b', attributes: [{ value: '2' }], children: ['x'] }, 'y']);
});
