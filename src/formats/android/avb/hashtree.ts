/**
 * dm-verity hash trees, as hashtree descriptors describe them.
 * Spec: Linux Documentation/admin-guide/device-mapper/verity.rst (hash version 1); AOSP external/avb avbtool generate_hash_tree.
 * Limits: blocks of 512 bytes to `BLOCK_MAX`. Does not read: forward error correction, hash version 0.
 *
 *   Level 0: hash(salt, block) of every data block, each padded with zeros to a power of two, packed into hash blocks, the last padded with zeros.
 *   Level n: the same over the blocks of level n - 1, until one block is left. The root digest is that block's hash.
 *   The tree lies with its top level first. An image of one block has no tree: its hash is the root.
 */
import {
  alignUp,
  type BlockHashJob,
  equalBytes,
  FormatError,
  type HashAlgorithm,
  type HashPort,
  readPiece,
  type Source,
} from '../../../bytes/index.ts';
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

/** How the data blocks of a tree are hashed. */
export function leafJob({
  dataBlockSize,
  hashAlgorithm,
  salt,
}: Pick<HashtreeShape, 'dataBlockSize' | 'hashAlgorithm' | 'salt'>): Omit<BlockHashJob, 'out'> {
  const algorithm = avbHash(hashAlgorithm);
  if (algorithm === undefined) throw new RangeError(hashAlgorithm);
  return { algorithm, salt, blockSize: dataBlockSize, step: stepOf(algorithm) };
}

/** The digests of whole data blocks, each `step` bytes: level 0 of a tree, or a part of it. */
export function leafDigests(
  bytes: Uint8Array,
  shape: Pick<HashtreeShape, 'dataBlockSize' | 'hashAlgorithm' | 'salt'>,
  hash: HashPort,
): Uint8Array {
  const job = leafJob(shape);
  const { algorithm, salt, blockSize, step } = job;
  const leaves = new Uint8Array((bytes.length / blockSize) * step);
  if (hash.blocks !== undefined) {
    hash.blocks(bytes, { ...job, out: leaves });
    return leaves;
  }
  const digest = saltedDigest(algorithm, salt, hash);
  for (let at = 0, leaf = 0; at < bytes.length; at += blockSize, leaf += step) leaves.set(digest(bytes.subarray(at, at + blockSize)), leaf);
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

/** A tree whose level 0 is filled from outside. */
export interface HashtreeDraft {
  /** Where level 0 goes, padded with zeros to a hash block. */
  readonly leaves: Uint8Array;
  /** Makes the levels above. */
  finish(): Hashtree;
}

/** Memory for the tree of an image's first `imageSize` bytes: all of it at once, since that of a large image is large. @throws FormatError for shapes that dm-verity does not have */
export function draftHashtree(source: Pick<Source, 'size'>, shape: HashtreeShape, hash: HashPort): HashtreeDraft {
  const algorithm = checkShape(source, shape);
  const { imageSize, dataBlockSize, hashBlockSize } = shape;
  const step = stepOf(algorithm);
  if (imageSize === dataBlockSize) {
    const leaves = new Uint8Array(alignUp(step, hashBlockSize));
    return { leaves, finish: () => ({ rootDigest: leaves.slice(0, DIGEST_SIZES[algorithm]), tree: new Uint8Array(0), step, leavesAt: 0 }) };
  }
  /** Bytes of each level, from level 0 up. */
  const sizes = [alignUp((imageSize / dataBlockSize) * step, hashBlockSize)];
  for (let below = sizes[0] ?? 0; below > hashBlockSize; ) {
    below = alignUp((below / hashBlockSize) * step, hashBlockSize);
    sizes.push(below);
  }
  const tree = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  const leavesAt = tree.length - (sizes[0] ?? 0);
  const digest = saltedDigest(algorithm, shape.salt, hash);
  return {
    leaves: tree.subarray(leavesAt),
    finish() {
      let end = tree.length;
      let below = tree.subarray(leavesAt);
      for (const size of sizes.slice(1)) {
        end -= below.length;
        const above = tree.subarray(end - size, end);
        for (let at = 0; at < below.length; at += hashBlockSize)
          above.set(digest(below.subarray(at, at + hashBlockSize)), (at / hashBlockSize) * step);
        below = above;
      }
      return { rootDigest: digest(below), tree, step, leavesAt };
    },
  };
}

/** Starts a tree over the first `imageSize` bytes of an image. @throws FormatError for shapes that dm-verity does not have */
export function startHashtree(source: Pick<Source, 'size'>, shape: HashtreeShape, hash: HashPort): HashtreeMaker {
  const draft = draftHashtree(source, shape, hash);
  const wanted = (shape.imageSize / shape.dataBlockSize) * stepOf(checkShape(source, shape));
  let at = 0;
  return {
    update(bytes) {
      const more = leafDigests(bytes, shape, hash);
      draft.leaves.set(more, at);
      at += more.length;
    },
    finish() {
      if (at !== wanted) throw new RangeError(`${at} bytes of digests, and ${wanted} are wanted`);
      return draft.finish();
    },
  };
}

/** Computes the tree and root digest of an image's first `imageSize` bytes. @throws FormatError for shapes that dm-verity does not have */
export async function computeHashtree(source: Source, shape: HashtreeShape, hash: HashPort): Promise<Hashtree> {
  const { dataBlockSize, imageSize } = shape;
  const maker = startHashtree(source, shape, hash);
  const window = Math.max(dataBlockSize, WINDOW - (WINDOW % dataBlockSize));
  const buffer = new Uint8Array(Math.min(window, imageSize));
  for (let at = 0; at < imageSize; at += window) maker.update(await readPiece(source, at, Math.min(window, imageSize - at), buffer));
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
  const { tree, leavesAt, step } = computed;
  const isStored = treeOffset + treeSize <= source.size && treeSize === tree.length;
  const differsFrom = (from: number) => firstDifference(source, treeOffset, tree, from);
  const altered = (because: string, block?: number): HashtreeAnswer => ({ answer: 'altered', block, because });
  if (equalBytes(computed.rootDigest, rootDigest)) {
    if (isStored) {
      const at = await differsFrom(0);
      return at === undefined
        ? { answer: 'intact' }
        : altered(`the data is intact, and the stored tree differs at byte ${treeOffset + at}`);
    }
    return treeSize > 0
      ? altered(`the data is intact, and there is no tree of ${tree.length} bytes at ${treeOffset}`)
      : { answer: 'intact' };
  }
  if (!isStored) return altered('the root digest differs, and there is no tree that could tell where');
  const at = await differsFrom(leavesAt);
  if (at === undefined) return altered('the tree was made anew for the changed data: only the root digest tells');
  const block = Math.floor((at - leavesAt) / step);
  return altered(`block ${block} (byte ${block * descriptor.dataBlockSize}) is the first that differs`, block);
}

/** Where a stored tree begins to differ from the computed one, from a place of it on; undefined: nowhere. */
async function firstDifference(source: Source, storedAt: number, tree: Uint8Array, from: number): Promise<number | undefined> {
  const buffer = new Uint8Array(Math.min(WINDOW, tree.length - from));
  for (let at = from; at < tree.length; at += WINDOW) {
    const computed = tree.subarray(at, at + WINDOW);
    const stored = await readPiece(source, storedAt + at, computed.length, buffer);
    if (!equalBytes(stored, computed)) return at + computed.findIndex((byte, i) => stored[i] !== byte);
  }
  return undefined;
}
