/**
 * DEX files: header, strings, classes, their fields, method references.
 * Spec: source.android.com "Dalvik executable format" (035 to 041). Limits: `CLASSES_MAX`, `METHODS_MAX`, strings of `STRING_MAX` bytes; texts are
 * decoded when asked for. Does not read: code (see `dex-code`), annotations, debug information, hidden API data.
 *
 *   header_item: "dex\n035\0", u32 checksum (Adler-32 of what follows), u8 signature[20] (SHA-1 of what follows that), u32 file_size,
 *     header_size 0x70, endian_tag 0x12345678, link_size, link_off, map_off, then size and offset of string_ids, type_ids, proto_ids, field_ids,
 *     method_ids, class_defs, data; since 041 also u32 container_size, header_offset
 *   string_id u32 offset; string_data uleb128 length in UTF-16 units, MUTF-8, 0. type_id u32 string. method_id u16 class, u16 proto, u32 name.
 *   field_id u16 class, u16 type, u32 name.
 *   class_def u32 class, access_flags, superclass, interfaces_off, source_file, annotations_off, class_data_off, static_values_off
 *   class_data_item uleb128 static_fields_size, instance_fields_size, direct_methods_size, virtual_methods_size, then per field uleb128 field_idx_diff
 *     (from the one before, in each of the two lists), access_flags; methods
 */
import { Cursor, equalBytes, type HashPort, hashOf, type Reading } from '../../bytes/index.ts';
import { type OddityLog, oddityLog } from '../archive/index.ts';

const FORMAT = 'dex';
/** What of a header every version has, and the only byte order there is. */
export const HEADER_SIZE = 0x70;
export const LITTLE = 0x12345678;
export const NO_INDEX = 0xffffffff;
/** The format's own limit on methods and types is 65,536; strings and classes go beyond. */
const STRINGS_MAX = 1 << 22;
const METHODS_MAX = 1 << 16;
const CLASSES_MAX = 1 << 17;
const STRING_MAX = 1 << 20;

/** A class that the file defines. */
export interface DexClass {
  /** As in `Lcom/example/Main;`. */
  readonly name: string;
  readonly superclass: string | undefined;
  readonly accessFlags: number;
  readonly sourceFile: string | undefined;
}

/** A field of a class that the file defines. */
export interface DexField {
  readonly name: string;
  /** As in `J` or `Ljava/lang/String;`. */
  readonly type: string;
  readonly accessFlags: number;
}

/** A method that the file defines or calls. */
export interface DexMethod {
  readonly className: string;
  readonly name: string;
}

/** A DEX file: tables are read when asked for. */
export interface DexFile {
  /** As in `035`. */
  readonly version: string;
  readonly checksum: number;
  readonly fileSize: number;
  readonly stringCount: number;
  readonly typeCount: number;
  readonly methodCount: number;
  readonly classCount: number;
  /** A string by its index, or undefined outside the table or where its bytes are not. */
  string(index: number): string | undefined;
  /** A type's descriptor by its index. */
  type(index: number): string | undefined;
  /** All classes that the file defines. */
  classes(): readonly DexClass[];
  /** The fields of a class, static ones first; undefined where the file does not define the class. @throws FormatError where its data is malformed */
  fieldsOf(className: string): readonly DexField[] | undefined;
  /** All methods that the file names. */
  methods(): readonly DexMethod[];
}

/** Whether bytes begin as a DEX file does. */
export function isDex(start: Uint8Array): boolean {
  return start.length >= 8 && start[0] === 0x64 && start[1] === 0x65 && start[2] === 0x78 && start[3] === 0x0a && start[7] === 0;
}

/**
 * Reads a file's tables. With `hash`, the signature is compared too: installers do not, so tampering leaves it behind.
 * @throws FormatError when it is none, or its tables are not inside it
 */
export function readDex(bytes: Uint8Array, base = 0, hash?: HashPort): Reading<DexFile> {
  const log = oddityLog(FORMAT);
  const cursor = new Cursor(bytes, { format: FORMAT, base });
  const magic = cursor.take('magic', 8);
  if (!isDex(magic)) throw cursor.error('magic', 'bad-magic', 'not "dex\\n" and a version', 0);
  const version = String.fromCharCode(magic[4] ?? 0, magic[5] ?? 0, magic[6] ?? 0);
  if (!/^0(?:3[5-9]|4[01])$/.test(version)) log.add('dex-version', 'magic', base + 4, version.replace(/\P{ASCII}|\p{Cc}/gu, '.'));
  const checksum = cursor.u32('checksum');
  const signature = cursor.take('signature', 20);
  const fileSize = cursor.u32('file_size');
  const headerSize = cursor.u32('header_size');
  const endian = cursor.u32('endian_tag');
  if (endian !== LITTLE) throw cursor.error('endian_tag', 'unsupported-feature', `0x${endian.toString(16)}, not little endian`, 40);
  if (headerSize < HEADER_SIZE) log.add('dex-header-size', 'header_size', base + 36, `${headerSize}, not ${HEADER_SIZE}`);
  if (fileSize !== bytes.length) log.add('dex-size', 'file_size', base + 32, `${fileSize}, where there are ${bytes.length} bytes`);
  cursor.skip('link_and_map', 12);
  const strings = readTable(cursor, 'string_ids', { item: 4, most: STRINGS_MAX });
  const types = readTable(cursor, 'type_ids', { item: 4, most: STRINGS_MAX });
  readTable(cursor, 'proto_ids', { item: 12, most: STRINGS_MAX });
  const fields = readTable(cursor, 'field_ids', { item: 8, most: STRINGS_MAX });
  const methods = readTable(cursor, 'method_ids', { item: 8, most: METHODS_MAX });
  const classes = readTable(cursor, 'class_defs', { item: 32, most: CLASSES_MAX });
  checkSums(bytes, { base, log, checksum, signature, fileSize, hash });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (at: number) => view.getUint32(at, true);
  const string = (index: number) => (index < strings.count ? mutf8At(bytes, u32(strings.at + 4 * index)) : undefined);
  const type = (index: number) => (index < types.count ? string(u32(types.at + 4 * index)) : undefined);
  const value: DexFile = {
    version,
    checksum,
    fileSize,
    stringCount: strings.count,
    typeCount: types.count,
    methodCount: methods.count,
    classCount: classes.count,
    string,
    type,
    classes: () =>
      Array.from({ length: classes.count }, (_, index) => {
        const at = classes.at + 32 * index;
        const superclass = u32(at + 8);
        const sourceFile = u32(at + 16);
        return {
          name: type(u32(at)) ?? '',
          accessFlags: u32(at + 4),
          superclass: superclass === NO_INDEX ? undefined : type(superclass),
          sourceFile: sourceFile === NO_INDEX ? undefined : string(sourceFile),
        };
      }),
    fieldsOf(className) {
      const at = Array.from({ length: classes.count }, (_, index) => classes.at + 32 * index).find((one) => type(u32(one)) === className);
      if (at === undefined) return undefined;
      return readFields(bytes, u32(at + 24), { base, count: fields.count }).map(({ index, accessFlags }) => {
        const field = fields.at + 8 * index;
        return { name: string(u32(field + 4)) ?? '', type: type(view.getUint16(field + 2, true)) ?? '', accessFlags };
      });
    },
    methods: () =>
      Array.from({ length: methods.count }, (_, index) => {
        const at = methods.at + 8 * index;
        return { className: type(view.getUint16(at, true)) ?? '', name: string(u32(at + 4)) ?? '' };
      }),
  };
  return { value, oddities: log.list() };
}

/** The fields of a class_data_item, by their places in the table; an offset of 0 is a class without any. @throws FormatError */
function readFields(
  bytes: Uint8Array,
  at: number,
  { base, count }: { readonly base: number; readonly count: number },
): readonly { readonly index: number; readonly accessFlags: number }[] {
  if (at === 0) return [];
  const cursor = new Cursor(bytes, { format: FORMAT, base, prefix: 'class_data.' });
  cursor.seek('offset', at);
  const sizes = [readUleb128(cursor, 'static_fields_size'), readUleb128(cursor, 'instance_fields_size')];
  readUleb128(cursor, 'direct_methods_size');
  readUleb128(cursor, 'virtual_methods_size');
  return sizes.flatMap((size) => {
    if (size > count) throw cursor.error('fields_size', 'too-large', `${size} fields, where the file has ${count}`);
    let index = 0;
    return Array.from({ length: size }, () => {
      index += readUleb128(cursor, 'field_idx_diff');
      if (index >= count) throw cursor.error('field_idx_diff', 'out-of-bounds', `field ${index} of ${count}`);
      return { index, accessFlags: readUleb128(cursor, 'access_flags') };
    });
  });
}

/** Unsigned LEB128 of up to 32 bits. @throws FormatError */
export function readUleb128(cursor: Cursor, field: string): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = cursor.u8(field);
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw cursor.error(field, 'bad-value', 'a number of more than 5 bytes');
}

interface Table {
  readonly count: number;
  readonly at: number;
}

function readTable(cursor: Cursor, name: string, { item, most }: { readonly item: number; readonly most: number }): Table {
  const start = cursor.at;
  const count = cursor.u32(`${name}_size`);
  const at = cursor.u32(`${name}_off`);
  if (count > most) throw cursor.error(`${name}_size`, 'too-large', `${count} is above ${most}`, start);
  if (count > 0 && at + item * count > cursor.bytes.length) {
    throw cursor.error(
      `${name}_off`,
      'out-of-bounds',
      `${count} items at ${at} are not inside the ${cursor.bytes.length} bytes there are`,
      start + 4,
    );
  }
  return { count, at };
}

interface Sums {
  readonly base: number;
  readonly log: OddityLog;
  readonly checksum: number;
  readonly signature: Uint8Array;
  readonly fileSize: number;
  readonly hash: HashPort | undefined;
}

function checkSums(bytes: Uint8Array, { base, log, checksum, signature, fileSize, hash }: Sums): void {
  const end = Math.min(fileSize, bytes.length);
  const actual = adler32(bytes.subarray(12, end));
  if (actual !== checksum) log.add('dex-checksum', 'checksum', base + 8, `0x${checksum.toString(16)}, not 0x${actual.toString(16)}`);
  if (hash !== undefined && !equalBytes(hashOf(hash, 'sha1', bytes.subarray(32, end)), signature)) {
    log.add('dex-signature', 'signature', base + 12, 'not the SHA-1 of the rest');
  }
}

/** Adler-32 of RFC 1950. 5552 is the most bytes before the sums could pass 32 bits. */
export function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(at + 5552, bytes.length);
    for (; at < end; at++) {
      a += bytes[at] as number; // at < end
      b += a;
    }
    a %= 65_521;
    b %= 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

/** A string: its length in UTF-16 units, then modified UTF-8 up to a NUL. Lone surrogates and over-long NULs are kept as they decode. */
function mutf8At(bytes: Uint8Array, start: number): string | undefined {
  let at = start;
  // The length is of no use: the text ends at its NUL.
  for (let i = 0; i < 5; i++) if (((bytes[at++] ?? 0) & 0x80) === 0) break;
  if (at >= bytes.length) return undefined;
  const end = bytes.subarray(at, at + STRING_MAX).indexOf(0);
  if (end < 0) return undefined;
  return decodeMutf8(bytes.subarray(at, at + end));
}

function decodeMutf8(bytes: Uint8Array): string {
  if (bytes.every((byte) => byte < 0x80)) return ascii.decode(bytes);
  const units: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    if (first < 0x80) {
      units.push(first);
      at++;
    } else if ((first & 0xe0) === 0xc0) {
      units.push(((first & 0x1f) << 6) | ((bytes[at + 1] ?? 0) & 0x3f));
      at += 2;
    } else if ((first & 0xf0) === 0xe0) {
      units.push(((first & 0x0f) << 12) | (((bytes[at + 1] ?? 0) & 0x3f) << 6) | ((bytes[at + 2] ?? 0) & 0x3f));
      at += 3;
    } else {
      units.push(0xfffd);
      at++;
    }
  }
  let text = '';
  for (let at = 0; at < units.length; at += 4096) text += String.fromCharCode(...units.slice(at, at + 4096));
  return text;
}

const ascii = new TextDecoder('utf-8', { ignoreBOM: true });
