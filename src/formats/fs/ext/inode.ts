/** Inodes and their extended attributes. */
import type { Source } from '../../../bytes/index.ts';
import { aclAsTold, isAcl } from '../acl.ts';
import { newDevice, typeOfMode } from '../tree.ts';
import type { Inode } from '../types.ts';
import { type ExtSuperblock, INCOMPAT, refuse } from './layout.ts';

export const FLAG = { ENCRYPT: 0x800, EXTENTS: 0x80000, EA_INODE: 0x200000, INLINE_DATA: 0x10000000 } as const;

/** Attributes of one inode: a block of its own, and what its body holds. */
const VALUE_MAX = 1 << 16;
const COUNT_MAX = 1024;
const XATTR_MAGIC = 0xea020000;
const BODY = 128;
export const BLOCK_AREA = 60;

const PREFIXES: Readonly<Record<number, string>> = {
  1: 'user.',
  2: 'system.posix_acl_access',
  3: 'system.posix_acl_default',
  4: 'trusted.',
  6: 'security.',
  7: 'system.',
  8: 'system.richacl',
};
/** Where the rest of inline data lies: a thing of the file system, no attribute of the file. */
export const INLINE_REST = 'system.data';

export interface ExtInode extends Inode {
  /** Where the inode lies, in bytes. */
  readonly at: number;
  readonly flags: number;
  /** i_block: pointers, extents, a short target, or inline data. */
  readonly area: Uint8Array;
  /** Attributes as they lie in the body, behind their magic; empty where there are none. */
  readonly bodyXattrs: Uint8Array;
  /** Block of attributes, or 0. */
  readonly xattrBlock: number;
}

/** Reads an inode by its number, from 1. @throws FormatError */
export async function readInode(superblock: ExtSuperblock, source: Source, id: number): Promise<ExtInode> {
  if (id < 1 || id > superblock.inodes) throw refuse('inode', 0, 'out-of-bounds', `inode ${id} of ${superblock.inodes}`);
  const group = Math.floor((id - 1) / superblock.inodesPerGroup);
  const table = superblock.inodeTables[group];
  if (table === undefined) throw refuse('inode', 0, 'out-of-bounds', `inode ${id} is of group ${group}, which is not there`);
  const at = table + ((id - 1) % superblock.inodesPerGroup) * superblock.inodeSize;
  if (at + superblock.inodeSize > source.size) throw refuse(`inode[${id}]`, at, 'out-of-bounds', 'it lies beyond the image');
  const bytes = await source.read(at, superblock.inodeSize);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u16 = (offset: number) => view.getUint16(offset, true);
  const u32 = (offset: number) => view.getUint32(offset, true);
  const mode = u16(0);
  const type = typeOfMode(mode);
  if (type === undefined) throw refuse(`inode[${id}].i_mode`, at, 'bad-value', `0o${mode.toString(8)} is of no type`);
  const extra = superblock.inodeSize > BODY ? u16(0x80) : 0;
  if (BODY + extra > superblock.inodeSize)
    throw refuse(`inode[${id}].i_extra_isize`, at + 0x80, 'out-of-bounds', `${extra} bytes more than it has`);
  const flags = u32(0x20);
  const area = bytes.slice(0x28, 0x28 + BLOCK_AREA);
  const size = u32(4) + (type === 'file' || (superblock.incompat & INCOMPAT.LARGEDIR) !== 0 ? u32(0x6c) * 2 ** 32 : 0);
  if (!Number.isSafeInteger(size)) throw refuse(`inode[${id}].i_size`, at + 4, 'too-large', `${size} bytes`);
  const [xattrLow, xattrHigh] = [u32(0x68), u16(0x76)];
  const xattrsAt = BODY + extra;
  const hasXattrs = superblock.inodeSize > xattrsAt + 4 && u32(xattrsAt) === XATTR_MAGIC;
  return {
    id,
    at,
    type,
    size: type === 'file' || type === 'directory' || type === 'link' ? size : 0,
    mode: mode & 0o7777,
    uid: u16(2) + u16(0x78) * 0x10000,
    gid: u16(0x18) + u16(0x7a) * 0x10000,
    links: u16(0x1a),
    // The lowest two bits of the extra field are seconds above 32 bits.
    modifiedSeconds: view.getInt32(0x10, true) + (extra >= 0x0c ? (u32(0x88) & 3) * 2 ** 32 : 0),
    device: type === 'character device' || type === 'block device' ? deviceOf(u32(0x28), u32(0x2c)) : undefined,
    contentAt: 0,
    flags,
    area,
    bodyXattrs: hasXattrs ? bytes.slice(xattrsAt + 4) : new Uint8Array(0),
    xattrBlock: xattrLow + xattrHigh * 2 ** 32,
  };
}

/** The first word has the old encoding where it fits, else the second the new one. */
const deviceOf = (old: number, next: number) => (old !== 0 ? { major: (old >>> 8) & 0xff, minor: old & 0xff } : newDevice(next));

/** Reads every attribute, the rest of inline data among them. @throws FormatError */
export async function readXattrs(
  node: ExtInode,
  superblock: ExtSuperblock,
  source: Source,
  readValue: (inode: number, size: number) => Promise<Uint8Array>,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  await readEntries(node.bodyXattrs, { first: 0, values: 0, at: node.at, found, readValue });
  if (node.xattrBlock !== 0) {
    const at = node.xattrBlock * superblock.blockSize;
    if (at + superblock.blockSize > source.size)
      throw refuse('i_file_acl', node.at + 0x68, 'out-of-bounds', `block ${node.xattrBlock} lies beyond the image`);
    const block = await source.read(at, superblock.blockSize);
    if (new DataView(block.buffer, block.byteOffset).getUint32(0, true) !== XATTR_MAGIC)
      throw refuse('h_magic', at, 'bad-magic', 'the block of attributes is none');
    await readEntries(block, { first: 32, values: 0, at, found, readValue });
  }
  return found;
}

interface Area {
  /** Where the first entry lies. */
  readonly first: number;
  /** What offsets of values count from. */
  readonly values: number;
  /** Where the area lies in the image. */
  readonly at: number;
  readonly found: Map<string, Uint8Array>;
  readonly readValue: (inode: number, size: number) => Promise<Uint8Array>;
}

async function readEntries(bytes: Uint8Array, { first, values, at, found, readValue }: Area): Promise<void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = new TextDecoder();
  for (let entry = first; entry + 4 <= bytes.length && view.getUint32(entry, true) !== 0; ) {
    if (entry + 16 > bytes.length) throw refuse('e_name_len', at + entry, 'short-read', 'an attribute without its fields');
    const nameLength = view.getUint8(entry);
    const index = view.getUint8(entry + 1);
    const offset = view.getUint16(entry + 2, true);
    const inode = view.getUint32(entry + 4, true);
    const size = view.getUint32(entry + 8, true);
    if (entry + 16 + nameLength > bytes.length) throw refuse('e_name', at + entry, 'out-of-bounds', `a name of ${nameLength} bytes`);
    if (size > VALUE_MAX) throw refuse('e_value_size', at + entry + 8, 'too-large', `${size} bytes; at most ${VALUE_MAX} are read`);
    const name = (PREFIXES[index] ?? `prefix ${index}.`) + text.decode(bytes.subarray(entry + 16, entry + 16 + nameLength));
    if (found.size >= COUNT_MAX) throw refuse('e_name_len', at + entry, 'too-large', `more than ${COUNT_MAX} attributes`);
    if (inode === 0 && values + offset + size > bytes.length)
      throw refuse('e_value_offs', at + entry + 2, 'out-of-bounds', `${size} bytes at ${offset}`);
    const value = inode !== 0 ? await readValue(inode, size) : bytes.slice(values + offset, values + offset + size);
    const told = isAcl(index) ? aclAsTold(value) : value;
    if (told === undefined) throw refuse('e_value', at + entry, 'bad-value', `${name} is no list`);
    found.set(name, told);
    entry += 16 + nameLength + ((4 - (nameLength % 4)) % 4);
  }
}
