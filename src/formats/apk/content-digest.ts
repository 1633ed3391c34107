/**
 * Digests over an APK's contents: everything but the signing block, with the end record's directory offset pointing to where the block begins.
 * Spec: source.android.com "APK Signature Scheme v2, Integrity-protected contents"; verity as in AOSP tools/apksig VerityTreeBuilder.
 *
 *   chunked   digest(0x5a, u32 count, digest of every chunk), a chunk's digest being over (0xa5, u32 length, up to 1 MiB); sections are chunked apart
 *   verity    root of a SHA-256 tree of 4 KiB blocks, each with a salt of 8 zero bytes before it, then u64 size of the contents
 */
import {
  concatBytes,
  concatSources,
  type HashAlgorithm,
  type HashPort,
  hashOf,
  readPiece,
  type Source,
  type Stretch,
  type StretchHashPort,
  type StretchWork,
  sliceSource,
} from '../../bytes/index.ts';
import type { ContentDigest } from './algorithms.ts';

const CHUNK = 1 << 20;
const BLOCK = 4096;
const SHA256_SIZE = 32;

/** An APK's three protected sections. */
export interface ApkSections {
  /** The whole file, and where the sections lie in it. */
  readonly source: Source;
  readonly places: SectionPlaces;
  readonly beforeBlock: Source;
  readonly central: Source;
  /** The end record with its directory offset rewritten. */
  readonly end: Uint8Array;
}

/** Where the sections lie. */
export interface SectionPlaces {
  readonly blockAt: number;
  readonly centralAt: number;
  readonly endAt: number;
}

/** Cuts an APK into the sections that the schemes protect. */
export async function apkSections(source: Source, places: SectionPlaces): Promise<ApkSections> {
  const { blockAt, centralAt, endAt } = places;
  // A copy: what a Source answers may be shared, and `slice` of some byte arrays copies nothing.
  const end = new Uint8Array(await source.read(endAt, source.size - endAt));
  new DataView(end.buffer, end.byteOffset).setUint32(16, blockAt, true);
  const central = sliceSource(source, centralAt, endAt - centralAt);
  return { source, places, beforeBlock: sliceSource(source, 0, blockAt), central, end };
}

/** What digesting takes: `stretches` takes the digests of chunks elsewhere too, where the platform can. */
export interface DigestPorts {
  readonly hash: HashPort;
  readonly stretches?: StretchHashPort;
}

/** A digest that is begun, where there is somebody who can; otherwise `finish` does it all. */
export interface DigestWork {
  finish(): Promise<Uint8Array>;
  stop(): Promise<void>;
}

/** Digests the sections: one read of the file a kind of digest, in pieces of 1 MiB. */
export function digestContents(ports: DigestPorts, kind: ContentDigest, sections: ApkSections): Promise<Uint8Array> {
  return beginDigest(ports, kind, sections).finish();
}

/** Begins to digest the sections. */
export function beginDigest({ hash, stretches }: DigestPorts, kind: ContentDigest, sections: ApkSections): DigestWork {
  if (kind === 'verity-sha256') return { finish: () => verityDigest(hash, sections), stop: async () => undefined };
  const algorithm = kind === 'chunked-sha256' ? 'sha256' : 'sha512';
  const { blockAt, centralAt, endAt } = sections.places;
  const elsewhere = stretches?.(sections.source, algorithm, [...chunksOf(0, blockAt), ...chunksOf(centralAt, endAt)]);
  const finish = async () => {
    const digests = await chunkDigests({ hash, elsewhere }, algorithm, sections);
    const count = Math.ceil(blockAt / CHUNK) + Math.ceil((endAt - centralAt) / CHUNK) + 1;
    return hashOf(hash, algorithm, concatBytes([prefixOf(0x5a, count), ...digests]));
  };
  return { finish, stop: async () => elsewhere?.stop() };
}

/** A source's chunks in order; the next is being read while one is worked on. A chunk is good until the one after the next is asked for. */
async function* readAhead(source: Source): AsyncGenerator<Uint8Array> {
  const buffers = [0, 1].map(() => new Uint8Array(Math.min(CHUNK, source.size)));
  const chunkAt = async (at: number) =>
    readPiece(source, at, Math.min(CHUNK, source.size - at), buffers[(at / CHUNK) % 2] ?? new Uint8Array(0));
  let next = source.size > 0 ? chunkAt(0) : undefined;
  for (let at = CHUNK; next !== undefined; at += CHUNK) {
    const piece = await next;
    next = at < source.size ? chunkAt(at) : undefined;
    yield piece;
  }
}

/** The digests of all chunks: of the contents before the block, of the directory, of the end record. */
async function chunkDigests(
  { hash, elsewhere }: { readonly hash: HashPort; readonly elsewhere: StretchWork | undefined },
  algorithm: HashAlgorithm,
  { beforeBlock, central, end }: ApkSections,
): Promise<readonly Uint8Array[]> {
  const digestOf = (bytes: Uint8Array) => {
    const hasher = hash(algorithm);
    hasher.update(prefixOf(0xa5, bytes.length));
    hasher.update(bytes);
    return hasher.digest();
  };
  const digests: Uint8Array[] = [];
  if (elsewhere !== undefined) {
    // None of them is packed, so all of them are there.
    digests.push((await elsewhere.finish()).bytes);
  } else {
    for (const section of [beforeBlock, central]) for await (const piece of readAhead(section)) digests.push(digestOf(piece));
  }
  digests.push(digestOf(end));
  return digests;
}

function chunksOf(from: number, to: number): readonly Stretch[] {
  return Array.from({ length: Math.ceil((to - from) / CHUNK) }, (_, index) => {
    const at = from + index * CHUNK;
    const length = Math.min(CHUNK, to - at);
    return { at, length, prefix: prefixOf(0xa5, length) };
  });
}

/** A marker and a number before what is hashed. */
function prefixOf(marker: number, count: number): Uint8Array {
  const prefix = new Uint8Array(5);
  prefix[0] = marker;
  new DataView(prefix.buffer).setUint32(1, count, true);
  return prefix;
}

/** The verity digest. Undefined tree where the contents before the block are not whole blocks: Android cannot map them either, so it differs from any stated digest. */
async function verityDigest(hash: HashPort, sections: ApkSections): Promise<Uint8Array> {
  const end = { size: sections.end.length, read: async (at: number, length: number) => sections.end.subarray(at, at + length) };
  const all = concatSources([sections.beforeBlock, sections.central, end]);
  const { root } = await verityTree(hash, all, new Uint8Array(8));
  const size = new DataView(new ArrayBuffer(8));
  size.setBigUint64(0, BigInt(all.size), true);
  return concatBytes([root, new Uint8Array(size.buffer)]);
}

/** A hash tree: its root, and its levels from the top as fs-verity lays them out. */
export interface VerityTree {
  readonly root: Uint8Array;
  readonly tree: Uint8Array;
}

/** Builds the tree of SHA-256 digests over 4 KiB blocks. `salt` goes before every block; none where it is empty, as in `.idsig`. */
export async function verityTree(hash: HashPort, source: Source, salt: Uint8Array): Promise<VerityTree> {
  const blockDigest = (block: Uint8Array): Uint8Array => {
    const hasher = hash('sha256');
    if (salt.length > 0) hasher.update(salt);
    hasher.update(block);
    if (block.length < BLOCK) hasher.update(new Uint8Array(BLOCK - block.length));
    return hasher.digest();
  };
  const leaves = new Uint8Array(Math.ceil(source.size / BLOCK) * SHA256_SIZE);
  let out = 0;
  for (let at = 0; at < source.size; at += CHUNK) {
    const piece = await source.read(at, Math.min(CHUNK, source.size - at));
    for (let inner = 0; inner < piece.length; inner += BLOCK, out += SHA256_SIZE) {
      leaves.set(blockDigest(piece.subarray(inner, Math.min(inner + BLOCK, piece.length))), out);
    }
  }
  const levels: Uint8Array[] = [padToBlock(leaves)];
  for (let level = levels[0]; level !== undefined && level.length > BLOCK; level = levels[0]) {
    const next = new Uint8Array((level.length / BLOCK) * SHA256_SIZE);
    for (let at = 0; at < level.length; at += BLOCK) next.set(blockDigest(level.subarray(at, at + BLOCK)), (at / BLOCK) * SHA256_SIZE);
    levels.unshift(padToBlock(next));
  }
  const tree = concatBytes(levels);
  return { root: blockDigest(tree.subarray(0, BLOCK)), tree };
}

function padToBlock(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
  padded.set(bytes);
  return padded;
}
