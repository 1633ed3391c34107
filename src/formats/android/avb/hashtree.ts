/**
 * dm-verity hash trees, as hashtree descriptors describe them.
 * Spec: Linux Documentation/admin-guide/device-mapper/verity.rst (hash version 1); AOSP external/avb avbtool generate_hash_tree.
 * Limits: blocks of 512 bytes to `BLOCK_MAX`. Does not read: forward error correction, hash version 0.
 *
 *   Level 0: hash(salt, block) of every data block, each padded with zeros to a power of two, packed into hash blocks, the last padded with zeros.
 *   Level n: the same over the blocks of level n - 1, until one block is left. The root digest is that block's hash.
 *   The tree lies with its top level first. An image of one block has no tree: its hash is the root.
 */
import { alignUp, concatBytes, equalBytes, FormatError, type HashAlgorithm, type HashPort, type Source } from '../../../bytes/index.ts';
import type { HashtreeDescriptor } from './descriptors.ts';

const BLOCK_MAX = 1 << 16;
/** Bytes fetched at once. */
const WINDOW = 1 << 20;

export interface HashtreeShape {
  readonly imageSize: number;
  readonly dataBlockSize: number;
  readonly hashBlockSize: number;
  readonly hashAlgorithm: string;
  readonly salt: Uint8Array;
}

const DIGEST_SIZES = { sha1: 20, sha256: 32, sha512: 64 } as const;

/** The hash that a descriptor names, undefined where we have none for it (`blake2b-256`). */
export function avbHash(name: string): (HashAlgorithm & keyof typeof DIGEST_SIZES) | undefined {
  return name === 'sha1' || name === 'sha256' || name === 'sha512' ? name : undefined;
}

/** A computed tree. */
export interface Hashtree {
  readonly rootDigest: Uint8Array;
  /** The tree as it lies on a partition: top level first. */
  readonly tree: Uint8Array;
  /** Bytes of a digest in the tree, padded. */
  readonly step: number;
  /** Where level 0 begins in `tree`. */
  readonly leavesAt: number;
}

/** Takes an image's blocks in order and makes its tree. */
export interface HashtreeMaker {
  /** The next bytes, whole data blocks. */
  update(bytes: Uint8Array): void;
  /** After the last block. @throws RangeError when blocks are missing */
  finish(): Hashtree;
}

/** The digests of whole data blocks, each `step` bytes: level 0 of a tree, or a part of it. */
export function leafDigests(
  bytes: Uint8Array,
  shape: Pick<HashtreeShape, 'dataBlockSize' | 'hashAlgorithm' | 'salt'>,
  hash: HashPort,
): Uint8Array {
  const algorithm = avbHash(shape.hashAlgorithm);
  if (algorithm === undefined) throw new RangeError(shape.hashAlgorithm);
  const { dataBlockSize } = shape;
  const step = stepOf(algorithm);
  const digest = saltedDigest(algorithm, shape.salt, hash);
  const leaves = new Uint8Array((bytes.length / dataBlockSize) * step);
  if (hash.blocks !== undefined) {
    hash.blocks(bytes, { algorithm, salt: shape.salt, blockSize: dataBlockSize, step, out: leaves });
    return leaves;
  }
  for (let at = 0, leaf = 0; at < bytes.length; at += dataBlockSize, leaf += step)
    leaves.set(digest(bytes.subarray(at, at + dataBlockSize)), leaf);
  return leaves;
}

const stepOf = (algorithm: keyof typeof DIGEST_SIZES) => 2 ** Math.ceil(Math.log2(DIGEST_SIZES[algorithm]));

function saltedDigest(algorithm: HashAlgorithm, salt: Uint8Array, hash: HashPort): (block: Uint8Array) => Uint8Array {
  const salted = hash(algorithm);
  salted.update(salt);
  return (block) => {
    const hasher = salted.copy?.() ?? hash(algorithm);
    if (salted.copy === undefined) hasher.update(salt);
    hasher.update(block);
    return hasher.digest();
  };
}

/** The tree over a whole level 0, padded with zeros to a hash block. */
export function treeOfLeaves(leaves: Uint8Array, shape: HashtreeShape, hash: HashPort): Hashtree {
  const algorithm = avbHash(shape.hashAlgorithm);
  if (algorithm === undefined) throw new RangeError(shape.hashAlgorithm);
  const { hashBlockSize } = shape;
  const step = stepOf(algorithm);
  const digest = saltedDigest(algorithm, shape.salt, hash);
  if (shape.imageSize === shape.dataBlockSize)
    return { rootDigest: leaves.slice(0, DIGEST_SIZES[algorithm]), tree: new Uint8Array(0), step, leavesAt: 0 };
  const levels = [leaves];
  let below = leaves;
  while (below.length > hashBlockSize) {
    const above = new Uint8Array(alignUp((below.length / hashBlockSize) * step, hashBlockSize));
    for (let at = 0; at < below.length; at += hashBlockSize)
      above.set(digest(below.subarray(at, at + hashBlockSize)), (at / hashBlockSize) * step);
    levels.unshift(above);
    below = above;
  }
  const tree = concatBytes(levels);
  return { rootDigest: digest(below), tree, step, leavesAt: tree.length - leaves.length };
}

/** Where level 0 of an image's tree goes: zeros, as many as there are digests and padding. */
export function emptyLeaves(source: Pick<Source, 'size'>, shape: HashtreeShape): Uint8Array {
  const step = stepOf(checkShape(source, shape));
  return new Uint8Array(alignUp((shape.imageSize / shape.dataBlockSize) * step, shape.hashBlockSize));
}

/** Starts a tree over the first `imageSize` bytes of an image. @throws FormatError for shapes that dm-verity does not have */
export function startHashtree(source: Pick<Source, 'size'>, shape: HashtreeShape, hash: HashPort): HashtreeMaker {
  const leaves = emptyLeaves(source, shape);
  const wanted = (shape.imageSize / shape.dataBlockSize) * stepOf(checkShape(source, shape));
  let at = 0;
  return {
    update(bytes) {
      const more = leafDigests(bytes, shape, hash);
      leaves.set(more, at);
      at += more.length;
    },
    finish() {
      if (at !== wanted) throw new RangeError(`${at} bytes of digests, and ${wanted} are wanted`);
      return treeOfLeaves(leaves, shape, hash);
    },
  };
}

/** Computes the tree and root digest of an image's first `imageSize` bytes. @throws FormatError for shapes that dm-verity does not have */
export async function computeHashtree(source: Source, shape: HashtreeShape, hash: HashPort): Promise<Hashtree> {
  const { dataBlockSize, imageSize } = shape;
  const maker = startHashtree(source, shape, hash);
  const window = Math.max(dataBlockSize, WINDOW - (WINDOW % dataBlockSize));
  for (let at = 0; at < imageSize; at += window) maker.update(await source.read(at, Math.min(window, imageSize - at)));
  return maker.finish();
}

function checkShape(
  source: Pick<Source, 'size'>,
  { imageSize, dataBlockSize, hashBlockSize, hashAlgorithm }: HashtreeShape,
): keyof typeof DIGEST_SIZES {
  const fail = (field: string, code: 'bad-value' | 'out-of-bounds' | 'unsupported-feature', detail: string) =>
    new FormatError({ format: 'dm-verity', field, at: 0 }, code, detail);
  for (const [field, size] of [
    ['data_block_size', dataBlockSize],
    ['hash_block_size', hashBlockSize],
  ] as const) {
    if (size < 512 || size > BLOCK_MAX || (size & (size - 1)) !== 0)
      throw fail(field, 'bad-value', `${size} is no power of two from 512 to ${BLOCK_MAX}`);
  }
  if (imageSize === 0 || imageSize % dataBlockSize !== 0)
    throw fail('image_size', 'bad-value', `${imageSize} bytes are not whole blocks of ${dataBlockSize}`);
  if (imageSize > source.size) throw fail('image_size', 'out-of-bounds', `${imageSize} of ${source.size} bytes`);
  const algorithm = avbHash(hashAlgorithm);
  if (algorithm === undefined) throw fail('hash_algorithm', 'unsupported-feature', `${JSON.stringify(hashAlgorithm)} is not computed here`);
  return algorithm;
}

export type HashtreeAnswer =
  | { readonly answer: 'intact' }
  /** `block`: the first data block that differs from what the tree says; undefined where the tree itself was changed, so that it cannot tell. */
  | { readonly answer: 'altered'; readonly block: number | undefined; readonly because: string };

/** Verifies an image against its descriptor: data, stored tree and root digest. @throws FormatError for shapes that dm-verity does not have */
export async function verifyHashtree(source: Source, descriptor: HashtreeDescriptor, hash: HashPort): Promise<HashtreeAnswer> {
  return judgeHashtree(source, descriptor, await computeHashtree(source, descriptor, hash));
}

/** What a computed tree says of an image that has this descriptor. */
export async function judgeHashtree(source: Source, descriptor: HashtreeDescriptor, computed: Hashtree): Promise<HashtreeAnswer> {
  const { treeOffset, treeSize, rootDigest } = descriptor;
  const stored =
    treeOffset + treeSize <= source.size && treeSize === computed.tree.length ? await source.read(treeOffset, treeSize) : undefined;
  const rootMatches = equalBytes(computed.rootDigest, rootDigest);
  if (rootMatches) {
    if (stored !== undefined && !equalBytes(stored, computed.tree)) {
      return {
        answer: 'altered',
        block: undefined,
        because: `the data is intact, and the stored tree differs at byte ${treeOffset + firstDifference(stored, computed.tree)}`,
      };
    }
    return stored === undefined && treeSize > 0
      ? {
          answer: 'altered',
          block: undefined,
          because: `the data is intact, and there is no tree of ${computed.tree.length} bytes at ${treeOffset}`,
        }
      : { answer: 'intact' };
  }
  if (stored === undefined)
    return { answer: 'altered', block: undefined, because: 'the root digest differs, and there is no tree that could tell where' };
  const at = firstDifference(stored.subarray(computed.leavesAt), computed.tree.subarray(computed.leavesAt));
  if (at >= computed.tree.length - computed.leavesAt)
    return { answer: 'altered', block: undefined, because: 'the tree was made anew for the changed data: only the root digest tells' };
  const block = Math.floor(at / computed.step);
  return { answer: 'altered', block, because: `block ${block} (byte ${block * descriptor.dataBlockSize}) is the first that differs` };
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}
