/**
 * A stand-in for an APK: a stored zip with a binary manifest that names package and version, and a filling. Unsigned; `forge/apk.ts` makes real ones.
 * Spec of the manifest: AOSP frameworks/base/libs/androidfw/include/androidfw/ResourceTypes.h (ResXMLTree).
 */
import { type ApkRecipe, seededBytes } from './content.ts';
import { storedZip } from './stored-zip.ts';

const utf8 = new TextEncoder();
const CHUNK = {
  xml: 0x0003,
  strings: 0x0001,
  resourceMap: 0x0180,
  startNamespace: 0x0100,
  endNamespace: 0x0101,
  start: 0x0102,
  end: 0x0103,
} as const;
const ANDROID = 'http://schemas.android.com/apk/res/android';
const NONE = 0xffffffff;
const VALUE = { string: 0x03, integer: 0x10 } as const;

class Words {
  readonly #parts: number[] = [];
  u16(...values: readonly number[]): this {
    for (const value of values) this.#parts.push(value & 255, (value >>> 8) & 255);
    return this;
  }
  u32(...values: readonly number[]): this {
    for (const value of values) this.#parts.push(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255);
    return this;
  }
  bytes(values: Iterable<number>): this {
    this.#parts.push(...values);
    return this;
  }
  get length(): number {
    return this.#parts.length;
  }
  done(): Uint8Array {
    return Uint8Array.from(this.#parts);
  }
}

function chunk(type: number, headerSize: number, body: Uint8Array): Uint8Array {
  return new Words()
    .u16(type, headerSize)
    .u32(8 + body.length)
    .bytes(body)
    .done();
}

function stringPool(strings: readonly string[]): Uint8Array {
  const data = new Words();
  const offsets: number[] = [];
  for (const value of strings) {
    offsets.push(data.length);
    data.u16(value.length);
    for (let i = 0; i < value.length; i += 1) data.u16(value.charCodeAt(i));
    data.u16(0);
  }
  while (data.length % 4 !== 0) data.bytes([0]);
  const body = new Words()
    .u32(strings.length, 0, 0, 28 + strings.length * 4, 0)
    .u32(...offsets)
    .bytes(data.done());
  return chunk(CHUNK.strings, 28, body.done());
}

/** A binary AndroidManifest.xml: `<manifest android:versionCode android:versionName package><application/></manifest>`. */
function binaryManifest(recipe: ApkRecipe): Uint8Array {
  const strings = [
    'versionCode',
    'versionName',
    'android',
    ANDROID,
    'package',
    'manifest',
    'application',
    recipe.package,
    recipe.versionName,
  ];
  const node = (body: Words): Uint8Array => new Words().u32(1, NONE).bytes(body.done()).done();
  const attribute = (
    words: Words,
    name: readonly [namespace: number, name: number],
    raw: number,
    value: readonly [type: number, data: number],
  ) =>
    words
      .u32(...name, raw)
      .u16(8)
      .bytes([0, value[0]])
      .u32(value[1]);
  const manifest = new Words().u32(NONE, 5).u16(20, 20, 3, 0, 0, 0);
  attribute(manifest, [3, 0], NONE, [VALUE.integer, recipe.versionCode]);
  attribute(manifest, [3, 1], 8, [VALUE.string, 8]);
  attribute(manifest, [NONE, 4], 7, [VALUE.string, 7]);
  const parts = [
    stringPool(strings),
    chunk(CHUNK.resourceMap, 8, new Words().u32(0x0101021b, 0x0101021c).done()),
    chunk(CHUNK.startNamespace, 16, node(new Words().u32(2, 3))),
    chunk(CHUNK.start, 16, node(manifest)),
    chunk(CHUNK.start, 16, node(new Words().u32(NONE, 6).u16(20, 20, 0, 0, 0, 0))),
    chunk(CHUNK.end, 16, node(new Words().u32(NONE, 6))),
    chunk(CHUNK.end, 16, node(new Words().u32(NONE, 5))),
    chunk(CHUNK.endNamespace, 16, node(new Words().u32(2, 3))),
  ];
  const body = new Words();
  for (const part of parts) body.bytes(part);
  return chunk(CHUNK.xml, 8, body.done());
}

/** The stand-in archive of a recipe. */
export function standInApk(recipe: ApkRecipe): Uint8Array {
  return storedZip([
    { name: 'AndroidManifest.xml', bytes: binaryManifest(recipe) },
    { name: 'classes.dex', bytes: utf8.encode('dex\n035\0') },
    { name: 'assets/filling', bytes: seededBytes(`${recipe.signer} ${recipe.seed}`, recipe.fill) },
  ]);
}
