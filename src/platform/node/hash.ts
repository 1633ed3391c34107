import { createHash } from 'node:crypto';
import type { HashPort } from '../../bytes/index.ts';

/** Digests by Node's OpenSSL. */
export const nodeHash: HashPort = (algorithm) => {
  const hash = createHash(algorithm);
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => new Uint8Array(hash.digest()),
  };
};
