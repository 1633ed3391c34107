/** The superblock of F2FS, of which there are two copies. */
import { Cursor, FormatError, type FormatErrorCode, type Oddity, type Reading, type Source } from '../../../bytes/index.ts';
import { crc32Raw } from '../../codec/index.ts';

export const FORMAT = 'f2fs';
/** Also where every checksum of the file system starts from. */
export const MAGIC = 0xf2f52010;
const SUPER_AT = 1024;
const SUPER_SIZE = 3072;
const CRC_AT = 3068;
const DEVICES = 8;
const DEVICE_SIZE = 68;
const DEVICES_AT = 2201;
/** Blocks of 16 TiB at 4 KiB each. */
const BLOCKS_MAX = 2 ** 32;

export const FEATURE = {
  ENCRYPT: 0x1,
  BLKZONED: 0x2,
  ATOMIC_WRITE: 0x4,
  EXTRA_ATTR: 0x8,
  PRJQUOTA: 0x10,
  INODE_CHKSUM: 0x20,
  FLEXIBLE_INLINE_XATTR: 0x40,
  QUOTA_INO: 0x80,
  INODE_CRTIME: 0x100,
  LOST_FOUND: 0x200,
  VERITY: 0x400,
  SB_CHKSUM: 0x800,
  CASEFOLD: 0x1000,
  COMPRESSION: 0x2000,
  RO: 0x4000,
  DEVICE_ALIAS: 0x8000,
  PACKED_SSA: 0x10000,
} as const;

export interface F2fsSuperblock {
  readonly blockSize: number;
  /** Log2 of the blocks of a segment. */
  readonly segmentBits: number;
  readonly blocks: number;
  readonly checkpointBlock: number;
  readonly natBlock: number;
  readonly natSegments: number;
  readonly mainBlock: number;
  readonly rootId: number;
  /** Inodes of the file system's own: no file is one. */
  readonly nodeId: number;
  readonly metaId: number;
  /** Blocks behind the first of a checkpoint that hold more of its bitmaps. */
  readonly checkpointPayload: number;
  readonly feature: number;
  readonly uuid: Uint8Array;
  readonly label: string;
  readonly features: readonly string[];
}

export const refuse = (field: string, at: number, code: FormatErrorCode, detail: string): FormatError =>
  new FormatError({ format: FORMAT, field, at }, code, detail);

/** Whether bytes from 1024 of an image, or of its second block, begin as a superblock does. */
export const isF2fs = (superblock: Uint8Array): boolean =>
  superblock[0] === 0x10 && superblock[1] === 0x20 && superblock[2] === 0xf5 && superblock[3] === 0xf2;

/** Where the second copy may lie: 1024 bytes into the second block, of 4 to 64 KiB. */
export const SECOND_COPIES: readonly number[] = [12, 13, 14, 15, 16].map((bits) => 2 ** bits + SUPER_AT);

/** Reads the first copy of the superblock that is sound. @throws FormatError of the first where neither is */
export async function readSuperblock(source: Source): Promise<Reading<F2fsSuperblock>> {
  if (source.size < SUPER_AT + SUPER_SIZE) throw refuse('magic', 0, 'short-read', `an image of ${source.size} bytes has no superblock`);
  try {
    return await readCopy(source, SUPER_AT);
  } catch (first) {
    if (!(first instanceof FormatError)) throw first;
    for (const at of SECOND_COPIES) {
      if (at + SUPER_SIZE > source.size) break;
      try {
        const { value, oddities } = await readCopy(source, at);
        const detail = `the first superblock was not usable (${first.message}): the second was read`;
        return { value, oddities: [{ format: FORMAT, field: first.field, at: first.at, code: 'second-superblock', detail }, ...oddities] };
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    }
    throw first;
  }
}

/**
 *   struct f2fs_super_block (3072 bytes, all little endian)
 *     0 magic                  20 log_blocks_per_seg     84 nat_blkaddr            1664 cp_payload
 *     4 major_ver[2], minor[2] 36 block_count[8]         92 main_blkaddr           2180 feature
 *     8 log_sectorsize         48 segment_count          96 root_ino, node_ino, meta_ino
 *    12 log_sectors_per_block  60 segment_count_nat     108 uuid[16]               2201 devs[8] { path[64], total_segments }
 *    16 log_blocksize          76 cp_blkaddr            124 volume_name[512] UTF-16  3068 crc
 */
async function readCopy(source: Source, base: number): Promise<Reading<F2fsSuperblock>> {
  const bytes = await source.read(base, SUPER_SIZE);
  const cursor = new Cursor(bytes, { format: FORMAT, base });
  const u32 = (field: string, at: number) => {
    cursor.seek(field, at);
    return cursor.u32(field);
  };
  const bad = (field: string, at: number, detail: string) => cursor.error(field, 'bad-value', detail, at);
  const magic = u32('magic', 0);
  if (magic !== MAGIC) throw cursor.error('magic', 'bad-magic', `0x${magic.toString(16)}, not 0xf2f52010`, 0);
  const blockBits = u32('log_blocksize', 16);
  if (blockBits < 12 || blockBits > 16) throw bad('log_blocksize', 16, `2^${blockBits} bytes; 4 to 64 KiB are read`);
  const segmentBits = u32('log_blocks_per_seg', 20);
  if (segmentBits !== 9) throw bad('log_blocks_per_seg', 20, `2^${segmentBits} blocks a segment, where all images have 512`);
  const feature = u32('feature', 2180);
  if ((feature & FEATURE.SB_CHKSUM) !== 0) {
    const at = u32('checksum_offset', 32);
    if (at !== CRC_AT) throw bad('checksum_offset', 32, `${at}, not ${CRC_AT}`);
    const crc = crc32Raw(bytes.subarray(0, CRC_AT), MAGIC);
    if (crc !== u32('crc', CRC_AT)) throw cursor.error('crc', 'bad-checksum', `the superblock has 0x${crc.toString(16)}`, CRC_AT);
  }
  cursor.seek('block_count', 36);
  const blocks = cursor.size64('block_count');
  if (blocks === 0 || blocks > BLOCKS_MAX) throw bad('block_count', 36, `${blocks} blocks`);
  for (let device = 1; device < DEVICES; device++)
    if (bytes[DEVICES_AT + device * DEVICE_SIZE] !== 0)
      throw cursor.error(
        `devs[${device}]`,
        'unsupported-feature',
        'the file system lies on several devices, which are not read',
        DEVICES_AT + device * DEVICE_SIZE,
      );
  const blockSize = 2 ** blockBits;
  const oddities: Oddity[] = [];
  const odd = (field: string, at: number, code: string, detail: string) =>
    oddities.push({ format: FORMAT, field, at: base + at, code, detail });
  if (blocks * blockSize > source.size)
    odd('block_count', 36, 'short-image', `${blocks * blockSize} bytes are claimed, ${source.size} are there`);
  const known = Object.values(FEATURE).reduce((all: number, bit) => all | bit, 0);
  const unknown = (feature & ~known) >>> 0;
  // One word has them all: none says of itself that it may be read past.
  if (unknown !== 0) throw cursor.error('feature', 'unsupported-feature', `0x${unknown.toString(16)} is none that is known`, 2180);
  cursor.seek('uuid', 108);
  const uuid = cursor.take('uuid', 16).slice();
  const name = cursor.take('volume_name', 1024);
  const value: F2fsSuperblock = {
    blockSize,
    segmentBits,
    blocks,
    checkpointBlock: u32('cp_blkaddr', 76),
    natBlock: u32('nat_blkaddr', 84),
    natSegments: u32('segment_count_nat', 60),
    mainBlock: u32('main_blkaddr', 92),
    rootId: u32('root_ino', 96),
    nodeId: u32('node_ino', 100),
    metaId: u32('meta_ino', 104),
    checkpointPayload: u32('cp_payload', 1664),
    feature,
    uuid,
    label: utf16(name),
    features: Object.entries(FEATURE).flatMap(([one, bit]) => ((feature & bit) === 0 ? [] : [one.toLowerCase()])),
  };
  return { value, oddities };
}

/** UTF-16 in little endian up to its NUL. */
function utf16(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 0; at + 2 <= bytes.length; at += 2) {
    const unit = view.getUint16(at, true);
    if (unit === 0) break;
    text += String.fromCharCode(unit);
  }
  return text;
}
