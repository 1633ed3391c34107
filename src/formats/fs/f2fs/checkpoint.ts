/**
 * The checkpoint: which of its two packs counts, and with it where every node lies (NAT).
 *
 *   struct f2fs_checkpoint                          struct f2fs_nat_entry (9 bytes)
 *     0 le64 checkpoint_ver                           0 u8 version
 *   132 le32 ckpt_flags                               1 le32 ino
 *   136 le32 cp_pack_total_block_count                5 le32 block_addr
 *   140 le32 cp_pack_start_sum                      struct f2fs_journal: le16 n_nats; { le32 nid; f2fs_nat_entry }[]
 *   156 le32 sit_ver_bitmap_bytesize                  of a compact summary at its begin, else behind the entries of the first summary,
 *   160 le32 nat_ver_bitmap_bytesize                  of which there is one for each of 6 logs (unmounted) or of 3 (data only)
 *   164 le32 checksum_offset
 *   192 sit_nat_version_bitmap[]
 */
import { equalBytes, FormatError, type Oddity, type Source } from '../../../bytes/index.ts';
import { crc32Raw } from '../../codec/index.ts';
import { type F2fsSuperblock, FEATURE, FORMAT, MAGIC, refuse } from './layout.ts';

const FLAG = { UMOUNT: 0x1, COMPACT_SUM: 0x4, ERROR: 0x8, FASTBOOT: 0x20, LARGE_NAT_BITMAP: 0x400 } as const;
const BITMAP_AT = 192;
const NAT_ENTRY = 9;
const JOURNAL_ENTRY = 13;
/** Of an entry in a summary, and of the footer of one. */
const SUMMARY_ENTRY = 7;
const SUMMARY_FOOTER = 5;
const PACKED_SUMMARY = 4096;
const PAYLOAD_MAX = 64;

/** Finds nodes. */
export interface Nat {
  /** Block of a node. @throws FormatError on ids that no node has */
  readonly locate: (id: number) => Promise<number>;
  readonly oddities: readonly Oddity[];
}

interface Pack {
  readonly block: number;
  readonly version: bigint;
  readonly flags: number;
  readonly bytes: Uint8Array;
  readonly total: number;
}

/** Reads the newer of the packs that are whole. @throws FormatError where none is */
export async function readNat(source: Source, superblock: F2fsSuperblock): Promise<Nat> {
  const { checkpointBlock, segmentBits } = superblock;
  const packs: Pack[] = [];
  const errors: FormatError[] = [];
  for (const block of [checkpointBlock, checkpointBlock + 2 ** segmentBits]) {
    try {
      packs.push(await readPack(source, superblock, block));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      errors.push(error);
    }
  }
  const [first, second] = packs;
  // Versions wrap around: the newer is less than half the numbers ahead.
  const pack = first !== undefined && second !== undefined && BigInt.asIntN(64, second.version - first.version) > 0n ? second : first;
  if (pack === undefined) throw errors[0] ?? refuse('checkpoint', 0, 'bad-value', 'there is none');
  const oddities: Oddity[] = [];
  const odd = (field: string, code: string, detail: string) =>
    oddities.push({ format: FORMAT, field, at: pack.block * superblock.blockSize, code, detail });
  // A second pack that never was is all zeros; one that was torn is not, and the one before it stands.
  for (const error of errors) if (error.code !== 'short-read') odd('checkpoint', 'one-checkpoint', error.message);
  if ((pack.flags & FLAG.ERROR) !== 0) odd('ckpt_flags', 'error-flag', 'the file system noted an error of its own');
  if ((pack.flags & FLAG.UMOUNT) === 0)
    odd('ckpt_flags', 'needs-recovery', 'it was not unmounted: what was written after its last checkpoint is not seen here');
  return { locate: await openNat(source, superblock, pack), oddities };
}

async function readPack(source: Source, superblock: F2fsSuperblock, block: number): Promise<Pack> {
  const { blockSize, segmentBits, checkpointPayload } = superblock;
  if (checkpointPayload > PAYLOAD_MAX) throw refuse('cp_payload', 1664, 'too-large', `${checkpointPayload} blocks of bitmaps`);
  const head = await readHead(source, blockSize, block);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const total = view.getUint32(136, true);
  if (total < 2 || total > 2 ** segmentBits)
    throw refuse('cp_pack_total_block_count', block * blockSize + 136, 'bad-value', `${total} blocks`);
  const last = await readHead(source, blockSize, block + total - 1);
  if (!equalBytes(head.subarray(0, 8), last.subarray(0, 8)))
    throw refuse('checkpoint_ver', block * blockSize, 'bad-value', 'its first and last block are of different versions');
  const more = await readBlocks(source, blockSize, block + 1, checkpointPayload);
  const bytes = new Uint8Array(head.length + more.length);
  bytes.set(head);
  bytes.set(more, head.length);
  return { block, version: view.getBigUint64(0, true), flags: view.getUint32(132, true), bytes, total };
}

/** First or last block of a pack, by its checksum. */
async function readHead(source: Source, blockSize: number, block: number): Promise<Uint8Array> {
  const bytes = await readBlocks(source, blockSize, block, 1);
  const at = block * blockSize;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const crcAt = view.getUint32(164, true);
  // It lies at the end of the block, or between the fields and the bitmaps where those go on in other blocks.
  if (crcAt < BITMAP_AT || crcAt > blockSize - 4) throw refuse('checksum_offset', at + 164, 'out-of-bounds', `${crcAt}`);
  let crc = crc32Raw(bytes.subarray(0, crcAt), MAGIC);
  if (crcAt < blockSize - 4) crc = crc32Raw(bytes.subarray(crcAt + 4), crc);
  if (crc !== view.getUint32(crcAt, true)) throw refuse('checkpoint', at, 'bad-checksum', `the block has 0x${crc.toString(16)}`);
  return bytes;
}

async function readBlocks(source: Source, blockSize: number, block: number, count: number): Promise<Uint8Array> {
  const at = block * blockSize;
  if (at + count * blockSize > source.size)
    throw refuse('checkpoint', at, 'out-of-bounds', `${count} blocks at ${block} lie beyond the image`);
  return source.read(at, count * blockSize);
}

async function openNat(source: Source, superblock: F2fsSuperblock, pack: Pack): Promise<Nat['locate']> {
  const { blockSize, segmentBits, natBlock, natSegments, mainBlock, blocks } = superblock;
  const bitmap = natBitmap(superblock, pack);
  const journal = await readJournal(source, superblock, pack);
  const perBlock = Math.floor(blockSize / NAT_ENTRY);
  const perSegment = 2 ** segmentBits;
  const check = (id: number, block: number, at: number): number => {
    if (block === 0) throw refuse(`nat[${id}]`, at, 'bad-value', 'there is no such node');
    if (block < mainBlock || block >= blocks || (block + 1) * blockSize > source.size)
      throw refuse(`nat[${id}].block_addr`, at, 'out-of-bounds', `block ${block} lies outside the main area or beyond the image`);
    return block;
  };
  return async (id) => {
    const noted = journal.get(id);
    if (noted !== undefined) return check(id, noted, pack.block * blockSize);
    const index = Math.floor(id / perBlock);
    const segment = Math.floor(index / perSegment);
    // Each segment lies there twice, and a bit says for each block in which of both it is.
    if (2 * segment >= natSegments || index >= 8 * bitmap.length)
      throw refuse(`nat[${id}]`, natBlock * blockSize, 'out-of-bounds', 'the table ends before it');
    const isSecond = (((bitmap[index >>> 3] ?? 0) >>> (7 - (index & 7))) & 1) === 1;
    const block = natBlock + 2 * segment * perSegment + (index % perSegment) + (isSecond ? perSegment : 0);
    const at = block * blockSize + (id % perBlock) * NAT_ENTRY;
    if (at + NAT_ENTRY > source.size) throw refuse(`nat[${id}]`, at, 'out-of-bounds', 'it lies beyond the image');
    const entry = await source.read(at, NAT_ENTRY);
    return check(id, new DataView(entry.buffer, entry.byteOffset, entry.byteLength).getUint32(5, true), at);
  };
}

/** Which of both copies of each block of the NAT counts. */
function natBitmap({ blockSize, checkpointPayload }: F2fsSuperblock, { bytes, flags, block }: Pack): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [sit, nat] = [view.getUint32(156, true), view.getUint32(160, true)];
  const isLarge = (flags & FLAG.LARGE_NAT_BITMAP) !== 0;
  const at = BITMAP_AT + (isLarge ? 4 : checkpointPayload > 0 ? 0 : sit);
  if (at + nat > bytes.length) throw refuse('nat_ver_bitmap_bytesize', block * blockSize + 160, 'out-of-bounds', `${nat} bytes at ${at}`);
  return bytes.slice(at, at + nat);
}

/** What changed in the NAT since its blocks were written: node → block. */
async function readJournal(source: Source, { blockSize, feature }: F2fsSuperblock, pack: Pack): Promise<ReadonlyMap<number, number>> {
  const view = new DataView(pack.bytes.buffer, pack.bytes.byteOffset, pack.bytes.byteLength);
  // Of larger blocks a summary takes the first 4 KiB only, where the image says so (Linux 6.19).
  const summary = (feature & FEATURE.PACKED_SSA) !== 0 ? PACKED_SUMMARY : blockSize;
  const entries = SUMMARY_ENTRY * (summary / 8);
  const size = summary - entries - SUMMARY_FOOTER;
  const isCompact = (pack.flags & FLAG.COMPACT_SUM) !== 0;
  // Without the logs of nodes there are three summaries before the pack's last block, with them six.
  const before = (pack.flags & (FLAG.UMOUNT | FLAG.FASTBOOT)) !== 0 ? 7 : 4;
  const start = isCompact ? view.getUint32(140, true) : pack.total - before;
  if (start < 1 || start >= pack.total) throw refuse('cp_pack_start_sum', pack.block * blockSize + 140, 'out-of-bounds', `${start}`);
  const block = await readBlocks(source, blockSize, pack.block + start, 1);
  const at = isCompact ? 0 : entries;
  const journal = new DataView(block.buffer, block.byteOffset + at, size);
  const count = journal.getUint16(0, true);
  if (2 + count * JOURNAL_ENTRY > size)
    throw refuse('n_nats', (pack.block + start) * blockSize + at, 'out-of-bounds', `${count} entries in ${size} bytes`);
  return new Map(
    Array.from({ length: count }, (_, i) => {
      const entry = 2 + i * JOURNAL_ENTRY;
      return [journal.getUint32(entry, true), journal.getUint32(entry + 9, true)] as const;
    }),
  );
}
