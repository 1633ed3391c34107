/**
 * EROFS, the file system of Android's system partitions since 2019, as the kernel's up to 6.17 reads it.
 * Reads: block sizes of 512 bytes to 64 KiB; flat, inline, chunked and compressed files, full and compact indexes and encoded extents; LZ4 with and
 * without zero padding, MicroLZMA, DEFLATE, Zstandard (the latter by the platform's codec); big clusters, tail packing, fragments, deduplicated
 * clusters, several devices, shared attributes and long prefixes, 48-bit addresses, the metabox.
 * Limits: those of `tree.ts`, `DIRECTORY_MAX`, and those of `map.ts`.
 * Does not read: algorithms and layouts of vendors' own (refused by number, file by file).
 */
import { decodedBudget, FormatError, mapBudget, openRooms, type Source } from '../../../bytes/index.ts';
import { pagedSource } from '../pages.ts';
import { type DirectoryEntry, type DirectoryListing, type Driver, treeOf } from '../tree.ts';
import type { FileSystem, MountOptions } from '../types.ts';
import { type Compressed, chunkSource, compressedSource, type Devices, flatSource } from './content.ts';
import { decoder } from './decompress.ts';
import { type ErofsInode, readInode, readPrefixes, readXattrs, type XattrPlaces } from './inode.ts';
import { COMPAT, FORMAT, INCOMPAT, METABOX_BASE, readSuperblock, refuse } from './layout.ts';
import { firstAddress, readExtents } from './map.ts';

const DIRENT_SIZE = 12;
/** Bytes of one directory: over a million short names. */
const DIRECTORY_MAX = 32 << 20;
/** Memory for packed bytes that waits to be used again: as much as two reads take. */
const ROOMS_MAX = 2 << 20;

/** Opens an EROFS image. @throws FormatError when its superblock is none, or needs what is not read here */
export async function openErofs(source: Source, options: MountOptions = {}): Promise<FileSystem> {
  const { value: superblock, oddities } = await readSuperblock(source);
  const primary = pagedSource(source);
  const devices: Devices = { primary: source, others: superblock.devices.map((_, i) => options.devices?.[i]) };
  const isPadded = (superblock.incompat & INCOMPAT.ZERO_PADDING) !== 0;
  const spend = decodedBudget(FORMAT, source.size, options.decodedMax);
  const spendEntries = mapBudget(FORMAT, source.size, options.entriesMax);
  const rooms = openRooms(ROOMS_MAX);
  const decode = decoder({ codec: options.codec, isPadded, blockSize: superblock.blockSize, spend });

  const special = (id: number | undefined, field: string) =>
    once(async () => {
      if (id === undefined) throw refuse(field, 1024, 'bad-value', `the image has no ${field}`);
      const node = await readInode(superblock, id >= METABOX_BASE ? await metabox() : primary, id);
      // A packed inode whose own tail lies in the packed inode would be read for ever.
      const noPacked = async (): Promise<Source> => {
        throw refuse('h_fragmentoff', node.bodyAt, 'overlap', `the ${field} has a fragment of itself`);
      };
      return pagedSource(await openWith(node, noPacked));
    });
  const packed = special(superblock.packedId, 'packed inode');
  const metabox = special(superblock.metaboxId, 'metabox');
  const metaOf = async (id: number): Promise<Source> => (id >= METABOX_BASE ? metabox() : primary);

  async function openWith(node: ErofsInode, fragments: () => Promise<Source>): Promise<Source> {
    const meta = await metaOf(node.id);
    if (node.layout === 'plain' || node.layout === 'inline') return flatSource(node, superblock, devices, meta);
    if (node.layout === 'chunk') return chunkSource(node, { superblock, devices, meta, spendEntries });
    const by: Compressed = { superblock, devices, meta, decoder: decode, packed: fragments, rooms };
    return compressedSource(node, await readExtents(node, { superblock, meta, spendEntries }), by);
  }

  const places = once(async (): Promise<Omit<XattrPlaces, 'meta'>> => {
    const isPlain = (superblock.compat & COMPAT.PLAIN_XATTR_PFX) !== 0;
    const inMetabox = superblock.metaboxId !== undefined;
    const from = isPlain ? primary : inMetabox ? await metabox() : superblock.packedId !== undefined ? await packed() : primary;
    const sharedInMetabox = (superblock.compat & COMPAT.SHARED_EA_IN_METABOX) !== 0;
    return {
      prefixes: superblock.prefixCount > 0 ? await readPrefixes(from, superblock.prefixAt, superblock.prefixCount) : [],
      shared: sharedInMetabox ? await metabox() : primary,
      sharedAt: superblock.xattrAt,
    };
  });

  const driver: Driver<ErofsInode> = {
    format: FORMAT,
    rootId: superblock.rootId,
    inodeAt: (id) => (id >= METABOX_BASE ? undefined : superblock.metaAt + id * 32),
    async readInode(id) {
      const meta = await metaOf(id);
      const node = await readInode(superblock, meta, id);
      if (node.layout !== 'full' && node.layout !== 'compact') return node;
      const at = await firstAddress(node, superblock, meta);
      return at === undefined ? node : { ...node, contentAt: at, storedSize: node.raw * superblock.blockSize };
    },
    async readDirectory(node) {
      if (node.size > DIRECTORY_MAX) throw refuse('i_size', node.at + 8, 'too-large', `a directory of ${node.size} bytes`);
      const content = await openWith(node, packed);
      return readDirectory(await content.read(0, node.size), superblock.directoryBlockSize, node.contentAt);
    },
    readXattrs: async (node) => (node.xattrSize === 0 ? NO_XATTRS : readXattrs(node, { meta: await metaOf(node.id), ...(await places()) })),
    openContent: (node) => openWith(node, packed),
  };

  return {
    kind: 'erofs',
    blockSize: superblock.blockSize,
    size: superblock.blocks * superblock.blockSize,
    label: superblock.label,
    uuid: superblock.uuid,
    features: superblock.features,
    oddities,
    ...treeOf(driver),
  };
}

const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();

/** Makes a value when first asked for; a failure is kept too. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Reads all blocks of a directory: entries first, their names behind. A block that is none costs itself. */
function readDirectory(bytes: Uint8Array, blockSize: number, at: number): DirectoryListing {
  const entries: DirectoryEntry[] = [];
  const errors: FormatError[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0; start < bytes.length; start += blockSize) {
    const end = Math.min(start + blockSize, bytes.length);
    try {
      readBlock(bytes, view, { start, end, at }, entries);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      errors.push(error);
    }
  }
  return { entries, errors, bytes: bytes.length };
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly at: number;
}

function readBlock(bytes: Uint8Array, view: DataView, { start, end, at }: Span, entries: DirectoryEntry[]): void {
  const fail = (field: string, detail: string) => refuse(field, at + start, 'out-of-bounds', detail);
  if (end - start < DIRENT_SIZE) throw fail('dirent', `a block of ${end - start} bytes`);
  const first = view.getUint16(start + 8, true);
  if (first < DIRENT_SIZE || first % DIRENT_SIZE !== 0 || start + first > end) throw fail('nameoff', `the first name at ${first}`);
  const count = first / DIRENT_SIZE;
  for (let i = 0; i < count; i++) {
    const entry = start + i * DIRENT_SIZE;
    const nameAt = start + view.getUint16(entry + 8, true);
    let nameEnd = i + 1 < count ? start + view.getUint16(entry + DIRENT_SIZE + 8, true) : end;
    if (nameAt > nameEnd || nameEnd > end || nameAt < start + first)
      throw fail(`dirent[${i}].nameoff`, `a name from ${nameAt} to ${nameEnd}`);
    if (i + 1 === count) {
      // The last name ends at a NUL where it does not fill the block.
      const nul = bytes.indexOf(0, nameAt);
      if (nul >= 0 && nul < nameEnd) nameEnd = nul;
    }
    const name = bytes.subarray(nameAt, nameEnd);
    if ((name.length === 1 && name[0] === 0x2e) || (name.length === 2 && name[0] === 0x2e && name[1] === 0x2e)) continue;
    const high = view.getUint32(entry + 4, true);
    const nid = view.getUint32(entry, true) + (high & 0x7fffffff) * 2 ** 32;
    if (nid >= METABOX_BASE / 32) throw fail(`dirent[${i}].nid`, `nid 0x${nid.toString(16)}`);
    entries.push({ name, id: nid + (high >= 0x80000000 ? METABOX_BASE : 0) });
  }
}
