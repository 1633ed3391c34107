/**
 * EROFS inodes and their extended attributes.
 *
 *   struct erofs_inode_compact (32 bytes)          struct erofs_inode_extended (64 bytes)
 *     0 __le16 i_format                              0 __le16 i_format
 *     2 __le16 i_xattr_icount                        2 __le16 i_xattr_icount
 *     4 __le16 i_mode                                4 __le16 i_mode
 *     6 __le16 i_nb.nlink | startblk_hi              6 __le16 i_nb.startblk_hi
 *     8 __le32 i_size                                8 __le64 i_size
 *    12 __le32 i_mtime     from epoch               16 __le32 i_u
 *    16 __le32 i_u  startblk_lo | rdev | chunk      20 __le32 i_ino
 *    20 __le32 i_ino                                24 __le32 i_uid, i_gid
 *    24 __le16 i_uid, i_gid                         32 __le64 i_mtime
 *    28 __le32 i_reserved                           40 __le32 i_mtime_nsec, i_nlink
 *   i_format: bit 0 extended, bits 1 … 3 layout, bit 4: nlink is 1 (compact, no directory) | `.` is left out (directory)
 */
import { Cursor, type Source } from '../../../bytes/index.ts';
import { newDevice, typeOfMode } from '../tree.ts';
import type { Inode } from '../types.ts';
import { FORMAT, METABOX_BASE, refuse, type Superblock } from './layout.ts';

const LAYOUTS = ['plain', 'full', 'inline', 'compact', 'chunk'] as const;
export type Layout = (typeof LAYOUTS)[number];

const XATTRS_MAX = 1024;
const NO_BLOCK = 0xffffffff;

export interface ErofsInode extends Inode {
  readonly layout: Layout;
  /** Offset of the inode in its metadata: the image, or the metabox. */
  readonly at: number;
  readonly inMetabox: boolean;
  /** Where what follows the inode and its xattrs begins: tail data, map header or chunk indexes. */
  readonly bodyAt: number;
  readonly xattrAt: number;
  readonly xattrSize: number;
  /** First block, or undefined where the content is one hole. */
  readonly startBlock: number | undefined;
  /** i_u as it lies: the chunk format of chunked files. */
  readonly raw: number;
}

/** Reads an inode. `meta` is what its nid counts in. @throws FormatError */
export async function readInode(superblock: Superblock, meta: Source, id: number): Promise<ErofsInode> {
  const inMetabox = id >= METABOX_BASE;
  const at = inMetabox ? (id - METABOX_BASE) * 32 : superblock.metaAt + id * 32;
  if (at + 32 > meta.size) throw refuse('nid', at, 'out-of-bounds', `nid ${id % METABOX_BASE} lies at ${at} of ${meta.size} bytes`);
  // Both forms at once where there is room: the longer one is as likely.
  const cursor = new Cursor(await meta.read(at, Math.min(64, meta.size - at)), { format: FORMAT, base: at });
  const format = cursor.u16('i_format');
  const isExtended = (format & 1) === 1;
  const layout = LAYOUTS[(format >>> 1) & 7];
  if (layout === undefined || format > 0x1f) throw cursor.error('i_format', 'unsupported-feature', `0x${format.toString(16)}`, 0);
  const icount = cursor.u16('i_xattr_icount');
  const mode = cursor.u16('i_mode');
  const type = typeOfMode(mode);
  if (type === undefined) throw cursor.error('i_mode', 'bad-value', `0${mode.toString(8)} is no type of file`, 4);
  const nb = cursor.u16('i_nb');
  const common = isExtended ? readExtended(cursor) : readCompact(cursor, superblock.epochSeconds);
  const hasOneLink = !isExtended && type !== 'directory' && (format & 0x10) !== 0;
  const links = isExtended ? common.links : hasOneLink ? 1 : nb;
  // In a compact inode the halfword is the number of links, unless the inode says that this is one.
  const hasHigh = isExtended || hasOneLink;
  const high = hasHigh ? nb : 0;
  const isHole = common.raw === NO_BLOCK && (!hasHigh || high === 0xffff || high === 0);
  const startBlock = isHole ? undefined : common.raw + high * 2 ** 32;
  const inodeSize = isExtended ? 64 : 32;
  const xattrSize = icount === 0 ? 0 : 12 + 4 * (icount - 1);
  const bodyAt = at + inodeSize + xattrSize;
  const isDevice = type === 'character device' || type === 'block device';
  const hasBlocks = layout === 'plain' || layout === 'inline';
  return {
    id,
    type,
    size: common.size,
    mode: mode & 0o7777,
    uid: common.uid,
    gid: common.gid,
    links,
    modifiedSeconds: common.modified,
    device: isDevice ? newDevice(common.raw) : undefined,
    contentAt: hasBlocks && startBlock !== undefined && common.size > 0 ? startBlock * superblock.blockSize : at,
    layout,
    at,
    inMetabox,
    bodyAt,
    xattrAt: at + inodeSize,
    xattrSize,
    startBlock,
    raw: common.raw,
  };
}

interface Common {
  readonly size: number;
  readonly raw: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly modified: number;
}

function readCompact(cursor: Cursor, epoch: number): Common {
  const size = cursor.u32('i_size');
  const modified = epoch + cursor.u32('i_mtime');
  const raw = cursor.u32('i_u');
  cursor.u32('i_ino');
  const uid = cursor.u16('i_uid');
  const gid = cursor.u16('i_gid');
  return { size, raw, uid, gid, links: 0, modified };
}

function readExtended(cursor: Cursor): Common {
  const size = cursor.size64('i_size');
  const raw = cursor.u32('i_u');
  cursor.u32('i_ino');
  const uid = cursor.u32('i_uid');
  const gid = cursor.u32('i_gid');
  const modified = Number(cursor.i64('i_mtime'));
  cursor.u32('i_mtime_nsec');
  return { size, raw, uid, gid, links: cursor.u32('i_nlink'), modified };
}

const PREFIXES: Readonly<Record<number, string>> = {
  1: 'user.',
  2: 'system.posix_acl_access',
  3: 'system.posix_acl_default',
  4: 'trusted.',
  5: 'lustre.',
  6: 'security.',
};

/** What extended attributes are read with. */
export interface XattrPlaces {
  readonly meta: Source;
  /** Where shared attributes are, and the offset that their ids count from. */
  readonly shared: Source;
  readonly sharedAt: number;
  readonly prefixes: readonly string[];
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads an inode's extended attributes, its own and the shared ones. @throws FormatError */
export async function readXattrs(node: ErofsInode, places: XattrPlaces): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  if (node.xattrSize === 0) return found;
  const end = node.xattrAt + node.xattrSize;
  if (end > places.meta.size) throw refuse('i_xattr_icount', node.at + 2, 'out-of-bounds', `the attributes end at ${end}`);
  const cursor = new Cursor(await places.meta.read(node.xattrAt, node.xattrSize), { format: FORMAT, base: node.xattrAt });
  cursor.u32('h_name_filter');
  const shared = cursor.u8('h_shared_count');
  cursor.skip('h_reserved2', 7);
  const ids = Array.from({ length: shared }, (_, i) => cursor.u32(`h_shared_xattrs[${i}]`));
  const add = (entry: Cursor) => {
    if (found.size >= XATTRS_MAX) throw entry.error('xattr', 'too-large', `more than ${XATTRS_MAX}`);
    const [name, value] = readEntry(entry, places.prefixes);
    // The first of a name counts, as for a kernel.
    if (!found.has(name)) found.set(name, value);
  };
  while (cursor.left >= 4) {
    // A zeroed word ends the list: nothing names an attribute with index 0 and no name.
    const at = cursor.at;
    if (cursor.u32('xattr') === 0) break;
    cursor.seek('xattr', at);
    add(cursor);
  }
  for (const id of ids) {
    const at = places.sharedAt + 4 * id;
    if (at + 4 > places.shared.size) throw refuse('h_shared_xattrs', node.xattrAt, 'out-of-bounds', `attribute ${id} lies at ${at}`);
    const head = await places.shared.read(at, 4);
    const length = 4 + (head[0] ?? 0) + ((head[2] ?? 0) | ((head[3] ?? 0) << 8));
    if (at + length > places.shared.size) throw refuse('e_value_size', at + 2, 'out-of-bounds', `the attribute ends at ${at + length}`);
    add(new Cursor(await places.shared.read(at, length), { format: FORMAT, base: at }));
  }
  return found;
}

function readEntry(cursor: Cursor, prefixes: readonly string[]): [name: string, value: Uint8Array] {
  const nameLength = cursor.u8('e_name_len');
  const index = cursor.u8('e_name_index');
  const valueSize = cursor.u16('e_value_size');
  const prefix = (index & 0x80) !== 0 ? prefixes[index & 0x7f] : PREFIXES[index];
  if (prefix === undefined) throw cursor.error('e_name_index', 'bad-value', `${index} names no prefix`);
  const name = prefix + utf8.decode(cursor.take('e_name', nameLength));
  const value = cursor.take('e_value', valueSize).slice();
  const padding = (4 - (cursor.at % 4)) % 4;
  cursor.skip('padding', Math.min(padding, cursor.left));
  return [name, value];
}

/** Reads the long prefixes: each a length, the index of a short prefix and what follows it. @throws FormatError */
export async function readPrefixes(source: Source, start: number, count: number): Promise<readonly string[]> {
  const prefixes: string[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    at = Math.ceil(at / 4) * 4;
    if (at + 2 > source.size) throw refuse(`xattr_prefix[${i}]`, at, 'out-of-bounds', `it lies at ${at} of ${source.size} bytes`);
    const head = await source.read(at, 2);
    const length = (head[0] ?? 0) | ((head[1] ?? 0) << 8);
    if (length < 1 || at + 2 + length > source.size) throw refuse(`xattr_prefix[${i}]`, at, 'out-of-bounds', `${length} bytes`);
    const bytes = await source.read(at + 2, length);
    const base = PREFIXES[bytes[0] ?? 0];
    if (base === undefined) throw refuse(`xattr_prefix[${i}].base_index`, at + 2, 'bad-value', `${bytes[0]} names no prefix`);
    prefixes.push(base + utf8.decode(bytes.subarray(1)));
    at += 2 + length;
  }
  return prefixes;
}
