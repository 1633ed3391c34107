/**
 * CBOR, as WebAuthn objects, remote provisioning info and EAT attestations use it.
 * Spec: RFC 8949. Limits: `DEPTH_MAX` levels, `ITEMS_MAX` items. Indefinite lengths and lengths longer than needed are read, with an oddity.
 *
 *   first byte   bits 8-6 major type: 0 unsigned, 1 negative, 2 bytes, 3 text, 4 array, 5 map, 6 tag, 7 simple and float
 *                bits 5-1 argument: 0..23 itself; 24, 25, 26, 27: in the 1, 2, 4, 8 bytes that follow; 31: indefinite
 */
import { Cursor, concatBytes, type Oddity, type Reading } from '../../bytes/index.ts';

const DEPTH_MAX = 32;
const ITEMS_MAX = 1 << 16;

/** A CBOR item. Integers are numbers where they are safe, else bigints. */
export type CborValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | undefined
  | Uint8Array
  | readonly CborValue[]
  | CborMap
  | CborTag
  | CborOther;

export interface CborMap {
  readonly kind: 'map';
  readonly entries: readonly (readonly [key: CborValue, value: CborValue])[];
}

export interface CborTag {
  readonly kind: 'tag';
  readonly tag: number | bigint;
  readonly value: CborValue;
}

/** A float, or a simple value that has no meaning here. */
export interface CborOther {
  readonly kind: 'float' | 'simple';
  readonly value: number;
}

/** Reads one item and says where it ends: some documents hold more behind it. @throws FormatError */
export function readCborPrefix(bytes: Uint8Array, format: string, base = 0): Reading<CborValue> & { readonly end: number } {
  const oddities: Oddity[] = [];
  const cursor = new Cursor(bytes, { format, base, bigEndian: true });
  const state: State = { cursor, oddities, items: 0 };
  const value = readItem(state, 0);
  if (value === BREAK) throw cursor.error('item', 'bad-value', 'a break without anything to end');
  return { value, oddities, end: cursor.at };
}

/** Reads the one item that a document is. @throws FormatError also when bytes are left over */
export function readCbor(bytes: Uint8Array, format: string, base = 0): Reading<CborValue> {
  const { value, oddities, end } = readCborPrefix(bytes, format, base);
  if (end < bytes.length) {
    throw new Cursor(bytes, { format, base }).error('end', 'trailing', `${bytes.length - end} bytes left over`, end);
  }
  return { value, oddities };
}

interface State {
  readonly cursor: Cursor;
  readonly oddities: Oddity[];
  items: number;
}

const BREAK = Symbol('break');

function readItem(state: State, depth: number): CborValue | typeof BREAK {
  const { cursor } = state;
  const at = cursor.at;
  if (depth > DEPTH_MAX) throw cursor.error('item', 'too-deep', `${DEPTH_MAX} levels are the most that are read`);
  if (++state.items > ITEMS_MAX) throw cursor.error('item', 'too-large', `more than ${ITEMS_MAX} items`);
  const first = cursor.u8('item');
  const major = first >> 5;
  const info = first & 31;
  if (major === 7) return readSimple(state, info, at);
  const length = info === 31 ? undefined : readArgument(state, info, at);
  if (length === undefined) {
    if (major < 2 || major === 6) throw cursor.error('item', 'bad-value', 'an indefinite number', at);
    note(state, at, 'indefinite-length');
  }
  switch (major) {
    case 0:
      return length;
    case 1:
      return typeof length === 'number' ? -1 - length : -1n - (length ?? 0n);
    case 2:
      return length === undefined ? concatBytes(readPieces(state, depth, isBytes)) : cursor.take('bytes', sized(cursor, length, at));
    case 3:
      return length === undefined ? readPieces(state, depth, isText).join('') : cursor.text('text', sized(cursor, length, at));
    case 4:
      return readArray(state, depth, length === undefined ? undefined : sized(cursor, length, at));
    case 5:
      return readMap(state, depth, length === undefined ? undefined : sized(cursor, length, at));
    default: {
      const value = readItem(state, depth + 1);
      if (value === BREAK) throw cursor.error('tag', 'bad-value', 'a break under a tag', at);
      return { kind: 'tag', tag: length ?? 0, value };
    }
  }
}

/** Every item is at least one byte, so a count above the bytes left is refused before anything is allocated for it. */
function sized(cursor: Cursor, length: number | bigint, at: number): number {
  if (typeof length === 'bigint' || length > cursor.left)
    throw cursor.error('length', 'short-read', `${length} wanted, ${cursor.left} bytes left`, at);
  return length;
}

function readArgument(state: State, info: number, at: number): number | bigint {
  const { cursor } = state;
  if (info < 24) return info;
  const floor = [24, 0x100, 0x10000, 0x100000000];
  switch (info) {
    case 24:
    case 25:
    case 26: {
      const value = info === 24 ? cursor.u8('argument') : info === 25 ? cursor.u16('argument') : cursor.u32('argument');
      if (value < (floor[info - 24] ?? 0)) note(state, at, 'non-minimal-argument');
      return value;
    }
    case 27: {
      const value = cursor.u64('argument');
      if (value < 0x100000000n) note(state, at, 'non-minimal-argument');
      return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
    }
    default:
      throw cursor.error('item', 'bad-value', `additional information ${info} is reserved`, at);
  }
}

function readSimple(state: State, info: number, at: number): CborValue | typeof BREAK {
  const { cursor } = state;
  switch (info) {
    case 20:
      return false;
    case 21:
      return true;
    case 22:
      return null;
    case 23:
      return undefined;
    case 24:
      return { kind: 'simple', value: cursor.u8('simple') };
    case 25:
      return { kind: 'float', value: halfFloat(cursor.u16('float')) };
    case 26:
      return { kind: 'float', value: floatOf(cursor.take('float', 4)) };
    case 27:
      return { kind: 'float', value: floatOf(cursor.take('float', 8)) };
    case 31:
      return BREAK;
    default:
      if (info < 20) return { kind: 'simple', value: info };
      throw cursor.error('item', 'bad-value', `additional information ${info} is reserved`, at);
  }
}

function floatOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes.length === 4 ? view.getFloat32(0) : view.getFloat64(0);
}

function halfFloat(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 0x3ff;
  const size =
    exponent === 0
      ? mantissa * 2 ** -24
      : exponent === 31
        ? mantissa === 0
          ? Infinity
          : Number.NaN
        : (mantissa + 1024) * 2 ** (exponent - 25);
  return bits >= 0x8000 ? -size : size;
}

function readArray(state: State, depth: number, length: number | undefined): readonly CborValue[] {
  const values: CborValue[] = [];
  while (length === undefined || values.length < length) {
    const value = readItem(state, depth + 1);
    if (value === BREAK) {
      if (length === undefined) return values;
      throw state.cursor.error('array', 'bad-value', 'a break in an array that says its length');
    }
    values.push(value);
  }
  return values;
}

function readMap(state: State, depth: number, length: number | undefined): CborMap {
  const entries: (readonly [CborValue, CborValue])[] = [];
  const seen = new Set<unknown>();
  while (length === undefined || entries.length < length) {
    const at = state.cursor.at;
    const key = readItem(state, depth + 1);
    if (key === BREAK) {
      if (length === undefined) break;
      throw state.cursor.error('map', 'bad-value', 'a break in a map that says its length');
    }
    const value = readItem(state, depth + 1);
    if (value === BREAK) throw state.cursor.error('map', 'bad-value', 'a key without a value');
    if (typeof key !== 'object') {
      if (seen.has(key)) note(state, at, 'duplicate-key');
      seen.add(key);
    }
    entries.push([key, value]);
  }
  return { kind: 'map', entries };
}

function readPieces<T extends CborValue>(state: State, depth: number, is: (value: CborValue) => value is T): T[] {
  const pieces: T[] = [];
  for (;;) {
    const at = state.cursor.at;
    const piece = readItem(state, depth + 1);
    if (piece === BREAK) return pieces;
    if (!is(piece)) throw state.cursor.error('piece', 'bad-value', 'a string in pieces of another type', at);
    pieces.push(piece);
  }
}

const isBytes = (value: CborValue): value is Uint8Array => value instanceof Uint8Array;
const isText = (value: CborValue): value is string => typeof value === 'string';

function note(state: State, at: number, code: string): void {
  if (state.oddities.length >= 256) return;
  const { format, base } = state.cursor;
  state.oddities.push({ format, field: 'item', at: base + at, code, detail: 'not the form that RFC 8949 4.2 calls deterministic' });
}

/** Whether an item is a map. */
export function isCborMap(value: CborValue): value is CborMap {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'map';
}

/** The value of the first entry under a number or text, undefined where there is none. */
export function cborGet(map: CborMap, key: number | string): CborValue {
  return map.entries.find(([name]) => name === key)?.[1];
}

/** Writes an item in the deterministic form; map entries stay in their order. Floats are written with eight bytes. */
export function writeCbor(value: CborValue): Uint8Array {
  if (typeof value === 'number' || typeof value === 'bigint') {
    const whole = BigInt(value);
    return whole < 0n ? head(1, -1n - whole) : head(0, whole);
  }
  if (typeof value === 'string') {
    const bytes = new TextEncoder().encode(value);
    return concatBytes([head(3, bytes.length), bytes]);
  }
  if (value instanceof Uint8Array) return concatBytes([head(2, value.length), value]);
  if (value === false || value === true || value === null || value === undefined) {
    return Uint8Array.of(value === false ? 0xf4 : value === true ? 0xf5 : value === null ? 0xf6 : 0xf7);
  }
  if (isArray(value)) return concatBytes([head(4, value.length), ...value.map(writeCbor)]);
  switch (value.kind) {
    case 'map':
      return concatBytes([head(5, value.entries.length), ...value.entries.flatMap(([key, item]) => [writeCbor(key), writeCbor(item)])]);
    case 'tag':
      return concatBytes([head(6, value.tag), writeCbor(value.value)]);
    case 'simple':
      return value.value < 24 ? Uint8Array.of(0xe0 | value.value) : Uint8Array.of(0xf8, value.value);
    case 'float': {
      const out = new DataView(new ArrayBuffer(9));
      out.setUint8(0, 0xfb);
      out.setFloat64(1, value.value);
      return new Uint8Array(out.buffer);
    }
  }
}

const isArray = (value: CborValue): value is readonly CborValue[] => Array.isArray(value);

function head(major: number, argument: number | bigint): Uint8Array {
  const value = BigInt(argument);
  if (value < 24n) return Uint8Array.of((major << 5) | Number(value));
  const size = value < 0x100n ? 1 : value < 0x10000n ? 2 : value < 0x100000000n ? 4 : 8;
  const out = new Uint8Array(1 + size);
  out[0] = (major << 5) | (size === 1 ? 24 : size === 2 ? 25 : size === 4 ? 26 : 27);
  for (let i = 0; i < size; i++) out[size - i] = Number((value >> BigInt(8 * i)) & 0xffn);
  return out;
}
