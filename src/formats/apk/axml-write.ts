/** Writes compiled XML and string pools: what `axml.ts` and `string-pool.ts` read. Attributes with ids come first in the pool, as the format demands. */
import { concatBytes } from '../../bytes/index.ts';
import { type ResValue, VALUE_TYPE } from './axml.ts';

const NONE = 0xffffffff;
export const ANDROID_NAMESPACE = 'http://schemas.android.com/apk/res/android';

/** An attribute to write: a text, or a typed value. With an id it is in Android's namespace. */
export interface AxmlAttributePart {
  readonly name: string;
  readonly resourceId?: number;
  readonly value: string | ResValue;
}

/** An element to write. */
export interface AxmlPart {
  readonly name: string;
  readonly attributes: readonly AxmlAttributePart[];
  readonly children: readonly AxmlPart[];
}

/** An integer's value. */
export const intValue = (data: number): ResValue => ({ type: VALUE_TYPE.intDec, data: data >>> 0 });
/** A boolean's value. */
export const booleanValue = (value: boolean): ResValue => ({ type: VALUE_TYPE.intBoolean, data: value ? NONE : 0 });
/** A reference's value. */
export const referenceValue = (data: number): ResValue => ({ type: VALUE_TYPE.reference, data });

/** Writes a pool. */
export function writeStringPool(texts: readonly string[], utf8 = false): Uint8Array {
  const bodies = texts.map((text) => (utf8 ? utf8Text(text) : utf16Text(text)));
  const stringsStart = 28 + 4 * texts.length;
  let offset = 0;
  const offsets = bodies.map((body) => {
    const at = offset;
    offset += body.length;
    return at;
  });
  const padding = (4 - (offset % 4)) % 4;
  const size = stringsStart + offset + padding;
  return concatBytes([
    u32s(0x001c0001, size, texts.length, 0, utf8 ? 0x100 : 0, stringsStart, 0, ...offsets),
    ...bodies,
    new Uint8Array(padding),
  ]);
}

function utf16Text(text: string): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * text.length + 4));
  view.setUint16(0, text.length, true);
  for (let i = 0; i < text.length; i++) view.setUint16(2 + 2 * i, text.charCodeAt(i), true);
  return new Uint8Array(view.buffer);
}

function utf8Text(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const length = (value: number) => (value < 0x80 ? [value] : [0x80 | (value >> 8), value & 0xff]);
  return Uint8Array.from([...length(text.length), ...length(bytes.length), ...bytes, 0]);
}

/** 32-bit words, little endian. */
export function u32s(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value >>> 0, true);
  return new Uint8Array(view.buffer);
}

/** Writes a document. */
export function writeAxml(root: AxmlPart, utf8 = false): Uint8Array {
  const ids = new Map<string, number>();
  const texts = new Set<string>(['android', ANDROID_NAMESPACE]);
  collect(root, ids, texts);
  const withIds = [...ids.keys()];
  const pool = [...withIds, ...[...texts].filter((text) => !ids.has(text))];
  const indices = new Map(pool.map((text, index) => [text, index]));
  const indexOf = (text: string) => indices.get(text) ?? NONE;
  const namespace = [indexOf('android'), indexOf(ANDROID_NAMESPACE)];
  const chunks = [
    writeStringPool(pool, utf8),
    u32s(0x00080180, 8 + 4 * withIds.length, ...ids.values()),
    u32s(0x00100100, 24, 1, NONE, ...namespace),
    ...elementChunks(root, indexOf),
    u32s(0x00100101, 24, 1, NONE, ...namespace),
  ];
  const body = concatBytes(chunks);
  return concatBytes([u32s(0x00080003, 8 + body.length), body]);
}

function collect({ name, attributes, children }: AxmlPart, ids: Map<string, number>, texts: Set<string>): void {
  texts.add(name);
  for (const attribute of attributes) {
    if (attribute.resourceId === undefined) texts.add(attribute.name);
    else ids.set(attribute.name, attribute.resourceId);
    if (typeof attribute.value === 'string') texts.add(attribute.value);
  }
  for (const child of children) collect(child, ids, texts);
}

function elementChunks({ name, attributes, children }: AxmlPart, indexOf: (text: string) => number): readonly Uint8Array[] {
  const start = u32s(0x00100102, 36 + 20 * attributes.length, 1, NONE, NONE, indexOf(name), 0x00140014, attributes.length, 0);
  const sorted = [...attributes].sort((a, b) => (a.resourceId ?? NONE) - (b.resourceId ?? NONE));
  const body = sorted.map(({ name: attribute, resourceId, value }) => {
    const text = typeof value === 'string' ? indexOf(value) : NONE;
    const { type, data } = typeof value === 'string' ? { type: VALUE_TYPE.string, data: text } : value;
    return u32s(resourceId === undefined ? NONE : indexOf(ANDROID_NAMESPACE), indexOf(attribute), text, (type << 24) | 8, data);
  });
  const end = u32s(0x00100103, 24, 1, NONE, NONE, indexOf(name));
  return [start, ...body, ...children.flatMap((child) => elementChunks(child, indexOf)), end];
}
