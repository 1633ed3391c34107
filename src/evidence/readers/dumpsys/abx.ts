/**
 * Android binary XML, as far as a key store needs it: elements with their attributes, in order.
 * Source: AOSP frameworks/libs/modules-utils BinaryXmlSerializer: magic `ABX\0`; then tokens of one byte, low nibble the event, high nibble the type of its value.
 * Strings are u16 big-endian length and modified UTF-8; interned ones are u16 index, 0xffff for a new one.
 * Limits: ELEMENTS_MAX elements. Does not read: text, comments and the like are skipped.
 */
import { Cursor } from '../../../bytes/index.ts';

const ELEMENTS_MAX = 10_000;
const INTERNED_NEW = 0xffff;

export interface AbxElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Whether bytes begin as binary XML does. */
export const isAbx = (bytes: Uint8Array) => bytes[0] === 0x41 && bytes[1] === 0x42 && bytes[2] === 0x58 && bytes[3] === 0;

/** The elements of a document. `base` is the offset of `bytes` in the artefact. @throws FormatError */
export function readAbx(bytes: Uint8Array, base: number): readonly AbxElement[] {
  const cursor = new Cursor(bytes, { format: 'abx', base, bigEndian: true });
  cursor.skip('magic', 4);
  const interned: string[] = [];
  const plain = (field: string) => cursor.text(field, cursor.u16(field));
  const shared = (field: string) => {
    const index = cursor.u16(field);
    if (index !== INTERNED_NEW) return interned[index] ?? '';
    const text = plain(field);
    interned.push(text);
    return text;
  };
  const value = (type: number): string => {
    switch (type) {
      case 1:
        return ''; // null
      case 2:
        return plain('value');
      case 3:
        return shared('value');
      case 4: // bytes as hex
      case 5: // bytes as base64
        cursor.skip('value', cursor.u16('value'));
        return '';
      case 6: // int
      case 7: // int, hex
        return String(cursor.i32('value'));
      case 8: // long
      case 9: // long, hex
        return String(cursor.i64('value'));
      case 10: // float
        cursor.skip('value', 4);
        return '';
      case 11: // double
        cursor.skip('value', 8);
        return '';
      case 12:
        return 'true';
      case 13:
        return 'false';
      default:
        throw cursor.error('type', 'bad-value', `${type} is no type of a value`);
    }
  };
  const elements: { name: string; attributes: Map<string, string> }[] = [];
  while (cursor.left > 0) {
    const token = cursor.u8('token');
    const event = token & 15;
    const type = token >> 4;
    if (event === 1) break; // END_DOCUMENT
    if (event === 2 || event === 3) {
      const name = shared('name');
      if (event === 2 && elements.length < ELEMENTS_MAX) elements.push({ name, attributes: new Map() });
    } else if (event === 15) {
      const name = shared('attribute');
      const text = value(type);
      elements.at(-1)?.attributes.set(name, text);
    } else if (type > 0) value(type);
  }
  return elements;
}
