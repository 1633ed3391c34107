/**
 * squashfs 4.0, which some makers use for read-only partitions.
 * Spec: Linux Documentation/filesystems/squashfs.rst and fs/squashfs/squashfs_fs.h (6.12); what squashfs-tools 4.5 writes.
 * Reads: gzip, lzma (as squashfs-tools writes it, no kernel reads it), lzo, xz with its filters, lz4, zstd (by the platform's codec); inodes of all types in both forms,
 * fragments, sparse and uncompressed blocks, extended attributes, large directories (their index is not needed), blocks of 4 KiB to 1 MiB.
 * Limits: those of `tree.ts`, `DIRECTORY_MAX`, and those of `content.ts` and `metadata.ts`.
 * Does not read: versions 1 to 3 (named), the table for export over NFS.
 */
import { bytesSource, decodedBudget, FormatError, mapBudget, type Source } from '../../../bytes/index.ts';
import { pagedSource } from '../pages.ts';
import { type DirectoryEntry, type DirectoryListing, type Driver, treeOf } from '../tree.ts';
import type { FileSystem, MountOptions } from '../types.ts';
import { type ContentPlaces, openContent, openFragments } from './content.ts';
import { type InodePlaces, readInode, type SquashfsInode } from './inode.ts';
import { FORMAT, readSuperblock, refuse } from './layout.ts';
import { openMetadata } from './metadata.ts';
import { type Unpack, unpacker } from './unpack.ts';
import { readXattrs } from './xattrs.ts';

/** A listing's size counts the two names that are not in it, with three bytes. */
const DOTS = 3;
/** Bytes of one directory. */
const DIRECTORY_MAX = 16 << 20;
const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();

/** Opens a squashfs image. @throws FormatError when its superblock is none, or of a version that is not read here */
export async function openSquashfs(source: Source, options: MountOptions = {}): Promise<FileSystem> {
  const { value: superblock, oddities } = await readSuperblock(source);
  const paged = pagedSource(source);
  const spend = decodedBudget(FORMAT, source.size, options.decodedMax);
  const unpackBlock = unpacker(superblock.compression, options.codec);
  const unpack: Unpack = async (packed, at, ceiling) => {
    // What fails may have been unpacked to its end before, and is tried by every file that shares it.
    const bytes = await unpackBlock(packed, at, ceiling).catch((error: unknown) => {
      if (error instanceof FormatError) spend(ceiling, at);
      throw error;
    });
    spend(bytes.length, at);
    return bytes;
  };
  const metadata = openMetadata(paged, unpack);
  const fragments = openFragments({ source: paged, superblock, metadata, unpack });
  const spendEntries = mapBudget(FORMAT, source.size, options.entriesMax);
  const places: ContentPlaces = { source, superblock, metadata, unpack, fragments, spendEntries };
  const inodePlaces: InodePlaces = { source: paged, superblock, metadata, fragmentAt: fragments.locate };

  const driver: Driver<SquashfsInode> = {
    format: FORMAT,
    rootId: superblock.rootId,
    readInode: (id) => readInode(inodePlaces, id),
    async readDirectory(node) {
      if (node.size > DIRECTORY_MAX) throw refuse('file_size', node.body.block, 'too-large', `a directory of ${node.size} bytes`);
      if (node.size <= DOTS) return { entries: [], errors: [], bytes: 0 };
      const { bytes } = await metadata.read(node.body, node.size - DOTS);
      return readListing(bytes, node.body.block);
    },
    readXattrs: async (node) => (node.xattr === undefined ? NO_XATTRS : readXattrs(node.xattr, { source: paged, superblock, metadata })),
    async openContent(node) {
      if (node.type !== 'link') return openContent(node, places);
      const { bytes } = await metadata.read(node.body, node.size);
      return bytesSource(bytes);
    },
  };

  return {
    kind: 'squashfs',
    blockSize: superblock.blockSize,
    size: superblock.bytesUsed,
    label: '',
    uuid: undefined,
    features: superblock.features,
    oddities,
    ...treeOf(driver),
  };
}

/**
 *   struct squashfs_dir_header { le32 count, start_block, inode_number }, then count + 1 of
 *   struct squashfs_dir_entry { le16 offset; sle16 inode_number; le16 type, size; name[size + 1] }
 */
function readListing(bytes: Uint8Array, at: number): DirectoryListing {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: DirectoryEntry[] = [];
  const errors: FormatError[] = [];
  const cut = () => errors.push(refuse('directory', at, 'short-read', 'it ends within an entry'));
  for (let here = 0; here < bytes.length; ) {
    if (here + 12 > bytes.length) {
      cut();
      break;
    }
    const count = view.getUint32(here, true) + 1;
    const block = view.getUint32(here + 4, true);
    // A kernel takes no more behind one header; what is said beyond that is bounded by the listing.
    if (count > 256) {
      errors.push(refuse('count', at, 'too-large', `${count} entries behind one header, where 256 is the most`));
      break;
    }
    here += 12;
    for (let i = 0; i < count; i++) {
      if (here + 8 > bytes.length || here + 9 + view.getUint16(here + 6, true) > bytes.length) {
        cut();
        return { entries, errors, bytes: bytes.length };
      }
      const end = here + 9 + view.getUint16(here + 6, true);
      entries.push({ name: bytes.slice(here + 8, end), id: block * 0x10000 + view.getUint16(here, true) });
      here = end;
    }
  }
  return { entries, errors, bytes: bytes.length };
}
