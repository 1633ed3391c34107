/**
 * The rows of files of a build as columns, against those of another build: runs of rows that are kept, dropped or changed, and rows that are added.
 * What is equal costs nothing; of a changed row only the columns that differ are written; digests stand in a column of their own, which nothing compresses.
 */
import { FormatError, toHex } from '../../bytes/index.ts';
import type { ManifestFile } from '../manifest.ts';
import { type ColumnReader, type ColumnWriter, readColumn, sharedStart, type TextWriter, writeColumn, writeTexts } from './columns.ts';

/** Rows of one build, as in the manifest. */
const ROWS_MAX = 4 << 20;
/** UTF-16 units of one path, as in the manifest. */
const TEXT_MAX = 128 << 10;
const SHA256_SIZE = 32;

const TYPES = ['file', 'directory', 'link', 'fifo', 'socket', 'character device', 'block device'] as const;
export const ROW_COLUMNS = [
  'runs',
  'masks',
  'shared',
  'rests',
  'partitions',
  'types',
  'sizes',
  'modes',
  'uids',
  'gids',
  'contexts',
  'capabilities',
  'hasDigest',
  'targets',
  'unknown',
] as const;
/** Version 1 had no column for what is not known: it stands there as zeros and nulls. */
export const COLUMNS_OF_VERSION_1 = ROW_COLUMNS.filter((name) => name !== 'unknown');
type ColumnName = (typeof ROW_COLUMNS)[number];

/** Which columns of a changed row are written. */
const MASK = { type: 1, size: 2, mode: 4, uid: 8, gid: 16, context: 32, capabilities: 64, sha256: 128, target: 256 } as const;
type Field = keyof typeof MASK;
const FIELDS = Object.keys(MASK) as readonly Field[]; // the keys of the object above
const ALL = 511;
/** What may be left out of a row. */
const OPTIONAL = ['size', 'mode', 'uid', 'gid', 'context', 'capabilities'] as const satisfies readonly Field[];
const OPTIONAL_MASK = OPTIONAL.reduce((mask, field) => mask | MASK[field], 0);
const KEEP = 0;
const DROP = 1;
const CHANGE = 2;

/** Rows as bytes. */
export interface EncodedRows {
  /** Without `unknown` in version 1. */
  readonly columns: Readonly<Record<Exclude<ColumnName, 'unknown'>, Uint8Array>> & { readonly unknown?: Uint8Array };
  readonly texts: readonly string[];
  /** SHA-256 after SHA-256, in the order in which rows need one. */
  readonly digests: Uint8Array;
}

/** What became of contents between two builds: rows whose content is new at their path, and rows whose content is no longer there. */
export interface ContentChanges {
  readonly born: readonly ManifestFile[];
  readonly died: readonly ManifestFile[];
}

const keyOf = ({ partition, path }: ManifestFile) => `${partition}\0${path}`;
/** The order of keys in a canonical manifest. */
function byKey(a: ManifestFile, b: ManifestFile): number {
  // Mostly neighbours are of one partition, and then the paths alone decide.
  const [left, right] = a.partition === b.partition ? [a.path, b.path] : [keyOf(a), keyOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The order of rows in a canonical manifest. */
function byRow(a: ManifestFile, b: ManifestFile): number {
  const key = byKey(a, b);
  if (key !== 0) return key;
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

const maskOf = (a: ManifestFile, b: ManifestFile): number =>
  FIELDS.reduce((mask, field) => (a[field] === b[field] ? mask : mask | MASK[field]), 0);

/** Keys that stand on more than one row: nothing says which row became which, so they are dropped and added. */
function repeated(files: readonly ManifestFile[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [i, file] of files.entries()) {
    const before = files[i - 1];
    if (before !== undefined && byKey(before, file) === 0) found.add(keyOf(file));
  }
  return found;
}

/** Rows against those of a base, both in canonical order. Without a base, `base` is empty. */
export function encodeRows(files: readonly ManifestFile[], base: readonly ManifestFile[]): EncodedRows & ContentChanges {
  const out = newColumns();
  const texts = writeTexts();
  const digests: string[] = [];
  const born: ManifestFile[] = [];
  const died: ManifestFile[] = [];
  const wanted = new Map(files.map((file) => [keyOf(file), file]));
  for (const key of [...repeated(files), ...repeated(base)]) wanted.delete(key);
  const matched = new Set<ManifestFile>();
  const runs = runWriter(out.runs);
  for (const old of base) {
    const file = wanted.get(keyOf(old));
    if (file === undefined) {
      runs.take(DROP);
      if (old.sha256 !== null) died.push(old);
      continue;
    }
    matched.add(file);
    const mask = maskOf(old, file);
    runs.take(mask === 0 ? KEEP : CHANGE);
    if (mask === 0) continue;
    out.masks.number(mask);
    writeFields(out, texts, { file, mask, digests });
    if ((mask & MASK.sha256) === 0) continue;
    if (old.sha256 !== null) died.push(old);
    if (file.sha256 !== null) born.push(file);
  }
  runs.end();
  let before = '';
  for (const file of files) {
    if (matched.has(file)) continue;
    const shared = sharedStart(before, file.path);
    out.shared.number(shared);
    out.rests.number(texts.of(file.path.slice(shared)));
    out.partitions.number(texts.of(file.partition));
    writeFields(out, texts, { file, mask: ALL, digests });
    if (file.sha256 !== null) born.push(file);
    before = file.path;
  }
  // Each column was made by newColumns.
  const columns = Object.fromEntries(ROW_COLUMNS.map((name) => [name, out[name].bytes()])) as Record<ColumnName, Uint8Array>;
  return { columns, texts: texts.texts, digests: packDigests(digests), born, died };
}

const newColumns = () => Object.fromEntries(ROW_COLUMNS.map((name) => [name, writeColumn()])) as Record<ColumnName, ColumnWriter>; // one of each name

function runWriter(column: ColumnWriter): { readonly take: (kind: number) => void; readonly end: () => void } {
  let kind = KEEP;
  let count = 0;
  const end = () => {
    if (count > 0) column.number(count * 4 + kind);
    count = 0;
  };
  return {
    take(next) {
      if (next !== kind) end();
      kind = next;
      count++;
    },
    end,
  };
}

interface RowToWrite {
  readonly file: ManifestFile;
  readonly mask: number;
  readonly digests: string[];
}

function writeFields(out: Record<ColumnName, ColumnWriter>, texts: TextWriter, { file, mask, digests }: RowToWrite): void {
  const { size, mode, uid, gid, context, capabilities } = file;
  out.unknown.number(mask & OPTIONAL.reduce((unknown, field) => (file[field] === undefined ? unknown | MASK[field] : unknown), 0));
  if (mask & MASK.type) out.types.number(TYPES.indexOf(file.type));
  if (mask & MASK.size && size !== undefined) out.sizes.number(size);
  if (mask & MASK.mode && mode !== undefined) out.modes.number(Number.parseInt(mode, 8));
  if (mask & MASK.uid && uid !== undefined) out.uids.number(uid);
  if (mask & MASK.gid && gid !== undefined) out.gids.number(gid);
  if (mask & MASK.context && context !== undefined) out.contexts.number(texts.of(context));
  if (mask & MASK.capabilities && capabilities !== undefined) out.capabilities.number(texts.of(capabilities));
  if (mask & MASK.target) out.targets.number(texts.of(file.target));
  if (mask & MASK.sha256) {
    out.hasDigest.number(file.sha256 === null ? 0 : 1);
    if (file.sha256 !== null) digests.push(file.sha256);
  }
}

function packDigests(digests: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(digests.length * SHA256_SIZE);
  for (const [i, digest] of digests.entries())
    for (let at = 0; at < SHA256_SIZE; at++)
      bytes[i * SHA256_SIZE + at] = (nibble(digest.charCodeAt(2 * at)) << 4) | nibble(digest.charCodeAt(2 * at + 1));
  return bytes;
}

/** Of a lower-case hex digit. */
const nibble = (code: number) => (code < 0x3a ? code - 0x30 : code - 0x57);

/** The rows that were encoded. @throws FormatError on anything that encodeRows does not write against this base */
export function decodeRows({ columns, texts, digests }: EncodedRows, base: readonly ManifestFile[]): readonly ManifestFile[] {
  const reader = fieldReader({ columns, texts, digests });
  const { inputs } = reader;
  const kept: ManifestFile[] = [];
  let at = 0;
  while (!inputs.runs.isDone()) {
    const run = inputs.runs.number(ROWS_MAX * 4 + 3);
    const kind = run % 4;
    const count = (run - kind) / 4;
    if (kind > CHANGE || count === 0 || count > base.length - at)
      throw refuse('runs', 'bad-value', `a run of ${count} rows of kind ${kind} at row ${at} of ${base.length}`);
    for (const old of base.slice(at, at + count)) {
      if (kind === KEEP) kept.push(old);
      if (kind !== CHANGE) continue;
      const mask = inputs.masks.number(ALL);
      if (mask === 0) throw refuse('masks', 'bad-value', 'a change of nothing');
      kept.push({ ...old, ...reader.fields(mask, old) });
    }
    at += count;
  }
  if (at !== base.length) throw refuse('runs', 'short-read', `they tell of ${at} rows of ${base.length}`);
  const added: ManifestFile[] = [];
  let before = '';
  while (!inputs.shared.isDone()) {
    if (kept.length + added.length >= ROWS_MAX) throw refuse('shared', 'too-large', `more than ${ROWS_MAX} rows`);
    const shared = inputs.shared.number(before.length);
    const path = before.slice(0, shared) + reader.text(inputs.rests, 'rests');
    if (path.length > TEXT_MAX) throw refuse('rests', 'too-large', `a path of ${path.length} units`);
    added.push({ partition: reader.text(inputs.partitions, 'partitions'), path, ...reader.fields(ALL, NO_ROW) });
    before = path;
  }
  reader.end();
  return merge(kept, added);
}

type Fields = Omit<ManifestFile, 'partition' | 'path'>;
const NO_ROW: Fields = { type: 'file', sha256: null, target: null };
const ID_MAX = 0xffff_ffff;

function fieldReader({ columns, texts, digests }: EncodedRows) {
  // One reader for each name that there is a column of.
  const inputs = Object.fromEntries(
    ROW_COLUMNS.flatMap((name) => {
      const bytes = columns[name];
      return bytes === undefined ? [] : [[name, readColumn(name, bytes)]];
    }),
  ) as Record<Exclude<ColumnName, 'unknown'>, ColumnReader> & { readonly unknown?: ColumnReader };
  if (digests.length % SHA256_SIZE !== 0) throw refuse('digests', 'bad-value', `${digests.length} bytes are no whole number of digests`);
  let nextDigest = 0;
  const nullable = (column: ColumnReader): string | null => {
    const number = column.number(texts.length);
    return number === 0 ? null : (texts[number - 1] ?? null);
  };
  const digest = (): string | null => {
    if (inputs.hasDigest.number(1) === 0) return null;
    if (nextDigest >= digests.length) throw refuse('digests', 'short-read', 'more rows have one than there are');
    nextDigest += SHA256_SIZE;
    return toHex(digests.subarray(nextDigest - SHA256_SIZE, nextDigest));
  };
  const capabilities = (): string | null => {
    const text = nullable(inputs.capabilities);
    if (text !== null && !/^([0-9a-f]{2}){1,64}$/.test(text)) throw refuse('capabilities', 'bad-value', 'no bytes in hex');
    return text;
  };
  return {
    inputs,
    text(column: ColumnReader, field: string): string {
      const text = nullable(column);
      if (text === null) throw refuse(field, 'bad-value', 'no text where one is needed');
      return text;
    },
    /** The fields of a row: those of the mask as they are written, the others as they were. */
    fields(mask: number, old: Fields): Fields {
      const unknown = inputs.unknown?.number(ALL) ?? 0;
      if ((unknown & ~(mask & OPTIONAL_MASK)) !== 0)
        throw refuse('unknown', 'bad-value', 'a field that does not change, or is always known');
      const field = <T>(bit: number, read: () => T, before: T): T | undefined => {
        if ((mask & bit) === 0) return before;
        return (unknown & bit) === 0 ? read() : undefined;
      };
      return {
        type: mask & MASK.type ? (TYPES[inputs.types.number(TYPES.length - 1)] ?? 'file') : old.type,
        size: field(MASK.size, () => inputs.sizes.number(), old.size),
        mode: field(MASK.mode, () => inputs.modes.number(0o7777).toString(8).padStart(4, '0'), old.mode),
        uid: field(MASK.uid, () => inputs.uids.number(ID_MAX), old.uid),
        gid: field(MASK.gid, () => inputs.gids.number(ID_MAX), old.gid),
        context: field(MASK.context, () => nullable(inputs.contexts), old.context),
        capabilities: field(MASK.capabilities, capabilities, old.capabilities),
        sha256: mask & MASK.sha256 ? digest() : old.sha256,
        target: mask & MASK.target ? nullable(inputs.targets) : old.target,
      };
    },
    end() {
      for (const name of ROW_COLUMNS) inputs[name]?.end();
      if (nextDigest < digests.length) throw refuse('digests', 'trailing', `${digests.length - nextDigest} bytes left over`);
    },
  };
}

/** Two lists in canonical order as one. */
function merge(a: readonly ManifestFile[], b: readonly ManifestFile[]): readonly ManifestFile[] {
  if (b.length === 0) return a;
  const all: ManifestFile[] = [];
  let [i, j] = [0, 0];
  for (let left = a[i], right = b[j]; left !== undefined || right !== undefined; left = a[i], right = b[j]) {
    if (right === undefined || (left !== undefined && byRow(left, right) <= 0)) {
      if (left !== undefined) all.push(left);
      i++;
    } else {
      all.push(right);
      j++;
    }
  }
  return all;
}

const refuse = (field: string, code: FormatError['code'], detail: string) =>
  new FormatError({ format: 'shelf object', field, at: 0 }, code, detail);
