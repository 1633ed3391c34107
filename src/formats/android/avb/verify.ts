/**
 * Walks a set of partition images from `vbmeta` down and says of each who signed it and whether it is what was signed.
 * Spec: AOSP external/avb libavb/avb_slot_verify.c: the root's descriptors bind partitions by hash, hash tree, or another key; chains are one level deep.
 * Facts only: whose key it is, and whether that matters, is a check's business.
 */
import { equalBytes, FormatError, type HashPort, hashOf, type Oddity, type Source, toHex, type VerifyPort } from '../../../bytes/index.ts';
import { type AvbAlgorithm, verifyVbmetaSignature } from './algorithms.ts';
import type { AvbDescriptor, ChainPartitionDescriptor, HashDescriptor, HashtreeDescriptor } from './descriptors.ts';
import { avbHash, type HashtreeAnswer, verifyHashtree } from './hashtree.ts';
import { type FoundVbmeta, findVbmeta } from './vbmeta.ts';

/** Bytes hashed at once. */
const WINDOW = 1 << 20;

export interface AvbQuestion {
  /** Images by partition name without slot suffix; one named `vbmeta` is the root. */
  readonly partitions: ReadonlyMap<string, Source>;
  readonly verify: VerifyPort;
  readonly hash: HashPort;
  /** Rollback indexes that a device holds, by location; undefined: not known, so not checked. */
  readonly rollbackIndexes?: ReadonlyMap<number, bigint>;
  /** Verifies what a descriptor says of an image; undefined: here, one after the other. Others do it elsewhere, or while they read the image anyway. */
  readonly content?: (source: Source, descriptor: ContentDescriptor) => Promise<ContentAnswer>;
}

export type ContentDescriptor = HashDescriptor | HashtreeDescriptor;

/** What is so of an image's content. */
export interface ContentAnswer {
  readonly outcome: 'intact' | 'altered' | 'not-checked';
  readonly because: string;
  /** First data block that differs, where a tree can tell. */
  readonly firstDifferingBlock: number | null;
}

export interface AvbSignatureResult {
  readonly answer: 'valid' | 'invalid' | 'unsigned' | 'unsupported';
  readonly algorithm: AvbAlgorithm;
  /** SHA-256 of the key in AVB's format: what attestations state as `verifiedBootKey`. Null for NONE. */
  readonly keySha256: string | null;
  readonly rollbackIndex: string;
  readonly rollbackIndexLocation: number;
  readonly hashtreeDisabled: boolean;
  readonly verificationDisabled: boolean;
}

export interface AvbPartitionResult {
  readonly partition: string;
  /** How the partition is bound: `root`, or by which descriptor of which vbmeta. */
  readonly by: 'root' | 'chain' | 'hash' | 'hashtree';
  /** Whose vbmeta holds the descriptor; null for the root. */
  readonly in: string | null;
  readonly outcome: 'intact' | 'altered' | 'missing' | 'not-checked';
  readonly because: string;
  /** First data block that differs, where a tree can tell. */
  readonly firstDifferingBlock: number | null;
  readonly signature: AvbSignatureResult | null;
}

export interface AvbResult {
  /** Every partition that was there is intact, and every vbmeta is validly signed with AVB on. */
  readonly verified: boolean;
  readonly partitions: readonly AvbPartitionResult[];
  /** SHA-256 over the root and the chained images: `ro.boot.vbmeta.digest`, and `verifiedBootHash` of attestations. Null where an image is missing. */
  readonly vbmetaDigest: string | null;
  readonly oddities: readonly Oddity[];
}

/** Verifies what is there. Never throws on malformed images: what is wrong is an outcome. @throws RangeError when there is no image at all */
export async function verifyAvb(question: AvbQuestion): Promise<AvbResult> {
  const { partitions } = question;
  if (partitions.size === 0) throw new RangeError('no partition image');
  const walk: Walk = { question, results: [], oddities: [], images: [] };
  const root = partitions.get('vbmeta');
  if (root !== undefined) await walkVbmeta(walk, { name: 'vbmeta', by: 'root', in: null, depth: 0 }, root);
  else for (const [name, source] of partitions) await walkVbmeta(walk, { name, by: 'root', in: null, depth: 0 }, source);
  for (const name of partitions.keys()) {
    if (!walk.results.some(({ partition }) => partition === name)) {
      walk.results.push({
        partition: name,
        by: 'root',
        in: null,
        outcome: 'not-checked',
        because: 'no vbmeta says anything of it',
        firstDifferingBlock: null,
        signature: null,
      });
    }
  }
  const complete =
    root !== undefined && walk.results.every(({ by, outcome }) => by !== 'chain' || outcome !== 'missing') && walk.images.length > 0;
  return {
    verified: walk.results.length > 0 && walk.results.every(isGood),
    partitions: walk.results,
    vbmetaDigest: complete ? toHex(vbmetaDigest(walk.images, question.hash)) : null,
    oddities: walk.oddities,
  };
}

/** The digest that a boot loader computes: over the root image, then the chained ones in the order of their descriptors. */
export function vbmetaDigest(images: readonly Uint8Array[], hash: HashPort, algorithm: 'sha256' | 'sha512' = 'sha256'): Uint8Array {
  const hasher = hash(algorithm);
  for (const image of images) hasher.update(image);
  return hasher.digest();
}

function isGood({ outcome, signature }: AvbPartitionResult): boolean {
  if (outcome !== 'intact') return false;
  return signature === null || (signature.answer === 'valid' && !signature.hashtreeDisabled && !signature.verificationDisabled);
}

interface Walk {
  readonly question: AvbQuestion;
  readonly results: AvbPartitionResult[];
  readonly oddities: Oddity[];
  readonly images: Uint8Array[];
}

interface Place {
  readonly name: string;
  readonly by: 'root' | 'chain';
  readonly in: string | null;
  readonly depth: number;
  readonly chain?: ChainPartitionDescriptor;
}

async function walkVbmeta(walk: Walk, place: Place, source: Source): Promise<void> {
  const { question, results } = walk;
  const base = { partition: place.name, by: place.by, in: place.in, firstDifferingBlock: null, signature: null } as const;
  let found: FoundVbmeta | undefined;
  try {
    found = await findVbmeta(source);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    results.push({ ...base, outcome: 'altered', because: error.message });
    return;
  }
  if (found === undefined) {
    results.push({ ...base, outcome: place.by === 'chain' ? 'altered' : 'not-checked', because: 'it holds no vbmeta and no footer' });
    return;
  }
  const { vbmeta, oddities } = found;
  walk.oddities.push(...oddities);
  walk.images.push(vbmeta.bytes);
  const { answer, because } = await verifyVbmetaSignature(vbmeta, question);
  const signature: AvbSignatureResult = {
    answer,
    algorithm: vbmeta.algorithm,
    keySha256: vbmeta.publicKey.length === 0 ? null : toHex(hashOf(question.hash, 'sha256', vbmeta.publicKey)),
    rollbackIndex: String(vbmeta.rollbackIndex),
    rollbackIndexLocation: place.chain?.rollbackIndexLocation ?? vbmeta.rollbackIndexLocation,
    hashtreeDisabled: vbmeta.hashtreeDisabled,
    verificationDisabled: vbmeta.verificationDisabled,
  };
  const problem = problemOf(question, place, found) ?? (answer === 'invalid' ? because : undefined);
  const outcome = problem !== undefined ? 'altered' : answer === 'unsupported' ? 'not-checked' : 'intact';
  results.push({ ...base, outcome, because: problem ?? flagsText(signature, because), signature });
  for (const descriptor of vbmeta.descriptors) await walkDescriptor(walk, place, descriptor);
}

/** What is wrong with a vbmeta besides its signature. */
function problemOf({ rollbackIndexes }: AvbQuestion, { chain }: Place, { vbmeta }: FoundVbmeta): string | undefined {
  // avb_slot_verify.c: a chained image must be signed with the very key that the descriptor above it states.
  if (chain !== undefined && !equalBytes(chain.publicKey, vbmeta.publicKey))
    return 'it is signed with another key than the chain descriptor states';
  const location = chain?.rollbackIndexLocation ?? vbmeta.rollbackIndexLocation;
  const stored = rollbackIndexes?.get(location);
  return stored !== undefined && vbmeta.rollbackIndex < stored
    ? `rollback index ${vbmeta.rollbackIndex} at location ${location} is below the stored ${stored}`
    : undefined;
}

function flagsText({ verificationDisabled, hashtreeDisabled }: AvbSignatureResult, because: string): string {
  if (verificationDisabled) return `${because}; its flags turn verification off`;
  return hashtreeDisabled ? `${because}; its flags turn dm-verity off` : because;
}

async function walkDescriptor(walk: Walk, place: Place, descriptor: AvbDescriptor): Promise<void> {
  const { question, results } = walk;
  if (descriptor.kind !== 'chain-partition' && descriptor.kind !== 'hash' && descriptor.kind !== 'hashtree') return;
  const partition = descriptor.partitionName;
  const source = question.partitions.get(partition);
  const by = descriptor.kind === 'chain-partition' ? 'chain' : descriptor.kind;
  const base = { partition, by, in: place.name, firstDifferingBlock: null, signature: null } as const;
  if (source === undefined) {
    results.push({ ...base, outcome: 'missing', because: 'no image was given' });
    return;
  }
  try {
    if (descriptor.kind === 'chain-partition') {
      // avb_slot_verify.c refuses chains below chained images; a cycle ends here, too.
      if (place.depth > 0 || partition === place.name)
        results.push({ ...base, outcome: 'altered', because: 'a chain descriptor in a chained image' });
      else await walkVbmeta(walk, { name: partition, by: 'chain', in: place.name, depth: place.depth + 1, chain: descriptor }, source);
    } else {
      const answer = await (question.content?.(source, descriptor) ?? verifyContent(source, descriptor, question.hash));
      results.push({ ...base, ...answer });
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    results.push({ ...base, outcome: error.code === 'unsupported-feature' ? 'not-checked' : 'altered', because: error.message });
  }
}

/** Verifies an image's content against its descriptor. @throws FormatError for what is not computed here */
export async function verifyContent(source: Source, descriptor: ContentDescriptor, hash: HashPort): Promise<ContentAnswer> {
  if (descriptor.kind === 'hashtree') return hashtreeAnswer(descriptor, await verifyHashtree(source, descriptor, hash));
  const { imageSize, salt, hashAlgorithm } = descriptor;
  const algorithm = avbHash(hashAlgorithm);
  if (algorithm === undefined || imageSize > source.size) return hashAnswer(source, descriptor, new Uint8Array(0));
  const hasher = hash(algorithm);
  hasher.update(salt);
  for (let at = 0; at < imageSize; at += WINDOW) hasher.update(await source.read(at, Math.min(WINDOW, imageSize - at)));
  return hashAnswer(source, descriptor, hasher.digest());
}

export function hashtreeAnswer({ hashAlgorithm, imageSize }: HashtreeDescriptor, answer: HashtreeAnswer): ContentAnswer {
  return answer.answer === 'intact'
    ? { outcome: 'intact', because: `${hashAlgorithm} hash tree of ${imageSize} bytes`, firstDifferingBlock: null }
    : { outcome: 'altered', because: answer.because, firstDifferingBlock: answer.block ?? null };
}

/** `computed`: over the salt and the image's first bytes. */
export function hashAnswer(source: Pick<Source, 'size'>, descriptor: HashDescriptor, computed: Uint8Array): ContentAnswer {
  const { imageSize, digest, hashAlgorithm } = descriptor;
  const firstDifferingBlock = null;
  if (avbHash(hashAlgorithm) === undefined)
    return { outcome: 'not-checked', because: `${JSON.stringify(hashAlgorithm)} is not computed here`, firstDifferingBlock };
  if (imageSize > source.size)
    return { outcome: 'altered', because: `${imageSize} bytes were signed, and the image has ${source.size}`, firstDifferingBlock };
  return equalBytes(computed, digest)
    ? { outcome: 'intact', because: `${hashAlgorithm} of ${imageSize} bytes`, firstDifferingBlock }
    : {
        outcome: 'altered',
        because: `the ${hashAlgorithm} of its first ${imageSize} bytes differs; one hash over all cannot tell where`,
        firstDifferingBlock,
      };
}
