/** What a manifest holds besides its files, against that of another build: of each list, runs of rows that the base has and rows that are its own. */
import { z } from 'zod/mini';
import { FormatError } from '../../bytes/index.ts';
import { type Manifest, type ManifestFile, manifestSchema } from '../manifest.ts';

/** A manifest without its files; lists that may be left out are there, as in a canonical one. */
export type Rest = Omit<Manifest, 'files'>;
const LISTS = ['partitions', 'apks', 'apexes', 'properties', 'selinux', 'init', 'unread'] as const;
type ListName = (typeof LISTS)[number];
/** Rows of one list, as in the manifest. */
const ROWS_MAX = 4 << 20;

/** A run of the base's rows: where it begins and how many; or a row of one's own, whose digest may be left to the file of its path. */
const itemSchema = z.union([
  z.tuple([z.int().check(z.gte(0)), z.int().check(z.gte(1))]),
  z.looseObject({ partition: z.optional(z.unknown()), path: z.optional(z.unknown()), sha256: z.optional(z.unknown()) }),
]);
type Item = z.infer<typeof itemSchema>;
const listSchema = z.array(itemSchema);
const restSchema = z.strictObject({
  identity: z.record(z.string(), z.string()),
  vbmetaDigest: z.nullable(z.string()),
  ...(Object.fromEntries(LISTS.map((name) => [name, listSchema])) as Record<ListName, typeof listSchema>), // one of each name
});
export type EncodedRest = z.infer<typeof restSchema>;

const fileKey = (partition: unknown, path: unknown) => `${String(partition)}\0${String(path)}`;
const contentsOf = (files: readonly ManifestFile[]) =>
  new Map(files.map(({ partition, path, sha256 }) => [fileKey(partition, path), sha256]));

/** The rest against a base's. `files` are the manifest's own: a digest that a file of the same path has is not written twice. */
export function encodeRest(rest: Rest, base: Rest | undefined, files: readonly ManifestFile[]): EncodedRest {
  const contents = contentsOf(files);
  const list = (name: ListName): Item[] => encodeList(rest[name] ?? [], base?.[name] ?? [], contents);
  return {
    identity: { ...rest.identity },
    vbmetaDigest: rest.vbmetaDigest ?? null,
    partitions: list('partitions'),
    apks: list('apks'),
    apexes: list('apexes'),
    properties: list('properties'),
    selinux: list('selinux'),
    init: list('init'),
    unread: list('unread'),
  };
}

function encodeList(rows: readonly object[], base: readonly object[], contents: ReadonlyMap<string, string | null>): Item[] {
  const places = new Map(base.map((row, i) => [JSON.stringify(row), i] as const));
  const items: Item[] = [];
  let [start, count] = [0, 0];
  const end = () => {
    if (count > 0) items.push([start, count]);
    count = 0;
  };
  for (const row of rows) {
    const place = places.get(JSON.stringify(row));
    if (place === undefined) {
      end();
      items.push(withoutDigest({ ...row }, contents));
    } else if (count > 0 && place === start + count) count++;
    else {
      end();
      [start, count] = [place, 1];
    }
  }
  end();
  return items;
}

/** A digest of 64 digits becomes an empty text where the file says it. */
function withoutDigest(row: Extract<Item, { sha256?: unknown }>, contents: ReadonlyMap<string, string | null>): Item {
  const { partition, path, sha256 } = row;
  const isTold = typeof sha256 === 'string' && sha256 === contents.get(fileKey(partition, path));
  return isTold ? { ...row, sha256: '' } : row;
}

/** A rest that nobody has checked yet: rows of a chain on the way to its last. */
export interface LooseRest {
  readonly identity: Readonly<Record<string, string>>;
  readonly vbmetaDigest: string | null;
  readonly lists: Readonly<Record<ListName, readonly object[]>>;
}

/** The rest that was encoded. @throws FormatError on anything that encodeRest does not write against this base */
export function decodeRest(value: unknown, base: LooseRest | undefined, files: readonly ManifestFile[]): LooseRest {
  const parsed = z.safeParse(restSchema, value);
  if (!parsed.success) throw refuseIssue(parsed.error.issues);
  let made: ReadonlyMap<string, string | null> | undefined;
  // Few objects of a chain leave a digest to its file.
  const contents = () => {
    made ??= contentsOf(files);
    return made;
  };
  const { identity, vbmetaDigest, ...encoded } = parsed.data;
  // One of each name.
  const lists = Object.fromEntries(
    LISTS.map((name) => [name, decodeList(name, encoded[name], { base: base?.lists[name] ?? [], contents })]),
  ) as Record<ListName, readonly object[]>;
  return { identity, vbmetaDigest, lists };
}

/** The same of a manifest that is at hand. */
export const looseRest = (rest: Rest): LooseRest => ({
  identity: rest.identity,
  vbmetaDigest: rest.vbmetaDigest ?? null,
  // One of each name.
  lists: Object.fromEntries(LISTS.map((name) => [name, rest[name] ?? []])) as unknown as LooseRest['lists'],
});

/** The rest, checked as a manifest is. @throws FormatError */
export function checkRest({ identity, vbmetaDigest, lists }: LooseRest): Rest {
  const whole = z.safeParse(manifestSchema, { format: 'assay.manifest/1', identity, ...lists, files: [], vbmetaDigest });
  if (!whole.success) throw refuseIssue(whole.error.issues);
  const { files: _none, ...rest } = whole.data;
  return rest;
}

interface ListBase {
  readonly base: readonly object[];
  readonly contents: () => ReadonlyMap<string, string | null>;
}

function decodeList(name: string, items: EncodedRest[ListName], { base, contents }: ListBase): readonly object[] {
  const rows: object[] = [];
  for (const item of items) {
    if (Array.isArray(item)) {
      const [start, count] = item;
      if (start === undefined || count === undefined || count > base.length - start || rows.length + count > ROWS_MAX)
        throw refuse(name, `rows from ${start} of ${base.length}`);
      for (const row of base.slice(start, start + count)) rows.push(row);
    } else {
      const { partition, path, sha256 } = item;
      rows.push(sha256 === '' ? { ...item, sha256: contents().get(fileKey(partition, path)) } : item);
    }
    if (rows.length > ROWS_MAX) throw refuse(name, `more than ${ROWS_MAX} rows`);
  }
  return rows;
}

const refuseIssue = ([issue]: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]) =>
  refuse(issue?.path.map(String).join('.') || 'rest', issue?.message ?? 'refused');

const refuse = (field: string, detail: string) => new FormatError({ format: 'shelf object', field, at: 0 }, 'bad-value', detail);
