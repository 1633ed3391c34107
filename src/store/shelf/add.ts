/**
 * Putting a build onto a shelf. The order is the argument for its safety: the object and the entry, each flushed with its folder; then one transaction of the
 * index; then the answer. Killed before the transaction, files lie there that nothing names, and `gc` takes them away; what was answered stands.
 */
import { nodeHash } from '../../platform/node/index.ts';
import {
  apexPathsOf,
  COMPONENT_NAMES,
  type ContentChanges,
  canonicalManifest,
  componentOf,
  decodeManifest,
  encodeManifest,
  identityWeight,
  type KeptText,
  type Manifest,
  type ManifestFile,
  manifestDigest,
  manifestParts,
  type Provenance,
  summaryOf,
} from '../../references/index.ts';
import { familyOf, madeAtOf } from './builds.ts';
import { type EntryWriter, entryName, writeEntry } from './entry.ts';
import { putFile } from './files.ts';
import { type IndexFile, prefixOf } from './index-file.ts';
import { CHAIN_MAX, loadManifest, loadObject, saveObject, unpack } from './manifests.ts';

/** Contents of a new build that are looked for to find its family. */
const SAMPLE = 256;
/** Less than this share in common with the last build of a chapter, and it is another family. */
const KIN = 0.2;

export interface NewBuild {
  readonly manifest: Manifest;
  readonly provenance: Provenance;
  readonly writer: EntryWriter;
  /** Texts among its files, where whoever made the manifest had them at hand. */
  readonly texts?: readonly KeptText[];
}

/** What adding cost. */
export interface Added {
  readonly digest: string;
  /** Whether the manifest was there already. */
  readonly isKnown: boolean;
}

/** The last manifest that was added: mostly it is the next one's base. */
export interface BaseCache {
  digest?: string;
  manifest?: Manifest;
}

/** Adds a build. The folder is locked by the caller. @throws FormatError for a manifest that cannot be kept as it is */
export async function addBuild(
  folder: string,
  index: IndexFile,
  added: NewBuild,
  { key, cache }: { readonly key: Uint8Array; readonly cache: BaseCache },
): Promise<Added> {
  const manifest = canonicalManifest(added.manifest);
  const digest = manifestDigest(manifest, nodeHash);
  const document = writeEntry(key, { manifest, digest }, added);
  const entry = { name: entryName(digest, document), document };
  await putFile(folder, { kind: 'entries', name: entry.name }, new TextEncoder().encode(document));
  const known = index.statement('select number from build where digest = ?').all(Buffer.from(digest, 'hex'))[0] as unknown as
    | readonly [number]
    | undefined; // a strict table
  if (known !== undefined) {
    index.transaction(() => {
      index.statement('update build set shown = 1 where number = ?').run(known[0]);
      keepEntry(index, known[0], entry);
    });
    return { digest, isKnown: true };
  }
  const chapter = nearestChapter(index, manifest);
  const found = chapter === undefined ? undefined : await tipOf(folder, index, chapter, cache);
  const tip = found !== undefined && found.depth + 1 < CHAIN_MAX ? found : undefined;
  const encoded = encodeManifest(manifest, tip?.manifest);
  await saveObject(folder, encoded, { manifest: digest, base: tip?.digest, depth: tip === undefined ? 0 : tip.depth + 1 });
  // What was written is read back before anybody is told: a codec that loses something loses it here, and not in a year.
  const head = await loadObject(folder, digest);
  decodeManifest(unpack(head), head, { hash: nodeHash, base: tip === undefined ? undefined : manifestParts(tip.manifest) });
  index.transaction(() =>
    keepEntry(
      index,
      indexBuild(index, { manifest, digest, changes: encoded, at: tip && { chapter: tip.chapter, place: tip.place + 1 } }),
      entry,
    ),
  );
  cache.digest = digest;
  cache.manifest = manifest;
  return { digest, isKnown: false };
}

/** The last build of the chapter that a manifest belongs to. */
interface Tip {
  readonly chapter: number;
  readonly place: number;
  readonly digest: string;
  readonly depth: number;
  readonly manifest: Manifest;
}

/** The last build of a chapter. */
export async function tipOf(folder: string, index: IndexFile, chapter: number, cache: BaseCache = {}): Promise<Tip> {
  const [place, bytes] = index
    .statement('select place, digest from build where chapter = ? order by place desc limit 1')
    .all(chapter)[0] as unknown as readonly [number, Uint8Array]; // a strict table; the chapter has a build
  const digest = Buffer.from(bytes).toString('hex');
  const { depth } = await loadObject(folder, digest);
  const manifest = cache.digest === digest ? cache.manifest : undefined;
  return { chapter, place, digest, depth, manifest: manifest ?? (await loadManifest(folder, digest)) };
}

/** The chapter whose last build has the most of a manifest's contents. */
export function nearestChapter(index: IndexFile, { files }: Manifest): number | undefined {
  const all = [...new Set(files.flatMap(({ sha256 }) => sha256 ?? []))].toSorted();
  const sample = all.filter(
    (_, i) => all.length <= SAMPLE || Math.floor((i * SAMPLE) / all.length) !== Math.floor(((i - 1) * SAMPLE) / all.length),
  );
  if (sample.length === 0) return undefined;
  const marks = sample.map(() => '?').join(',');
  const sql = `select chapter, count(distinct prefix) same from content where prefix in (${marks}) and death is null group by chapter order by same desc, chapter desc limit 1`;
  const [best] = index.statement(sql).all(...sample.map(prefixOf)) as unknown as readonly (readonly [number, number])[]; // two numbers
  return best !== undefined && best[1] >= KIN * sample.length ? best[0] : undefined;
}

export interface IndexedBuild {
  readonly manifest: Manifest;
  readonly digest: string;
  /** Against the build before it in its chapter; against nothing where it is the first. */
  readonly changes: ContentChanges;
  /** Undefined: a chapter of its own. */
  readonly at: { readonly chapter: number; readonly place: number } | undefined;
  /** The number that it had; undefined: a new one. */
  readonly number?: number;
}

/** Writes a build's rows; within a transaction. Answers its number. */
export function indexBuild(index: IndexFile, { manifest, digest, changes, at, number: had }: IndexedBuild): number {
  const [last] = index.statement('select coalesce(max(chapter), 0) from build').all()[0] as unknown as readonly [number]; // one number
  const { chapter, place } = at ?? { chapter: last + 1, place: 0 };
  const { lastInsertRowid } = index
    .statement('insert into build (number, digest, chapter, place, shown, family, made_at, summary) values (?, ?, ?, ?, 1, ?, ?, ?)')
    .run(
      had ?? null,
      Buffer.from(digest, 'hex'),
      chapter,
      place,
      familyOf(manifest),
      madeAtOf(manifest),
      JSON.stringify(summaryOf(manifest, nodeHash)),
    );
  const number = Number(lastInsertRowid);
  const fact = index.statement('insert into fact (value, key, build, weight) values (?, ?, ?, ?)');
  for (const [name, value] of Object.entries(manifest.identity))
    if (identityWeight(name) > 0) fact.run(value, name, number, identityWeight(name));
  const places = placeWriter(index, manifest);
  const died = index.statement('update content set death = ? where prefix = ? and chapter = ? and place = ? and death is null');
  for (const file of changes.died) if (file.sha256 !== null) died.run(place, prefixOf(file.sha256), chapter, places(file));
  // The same content at the same path twice is one row: a manifest may say so, an image cannot.
  const born = index.statement(
    'insert into content (prefix, chapter, place, birth) values (?, ?, ?, ?) on conflict do update set death = null',
  );
  for (const file of changes.born) if (file.sha256 !== null) born.run(prefixOf(file.sha256), chapter, places(file), place);
  return number;
}

/** The number of a file's place: its path, its partition and the component that it belongs to. */
function placeWriter(index: IndexFile, manifest: Manifest): (file: ManifestFile) => number {
  const apexPaths = apexPathsOf(manifest);
  const components = new Map<string, number>();
  const find = index.statement('select id from place where path = ? and partition = ? and component = ?');
  const make = index.statement('insert into place (component, partition, path) values (?, ?, ?)');
  return ({ partition, path }) => {
    const component = components.get(partition) ?? COMPONENT_NAMES.indexOf(componentOf(partition, apexPaths));
    components.set(partition, component);
    const known = find.all(path, partition, component)[0] as unknown as readonly [number] | undefined; // a strict table
    const id = known?.[0] ?? Number(make.run(component, partition, path).lastInsertRowid);
    return id * COMPONENT_NAMES.length + component;
  };
}

/** Keeps an entry in the index; within a transaction. */
export function keepEntry(index: IndexFile, build: number, { name, document }: { readonly name: string; readonly document: string }): void {
  index.statement('insert or ignore into entry (build, name, document) values (?, ?, ?)').run(build, name, document);
}
