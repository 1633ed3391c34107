/**
 * How a compressed EROFS file is cut: from its map header and indexes to a list of extents.
 * Spec: Linux fs/erofs/erofs_fs.h (6.17); facts about look-back, nblk and tails from fs/erofs/zmap.c and erofs-utils lib/zmap.c.
 * A kernel looks one offset up from behind; here all indexes are read once, from the front, so that distances between them cannot make a circle.
 *
 *   struct z_erofs_map_header, aligned to 8 behind the inode and its xattrs
 *     0 __le32 h_fragmentoff | { __le16 reserved, h_idata_size } | h_extents_lo
 *     4 __le16 h_advise        1 compact: 2-byte packs, full: extents · 2, 4 big clusters of head 1, 2 · 8 inline tail · 16 interlaced · 32 fragment
 *     6 __u8   h_algorithmtype head 1 | head 2 << 4         | h_extents_hi
 *     7 __u8   h_clusterbits   bits 0 … 3 over blkszbits; bit 7: the whole file is a fragment, all other bits its offset
 *   struct z_erofs_lcluster_index (full), from header + 16
 *     __le16 di_advise         type in bits 0, 1: plain, head 1, no head, head 2; bit 15: partial reference
 *     __le16 di_clusterofs
 *     __le32 blkaddr | __le16 delta[2]     delta[0] bit 11: blocks of the cluster
 *   compact, from header + 8: packs of 2 (8 bytes) or 16 (32 bytes) entries of type[2] and offset or delta, then __le32 blkaddr before the first head
 *   struct z_erofs_extent (full with extents): __le32 plen, pstart_lo, pstart_hi, lstart_lo, lstart_hi; records of 4, 8, 16 or 32 bytes
 */
import type { Source, SpendEntries } from '../../../bytes/index.ts';
import type { ErofsInode } from './inode.ts';
import { refuse, type Superblock } from './layout.ts';

/** Indexes of one file: 8 GiB in clusters of 4 KiB. */
const CLUSTERS_MAX = 1 << 21;
/** Largest compressed and decompressed size of one cluster. */
const PACKED_MAX = 1 << 20;
export const UNPACKED_MAX = 12 << 20;

/** What an extent's bytes are. Below these: the number of a compression algorithm. */
export const KIND = { shifted: 16, interlaced: 17, hole: 18, fragment: 19 } as const;

/** The extents of a file, in order and without gaps: one array a field, because there are hundreds of thousands. */
export interface ExtentMap {
  readonly count: number;
  /** Where each begins in the file; the file's size behind the last. */
  readonly start: Float64Array;
  /** Where its bytes lie, on the image, in the metadata (`inline`), or in the packed inode (fragments). */
  readonly at: Float64Array;
  readonly packed: Uint32Array;
  readonly kind: Uint8Array;
  /** 1: it unpacks to more than the file takes of it. */
  readonly partial: Uint8Array;
  /** Index of the extent whose bytes lie in the metadata, or -1. */
  readonly inline: number;
}

const HEAD_TYPES = { plain: 0, head1: 1, none: 2, head2: 3 } as const;
const CBLKCNT = 1 << 11;

interface Header {
  readonly advise: number;
  readonly algorithms: readonly [number, number];
  readonly clusterBits: number;
  readonly low: number;
  readonly extents: number;
  readonly headerAt: number;
}

const le16 = (b: Uint8Array, at: number) => (b[at] ?? 0) | ((b[at + 1] ?? 0) << 8);
const le32 = (b: Uint8Array, at: number) => (le16(b, at) | (le16(b, at + 2) << 16)) >>> 0;

/** Collects extents while indexes are read. */
class Builder {
  readonly start: number[] = [];
  readonly at: number[] = [];
  readonly packed: number[] = [];
  readonly kind: number[] = [];
  readonly partial: number[] = [];
  inline = -1;

  add(start: number, at: number, packed: number, kind: number): void {
    this.start.push(start);
    this.at.push(at);
    this.packed.push(packed);
    this.kind.push(kind);
    this.partial.push(0);
  }

  build(size: number): ExtentMap {
    return {
      count: this.kind.length,
      start: Float64Array.from([...this.start, size]),
      at: Float64Array.from(this.at),
      packed: Uint32Array.from(this.packed),
      kind: Uint8Array.from(this.kind),
      partial: Uint8Array.from(this.partial),
      inline: this.inline,
    };
  }
}

/** What indexes are read with. */
export interface MapPlaces {
  readonly superblock: Superblock;
  /** Where the inode lies, and its indexes behind it. */
  readonly meta: Source;
  readonly spendEntries: SpendEntries;
}

/** Reads the extents of a compressed file. @throws FormatError */
export async function readExtents(node: ErofsInode, places: MapPlaces): Promise<ExtentMap> {
  const { superblock, meta } = places;
  const builder = new Builder();
  if (node.size === 0) return builder.build(0);
  const headerAt = Math.ceil(node.bodyAt / 8) * 8;
  const bytes = await readMeta(meta, headerAt, 8, 'map_header');
  if ((bytes[7] ?? 0) >= 0x80) {
    builder.add(0, le32(bytes, 0) + (le32(bytes, 4) & 0x7fffffff) * 2 ** 32, 0, KIND.fragment);
    return builder.build(node.size);
  }
  const advise = le16(bytes, 4);
  const header: Header = {
    advise,
    algorithms: [(bytes[6] ?? 0) & 15, (bytes[6] ?? 0) >>> 4],
    clusterBits: superblock.blockBits + ((bytes[7] ?? 0) & 15),
    low: le32(bytes, 0),
    extents: le32(bytes, 0) + le16(bytes, 6) * 2 ** 32,
    headerAt,
  };
  if (node.layout === 'full' && (advise & 1) !== 0) await readEncoded(node, places, { header, builder });
  else await readClusters(node, places, { header, builder });
  const map = builder.build(node.size);
  checkExtents(map, node);
  return map;
}

async function readMeta(meta: Source, at: number, length: number, field: string): Promise<Uint8Array> {
  if (at + length > meta.size) throw refuse(field, at, 'out-of-bounds', `${length} bytes at ${at} of ${meta.size}`);
  return meta.read(at, length);
}

function checkExtents(map: ExtentMap, node: ErofsInode): void {
  if (map.count === 0 || map.start[0] !== 0)
    throw refuse('lcluster[0]', node.bodyAt, 'bad-value', 'the file’s first bytes are in no cluster');
  for (let i = 0; i < map.count; i++) {
    const length = (map.start[i + 1] ?? 0) - (map.start[i] ?? 0);
    const kind = map.kind[i] ?? 0;
    const packed = map.packed[i] ?? 0;
    if (length < 0) throw refuse(`extent[${i}]`, node.bodyAt, 'overlap', `it begins after ${map.start[i + 1]}, where the next one does`);
    if (kind === KIND.hole || kind === KIND.fragment) continue;
    if (packed === 0 || packed > PACKED_MAX) throw refuse(`extent[${i}]`, node.bodyAt, 'bad-value', `${packed} compressed bytes`);
    if ((kind === KIND.shifted || kind === KIND.interlaced) && length > packed)
      throw refuse(`extent[${i}]`, node.bodyAt, 'out-of-bounds', `${length} bytes, where ${packed} lie there as they are`);
    if (length > UNPACKED_MAX) throw refuse(`extent[${i}]`, node.bodyAt, 'too-large', `${length} bytes from one cluster`);
  }
}

interface Building {
  readonly header: Header;
  readonly builder: Builder;
}

/** One cluster's index. */
interface Index {
  type: number;
  /** Of a head: where in its cluster it begins. */
  offset: number;
  /** Of a head: its first block. */
  block: number;
  /** Of no head: blocks of the cluster, if it says so; else 0. */
  blocks: number;
  partial: boolean;
}

async function readClusters(node: ErofsInode, { superblock, meta, spendEntries }: MapPlaces, { header, builder }: Building): Promise<void> {
  const { clusterBits, advise } = header;
  const clusterSize = 2 ** clusterBits;
  const total = Math.ceil(node.size / clusterSize);
  if (total > CLUSTERS_MAX) throw refuse('i_size', node.at + 8, 'too-large', `${total} clusters, and ${CLUSTERS_MAX} is the most`);
  spendEntries(total, node.bodyAt);
  const isInline = (advise & 8) !== 0 && (advise & 32) === 0 && header.low >>> 16 > 0;
  const isFragment = (advise & 32) !== 0;
  const indexes =
    node.layout === 'full'
      ? await fullIndexes(header, meta, total)
      : await compactIndexes({ header, meta, total, blocks: Math.ceil(node.size / superblock.blockSize) });
  const big: Readonly<Record<number, boolean>> = { 0: (advise & 4) !== 0, 1: (advise & 2) !== 0, 3: (advise & 4) !== 0 };
  const index: Index = { type: 0, offset: 0, block: 0, blocks: 0, partial: false };
  const next: Index = { ...index };
  let tailBlock = 0;
  for (let cluster = 0; cluster < total; cluster++) {
    indexes.load(cluster, index);
    if (index.type === HEAD_TYPES.none) continue;
    const start = cluster * clusterSize + index.offset;
    if (index.offset >= clusterSize)
      throw refuse(`lcluster[${cluster}]`, node.bodyAt, 'out-of-bounds', `it begins at ${index.offset} of ${clusterSize}`);
    // Behind the end of the file an index may still say where the tail ends.
    if (start >= node.size) break;
    let blocks = 1;
    if (big[index.type] === true && cluster + 1 < total) {
      indexes.load(cluster + 1, next);
      // Where the next cluster has a head of its own, this one has a single block.
      if (next.type === HEAD_TYPES.none) blocks = next.blocks;
    }
    const kind =
      index.type === HEAD_TYPES.plain
        ? (advise & 16) !== 0
          ? KIND.interlaced
          : KIND.shifted
        : header.algorithms[index.type === HEAD_TYPES.head2 ? 1 : 0];
    builder.add(start, index.block * superblock.blockSize, blocks * superblock.blockSize, kind);
    if (index.partial) builder.partial[builder.partial.length - 1] = 1;
    tailBlock = index.block;
  }
  const last = builder.kind.length - 1;
  if (last < 0) return;
  if (isInline) {
    builder.inline = last;
    builder.at[last] = indexes.end;
    builder.packed[last] = header.low >>> 16;
  } else if (isFragment) {
    // A full index has room for the offset's high half, where other heads have their block.
    builder.at[last] = header.low + (node.layout === 'full' ? tailBlock * 2 ** 32 : 0);
    builder.kind[last] = KIND.fragment;
    builder.packed[last] = 0;
  }
}

interface Indexes {
  /** Where the metadata behind the last index begins: an inline tail. */
  readonly end: number;
  load(cluster: number, into: Index): void;
}

async function fullIndexes(header: Header, meta: Source, total: number): Promise<Indexes> {
  const at = header.headerAt + 16;
  const bytes = await readMeta(meta, at, 8 * total, 'lcluster_index');
  const isBig = (header.advise & 6) !== 0;
  return {
    end: at + 8 * total,
    load(cluster, into) {
      const from = 8 * cluster;
      const advise = le16(bytes, from);
      into.type = advise & 3;
      into.partial = (advise & 0x8000) !== 0;
      into.offset = le16(bytes, from + 2);
      into.block = le32(bytes, from + 4);
      into.blocks = 0;
      if (into.type !== HEAD_TYPES.none) return;
      const delta = le16(bytes, from + 4);
      if ((delta & CBLKCNT) === 0) return;
      if (!isBig) throw refuse(`lcluster[${cluster}]`, at + from, 'bad-value', 'a count of blocks in a file without big clusters');
      into.blocks = delta & ~CBLKCNT;
    },
  };
}

interface CompactPlace {
  readonly header: Header;
  readonly meta: Source;
  readonly total: number;
  /** Of the file: what a kernel counts the packs of 2-byte entries by. No tool makes clusters of several blocks. */
  readonly blocks: number;
}

async function compactIndexes({ header, meta, total, blocks: ofFile }: CompactPlace): Promise<Indexes> {
  const { clusterBits, advise, headerAt } = header;
  if (clusterBits > 14)
    throw refuse('h_clusterbits', headerAt + 7, 'unsupported-feature', `clusters of 2^${clusterBits} bytes in compact indexes`);
  const isBig = (advise & 2) !== 0;
  if (isBig !== ((advise & 4) !== 0)) throw refuse('h_advise', headerAt + 4, 'bad-value', 'big clusters for one head only');
  const base = headerAt + 8;
  // Entries of 4 bytes up to an offset of 32, then 2-byte ones in packs of 16 as many as fit, then 4-byte ones again.
  const first = ((32 - (base % 32)) / 4) & 7;
  const packed2 = (advise & 1) !== 0 && first < ofFile ? Math.floor((ofFile - first) / 16) * 16 : 0;
  if (packed2 > 0 && clusterBits > 12)
    throw refuse('h_advise', headerAt + 4, 'unsupported-feature', '2-byte entries for clusters above 4 KiB');
  const places = (cluster: number): { at: number; shift: 1 | 2 } => {
    if (cluster < first) return { at: base + 4 * cluster, shift: 2 };
    if (cluster < first + packed2) return { at: base + 4 * first + 2 * (cluster - first), shift: 1 };
    return { at: base + 4 * first + 2 * packed2 + 4 * (cluster - first - packed2), shift: 2 };
  };
  // A pack is read whole: the last may reach a little over the last entry.
  const last = places(total - 1);
  const lastPack = last.shift === 1 ? 32 : 8;
  const end = Math.floor(last.at / lastPack) * lastPack + lastPack;
  // Packs are aligned in the image, so the first may begin before its first entry.
  const from = Math.floor(base / 8) * 8;
  const bytes = await readMeta(meta, from, end - from, 'lcluster_index');
  const offsetBits = Math.max(clusterBits, 12);
  const mask = (1 << offsetBits) - 1;

  return {
    end,
    load(cluster, into) {
      const { at, shift } = places(cluster);
      const entries = shift === 1 ? 16 : 2;
      const packSize = entries << shift;
      const bits = ((packSize - 4) * 8) / entries;
      const pack = Math.floor(at / packSize) * packSize;
      const packAt = pack - from;
      const index = (at - pack) >>> shift;
      const entry = (i: number) => {
        const bit = bits * i;
        return le32(bytes, packAt + (bit >>> 3)) >>> (bit & 7);
      };
      const value = entry(index);
      const low = value & mask;
      into.type = (value >>> offsetBits) & 3;
      into.partial = false;
      into.blocks = 0;
      into.offset = low;
      into.block = 0;
      if (into.type === HEAD_TYPES.none) {
        if ((low & CBLKCNT) !== 0) {
          if (!isBig) throw refuse(`lcluster[${cluster}]`, at, 'bad-value', 'a count of blocks in a file without big clusters');
          into.blocks = low & ~CBLKCNT;
        }
        return;
      }
      // The pack keeps the block before its first head; each head before this one says how many more there are.
      let blocks = isBig ? 0 : 1;
      for (let i = index; i > 0; ) {
        i--;
        const before = entry(i);
        const beforeLow = before & mask;
        if (((before >>> offsetBits) & 3) !== HEAD_TYPES.none) blocks++;
        else if (!isBig) {
          i -= beforeLow;
          if (i >= 0) blocks++;
        } else if ((beforeLow & CBLKCNT) !== 0) {
          i--;
          blocks += beforeLow & ~CBLKCNT;
        } else {
          if (beforeLow <= 1) throw refuse(`lcluster[${cluster}]`, at, 'bad-value', 'a cluster that points to itself');
          i -= beforeLow - 2;
        }
      }
      into.block = (le32(bytes, packAt + packSize - 4) + blocks) >>> 0;
    },
  };
}

/** Encoded extents: records that say where in bytes, with no indexes of clusters. */
async function readEncoded(node: ErofsInode, { superblock, meta, spendEntries }: MapPlaces, { header, builder }: Building): Promise<void> {
  const { advise, clusterBits } = header;
  const size = 4 << ((advise >>> 1) & 3);
  const isInterlaced = (advise & 16) !== 0;
  const isFragment = (advise & 32) !== 0;
  let at = Math.ceil((header.headerAt + 8) / size) * size;
  const clusterSize = 2 ** clusterBits;
  // Small records stand for one cluster each; large ones have a count.
  const count = size <= 8 ? Math.ceil(node.size / clusterSize) : header.extents;
  if (count > CLUSTERS_MAX) throw refuse('h_extents', header.headerAt, 'too-large', `${count} extents, and ${CLUSTERS_MAX} is the most`);
  spendEntries(count, header.headerAt);
  let next = 0;
  if (size === 4) {
    const start = await readMeta(meta, at, 8, 'extent start');
    next = le32(start, 0) + le32(start, 4) * 2 ** 32;
    at += 8;
  }
  const bytes = await readMeta(meta, at, count * size, 'extent');
  for (let i = 0; i < count; i++) {
    const from = i * size;
    const word = le32(bytes, from);
    const packed = word & (2 * PACKED_MAX - 1);
    let physical = next;
    let start = i * clusterSize;
    if (size === 8) physical = le32(bytes, from + 4);
    else if (size >= 16) {
      physical = le32(bytes, from + 4) + le32(bytes, from + 8) * 2 ** 32;
      start = le32(bytes, from + 12) + (size === 32 ? le32(bytes, from + 16) * 2 ** 32 : 0);
    }
    next += packed;
    if (start >= node.size) break;
    if (i === count - 1 && isFragment) {
      builder.add(start, word + (size > 4 ? le32(bytes, from + 4) * 2 ** 32 : 0), 0, KIND.fragment);
      continue;
    }
    const format = word >>> 28;
    const isAligned = physical % superblock.blockSize === 0 && packed % superblock.blockSize === 0;
    const kind = packed === 0 ? KIND.hole : format > 0 ? format - 1 : isInterlaced && isAligned ? KIND.interlaced : KIND.shifted;
    builder.add(start, physical, packed, kind);
    if ((word & 0x08000000) !== 0) builder.partial[builder.partial.length - 1] = 1;
  }
}

/** Where a compressed file's first cluster lies, for the order of a walk; undefined where that is not known cheaply. */
export async function firstAddress(node: ErofsInode, superblock: Superblock, meta: Source): Promise<number | undefined> {
  if (node.size === 0) return undefined;
  const headerAt = Math.ceil(node.bodyAt / 8) * 8;
  if (headerAt + 32 > meta.size) return undefined;
  const bytes = await meta.read(headerAt, 32);
  if ((bytes[7] ?? 0) >= 0x80) return undefined;
  const advise = le16(bytes, 4);
  if (node.layout === 'full') {
    if ((advise & 1) === 0) return le32(bytes, 20) * superblock.blockSize;
    const size = 4 << ((advise >>> 1) & 3);
    const at = (Math.ceil((headerAt + 8) / size) * size - headerAt) % 32;
    return size === 4 ? le32(bytes, at) + le32(bytes, at + 4) * 2 ** 32 : size === 8 ? le32(bytes, at + 4) : undefined;
  }
  // Compact: the block before the first head is at the end of its pack, which is within the next 32 bytes in the first, 4-byte region.
  const base = headerAt + 8;
  const first = ((32 - (base % 32)) / 4) & 7;
  if (first === 0 && (advise & 1) !== 0) return undefined;
  const packEnd = Math.floor(base / 8) * 8 + 8 - headerAt;
  return packEnd <= 32 ? (le32(bytes, packEnd - 4) + 1) * superblock.blockSize : undefined;
}
