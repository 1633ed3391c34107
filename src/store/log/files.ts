import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file of a log, by its path there. */
export interface LogFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** How many files are flushed at a time: enough that a disk can order them. */
const AT_ONCE = 16;

/** Writes files so that they outlive a power cut: bytes first, then every folder that names them or one of them. */
export async function writeDurably(root: string, files: readonly LogFile[]): Promise<void> {
  const folders = new Set<string>();
  for (const { path } of files) {
    for (let folder = dirname(join(root, path)); !folders.has(folder); folder = dirname(folder)) {
      folders.add(folder);
      if (folder === root) break;
    }
  }
  // The deepest last, so that each parent is there; mkdir makes the others too.
  for (const folder of [...folders].toSorted()) await mkdir(folder, { recursive: true });
  await inTurns(files, ({ path, bytes }) => writeFlushed(join(root, path), bytes));
  await inTurns([...folders], flushFolder);
}

/**
 * The same of files that nothing published names yet: where they cannot all be written they are taken away, so that a full disk gets its room back.
 * Only for names that no published checkpoint covers.
 */
export async function writeOrClear(root: string, files: readonly LogFile[]): Promise<void> {
  try {
    await writeDurably(root, files);
  } catch (error) {
    await Promise.allSettled(files.map(({ path }) => rm(join(root, path), { force: true })));
    throw error;
  }
}

/** Puts a file in the place of another: a reader sees the old one or the new one, and after a power cut it is one of the two. */
export async function replaceDurably(root: string, { path, bytes }: LogFile): Promise<void> {
  const beside = join(root, `.${path}.new`);
  try {
    await writeFlushed(beside, bytes);
    await rename(beside, join(root, path));
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await flushFolder(root);
}

async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) await Promise.all(items.slice(at, at + AT_ONCE).map(work));
}

/** Windows flushes a folder's entries with the file. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
