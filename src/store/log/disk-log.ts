/**
 * A transparency log as files, which any static host can serve. Spec: c2sp.org/tlog-tiles, tlog-checkpoint; docs/formats/log.md.
 *
 * The order of writing is the argument for its safety: (1) entry bundles and tiles, flushed with their folders; (2) the new checkpoint beside the old one, flushed;
 * (3) renamed over it, and the folder flushed; (4) only then is anybody told an index. Killed before 3, the log is what the old checkpoint says: files beyond it are
 * not part of it, and the next batch writes over them. Files that a published checkpoint covers are never written again, because a batch writes only tiles that
 * it changes, and those have another width in their path. The place in the files is the sequence: there is no other.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { equalBytes, FormatError, toHex } from '../../bytes/index.ts';
import { nodeHash, nodeVerify } from '../../platform/node/index.ts';
import {
  type Checkpoint,
  EMPTY_EDGE,
  ENTRY_MAX,
  ed25519NoteKey,
  edgeRoot,
  edgeTiles,
  emptyRoot,
  entriesPath,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  growTree,
  HASH_SIZE,
  leafHash,
  type NoteKey,
  parseCheckpoint,
  parseNote,
  readEntries,
  type SignPort,
  TILE_WIDTH,
  type TreeEdge,
  tilePath,
  verifyNoteSignatures,
  writeEntries,
} from '../../provenance/index.ts';
import { type LogFile, replaceDurably, writeDurably, writeOrClear } from './files.ts';
import { lockFolder } from './lock.ts';

const utf8 = new TextEncoder();
/** Most entries of one batch: what is held in memory at a time. */
const BATCH_MAX = 65_536;

/** A log that this process writes. */
export interface DiskLog {
  readonly key: NoteKey;
  /** Entries that are durable. */
  readonly size: () => number;
  /** Appends an entry; answers its index once it is durable. Entries that come while a batch is written go into the next one. */
  readonly append: (entry: Uint8Array) => Promise<number>;
  /** Writes what waits, and lets the log go. */
  readonly close: () => Promise<void>;
}

/** The key of a log under its own name. */
export function logKey(origin: string, { scheme, spki }: SignPort): NoteKey {
  if (scheme.kind !== 'ed25519') throw new TypeError('a log signs with Ed25519 (tlog-tiles)');
  return ed25519NoteKey(nodeHash, { name: origin, publicKey: spki.subarray(spki.length - 32), type: 'ed25519' });
}

/** Makes an empty log. @throws Error where there is one already */
export async function initLog(folder: string, origin: string, signer: SignPort): Promise<NoteKey> {
  const key = logKey(origin, signer);
  await mkdir(folder, { recursive: true });
  const lock = lockFolder(folder);
  try {
    if ((await readFile(join(folder, 'checkpoint')).catch(ifMissing)) !== undefined) throw new Error(`there is a log in ${folder} already`);
    await writeDurably(folder, [{ path: 'vkey', bytes: utf8.encode(`${formatVerifierKey(key)}\n`) }]);
    await publish(folder, { origin, size: 0, root: emptyRoot(nodeHash), extensions: [] }, { key, signer });
  } finally {
    lock.release();
  }
  return key;
}

/**
 * Opens a log for writing. `everyMs` is how long a batch gathers; 0 writes at once.
 * @throws Error where another process writes it, the key is not the log's, or the edge of its tree is not what its checkpoint signed
 */
export async function openLog(folder: string, signer: SignPort, { everyMs }: { readonly everyMs: number }): Promise<DiskLog> {
  if (!existsSync(join(folder, 'checkpoint'))) throw new Error(`there is no log in ${folder}`);
  const lock = lockFolder(folder);
  try {
    return await writer(folder, signer, { everyMs, release: lock.release });
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function writer(
  folder: string,
  signer: SignPort,
  options: { readonly everyMs: number; readonly release: () => void },
): Promise<DiskLog> {
  const note = parseNote(await readFile(join(folder, 'checkpoint')));
  const { origin, size, root } = parseCheckpoint(note.text);
  const key = logKey(origin, signer);
  if ((await verifyNoteSignatures(note, [key], nodeVerify)).length === 0) throw new Error(`the key is not that of the log ${origin}`);
  let edge = await readEdge(folder, size);
  if (!equalBytes(edgeRoot(nodeHash, edge), root))
    throw new Error(`the tiles in ${folder} are not those of its checkpoint: ${toHex(root)} was signed`);
  /** The entries of the last bundle, where it is not full. */
  let tail = await readTail(folder, size);
  let waiting: { readonly entry: Uint8Array; readonly done: (index: number) => void; readonly failed: (error: unknown) => void }[] = [];
  let running: Promise<void> | undefined;
  let broken: unknown;

  async function write(batch: typeof waiting): Promise<void> {
    const first = edge.size;
    const entries = batch.map(({ entry }) => entry);
    const grown = growTree(
      nodeHash,
      edge,
      entries.map((entry) => leafHash(nodeHash, entry)),
    );
    const tiles = grown.tiles.map(({ level, index, width, bytes }): LogFile => ({ path: tilePath(level, index, width), bytes }));
    const { bundles, rest } = bundlesOf(first, [...tail, ...entries]);
    await writeOrClear(folder, [...bundles, ...tiles]);
    await publish(folder, { origin, size: grown.edge.size, root: edgeRoot(nodeHash, grown.edge), extensions: [] }, { key, signer });
    edge = grown.edge;
    tail = rest;
    for (const [i, { done }] of batch.entries()) done(first + i);
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      if (options.everyMs > 0) await new Promise((resolve) => setTimeout(resolve, options.everyMs));
      const batch = waiting.slice(0, BATCH_MAX);
      waiting = waiting.slice(BATCH_MAX);
      try {
        if (broken !== undefined) throw broken;
        await write(batch);
      } catch (error) {
        // After a failed flush nobody knows what the disk holds: this writer is over, and opening the log again finds out.
        broken = error;
        for (const { failed } of batch) failed(error);
      }
    }
    running = undefined;
  }

  return {
    key,
    size: () => edge.size,
    append: (entry) =>
      new Promise((done, failed) => {
        // Refused alone, before it could take its batch with it.
        if (entry.length > ENTRY_MAX) throw new RangeError(`an entry of ${entry.length} bytes; ${ENTRY_MAX} is the most`);
        waiting.push({ entry, done, failed });
        running ??= run();
      }),
    async close() {
      await running;
      options.release();
    },
  };
}

/** The bundles from the one that holds `first` on; `entries` begin where that bundle begins. */
function bundlesOf(
  first: number,
  entries: readonly Uint8Array[],
): { readonly bundles: readonly LogFile[]; readonly rest: readonly Uint8Array[] } {
  const bundles: LogFile[] = [];
  let rest: readonly Uint8Array[] = [];
  for (let at = 0, index = Math.floor(first / TILE_WIDTH); at < entries.length; at += TILE_WIDTH, index++) {
    const part = entries.slice(at, at + TILE_WIDTH);
    bundles.push({ path: entriesPath(index, part.length), bytes: writeEntries(part) });
    rest = part.length < TILE_WIDTH ? part : [];
  }
  return { bundles, rest };
}

async function publish(
  folder: string,
  checkpoint: Checkpoint,
  { key, signer }: { readonly key: NoteKey; readonly signer: SignPort },
): Promise<void> {
  const text = formatCheckpoint(checkpoint);
  const signature = await signer.sign(utf8.encode(text));
  await replaceDurably(folder, { path: 'checkpoint', bytes: utf8.encode(formatNote(text, [{ name: key.name, id: key.id, signature }])) });
}

async function readEdge(folder: string, size: number): Promise<TreeEdge> {
  const levels: (readonly Uint8Array[])[] = [...EMPTY_EDGE.levels];
  for (const { level, index, width } of edgeTiles(size)) {
    const path = tilePath(level, index, width);
    const bytes = await readFile(join(folder, path));
    if (bytes.length !== width * HASH_SIZE)
      throw new FormatError({ format: `log ${path}`, field: 'hashes', at: 0 }, 'bad-value', `${bytes.length} bytes for ${width} hashes`);
    while (levels.length < level) levels.push([]);
    levels[level] = Array.from({ length: width }, (_, i) => new Uint8Array(bytes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE)));
  }
  return { size, levels };
}

async function readTail(folder: string, size: number): Promise<readonly Uint8Array[]> {
  const width = size % TILE_WIDTH;
  return width === 0 ? [] : readEntries(await readFile(join(folder, entriesPath(Math.floor(size / TILE_WIDTH), width))), width);
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
