/** What the commands of custody share: opening a store, and reading files within bounds. */
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { imeiUri } from '../../provenance/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import { UsageError } from '../exit.ts';
import { callerPath } from '../paths.ts';

const FILE_MAX = 512 << 20;

/** Opens the store, and makes it only for those who put something in. */
export async function using<T>(folder: string, isMade: boolean, work: (store: Store) => Promise<T>): Promise<T> {
  const path = callerPath(folder);
  if (!isMade && !existsSync(path)) throw new UsageError(`there is no store in ${folder}`);
  const store = await openStore(path, process.env['DATABASE_URL']);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

export async function readBounded(path: string): Promise<Uint8Array> {
  const file = callerPath(path);
  const { size } = await stat(file);
  if (size > FILE_MAX) throw new UsageError(`${path} has ${size} bytes, and ${FILE_MAX} is the most that is read`);
  return readFile(file);
}

export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(await readBounded(path)));
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`${path} is no JSON`);
    throw error;
  }
}

/** An IMEI as it is typed, or a URI. */
export function identityArgument(text: string): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(text)) return text;
  try {
    return imeiUri(text);
  } catch {
    throw new UsageError(`"${text}" is neither an IMEI nor a URI`);
  }
}
