/**
 * vbmeta descriptors: what is said of each partition.
 * Spec: AOSP external/avb libavb/avb_{property,hashtree,hash,kernel_cmdline,chain_partition}_descriptor.h. Integers big endian, strings not terminated.
 * Limits: `DESCRIPTORS_MAX`. Does not read: unknown tags (kept as bytes, an oddity).
 *
 *   AvbDescriptor { u64 tag; u64 num_bytes_following; a multiple of 8 }, then
 *   0 property        u64 key_num_bytes, u64 value_num_bytes; key NUL value NUL
 *   1 hashtree        u32 dm_verity_version, u64 image_size, u64 tree_offset, u64 tree_size, u32 data_block_size, u32 hash_block_size,
 *                     u32 fec_num_roots, u64 fec_offset, u64 fec_size, u8 hash_algorithm[32], u32 partition_name_len, u32 salt_len,
 *                     u32 root_digest_len, u32 flags, u8 reserved[60]; partition_name salt root_digest
 *   2 hash            u64 image_size, u8 hash_algorithm[32], u32 partition_name_len, u32 salt_len, u32 digest_len, u32 flags, u8 reserved[60];
 *                     partition_name salt digest
 *   3 kernel cmdline  u32 flags (1 if hashtree not disabled, 2 if disabled), u32 kernel_cmdline_length; text
 *   4 chain partition u32 rollback_index_location, u32 partition_name_len, u32 public_key_len, u32 flags, u8 reserved[60]; partition_name public_key
 */
import { alignUp, Cursor, concatBytes, type Oddity, type Reading } from '../../../bytes/index.ts';

const FORMAT = 'avb vbmeta';
const DESCRIPTORS_MAX = 1024;
const FLAG_DO_NOT_USE_AB = 1;

export interface PropertyDescriptor {
  readonly kind: 'property';
  readonly key: string;
  readonly value: Uint8Array;
}

export interface HashtreeDescriptor {
  readonly kind: 'hashtree';
  readonly partitionName: string;
  readonly dmVerityVersion: number;
  readonly imageSize: number;
  readonly treeOffset: number;
  readonly treeSize: number;
  readonly dataBlockSize: number;
  readonly hashBlockSize: number;
  readonly fecNumRoots: number;
  readonly fecOffset: number;
  readonly fecSize: number;
  /** As written: `sha1`, `sha256`, `blake2b-256` … */
  readonly hashAlgorithm: string;
  readonly salt: Uint8Array;
  readonly rootDigest: Uint8Array;
  readonly flags: number;
}

export interface HashDescriptor {
  readonly kind: 'hash';
  readonly partitionName: string;
  readonly imageSize: number;
  readonly hashAlgorithm: string;
  readonly salt: Uint8Array;
  readonly digest: Uint8Array;
  readonly flags: number;
}

export interface KernelCmdlineDescriptor {
  readonly kind: 'kernel-cmdline';
  readonly flags: number;
  readonly kernelCmdline: string;
}

export interface ChainPartitionDescriptor {
  readonly kind: 'chain-partition';
  readonly partitionName: string;
  readonly rollbackIndexLocation: number;
  readonly publicKey: Uint8Array;
  readonly flags: number;
}

export interface UnknownDescriptor {
  readonly kind: 'unknown';
  readonly tag: bigint;
  readonly bytes: Uint8Array;
}

export type AvbDescriptor =
  | PropertyDescriptor
  | HashtreeDescriptor
  | HashDescriptor
  | KernelCmdlineDescriptor
  | ChainPartitionDescriptor
  | UnknownDescriptor;

/** Whether a hash or hashtree descriptor is for the partition's name without a slot suffix. */
export const withoutSlot = (descriptor: { readonly flags: number }): boolean => (descriptor.flags & FLAG_DO_NOT_USE_AB) !== 0;

/** Reads the descriptors of an auxiliary block, one after the other. @throws FormatError */
export function readDescriptors(bytes: Uint8Array, base: number): Reading<readonly AvbDescriptor[]> {
  const oddities: Oddity[] = [];
  const value: AvbDescriptor[] = [];
  const cursor = new Cursor(bytes, { format: FORMAT, base, bigEndian: true });
  while (cursor.left > 0) {
    const field = `descriptor[${value.length}]`;
    if (value.length >= DESCRIPTORS_MAX) throw cursor.error(field, 'too-large', `more than ${DESCRIPTORS_MAX} descriptors`);
    const at = cursor.at;
    const tag = cursor.u64(`${field}.tag`);
    const size = cursor.size64(`${field}.num_bytes_following`);
    if (size % 8 !== 0) throw cursor.error(`${field}.num_bytes_following`, 'bad-value', `${size} is not a multiple of 8`, at + 8);
    const body = cursor.sub(field, size);
    value.push(readDescriptor(tag, body));
    if (value.at(-1)?.kind === 'unknown') {
      oddities.push({ format: FORMAT, field: `${field}.tag`, at: base + at, code: 'unknown-descriptor', detail: `tag ${tag}` });
    } else if (body.bytes.subarray(body.at).some((byte) => byte !== 0)) {
      oddities.push({ format: FORMAT, field, at: body.absolute, code: 'padding-not-zero', detail: 'bytes in the padding' });
    }
  }
  return { value, oddities };
}

function readDescriptor(tag: bigint, body: Cursor): AvbDescriptor {
  switch (tag) {
    case 0n:
      return readProperty(body);
    case 1n:
      return readHashtree(body);
    case 2n:
      return readHash(body);
    case 3n: {
      const flags = body.u32('flags');
      return { kind: 'kernel-cmdline', flags, kernelCmdline: body.text('kernel_cmdline', body.u32('kernel_cmdline_length')) };
    }
    case 4n: {
      const rollbackIndexLocation = body.u32('rollback_index_location');
      const nameLength = body.u32('partition_name_len');
      const keyLength = body.u32('public_key_len');
      const flags = body.u32('flags');
      body.skip('reserved', 60);
      const partitionName = name(body, nameLength);
      return { kind: 'chain-partition', partitionName, rollbackIndexLocation, publicKey: body.take('public_key', keyLength), flags };
    }
    default:
      return { kind: 'unknown', tag, bytes: body.take('unknown', body.left) };
  }
}

/** Partition names end up in reports and in lookups: a NUL or a slash in one is refused. */
function name(body: Cursor, length: number): string {
  const at = body.at;
  const text = body.text('partition_name', length);
  if (/[/\\\p{Cc}]/u.test(text) || text === '')
    throw body.error('partition_name', 'bad-value', `${JSON.stringify(text)} is no partition's name`, at);
  return text;
}

function readProperty(body: Cursor): PropertyDescriptor {
  const keyLength = body.size64('key_num_bytes');
  const valueLength = body.size64('value_num_bytes');
  const key = body.text('key', keyLength);
  terminator(body, 'key');
  const value = body.take('value', valueLength);
  terminator(body, 'value');
  return { kind: 'property', key, value };
}

function terminator(body: Cursor, field: string): void {
  const at = body.at;
  if (body.u8(field) !== 0) throw body.error(field, 'bad-value', 'not terminated by NUL', at);
}

function readHashtree(body: Cursor): HashtreeDescriptor {
  const dmVerityVersion = body.u32('dm_verity_version');
  const imageSize = body.size64('image_size');
  const treeOffset = body.size64('tree_offset');
  const treeSize = body.size64('tree_size');
  const dataBlockSize = body.u32('data_block_size');
  const hashBlockSize = body.u32('hash_block_size');
  const fecNumRoots = body.u32('fec_num_roots');
  const fecOffset = body.size64('fec_offset');
  const fecSize = body.size64('fec_size');
  const hashAlgorithm = body.paddedText('hash_algorithm', 32);
  const nameLength = body.u32('partition_name_len');
  const saltLength = body.u32('salt_len');
  const digestLength = body.u32('root_digest_len');
  const flags = body.u32('flags');
  body.skip('reserved', 60);
  const partitionName = name(body, nameLength);
  const salt = body.take('salt', saltLength);
  const rootDigest = body.take('root_digest', digestLength);
  return {
    kind: 'hashtree',
    partitionName,
    dmVerityVersion,
    imageSize,
    treeOffset,
    treeSize,
    dataBlockSize,
    hashBlockSize,
    fecNumRoots,
    fecOffset,
    fecSize,
    hashAlgorithm,
    salt,
    rootDigest,
    flags,
  };
}

function readHash(body: Cursor): HashDescriptor {
  const imageSize = body.size64('image_size');
  const hashAlgorithm = body.paddedText('hash_algorithm', 32);
  const nameLength = body.u32('partition_name_len');
  const saltLength = body.u32('salt_len');
  const digestLength = body.u32('digest_len');
  const flags = body.u32('flags');
  body.skip('reserved', 60);
  const partitionName = name(body, nameLength);
  const salt = body.take('salt', saltLength);
  return { kind: 'hash', partitionName, imageSize, hashAlgorithm, salt, digest: body.take('digest', digestLength), flags };
}

/** Writes one descriptor with its header and padding. */
export function writeDescriptor(descriptor: AvbDescriptor): Uint8Array {
  const body = concatBytes(bodyParts(descriptor));
  const out = new Uint8Array(16 + alignUp(body.length, 8));
  const view = new DataView(out.buffer);
  view.setBigUint64(0, descriptor.kind === 'unknown' ? descriptor.tag : TAGS[descriptor.kind]);
  view.setBigUint64(8, BigInt(out.length - 16));
  out.set(body, 16);
  return out;
}

const TAGS = { property: 0n, hashtree: 1n, hash: 2n, 'kernel-cmdline': 3n, 'chain-partition': 4n } as const;

function bodyParts(descriptor: AvbDescriptor): Uint8Array[] {
  switch (descriptor.kind) {
    case 'property': {
      const key = utf8(descriptor.key);
      return [u64(key.length), u64(descriptor.value.length), key, new Uint8Array(1), descriptor.value, new Uint8Array(1)];
    }
    case 'hashtree': {
      const partition = utf8(descriptor.partitionName);
      return [
        u32(descriptor.dmVerityVersion),
        ...[descriptor.imageSize, descriptor.treeOffset, descriptor.treeSize].map(u64),
        ...[descriptor.dataBlockSize, descriptor.hashBlockSize, descriptor.fecNumRoots].map(u32),
        ...[descriptor.fecOffset, descriptor.fecSize].map(u64),
        fixed(descriptor.hashAlgorithm, 32),
        ...[partition.length, descriptor.salt.length, descriptor.rootDigest.length, descriptor.flags].map(u32),
        new Uint8Array(60),
        partition,
        descriptor.salt,
        descriptor.rootDigest,
      ];
    }
    case 'hash': {
      const partition = utf8(descriptor.partitionName);
      return [
        u64(descriptor.imageSize),
        fixed(descriptor.hashAlgorithm, 32),
        ...[partition.length, descriptor.salt.length, descriptor.digest.length, descriptor.flags].map(u32),
        new Uint8Array(60),
        partition,
        descriptor.salt,
        descriptor.digest,
      ];
    }
    case 'kernel-cmdline': {
      const text = utf8(descriptor.kernelCmdline);
      return [u32(descriptor.flags), u32(text.length), text];
    }
    case 'chain-partition': {
      const partition = utf8(descriptor.partitionName);
      return [
        ...[descriptor.rollbackIndexLocation, partition.length, descriptor.publicKey.length, descriptor.flags].map(u32),
        new Uint8Array(60),
        partition,
        descriptor.publicKey,
      ];
    }
    case 'unknown':
      return [descriptor.bytes];
  }
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function fixed(text: string, size: number): Uint8Array {
  const bytes = utf8(text);
  if (bytes.length > size) throw new RangeError(`${JSON.stringify(text)} does not fit into ${size} bytes`);
  const out = new Uint8Array(size);
  out.set(bytes);
  return out;
}

function u32(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value);
  return new Uint8Array(view.buffer);
}

function u64(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(value));
  return new Uint8Array(view.buffer);
}
