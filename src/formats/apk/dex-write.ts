/** Small DEX files, written: see `dex.ts` for the layout. */
import { type HashPort, hashOf } from '../../bytes/index.ts';
import { adler32, type DexField, HEADER_SIZE, LITTLE, NO_INDEX } from './dex.ts';

/** Parts of a small DEX file to write: classes without code, which is enough to be loaded and to be told apart. */
export interface DexParts {
  /** Descriptors of classes to define, as in `Lcom/example/Main;`. All extend Object. */
  readonly classes: readonly string[];
  /** Texts besides the descriptors. */
  readonly strings: readonly string[];
  /** Instance fields of classes that are defined. */
  readonly fields?: readonly (DexField & { readonly className: string })[];
}

/** Writes a DEX file of version 035 with correct sums. @throws RangeError on texts that are not ASCII */
export function writeDex(parts: DexParts, hash: HashPort): Uint8Array {
  const object = 'Ljava/lang/Object;';
  const fields = [...(parts.fields ?? [])].sort((a, b) => compare(a.className, b.className) || compare(a.name, b.name));
  const types = [...new Set([...parts.classes, object, ...fields.map(({ type }) => type)])].sort();
  const texts = [...new Set([...types, ...parts.strings, ...fields.map(({ name }) => name)])].sort();
  if (texts.some((text) => /\P{ASCII}|\0/u.test(text))) throw new RangeError('only ASCII texts are written');
  const typesAt = HEADER_SIZE + 4 * texts.length;
  const fieldsAt = typesAt + 4 * types.length;
  const classesAt = fieldsAt + 8 * fields.length;
  const dataAt = classesAt + 32 * parts.classes.length;
  const encoded = texts.map((text) => Uint8Array.from([...uleb128(text.length), ...new TextEncoder().encode(text), 0]));
  const stringsSize = encoded.reduce((sum, text) => sum + text.length, 0);
  const classes = [...parts.classes].sort();
  const data = classes.map((name) => classDataOf(fields, name));
  const classDataAt = dataAt + stringsSize;
  const mapAt = Math.ceil((classDataAt + data.reduce((sum, { length }) => sum + length, 0)) / 4) * 4;
  const map = [
    [0, 1, 0],
    [1, texts.length, HEADER_SIZE],
    [2, types.length, typesAt],
    ...(fields.length === 0 ? [] : [[4, fields.length, fieldsAt]]),
    ...(classes.length === 0 ? [] : [[6, classes.length, classesAt]]),
    [0x2002, texts.length, dataAt],
    ...(fields.length === 0 ? [] : [[0x2000, data.filter(({ length }) => length > 0).length, classDataAt]]),
    [0x1000, 1, mapAt],
  ];
  const size = mapAt + 4 + 12 * map.length;
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  const put = (at: number, ...values: readonly number[]) => {
    for (const [index, value] of values.entries()) view.setUint32(at + 4 * index, value, true);
  };
  out.set(new TextEncoder().encode('dex\n035\0'));
  put(32, size, HEADER_SIZE, LITTLE, 0, 0, mapAt);
  put(56, texts.length, HEADER_SIZE, types.length, typesAt, 0, 0, fields.length, fields.length === 0 ? 0 : fieldsAt, 0, 0);
  put(96, classes.length, classes.length === 0 ? 0 : classesAt, size - dataAt, dataAt);
  let at = dataAt;
  for (const [index, text] of encoded.entries()) {
    put(HEADER_SIZE + 4 * index, at);
    out.set(text, at);
    at += text.length;
  }
  for (const [index, type] of types.entries()) put(typesAt + 4 * index, texts.indexOf(type));
  for (const [index, { className, name, type }] of fields.entries()) {
    view.setUint16(fieldsAt + 8 * index, types.indexOf(className), true);
    view.setUint16(fieldsAt + 8 * index + 2, types.indexOf(type), true);
    put(fieldsAt + 8 * index + 4, texts.indexOf(name));
  }
  for (const [index, name] of classes.entries()) {
    const own = data[index] ?? [];
    put(classesAt + 32 * index, types.indexOf(name), 1, types.indexOf(object), 0, NO_INDEX, 0, own.length === 0 ? 0 : at, 0);
    out.set(own, at);
    at += own.length;
  }
  put(mapAt, map.length);
  for (const [index, [type = 0, count = 0, offset = 0]] of map.entries()) {
    view.setUint16(mapAt + 4 + 12 * index, type, true);
    put(mapAt + 8 + 12 * index, count, offset);
  }
  out.set(hashOf(hash, 'sha1', out.subarray(32)), 12);
  put(8, adler32(out.subarray(12)));
  return out;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** A class_data_item without methods; empty where the class has no fields either. */
function classDataOf(fields: NonNullable<DexParts['fields']>, className: string): readonly number[] {
  const own = [...fields.entries()].filter(([, field]) => field.className === className);
  if (own.length === 0) return [];
  const bytes = [0, own.length, 0, 0].flatMap(uleb128);
  let before = 0;
  for (const [index, { accessFlags }] of own) {
    bytes.push(...uleb128(index - before), ...uleb128(accessFlags));
    before = index;
  }
  return bytes;
}

/** Unsigned LEB128, as DEX files have it. */
export function uleb128(value: number): number[] {
  const out: number[] = [];
  let left = value;
  do {
    const byte = left & 0x7f;
    left >>>= 7;
    out.push(left > 0 ? byte | 0x80 : byte);
  } while (left > 0);
  return out;
}
