/**
 * The Merkle tree of a transparency log.
 * Spec: RFC 6962 section 2.1 and RFC 9162 section 2.1 (hashes, inclusion and consistency proofs, their verification);
 * subtrees: draft-ietf-plants-merkle-tree-certs section 4 (as C2SP's merkle-tree.md and tlog-cosignature use them).
 * Sizes and indexes are whole numbers up to 2^53 - 1.
 */
import { concatBytes, equalBytes, type HashPort, hashOf } from '../../bytes/index.ts';

export const HASH_SIZE = 32;
/** A tree of 2^53 leaves has proofs of 53 hashes: more is never right. */
export const PROOF_MAX = 53;

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** RFC 6962: SHA-256(0x00 || entry). */
export const leafHash = (hash: HashPort, entry: Uint8Array): Uint8Array => hashOf(hash, 'sha256', concatBytes([LEAF, entry]));

/** RFC 6962: SHA-256(0x01 || left || right). */
export function nodeHash(hash: HashPort, left: Uint8Array, right: Uint8Array): Uint8Array {
  const hasher = hash('sha256');
  hasher.update(NODE);
  hasher.update(left);
  hasher.update(right);
  return hasher.digest();
}

/** The root of a tree without leaves: SHA-256 of nothing. */
export const emptyRoot = (hash: HashPort): Uint8Array => hashOf(hash, 'sha256', new Uint8Array(0));

/** The roots of the complete subtrees that leaf hashes make, largest first. */
export function subtreesOf(hash: HashPort, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  // As in a binary counter, two of one size become one of the next.
  const stack: { readonly size: number; readonly root: Uint8Array }[] = [];
  for (const leaf of leaves) {
    let node = { size: 1, root: leaf };
    for (let top = stack.at(-1); top?.size === node.size; top = stack.at(-1)) {
      stack.pop();
      node = { size: 2 * node.size, root: nodeHash(hash, top.root, node.root) };
    }
    stack.push(node);
  }
  return stack.map(({ root }) => root);
}

/** Root of a whole tree from its leaf hashes. */
export function rootOf(hash: HashPort, leaves: readonly Uint8Array[]): Uint8Array {
  const roots = [...subtreesOf(hash, leaves)];
  const last = roots.pop();
  return last === undefined ? emptyRoot(hash) : roots.reduceRight((right, left) => nodeHash(hash, left, right), last);
}

/** Whether a proof's parts have the form that they must have before any arithmetic. */
const isProof = (proof: readonly Uint8Array[]) => proof.length <= PROOF_MAX && proof.every(({ length }) => length === HASH_SIZE);
const isSize = (value: number) => Number.isSafeInteger(value) && value >= 0;

/** What an inclusion proof claims: the leaf at `index` is in the tree of `size` with `root`. */
export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly root: Uint8Array;
}

/** Verifies an inclusion proof (RFC 9162 section 2.1.3.2). */
export function verifyInclusion(hash: HashPort, claim: InclusionClaim, proof: readonly Uint8Array[]): boolean {
  const root = inclusionRoot(hash, claim, proof);
  return root !== undefined && equalBytes(root, claim.root);
}

/** The root that an inclusion proof leads to, for whoever has a signature over it; undefined where the proof is not one of its claim's sizes. */
export function inclusionRoot(
  hash: HashPort,
  claim: Pick<InclusionClaim, 'index' | 'size' | 'leaf'>,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!isSize(claim.index) || !isSize(claim.size) || claim.index >= claim.size || !isProof(proof)) return undefined;
  if (claim.leaf.length !== HASH_SIZE) return undefined;
  let fn = claim.index;
  let sn = claim.size - 1;
  let root = claim.leaf;
  for (const sibling of proof) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      root = nodeHash(hash, sibling, root);
      // A node without a right sibling goes up until it is a right child.
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else root = nodeHash(hash, root, sibling);
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 ? root : undefined;
}

/** What a consistency proof claims: the tree of `oldSize` with `oldRoot` is the beginning of the tree of `newSize` with `newRoot`. */
export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly newSize: number;
  readonly oldRoot: Uint8Array;
  readonly newRoot: Uint8Array;
}

/** Verifies a consistency proof (RFC 9162 section 2.1.4.2). An empty old tree proves nothing and is refused. */
export function verifyConsistency(hash: HashPort, claim: ConsistencyClaim, proof: readonly Uint8Array[]): boolean {
  return (
    claim.oldSize > 0 &&
    verifySubtreeConsistency(
      hash,
      { start: 0, end: claim.oldSize, size: claim.newSize, subtreeRoot: claim.oldRoot, root: claim.newRoot },
      proof,
    )
  );
}

/** Whether [start, end) can be the leaves of one node of a tree, or of the right edge of one: start is a multiple of the least power of two that holds them. */
export function isSubtree(start: number, end: number): boolean {
  if (!isSize(start) || !isSize(end) || start >= end) return false;
  let width = 1;
  while (width < end - start) width *= 2;
  return start % width === 0;
}

/** What a subtree inclusion proof claims: the leaf at `index` of the log is in the subtree [start, end) with `root`. */
export interface SubtreeInclusionClaim {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly leaf: Uint8Array;
  readonly root: Uint8Array;
}

/** Verifies that a leaf is in a subtree: an inclusion proof within it. */
export function verifySubtreeInclusion(hash: HashPort, claim: SubtreeInclusionClaim, proof: readonly Uint8Array[]): boolean {
  const { index, start, end, leaf, root } = claim;
  return isSubtree(start, end) && index >= start && verifyInclusion(hash, { index: index - start, size: end - start, leaf, root }, proof);
}

/** What a subtree consistency proof claims: the leaves [start, end) with `subtreeRoot` are those of the tree of `size` with `root`. */
export interface SubtreeConsistencyClaim {
  readonly start: number;
  readonly end: number;
  readonly size: number;
  readonly subtreeRoot: Uint8Array;
  readonly root: Uint8Array;
}

/** Verifies a subtree consistency proof. With start 0 it is RFC 9162's consistency proof. */
export function verifySubtreeConsistency(hash: HashPort, claim: SubtreeConsistencyClaim, proof: readonly Uint8Array[]): boolean {
  const { start, end, size } = claim;
  if (!isSize(size) || end > size || !isProof(proof)) return false;
  // No leaves at all are in every tree; whoever asks about them wants the root of nothing, and no proof.
  if (isSize(start) && start === end) return proof.length === 0 && equalBytes(claim.subtreeRoot, emptyRoot(hash));
  if (!isSubtree(start, end)) return false;
  // The same tree: nothing is hashed, so nothing may be there to hash.
  if (start === 0 && end === size) return proof.length === 0 && equalBytes(claim.subtreeRoot, claim.root);
  if (claim.subtreeRoot.length !== HASH_SIZE || claim.root.length !== HASH_SIZE) return false;
  let fn = start;
  let sn = end - 1;
  let tn = size - 1;
  // A subtree that ends where the tree ends goes up whole; any other goes up until its last leaf's node is a left child.
  if (sn === tn) {
    while (fn !== sn) {
      fn = half(fn);
      sn = half(sn);
      tn = half(tn);
    }
  } else {
    while (fn !== sn && sn % 2 === 1) {
      fn = half(fn);
      sn = half(sn);
      tn = half(tn);
    }
  }
  const [first, ...others] = proof;
  const isNode = fn === sn;
  const start0 = isNode ? claim.subtreeRoot : first;
  if (start0 === undefined) return false;
  let subtree: Uint8Array = start0;
  let tree: Uint8Array = start0;
  for (const sibling of isNode ? proof : others) {
    if (tn === 0) return false;
    if (sn % 2 === 1 || sn === tn) {
      if (fn < sn) subtree = nodeHash(hash, sibling, subtree);
      tree = nodeHash(hash, sibling, tree);
      while (sn % 2 === 0 && sn !== 0) {
        fn = half(fn);
        sn = half(sn);
        tn = half(tn);
      }
    } else tree = nodeHash(hash, tree, sibling);
    fn = half(fn);
    sn = half(sn);
    tn = half(tn);
  }
  return tn === 0 && equalBytes(subtree, claim.subtreeRoot) && equalBytes(tree, claim.root);
}

/** Halves a whole number; `>>` would cut it to 32 bits. */
const half = (value: number) => Math.floor(value / 2);

/** Root of the leaves [start, end) of a log: how a proof is made, whatever holds the log (leaves in memory, tiles). */
export type RangeRoot = (start: number, end: number) => Promise<Uint8Array> | Uint8Array;

/** The greatest power of two below `size`, which must be at least 2. */
function splitOf(size: number): number {
  let split = 1;
  while (2 * split < size) split *= 2;
  return split;
}

/** Makes the inclusion proof of a leaf (RFC 6962 section 2.1.1). @throws RangeError when the leaf is not in the tree */
export async function proveInclusion(range: RangeRoot, index: number, size: number): Promise<readonly Uint8Array[]> {
  if (!(index < size)) throw new RangeError(`leaf ${index} is not in a tree of ${size}`);
  const proof: Uint8Array[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      proof.push(await range(middle, end));
      end = middle;
    } else {
      proof.push(await range(start, middle));
      start = middle;
    }
  }
  return proof.reverse();
}

/** Makes the consistency proof between two sizes (RFC 6962 section 2.1.2). @throws RangeError when the old tree is empty or larger */
export async function proveConsistency(range: RangeRoot, oldSize: number, newSize: number): Promise<readonly Uint8Array[]> {
  if (!(oldSize > 0 && oldSize <= newSize)) throw new RangeError(`no consistency proof from ${oldSize} to ${newSize}`);
  const proof: Uint8Array[] = [];
  let start = 0;
  let end = newSize;
  // The old tree's root is known to whoever asks, so it is left out while the old tree is a whole node of the new one.
  while (oldSize !== end) {
    const middle = start + splitOf(end - start);
    if (oldSize <= middle) {
      proof.push(await range(middle, end));
      end = middle;
    } else {
      proof.push(await range(start, middle));
      start = middle;
    }
  }
  if (start > 0) proof.push(await range(start, end));
  return proof.reverse();
}
