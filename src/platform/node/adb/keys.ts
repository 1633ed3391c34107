/** Our own RSA key for adb, kept in the user's configuration folder, and which phones it was shown to. */
import { constants, createHash, createPrivateKey, generateKeyPair, type KeyObject, privateEncrypt, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { adbGeneratePublicKey, SHA1_DIGEST_INFO } from '@yume-chan/adb';

export interface AdbKey {
  readonly key: KeyObject;
  /** Whether it was made just now. */
  readonly isNew: boolean;
}

const generate = promisify(generateKeyPair);
const newKey = async (): Promise<KeyObject> => (await generate('rsa', { modulusLength: 2048, publicExponent: 65537 })).privateKey;
let fresh: Promise<KeyObject> | undefined;

/** A key that no phone has ever seen: made for this run, its public half shown to nobody. */
export function freshKey(): Promise<KeyObject> {
  fresh ??= newKey();
  return fresh;
}

/** Our key; made where there is none. */
export async function ownKey(folder: string): Promise<AdbKey> {
  const path = join(folder, 'adbkey.pem');
  try {
    return { key: createPrivateKey(await readFile(path)), isNew: false };
  } catch {
    const key = await newKey();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Several runs may make one at the same time: the first one's stays.
    const partial = `${path}.${randomUUID()}`;
    await writeFile(partial, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const isFirst = await link(partial, path).then(
      () => true,
      () => false,
    );
    await rm(partial, { force: true });
    if (!isFirst) return { key: createPrivateKey(await readFile(path)), isNew: true };
    return { key, isNew: true };
  }
}

/** The answer to a token: its SHA-1 signed, as adb has done since Android 4.2.2. */
export const signToken = (key: KeyObject, token: Uint8Array): Uint8Array =>
  privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.concat([SHA1_DIGEST_INFO, token]));

/** The public key as adb sends it: base64 of its own structure, a name, a NUL. */
export function publicKeyText(key: KeyObject): Uint8Array {
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return Buffer.from(`${Buffer.from(adbGeneratePublicKey(new Uint8Array(pkcs8))).toString('base64')} assay\0`);
}

/** Remembers that our key was shown to a phone; answers whether that is the first time. Serial numbers are kept as digests. */
export async function meetPhone(folder: string, serial: string): Promise<boolean> {
  const path = join(folder, 'met.json');
  const digest = createHash('sha256').update(`assay met ${serial}`).digest('hex');
  let met: string[] = [];
  try {
    const read: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (Array.isArray(read)) met = read.filter((entry): entry is string => typeof entry === 'string');
  } catch {
    // No list yet: the key has met nobody.
  }
  if (met.includes(digest)) return false;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const partial = `${path}.${randomUUID()}`;
  await writeFile(partial, JSON.stringify([...met, digest]), { mode: 0o600 });
  await rename(partial, path);
  return true;
}
