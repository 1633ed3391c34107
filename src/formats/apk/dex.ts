/**
 * DEX files: header, strings, classes, method references.
 * Spec: source.android.com "Dalvik executable format" (035 to 041). Limits: `CLASSES_MAX`, `METHODS_MAX`, strings of `STRING_MAX` bytes; texts are
 * decoded when asked for. Does not read: code, annotations, debug information, hidden API data.
 *
 *   header_item: "dex\n035\0", u32 checksum (Adler-32 of what follows), u8 signature[20] (SHA-1 of what follows that), u32 file_size,
 *     header_size 0x70, endian_tag 0x12345678, link_size, link_off, map_off, then size and offset of string_ids, type_ids, proto_ids, field_ids,
 *     method_ids, class_defs, data; since 041 also u32 container_size, header_offset
 *   string_id u32 offset; string_data uleb128 length in UTF-16 units, MUTF-8, 0. type_id u32 string. method_id u16 class, u16 proto, u32 name.
 *   class_def u32 class, access_flags, superclass, interfaces_off, source_file, annotations_off, class_data_off, static_values_off
 */
import { Cursor, equalBytes, type HashPort, hashOf, type Reading } from '../../bytes/index.ts';
import { type OddityLog, oddityLog } from '../archive/index.ts';

const FORMAT = 'dex';
const HEADER_SIZE = 0x70;
const LITTLE = 0x12345678;
const NO_INDEX = 0xffffffff;
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
  readTable(cursor, 'field_ids', { item: 8, most: STRINGS_MAX });
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
    methods: () =>
      Array.from({ length: methods.count }, (_, index) => {
        const at = methods.at + 8 * index;
        return { className: type(view.getUint16(at, true)) ?? '', name: string(u32(at + 4)) ?? '' };
      }),
  };
  return { value, oddities: log.list() };
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

/** Parts of a small DEX file to write: classes without code, which is enough to be loaded and to be told apart. */
export interface DexParts {
  /** Descriptors of classes to define, as in `Lcom/example/Main;`. All extend Object. */
  readonly classes: readonly string[];
  /** Texts besides the descriptors. */
  readonly strings: readonly string[];
}

/** Writes a DEX file of version 035 with correct sums. @throws RangeError on texts that are not ASCII */
export function writeDex(parts: DexParts, hash: HashPort): Uint8Array {
  const object = 'Ljava/lang/Object;';
  const texts = [...new Set([...parts.classes, object, ...parts.strings])].sort();
  if (texts.some((text) => /\P{ASCII}|\0/u.test(text))) throw new RangeError('only ASCII texts are written');
  const types = [...new Set([...parts.classes, object])].sort();
  const typesAt = HEADER_SIZE + 4 * texts.length;
  const classesAt = typesAt + 4 * types.length;
  const dataAt = classesAt + 32 * parts.classes.length;
  const encoded = texts.map((text) => Uint8Array.from([...uleb128(text.length), ...new TextEncoder().encode(text), 0]));
  const stringsSize = encoded.reduce((sum, text) => sum + text.length, 0);
  const mapAt = Math.ceil((dataAt + stringsSize) / 4) * 4;
  const map = [
    [0, 1, 0],
    [1, texts.length, HEADER_SIZE],
    [2, types.length, typesAt],
    ...(parts.classes.length === 0 ? [] : [[6, parts.classes.length, classesAt]]),
    [0x2002, texts.length, dataAt],
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
  put(56, texts.length, HEADER_SIZE, types.length, typesAt, 0, 0, 0, 0, 0, 0);
  put(96, parts.classes.length, parts.classes.length === 0 ? 0 : classesAt, size - dataAt, dataAt);
  let at = dataAt;
  for (const [index, text] of encoded.entries()) {
    put(HEADER_SIZE + 4 * index, at);
    out.set(text, at);
    at += text.length;
  }
  for (const [index, type] of types.entries()) put(typesAt + 4 * index, texts.indexOf(type));
  for (const [index, name] of [...parts.classes].sort().entries()) {
    put(classesAt + 32 * index, types.indexOf(name), 1, types.indexOf(object), 0, NO_INDEX, 0, 0, 0);
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
