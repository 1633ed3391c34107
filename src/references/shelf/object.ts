/**
 * A manifest as the shelf keeps it: columns against another manifest of its family, its base.
 * Spec: ours, docs/formats/shelf.md. Limits: `BODY_MAX`. Version 1 is read, and 2 is written. Not read: another version, which has another magic.
 *
 *   u8  magic[8]          "ASHELF2\n"; of version 1 "ASHELF1\n": there the column `unknown` is missing
 *   u8  manifest[32]      SHA-256 of the manifest's canonical bytes: the object's name
 *   u8  base[32]          the same of its base; zeros where it has none
 *   u32 depth             objects below it
 *   u32 bodySize          bytes that the body unpacks to
 *   u32 digestCount
 *   u8  digests[][32]     of files that are new or changed
 *   u32 packedSize
 *   u8  body[packedSize]  raw deflate of columns and JSON
 *   u8  checksum[32]      SHA-256 of everything before
 *
 * The body: for each of `ROW_COLUMNS` a u32 size and its bytes, then a u32 size and JSON `{ texts, rest }`. All little endian.
 */
import { Cursor, concatBytes, equalBytes, FormatError, type HashPort, hashOf, parseHex, toHex } from '../../bytes/index.ts';
import type { Manifest, ManifestFile } from '../manifest.ts';
import { canonicalDigest, canonicalManifest } from '../manifest-bytes.ts';
import { checkRest, decodeRest, encodeRest, type LooseRest, looseRest } from './rest.ts';
import { COLUMNS_OF_VERSION_1, type ContentChanges, decodeRows, type EncodedRows, encodeRows, ROW_COLUMNS } from './rows.ts';

const MAGICS = { 1: 'ASHELF1\n', 2: 'ASHELF2\n' } as const;
const MAGIC_SIZE = 8;
const DIGEST_SIZE = 32;
const HEADER_SIZE = 84;
/** 150,000 files, each changed, take some 10 MB besides their digests. */
export const BODY_MAX = 256 << 20;
const DIGESTS_MAX = 4 << 20;
/** Objects below one: a chain that is longer is no shelf's of ours. */
export const DEPTH_MAX = 1024;
const NO_BASE = '00'.repeat(DIGEST_SIZE);

export type ObjectVersion = keyof typeof MAGICS;

/** What an object says of itself, before its body is unpacked. */
export interface ObjectHead {
  readonly version: ObjectVersion;
  readonly manifest: string;
  /** Undefined: it stands alone. */
  readonly base: string | undefined;
  readonly depth: number;
  readonly bodySize: number;
  readonly digests: Uint8Array;
  /** Raw deflate of the body. */
  readonly packed: Uint8Array;
}

/** A manifest before it is packed, and what it changes of its base's contents. */
export interface EncodedManifest extends ContentChanges {
  readonly body: Uint8Array;
  readonly digests: Uint8Array;
}

/** Encodes a manifest in canonical order against a base, which is in canonical order as well. */
export function encodeManifest(manifest: Manifest, base?: Manifest): EncodedManifest {
  const { files, ...rest } = manifest;
  const rows = encodeRows(files, base?.files ?? []);
  const utf8 = new TextEncoder();
  const json = { texts: rows.texts, rest: encodeRest(rest, base, files) };
  const parts = [...ROW_COLUMNS.map((name) => rows.columns[name] ?? new Uint8Array(0)), utf8.encode(JSON.stringify(json))];
  return {
    body: concatBytes(parts.flatMap((part) => [u32(part.length), part])),
    digests: rows.digests,
    born: rows.born,
    died: rows.died,
  };
}

/** The manifest of a body. @throws FormatError on anything malformed, and where its digest is not `manifest` */
export function decodeManifest(
  body: Uint8Array,
  head: Pick<ObjectHead, 'version' | 'manifest' | 'digests'>,
  options: DecodeOptions,
): Manifest {
  const { files, rest } = decodeParts(body, head, options.base);
  const manifest = canonicalManifest({ ...checkRest(rest), files });
  const found = canonicalDigest(manifest, options.hash);
  if (found !== head.manifest) throw refuse('manifest', 'bad-checksum', `it holds ${found} and is named ${head.manifest}`);
  return manifest;
}

export interface DecodeOptions {
  readonly hash: HashPort;
  readonly base: Parts | undefined;
}

/** A manifest on the way to another one: nobody has compared its digest yet. */
export interface Parts {
  readonly files: readonly ManifestFile[];
  readonly rest: LooseRest;
}

/** The parts of a manifest that is at hand. */
export const manifestParts = ({ files, ...rest }: Manifest): Parts => ({ files, rest: looseRest(rest) });

/** The parts of a body, where only the last of a chain is compared with its digest. @throws FormatError */
export function decodeParts(
  body: Uint8Array,
  { version, digests }: Pick<ObjectHead, 'version' | 'digests'>,
  base: Parts | undefined,
): Parts {
  const cursor = new Cursor(body, { format: 'shelf object', prefix: 'body.' });
  const column = (name: string) => cursor.take(name, cursor.u32(`${name}Size`));
  // One of each name.
  const names = version === 1 ? COLUMNS_OF_VERSION_1 : ROW_COLUMNS;
  const columns = Object.fromEntries(names.map((name) => [name, column(name)])) as EncodedRows['columns'];
  const { texts, rest } = parseJson(column('json'));
  cursor.end('json');
  const files = decodeRows({ columns, texts, digests }, base?.files ?? []);
  return { files, rest: decodeRest(rest, base?.rest, files) };
}

function parseJson(bytes: Uint8Array): { readonly texts: readonly string[]; readonly rest: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw refuse('json', 'bad-value', 'no JSON in UTF-8');
  }
  if (typeof value !== 'object' || value === null || !('texts' in value) || !('rest' in value))
    throw refuse('json', 'bad-value', 'not of its shape');
  const { texts, rest } = value;
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) throw refuse('texts', 'bad-value', 'not all are texts');
  return { texts, rest };
}

/** The bytes of an object, of the version that `encodeManifest` writes. */
export function writeObject(head: Omit<ObjectHead, 'version'>, hash: HashPort): Uint8Array {
  const { manifest, base, depth, bodySize, digests, packed } = head;
  const all = concatBytes([
    new TextEncoder().encode(MAGICS[2]),
    digestBytes(manifest),
    digestBytes(base ?? NO_BASE),
    u32(depth),
    u32(bodySize),
    u32(digests.length / DIGEST_SIZE),
    digests,
    u32(packed.length),
    packed,
  ]);
  return concatBytes([all, hashOf(hash, 'sha256', all)]);
}

/** Reads an object; its body is still packed. @throws FormatError on malformed bytes and where the checksum is another */
export function readObject(bytes: Uint8Array, hash: HashPort): ObjectHead {
  if (bytes.length < HEADER_SIZE + DIGEST_SIZE) throw refuse('header', 'short-read', `${bytes.length} bytes`);
  const sum = bytes.subarray(bytes.length - DIGEST_SIZE);
  const rest = bytes.subarray(0, bytes.length - DIGEST_SIZE);
  const cursor = new Cursor(rest, { format: 'shelf object' });
  const magic = cursor.text('magic', MAGIC_SIZE);
  const version = magic === MAGICS[2] ? 2 : 1;
  if (magic !== MAGICS[version]) throw cursor.error('magic', 'bad-magic', 'no object of a shelf', 0);
  if (!equalBytes(hashOf(hash, 'sha256', rest), sum))
    throw cursor.error('checksum', 'bad-checksum', 'its bytes are not those that were written', rest.length);
  const manifest = toHex(cursor.take('manifest', DIGEST_SIZE));
  const base = toHex(cursor.take('base', DIGEST_SIZE));
  const depth = cursor.u32('depth');
  if (depth > DEPTH_MAX) throw cursor.error('depth', 'too-deep', `${depth}, and ${DEPTH_MAX} is the most`);
  if ((base === NO_BASE) !== (depth === 0))
    throw cursor.error('depth', 'bad-value', 'one that stands alone has none below it, and the others have');
  const bodySize = cursor.u32('bodySize');
  if (bodySize > BODY_MAX) throw cursor.error('bodySize', 'too-large', `${bodySize}, and ${BODY_MAX} is the most`);
  const digestCount = cursor.u32('digestCount');
  if (digestCount > DIGESTS_MAX) throw cursor.error('digestCount', 'too-large', `${digestCount}, and ${DIGESTS_MAX} is the most`);
  const digests = cursor.take('digests', digestCount * DIGEST_SIZE);
  const packed = cursor.take('body', cursor.u32('packedSize'));
  cursor.end('body');
  return { version, manifest, base: base === NO_BASE ? undefined : base, depth, bodySize, digests, packed };
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function digestBytes(hex: string): Uint8Array {
  const bytes = parseHex(hex);
  if (bytes?.length !== DIGEST_SIZE) throw new RangeError(`"${hex.slice(0, 80)}" is no SHA-256 in hex`);
  return bytes;
}

const refuse = (field: string, code: FormatError['code'], detail: string) =>
  new FormatError({ format: 'shelf object', field, at: 0 }, code, detail);
