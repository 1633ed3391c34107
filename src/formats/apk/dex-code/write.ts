/**
 * Writes a DEX file with one class of static methods.
 * Spec: source.android.com "Dalvik executable format", version 035, which every Android since 1.0 takes. Not written: fields of its own, virtual methods, debug information.
 *
 *   proto_id  u32 shorty, u32 return type, u32 parameters_off      field_id u16 class, u16 type, u32 name      method_id u16 class, u16 proto, u32 name
 *   code_item u16 registers, ins, outs, tries, u32 debug_info_off, u32 units, u16 units[], padding to 4 where tries follow,
 *             try_item { u32 start, u16 count, u16 handler_off }[], uleb128 lists, { sleb128 0 (catch-all only), uleb128 address }[]
 *   class_data_item uleb128 static_fields, instance_fields, direct_methods, virtual_methods, { method_idx_diff, access_flags, code_off }[]
 */
import { alignUp, type HashPort, hashOf } from '../../../bytes/index.ts';
import { adler32 } from '../dex.ts';
import { uleb128 } from '../dex-write.ts';
import { assemble, type MethodSource, referencesOf } from './assemble.ts';
import type { Pool } from './instructions.ts';
import {
  type FieldReference,
  type MethodReference,
  methodText,
  parseFieldReference,
  parseMethodReference,
  shortyOf,
} from './references.ts';

const HEADER_SIZE = 0x70;
const NO_INDEX = 0xffffffff;
const OBJECT = 'Ljava/lang/Object;';
const [PUBLIC, STATIC, FINAL] = [1, 8, 16];

export interface DexProgram {
  /** As in `LMain;`. */
  readonly className: string;
  readonly methods: readonly MethodSource[];
}

/** The sorted tables of a file. */
interface Tables {
  readonly strings: readonly string[];
  readonly types: readonly string[];
  readonly protos: readonly Pick<MethodReference, 'returns' | 'parameters'>[];
  readonly fields: readonly FieldReference[];
  readonly methods: readonly MethodReference[];
}

/** Writes the file. @throws RangeError for texts that are not ASCII, and for lines that cannot be assembled */
export function writeDexProgram({ className, methods }: DexProgram, hash: HashPort): Uint8Array {
  const tables = tablesOf(className, methods);
  const indexOf = indexesOf(tables);
  const pieces: Piece[] = [];
  const add = (type: number, items: readonly Uint8Array[], align: 1 | 4): void => void pieces.push({ type, items, align });
  const typeLists = [
    ...new Set(tables.protos.filter(({ parameters }) => parameters.length > 0).map(({ parameters }) => parameters.join(' '))),
  ];
  const own = methods
    .map((source) => ({ source, index: indexOf.method(methodText({ ...source, className })) }))
    .toSorted((a, b) => a.index - b.index);
  const codes = own.map(({ source }) => codeItem(assemble(source, (pool, text) => indexOf[pool](text))));

  // Fixed sizes first, so that offsets into the data are known before the tables are written.
  const tableSize =
    HEADER_SIZE +
    4 * tables.strings.length +
    4 * tables.types.length +
    12 * tables.protos.length +
    8 * tables.fields.length +
    8 * tables.methods.length +
    32;
  add(
    0x1001,
    typeLists.map((list) => typeListItem(list.split(' ').map(indexOf.type))),
    4,
  );
  add(0x2001, codes, 4);
  add(0x2002, tables.strings.map(stringItem), 1);
  let offsets = place(pieces, tableSize);
  const codeOffsets = offsets.get(0x2001) ?? [];
  add(0x2000, [classData(own.map(({ index }, at) => ({ index, code: codeOffsets[at] ?? 0 })))], 1);
  offsets = place(pieces, tableSize);
  const end = endOf(pieces, offsets, tableSize);
  const mapAt = alignUp(end, 4);

  const sections = [
    { type: 1, count: tables.strings.length, size: 4 },
    { type: 2, count: tables.types.length, size: 4 },
    { type: 3, count: tables.protos.length, size: 12 },
    { type: 4, count: tables.fields.length, size: 8 },
    { type: 5, count: tables.methods.length, size: 8 },
    { type: 6, count: 1, size: 32 },
  ];
  let at = HEADER_SIZE;
  const ids = sections.map(({ type, count, size }) => {
    const start = at;
    at += count * size;
    return { type, count, at: count === 0 ? 0 : start };
  });
  const map = [
    { type: 0, count: 1, at: 0 },
    ...ids.filter(({ count }) => count > 0),
    ...pieces
      .filter(({ items }) => items.length > 0)
      .map(({ type, items }) => ({ type, count: items.length, at: offsets.get(type)?.[0] ?? 0 })),
    { type: 0x1000, count: 1, at: mapAt },
  ];
  const size = mapAt + 4 + 12 * map.length;
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  let to = 0;
  const u32 = (...values: readonly number[]) => {
    for (const value of values) {
      view.setUint32(to, value, true);
      to += 4;
    }
  };
  const u16 = (...values: readonly number[]) => {
    for (const value of values) {
      view.setUint16(to, value, true);
      to += 2;
    }
  };
  out.set(new TextEncoder().encode('dex\n035\0'));
  to = 32;
  u32(size, HEADER_SIZE, 0x12345678, 0, 0, mapAt);
  for (const table of ids) u32(table.count, table.at);
  u32(size - tableSize, tableSize);
  for (const offset of offsets.get(0x2002) ?? []) u32(offset);
  for (const type of tables.types) u32(indexOf.string(type));
  for (const proto of tables.protos) {
    const list = typeLists.indexOf(proto.parameters.join(' '));
    u32(indexOf.string(shortyOf(proto)), indexOf.type(proto.returns), list < 0 ? 0 : (offsets.get(0x1001)?.[list] ?? 0));
  }
  for (const field of tables.fields) {
    u16(indexOf.type(field.className), indexOf.type(field.type));
    u32(indexOf.string(field.name));
  }
  for (const method of tables.methods) {
    u16(
      indexOf.type(method.className),
      tables.protos.findIndex((proto) => protoText(proto) === protoText(method)),
    );
    u32(indexOf.string(method.name));
  }
  u32(indexOf.type(className), PUBLIC | FINAL, indexOf.type(OBJECT), 0, NO_INDEX, 0, offsets.get(0x2000)?.[0] ?? 0, 0);
  for (const { type, items } of pieces) for (const [index, item] of items.entries()) out.set(item, offsets.get(type)?.[index] ?? 0);
  to = mapAt;
  u32(map.length);
  for (const row of map) {
    u16(row.type, 0);
    u32(row.count, row.at);
  }
  out.set(hashOf(hash, 'sha1', out.subarray(32)), 12);
  view.setUint32(8, adler32(out.subarray(12)), true);
  return out;
}

interface Piece {
  readonly type: number;
  readonly items: readonly Uint8Array[];
  readonly align: 1 | 4;
}

/** Where each item lies, by the type of its section. */
function place(pieces: readonly Piece[], start: number): Map<number, readonly number[]> {
  let at = start;
  return new Map(
    pieces.map(({ type, items, align }) => [
      type,
      items.map((item) => {
        const here = alignUp(at, align);
        at = here + item.length;
        return here;
      }),
    ]),
  );
}

function endOf(pieces: readonly Piece[], offsets: ReadonlyMap<number, readonly number[]>, start: number): number {
  return pieces.reduce(
    (end, { type, items }) => Math.max(end, ...items.map((item, index) => (offsets.get(type)?.[index] ?? 0) + item.length)),
    start,
  );
}

const protoText = ({ returns, parameters }: Pick<MethodReference, 'returns' | 'parameters'>): string =>
  `${returns} ${parameters.join(' ')}`;

/** Sorted as the format wants: strings by their units, everything else by the indexes of its parts. */
function tablesOf(className: string, sources: readonly MethodSource[]): Tables {
  const references = sources.flatMap(referencesOf);
  const of = (pool: Pool) => [...new Set(references.filter((one) => one.pool === pool).map(({ text }) => text))];
  const methods = [...new Set([...of('method'), ...sources.map((source) => methodText({ ...source, className }))])].map(
    parseMethodReference,
  );
  const fields = of('field').map(parseFieldReference);
  const typeSet = new Set([
    className,
    OBJECT,
    ...of('type'),
    ...methods.flatMap((method) => [method.className, method.returns, ...method.parameters]),
    ...fields.flatMap((field) => [field.className, field.type]),
  ]);
  const strings = [
    ...new Set([
      ...typeSet,
      ...of('string'),
      ...methods.flatMap((method) => [method.name, shortyOf(method)]),
      ...fields.map(({ name }) => name),
    ]),
  ].sort();
  if (strings.some((text) => /\P{ASCII}|\0/u.test(text))) throw new RangeError('only ASCII texts are written');
  const string = rank(strings);
  const types = [...typeSet].toSorted((a, b) => string(a) - string(b));
  const type = rank(types);
  const by = (parts: (value: MethodReference) => readonly number[]) => (a: MethodReference, b: MethodReference) =>
    compare(parts(a), parts(b));
  const protos = [...new Map(methods.map((method) => [protoText(method), method])).values()].toSorted(
    by(({ returns, parameters }) => [type(returns), ...parameters.map(type)]),
  );
  const proto = rank(protos.map(protoText));
  return {
    strings,
    types,
    protos,
    fields: fields.toSorted((a, b) =>
      compare([type(a.className), string(a.name), type(a.type)], [type(b.className), string(b.name), type(b.type)]),
    ),
    methods: methods.toSorted(by((method) => [type(method.className), string(method.name), proto(protoText(method))])),
  };
}

/** A table's text to its index. @throws RangeError where it is not in it */
function rank(table: readonly string[]): (text: string) => number {
  const indexes = new Map(table.map((text, index) => [text, index]));
  return (text) => {
    const index = indexes.get(text);
    if (index === undefined) throw new RangeError(`not in the table: ${text}`);
    return index;
  };
}

/** Shorter rows come first where one begins as the other. */
function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const indexesOf = (tables: Tables): Readonly<Record<Pool, (text: string) => number>> => ({
  string: rank(tables.strings),
  type: rank(tables.types),
  field: rank(tables.fields.map(({ className, name, type }) => `${className}->${name}:${type}`)),
  method: rank(tables.methods.map(methodText)),
});

const stringItem = (text: string): Uint8Array => Uint8Array.from([...uleb128(text.length), ...new TextEncoder().encode(text), 0]);

function typeListItem(indexes: readonly number[]): Uint8Array {
  const item = new Uint8Array(4 + 2 * indexes.length);
  const view = new DataView(item.buffer);
  view.setUint32(0, indexes.length, true);
  for (const [at, index] of indexes.entries()) view.setUint16(4 + 2 * at, index, true);
  return item;
}

function codeItem({ registers, ins, outs, units, tries }: ReturnType<typeof assemble>): Uint8Array {
  const handlers: number[] = tries.length === 0 ? [] : uleb128(tries.length);
  const handlerOffsets = tries.map(({ handler }) => {
    const offset = handlers.length;
    // sleb128 0: no typed handler, and the one for everything follows.
    handlers.push(0, ...uleb128(handler));
    return offset;
  });
  const triesAt = tries.length === 0 ? 16 + 2 * units.length : alignUp(16 + 2 * units.length, 4);
  const item = new Uint8Array(triesAt + 8 * tries.length + handlers.length);
  const view = new DataView(item.buffer);
  for (const [index, value] of [registers, ins, outs, tries.length].entries()) view.setUint16(2 * index, value, true);
  view.setUint32(12, units.length, true);
  for (const [index, unit] of units.entries()) view.setUint16(16 + 2 * index, unit, true);
  for (const [index, { start, count }] of tries.entries()) {
    view.setUint32(triesAt + 8 * index, start, true);
    view.setUint16(triesAt + 8 * index + 4, count, true);
    view.setUint16(triesAt + 8 * index + 6, handlerOffsets[index] ?? 0, true);
  }
  item.set(handlers, triesAt + 8 * tries.length);
  return item;
}

function classData(methods: readonly { readonly index: number; readonly code: number }[]): Uint8Array {
  const bytes = [...uleb128(0), ...uleb128(0), ...uleb128(methods.length), ...uleb128(0)];
  let before = 0;
  for (const { index, code } of methods) {
    bytes.push(...uleb128(index - before), ...uleb128(PUBLIC | STATIC), ...uleb128(code));
    before = index;
  }
  return Uint8Array.from(bytes);
}
