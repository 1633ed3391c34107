import { createHmac, randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttestedSighting } from '../evidence/index.ts';

const KEY_SIZE = 32;

/** The store's own key, made once. IMEIs are few enough to try them all, so the index holds them only under a key. */
export async function storeKey(folder: string): Promise<Uint8Array> {
  const path = join(folder, 'key');
  const found = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found !== undefined) {
    if (found.length !== KEY_SIZE) throw new Error(`${path} has ${found.length} bytes; a store's key has ${KEY_SIZE}`);
    return found;
  }
  const beside = join(folder, `.key.${process.pid}.${randomBytes(8).toString('hex')}`);
  const file = await open(beside, 'wx', 0o600);
  try {
    await file.writeFile(randomBytes(KEY_SIZE));
    await file.sync();
  } finally {
    await file.close();
  }
  // A link is refused where the name is taken: of two processes that come first, one's key wins and both use it.
  await link(beside, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(beside);
  return storeKey(folder);
}

/**
 * The identifiers of a sighting under the store's key: those that the phone stated, those that its secure world attested,
 * and the keys that signed for it, by which one key under two brands is found.
 */
export function hashedIdentifiers(
  key: Uint8Array,
  {
    imeis,
    serials,
    attested,
  }: { readonly imeis: readonly string[]; readonly serials: readonly string[]; readonly attested?: readonly Attested[] | undefined },
): readonly { readonly kind: string; readonly hash: string }[] {
  const hashed = (kind: string, value: string) => ({ kind, hash: createHmac('sha256', key).update(`${kind}\n${value}`).digest('hex') });
  const ids = (attested ?? []).flatMap((one) => one.ids);
  const of = (kind: string) => ids.flatMap((id) => (id.startsWith(`${kind} `) ? [id.slice(kind.length + 1)] : []));
  return [
    ...[...new Set([...imeis, ...of('imei')])].map((imei) => hashed('imei', imei)),
    ...[...new Set([...serials, ...of('serial')])].map((serial) => hashed('serial', serial)),
    ...[...new Set((attested ?? []).map(({ issuerKey }) => issuerKey))].map((issuer) => hashed('attestation-key', issuer)),
  ];
}

type Attested = Pick<AttestedSighting, 'ids' | 'issuerKey'>;
