/** A manifest as bytes and back. The bytes are canonical: fixed order of keys and rows, so that the same build gives the same digest. */
import { z } from 'zod/mini';
import { FormatError, type HashPort, hashOf, toHex } from '../bytes/index.ts';
import { type Manifest, manifestSchema } from './manifest.ts';
import { type Reference, referenceSchema } from './provenance.ts';

const FORMAT = 'assay manifest';
/** 150,000 files take some 50 MB. */
const BYTES_MAX = 512 << 20;

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => byText(a, b);

/** One object with its keys in this order; what it lacks is left out. */
function keyed<T extends object>(row: T, names: readonly (keyof T & string)[]): T {
  // Only the order of the keys is another.
  return Object.fromEntries(names.filter((name) => row[name] !== undefined).map((name) => [name, row[name]])) as T;
}

/** Rows with their keys in this order, sorted by what `key` gives, then by all they hold. Text is compared by UTF-16 units, as JavaScript does. */
function rows<T extends object>(
  list: readonly T[] | undefined,
  names: readonly (keyof T & string)[],
  key: (row: T) => string,
): readonly T[] {
  return (list ?? [])
    .map((row) => ({ row: keyed(row, names), key: key(row) }))
    .toSorted((a, b) => byText(a.key, b.key) || byText(JSON.stringify(a.row), JSON.stringify(b.row)))
    .map(({ row }) => row);
}

const placed = ({ partition, path }: { readonly partition?: string | undefined; readonly path: string | null }) =>
  `${partition ?? ''}\0${path ?? ''}`;
const withSigners = <T extends { readonly signers: readonly string[] }>(row: T): T => ({ ...row, signers: row.signers.toSorted(byText) });

/** The same manifest in canonical order: rows sorted, keys as the schema has them, lists that may be left out written as empty ones. */
export function canonicalManifest(manifest: Manifest): Manifest {
  const partitions = manifest.partitions.map((row) =>
    row.avb ? { ...row, avb: keyed(row.avb, ['by', 'in', 'outcome', 'because', 'keySha256', 'rollbackIndex']) } : row,
  );
  return {
    format: manifest.format,
    identity: Object.fromEntries(Object.entries(manifest.identity).toSorted(byName)),
    partitions: rows(partitions, ['name', 'size', 'sha256', 'rootDigest', 'over', 'kind', 'avb'], ({ name }) => name),
    files: rows(
      manifest.files,
      ['partition', 'path', 'type', 'size', 'mode', 'uid', 'gid', 'context', 'capabilities', 'sha256', 'target'],
      placed,
    ),
    apks: rows(
      manifest.apks.map(withSigners),
      ['partition', 'path', 'package', 'versionCode', 'versionName', 'signers', 'schemes', 'sha256'],
      placed,
    ),
    apexes: rows(
      manifest.apexes?.map(withSigners),
      ['path', 'name', 'version', 'compressed', 'signers', 'payloadKeySha256', 'rootDigest', 'sha256'],
      ({ path }) => path,
    ),
    // Which line of a file comes last decides: their order is the file's own.
    properties: (manifest.properties ?? []).map((row) => keyed(row, ['path', 'key', 'value'])).toSorted((a, b) => byText(a.path, b.path)),
    selinux: rows(manifest.selinux, ['partition', 'path', 'sha256'], placed),
    init: rows(manifest.init, ['partition', 'path', 'sha256'], placed),
    vbmetaDigest: manifest.vbmetaDigest ?? null,
    unread: rows(manifest.unread, ['partition', 'path', 'because'], placed),
  };
}

/** The canonical bytes: JSON in one line and a line feed. */
export const writeManifest = (manifest: Manifest): Uint8Array => bytesOf(canonicalManifest(manifest));

const bytesOf = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value)}\n`);

/** SHA-256 of the canonical bytes, in hex. */
export const manifestDigest = (manifest: Manifest, hash: HashPort): string => toHex(hashOf(hash, 'sha256', writeManifest(manifest)));

/** The same of a manifest that is in canonical order already. */
export const canonicalDigest = (manifest: Manifest, hash: HashPort): string => toHex(hashOf(hash, 'sha256', bytesOf(manifest)));

/** The canonical bytes of a reference: its manifest's, and where that came from. @throws RangeError for one without provenance */
export function writeReference({ manifest, provenance }: Reference): Uint8Array {
  if (provenance === undefined) throw new RangeError('a reference without provenance');
  return bytesOf({ format: 'assay.reference/1', manifest: canonicalManifest(manifest), provenance });
}

/** Reads a manifest back and puts it into canonical order. @throws FormatError when it is none, or above a ceiling */
export const readManifest = (bytes: Uint8Array): Manifest => canonicalManifest(checked(manifestSchema, parse(bytes)));

/** Reads a reference, or a manifest alone, which then comes from nobody. @throws FormatError */
export function readReference(bytes: Uint8Array, hash: HashPort): Reference {
  const value = parse(bytes);
  if (typeof value === 'object' && value !== null && 'format' in value && value.format === 'assay.reference/1') {
    const { manifest: loose, provenance } = checked(referenceSchema, value);
    const manifest = canonicalManifest(loose);
    return { manifest, digest: manifestDigest(manifest, hash), vouched: provenance.vouched, label: provenance.label, provenance };
  }
  const manifest = canonicalManifest(checked(manifestSchema, value));
  const provenance = { made: 'list' as const, sources: [], signatures: [], vouched: 'nobody' as const, label: 'release' as const };
  return { manifest, digest: manifestDigest(manifest, hash), vouched: provenance.vouched, label: provenance.label, provenance };
}

function parse(bytes: Uint8Array): unknown {
  if (bytes.length > BYTES_MAX) throw problem('size', 'too-large', `${bytes.length} bytes, and ${BYTES_MAX} is the most`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw problem('json', 'bad-value', String(error));
  }
}

function checked<S extends z.ZodMiniType>(schema: S, value: unknown): z.infer<S> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw problem(
    issue === undefined ? 'document' : issue.path.map(String).join('.') || 'document',
    'bad-value',
    issue?.message ?? 'refused',
  );
}

const problem = (field: string, code: FormatError['code'], detail: string) =>
  new FormatError({ format: FORMAT, field, at: 0 }, code, detail);
