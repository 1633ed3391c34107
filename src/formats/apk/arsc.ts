/**
 * Compiled resources (resources.arsc): which value a resource id has in which configuration.
 * Spec: AOSP frameworks/base libs/androidfw ResourceTypes.h (android-15.0.0_r1). Limits: `PACKAGES_MAX`, `TYPES_MAX`, `REFERENCES_MAX` steps of a
 * reference. Entries are looked up, not listed: nothing is allocated for what nobody asks. Does not read: overlays, staged aliases, libraries.
 *
 *   ResTable_header   type 0x0002, headerSize 12, u32 packageCount; then a string pool and packages
 *   ResTable_package  type 0x0200, u32 id, u16 name[128], u32 typeStrings, lastPublicType, keyStrings, lastPublicKey; two pools, then specs and types
 *   ResTable_typeSpec type 0x0202, u8 id, u8 res0, u16 res1, u32 entryCount
 *   ResTable_type     type 0x0201, u8 id, u8 flags (SPARSE 1, OFFSET16 2), u16 reserved, u32 entryCount, entriesStart, ResTable_config
 *     offsets           u32 each, 0xffffffff none; 16 bit: units of 4, 0xffff none; sparse: u16 index, u16 offset / 4
 *   ResTable_entry    u16 size, u16 flags (COMPLEX 1, PUBLIC 2, WEAK 4, COMPACT 8), u32 key; then Res_value, or u32 parent, u32 count and pairs
 *     compact           u16 key, u16 flags with the data type in the high byte, u32 data
 */
import { Cursor, FormatError, type Reading } from '../../bytes/index.ts';
import { type OddityLog, oddityLog } from '../archive/index.ts';
import { type ResValue, VALUE_TYPE } from './axml.ts';
import { EMPTY_POOL, readStringPool, type StringPool } from './string-pool.ts';

const FORMAT = 'resources.arsc';
const PACKAGES_MAX = 64;
const TYPES_MAX = 1 << 15;
const REFERENCES_MAX = 20;
const MAP_MAX = 1 << 12;
const KEYS_CHECKED_MAX = 1 << 17;
const NO_ENTRY = 0xffffffff;

const FLAG_SPARSE = 1;
const FLAG_OFFSET16 = 2;
const ENTRY_COMPLEX = 1;
const ENTRY_COMPACT = 8;

/** What a configuration narrows, of the fields that matter for picking one. */
export interface ResourceConfig {
  /** Two letters, or empty for any. */
  readonly language: string;
  readonly region: string;
  /** Dots per inch, 0 for any. */
  readonly density: number;
  readonly sdkVersion: number;
  /** Whether it narrows nothing at all. */
  readonly isDefault: boolean;
}

/** One chunk of entries of a type in one configuration. */
interface TypeChunk {
  readonly typeId: number;
  readonly config: ResourceConfig;
  readonly at: number;
  readonly end: number;
  readonly flags: number;
  readonly entryCount: number;
  readonly entriesStart: number;
  readonly offsetsAt: number;
}

/** A package of resources. */
export interface ResourcePackage {
  readonly id: number;
  readonly name: string;
  /** By type id - 1. */
  readonly types: StringPool;
  readonly keys: StringPool;
  readonly chunks: readonly TypeChunk[];
}

/** A table. */
export interface ResourceTable {
  readonly bytes: Uint8Array;
  readonly strings: StringPool;
  readonly packages: readonly ResourcePackage[];
}

/** A resource's value in one configuration. */
export interface ResourceEntry {
  readonly config: ResourceConfig;
  readonly key: string | undefined;
  /** Undefined for a bag (a style, an array, plurals). */
  readonly value: ResValue | undefined;
  readonly bag: readonly { readonly name: number; readonly value: ResValue }[];
}

/** Reads a table's map. @throws FormatError when it is none, or beyond the ceilings */
export function readResources(bytes: Uint8Array, base = 0): Reading<ResourceTable> {
  const log = oddityLog(FORMAT);
  const head = new Cursor(bytes, { format: FORMAT, base });
  const type = head.u16('type');
  if (type !== 2) throw head.error('type', 'bad-magic', `0x${type.toString(16)}, not 0x2`, 0);
  const headerSize = head.u16('header_size');
  const size = head.u32('size');
  const packageCount = head.u32('package_count');
  if (size !== bytes.length) log.add('arsc-size', 'size', base + 4, `${size}, where there are ${bytes.length} bytes`);
  let strings = EMPTY_POOL;
  let pools = 0;
  const packages: ResourcePackage[] = [];
  for (const chunk of chunksOf(bytes, { from: headerSize, to: bytes.length, base, log })) {
    if (chunk.type === 0x0001) {
      pools++;
      if (pools > 1) log.add('arsc-pools', 'string_pool', base + chunk.at, 'a second string pool');
      else strings = readStringPool(bytes.subarray(chunk.at, chunk.end), { format: FORMAT, base: base + chunk.at }, log);
    } else if (chunk.type === 0x0200) {
      if (packages.length === PACKAGES_MAX) throw head.error('packages', 'too-large', `more than ${PACKAGES_MAX} packages`, 8);
      packages.push(readPackage(bytes, chunk, { base, log }));
    } else log.add('arsc-unknown-chunk', 'chunk.type', base + chunk.at, `0x${chunk.type.toString(16)}, which Android skips`);
  }
  if (packages.length !== packageCount) {
    log.add('arsc-package-count', 'package_count', base + 8, `${packageCount}, where there are ${packages.length}`);
  }
  return { value: { bytes, strings, packages }, oddities: log.list() };
}

interface Chunk {
  readonly type: number;
  readonly headerSize: number;
  readonly at: number;
  readonly end: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly base: number;
  readonly log: OddityLog;
}

/** Chunks that lie one after the other; stops with an oddity where one does not fit. */
function* chunksOf(bytes: Uint8Array, { from, to, base, log }: Span): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = from; at + 8 <= to; ) {
    const type = view.getUint16(at, true);
    const headerSize = view.getUint16(at + 2, true);
    const size = view.getUint32(at + 4, true);
    if (headerSize < 8 || size < headerSize || size > to - at) {
      log.add(
        'arsc-chunk-size',
        'chunk.size',
        base + at + 4,
        `type 0x${type.toString(16)}: header ${headerSize}, size ${size}, ${to - at} bytes left`,
      );
      return;
    }
    yield { type, headerSize, at, end: at + size };
    at += size;
  }
}

function readPackage(bytes: Uint8Array, chunk: Chunk, { base, log }: Pick<Span, 'base' | 'log'>): ResourcePackage {
  const cursor = new Cursor(bytes.subarray(chunk.at, chunk.end), { format: FORMAT, base: base + chunk.at, prefix: 'package.' });
  cursor.skip('header', 8);
  const id = cursor.u32('id');
  const name = new TextDecoder('utf-16le').decode(cursor.take('name', 256)).replace(/\0.*$/s, '');
  const typeStrings = cursor.u32('type_strings');
  cursor.u32('last_public_type');
  const keyStrings = cursor.u32('key_strings');
  const chunks: TypeChunk[] = [];
  const pools = new Map<number, StringPool>();
  for (const inner of chunksOf(bytes, { from: chunk.at + chunk.headerSize, to: chunk.end, base, log })) {
    if (inner.type === 0x0001) {
      const place = { format: FORMAT, base: base + inner.at };
      pools.set(inner.at - chunk.at, readStringPool(bytes.subarray(inner.at, inner.end), place, log));
    } else if (inner.type === 0x0201) {
      if (chunks.length === TYPES_MAX) throw cursor.error('types', 'too-large', `more than ${TYPES_MAX} type chunks`);
      const type = readType(bytes, inner, { base, log });
      if (type !== undefined) chunks.push(type);
    }
  }
  const keys = pools.get(keyStrings) ?? EMPTY_POOL;
  for (let index = 0; index < Math.min(keys.count, KEYS_CHECKED_MAX); index++) {
    const key = keys.text(index);
    if (key?.includes('/') === true || key?.includes('\\') === true || key?.includes('..') === true) {
      log.add('arsc-key-traversal', `key[${index}]`, base + chunk.at, 'a resource name that reads as a path');
    }
  }
  return { id, name, types: pools.get(typeStrings) ?? EMPTY_POOL, keys, chunks };
}

function readType(bytes: Uint8Array, { at, end, headerSize }: Chunk, { base, log }: Pick<Span, 'base' | 'log'>): TypeChunk | undefined {
  const cursor = new Cursor(bytes.subarray(at, end), { format: FORMAT, base: base + at, prefix: 'type.' });
  try {
    cursor.skip('header', 8);
    const typeId = cursor.u8('id');
    const flags = cursor.u8('flags');
    cursor.u16('reserved');
    const entryCount = cursor.u32('entry_count');
    const entriesStart = cursor.u32('entries_start');
    const config = readConfig(cursor);
    if (typeId === 0) throw cursor.error('id', 'bad-value', '0', 8);
    const room = (end - at - headerSize) / ((flags & FLAG_OFFSET16) !== 0 ? 2 : 4);
    if (entryCount > room) throw cursor.error('entry_count', 'out-of-bounds', `${entryCount}, where ${Math.floor(room)} offsets fit`, 12);
    return { typeId, config, at, end, flags, entryCount, entriesStart, offsetsAt: at + headerSize };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    log.add('arsc-type', error.field, error.at, error.message);
    return undefined;
  }
}

/** ResTable_config: u32 size, mcc, mnc, language[2], country[2], orientation, touchscreen, u16 density, input (4), screen (4), u16 sdk, u16 minor … */
function readConfig(cursor: Cursor): ResourceConfig {
  const start = cursor.at;
  const size = cursor.u32('config.size');
  const body = cursor.take('config', Math.min(Math.max(size, 4) - 4, cursor.left));
  if (size < 4 || cursor.at - start < size) throw cursor.error('config.size', 'out-of-bounds', `${size} bytes`, start);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const u16 = (at: number) => (at + 2 <= body.length ? view.getUint16(at, true) : 0);
  return {
    language: localePart(body[4] ?? 0, body[5] ?? 0, 0x61),
    region: localePart(body[6] ?? 0, body[7] ?? 0, 0x30),
    density: u16(10),
    sdkVersion: u16(20),
    isDefault: body.every((byte) => byte === 0),
  };
}

/** Two letters, or three packed in five bits each where the first byte's high bit is set. */
function localePart(first: number, second: number, offset: number): string {
  if (first === 0) return '';
  if ((first & 0x80) === 0) return String.fromCharCode(first, second).replace(/\0/g, '');
  const letters = [second & 0x1f, ((second & 0xe0) >> 5) | ((first & 0x03) << 3), (first & 0x7c) >> 2];
  return String.fromCharCode(...letters.map((letter) => letter + offset));
}

/** Every value that a resource id has, in the table's order. */
export function resourceEntries(table: ResourceTable, resourceId: number): readonly ResourceEntry[] {
  const packageId = resourceId >>> 24;
  const typeId = (resourceId >>> 16) & 0xff;
  const index = resourceId & 0xffff;
  const found: ResourceEntry[] = [];
  for (const pack of table.packages) {
    if (pack.id !== packageId) continue;
    for (const chunk of pack.chunks) {
      if (chunk.typeId !== typeId) continue;
      const entry = entryAt(table, pack, chunk, index);
      if (entry !== undefined) found.push(entry);
    }
  }
  return found;
}

function entryAt(table: ResourceTable, pack: ResourcePackage, chunk: TypeChunk, index: number): ResourceEntry | undefined {
  const offset = entryOffset(table.bytes, chunk, index);
  if (offset === undefined) return undefined;
  const at = chunk.at + chunk.entriesStart + offset;
  if (at + 8 > chunk.end) return undefined;
  const view = new DataView(table.bytes.buffer, table.bytes.byteOffset, table.bytes.byteLength);
  const size = view.getUint16(at, true);
  const flags = view.getUint16(at + 2, true);
  const { config } = chunk;
  if ((flags & ENTRY_COMPACT) !== 0) {
    return { config, key: pack.keys.text(size), value: { type: flags >> 8, data: view.getUint32(at + 4, true) }, bag: [] };
  }
  const key = pack.keys.text(view.getUint32(at + 4, true));
  if ((flags & ENTRY_COMPLEX) === 0) return { config, key, value: valueAt(view, at + size, chunk.end), bag: [] };
  const count = at + 16 <= chunk.end ? view.getUint32(at + 12, true) : 0;
  const bag: { name: number; value: ResValue }[] = [];
  for (let i = 0; i < Math.min(count, MAP_MAX); i++) {
    const mapAt = at + size + 12 * i;
    const value = mapAt + 12 <= chunk.end ? valueAt(view, mapAt + 4, chunk.end) : undefined;
    if (value === undefined) break;
    bag.push({ name: view.getUint32(mapAt, true), value });
  }
  return { config, key, value: undefined, bag };
}

function valueAt(view: DataView, at: number, end: number): ResValue | undefined {
  return at + 8 > end ? undefined : { type: view.getUint8(at + 3), data: view.getUint32(at + 4, true) };
}

/** Where an entry lies from the start of a chunk's entries: by index, or by bisection where the chunk is sparse. */
function entryOffset(bytes: Uint8Array, { flags, entryCount, offsetsAt }: TypeChunk, index: number): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if ((flags & FLAG_SPARSE) !== 0) {
    let low = 0;
    let high = entryCount - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const there = view.getUint16(offsetsAt + 4 * middle, true);
      if (there === index) return 4 * view.getUint16(offsetsAt + 4 * middle + 2, true);
      if (there < index) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }
  if (index >= entryCount) return undefined;
  if ((flags & FLAG_OFFSET16) !== 0) {
    const units = view.getUint16(offsetsAt + 2 * index, true);
    return units === 0xffff ? undefined : 4 * units;
  }
  const offset = view.getUint32(offsetsAt + 4 * index, true);
  return offset === NO_ENTRY ? undefined : offset;
}

/** Which of several configurations a plain device without a language would take: the default, else the first for any language, else the first. */
function plainest(entries: readonly ResourceEntry[]): ResourceEntry | undefined {
  return entries.find(({ config }) => config.isDefault) ?? entries.find(({ config }) => config.language === '') ?? entries[0];
}

/** A resource's value, references followed; undefined where there is none, it is a bag, or references go in circles. */
export function resolveResource(table: ResourceTable, resourceId: number, pick = plainest): ResValue | undefined {
  let id = resourceId;
  for (let step = 0; step < REFERENCES_MAX; step++) {
    const value = pick(resourceEntries(table, id))?.value;
    if (value === undefined) return undefined;
    if (value.type !== VALUE_TYPE.reference && value.type !== VALUE_TYPE.dynamicReference) return value;
    if (value.data === 0) return undefined;
    id = value.data;
  }
  return undefined;
}

/** A value's text, where it is one. */
export function resourceText(table: ResourceTable, value: ResValue | undefined): string | undefined {
  return value?.type === VALUE_TYPE.string ? table.strings.text(value.data) : undefined;
}

/** A resource's texts in every configuration, as for labels in all languages. */
export function resourceTexts(
  table: ResourceTable,
  resourceId: number,
): readonly { readonly config: ResourceConfig; readonly text: string }[] {
  return resourceEntries(table, resourceId).flatMap(({ config, value }) => {
    const resolved = value?.type === VALUE_TYPE.reference ? resolveResource(table, value.data) : value;
    const text = resourceText(table, resolved);
    return text === undefined ? [] : [{ config, text }];
  });
}

/** The files that a resource has, such as an icon's, with the density each is for. */
export function resourceFiles(table: ResourceTable, resourceId: number): readonly { readonly density: number; readonly path: string }[] {
  return resourceTexts(table, resourceId)
    .filter(({ text }) => text.includes('/'))
    .map(({ config, text }) => ({ density: config.density, path: text }));
}
