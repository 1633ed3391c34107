/** The shelf's files: `objects/ab/DIGEST` and `entries/ab/DIGEST.NAME.json`, each complete or not there. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export type FileKind = 'objects' | 'entries';
const NAMES: Readonly<Record<FileKind, RegExp>> = { objects: /^[0-9a-f]{64}$/, entries: /^[0-9a-f]{64}\.[0-9a-f]{64}\.json$/ };

/** Where a file of the shelf lies. @throws RangeError for a name that is none, so that no name from outside is ever a path */
export function filePath(folder: string, kind: FileKind, name: string): string {
  if (!NAMES[kind].test(name)) throw new RangeError(`"${name.slice(0, 160)}" is no name of the shelf's ${kind}`);
  return join(folder, kind, name.slice(0, 2), name);
}

/** Writes a file, or puts it in another's place: flushed with its folders before it answers. */
export const putFile = (folder: string, file: { readonly kind: FileKind; readonly name: string }, bytes: Uint8Array): Promise<void> =>
  writeWhole(filePath(folder, file.kind, file.name), bytes);

/** The same at any path of ours. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const first = await mkdir(dirname(path), { recursive: true });
  const beside = join(dirname(path), `.${randomUUID()}`);
  try {
    const handle = await open(beside, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, path);
  } catch (error) {
    // On a full disk half a file would hold what is left of it.
    await rm(beside, { force: true });
    throw error;
  }
  await flushFolder(dirname(path));
  for (let made = dirname(path); first !== undefined && made.length >= first.length; made = dirname(made)) await flushFolder(dirname(made));
}

/** The bytes of a file. @throws Error with code `ENOENT` where there is none */
export async function readShelfFile(folder: string, kind: FileKind, name: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(filePath(folder, kind, name)));
}

/** Names of one kind; what a writer left that was killed has no such name and is listed apart, by its path. */
export async function listFiles(
  folder: string,
  kind: FileKind,
): Promise<{ readonly names: readonly string[]; readonly leftovers: readonly string[] }> {
  const names: string[] = [];
  const leftovers: string[] = [];
  for (const group of (await readdir(join(folder, kind)).catch(ifMissing)).toSorted())
    for (const name of (await readdir(join(folder, kind, group)).catch(ifMissing)).toSorted())
      if (NAMES[kind].test(name) && name.startsWith(group)) names.push(name);
      else leftovers.push(join(folder, kind, group, name));
  return { names, leftovers };
}

function ifMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
  throw error;
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
