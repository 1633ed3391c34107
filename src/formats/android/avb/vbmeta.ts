/**
 * vbmeta: the signed statement at the root of Android Verified Boot, and its footer on other partitions.
 * Spec: AOSP external/avb libavb/avb_vbmeta_image.h, avb_footer.h (libavb 1.3, with ML-DSA). All integers big endian.
 * Limits: `VBMETA_MAX` bytes, as libavb. Does not read: versions whose major number is not 1.
 *
 *   AvbVBMetaImageHeader, 256 bytes                         AvbFooter, the last 64 bytes of a partition
 *     0  magic "AVB0"                                         0  magic "AVBf"
 *     4  u32 required_libavb_version_major, u32 minor         4  u32 version_major, u32 version_minor
 *    12  u64 authentication_data_block_size                  12  u64 original_image_size
 *    20  u64 auxiliary_data_block_size                       20  u64 vbmeta_offset
 *    28  u32 algorithm_type                                  28  u64 vbmeta_size
 *    32  u64 hash_offset, hash_size                          36  u8 reserved[28]
 *    48  u64 signature_offset, signature_size       the first two count from the authentication block,
 *    64  u64 public_key_offset, public_key_size     the others from the auxiliary block
 *    80  u64 public_key_metadata_offset, …_size
 *    96  u64 descriptors_offset, descriptors_size
 *   112  u64 rollback_index
 *   120  u32 flags                1 hashtree disabled, 2 verification disabled
 *   124  u32 rollback_index_location
 *   128  u8 release_string[48]
 *   176  u8 reserved[80]
 *   Header and auxiliary block are hashed and signed.
 */
import { alignUp, Cursor, concatBytes, type Oddity, type Reading, type Source } from '../../../bytes/index.ts';
import { type AvbAlgorithm, algorithmOfType, algorithmType, hashName } from './algorithms.ts';
import { type AvbDescriptor, readDescriptors, writeDescriptor } from './descriptors.ts';

const FORMAT = 'avb vbmeta';
const HEADER_SIZE = 256;
const FOOTER_SIZE = 64;
/** libavb's VBMETA_MAX_SIZE. */
export const VBMETA_MAX = 64 * 1024;
const FLAG_HASHTREE_DISABLED = 1;
const FLAG_VERIFICATION_DISABLED = 2;

/** A vbmeta image. Byte arrays are views of what was read. */
export interface Vbmeta {
  readonly requiredVersion: { readonly major: number; readonly minor: number };
  readonly algorithm: AvbAlgorithm;
  /** The digest beside the signature; empty for algorithm NONE. Told, until it is compared. */
  readonly hash: Uint8Array;
  readonly signature: Uint8Array;
  /** AVB's own key format; empty for algorithm NONE. */
  readonly publicKey: Uint8Array;
  readonly publicKeyMetadata: Uint8Array;
  readonly descriptors: readonly AvbDescriptor[];
  readonly rollbackIndex: bigint;
  readonly rollbackIndexLocation: number;
  readonly flags: number;
  /** dm-verity is off: hashtree descriptors bind nothing. */
  readonly hashtreeDisabled: boolean;
  /** All of AVB is off: descriptors are not even looked at. */
  readonly verificationDisabled: boolean;
  readonly releaseString: string;
  /** What is signed: header and auxiliary block. */
  readonly signed: Uint8Array;
  /** The image without padding: what the vbmeta digest is over. */
  readonly bytes: Uint8Array;
}

/** Whether bytes begin as a vbmeta image does. */
export function isVbmeta(start: Uint8Array): boolean {
  return start.length >= 4 && start[0] === 0x41 && start[1] === 0x56 && start[2] === 0x42 && start[3] === 0x30;
}

/** Reads a vbmeta image; bytes after it are its partition's padding. `base` is where it lies in the outermost Source. @throws FormatError */
export function readVbmeta(image: Uint8Array, base = 0): Reading<Vbmeta> {
  const oddities: Oddity[] = [];
  const head = new Cursor(image.subarray(0, HEADER_SIZE), { format: FORMAT, base, bigEndian: true });
  const magic = head.text('magic', 4);
  if (magic !== 'AVB0') throw head.error('magic', 'bad-magic', `${JSON.stringify(magic)}, not "AVB0"`, 0);
  const major = head.u32('required_libavb_version_major');
  if (major !== 1) throw head.error('required_libavb_version_major', 'unsupported-version', `${major}, not 1`, 4);
  const minor = head.u32('required_libavb_version_minor');
  const authSize = blockSize(head, 'authentication_data_block_size');
  const auxSize = blockSize(head, 'auxiliary_data_block_size');
  const total = HEADER_SIZE + authSize + auxSize;
  if (total > VBMETA_MAX)
    throw head.error('auxiliary_data_block_size', 'too-large', `an image of ${total} bytes, ${VBMETA_MAX} is the most`, 20);
  if (total > image.length)
    throw head.error('auxiliary_data_block_size', 'out-of-bounds', `an image of ${total} bytes in ${image.length}`, 20);
  const type = head.u32('algorithm_type');
  const algorithm = algorithmOfType(type);
  if (algorithm === undefined) throw head.error('algorithm_type', 'unsupported-feature', `${type} is no algorithm of libavb`, 28);
  const auth = { bytes: image.subarray(HEADER_SIZE, HEADER_SIZE + authSize), at: HEADER_SIZE };
  const aux = { bytes: image.subarray(HEADER_SIZE + authSize, total), at: HEADER_SIZE + authSize };
  const hash = part(head, auth, 'hash');
  const signature = part(head, auth, 'signature');
  const publicKey = part(head, aux, 'public_key');
  const publicKeyMetadata = part(head, aux, 'public_key_metadata');
  const descriptors = part(head, aux, 'descriptors');
  const rollbackIndex = head.u64('rollback_index');
  const flags = head.u32('flags');
  const rollbackIndexLocation = head.u32('rollback_index_location');
  const releaseString = head.paddedText('release_string', 48);
  if (head.take('reserved', 80).some((byte) => byte !== 0)) {
    oddities.push({ format: FORMAT, field: 'reserved', at: base + 176, code: 'reserved-not-zero', detail: 'reserved bytes are not zero' });
  }
  const list = readDescriptors(descriptors.bytes, base + descriptors.at);
  oddities.push(...list.oddities);
  return {
    value: {
      requiredVersion: { major, minor },
      algorithm,
      hash: hash.bytes,
      signature: signature.bytes,
      publicKey: publicKey.bytes,
      publicKeyMetadata: publicKeyMetadata.bytes,
      descriptors: list.value,
      rollbackIndex,
      rollbackIndexLocation,
      flags,
      hashtreeDisabled: (flags & FLAG_HASHTREE_DISABLED) !== 0,
      verificationDisabled: (flags & FLAG_VERIFICATION_DISABLED) !== 0,
      releaseString,
      signed: concatBytes([image.subarray(0, HEADER_SIZE), aux.bytes]),
      bytes: image.subarray(0, total),
    },
    oddities,
  };
}

function blockSize(head: Cursor, field: string): number {
  const at = head.at;
  const size = head.size64(field);
  if (size % 64 !== 0) throw head.error(field, 'bad-value', `${size} is not a multiple of 64`, at);
  return size;
}

function part(
  head: Cursor,
  block: { readonly bytes: Uint8Array; readonly at: number },
  name: string,
): { readonly bytes: Uint8Array; readonly at: number } {
  const at = head.at;
  const offset = head.size64(`${name}_offset`);
  const size = head.size64(`${name}_size`);
  if (offset > block.bytes.length || size > block.bytes.length - offset) {
    throw head.error(`${name}_offset`, 'out-of-bounds', `${size} bytes at ${offset} are not inside its block of ${block.bytes.length}`, at);
  }
  return { bytes: block.bytes.subarray(offset, offset + size), at: block.at + offset };
}

/** The end of a partition that carries its own vbmeta. */
export interface AvbFooter {
  /** Bytes of the image before AVB added to it. */
  readonly originalImageSize: number;
  readonly vbmetaOffset: number;
  readonly vbmetaSize: number;
}

/** Reads the footer in a partition's last 64 bytes; undefined where there is none. @throws FormatError when there is one and it is malformed */
export async function readAvbFooter(source: Source): Promise<AvbFooter | undefined> {
  if (source.size < FOOTER_SIZE) return undefined;
  const base = source.size - FOOTER_SIZE;
  const cursor = new Cursor(await source.read(base, FOOTER_SIZE), { format: 'avb footer', base, bigEndian: true });
  if (cursor.text('magic', 4) !== 'AVBf') return undefined;
  const major = cursor.u32('version_major');
  if (major !== 1) throw cursor.error('version_major', 'unsupported-version', `${major}, not 1`, 4);
  cursor.u32('version_minor');
  const originalImageSize = cursor.size64('original_image_size');
  const vbmetaOffset = cursor.size64('vbmeta_offset');
  const vbmetaSize = cursor.size64('vbmeta_size');
  if (originalImageSize > base) throw cursor.error('original_image_size', 'out-of-bounds', `${originalImageSize} of ${base} bytes`, 12);
  if (vbmetaSize > VBMETA_MAX) throw cursor.error('vbmeta_size', 'too-large', `${vbmetaSize} bytes, ${VBMETA_MAX} is the most`, 28);
  if (vbmetaOffset > base || vbmetaSize > base - vbmetaOffset) {
    throw cursor.error('vbmeta_offset', 'out-of-bounds', `${vbmetaSize} bytes at ${vbmetaOffset} of ${base}`, 20);
  }
  return { originalImageSize, vbmetaOffset, vbmetaSize };
}

/** A vbmeta and where it was found. */
export interface FoundVbmeta {
  readonly vbmeta: Vbmeta;
  readonly footer: AvbFooter | undefined;
  readonly at: number;
  readonly oddities: readonly Oddity[];
}

/** Finds a partition's vbmeta: at its beginning (`vbmeta`, `vbmeta_system` …) or by its footer. @throws FormatError */
export async function findVbmeta(source: Source): Promise<FoundVbmeta | undefined> {
  const start = await source.read(0, Math.min(4, source.size));
  if (isVbmeta(start)) {
    const { value, oddities } = readVbmeta(await source.read(0, Math.min(VBMETA_MAX, source.size)));
    return { vbmeta: value, footer: undefined, at: 0, oddities };
  }
  const footer = await readAvbFooter(source);
  if (footer === undefined) return undefined;
  const { value, oddities } = readVbmeta(await source.read(footer.vbmetaOffset, footer.vbmetaSize), footer.vbmetaOffset);
  return { vbmeta: value, footer, at: footer.vbmetaOffset, oddities };
}

/** What `writeVbmeta` lays out. */
export interface VbmetaParts {
  readonly algorithm: AvbAlgorithm;
  /** AVB's own key format; empty for NONE. */
  readonly publicKey: Uint8Array;
  readonly publicKeyMetadata?: Uint8Array;
  readonly descriptors: readonly AvbDescriptor[];
  readonly rollbackIndex: bigint;
  readonly rollbackIndexLocation?: number;
  readonly flags?: number;
  readonly releaseString: string;
  readonly requiredMinor?: number;
}

/** What signs: gets the bytes to be signed (not their digest) and answers digest and signature. */
export type AvbSigner = (signed: Uint8Array) => Promise<{ readonly hash: Uint8Array; readonly signature: Uint8Array }>;

/** Writes a vbmeta image as avbtool lays it out, without padding. `sign` is not called for NONE. @throws RangeError when it does not fit */
export async function writeVbmeta(parts: VbmetaParts, sign: AvbSigner): Promise<Uint8Array> {
  const descriptors = concatBytes(parts.descriptors.map(writeDescriptor));
  const metadata = parts.publicKeyMetadata ?? new Uint8Array(0);
  const aux = padded(concatBytes([descriptors, parts.publicKey, metadata]), 64);
  const none = parts.algorithm === 'NONE';
  const sizes = signatureSizes(parts.algorithm);
  const authSize = alignUp(sizes.hash + sizes.signature, 64);
  const head = new DataView(new ArrayBuffer(HEADER_SIZE));
  const bytes = new Uint8Array(head.buffer);
  bytes.set(new TextEncoder().encode('AVB0'));
  head.setUint32(4, 1);
  head.setUint32(8, parts.requiredMinor ?? 0);
  const u64 = (at: number, value: number) => head.setBigUint64(at, BigInt(value));
  u64(12, authSize);
  u64(20, aux.length);
  head.setUint32(28, algorithmType(parts.algorithm));
  u64(32, 0);
  u64(40, sizes.hash);
  u64(48, sizes.hash);
  u64(56, sizes.signature);
  u64(64, descriptors.length);
  u64(72, parts.publicKey.length);
  // avbtool leaves the place of what is not there at the end of the key.
  u64(80, none && parts.publicKey.length === 0 ? 0 : descriptors.length + parts.publicKey.length);
  if (none && parts.publicKey.length === 0) u64(64, 0);
  u64(88, metadata.length);
  u64(96, 0);
  u64(104, descriptors.length);
  head.setBigUint64(112, parts.rollbackIndex);
  head.setUint32(120, parts.flags ?? 0);
  head.setUint32(124, parts.rollbackIndexLocation ?? 0);
  const release = new TextEncoder().encode(parts.releaseString);
  if (release.length > 47) throw new RangeError(`a release string of ${release.length} bytes`);
  bytes.set(release, 128);
  const auth = new Uint8Array(authSize);
  if (!none) {
    const { hash, signature } = await sign(concatBytes([bytes, aux]));
    if (hash.length !== sizes.hash || signature.length !== sizes.signature) {
      throw new RangeError(
        `${parts.algorithm} wants ${sizes.hash} and ${sizes.signature} bytes, not ${hash.length} and ${signature.length}`,
      );
    }
    auth.set(hash);
    auth.set(signature, sizes.hash);
  }
  const image = concatBytes([bytes, auth, aux]);
  if (image.length > VBMETA_MAX) throw new RangeError(`a vbmeta image of ${image.length} bytes`);
  return image;
}

function signatureSizes(algorithm: AvbAlgorithm): { readonly hash: number; readonly signature: number } {
  if (algorithm === 'NONE') return { hash: 0, signature: 0 };
  if (algorithm === 'MLDSA65') return { hash: 0, signature: 3309 };
  if (algorithm === 'MLDSA87') return { hash: 0, signature: 4627 };
  return { hash: hashName(algorithm) === 'sha256' ? 32 : 64, signature: Number(algorithm.slice(-4)) / 8 };
}

function padded(bytes: Uint8Array, step: number): Uint8Array {
  const out = new Uint8Array(alignUp(bytes.length, step));
  out.set(bytes);
  return out;
}

/** Writes a footer. */
export function writeAvbFooter(footer: AvbFooter): Uint8Array {
  const view = new DataView(new ArrayBuffer(FOOTER_SIZE));
  new Uint8Array(view.buffer).set(new TextEncoder().encode('AVBf'));
  view.setUint32(4, 1);
  view.setBigUint64(12, BigInt(footer.originalImageSize));
  view.setBigUint64(20, BigInt(footer.vbmetaOffset));
  view.setBigUint64(28, BigInt(footer.vbmetaSize));
  return new Uint8Array(view.buffer);
}
