/**
 * Nodes of F2FS: inodes and what they point to.
 *
 *   struct f2fs_inode                               the extra attributes, from 360 where i_inline has 0x20
 *     0 le16 i_mode      32 le64 i_atime, ctime, mtime   360 le16 i_extra_isize
 *     2 u8 i_advise      72 le32 i_current_depth        362 le16 i_inline_xattr_size (words)
 *     3 u8 i_inline      76 le32 i_xattr_nid            364 le32 i_projid
 *     4 le32 i_uid       80 le32 i_flags                368 le32 i_inode_checksum
 *     8 le32 i_gid       88 le32 i_namelen              372 le64 i_crtime, le32 nsec
 *    12 le32 i_links    348 i_ext { fofs, blk, len }    384 le64 i_compr_blocks
 *    16 le64 i_size     360 le32 i_addr[]               392 u8 i_compress_algorithm, i_log_cluster_size, le16 i_compress_flag
 *   behind i_addr: le32 i_nid[5], then the footer of every node: le32 nid, ino, flag, le64 cp_ver, le32 next_blkaddr
 */
import type { Source } from '../../../bytes/index.ts';
import { crc32Raw } from '../../codec/index.ts';
import { newDevice, typeOfMode } from '../tree.ts';
import type { Inode } from '../types.ts';
import type { Nat } from './checkpoint.ts';
import { type F2fsSuperblock, FEATURE, refuse } from './layout.ts';

const INLINE = { XATTR: 0x01, DATA: 0x02, DENTRY: 0x04, EXTRA_ATTR: 0x20 } as const;
const ADVISE_ENCRYPT = 0x04;
const FLAG_COMPRESSED = 0x4;
const ADDRESSES_AT = 360;
const NIDS = 5;
const FOOTER = 24;
const CHECKSUM_AT = 368;
/** Words of attributes in an inode where it does not say how many. */
const XATTR_WORDS = 50;

/** What a file's compression says of itself. */
export interface Compression {
  /** Number of the algorithm, as it lies. */
  readonly algorithm: number;
  /** Blocks of a cluster. */
  readonly blocks: number;
  /** Whether clusters have checksums. */
  readonly hasChecksum: boolean;
}

export interface F2fsInode extends Inode {
  /** Where the inode lies, in bytes. */
  readonly at: number;
  readonly isEncrypted: boolean;
  readonly inline: 'data' | 'directory' | undefined;
  /** Where in the inode's block its addresses begin, or what lies inline instead of them, and how many words there are. */
  readonly areaAt: number;
  readonly areaWords: number;
  /** Words of attributes behind them. */
  readonly xattrWords: number;
  /** Node of more attributes, or 0. */
  readonly xattrId: number;
  readonly compression: Compression | undefined;
}

/** What lies in an inode's block. A million of inodes are kept in a walk; their blocks are not, and are read again when they are wanted. */
export interface InodeBody {
  /** Content or names that lie in the inode; all the room there is for them. */
  readonly inline: Uint8Array;
  readonly xattrs: Uint8Array;
  /** Addresses of the first blocks. */
  readonly addresses: Uint32Array;
  /** Nodes of further addresses: two direct, two of direct nodes, one of those. */
  readonly nodeIds: readonly number[];
}

/** Reads what lies in an inode's block. @throws FormatError */
export async function readBody(source: Source, { blockSize }: F2fsSuperblock, node: F2fsInode): Promise<InodeBody> {
  const { areaAt, areaWords, xattrWords, compression } = node;
  const bytes = await source.read(node.at, blockSize);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const areaEnd = areaAt + 4 * areaWords;
  const end = areaEnd + 4 * xattrWords;
  const count = node.inline !== undefined ? 0 : areaWords - (compression === undefined ? 0 : areaWords % compression.blocks);
  return {
    // The first word is kept free.
    inline: bytes.subarray(areaAt + 4, areaEnd),
    xattrs: bytes.subarray(areaEnd, end),
    addresses: Uint32Array.from({ length: count }, (_, i) => view.getUint32(areaAt + 4 * i, true)),
    nodeIds: Array.from({ length: NIDS }, (_, i) => view.getUint32(end + 4 * i, true)),
  };
}

/** Reads a node's block; its footer must name it. @throws FormatError */
export async function readNode(
  source: Source,
  superblock: F2fsSuperblock,
  nat: Nat,
  id: number,
): Promise<{ bytes: Uint8Array; at: number }> {
  const { blockSize } = superblock;
  const at = (await nat.locate(id)) * blockSize;
  const bytes = await source.read(at, blockSize);
  const named = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(blockSize - FOOTER, true);
  if (named !== id) throw refuse(`node[${id}].footer.nid`, at + blockSize - FOOTER, 'bad-value', `the block is of node ${named}`);
  return { bytes, at };
}

/** Reads an inode by its number. @throws FormatError */
export async function readInode(source: Source, superblock: F2fsSuperblock, nat: Nat, id: number): Promise<F2fsInode> {
  const { blockSize, feature } = superblock;
  if (id === superblock.nodeId || id === superblock.metaId || id === 0)
    throw refuse(`inode[${id}]`, 0, 'bad-value', 'it is one of the file system’s own');
  const { bytes, at } = await readNode(source, superblock, nat, id);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u16 = (offset: number) => view.getUint16(offset, true);
  const u32 = (offset: number) => view.getUint32(offset, true);
  if (u32(blockSize - FOOTER + 4) !== id)
    throw refuse(
      `inode[${id}].footer.ino`,
      at + blockSize - FOOTER + 4,
      'bad-value',
      `the node belongs to inode ${u32(blockSize - FOOTER + 4)}`,
    );
  const mode = u16(0);
  const type = typeOfMode(mode);
  if (type === undefined) throw refuse(`inode[${id}].i_mode`, at, 'bad-value', `0o${mode.toString(8)} is of no type`);
  const size = u32(16) + u32(20) * 2 ** 32;
  if (!Number.isSafeInteger(size)) throw refuse(`inode[${id}].i_size`, at + 16, 'too-large', `${size} bytes`);
  const flags = u32(80);
  const inlineBits = bytes[3] ?? 0;
  const hasExtra = (feature & FEATURE.EXTRA_ATTR) !== 0 && (inlineBits & INLINE.EXTRA_ATTR) !== 0;
  const extra = hasExtra ? u16(ADDRESSES_AT) : 0;
  if (extra > CHECKSUM_AT - ADDRESSES_AT) checkSum(bytes, superblock, id, at);
  const slots = (blockSize - ADDRESSES_AT - 4 * NIDS - FOOTER) / 4;
  if (extra % 4 !== 0 || extra > 4 * slots)
    throw refuse(`inode[${id}].i_extra_isize`, at + ADDRESSES_AT, 'out-of-bounds', `${extra} bytes`);
  const xattrWords = inlineXattrWords(feature, inlineBits, extra >= 4 ? u16(ADDRESSES_AT + 2) : 0);
  const room = slots - extra / 4 - xattrWords;
  if (room < 1) throw refuse(`inode[${id}].i_inline_xattr_size`, at + ADDRESSES_AT + 2, 'out-of-bounds', `${xattrWords} words`);
  const isCompressed = (feature & FEATURE.COMPRESSION) !== 0 && (flags & FLAG_COMPRESSED) !== 0 && extra >= 36 && type === 'file';
  const compression = isCompressed ? compressionOf(view, id, at) : undefined;
  const firstAt = ADDRESSES_AT + extra;
  const isDevice = type === 'character device' || type === 'block device';
  const first = u32(firstAt);
  const inline = (inlineBits & INLINE.DATA) !== 0 ? 'data' : (inlineBits & INLINE.DENTRY) !== 0 ? 'directory' : undefined;
  const hasContent = type === 'file' || type === 'directory' || type === 'link';
  return {
    id,
    at,
    type,
    size: hasContent ? size : 0,
    mode: mode & 0o7777,
    uid: u32(4),
    gid: u32(8),
    links: u32(12),
    modifiedSeconds: Number(view.getBigInt64(48, true)),
    // The first word has the old encoding of the numbers where they fit, else the second has the new one.
    device: isDevice ? (first !== 0 ? { major: (first >>> 8) & 0xff, minor: first & 0xff } : newDevice(u32(firstAt + 4))) : undefined,
    contentAt: contentAt(type, inline, { addresses: [first, u32(firstAt + 4)], blockSize, at }),
    isEncrypted: ((bytes[2] ?? 0) & ADVISE_ENCRYPT) !== 0,
    inline,
    areaAt: firstAt,
    areaWords: room,
    xattrWords,
    xattrId: u32(76),
    compression,
  };
}

function inlineXattrWords(feature: number, inlineBits: number, stated: number): number {
  if ((feature & FEATURE.FLEXIBLE_INLINE_XATTR) !== 0 && (inlineBits & INLINE.EXTRA_ATTR) !== 0) return stated;
  // Directories keep the room even where they use none of it.
  return (inlineBits & (INLINE.XATTR | INLINE.DENTRY)) !== 0 ? XATTR_WORDS : 0;
}

function compressionOf(view: DataView, id: number, at: number): Compression {
  const bits = view.getUint8(393);
  // Kernels take 4 to 256 blocks a cluster.
  if (bits < 2 || bits > 8) throw refuse(`inode[${id}].i_log_cluster_size`, at + 393, 'bad-value', `2^${bits} blocks`);
  return { algorithm: view.getUint8(392), blocks: 2 ** bits, hasChecksum: (view.getUint16(394, true) & 1) !== 0 };
}

interface Place {
  readonly addresses: readonly [number, number];
  readonly blockSize: number;
  readonly at: number;
}

/** A block near which the content begins, from what the inode itself says; of a compressed cluster the first address is only a mark. */
function contentAt(type: Inode['type'], inline: F2fsInode['inline'], { addresses, blockSize, at }: Place): number {
  if (type !== 'file' || inline !== undefined) return at;
  const first = addresses.find((address) => address !== 0 && address < 0xfffffffe);
  return first === undefined ? at : first * blockSize;
}

/** The sum goes over the file system's UUID, the inode's number and generation, and its block with the field itself as zeros. Kernels refuse an inode that has another. */
function checkSum(bytes: Uint8Array, { feature, uuid }: F2fsSuperblock, id: number, at: number): void {
  if ((feature & FEATURE.INODE_CHKSUM) === 0) return;
  const seed = crc32Raw(bytes.subarray(68, 72), crc32Raw(bytes.subarray(-FOOTER + 4, -FOOTER + 8), crc32Raw(uuid, 0xffffffff)));
  const before = crc32Raw(bytes.subarray(0, CHECKSUM_AT), seed);
  const crc = crc32Raw(bytes.subarray(CHECKSUM_AT + 4), crc32Raw(new Uint8Array(4), before));
  const stated = new DataView(bytes.buffer, bytes.byteOffset).getUint32(CHECKSUM_AT, true);
  if (crc !== stated)
    throw refuse(
      `inode[${id}].i_inode_checksum`,
      at + CHECKSUM_AT,
      'bad-checksum',
      `0x${stated.toString(16)}, where the inode has 0x${crc.toString(16)}`,
    );
}
