/** The superblock and the group descriptors of ext2, ext3 and ext4. */
import { Cursor, FormatError, type FormatErrorCode, type Oddity, type Reading, type Source } from '../../../bytes/index.ts';
import { crc32cRaw } from '../../codec/index.ts';
import { featuresOf } from './features.ts';

export const FORMAT = 'ext4';
const SUPER_AT = 1024;
const SUPER_SIZE = 1024;
const MAGIC = 0xef53;
/** Groups of an image of 16 TiB at 4 KiB a block. */
const GROUPS_MAX = 1 << 17;

/** Features that are read in another way; all of them by name are in `features.ts`. */
const COMPAT = { SPARSE_SUPER2: 0x200 } as const;
export const INCOMPAT = { FILETYPE: 0x2, RECOVER: 0x4, META_BG: 0x10, '64BIT': 0x80, LARGEDIR: 0x4000 } as const;
const RO_COMPAT = { SPARSE_SUPER: 0x1, METADATA_CSUM: 0x400 } as const;

export interface ExtSuperblock {
  readonly blockSize: number;
  readonly blocks: number;
  readonly inodes: number;
  readonly inodesPerGroup: number;
  readonly inodeSize: number;
  readonly compat: number;
  readonly incompat: number;
  readonly roCompat: number;
  readonly uuid: Uint8Array;
  readonly label: string;
  readonly features: readonly string[];
  /** Where each group's table of inodes lies, in bytes. */
  readonly inodeTables: readonly number[];
}

export const refuse = (field: string, at: number, code: FormatErrorCode, detail: string): FormatError =>
  new FormatError({ format: FORMAT, field, at }, code, detail);

/** Whether the 1024 bytes from 1024 on begin as a superblock: `s_magic` lies at 0x38. */
export const isExt = (superblock: Uint8Array): boolean =>
  superblock.length >= 0x3a && superblock[0x38] === 0x53 && superblock[0x39] === 0xef;

/** Reads superblock and group descriptors. @throws FormatError */
export async function readSuperblock(source: Source): Promise<Reading<ExtSuperblock>> {
  if (source.size < SUPER_AT + SUPER_SIZE) throw refuse('s_magic', 0, 'short-read', `an image of ${source.size} bytes has no superblock`);
  const bytes = await source.read(SUPER_AT, SUPER_SIZE);
  const cursor = new Cursor(bytes, { format: FORMAT, base: SUPER_AT });
  const to = (field: string, at: number): Cursor => {
    cursor.seek(field, at);
    return cursor;
  };
  const u16 = (field: string, at: number) => to(field, at).u16(field);
  const u32 = (field: string, at: number) => to(field, at).u32(field);
  const bad = (field: string, at: number, detail: string) => cursor.error(field, 'bad-value', detail, at);
  const oddities: Oddity[] = [];
  const odd = (field: string, at: number, code: string, detail: string) =>
    oddities.push({ format: FORMAT, field, at: SUPER_AT + at, code, detail });

  if (u16('s_magic', 0x38) !== MAGIC) throw cursor.error('s_magic', 'bad-magic', 'no 0xef53', 0x38);
  const logBlockSize = u32('s_log_block_size', 0x18);
  if (logBlockSize > 6) throw bad('s_log_block_size', 0x18, `2^${logBlockSize} KiB; 1 to 64 KiB are read`);
  const blockSize = 1024 << logBlockSize;
  const [compat, incompat, roCompat] = [u32('s_feature_compat', 0x5c), u32('s_feature_incompat', 0x60), u32('s_feature_ro_compat', 0x64)];
  const { names: features, refused, unknown } = featuresOf(compat, incompat, roCompat);
  if (refused.length > 0) throw cursor.error('s_feature_incompat', 'unsupported-feature', `${refused.join(', ')}: not read here`, 0x60);
  if (unknown.length > 0) odd('s_feature_ro_compat', 0x64, 'unknown-feature', `${unknown.join(', ')}: none that is known`);
  const isWide = (incompat & INCOMPAT['64BIT']) !== 0;
  const blocks = u32('s_blocks_count_lo', 0x4) + (isWide ? u32('s_blocks_count_hi', 0x150) * 2 ** 32 : 0);
  const firstDataBlock = u32('s_first_data_block', 0x14);
  const blocksPerGroup = u32('s_blocks_per_group', 0x20);
  const inodesPerGroup = u32('s_inodes_per_group', 0x28);
  const inodes = u32('s_inodes_count', 0);
  const inodeSize = u32('s_rev_level', 0x4c) === 0 ? 128 : u16('s_inode_size', 0x58);
  if (blocks === 0 || !Number.isSafeInteger(blocks * blockSize)) throw bad('s_blocks_count_lo', 0x4, `${blocks} blocks`);
  if (blocksPerGroup === 0 || inodesPerGroup === 0) throw bad('s_blocks_per_group', 0x20, 'a group without blocks or inodes');
  if (inodeSize < 128 || inodeSize > blockSize || (inodeSize & (inodeSize - 1)) !== 0)
    throw bad('s_inode_size', 0x58, `${inodeSize} is no power of two from 128 to ${blockSize}`);
  const groups = Math.ceil((blocks - firstDataBlock) / blocksPerGroup);
  if (groups < 1 || groups > GROUPS_MAX) throw bad('s_blocks_count_lo', 0x4, `${groups} groups; 1 to ${GROUPS_MAX} are read`);
  const descriptorSize = isWide ? u16('s_desc_size', 0xfe) : 32;
  if (descriptorSize < 32 || descriptorSize > 1024 || (descriptorSize & (descriptorSize - 1)) !== 0)
    throw bad('s_desc_size', 0xfe, `${descriptorSize} bytes a descriptor`);

  if (blocks * blockSize > source.size)
    odd('s_blocks_count_lo', 0x4, 'short-image', `${blocks * blockSize} bytes are claimed, ${source.size} are there`);
  if ((incompat & INCOMPAT.RECOVER) !== 0)
    odd(
      's_feature_incompat',
      0x60,
      'needs-recovery',
      'its journal was not written back: what lies here may be older than the phone knew it',
    );
  if ((roCompat & RO_COMPAT.METADATA_CSUM) !== 0 && crc32cRaw(bytes.subarray(0, 0x3fc)) !== u32('s_checksum', 0x3fc))
    odd('s_checksum', 0x3fc, 'checksum', 'the superblock’s checksum is another');

  const geometry = { source, blockSize, groups, descriptorSize, firstDataBlock, blocksPerGroup, roCompat, compat };
  const firstMetaGroup = (incompat & INCOMPAT.META_BG) !== 0 ? u32('s_first_meta_bg', 0x104) : undefined;
  const backups = [u32('s_backup_bgs', 0x24c), u32('s_backup_bgs', 0x250)] as const;
  const inodeTables = await readInodeTables(geometry, firstMetaGroup, backups);
  cursor.seek('s_uuid', 0x68);
  const uuid = cursor.take('s_uuid', 16).slice();
  const label = cursor.paddedText('s_volume_name', 16);
  const value = { blockSize, blocks, inodes, inodesPerGroup, inodeSize, compat, incompat, roCompat, uuid, label, features, inodeTables };
  return { value, oddities };
}

interface Geometry {
  readonly source: Source;
  readonly blockSize: number;
  readonly groups: number;
  readonly descriptorSize: number;
  readonly firstDataBlock: number;
  readonly blocksPerGroup: number;
  readonly roCompat: number;
  readonly compat: number;
}

/** One block of descriptors after another: behind the superblock, or with META_BG in the first group of those that it describes. */
async function readInodeTables(
  geometry: Geometry,
  firstMetaGroup: number | undefined,
  backups: readonly [number, number],
): Promise<readonly number[]> {
  const { source, blockSize, groups, descriptorSize, firstDataBlock, blocksPerGroup } = geometry;
  const perBlock = blockSize / descriptorSize;
  // The superblock lies at 1024: with blocks of 1 KiB it is in the second, whatever the first block of data is (0 with big allocation).
  const superBlock = blockSize === 1024 ? 1 : 0;
  const tables: number[] = [];
  for (let meta = 0; meta * perBlock < groups; meta++) {
    const group = meta * perBlock;
    const block =
      firstMetaGroup === undefined || meta < firstMetaGroup
        ? superBlock + 1 + meta
        : firstDataBlock +
          group * blocksPerGroup +
          (hasSuper(group, geometry, backups) ? 1 : 0) +
          (group === 0 && firstDataBlock < superBlock ? 1 : 0);
    const at = block * blockSize;
    if (at + blockSize > source.size) throw refuse(`group[${group}]`, at, 'out-of-bounds', 'its descriptor lies beyond the image');
    const bytes = await source.read(at, blockSize);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < perBlock && tables.length < groups; i++) {
      const low = view.getUint32(i * descriptorSize + 0x8, true);
      const high = descriptorSize >= 64 ? view.getUint32(i * descriptorSize + 0x28, true) : 0;
      tables.push((low + high * 2 ** 32) * blockSize);
    }
  }
  return tables;
}

/** Whether a group holds a copy of the superblock: with sparse_super groups 0, 1 and powers of 3, 5 and 7. */
function hasSuper(group: number, { roCompat, compat }: Geometry, backups: readonly [number, number]): boolean {
  if (group === 0) return true;
  if ((compat & COMPAT.SPARSE_SUPER2) !== 0) return backups.includes(group);
  if (group === 1 || (roCompat & RO_COMPAT.SPARSE_SUPER) === 0) return true;
  return [3, 5, 7].some((base) => {
    let power = base;
    while (power < group) power *= base;
    return power === group;
  });
}
