/** Writes small resource tables: one package, texts and integers, with plain, compact, sparse or 16-bit entries. What `arsc.ts` reads. */
import { concatBytes } from '../../bytes/index.ts';
import { type ResValue, VALUE_TYPE } from './axml.ts';
import { u32s, writeStringPool } from './axml-write.ts';

/** A resource to write: in the default configuration, and in languages of two letters. */
export interface ResourcePart {
  readonly type: string;
  readonly key: string;
  readonly value: string | ResValue;
  readonly languages?: Readonly<Record<string, string>>;
}

/** How entries are laid out. */
export interface WriteResourcesOptions {
  readonly packageName: string;
  readonly compact?: boolean;
  readonly offsets?: 'plain' | 'sparse' | 'short';
}

const NO_ENTRY = 0xffffffff;

/** Writes a table; a resource's id is 0x7f, then its type's and its own place, both in order of appearance. */
export function writeResources(parts: readonly ResourcePart[], options: WriteResourcesOptions): Uint8Array {
  const types = [...new Set(parts.map(({ type }) => type))];
  const keys = [...new Set(parts.map(({ key }) => key))];
  const texts = [
    ...new Set(parts.flatMap(({ value, languages }) => [...(typeof value === 'string' ? [value] : []), ...Object.values(languages ?? {})])),
  ];
  const typePool = writeStringPool(types, true);
  const keyPool = writeStringPool(keys, true);
  const valueFor = (value: string | ResValue): ResValue =>
    typeof value === 'string' ? { type: VALUE_TYPE.string, data: texts.indexOf(value) } : value;
  const chunks = types.flatMap((type, typeIndex) => {
    const own = parts.filter((part) => part.type === type);
    const spec = u32s(0x00100202, 16 + 4 * own.length, typeIndex + 1, own.length, ...own.map(() => 0));
    const languages = [...new Set(own.flatMap((part) => Object.keys(part.languages ?? {})))];
    const chunk = (language: string) => {
      const values = own.map((part) => {
        const value = language === '' ? part.value : part.languages?.[language];
        return value === undefined ? undefined : entryBytes(keys.indexOf(part.key), valueFor(value), options.compact === true);
      });
      return typeChunk(typeIndex + 1, language, values, options.offsets ?? 'plain');
    };
    return [spec, chunk(''), ...languages.map(chunk)];
  });
  const name = new Uint8Array(256);
  for (let i = 0; i < Math.min(options.packageName.length, 127); i++) name[2 * i] = options.packageName.charCodeAt(i);
  const body = concatBytes([typePool, keyPool, ...chunks]);
  const pack = concatBytes([
    u32s(0x01200200, 288 + body.length, 0x7f),
    name,
    u32s(288, types.length, 288 + typePool.length, keys.length, 0),
    body,
  ]);
  const strings = writeStringPool(texts, true);
  return concatBytes([u32s(0x000c0002, 12 + strings.length + pack.length, 1), strings, pack]);
}

/** ResTable_entry and Res_value, or both in eight bytes. */
function entryBytes(key: number, { type, data }: ResValue, compact: boolean): Uint8Array {
  return compact ? u32s(key | ((8 | (type << 8)) << 16), data) : u32s(8, key, (type << 24) | 8, data);
}

function typeChunk(
  id: number,
  language: string,
  entries: readonly (Uint8Array | undefined)[],
  offsets: 'plain' | 'sparse' | 'short',
): Uint8Array {
  const present = entries.filter((entry) => entry !== undefined);
  let at = 0;
  const places = entries.map((entry) => {
    if (entry === undefined) return undefined;
    const place = at;
    at += entry.length;
    return place;
  });
  let table: Uint8Array;
  if (offsets === 'sparse') {
    table = u32s(...places.flatMap((place, index) => (place === undefined ? [] : [index | ((place / 4) << 16)])));
  } else if (offsets === 'short') {
    const view = new DataView(new ArrayBuffer(Math.ceil(places.length / 2) * 4));
    for (const [index, place] of places.entries()) view.setUint16(2 * index, place === undefined ? 0xffff : place / 4, true);
    table = new Uint8Array(view.buffer);
  } else table = u32s(...places.map((place) => place ?? NO_ENTRY));
  const flags = { plain: 0, sparse: 1, short: 2 }[offsets];
  const count = offsets === 'sparse' ? present.length : entries.length;
  const config = new Uint8Array(64);
  config[0] = 64;
  config[8] = language.charCodeAt(0) || 0;
  config[9] = language.charCodeAt(1) || 0;
  const headerSize = 20 + config.length;
  const entriesStart = headerSize + table.length;
  return concatBytes([
    u32s((headerSize << 16) | 0x0201, entriesStart + at, id | (flags << 8), count, entriesStart),
    config,
    table,
    ...present,
  ]);
}
