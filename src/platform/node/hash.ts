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
  const blocks = blocksOf(bytes, blockSize);
  for (let index = 0, to = 0; index * blockSize < bytes.length; index++, to += step) {
    const block = blocks[index];
    if (block === undefined) return;
    salted.set(block, salt.length);
    target.write(hashOnce(algorithm, salted, 'binary'), to, 'latin1');
  }
}

/** The blocks of what was hashed last: whoever reads on and on reads to the same memory, and a view costs a tenth of a digest. */
let last: { readonly buffer: ArrayBufferLike; readonly at: number; readonly blockSize: number; readonly blocks: Uint8Array[] } | undefined;

function blocksOf(bytes: Uint8Array, blockSize: number): readonly Uint8Array[] {
  if (last?.buffer !== bytes.buffer || last.at !== bytes.byteOffset || last.blockSize !== blockSize)
    last = { buffer: bytes.buffer, at: bytes.byteOffset, blockSize, blocks: [] };
  const { blocks } = last;
  for (let at = blocks.length * blockSize; at < bytes.length; at += blockSize) blocks.push(bytes.subarray(at, at + blockSize));
  return blocks;
}
