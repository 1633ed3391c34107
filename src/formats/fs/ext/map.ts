/** Where the blocks of a file lie: extents, or the pointers of ext2 and ext3. */
import type { Source, SpendEntries } from '../../../bytes/index.ts';
import type { Run } from '../runs.ts';
import type { ExtInode } from './inode.ts';
import { FLAG } from './inode.ts';
import { type ExtSuperblock, refuse } from './layout.ts';

const EXTENT_MAGIC = 0xf30a;
const DEPTH_MAX = 5;
/** Runs of one file: a file of 64 GiB in pieces of 64 KiB. */
const RUNS_MAX = 1 << 20;
/** A length above this says that the extent was reserved and never written. */
const WRITTEN_MAX = 0x8000;
const DIRECT = 12;

/** What maps are read with. */
export interface MapPlaces {
  readonly superblock: ExtSuperblock;
  readonly source: Source;
  readonly spendEntries: SpendEntries;
}

/** Reads the map of a file. Memory is bounded by RUNS_MAX, time by the blocks of the image. @throws FormatError */
export async function readRuns(node: ExtInode, { superblock, source, spendEntries }: MapPlaces): Promise<readonly Run[]> {
  const wanted = Math.ceil(node.size / superblock.blockSize);
  const runs: Run[] = [];
  const walk: Walk = {
    node,
    superblock,
    source,
    spendEntries,
    wanted,
    runs,
    budget: { blocks: Math.ceil(source.size / superblock.blockSize) + 4 },
  };
  if ((node.flags & FLAG.EXTENTS) !== 0) await readExtents(walk, node.area, { at: node.at + 0x28, depth: undefined });
  else await readPointers(walk);
  runs.sort((a, b) => a.logical - b.logical);
  for (const [i, run] of runs.entries()) {
    const next = runs[i + 1];
    if (next !== undefined && run.logical + run.length > next.logical)
      throw refuse('ee_block', node.at + 0x28, 'overlap', `block ${next.logical} of the file is mapped twice`);
  }
  return runs;
}

interface Walk extends MapPlaces {
  readonly node: ExtInode;
  /** Blocks that the size needs. */
  readonly wanted: number;
  readonly runs: Run[];
  /** Blocks of the map that may still be read: a map in a circle ends here. */
  readonly budget: { blocks: number };
}

function add({ runs, node, source, superblock }: Walk, run: Run): void {
  if ((run.physical + run.length) * superblock.blockSize > source.size)
    throw refuse(
      'ee_start',
      node.at + 0x28,
      'out-of-bounds',
      `blocks ${run.physical} to ${run.physical + run.length} lie beyond the image`,
    );
  const last = runs.at(-1);
  if (last !== undefined && last.logical + last.length === run.logical && last.physical + last.length === run.physical)
    runs[runs.length - 1] = { ...last, length: last.length + run.length };
  else runs.push(run);
  if (runs.length > RUNS_MAX) throw refuse('eh_entries', node.at + 0x28, 'too-large', `more than ${RUNS_MAX} runs`);
}

async function readMapBlock(
  { source, superblock, spendEntries, budget, node }: Walk,
  block: number,
  field: string,
): Promise<{ readonly bytes: Uint8Array; readonly at: number }> {
  const at = block * superblock.blockSize;
  if (at === 0 || at + superblock.blockSize > source.size)
    throw refuse(field, node.at + 0x28, 'out-of-bounds', `block ${block} of the map lies beyond the image`);
  if (--budget.blocks < 0) throw refuse(field, at, 'overlap', 'the map has more blocks than the image');
  spendEntries(superblock.blockSize / 4, at);
  return { bytes: await source.read(at, superblock.blockSize), at };
}

/** struct ext4_extent_header { le16 magic, entries, max, depth; le32 generation }, then 12 bytes an entry. */
async function readExtents(
  walk: Walk,
  bytes: Uint8Array,
  { at, depth: expected }: { readonly at: number; readonly depth: number | undefined },
): Promise<void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0, true) !== EXTENT_MAGIC) throw refuse('eh_magic', at, 'bad-magic', 'no 0xf30a');
  const entries = view.getUint16(2, true);
  const depth = view.getUint16(6, true);
  if (depth > DEPTH_MAX || (expected !== undefined && depth !== expected))
    throw refuse('eh_depth', at + 6, 'bad-value', `depth ${depth}${expected === undefined ? '' : ` where ${expected} belongs`}`);
  if (12 + entries * 12 > bytes.length) throw refuse('eh_entries', at + 2, 'out-of-bounds', `${entries} entries in ${bytes.length} bytes`);
  for (let i = 0; i < entries; i++) {
    const entry = 12 + i * 12;
    const logical = view.getUint32(entry, true);
    if (depth > 0) {
      const block = view.getUint32(entry + 4, true) + view.getUint16(entry + 8, true) * 2 ** 32;
      const child = await readMapBlock(walk, block, 'ei_leaf');
      await readExtents(walk, child.bytes, { at: child.at, depth: depth - 1 });
      continue;
    }
    const length = view.getUint16(entry + 4, true);
    if (length === 0) throw refuse('ee_len', at + entry + 4, 'bad-value', 'an extent without blocks');
    const physical = view.getUint32(entry + 8, true) + view.getUint16(entry + 6, true) * 2 ** 32;
    if (length <= WRITTEN_MAX) add(walk, { logical, physical, length });
  }
}

/** Twelve direct pointers, then one, two and three levels of blocks of pointers; 0 is a hole. */
async function readPointers(walk: Walk): Promise<void> {
  const { node, superblock, wanted } = walk;
  const view = new DataView(node.area.buffer, node.area.byteOffset, node.area.byteLength);
  const perBlock = superblock.blockSize / 4;
  let logical = 0;
  for (let i = 0; i < DIRECT && logical < wanted; i++, logical++) {
    const physical = view.getUint32(i * 4, true);
    if (physical !== 0) add(walk, { logical, physical, length: 1 });
  }
  for (let level = 1; level <= 3 && logical < wanted; level++) {
    const span = perBlock ** level;
    await readIndirect(walk, view.getUint32((DIRECT + level - 1) * 4, true), { level, logical });
    logical += span;
  }
}

async function readIndirect(
  walk: Walk,
  block: number,
  { level, logical }: { readonly level: number; readonly logical: number },
): Promise<void> {
  if (block === 0) return;
  const { bytes } = await readMapBlock(walk, block, 'i_block');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const perBlock = bytes.length / 4;
  const span = perBlock ** (level - 1);
  for (let i = 0; i < perBlock && logical + i * span < walk.wanted; i++) {
    const pointer = view.getUint32(i * 4, true);
    if (pointer === 0) continue;
    if (level === 1) add(walk, { logical: logical + i, physical: pointer, length: 1 });
    else await readIndirect(walk, pointer, { level: level - 1, logical: logical + i * span });
  }
}
