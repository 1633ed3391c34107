import { createHash, type Hash } from 'node:crypto';
import type { Hasher, HashPort } from '../../bytes/index.ts';

/** Digests by Node's OpenSSL. */
export const nodeHash: HashPort = (algorithm) => hasher(createHash(algorithm));

const hasher = (hash: Hash): Hasher => ({
  update(bytes) {
    hash.update(bytes);
  },
  digest: () => new Uint8Array(hash.digest()),
  copy: () => hasher(hash.copy()),
});
