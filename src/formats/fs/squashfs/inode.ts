/**
 * Inodes of squashfs, of fourteen types: seven, each in a short and an extended form.
 *
 *   all        le16 type, mode, uid, guid (both indexes of ids); le32 mtime, inode_number
 *   directory  le32 start_block, nlink; le16 file_size, offset; le32 parent_inode
 *              extended: le32 nlink, file_size, start_block, parent_inode; le16 i_count, offset; le32 xattr; index
 *   file       le32 start_block, fragment, offset, file_size, block_list[]
 *              extended: le64 start_block, file_size, sparse; le32 nlink, fragment, offset, xattr, block_list[]
 *   link       le32 nlink, symlink_size; symlink[]; extended: le32 xattr
 *   device     le32 nlink, rdev; extended: le32 xattr
 *   fifo       le32 nlink; extended: le32 xattr; sockets too
 */
import { Cursor, type Source } from '../../../bytes/index.ts';
import { newDevice } from '../tree.ts';
import type { EntryType, Inode } from '../types.ts';
import { FORMAT, refuse, type SquashfsSuperblock } from './layout.ts';
import { type Metadata, type MetadataPlace, readRecord } from './metadata.ts';

const TYPES: readonly EntryType[] = ['directory', 'file', 'link', 'block device', 'character device', 'fifo', 'socket'];
const EXTENDED = 7;
const COMMON = 16;
const NONE = 0xffffffff;

/** What an inode says of where its content lies. A million of inodes are kept in a walk; lists of blocks are not. */
export interface SquashfsInode extends Inode {
  /** Of a directory: its listing. Of a file: the list of the sizes of its blocks. Of a link: its target. */
  readonly body: MetadataPlace;
  /** Of a file: where its first block lies. */
  readonly startAt: number;
  readonly fragment: { readonly index: number; readonly offset: number } | undefined;
  /** Index of its attributes. */
  readonly xattr: number | undefined;
}

/** What inodes are read with. */
export interface InodePlaces {
  readonly source: Source;
  readonly superblock: SquashfsSuperblock;
  readonly metadata: Metadata;
  /** Where a fragment's block lies. */
  readonly fragmentAt: (index: number) => Promise<number>;
}

/** Reads an inode by its reference: block · 65536 + offset, from the begin of the table. @throws FormatError */
export async function readInode(places: InodePlaces, id: number): Promise<SquashfsInode> {
  const { superblock, metadata } = places;
  const block = superblock.inodeTableAt + Math.floor(id / 0x10000);
  if (block >= superblock.directoryTableAt && superblock.directoryTableAt > superblock.inodeTableAt)
    throw refuse('inode', block, 'out-of-bounds', `reference 0x${id.toString(16)} lies behind the table of inodes`);
  const head = await metadata.read({ block, offset: id % 0x10000 }, COMMON);
  const common = new Cursor(head.bytes, { format: FORMAT, base: block });
  const number = common.u16('inode_type');
  const type = TYPES[(number - 1) % EXTENDED];
  if (type === undefined || number < 1 || number > 2 * EXTENDED) throw common.error('inode_type', 'bad-value', `${number}`, 0);
  const mode = common.u16('mode');
  const [uid, gid] = [common.u16('uid'), common.u16('guid')];
  const modifiedSeconds = common.u32('mtime');
  common.u32('inode_number');
  const own = await readOwn(places, { type, isExtended: number > EXTENDED, at: head.next });
  return {
    id,
    type,
    mode: mode & 0o7777,
    uid: await readId(places, uid),
    gid: await readId(places, gid),
    modifiedSeconds,
    ...own,
    xattr: own.xattr === NONE ? undefined : own.xattr,
  };
}

async function readId({ source, superblock, metadata }: InodePlaces, index: number): Promise<number> {
  if (index >= superblock.ids) throw refuse('id', superblock.idTableAt, 'out-of-bounds', `id ${index} of ${superblock.ids}`);
  const bytes = await readRecord(source, metadata, { indexAt: superblock.idTableAt, record: index, size: 4 });
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}

interface Form {
  readonly type: EntryType;
  readonly isExtended: boolean;
  readonly at: MetadataPlace;
}

type Own = Pick<SquashfsInode, 'size' | 'links' | 'device' | 'contentAt' | 'body' | 'startAt' | 'fragment'> & {
  readonly xattr: number | undefined;
};

async function readOwn(places: InodePlaces, { type, isExtended, at }: Form): Promise<Own> {
  const { metadata } = places;
  const none = { size: 0, device: undefined, contentAt: 0, startAt: 0, fragment: undefined, body: at } as const;
  const fields = async (length: number) => {
    const { bytes, next } = await metadata.read(at, length);
    return { cursor: new Cursor(bytes, { format: FORMAT, base: at.block }), next };
  };
  switch (type) {
    case 'directory':
      return readDirectoryFields(places, none, await fields(isExtended ? 24 : 16), isExtended);
    case 'file':
      return readFileFields(places, none, await fields(isExtended ? 40 : 16), isExtended);
    case 'link': {
      const { cursor, next } = await fields(8);
      const links = cursor.u32('nlink');
      const size = cursor.u32('symlink_size');
      // The index of attributes lies behind the target, whose length the tree judges before it is read.
      const xattr = isExtended && size <= 0x10000 ? await readWord(metadata, next, size) : undefined;
      return { ...none, size, links, body: next, xattr };
    }
    case 'block device':
    case 'character device': {
      const { cursor } = await fields(isExtended ? 12 : 8);
      const links = cursor.u32('nlink');
      const device = newDevice(cursor.u32('rdev'));
      return { ...none, links, device, xattr: isExtended ? cursor.u32('xattr') : undefined };
    }
    case 'fifo':
    case 'socket': {
      const { cursor } = await fields(isExtended ? 8 : 4);
      const links = cursor.u32('nlink');
      return { ...none, links, xattr: isExtended ? cursor.u32('xattr') : undefined };
    }
  }
}

async function readWord(metadata: Metadata, from: MetadataPlace, skip: number): Promise<number> {
  const { bytes } = await metadata.read(from, skip + 4);
  return new DataView(bytes.buffer, bytes.byteOffset + skip, 4).getUint32(0, true);
}

type None = Omit<Own, 'links' | 'xattr'>;
interface Fields {
  readonly cursor: Cursor;
  readonly next: MetadataPlace;
}

function readDirectoryFields({ superblock }: InodePlaces, none: None, { cursor }: Fields, isExtended: boolean): Own {
  const start = isExtended ? undefined : cursor.u32('start_block');
  const links = cursor.u32('nlink');
  const size = isExtended ? cursor.u32('file_size') : cursor.u16('file_size');
  const block = start ?? cursor.u32('start_block');
  if (isExtended) {
    cursor.u32('parent_inode');
    cursor.u16('i_count');
  }
  const offset = cursor.u16('offset');
  const xattr = isExtended ? cursor.u32('xattr') : undefined;
  return { ...none, size, links, body: { block: superblock.directoryTableAt + block, offset }, xattr };
}

async function readFileFields(places: InodePlaces, none: None, { cursor, next }: Fields, isExtended: boolean): Promise<Own> {
  const startAt = isExtended ? cursor.size64('start_block') : cursor.u32('start_block');
  if (isExtended) {
    const size = cursor.size64('file_size');
    cursor.u64('sparse');
    const links = cursor.u32('nlink');
    const fragment = readFragment(cursor);
    const xattr = cursor.u32('xattr');
    return { ...none, size, links, startAt, fragment, body: next, contentAt: await contentAt(places, startAt, { size, fragment }), xattr };
  }
  const fragment = readFragment(cursor);
  const size = cursor.u32('file_size');
  return {
    ...none,
    size,
    links: 1,
    startAt,
    fragment,
    body: next,
    contentAt: await contentAt(places, startAt, { size, fragment }),
    xattr: undefined,
  };
}

function readFragment(cursor: Cursor): SquashfsInode['fragment'] {
  const index = cursor.u32('fragment');
  const offset = cursor.u32('offset');
  return index === NONE ? undefined : { index, offset };
}

/** A file that is only a fragment is read when its fragment's block is. */
async function contentAt(
  { superblock, fragmentAt }: InodePlaces,
  startAt: number,
  { size, fragment }: { readonly size: number; readonly fragment: SquashfsInode['fragment'] },
): Promise<number> {
  return fragment === undefined || size >= superblock.blockSize ? startAt : fragmentAt(fragment.index);
}
