/**
 * EROFS on disk: the superblock.
 * Spec: Linux fs/erofs/erofs_fs.h (6.17) and Documentation/filesystems/erofs.rst; older layouts as erofs-utils 1.5 writes them.
 *
 *   struct erofs_super_block, at 1024              struct erofs_deviceslot (128 bytes)
 *     0 __le32 magic             0xE0F5E1E2          0 u8     tag[64]
 *     4 __le32 checksum          crc32c              64 __le32 blocks_lo
 *     8 __le32 feature_compat                        68 __le32 uniaddr_lo
 *    12 __u8   blkszbits         9 … 16              72 __le32 blocks_hi
 *    13 __u8   sb_extslots       size 128 + 16 ×     76 __le16 uniaddr_hi
 *    14 __le16 rootnid_2b | blocks_hi
 *    16 __le64 inos                                struct erofs_dirent (12 bytes)
 *    24 __le64 epoch                                 __le64 nid, bit 63: in the metabox
 *    32 __le32 fixed_nsec                            __le16 nameoff
 *    36 __le32 blocks_lo                             __u8   file_type, reserved
 *    40 __le32 meta_blkaddr
 *    44 __le32 xattr_blkaddr                       struct erofs_xattr_ibody_header (12 bytes)
 *    48 __u8   uuid[16]                              __le32 h_name_filter
 *    64 __u8   volume_name[16]                       __u8   h_shared_count, reserved[7]
 *    80 __le32 feature_incompat                      __le32 h_shared_xattrs[]
 *    84 __le16 available_compr_algs              struct erofs_xattr_entry
 *    86 __le16 extra_devices                         __u8 e_name_len, e_name_index; __le16 e_value_size; name; value; aligned to 4
 *    88 __le16 devt_slotoff      × 128
 *    90 __u8   dirblkbits, xattr_prefix_count
 *    92 __le32 xattr_prefix_start × 4
 *    96 __le64 packed_nid
 *   104 __u8   xattr_filter_reserved, reserved[3]
 *   108 __le32 build_time
 *   112 __le64 rootnid_8b        with 48BIT
 *   128 __le64 metabox_nid       with METABOX, in extension slot 1
 */
import { Cursor, FormatError, type FormatErrorCode, type Oddity, type Source } from '../../../bytes/index.ts';
import { crc32cRaw } from '../../codec/checksums.ts';

export const FORMAT = 'erofs';
const SUPER_AT = 1024;
const SUPER_SIZE = 128;
const MAGIC = 0xe0f5e1e2;
const DEVICE_SLOT = 128;
const DEVICES_MAX = 256;
/** Bit 63 of a nid says that the inode lies in the metabox; here it is added far above any real nid. */
export const METABOX_BASE = 2 ** 52;

export const INCOMPAT = {
  ZERO_PADDING: 0x1,
  COMPR_CFGS: 0x2,
  CHUNKED_FILE: 0x4,
  DEVICE_TABLE: 0x8,
  ZTAILPACKING: 0x10,
  FRAGMENTS: 0x20,
  XATTR_PREFIXES: 0x40,
  BIT48: 0x80,
  METABOX: 0x100,
} as const;
const INCOMPAT_NAMES = [
  'zero_padding',
  'compr_cfgs',
  'chunked_file',
  'device_table',
  'ztailpacking',
  'fragments',
  'xattr_prefixes',
  '48bit',
  'metabox',
];
export const COMPAT = { SB_CHKSUM: 0x1, SHARED_EA_IN_METABOX: 0x8, PLAIN_XATTR_PFX: 0x10 } as const;
const COMPAT_NAMES = ['sb_csum', 'mtime', 'xattr_filter', 'shared_ea_in_metabox', 'plain_xattr_pfx', 'ishare_xattrs'];

export interface ErofsDevice {
  readonly blocks: number;
  /** Where its blocks stand in the addresses that all devices share; 0: nowhere. */
  readonly startBlock: number;
}

export interface Superblock {
  readonly compat: number;
  readonly incompat: number;
  readonly blockBits: number;
  readonly blockSize: number;
  readonly directoryBlockSize: number;
  readonly rootId: number;
  readonly inodes: number;
  readonly epochSeconds: number;
  readonly blocks: number;
  readonly metaAt: number;
  readonly xattrAt: number;
  readonly uuid: Uint8Array;
  readonly label: string;
  readonly algorithms: number;
  readonly prefixCount: number;
  readonly prefixAt: number;
  readonly packedId: number | undefined;
  readonly metaboxId: number | undefined;
  readonly devices: readonly ErofsDevice[];
  readonly features: readonly string[];
}

export const refuse = (field: string, at: number, code: FormatErrorCode, detail: string) =>
  new FormatError({ format: FORMAT, field, at }, code, detail);

/** Whether bytes from 1024 of an image begin as an EROFS superblock does. */
export function isErofs(atSuper: Uint8Array): boolean {
  return atSuper[0] === 0xe2 && atSuper[1] === 0xe1 && atSuper[2] === 0xf5 && atSuper[3] === 0xe0;
}

/** A nid as one number: those in the metabox from `METABOX_BASE` on. @throws FormatError on a nid that no image is large enough for */
function readNid(cursor: Cursor, field: string): number {
  const at = cursor.at;
  const low = cursor.u32(field);
  const high = cursor.u32(field);
  const nid = (high & 0x7fffffff) * 2 ** 32 + low;
  if (nid >= METABOX_BASE / 32) throw cursor.error(field, 'out-of-bounds', `nid 0x${nid.toString(16)}`, at);
  return nid + (high >= 0x80000000 ? METABOX_BASE : 0);
}

/** Reads the superblock and the device table. @throws FormatError */
export async function readSuperblock(source: Source): Promise<{ value: Superblock; oddities: readonly Oddity[] }> {
  const oddities: Oddity[] = [];
  if (source.size < SUPER_AT + SUPER_SIZE) throw refuse('super_block', SUPER_AT, 'short-read', `the image has ${source.size} bytes`);
  const head = new Cursor(await source.read(SUPER_AT, SUPER_SIZE), { format: FORMAT, base: SUPER_AT });
  const magic = head.u32('magic');
  if (magic !== MAGIC) throw head.error('magic', 'bad-magic', `0x${magic.toString(16)}, not 0xe0f5e1e2`, 0);
  const checksum = head.u32('checksum');
  const compat = head.u32('feature_compat');
  const blockBits = head.u8('blkszbits');
  if (blockBits < 9 || blockBits > 16) throw head.error('blkszbits', 'bad-value', `${blockBits} is not 9 to 16`, 12);
  const extensionSlots = head.u8('sb_extslots');
  const blockSize = 2 ** blockBits;
  const root16 = head.u16('rootnid_2b');
  const inodes = head.u64('inos');
  const epoch = Number(head.i64('epoch'));
  head.u32('fixed_nsec');
  const blocksLow = head.u32('blocks_lo');
  const metaBlock = head.u32('meta_blkaddr');
  const xattrBlock = head.u32('xattr_blkaddr');
  const uuid = head.take('uuid', 16).slice();
  const label = head.paddedText('volume_name', 16);
  const incompat = head.u32('feature_incompat');
  const unknown = incompat & ~0x1ff;
  if (unknown !== 0)
    throw head.error('feature_incompat', 'unsupported-feature', `0x${(unknown >>> 0).toString(16)} is none that is known`, 80);
  const algorithms = head.u16('available_compr_algs');
  const extraDevices = head.u16('extra_devices');
  const deviceSlot = head.u16('devt_slotoff');
  const directoryBits = head.u8('dirblkbits');
  if (blockBits + directoryBits > 24) throw head.error('dirblkbits', 'too-large', `${directoryBits}`, 90);
  const prefixCount = head.u8('xattr_prefix_count');
  const prefixStart = head.u32('xattr_prefix_start');
  const packed = readNid(head, 'packed_nid');
  head.skip('reserved', 4);
  head.u32('build_time');
  const root64 = readNid(head, 'rootnid_8b');
  const superSize = SUPER_SIZE + 16 * extensionSlots;

  let metaboxId: number | undefined;
  if ((incompat & INCOMPAT.METABOX) !== 0) {
    if (extensionSlots === 0) throw head.error('sb_extslots', 'bad-value', 'METABOX without its extension slot', 13);
    const slot = new Cursor(await source.read(SUPER_AT + SUPER_SIZE, 16), { format: FORMAT, base: SUPER_AT + SUPER_SIZE });
    metaboxId = readNid(slot, 'metabox_nid');
    if (metaboxId >= METABOX_BASE) throw slot.error('metabox_nid', 'overlap', 'the metabox lies in itself', 0);
  }
  if ((compat & COMPAT.SB_CHKSUM) !== 0) await checkChecksum(source, { checksum, blockSize, superSize }, oddities);
  const has48 = (incompat & INCOMPAT.BIT48) !== 0;
  const isSet = (bits: number) => (_: string, bit: number) => ((bits >>> bit) & 1) === 1;
  return {
    oddities,
    value: {
      compat,
      incompat,
      blockBits,
      blockSize,
      directoryBlockSize: blockSize * 2 ** directoryBits,
      rootId: has48 && root64 !== 0 ? root64 : root16,
      inodes: Number(inodes),
      epochSeconds: epoch,
      blocks: blocksLow + (has48 && root64 !== 0 ? root16 * 2 ** 32 : 0),
      metaAt: metaBlock * blockSize,
      xattrAt: xattrBlock * blockSize,
      uuid,
      label,
      // Before COMPR_CFGS there was LZ4 only, and the field held its window.
      algorithms: (incompat & INCOMPAT.COMPR_CFGS) !== 0 ? algorithms : 1,
      prefixCount: (incompat & INCOMPAT.XATTR_PREFIXES) !== 0 ? prefixCount : 0,
      prefixAt: prefixStart * 4,
      packedId: (incompat & INCOMPAT.FRAGMENTS) !== 0 && packed > 0 ? packed : undefined,
      metaboxId,
      devices: (incompat & INCOMPAT.DEVICE_TABLE) !== 0 ? await readDevices(source, extraDevices, deviceSlot * DEVICE_SLOT) : [],
      features: [...INCOMPAT_NAMES.filter(isSet(incompat)), ...COMPAT_NAMES.filter(isSet(compat))],
    },
  };
}

/** crc32c over the superblock's block from 1024 on, with the field itself as zero. A kernel refuses; here it is told, and the tree is read. */
async function checkChecksum(
  source: Source,
  of: { readonly checksum: number; readonly blockSize: number; readonly superSize: number },
  oddities: Oddity[],
): Promise<void> {
  const length = of.blockSize > SUPER_AT ? of.blockSize - SUPER_AT : of.blockSize;
  if (SUPER_AT + length > source.size) throw refuse('super_block', SUPER_AT, 'short-read', `the image has ${source.size} bytes`);
  const bytes = (await source.read(SUPER_AT, length)).slice();
  bytes.fill(0, 4, 8);
  const is = crc32cRaw(bytes);
  if (is !== of.checksum) {
    oddities.push({
      format: FORMAT,
      field: 'checksum',
      at: SUPER_AT + 4,
      code: 'checksum',
      detail: `0x${of.checksum.toString(16)}, where the superblock has 0x${is.toString(16)}`,
    });
  }
}

async function readDevices(source: Source, count: number, at: number): Promise<readonly ErofsDevice[]> {
  if (count > DEVICES_MAX) throw refuse('extra_devices', SUPER_AT + 86, 'too-large', `${count} is above ${DEVICES_MAX}`);
  if (at + count * DEVICE_SLOT > source.size) throw refuse('devt_slotoff', SUPER_AT + 88, 'out-of-bounds', `${count} devices at ${at}`);
  const cursor = new Cursor(await source.read(at, count * DEVICE_SLOT), { format: FORMAT, base: at });
  return Array.from({ length: count }, (_, i) => {
    cursor.skip(`device[${i}].tag`, 64);
    const blocksLow = cursor.u32('blocks_lo');
    const startLow = cursor.u32('uniaddr_lo');
    const blocksHigh = cursor.u32('blocks_hi');
    const startHigh = cursor.u16('uniaddr_hi');
    cursor.skip('reserved', 50);
    return { blocks: blocksLow + (blocksHigh & 0xffff) * 2 ** 32, startBlock: startLow + startHigh * 2 ** 32 };
  });
}
