/** A log as a reader meets it: in a folder or on a static host. Nothing that it says is believed before a trusted key signed it. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { equalBytes, FormatError } from '../../bytes/index.ts';
import { nodeHash, nodeVerify } from '../../platform/node/index.ts';
import {
  type Checkpoint,
  EMPTY_EDGE,
  ENTRY_MAX,
  edgeRoot,
  edgeTiles,
  entriesPath,
  formatLogProof,
  growTree,
  type LogPolicy,
  leafHash,
  parseCheckpoint,
  parseNote,
  proveConsistency,
  proveInclusion,
  readEntries,
  satisfies,
  TILE_WIDTH,
  type TileFetch,
  tilePath,
  tileRangeRoot,
  verifyInclusion,
  verifyNoteSignatures,
} from '../../provenance/index.ts';

/** The largest file of a log: a bundle of the longest entries. */
const FILE_MAX = TILE_WIDTH * (ENTRY_MAX + 2);
const FETCH_MS = 30_000;

/** Fetches a log's files from a folder, or from `http:` and `https:` addresses. */
export function logFetch(place: string): TileFetch {
  if (!/^https?:\/\//.test(place)) return async (path) => readBounded(join(place, path));
  const base = place.replace(/\/+$/, '');
  return async (path) => {
    const answer = await fetch(`${base}/${path}`, { signal: AbortSignal.timeout(FETCH_MS), redirect: 'error' });
    if (!answer.ok || answer.body === null) throw new Error(`${base}/${path}: HTTP ${answer.status}`);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of answer.body) {
      size += part.length;
      if (size > FILE_MAX) throw new Error(`${base}/${path}: more than ${FILE_MAX} bytes`);
      parts.push(part);
    }
    return new Uint8Array(Buffer.concat(parts));
  };
}

/** At once: a tile is read sooner than another thread is asked for it, and a proof takes a dozen (measured: 1.0 ms in place of 2.6). */
function readBounded(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > FILE_MAX) throw new Error(`${path}: ${size} bytes, and ${FILE_MAX} is the most`);
    return new Uint8Array(readFileSync(file));
  } finally {
    closeSync(file);
  }
}

/** A checkpoint that the policy is satisfied with. */
export interface TrustedCheckpoint extends Checkpoint {
  /** The note, as it was signed. */
  readonly note: string;
}

/** Checks a note against a policy. @throws Error where no trusted log signed it or the quorum is not met */
export async function trustCheckpoint(bytes: Uint8Array, policy: LogPolicy): Promise<TrustedCheckpoint> {
  const note = parseNote(bytes);
  const checkpoint = parseCheckpoint(note.text);
  const logs = policy.logs.filter(({ key }) => key.name === checkpoint.origin);
  const signatures = await verifyNoteSignatures(
    note,
    [...logs, ...policy.witnesses.values()].map(({ key }) => key),
    nodeVerify,
  );
  if (!logs.some(({ key }) => signatures.some((found) => found.key === key)))
    throw new Error(`no trusted log signed the checkpoint of ${checkpoint.origin}`);
  if (!satisfies({ ...policy, logs }, signatures))
    throw new Error(`too few witnesses have cosigned the checkpoint of ${checkpoint.origin}`);
  return { ...checkpoint, note: new TextDecoder().decode(bytes) };
}

/**
 * The proof of an entry as a file, checked before it is given away. Where `entry` is known it is what is proven, and its bundle is not read.
 * @throws Error where the tiles do not lead to the root that was signed
 */
export async function proofOf(fetch: TileFetch, checkpoint: TrustedCheckpoint, index: number, entry?: Uint8Array): Promise<string> {
  return formatLogProof({
    index,
    hashes: await proveEntry(fetch, checkpoint, index, entry),
    extra: undefined,
    checkpoint: checkpoint.note,
  });
}

/** The hashes of such a proof. */
export async function proveEntry(
  fetch: TileFetch,
  checkpoint: TrustedCheckpoint,
  index: number,
  entry?: Uint8Array,
): Promise<readonly Uint8Array[]> {
  const { size, root } = checkpoint;
  const hashes = await proveInclusion(tileRangeRoot(nodeHash, fetch, { size }), index, size);
  const leaf = leafHash(nodeHash, entry ?? (await entryAt(fetch, size, index)));
  if (!verifyInclusion(nodeHash, { index, size, leaf, root }, hashes))
    throw new Error(`the tiles of ${checkpoint.origin} do not lead to its checkpoint: entry ${index}`);
  return hashes;
}

/** The proof that a log only grew, from the older size; empty for the same size and for an empty log. */
export const growthProof = async (fetch: TileFetch, oldSize: number, newSize: number): Promise<readonly Uint8Array[]> =>
  oldSize === 0 || oldSize === newSize ? [] : proveConsistency(tileRangeRoot(nodeHash, fetch, { size: newSize }), oldSize, newSize);

const widthOf = (size: number, bundle: number) => Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH);

async function bundleAt(fetch: TileFetch, size: number, bundle: number): Promise<readonly Uint8Array[]> {
  const width = widthOf(size, bundle);
  return readEntries(await fetch(entriesPath(bundle, width)), width);
}

async function entryAt(fetch: TileFetch, size: number, index: number): Promise<Uint8Array> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new RangeError(`entry ${index} is not in a log of ${size}`);
  const entry = (await bundleAt(fetch, size, Math.floor(index / TILE_WIDTH)))[index % TILE_WIDTH];
  if (entry === undefined) throw new RangeError(`entry ${index} is not in its bundle`);
  return entry;
}

/** Every entry in its order. Nothing is verified: whoever believes one asks for its proof. */
export async function* unverifiedEntries(fetch: TileFetch, size: number): AsyncGenerator<Uint8Array> {
  for (let bundle = 0; bundle * TILE_WIDTH < size; bundle++) yield* await bundleAt(fetch, size, bundle);
}

/** The last index at which an entry stands; undefined where it does not. Reads the whole log, newest first. */
export async function findEntry(fetch: TileFetch, size: number, entry: Uint8Array): Promise<number | undefined> {
  for (let bundle = Math.ceil(size / TILE_WIDTH) - 1; bundle >= 0; bundle--) {
    const at = (await bundleAt(fetch, size, bundle)).findLastIndex((other) => equalBytes(other, entry));
    if (at >= 0) return bundle * TILE_WIDTH + at;
  }
  return undefined;
}

/**
 * Verifies a whole log: every entry is hashed again, every tile that the checkpoint covers must be exactly the hashes of what is below it, and the root must be the signed one.
 * Memory does not grow with the log.
 * @throws FormatError naming the first file that is wrong
 */
export async function verifyWholeLog(fetch: TileFetch, { size, root, origin }: Checkpoint): Promise<void> {
  const wrong = (path: string, detail: string) => new FormatError({ format: `log ${origin}`, field: path, at: 0 }, 'bad-value', detail);
  const compare = async (path: string, bytes: Uint8Array) => {
    if (!equalBytes(await fetch(path), bytes)) throw wrong(path, 'the tile is not the hashes of what is below it');
  };
  let edge = EMPTY_EDGE;
  for (let bundle = 0; bundle * TILE_WIDTH < size; bundle++) {
    const entries = await bundleAt(fetch, size, bundle);
    const grown = growTree(
      nodeHash,
      edge,
      entries.map((entry) => leafHash(nodeHash, entry)),
    );
    edge = grown.edge;
    for (const { level, index, width, bytes } of grown.tiles) if (width === TILE_WIDTH) await compare(tilePath(level, index), bytes);
  }
  for (const { level, index, width } of edgeTiles(size))
    await compare(tilePath(level, index, width), new Uint8Array(Buffer.concat(edge.levels[level] ?? [])));
  if (!equalBytes(edgeRoot(nodeHash, edge), root)) throw wrong('checkpoint', 'the entries do not make the root that was signed');
}
