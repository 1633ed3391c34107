/** AVB around images: hash trees, footers, and the vbmeta that binds them. Keys are made when they are asked for. */
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { alignUp, bytesSource, concatBytes } from '../../../bytes/index.ts';
import {
  type AvbDescriptor,
  computeHashtree,
  type HashDescriptor,
  type HashtreeDescriptor,
  writeAvbFooter,
  writeAvbRsaKey,
  writeVbmeta,
} from '../../../formats/android/index.ts';
import { nodeHash } from '../../../platform/node/index.ts';
import { seededBytes } from '../../content.ts';

const BLOCK = 4096;

/** A key that signs vbmeta images with SHA256_RSA2048. */
export interface AvbKey {
  readonly publicKey: Uint8Array;
  sign(signed: Uint8Array): Promise<{ readonly hash: Uint8Array; readonly signature: Uint8Array }>;
}

export function makeAvbKey(): AvbKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const modulus = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).n ?? '', 'base64url');
  return {
    publicKey: writeAvbRsaKey(new Uint8Array(modulus)),
    async sign(signed) {
      const hasher = nodeHash('sha256');
      hasher.update(signed);
      return { hash: hasher.digest(), signature: new Uint8Array(sign('sha256', signed, privateKey)) };
    },
  };
}

/** An image with what binds it. */
export interface BoundImage {
  readonly image: Uint8Array;
  readonly descriptor: HashDescriptor | HashtreeDescriptor;
}

/** Appends hash tree, an unsigned vbmeta and a footer, as `avbtool add_hashtree_footer` does. */
export async function addHashtree(name: string, data: Uint8Array): Promise<BoundImage> {
  const padded = concatBytes([data, new Uint8Array(alignUp(data.length, BLOCK) - data.length)]);
  const shape = {
    imageSize: padded.length,
    dataBlockSize: BLOCK,
    hashBlockSize: BLOCK,
    hashAlgorithm: 'sha256',
    salt: seededBytes(`salt of ${name}`, 32),
  };
  const { tree, rootDigest } = await computeHashtree(bytesSource(padded), shape, nodeHash);
  const descriptor: HashtreeDescriptor = {
    kind: 'hashtree',
    partitionName: name,
    dmVerityVersion: 1,
    treeOffset: padded.length,
    treeSize: tree.length,
    fecNumRoots: 0,
    fecOffset: 0,
    fecSize: 0,
    rootDigest,
    flags: 0,
    ...shape,
  };
  return { image: await withFooter(concatBytes([padded, tree]), padded.length, descriptor), descriptor };
}

/** The same with one hash over all, as `add_hash_footer` does, in a partition of `size` bytes. */
export async function addHash(name: string, data: Uint8Array, size: number): Promise<BoundImage> {
  const salt = seededBytes(`salt of ${name}`, 32);
  const hasher = nodeHash('sha256');
  hasher.update(salt);
  hasher.update(data);
  const descriptor: HashDescriptor = {
    kind: 'hash',
    partitionName: name,
    imageSize: data.length,
    hashAlgorithm: 'sha256',
    salt,
    digest: hasher.digest(),
    flags: 0,
  };
  const short = await withFooter(data, data.length, descriptor);
  const image = new Uint8Array(Math.max(size, short.length));
  image.set(short.subarray(0, short.length - BLOCK));
  image.set(short.subarray(short.length - BLOCK), image.length - BLOCK);
  return { image, descriptor };
}

async function withFooter(image: Uint8Array, originalImageSize: number, descriptor: AvbDescriptor): Promise<Uint8Array> {
  const vbmeta = await writeVbmeta(
    { algorithm: 'NONE', publicKey: new Uint8Array(0), descriptors: [descriptor], rollbackIndex: 0n, releaseString: 'assay forge' },
    () => Promise.reject(new Error('nobody signs it')),
  );
  const at = alignUp(image.length, BLOCK);
  const out = new Uint8Array(at + alignUp(vbmeta.length, BLOCK) + BLOCK);
  out.set(image);
  out.set(vbmeta, at);
  out.set(writeAvbFooter({ originalImageSize, vbmetaOffset: at, vbmetaSize: vbmeta.length }), out.length - 64);
  return out;
}

/** The root vbmeta over bound images. */
export async function rootVbmeta(images: readonly BoundImage[], key: AvbKey): Promise<Uint8Array> {
  const vbmeta = await writeVbmeta(
    {
      algorithm: 'SHA256_RSA2048',
      publicKey: key.publicKey,
      descriptors: images.map(({ descriptor }) => descriptor),
      rollbackIndex: 1n,
      releaseString: 'assay forge',
    },
    (signed) => key.sign(signed),
  );
  return concatBytes([vbmeta, new Uint8Array(alignUp(vbmeta.length, BLOCK) - vbmeta.length)]);
}
