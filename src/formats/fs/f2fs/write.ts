/**
 * Writes small F2FS images, block by block: what the tools of the distribution cannot make (devices, attributes in a node of their own, deep maps, blocks of 16 KiB,
 * compressed clusters) and what no tool would. A single checkpoint pack, with all nodes in the NAT and a journal where asked for.
 */
import { crc32Raw } from '../../codec/index.ts';
import { FEATURE, MAGIC } from './layout.ts';

const FOOTER = 24;
const CHECKPOINT = 2;
/** Blocks of a pack: its first, one with both journals, its last. */
const COMPACT = 3;
/** Its first, a summary for each of six logs, its last. */
const NORMAL = 8;

/** An attribute by the number of its prefix. */
export type F2fsAttribute = readonly [index: number, name: string, value: Uint8Array];

export interface F2fsInodeSpec {
  readonly id: number;
  readonly mode: number;
  readonly size?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly links?: number;
  readonly advise?: number;
  readonly flags?: number;
  /** Bytes that lie in the inode: content, or the names of a directory (`dentries`). */
  readonly inline?: Uint8Array;
  readonly addresses?: readonly number[];
  readonly nodeIds?: readonly number[];
  /** Attributes in the inode, of as many words as the image's inodes keep. */
  readonly xattrs?: Uint8Array;
  readonly xattrId?: number;
  readonly compression?: { readonly algorithm: number; readonly clusterBits: number; readonly hasChecksum?: boolean };
}

export interface F2fsSpec {
  readonly blockBits?: number;
  readonly feature?: number;
  /** Words of attributes in each inode, where the image has FLEXIBLE_INLINE_XATTR; else there are 50. */
  readonly xattrWords?: number;
  readonly inodes: readonly F2fsInodeSpec[];
  /** Nodes of addresses, or of attributes. */
  readonly nodes?: readonly { readonly id: number; readonly owner: number; readonly bytes: Uint8Array }[];
  /** Content, by block of the image. */
  readonly blocks?: ReadonlyMap<number, Uint8Array>;
  /** A summary for each log, as a kernel leaves them where there is much to say; else one block with the journals only. */
  readonly hasSummaries?: boolean;
  /** Nodes that only the journal tells of. */
  readonly journal?: readonly number[];
  readonly checkpointFlags?: number;
  readonly totalBlocks: number;
}

const [UMOUNT, UMOUNT_COMPACT] = [0x1, 0x5];

/** Words in little endian. */
export function words(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value, true);
  return new Uint8Array(view.buffer);
}

/** The list of attributes: its begin belongs into an inode, the rest into a node. */
export function attributes(list: readonly F2fsAttribute[]): Uint8Array {
  const text = new TextEncoder();
  const bytes: number[] = [...words([0xf2f52011, 1, 0, 0, 0, 0])];
  for (const [index, name, value] of list) {
    bytes.push(index, name.length, value.length & 0xff, value.length >>> 8, ...text.encode(name), ...value);
    while (bytes.length % 4 !== 0) bytes.push(0);
  }
  return Uint8Array.from([...bytes, 0, 0, 0, 0]);
}

/** Names in the slots of a block of a directory, or of an inline area of `size` bytes. */
export function dentries(list: readonly (readonly [name: Uint8Array | string, id: number])[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  const slots = Math.floor((size * 8) / (19 * 8 + 1));
  const namesAt = size - 8 * slots;
  let slot = 0;
  for (const [given, id] of list) {
    const name = typeof given === 'string' ? new TextEncoder().encode(given) : given;
    const entry = namesAt - 11 * slots + 11 * slot;
    view.setUint32(entry + 4, id, true);
    view.setUint16(entry + 8, name.length, true);
    bytes.set(name.subarray(0, size - namesAt - 8 * slot), namesAt + 8 * slot);
    const taken = Math.max(1, Math.ceil(name.length / 8));
    for (const until = Math.min(slots, slot + taken); slot < until; slot++)
      bytes[slot >>> 3] = (bytes[slot >>> 3] ?? 0) | (1 << (slot & 7));
  }
  return bytes;
}

/** Writes an image. Inodes and nodes take the first blocks of the main area, in their order; content lies where `blocks` puts it. */
export function writeF2fs(spec: F2fsSpec): Uint8Array {
  const blockBits = spec.blockBits ?? 12;
  const blockSize = 2 ** blockBits;
  const feature = spec.feature ?? 0;
  const pack = spec.hasSummaries === true ? NORMAL : COMPACT;
  const [nat, main] = [CHECKPOINT + pack, CHECKPOINT + pack + 1];
  const image = new Uint8Array(spec.totalBlocks * blockSize);
  const view = new DataView(image.buffer);
  const uuid = Uint8Array.from({ length: 16 }, (_, i) => i);
  const u32 = (at: number, ...values: readonly number[]) => image.set(words(values), at);

  for (const at of [1024, blockSize + 1024]) {
    u32(at, MAGIC);
    u32(at + 8, 9, blockBits - 9, blockBits, 9, 1, 1, 3068, spec.totalBlocks);
    u32(at + 60, 2);
    u32(at + 76, CHECKPOINT, nat, nat, main, main, 3, 1, 2);
    image.set(uuid, at + 108);
    u32(at + 2180, feature);
    if ((feature & FEATURE.SB_CHKSUM) !== 0) u32(at + 3068, crc32Raw(image.subarray(at, at + 3068), MAGIC));
  }

  let next = main;
  const places = new Map<number, number>();
  const place = (id: number, owner: number, bytes: Uint8Array) => {
    const at = next * blockSize;
    image.set(bytes, at);
    u32(at + blockSize - FOOTER, id, owner);
    places.set(id, next++);
    return at;
  };
  for (const inode of spec.inodes) {
    const at = place(inode.id, inode.id, inodeBlock(inode, spec, blockSize));
    if ((feature & FEATURE.INODE_CHKSUM) === 0) continue;
    const seed = crc32Raw(new Uint8Array(4), crc32Raw(words([inode.id]), crc32Raw(uuid, 0xffffffff)));
    u32(at + 368, crc32Raw(image.subarray(at, at + blockSize), seed));
  }
  for (const { id, owner, bytes } of spec.nodes ?? []) place(id, owner, bytes);
  for (const [block, bytes] of spec.blocks ?? []) image.set(bytes, block * blockSize);

  const journal = spec.journal ?? [];
  for (const [id, block] of places) {
    if (journal.includes(id)) continue;
    u32(nat * blockSize + 9 * id + 1, id, block);
  }
  // Of a summary its journal comes behind its entries, one for each block of a segment of the size that summaries are of.
  const summarySize = (feature & FEATURE.PACKED_SSA) !== 0 ? 4096 : blockSize;
  const summaryAt = (CHECKPOINT + 1) * blockSize + (pack === NORMAL ? (summarySize / 8) * 7 : 0);
  view.setUint16(summaryAt, journal.length, true);
  for (const [i, id] of journal.entries()) {
    u32(summaryAt + 2 + 13 * i, id);
    u32(summaryAt + 2 + 13 * i + 5, id, places.get(id) ?? 0);
  }
  for (const block of [CHECKPOINT, CHECKPOINT + pack - 1]) {
    const at = block * blockSize;
    u32(at, 7, 0);
    u32(at + 132, spec.checkpointFlags ?? (pack === NORMAL ? UMOUNT : UMOUNT_COMPACT), pack, 1);
    u32(at + 156, 64, 64, blockSize - 4);
    u32(at + blockSize - 4, crc32Raw(image.subarray(at, at + blockSize - 4), MAGIC));
  }
  return image;
}

function inodeBlock(inode: F2fsInodeSpec, spec: F2fsSpec, blockSize: number): Uint8Array {
  const feature = spec.feature ?? 0;
  const bytes = new Uint8Array(blockSize);
  const view = new DataView(bytes.buffer);
  const hasExtra = (feature & FEATURE.EXTRA_ATTR) !== 0;
  const isDirectory = (inode.mode & 0o170000) === 0o40000;
  const slots = (blockSize - 404) / 4;
  const xattrWords = (feature & FEATURE.FLEXIBLE_INLINE_XATTR) !== 0 ? (spec.xattrWords ?? 0) : 50;
  view.setUint16(0, inode.mode, true);
  bytes[2] = inode.advise ?? 0;
  bytes[3] = 1 | (inode.inline === undefined ? 0 : isDirectory ? 4 : 2) | (hasExtra ? 0x20 : 0);
  const size = inode.size ?? inode.inline?.length ?? 0;
  bytes.set(words([inode.uid ?? 0, inode.gid ?? 0, inode.links ?? 1, size % 2 ** 32, Math.floor(size / 2 ** 32)]), 4);
  view.setUint32(48, 1_700_000_000, true);
  bytes.set(words([inode.xattrId ?? 0, inode.flags ?? 0]), 76);
  if (hasExtra) {
    view.setUint16(360, 36, true);
    view.setUint16(362, xattrWords, true);
    bytes[392] = inode.compression?.algorithm ?? 0;
    bytes[393] = inode.compression?.clusterBits ?? 0;
    bytes[394] = inode.compression?.hasChecksum === true ? 1 : 0;
  }
  const areaAt = 360 + (hasExtra ? 36 : 0);
  if (inode.inline !== undefined) bytes.set(inode.inline, areaAt + 4);
  bytes.set(words(inode.addresses ?? []), areaAt);
  bytes.set((inode.xattrs ?? new Uint8Array(0)).subarray(0, 4 * xattrWords), 360 + 4 * (slots - xattrWords));
  bytes.set(words(inode.nodeIds ?? []), 360 + 4 * slots);
  return bytes;
}
