/**
 * ext4, and ext2 and ext3 as their images occur: the file system of Android's system partitions until 2019, and of many vendors' since.
 * Spec: Linux Documentation/filesystems/ext4 (disk layout) and fs/ext4 (v6.6); AOSP system/extras/ext4_utils for what Android's tools write (shared blocks of deduplicated images).
 * Reads: blocks of 1 to 64 KiB, extents of every depth and indirect blocks, 64-bit, flexible and meta groups, inline data, attributes in inodes, blocks and inodes of their own,
 * linear and hashed directories, short and long links, devices, holes, reserved extents, big allocation, shared blocks.
 * Limits: those of `tree.ts`, `DIRECTORY_MAX`, and those of `map.ts`.
 * Does not read: encrypted files (refused by name), the journal (an image that needs it is an oddity), checksums of anything but the superblock.
 */
import { bytesSource, checkRange, concatBytes, FormatError, mapBudget, type Source } from '../../../bytes/index.ts';
import { pagedSource } from '../pages.ts';
import { runSource } from '../runs.ts';
import { type DirectoryEntry, type DirectoryListing, type Driver, treeOf } from '../tree.ts';
import type { FileSystem, MountOptions } from '../types.ts';
import { BLOCK_AREA, type ExtInode, FLAG, INLINE_REST, readInode, readXattrs } from './inode.ts';
import { type ExtSuperblock, FORMAT, INCOMPAT, readSuperblock, refuse } from './layout.ts';
import { type MapPlaces, readRuns } from './map.ts';

const ROOT = 2;
/** Bytes of one directory: over a million short names. */
const DIRECTORY_MAX = 64 << 20;
/** The parent's number, before the entries of an inline directory. */
const INLINE_PARENT = 4;

/** Opens an ext2, ext3 or ext4 image. @throws FormatError when its superblock is none, or needs what is not read here */
export async function openExt(source: Source, options: Pick<MountOptions, 'entriesMax'> = {}): Promise<FileSystem> {
  const { value: superblock, oddities } = await readSuperblock(source);
  const meta = pagedSource(source);
  const maps: MapPlaces = { superblock, source: meta, spendEntries: mapBudget(FORMAT, source.size, options.entriesMax) };

  const xattrsOf = (node: ExtInode) =>
    readXattrs(node, superblock, meta, async (id, size) => {
      const holder = await readInode(superblock, meta, id);
      if ((holder.flags & FLAG.EA_INODE) === 0) throw refuse('e_value_inum', node.at, 'bad-value', `inode ${id} holds no attribute`);
      const runs = await readRuns(holder, maps);
      return runSource(size, runs, superblock.blockSize, source).read(0, size);
    });

  async function contentOf(node: ExtInode): Promise<Source> {
    if ((node.flags & FLAG.ENCRYPT) !== 0) throw refuse('i_flags', node.at + 0x20, 'unsupported-feature', 'the file is encrypted');
    if ((node.flags & FLAG.INLINE_DATA) !== 0) return inlineOf(node);
    if (node.type === 'link' && node.size < BLOCK_AREA && (node.flags & FLAG.EXTENTS) === 0)
      return bytesSource(node.area.slice(0, node.size));
    return runSource(node.size, await readRuns(node, maps), superblock.blockSize, source);
  }

  /** Inline data: what fits into i_block, the rest in an attribute. mke2fs leaves files of zeros so whatever their size, and a kernel reads zeros behind what there is. */
  async function inlineOf(node: ExtInode): Promise<Source> {
    const rest = node.size > BLOCK_AREA ? (await xattrsOf(node)).get(INLINE_REST) : undefined;
    const bytes = concatBytes([node.area, ...(rest === undefined ? [] : [rest])]);
    const { size } = node;
    return {
      size,
      async read(at, length) {
        checkRange({ size }, at, length, FORMAT);
        const out = new Uint8Array(length);
        out.set(bytes.subarray(at, at + length));
        return out;
      },
    };
  }

  const driver: Driver<ExtInode> = {
    format: FORMAT,
    rootId: ROOT,
    async readInode(id) {
      const node = await readInode(superblock, meta, id);
      const hasBlocks = node.type === 'file' && node.size > 0 && (node.flags & (FLAG.INLINE_DATA | FLAG.ENCRYPT)) === 0;
      return hasBlocks ? { ...node, contentAt: firstBlock(node) * superblock.blockSize } : node;
    },
    async readDirectory(node) {
      if (node.size > DIRECTORY_MAX) throw refuse('i_size', node.at + 4, 'too-large', `a directory of ${node.size} bytes`);
      const content = await contentOf(node);
      const bytes = await content.read(0, content.size);
      const isInline = (node.flags & FLAG.INLINE_DATA) !== 0;
      return isInline
        ? readInlineDirectory(bytes, node, superblock)
        : readBlocks(bytes, { at: node.at, blockSize: superblock.blockSize, superblock });
    },
    async readXattrs(node) {
      const found = new Map(await xattrsOf(node));
      found.delete(INLINE_REST);
      return found;
    },
    openContent: contentOf,
  };

  return {
    kind: 'ext',
    blockSize: superblock.blockSize,
    size: superblock.blocks * superblock.blockSize,
    label: superblock.label,
    uuid: superblock.uuid,
    features: superblock.features,
    oddities,
    ...treeOf(driver),
  };
}

/** A block of the image near which the content begins, from what the inode itself says: the first extent or index, or the first pointer. */
function firstBlock(node: ExtInode): number {
  const view = new DataView(node.area.buffer, node.area.byteOffset, node.area.byteLength);
  if ((node.flags & FLAG.EXTENTS) === 0) return view.getUint32(0, true);
  const isLeaf = view.getUint16(6, true) === 0;
  return isLeaf
    ? view.getUint32(20, true) + view.getUint16(18, true) * 2 ** 32
    : view.getUint32(16, true) + view.getUint16(20, true) * 2 ** 32;
}

interface Blocks {
  readonly at: number;
  readonly blockSize: number;
  readonly superblock: ExtSuperblock;
}

/** Every block by itself: one that is none costs itself. Inner nodes of a hashed directory look like one unused entry. */
function readBlocks(bytes: Uint8Array, where: Blocks): DirectoryListing {
  const entries: DirectoryEntry[] = [];
  const errors: FormatError[] = [];
  for (let start = 0; start < bytes.length; start += where.blockSize) {
    try {
      readEntries(bytes.subarray(start, Math.min(start + where.blockSize, bytes.length)), where, entries);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      errors.push(error);
    }
  }
  return { entries, errors, bytes: bytes.length };
}

/** The inode's own area and the attribute behind it are lists of entries each, the first behind the parent's number. */
function readInlineDirectory(bytes: Uint8Array, node: ExtInode, superblock: ExtSuperblock): DirectoryListing {
  const entries: DirectoryEntry[] = [];
  const errors: FormatError[] = [];
  for (const part of [bytes.subarray(INLINE_PARENT, BLOCK_AREA), bytes.subarray(BLOCK_AREA)]) {
    try {
      readEntries(part, { at: node.at, blockSize: superblock.blockSize, superblock }, entries);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      errors.push(error);
    }
  }
  return { entries, errors, bytes: bytes.length };
}

/** struct ext4_dir_entry_2 { le32 inode; le16 rec_len; u8 name_len; u8 file_type; char name[] }; without FILETYPE the length of the name has 16 bits. */
function readEntries(bytes: Uint8Array, { at, superblock }: Blocks, entries: DirectoryEntry[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hasType = (superblock.incompat & INCOMPAT.FILETYPE) !== 0;
  for (let entry = 0; entry + 8 <= bytes.length; ) {
    const id = view.getUint32(entry, true);
    const stated = view.getUint16(entry + 4, true);
    // Of blocks of 64 KiB the whole does not fit into 16 bits.
    const length = stated === 0xffff || (stated === 0 && bytes.length === 0x10000) ? bytes.length - entry : stated;
    if (length < 8 || length % 4 !== 0 || entry + length > bytes.length)
      throw refuse('rec_len', at, 'out-of-bounds', `an entry of ${length} bytes, ${bytes.length - entry} left`);
    const nameLength = hasType ? view.getUint8(entry + 6) : view.getUint16(entry + 6, true);
    if (id !== 0) {
      if (8 + nameLength > length) throw refuse('name_len', at, 'out-of-bounds', `a name of ${nameLength} bytes in an entry of ${length}`);
      const name = bytes.slice(entry + 8, entry + 8 + nameLength);
      const isSelf = name[0] === 0x2e && (nameLength === 1 || (nameLength === 2 && name[1] === 0x2e));
      if (!isSelf) entries.push({ name, id });
    }
    entry += length;
  }
}
