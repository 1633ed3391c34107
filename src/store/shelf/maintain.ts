/** Keeping a shelf: taking builds away, taking away what nothing names, verifying all of it, and making the index anew. */
import { existsSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FormatError } from '../../bytes/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import { COMPONENT_NAMES, encodeManifest, type Manifest, summaryOf } from '../../references/index.ts';
import { type BaseCache, indexBuild, keepEntry, nearestChapter, tipOf } from './add.ts';
import { BUSY_MS } from './database.ts';
import { entryName, parseEntry, writerOf } from './entry.ts';
import { filePath, listFiles, readShelfFile } from './files.ts';
import { type IndexFile, openIndex, vacuum } from './index-file.ts';
import { loadObject, manifestReader, saveObject } from './manifests.ts';

const bytesOf = (hex: string) => Buffer.from(hex, 'hex');
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Takes a build off the shelf; its files go with the next `gc`. Answers whether it stood there. */
export const hideBuild = (index: IndexFile, digest: string): boolean =>
  index.transaction(
    () => Number(index.statement('update build set shown = 0 where digest = ? and shown = 1').run(bytesOf(digest)).changes) > 0,
  );

/** How long `gc` waits for readers before it leaves the journal as long as it is. */
const EMPTYING_MS = 500;

/** What `gc` took away. */
export interface Collected {
  readonly builds: number;
  readonly files: number;
  readonly bytes: number;
  /** Texts that no build has any more. */
  readonly texts: number;
}

/**
 * Takes away builds that were removed, files that nothing names, and the holes in the index. Builds that stand on one that goes are written anew first:
 * a build's object is put in place before the one it stood on is dropped, so that it can be read at every moment.
 */
export async function collectGarbage(folder: string, index: IndexFile): Promise<Omit<Collected, 'texts'>> {
  const hidden = (
    index.statement('select digest, chapter from build where shown = 0').all() as unknown as readonly (readonly [Uint8Array, number])[]
  ) // a strict table
    .map(([digest, chapter]) => ({ digest: hexOf(digest), chapter }));
  const gone = new Set(hidden.map(({ digest }) => digest));
  const named = await namedFiles(index);
  const load = manifestReader(folder);
  if (gone.size > 0)
    for (const digest of named.digests) {
      if (gone.has(digest)) continue;
      const { base } = await loadObject(folder, digest);
      if (base !== undefined && gone.has(base)) await rebase(folder, { digest, base, gone, load });
    }
  for (const chapter of new Set(hidden.map(({ chapter: one }) => one))) await rewriteChapter(folder, index, chapter);
  const kept = {
    digests: new Set(named.digests.filter((digest) => !gone.has(digest))),
    entries: new Set(named.entries.filter((name) => !gone.has(name.slice(0, 64)))),
  };
  let files = 0;
  let bytes = 0;
  const drop = async (path: string) => {
    bytes += (await stat(path)).size;
    await rm(path);
    files++;
  };
  for (const kind of ['objects', 'entries'] as const) {
    const { names, leftovers } = await listFiles(folder, kind);
    const keep = kind === 'objects' ? kept.digests : kept.entries;
    for (const name of names) if (!keep.has(name)) await drop(filePath(folder, kind, name));
    for (const path of leftovers) await drop(path);
  }
  vacuum(index.database);
  // A reader that holds an old state keeps the journal from being emptied. The next writer does that: nobody waits for him.
  index.database.exec(`pragma busy_timeout = ${EMPTYING_MS}; pragma wal_checkpoint(truncate); pragma busy_timeout = ${BUSY_MS}`);
  return { builds: gone.size, files, bytes };
}

async function namedFiles(index: IndexFile): Promise<{ readonly digests: readonly string[]; readonly entries: readonly string[] }> {
  const digests = index.statement('select digest from build order by chapter, place').all() as unknown as readonly (readonly [
    Uint8Array,
  ])[]; // a strict table
  const entries = index.statement('select name from entry').all() as unknown as readonly (readonly [string])[]; // a strict table
  return { digests: digests.map(([digest]) => hexOf(digest)), entries: entries.map(([name]) => name) };
}

interface Rebase {
  readonly digest: string;
  readonly base: string;
  readonly gone: ReadonlySet<string>;
  readonly load: (digest: string) => Promise<Manifest>;
}

/** Writes an object anew on the first base that stays, or on none. */
async function rebase(folder: string, { digest, base: before, gone, load }: Rebase): Promise<void> {
  let base: string | undefined = before;
  while (base !== undefined && gone.has(base)) ({ base } = await loadObject(folder, base));
  const depth = base === undefined ? 0 : (await loadObject(folder, base)).depth + 1;
  // The base first: what stands on it is decoded from there.
  const baseManifest = base === undefined ? undefined : await load(base);
  await saveObject(folder, encodeManifest(await load(digest), baseManifest), { manifest: digest, base, depth });
}

/** Writes a chapter's rows anew from the builds of it that stay, one after the other: all of them at once would be a maker's whole history in memory. */
async function rewriteChapter(folder: string, index: IndexFile, chapter: number): Promise<void> {
  const rows = index
    .statement('select number, digest, shown from build where chapter = ? order by place')
    .all(chapter) as unknown as readonly (readonly [number, Uint8Array, number])[]; // a strict table
  const load = manifestReader(folder);
  await index.transactionOver(async () => {
    for (const [number] of rows) {
      index.statement('delete from fact where build = ?').run(number);
      index.statement('delete from build where number = ?').run(number);
    }
    for (const [number, , shown] of rows) if (shown === 0) index.statement('delete from entry where build = ?').run(number);
    index.statement('delete from content where chapter = ?').run(chapter);
    let before: Manifest | undefined;
    let place = 0;
    for (const [number, bytes] of rows.filter(([, , shown]) => shown === 1)) {
      const digest = hexOf(bytes);
      const manifest = await load(digest);
      const { born, died } = encodeManifest(manifest, before);
      indexBuild(index, { manifest, digest, changes: { born, died }, number, at: { chapter, place } });
      before = manifest;
      place++;
    }
  });
}

/** What `verify` found: nothing, or each thing that is not as it should be. */
export interface Verified {
  readonly builds: number;
  /** Entries under another operator's seal, or none: theirs vouch for nothing, which is no fault. */
  readonly foreignEntries: number;
  readonly problems: readonly { readonly what: string; readonly because: string }[];
}

/** Computes every digest anew, and compares the index with what the objects say. */
export async function verifyShelf(
  folder: string,
  index: IndexFile,
  options: { readonly key: Uint8Array | undefined; readonly report?: (done: number, total: number) => void },
): Promise<Verified> {
  const problems: { what: string; because: string }[] = [];
  const problem = (what: string, error: unknown) =>
    problems.push({ what, because: error instanceof Error ? error.message : String(error) });
  const chapters = index.statement('select distinct chapter from build order by chapter').all() as unknown as readonly (readonly [
    number,
  ])[]; // a strict table
  const total = Number((index.statement('select count(*) from build').all()[0] as unknown as readonly [number])[0]); // one number
  let builds = 0;
  const load = manifestReader(folder);
  for (const [chapter] of chapters) {
    const rows = index
      .statement('select number, digest, place, summary from build where chapter = ? order by place')
      .all(chapter) as unknown as readonly (readonly [number, Uint8Array, number, string])[]; // a strict table
    for (const [number, bytes, place, summary] of rows) {
      const digest = hexOf(bytes);
      try {
        // Its digest is computed anew by whoever reads it.
        const manifest = await load(digest);
        if (JSON.stringify(summaryOf(manifest, nodeHash)) !== summary)
          throw new Error('the index says other things of it than its manifest');
        compareContents(index, manifest, { chapter, place, number });
      } catch (error) {
        problem(`build ${digest}`, error);
      }
      builds++;
      options.report?.(builds, total);
    }
  }
  const foreignEntries = await verifyEntries(folder, index, { key: options.key, problem });
  return { builds, foreignEntries, problems };
}

/** The index's rows of one build against its manifest's files. */
function compareContents(
  index: IndexFile,
  manifest: Manifest,
  { chapter, place, number }: { readonly chapter: number; readonly place: number; readonly number: number },
): void {
  const said = index
    .statement(
      `select hex(content.prefix) || ' ' || place.partition || ' ' || place.path from content join place on place.id = content.place / ${COMPONENT_NAMES.length}
       where chapter = ?1 and birth <= ?2 and (death is null or death > ?2)`,
    )
    .all(chapter, place) as unknown as readonly (readonly [string])[]; // one text
  const wanted = new Set(
    manifest.files.flatMap(({ partition, path, sha256 }) =>
      sha256 === null ? [] : [`${sha256.slice(0, 32).toUpperCase()} ${partition} ${path}`],
    ),
  );
  const found = new Set(said.map(([text]) => text));
  const differs = [...wanted].filter((text) => !found.has(text)).length + [...found].filter((text) => !wanted.has(text)).length;
  if (differs > 0) throw new Error(`the index has ${differs} contents otherwise than its manifest (build ${number})`);
}

async function verifyEntries(
  folder: string,
  index: IndexFile,
  { key, problem }: { readonly key: Uint8Array | undefined; readonly problem: (what: string, error: unknown) => void },
): Promise<number> {
  const rows = index
    .statement('select entry.name, entry.document, build.digest from entry join build on build.number = entry.build')
    .all() as unknown as readonly (readonly [string, string, Uint8Array])[]; // a strict table
  let foreign = 0;
  for (const [name, document, digest] of rows) {
    try {
      const entry = parseEntry(document);
      if (entry.stated.manifest !== hexOf(digest)) throw new Error('it is about another build');
      if (entryName(entry.stated.manifest, document) !== name) throw new Error('its digest is another');
      if (new TextDecoder().decode(await readShelfFile(folder, 'entries', name)) !== document)
        throw new Error('the index has another text than the file');
      if (!writerOf(entry, key).known && !isUnsignedPack(entry)) foreign++;
    } catch (error) {
      problem(`entry ${name}`, error);
    }
  }
  return foreign;
}

const isUnsignedPack = ({ stated: { writer } }: ReturnType<typeof parseEntry>) => writer.by === 'pack' && writer.signer === null;

/** What making the index anew found. */
export interface Rebuilt {
  readonly builds: number;
  readonly problems: readonly { readonly what: string; readonly because: string }[];
}

/** Makes the index anew from objects and entries, beside the old one, and puts it in its place. The folder is locked by the caller. */
export async function rebuildIndex(folder: string): Promise<Rebuilt> {
  const path = join(folder, 'index.sqlite');
  const beside = join(folder, '.index.new.sqlite');
  for (const end of ['', '-wal', '-shm']) await rm(beside + end, { force: true });
  const index = openIndex(beside, 'write');
  const problems: { what: string; because: string }[] = [];
  let builds = 0;
  try {
    const entries = Map.groupBy((await listFiles(folder, 'entries')).names, (name) => name.slice(0, 64));
    const load = manifestReader(folder);
    const cache: BaseCache = {};
    for (const digest of await objectsInOrder(folder, entries, problems)) {
      try {
        const manifest = await load(digest);
        const documents = await Promise.all(
          (entries.get(digest) ?? []).map(async (name) => ({
            name,
            document: new TextDecoder().decode(await readShelfFile(folder, 'entries', name)),
          })),
        );
        for (const { name, document } of documents)
          if (parseEntry(document).stated.manifest !== digest || entryName(digest, document) !== name)
            throw new Error(`the entry ${name} is another's`);
        const chapter = nearestChapter(index, manifest);
        const tip = chapter === undefined ? undefined : await tipOf(folder, index, chapter, cache);
        const { born, died } = encodeManifest(manifest, tip?.manifest);
        index.transaction(() => {
          const at = tip === undefined ? undefined : { chapter: tip.chapter, place: tip.place + 1 };
          const number = indexBuild(index, { manifest, digest, changes: { born, died }, at });
          for (const entry of documents) keepEntry(index, number, entry);
        });
        [cache.digest, cache.manifest] = [digest, manifest];
        builds++;
      } catch (error) {
        problems.push({ what: `build ${digest}`, because: error instanceof Error ? error.message : String(error) });
      }
    }
    vacuum(index.database);
    index.database.exec('pragma wal_checkpoint(truncate); pragma journal_mode = delete');
  } finally {
    index.close();
  }
  // An old journal belongs to the old file: it must never be played into the new one.
  for (const end of ['-wal', '-shm']) if (existsSync(path + end)) await rm(path + end);
  await rename(beside, path);
  return { builds, problems };
}

/** Objects that an entry names, bases before what stands on them, and those of one family after each other: each is then read from the one before. */
async function objectsInOrder(
  folder: string,
  entries: ReadonlyMap<string, readonly string[]>,
  problems: { what: string; because: string }[],
): Promise<readonly string[]> {
  const heads = new Map<string, { readonly base: string | undefined; readonly depth: number }>();
  for (const digest of (await listFiles(folder, 'objects')).names) {
    if (!entries.has(digest)) continue;
    try {
      const { base, depth } = await loadObject(folder, digest);
      heads.set(digest, { base, depth });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      problems.push({ what: `object ${digest}`, because: error.message });
    }
  }
  const roots = new Map<string, string>();
  // Upwards, so that each one's base has its root already. One whose base is missing is its own.
  for (const [digest, { base }] of [...heads].toSorted(([, a], [, b]) => a.depth - b.depth))
    roots.set(digest, roots.get(base ?? '') ?? digest);
  const rootOf = (digest: string) => roots.get(digest) ?? digest;
  return [...heads]
    .toSorted(([a, left], [b, right]) => (rootOf(a) < rootOf(b) ? -1 : rootOf(a) > rootOf(b) ? 1 : left.depth - right.depth))
    .map(([digest]) => digest);
}
