/** Columns of numbers and texts as bytes: what a shelf's objects are made of. Numbers are LEB128 without sign, as in DWARF 5, 7.6; texts stand in one JSON array, so that any text comes back as it was. */
import { FormatError } from '../../bytes/index.ts';

/** Bytes of a number of up to 53 bits. */
const VARINT_MAX = 8;

/** A column that is being written. */
export interface ColumnWriter {
  readonly number: (value: number) => void;
  readonly bytes: () => Uint8Array;
}

/** @throws RangeError for what is no safe integer from 0 */
export function writeColumn(): ColumnWriter {
  let buffer = new Uint8Array(256);
  let length = 0;
  return {
    number(value) {
      if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no size`);
      if (length + VARINT_MAX > buffer.length) {
        const larger = new Uint8Array(2 * buffer.length);
        larger.set(buffer);
        buffer = larger;
      }
      let rest = value;
      while (rest >= 0x80) {
        buffer[length++] = (rest % 0x80) | 0x80;
        rest = Math.floor(rest / 0x80);
      }
      buffer[length++] = rest;
    },
    bytes: () => buffer.slice(0, length),
  };
}

/** A column that is being read. */
export interface ColumnReader {
  /** @throws FormatError past its end, above 2^53 - 1, and above `max` */
  readonly number: (max?: number) => number;
  /** @throws FormatError where something is left */
  readonly end: () => void;
  readonly isDone: () => boolean;
}

/** `field` names the column in errors; offsets are within it. */
export function readColumn(field: string, bytes: Uint8Array): ColumnReader {
  let at = 0;
  const refuse = (code: FormatError['code'], detail: string) => new FormatError({ format: 'shelf object', field, at }, code, detail);
  return {
    number(max = Number.MAX_SAFE_INTEGER) {
      let value = 0;
      let scale = 1;
      for (let count = 1; ; count++) {
        const byte = bytes[at];
        if (byte === undefined) throw refuse('short-read', 'the column ends here');
        at++;
        value += (byte & 0x7f) * scale;
        if (byte < 0x80) {
          if (byte === 0 && count > 1) throw refuse('bad-value', 'a number with more bytes than it needs');
          break;
        }
        if (count === VARINT_MAX) throw refuse('too-large', `a number of more than ${VARINT_MAX} bytes`);
        scale *= 0x80;
      }
      if (value > max) throw refuse('too-large', `${value}, and ${max} is the most`);
      return value;
    },
    end() {
      if (at < bytes.length) throw refuse('trailing', `${bytes.length - at} bytes left over`);
    },
    isDone: () => at === bytes.length,
  };
}

/** Texts that are being collected: the same text is kept once. */
export interface TextWriter {
  /** Its number: 0 for null. */
  readonly of: (text: string | null) => number;
  readonly texts: readonly string[];
}

export function writeTexts(): TextWriter {
  const numbers = new Map<string, number>();
  const texts: string[] = [];
  return {
    texts,
    of(text) {
      if (text === null) return 0;
      const known = numbers.get(text);
      if (known !== undefined) return known;
      texts.push(text);
      numbers.set(text, texts.length);
      return texts.length;
    },
  };
}

/** How much of `text` is the beginning of `before`, in UTF-16 units. */
export function sharedStart(before: string, text: string): number {
  const most = Math.min(before.length, text.length);
  let shared = 0;
  while (shared < most && before.charCodeAt(shared) === text.charCodeAt(shared)) shared++;
  return shared;
}
