/** A shelf in a folder: objects and entries as files, and an index of them. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isTextFile } from '../../evidence/texts/index.ts';
import { configFolder } from '../../platform/node/index.ts';
import type { SignPort } from '../../provenance/index.ts';
import type { Checkpoint, KeptText, Manifest, ReadFilesPort, Reference, Shelf } from '../../references/index.ts';
import { type FolderLock, lockFolder } from '../log/lock.ts';
import { type Added, addBuild, type BaseCache, type NewBuild } from './add.ts';
import { findContents, nearestBuilds } from './ask.ts';
import {
  allBuilds,
  buildByDigest,
  digestsByFamily,
  digestsFrom,
  knownSources,
  labelOfBuild,
  type ReadingTrust,
  type Standing,
  shelfBuild,
  standingOf,
} from './builds.ts';
import { isFull, isUnwritable } from './database.ts';
import { type IndexFile, openIndex, PREFIX_SIZE } from './index-file.ts';
import { type Collected, collectGarbage, hideBuild, type Rebuilt, rebuildIndex, type Verified, verifyShelf } from './maintain.ts';
import { forgetOldParts, forgetParts, keepPart, keepPins, loadPart, loadPins, type MakingPins, type RomMaking } from './making.ts';
import { loadManifest, manifestReader } from './manifests.ts';
import { openPackFile, type Packed, type PackedBuild, type ReadPackOptions, writePackFile } from './pack.ts';
import { importTexts, textsToPack } from './pack-texts.ts';
import { importList, openRegister, type Register } from './register.ts';
import { sealKey } from './seal.ts';
import { openTexts, type TextStore } from './texts.ts';

/** How long a writer waits for another one before it says who holds the shelf. */
const LOCK_WAIT_MS = 10_000;
const LOCK_STEP_MS = 50;
/** Files of one version: packages for each region and way of installing. */
const LISTED_MAX = 50;

export interface OpenShelfOptions {
  /** Where the operator's seal is kept; default the user's configuration folder. */
  readonly config?: string;
  readonly lockWaitMs?: number;
}

/** A shelf on disk. */
export interface DiskShelf extends Shelf {
  readonly folder: string;
  /** Builds by the SHA-256 of a file that they were made from: it need not be read again. */
  readonly sources: () => Promise<ReadonlyMap<string, string>>;
  /** Digests that begin with these digits. */
  readonly digestsFrom: (beginning: string) => Promise<readonly string[]>;
  /** Adds what was made here or came in a pack. */
  readonly put: (build: NewBuild) => Promise<Added>;
  /** Adds many under one lock, each durable before the next is asked for. */
  readonly putAll: (builds: AsyncIterable<NewBuild> | Iterable<NewBuild>) => Promise<readonly Added[]>;
  /** Where the making of a manifest from a ROM keeps what is done, and takes it from again; texts of it are kept for good. Of a file on a web server with what was read so far. */
  readonly checkpoint: (rom: RomMaking, pins?: () => MakingPins) => Checkpoint;
  /** What a run that was broken off read of a file on a web server. */
  readonly pins: (rom: RomMaking) => Promise<MakingPins | undefined>;
  /** Forgets what was kept of a ROM: its build stands here. */
  readonly forget: (rom: Pick<RomMaking, 'sha256'>) => Promise<void>;
  /** Who vouches for a build, why, and where it came from. @throws RangeError where there is none */
  readonly standing: (digest: string) => Promise<Standing>;
  /** Work that needs the index, with what reading it needs. Undefined: there is no shelf yet. */
  readonly reading: <T>(work: (index: IndexFile, trust: ReadingTrust) => T) => Promise<T | undefined>;
  /** Work of a writer: the folder is locked meanwhile. */
  readonly writing: <T>(work: (index: IndexFile, key: Uint8Array) => Promise<T>) => Promise<T>;
  /** Takes a build off the shelf. Answers whether it stood there. */
  readonly remove: (digest: string) => Promise<boolean>;
  /** The official lists of builds that were imported; undefined: none was. */
  readonly register: () => Promise<Register | undefined>;
  /** Imports a list, in place of one of the same name. */
  readonly importList: (list: Parameters<typeof importList>[1]) => Promise<void>;
  /** Writes builds (all where none are named) and their texts into a pack. @throws RangeError for one that is not there */
  readonly exportPack: (path: string, digests: readonly string[], signers: readonly SignPort[]) => Promise<Packed>;
  /** Adds the builds of a pack, each durable before the next, and then their texts. @throws FormatError, and Error where none of the named signers signed it */
  readonly importPack: (path: string, options: ReadPackOptions) => Promise<{ readonly builds: readonly Added[]; readonly texts: number }>;
  readonly gc: () => Promise<Collected>;
  readonly verify: (report?: (done: number, total: number) => void) => Promise<Verified>;
  /** Makes the index anew from the files. */
  readonly rebuild: () => Promise<Rebuilt>;
  readonly close: () => void;
}

/** Opens a shelf; one where there is none is empty, and made when something is added. */
export async function openShelf(folder: string, options: OpenShelfOptions = {}): Promise<DiskShelf> {
  const config = options.config ?? configFolder();
  const path = join(folder, 'index.sqlite');
  const cache: BaseCache = {};
  let reader: IndexFile | undefined;
  const readIndex = (): IndexFile | undefined => {
    reader ??= existsSync(path) ? openIndex(path, 'read') : undefined;
    return reader;
  };
  let lists: Register | undefined;
  let texts: TextStore | undefined;
  const readTexts = (): TextStore | undefined => {
    texts ??= openTexts(folder, 'read');
    return texts;
  };
  const register = async (): Promise<Register | undefined> => {
    lists ??= openRegister(folder, await sealKey(config, false));
    return lists;
  };
  const close = () => {
    reader?.close();
    lists?.close();
    texts?.close();
    reader = undefined;
    lists = undefined;
    texts = undefined;
  };
  const reading: DiskShelf['reading'] = async (work) => {
    const index = readIndex();
    if (index === undefined) return undefined;
    const listed = await register();
    const answer = work(index, { key: await sealKey(config, false), listed: (source) => listed?.listed(source), decided: new Map() });
    index.assertUnchanged();
    return answer;
  };
  const locked = async <T>(work: () => Promise<T>): Promise<T> => {
    const lock = await lockShelf(folder, options.lockWaitMs ?? LOCK_WAIT_MS);
    try {
      return await work();
    } finally {
      lock.release();
    }
  };
  const writing: DiskShelf['writing'] = async (work) => {
    const key = await sealKey(config, true);
    if (key === undefined) throw new Error(`no key could be made in ${config}`);
    return saying(folder, async () => {
      await mkdir(folder, { recursive: true });
      return locked(async () => {
        const index = openIndex(path, 'write');
        try {
          return await work(index, key);
        } finally {
          index.close();
        }
      });
    });
  };
  const keepTexts = (texts: readonly KeptText[]): void => {
    const store = texts.length === 0 ? undefined : openTexts(folder, 'write');
    store?.put(texts);
    store?.close();
  };
  const putAll: DiskShelf['putAll'] = (builds) =>
    writing(async (index, key) => {
      const added: Added[] = [];
      for await (const build of builds) {
        added.push(await addBuild(folder, index, build, { key, cache }));
        keepTexts(build.texts ?? []);
      }
      return added;
    });
  const put: DiskShelf['put'] = async (build) => {
    const [added] = await putAll([build]);
    if (added === undefined) throw new Error('one build was put, and none was added');
    return added;
  };
  const known = async <T>(
    digest: string,
    work: (index: IndexFile, row: NonNullable<ReturnType<typeof buildByDigest>>, trust: ReadingTrust) => T,
  ): Promise<T> => {
    const found = await reading((index, trust) => {
      const row = buildByDigest(index, digest);
      return row === undefined ? undefined : { answer: work(index, row, trust) };
    });
    if (found === undefined) throw new RangeError(`no build ${digest.slice(0, 80)} on this shelf`);
    return found.answer;
  };
  return {
    folder,
    put,
    putAll,
    checkpoint: (rom, pins) => ({
      keepTexts: true,
      async load(partition) {
        const key = await sealKey(config, false);
        return key === undefined ? undefined : loadPart(folder, key, rom, partition);
      },
      keep: (partition, part) =>
        writing(async (_index, key) => {
          keepTexts(part.texts);
          if (pins !== undefined) await keepPins(folder, key, rom, pins());
          await keepPart(folder, key, { rom, partition, part });
        }),
    }),
    async pins(rom) {
      const key = await sealKey(config, false);
      return key === undefined ? undefined : loadPins(folder, key, rom);
    },
    forget: ({ sha256 }) => writing(async () => void (await forgetParts(folder, { sha256 }))),
    sources: async () => (await reading(knownSources)) ?? new Map<string, string>(),
    reading,
    writing,
    standing: (digest) => known(digest, (index, { number }, trust) => standingOf(index, number, trust)),
    async add({ manifest, provenance }) {
      if (provenance === undefined) throw new RangeError('a reference without provenance');
      return (await put({ manifest, provenance, writer: { by: 'here' } })).digest;
    },
    list: async () => (await reading((index, trust) => allBuilds(index).map((row) => shelfBuild(index, row, trust)))) ?? [],
    builds: async (digests) =>
      (await reading((index, trust) =>
        digests.map((digest) => {
          const row = buildByDigest(index, digest);
          return row && shelfBuild(index, row, trust);
        }),
      )) ?? digests.map(() => undefined),
    digestsFrom: async (beginning) => (await reading((index) => digestsFrom(index, beginning))) ?? [],
    async get(digest): Promise<Reference> {
      const { vouched, label, provenance } = await known(digest, (index, row, trust) => {
        const standing = standingOf(index, row.number, trust);
        return { ...standing, label: labelOfBuild(index, row, { standing, trust }) };
      });
      const manifest = await loadManifest(folder, digest).catch(async (error: unknown) => {
        // A `gc` may have taken it away since the index was asked: then it is not there, and nothing is wrong.
        await known(digest, () => undefined);
        throw error;
      });
      return { manifest, digest, vouched, label, provenance: { ...provenance, vouched, label }, readFiles: textsOf(manifest, readTexts) };
    },
    find: async (sha256) => (await reading((index) => findContents(index, sha256))) ?? sha256.map((one) => ({ sha256: one, places: [] })),
    nearest: async (query) => (await reading((index, trust) => nearestBuilds(index, query, trust))) ?? [],
    remove: (digest) => writing(async (index) => hideBuild(index, digest)),
    register,
    async listed(versions) {
      const found = await register();
      return found && versions.flatMap((version) => found.find(version, LISTED_MAX).filter((hit) => hit.version === version));
    },
    async importList(list) {
      await writing(async (_index, key) => importList(folder, list, key));
      lists?.close();
      lists = undefined;
    },
    async exportPack(path, digests, signers) {
      const wanted = new Set(digests);
      const found = (await reading((index) => digestsByFamily(index).filter((digest) => wanted.size === 0 || wanted.has(digest)))) ?? [];
      const missing = digests.find((digest) => !found.includes(digest));
      if (missing !== undefined) throw new RangeError(`no build ${missing.slice(0, 80)} on this shelf`);
      if (found.length === 0) throw new RangeError('there is no build to export');
      const texts = new Map<string, string>();
      const load = manifestReader(folder);
      const builds = async function* (): AsyncGenerator<PackedBuild> {
        for (const digest of found) {
          const { provenance, isKnown } = await known(digest, (index, { number }, trust) => standingOf(index, number, trust));
          const manifest = await load(digest);
          for (const { path: at, sha256 } of manifest.files) if (sha256 !== null && isTextFile(at)) texts.set(sha256, at);
          // Hearsay must not become the exporter's word by his signature.
          yield { digest, manifest, provenance: isKnown ? provenance : { ...provenance, sources: [], signatures: [] } };
        }
      };
      return writePackFile(path, { builds: builds(), texts: () => textsToPack(texts, (sha256) => readTexts()?.read(sha256)) }, signers);
    },
    async importPack(path, packOptions) {
      const pack = await openPackFile(path, basename(path), packOptions);
      try {
        const builds = await putAll(pack.builds);
        return { builds, texts: await writing((index) => importTexts(folder, index, pack.texts())) };
      } finally {
        await pack.close();
      }
    },
    gc: () =>
      writing(async (index) => {
        const collected = await collectGarbage(folder, index);
        const kept = openTexts(folder, 'write');
        const isWanted = index.statement('select 1 from content where prefix = ? limit 1');
        const making = await forgetOldParts(folder, Date.now());
        const gone = making.isUnderWay ? 0 : (kept?.collect((sha256) => isWanted.all(sha256.subarray(0, PREFIX_SIZE)).length > 0) ?? 0);
        kept?.close();
        return { ...collected, texts: gone, bytes: collected.bytes + making.bytes };
      }),
    async verify(report) {
      const index = readIndex();
      if (index === undefined) return { builds: 0, foreignEntries: 0, problems: [] };
      const verified = await verifyShelf(folder, index, { key: await sealKey(config, false), ...(report === undefined ? {} : { report }) });
      const wrong = readTexts()?.verify() ?? [];
      return {
        ...verified,
        problems: [...verified.problems, ...wrong.map((sha256) => ({ what: `text ${sha256}`, because: 'it is not what it is called' }))],
      };
    },
    rebuild: () =>
      saying(folder, () =>
        locked(async () => {
          close();
          return rebuildIndex(folder);
        }),
      ),
    close,
  };
}

/** Texts of a build, out of those that are kept by what is in them. */
const textsOf =
  ({ files }: Manifest, open: () => TextStore | undefined): ReadFilesPort =>
  async (wanted, limit) => {
    const digests = new Map(files.map(({ path, sha256 }) => [path, sha256]));
    const found = new Map<string, Uint8Array>();
    const store = open();
    for (const { path } of wanted) {
      const sha256 = digests.get(path);
      const bytes = sha256 ? store?.read(sha256) : undefined;
      if (bytes !== undefined && bytes.length <= limit) found.set(path, bytes);
    }
    return found;
  };

/** Names the shelf where its disk is full, or it may not be written to: the system names a file of ours, or none. */
async function saying<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isFull(error)) throw new Error(`no space is left for the shelf in ${folder}`, { cause: error });
    if (isUnwritable(error)) throw new Error(`the shelf in ${folder} may not be written by you`, { cause: error });
    throw error;
  }
}

/** Waits a while for another writer, and then says who it is. */
async function lockShelf(folder: string, waitMs: number): Promise<FolderLock> {
  for (let waited = 0; ; waited += LOCK_STEP_MS) {
    try {
      return lockFolder(folder);
    } catch (error) {
      if (waited >= waitMs || !(error instanceof Error) || !error.message.includes('is in use by the process')) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOCK_STEP_MS));
    }
  }
}
