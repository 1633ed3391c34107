/**
 * JSON whose parts keep their places. A scanner walks objects and arrays without building them, so that a list of a million entries costs one entry at a time;
 * the engine's own parser reads the leaves. Source: RFC 8259.
 */
import { FormatError } from '../../bytes/index.ts';
import type { LoadedArtefact } from '../reader.ts';

/** Containers within containers: no artefact goes deeper. */
const DEPTH_MAX = 64;
/** Bytes of one leaf that are parsed. */
const LEAF_MAX = 64 << 20;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A value within an artefact's bytes: from `at`, to before `end`. */
export interface JsonRange {
  readonly at: number;
  readonly end: number;
}

/** A member of an object, or an element of an array (its key is undefined). */
export interface JsonMember extends JsonRange {
  readonly key: string | undefined;
  /** Where the member begins: its key, or its value. */
  readonly from: number;
}

const refuse = (artefact: LoadedArtefact, field: string, at: number, detail: string) =>
  new FormatError({ format: 'json', field, at: (artefact.base ?? 0) + at }, 'bad-value', detail);

const QUOTE = 0x22;
const isSpace = (byte: number | undefined) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** The first byte at or after `at` that is no white space. */
function skipSpace(bytes: Uint8Array, at: number): number {
  let next = at;
  while (next < bytes.length && isSpace(bytes[next])) next++;
  return next;
}

/** Where the string ends that begins at `at`. */
function endOfString(artefact: LoadedArtefact, at: number): number {
  const { bytes } = artefact;
  for (let i = at + 1; i < bytes.length; i++) {
    if (bytes[i] === 0x5c) i++;
    else if (bytes[i] === QUOTE) return i + 1;
  }
  throw refuse(artefact, 'string', at, 'the artefact ends inside a string');
}

/** Where the value ends that begins at `at`. What lies inside is checked where it is parsed. @throws FormatError */
function endOfValue(artefact: LoadedArtefact, at: number): number {
  const { bytes } = artefact;
  let depth = 0;
  let i = at;
  while (i < bytes.length) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      i = endOfString(artefact, i);
      if (depth === 0) return i;
      continue;
    }
    if (byte === 0x7b || byte === 0x5b) {
      if (++depth > DEPTH_MAX)
        throw new FormatError(
          { format: 'json', field: 'depth', at: (artefact.base ?? 0) + i },
          'too-deep',
          `more than ${DEPTH_MAX} containers within each other`,
        );
    } else if (byte === 0x7d || byte === 0x5d) {
      if (depth === 0) return i;
      if (--depth === 0) return i + 1;
    } else if (depth === 0 && (byte === 0x2c || isSpace(byte))) return i;
    i++;
  }
  if (depth > 0) throw refuse(artefact, 'container', at, 'the artefact ends inside an object or array');
  return i;
}

/** The members of the object, or the elements of the array, that begins at `at`. @throws FormatError */
export function* membersOf(artefact: LoadedArtefact, at: number): Generator<JsonMember, void, undefined> {
  const { bytes } = artefact;
  const open = bytes[at];
  if (open !== 0x7b && open !== 0x5b) throw refuse(artefact, 'container', at, 'an object or array is expected here');
  const close = open + 2;
  let i = skipSpace(bytes, at + 1);
  while (i < bytes.length && bytes[i] !== close) {
    const from = i;
    let key: string | undefined;
    if (open === 0x7b) {
      if (bytes[i] !== QUOTE) throw refuse(artefact, 'key', i, 'a name in quotes is expected here');
      const end = endOfString(artefact, i);
      key = stringOf(artefact, { at: i, end });
      i = skipSpace(bytes, end);
      if (bytes[i] !== 0x3a) throw refuse(artefact, 'colon', i, 'a colon is expected here');
      i = skipSpace(bytes, i + 1);
    }
    const end = endOfValue(artefact, i);
    if (end === i) throw refuse(artefact, 'value', i, 'a value is expected here');
    yield { key, from, at: i, end };
    i = skipSpace(bytes, end);
    if (bytes[i] === 0x2c) i = skipSpace(bytes, i + 1);
    else if (bytes[i] !== close) throw refuse(artefact, 'comma', i, 'a comma or the end of the container is expected here');
  }
  if (i >= bytes.length) throw refuse(artefact, 'container', at, 'the artefact ends inside an object or array');
}

/**
 * The records of a list, whichever way it was written: the elements of one array, or one value after the other (JSON lines).
 * @throws FormatError where the text stops being JSON; what came before was yielded
 */
export function* recordsOf(artefact: LoadedArtefact): Generator<JsonRange, void, undefined> {
  let i = skipMark(artefact.bytes);
  if (artefact.bytes[i] === 0x5b) {
    yield* membersOf(artefact, i);
    return;
  }
  while (i < artefact.bytes.length) {
    const end = endOfValue(artefact, i);
    if (end === i) throw refuse(artefact, 'record', i, 'a record is expected here');
    yield { at: i, end };
    i = skipSpace(artefact.bytes, end);
  }
}

/** Past a byte-order mark and white space. */
export const skipMark = (bytes: Uint8Array) => skipSpace(bytes, bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);

/** The value in a range, by the engine's parser. @throws FormatError */
export function jsonValue(artefact: LoadedArtefact, { at, end }: JsonRange): unknown {
  if (end - at > LEAF_MAX)
    throw new FormatError(
      { format: 'json', field: 'value', at: (artefact.base ?? 0) + at },
      'too-large',
      `${end - at} bytes, and ${LEAF_MAX} is the most that is parsed at once`,
    );
  try {
    return JSON.parse(utf8.decode(artefact.bytes.subarray(at, end)));
  } catch (error) {
    throw refuse(artefact, 'value', at, error instanceof Error ? error.message : String(error));
  }
}

function stringOf(artefact: LoadedArtefact, range: JsonRange): string {
  const value = jsonValue(artefact, range);
  if (typeof value !== 'string') throw refuse(artefact, 'string', range.at, 'a text is expected here');
  return value;
}

/** A string's text as bytes, and for each of them where in the artefact it stands: an escape is several bytes there. */
export interface JsonText {
  readonly bytes: Uint8Array;
  /** `bytes.length + 1` offsets in the artefact. */
  readonly places: Uint32Array;
}

const ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x22, 0x22],
  [0x5c, 0x5c],
  [0x2f, 0x2f],
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

/** The text of a string with the places of its bytes; undefined where the value is no string. @throws FormatError for a broken escape */
export function textOf(artefact: LoadedArtefact, { at, end }: JsonRange): JsonText | undefined {
  const raw = artefact.bytes;
  if (raw[at] !== QUOTE) return undefined;
  const bytes = new Uint8Array(end - at);
  const places = new Uint32Array(end - at + 1);
  let length = 0;
  const put = (byte: number, from: number) => {
    places[length] = from;
    bytes[length++] = byte;
  };
  let i = at + 1;
  while (i < end - 1) {
    const from = i;
    const byte = raw[i++] ?? 0;
    if (byte !== 0x5c) {
      put(byte, from);
      continue;
    }
    const kind = raw[i++] ?? 0;
    if (kind === 0x75) {
      let unit = hexUnit(artefact, i);
      i += 4;
      if (unit >= 0xd800 && unit < 0xdc00 && raw[i] === 0x5c && raw[i + 1] === 0x75) {
        const low = hexUnit(artefact, i + 2);
        if (low >= 0xdc00 && low < 0xe000) {
          unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
          i += 6;
        }
      }
      for (const part of encoder.encode(String.fromCodePoint(unit))) put(part, from);
    } else {
      const plain = ESCAPES.get(kind);
      if (plain === undefined) throw refuse(artefact, 'escape', from, 'an escape that JSON does not have');
      put(plain, from);
    }
  }
  places[length] = end - 1;
  return { bytes: bytes.subarray(0, length), places: places.subarray(0, length + 1) };
}

const encoder = new TextEncoder();

function hexUnit(artefact: LoadedArtefact, at: number): number {
  const text = utf8.decode(artefact.bytes.subarray(at, at + 4));
  if (!/^[0-9a-fA-F]{4}$/.test(text)) throw refuse(artefact, 'escape', at, 'four hex digits are expected here');
  return Number.parseInt(text, 16);
}
