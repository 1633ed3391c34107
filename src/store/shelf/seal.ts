/**
 * The operator's seal over what his own assay wrote down: HMAC under a key of his that never stands in a shelf. A shelf that came from somebody else, or
 * that somebody else wrote into, vouches for nothing: whoever could write a provenance could else have written that a maker signed it.
 */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

const KEY_SIZE = 32;
const FILE = 'shelf.key';

/** The key of this user; made where there is none, with `make`. Undefined: he has none, so nothing is his. @throws Error for a file that is no key */
export async function sealKey(folder: string, make: boolean): Promise<Uint8Array | undefined> {
  const path = join(folder, FILE);
  const found = await readFile(path).catch(ifMissing);
  if (found !== undefined) {
    if (found.length !== KEY_SIZE) throw new Error(`${path} has ${found.length} bytes; a key has ${KEY_SIZE}`);
    return new Uint8Array(found);
  }
  if (!make) return undefined;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Several processes may make one at the same time: the first one's stays.
  const beside = `${path}.${randomUUID()}`;
  const file = await open(beside, 'wx', 0o600);
  try {
    await file.writeFile(randomBytes(KEY_SIZE));
    await file.sync();
  } finally {
    await file.close();
  }
  await link(beside, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(beside);
  return new Uint8Array(await readFile(path));
}

/** The seal over a text, in hex. */
export const sealOf = (key: Uint8Array, text: string): string => createHmac('sha256', key).update(text).digest('hex');

/** Whether a seal is this key's over this text. Without a key, or a seal of another form: no. */
export function isSealed(key: Uint8Array | undefined, text: string, seal: string): boolean {
  if (key === undefined || !/^[0-9a-f]{64}$/.test(seal)) return false;
  return timingSafeEqual(Buffer.from(sealOf(key, text), 'hex'), Buffer.from(seal, 'hex'));
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
