import { createHash, type Hash, hash as hashOnce } from 'node:crypto';
import type { BlockHashJob, HashAlgorithm, Hasher, HashPort } from '../../bytes/index.ts';

/** Digests by Node's OpenSSL. */
export const nodeHash: HashPort = Object.assign((algorithm: HashAlgorithm) => hasher(createHash(algorithm)), {
  blocks: hashBlocks,
  // A view without Buffer's own methods: pure rooms compare what they get as plain bytes.
  once: (algorithm: HashAlgorithm, bytes: Uint8Array): Uint8Array => {
    const { buffer, byteOffset, length } = hashOnce(algorithm, bytes, 'buffer');
    return new Uint8Array(buffer, byteOffset, length);
  },
});

const hasher = (hash: Hash): Hasher => ({
  update(bytes) {
    hash.update(bytes);
  },
  digest: () => new Uint8Array(hash.digest()),
  copy: () => hasher(hash.copy()),
});

/** One call a block, and text instead of a buffer for what comes out: making objects costs as much here as hashing (measured). */
function hashBlocks(bytes: Uint8Array, { algorithm, salt, blockSize, step, out }: BlockHashJob): void {
  const salted = Buffer.alloc(salt.length + blockSize);
  salted.set(salt);
  const target = Buffer.from(out.buffer, out.byteOffset, out.length);
  for (let at = 0, to = 0; at < bytes.length; at += blockSize, to += step) {
    salted.set(bytes.subarray(at, at + blockSize), salt.length);
    target.write(hashOnce(algorithm, salted, 'binary'), to, 'latin1');
  }
}
