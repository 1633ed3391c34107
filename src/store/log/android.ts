/** Copies of Google's Android logs: a folder with a folder for each log, by its id; or the log itself, at its own address. */
import { createReadStream } from 'node:fs';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nodeHash, nodeVerify } from '../../platform/node/index.ts';
import {
  type AndroidLog,
  entriesPath,
  isNotThere,
  type LogFiles,
  type OpenAndroidLog,
  openAndroidLog,
  TILE_WIDTH,
} from '../../provenance/index.ts';
import { logFetch } from './read-log.ts';

/** The longest list today has some 220 MB. */
const LIST_MAX = 4 * 2 ** 30;
const FETCH_MS = 30_000;
const AT_ONCE = 8;

/** The files of a log in a folder or at an address. */
function logFiles(place: string): LogFiles {
  const fetch = logFetch(place);
  return {
    fetch,
    pieces: (path) => (/^https?:\/\//.test(place) ? fetchedPieces(`${place}/${path}`) : createReadStream(join(place, path))),
  };
}

async function* fetchedPieces(address: string): AsyncGenerator<Uint8Array> {
  const answer = await fetch(address, { signal: AbortSignal.timeout(20 * FETCH_MS), redirect: 'error' });
  if (!answer.ok || answer.body === null) throw new Error(`${address}: HTTP ${answer.status}`);
  let size = 0;
  for await (const piece of answer.body) {
    size += piece.length;
    if (size > LIST_MAX) throw new Error(`${address}: more than ${LIST_MAX} bytes`);
    yield piece;
  }
}

const ports = { hash: nodeHash, verify: nodeVerify };

/** The logs, of those that are trusted, of which a folder holds a copy. @throws FormatError where one is not signed as it must be; Error where there is none */
export async function openAndroidLogs(folder: string, trusted: readonly [AndroidLog, ...AndroidLog[]]): Promise<readonly OpenAndroidLog[]> {
  const opened: OpenAndroidLog[] = [];
  for (const log of trusted) {
    const here = join(folder, log.id);
    if (await isThere(join(here, log.checkpoint))) opened.push(await openAndroidLog(log, logFiles(here), ports));
  }
  if (opened.length === 0)
    throw new Error(`${folder} holds no copy of a log of Google’s; its folders are named ${trusted.map(({ id }) => id).join(', ')}`);
  return opened;
}

/** A log where it is served; `base` in place of Google's own address. */
export const openLiveAndroidLog = (log: AndroidLog, base = log.url): Promise<OpenAndroidLog> => openAndroidLog(log, logFiles(base), ports);

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Copies a log into a folder: tiles and entries first, its checkpoint last, so that a copy with a checkpoint is whole. Full tiles that are there are kept.
 * @throws FormatError where the log is not signed as it must be, and the system's errors
 */
export async function copyAndroidLog(
  log: AndroidLog,
  folder: string,
  options: { readonly base?: string; readonly onFile?: (done: number, of: number) => void } = {},
): Promise<OpenAndroidLog> {
  const base = options.base ?? log.url;
  const files = logFiles(base);
  const note = await files.fetch(log.checkpoint);
  // The checkpoint that was verified is the one that is kept, whatever the host says next.
  const open = await openAndroidLog(log, { ...files, fetch: async (path) => (path === log.checkpoint ? note : files.fetch(path)) }, ports);
  const here = join(folder, log.id);
  const wanted = [...pathsOf(open)];
  let done = 0;
  const queue = wanted.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const path of queue) {
        if (path.includes('.p/') || !(await isThere(join(here, path)))) await keep(join(here, path), await files.fetch(path));
        options.onFile?.(++done, wanted.length);
      }
    }),
  );
  for (const [i, list] of (log.lists ?? []).entries())
    try {
      await keepPieces(join(here, list), files.pieces(list));
    } catch (error) {
      if (!isNotThere(error) || i === (log.lists?.length ?? 0) - 1) throw error;
    }
  await keep(join(here, log.checkpoint), note);
  return openAndroidLog(log, logFiles(here), ports);
}

/** Every tile of a log, and every bundle of entries where it has them. */
function* pathsOf({ log, checkpoint: { size } }: OpenAndroidLog): Generator<string> {
  const width = 2 ** log.layout.height;
  for (let level = 0, nodes = size; nodes > 0; level++, nodes = Math.floor(nodes / width))
    for (let index = 0; index * width < nodes; index++) yield log.layout.path(level, index, Math.min(width, nodes - index * width));
  if (log.lists === undefined)
    for (let bundle = 0; bundle * TILE_WIDTH < size; bundle++) yield entriesPath(bundle, Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH));
}

async function keep(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, bytes);
  await rename(`${path}.new`, path);
}

async function keepPieces(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, pieces);
  await rename(`${path}.new`, path);
}
