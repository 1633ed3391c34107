/**
 * F2FS, the file system of Android's user data and of some makers' logical partitions.
 * Spec: Linux include/linux/f2fs_fs.h and fs/f2fs (6.12), Documentation/filesystems/f2fs.rst; what f2fs-tools 1.15 writes.
 * Reads: blocks of 4 to 64 KiB, both superblocks, both checkpoint packs with the journal of nodes, inline content, names and attributes, extra attributes of every
 * size, nodes of all levels, hashed directories, compressed files (LZO, LZO-RLE, LZ4; Zstandard by the platform's codec), read-only images, devices, holes.
 * Limits: those of `tree.ts`, `DIRECTORY_MAX`, and those of `map.ts`.
 * Does not read: file systems on several devices and encrypted files (refused by name), what was written after the last checkpoint (an oddity says that there may be some).
 */
import { bytesSource, decodedBudget, type FormatError, mapBudget, type Source } from '../../../bytes/index.ts';
import { pagedSource } from '../pages.ts';
import { runSource } from '../runs.ts';
import { type DirectoryEntry, type DirectoryListing, type Driver, treeOf } from '../tree.ts';
import type { FileSystem, MountOptions } from '../types.ts';
import { readNat } from './checkpoint.ts';
import { compressedSource } from './compress.ts';
import { readEntries } from './directory.ts';
import { type F2fsInode, readBody, readInode } from './inode.ts';
import { FORMAT, readSuperblock, refuse } from './layout.ts';
import { type NodePlaces, readMap } from './map.ts';
import { readXattrs } from './xattrs.ts';

/** Bytes of a directory's blocks that hold something. */
const DIRECTORY_MAX = 64 << 20;

/** Opens an F2FS image. @throws FormatError when neither superblock or no checkpoint is one, or it needs what is not read here */
export async function openF2fs(source: Source, options: MountOptions = {}): Promise<FileSystem> {
  const { value: superblock, oddities } = await readSuperblock(source);
  const meta = pagedSource(source);
  const nat = await readNat(meta, superblock);
  const spend = decodedBudget(FORMAT, source.size, options.decodedMax);
  const places: NodePlaces = { source: meta, superblock, nat, spendEntries: mapBudget(FORMAT, source.size, options.entriesMax) };
  const { blockSize } = superblock;

  async function contentOf(node: F2fsInode): Promise<Source> {
    if (node.isEncrypted) throw refuse(`inode[${node.id}].i_advise`, node.at + 2, 'unsupported-feature', 'it is encrypted');
    if (node.inline === 'data') {
      const { inline } = await readBody(meta, superblock, node);
      if (node.size > inline.length)
        throw refuse(
          `inode[${node.id}].i_size`,
          node.at + 16,
          'out-of-bounds',
          `${node.size} bytes in the ${inline.length} that the inode has`,
        );
      return bytesSource(inline.slice(0, node.size));
    }
    const map = await readMap(node, places);
    if (node.compression !== undefined && map.clusters.length > 0)
      return compressedSource(node, node.compression, map, { superblock, image: source, codec: options.codec, spend });
    return runSource(node.size, map.runs, blockSize, source);
  }

  async function readDirectory(node: F2fsInode): Promise<DirectoryListing> {
    const entries: DirectoryEntry[] = [];
    const errors: FormatError[] = [];
    let read = 0;
    if (node.isEncrypted) throw refuse(`inode[${node.id}].i_advise`, node.at + 2, 'unsupported-feature', 'its names are encrypted');
    if (node.inline === 'directory') readEntries((await readBody(meta, superblock, node)).inline, node.at, entries, errors);
    else {
      // Levels of buckets that hold nothing are holes: only what is there counts.
      const { runs } = await readMap(node, places);
      read = blockSize * runs.reduce((sum, { length }) => sum + length, 0);
      if (read > DIRECTORY_MAX) throw refuse(`inode[${node.id}].i_size`, node.at + 16, 'too-large', `a directory of ${read} bytes`);
      for (const { physical, length } of runs)
        for (let block = physical; block < physical + length; block++)
          readEntries(await meta.read(block * blockSize, blockSize), block * blockSize, entries, errors);
    }
    return { entries, errors, bytes: read };
  }

  const driver: Driver<F2fsInode> = {
    format: FORMAT,
    rootId: superblock.rootId,
    readInode: (id) => readInode(meta, superblock, nat, id),
    readDirectory,
    readXattrs: (node) => readXattrs(node, places),
    openContent: contentOf,
  };

  return {
    kind: 'f2fs',
    blockSize,
    size: superblock.blocks * blockSize,
    label: superblock.label,
    uuid: superblock.uuid,
    features: superblock.features,
    oddities: [...oddities, ...nat.oddities],
    ...treeOf(driver),
  };
}
