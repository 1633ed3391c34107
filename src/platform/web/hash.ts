import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import type { HashAlgorithm, Hasher, HashPort } from '../../bytes/index.ts';

/** WebCrypto digests are asynchronous and take whole messages, so the web has noble's. */
const make: Readonly<Record<HashAlgorithm, () => { update(bytes: Uint8Array): unknown; digest(): Uint8Array }>> = {
  md5: () => md5.create(),
  sha1: () => sha1.create(),
  sha224: () => sha224.create(),
  sha256: () => sha256.create(),
  sha384: () => sha384.create(),
  sha512: () => sha512.create(),
};

/** Digests by noble-hashes: the same in every engine. */
export const webHash: HashPort = (algorithm): Hasher => {
  const hash = make[algorithm]();
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => hash.digest(),
  };
};
