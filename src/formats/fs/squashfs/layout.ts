/** The superblock of squashfs. */
import { Cursor, FormatError, type FormatErrorCode, type Oddity, type Reading, type Source } from '../../../bytes/index.ts';

export const FORMAT = 'squashfs';
const SUPER_SIZE = 96;
/** Where a table is that the image does not have. */
const NO_TABLE = 0xffffffffffffffffn;

export const COMPRESSIONS = ['none', 'gzip', 'lzma', 'lzo', 'xz', 'lz4', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

const FLAGS: Readonly<Record<string, number>> = {
  uncompressed_inodes: 0x1,
  uncompressed_data: 0x2,
  uncompressed_fragments: 0x8,
  no_fragments: 0x10,
  always_fragments: 0x20,
  duplicates: 0x40,
  exportable: 0x80,
  uncompressed_xattrs: 0x100,
  no_xattrs: 0x200,
  compressor_options: 0x400,
  uncompressed_ids: 0x800,
};

export interface SquashfsSuperblock {
  readonly inodes: number;
  readonly blockSize: number;
  readonly fragments: number;
  readonly compression: Compression;
  readonly ids: number;
  /** Reference of the root: block of the table of inodes · 65536 + offset in it. */
  readonly rootId: number;
  readonly bytesUsed: number;
  readonly idTableAt: number;
  /** Undefined where the image has none. */
  readonly xattrTableAt: number | undefined;
  readonly inodeTableAt: number;
  readonly directoryTableAt: number;
  readonly fragmentTableAt: number | undefined;
  readonly features: readonly string[];
}

export const refuse = (field: string, at: number, code: FormatErrorCode, detail: string): FormatError =>
  new FormatError({ format: FORMAT, field, at }, code, detail);

/** Whether an image begins as squashfs of any version and byte order does: `hsqs`, or `sqsh` of big machines before version 4. */
export function isSquashfs(start: Uint8Array): boolean {
  const magic = String.fromCharCode(...start.subarray(0, 4));
  return magic === 'hsqs' || magic === 'sqsh';
}

/**
 * Reads the superblock. @throws FormatError
 *
 *    0 le32 s_magic "hsqs"   20 le16 compression   32 le64 root_inode             64 le64 inode_table_start
 *    4 le32 inodes           22 le16 block_log     40 le64 bytes_used             72 le64 directory_table_start
 *    8 le32 mkfs_time        24 le16 flags         48 le64 id_table_start         80 le64 fragment_table_start
 *   12 le32 block_size       26 le16 no_ids        56 le64 xattr_id_table_start   88 le64 lookup_table_start
 *   16 le32 fragments        28 le16 s_major, s_minor
 */
export async function readSuperblock(source: Source): Promise<Reading<SquashfsSuperblock>> {
  if (source.size < SUPER_SIZE) throw refuse('s_magic', 0, 'short-read', `an image of ${source.size} bytes has no superblock`);
  const bytes = await source.read(0, SUPER_SIZE);
  if (!isSquashfs(bytes)) throw refuse('s_magic', 0, 'bad-magic', 'not "hsqs"');
  const isBig = bytes[0] === 0x73;
  const cursor = new Cursor(bytes, { format: FORMAT, bigEndian: isBig });
  cursor.seek('s_major', 28);
  const [major, minor] = [cursor.u16('s_major'), cursor.u16('s_minor')];
  if (isBig || major !== 4 || minor !== 0)
    throw cursor.error(
      's_major',
      'unsupported-version',
      `version ${major}.${minor}${isBig ? ', big endian' : ''}; version 4.0 is read`,
      28,
    );
  cursor.seek('inodes', 4);
  const inodes = cursor.u32('inodes');
  cursor.u32('mkfs_time');
  const blockSize = cursor.u32('block_size');
  const fragments = cursor.u32('fragments');
  const number = cursor.u16('compression');
  const compression = COMPRESSIONS[number];
  const log = cursor.u16('block_log');
  const flags = cursor.u16('flags');
  const ids = cursor.u16('no_ids');
  if (number === 0 || compression === undefined)
    throw cursor.error('compression', 'unsupported-feature', `compression ${number} is none that is known`, 20);
  if (log < 12 || log > 20 || blockSize !== 2 ** log)
    throw cursor.error('block_size', 'bad-value', `${blockSize} bytes and 2^${log}; 4 KiB to 1 MiB are read`, 12);
  cursor.seek('root_inode', 32);
  const rootId = cursor.size64('root_inode');
  const bytesUsed = cursor.size64('bytes_used');
  const table = (field: string): number | undefined => {
    const at = cursor.at;
    const value = cursor.u64(field);
    if (value === NO_TABLE) return undefined;
    if (value >= BigInt(bytesUsed)) throw cursor.error(field, 'out-of-bounds', `${value}, where the image ends at ${bytesUsed}`, at);
    return Number(value);
  };
  const needed = (field: string): number => {
    const at = cursor.at;
    const value = table(field);
    if (value === undefined) throw cursor.error(field, 'bad-value', 'the image has none', at);
    return value;
  };
  const idTableAt = needed('id_table_start');
  const xattrTableAt = table('xattr_id_table_start');
  const inodeTableAt = needed('inode_table_start');
  const directoryTableAt = needed('directory_table_start');
  const fragmentTableAt = table('fragment_table_start');
  const oddities: Oddity[] = [];
  if (bytesUsed > source.size)
    oddities.push({
      format: FORMAT,
      field: 'bytes_used',
      at: 40,
      code: 'short-image',
      detail: `${bytesUsed} bytes are claimed, ${source.size} are there`,
    });
  return {
    oddities,
    value: {
      inodes,
      blockSize,
      fragments,
      compression,
      ids,
      rootId,
      bytesUsed,
      idTableAt,
      xattrTableAt,
      inodeTableAt,
      directoryTableAt,
      fragmentTableAt,
      features: [compression, ...Object.entries(FLAGS).flatMap(([name, bit]) => ((flags & bit) === 0 ? [] : [name]))],
    },
  };
}
