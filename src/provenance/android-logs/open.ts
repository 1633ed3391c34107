/** A log of Google's as a reader meets it: the signed checkpoint first, then entries, each proven against its root. */
import { FormatError, type HashPort, type VerifyPort } from '../../bytes/index.ts';
import {
  type Checkpoint,
  entriesPath,
  leafHash,
  parseCheckpoint,
  parseNote,
  proveInclusion,
  type RangeRoot,
  readEntries,
  TILE_WIDTH,
  type TileFetch,
  tileRangeRoot,
  verifyInclusion,
  verifyNoteSignatures,
} from '../log/index.ts';
import { type AndroidLog, androidLogKey } from './logs.ts';
import { type AndroidLogEntry, androidLogPayload, listedEntries, parseAndroidLogEntry, type UnprovenEntry } from './records.ts';

/** Whether a file or page does not exist: the one failure that says something. */
export const isNotThere = (error: unknown): boolean =>
  error instanceof Error && (error.message.endsWith(': HTTP 404') || ('code' in error && error.code === 'ENOENT'));

/** Where a copy of a log lies, or the log itself: a file whole, or in pieces. */
export interface LogFiles {
  readonly fetch: TileFetch;
  readonly pieces: (path: string) => AsyncIterable<Uint8Array>;
}

export interface OpenAndroidLog {
  readonly log: AndroidLog;
  readonly checkpoint: Checkpoint;
  readonly files: LogFiles;
  readonly hash: HashPort;
  /** Roots from the tiles; each tile is fetched once. */
  readonly range: RangeRoot;
}

/**
 * Opens a log: its checkpoint must be signed by its own key and bear its own origin, because one key signs two of them.
 * @throws FormatError otherwise, and what fetching throws
 */
export async function openAndroidLog(
  log: AndroidLog,
  files: LogFiles,
  ports: { readonly hash: HashPort; readonly verify: VerifyPort },
): Promise<OpenAndroidLog> {
  const refuse = (field: string, detail: string) => new FormatError({ format: `android log ${log.id}`, field, at: 0 }, 'bad-value', detail);
  const note = parseNote(await files.fetch(log.checkpoint));
  const signatures = await verifyNoteSignatures(note, [androidLogKey(ports.hash, log)], ports.verify);
  if (signatures.length === 0) throw refuse('checkpoint', 'it is not signed by the key of this log');
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== log.origin) throw refuse('origin', 'the checkpoint is of another log');
  const range = tileRangeRoot(ports.hash, files.fetch, { size: checkpoint.size, layout: log.layout });
  return { log, checkpoint, files, hash: ports.hash, range };
}

/** The entries that `wanted` picks, as the log's list or bundles state them: unproven. Those beyond the checkpoint are left out. */
export async function unprovenEntries(
  open: OpenAndroidLog,
  wanted: (entry: AndroidLogEntry) => boolean,
): Promise<readonly UnprovenEntry[]> {
  const { log, checkpoint, files } = open;
  const found: UnprovenEntry[] = [];
  if (log.lists === undefined) {
    for (let bundle = 0; bundle * TILE_WIDTH < checkpoint.size; bundle++) {
      const width = Math.min(TILE_WIDTH, checkpoint.size - bundle * TILE_WIDTH);
      for (const [i, bytes] of readEntries(await files.fetch(entriesPath(bundle, width)), width).entries()) {
        const entry = parseAndroidLogEntry(new TextDecoder().decode(bytes));
        if (entry !== undefined && wanted(entry)) found.push({ index: bundle * TILE_WIDTH + i, entry });
      }
    }
    return found;
  }
  for (const list of log.lists) {
    try {
      found.push(...(await listedEntries(files.pieces(list), wanted)));
    } catch (error) {
      // A log that never had a second list has none; one that is there and cannot be read may hold the very bytes.
      if (!isNotThere(error) || list === log.lists.at(-1)) throw error;
    }
  }
  return found.filter(({ index }) => index < checkpoint.size);
}

/**
 * Proves that an entry is in the log, from the tiles against the signed root. A list that names what the log does not hold, and a tile that was changed, are damage: they are said, never taken for absence.
 * @throws FormatError where the proof does not lead to the signed root
 */
export async function proveIncluded({ log, checkpoint, hash, range }: OpenAndroidLog, { index, entry }: UnprovenEntry): Promise<void> {
  const { size, root } = checkpoint;
  const proof = await proveInclusion(range, index, size);
  const leaf = leafHash(hash, new TextEncoder().encode(androidLogPayload(entry)));
  if (!verifyInclusion(hash, { index, size, leaf, root }, proof))
    throw new FormatError(
      { format: `android log ${log.id}`, field: `entry ${index}`, at: 0 },
      'bad-value',
      'its proof does not lead to the signed root: the list or a tile is not the log’s',
    );
}
