/**
 * How far a merge under way has come. Source: AOSP libsnapshot_cow/cow_reader.cpp (PrepMergeOps), snapuserd/user-space-merge/snapuserd_readahead.cpp and cow_format.h.
 * Copies and XORs are merged first: in the order of the sequence, where one is written down, else in their own. The header counts what is done. The next of them may
 * be half done: their results were put into the scratch space before anything of the build before was overwritten.
 *
 *   scratch: u8 read_ahead_state (0 not started, 1 in progress, 2 done), { u64 new_block, u64 file_offset }[] up to a zero offset; its data from buffer_size * 16 / 4096 on
 */
import { FormatError, type Source } from '../../../bytes/index.ts';
import type { CowOperation } from './cow.ts';

const BLOCK = 4096;
const ENTRY = 16;
const DONE = 2;
/** The platform takes 2 MiB. */
const SCRATCH_MAX = 64 << 20;

export interface MergeOrder {
  /** Operations that are done. */
  readonly merged: number;
  /** All that make blocks. */
  readonly total: number;
  /** By block of a copy or XOR, when its turn comes, from 0. */
  readonly turns: ReadonlyMap<number, number>;
  /** Operations whose turn is known. */
  readonly ordered: number;
  /** By block, where in the COW image the scratch space has what was made of it. */
  readonly scratch: ReadonlyMap<number, number>;
}

export interface MergeParts {
  readonly headerSize: number;
  readonly buffer: number;
  readonly merged: number;
  readonly raw: readonly CowOperation[];
  readonly sequence: readonly number[];
}

/** The order of a merge that has begun. @throws FormatError */
export async function mergeOrder(source: Source, { headerSize, buffer, merged, raw, sequence }: MergeParts): Promise<MergeOrder> {
  const isSaid = sequence.length > 0;
  const ordered = isSaid ? sequence : raw.flatMap(({ kind, block }) => (kind === 'copy' || kind === 'xor' ? [block] : []));
  const turns = new Map<number, number>();
  for (const [turn, block] of ordered.entries()) turns.set(block, turn);
  return { merged, total: raw.length, turns, ordered: ordered.length, scratch: await readScratch(source, headerSize, buffer) };
}

async function readScratch(source: Source, at: number, size: number): Promise<ReadonlyMap<number, number>> {
  const found = new Map<number, number>();
  if (size > SCRATCH_MAX || at + size > source.size)
    throw new FormatError({ format: 'snapshot cow', field: 'buffer_size', at: 34 }, 'out-of-bounds', `${size} bytes of scratch space`);
  const tableSize = Math.floor(size / BLOCK) * ENTRY;
  if (tableSize < 1 + ENTRY) return found;
  const bytes = await source.read(at, tableSize);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== DONE) return found;
  for (let entry = 1; entry + ENTRY <= tableSize; entry += ENTRY) {
    const [block, offset] = [Number(view.getBigUint64(entry, true)), Number(view.getBigUint64(entry + 8, true))];
    if (offset === 0) break;
    if (offset < at || offset + BLOCK > at + size)
      throw new FormatError({ format: 'snapshot cow', field: 'scratch', at: at + entry + 8 }, 'out-of-bounds', `data at ${offset}`);
    found.set(block, offset);
  }
  return found;
}

/** Where what a copy or XOR of a block makes is found: made of the build before still, in its own place, in the scratch space; or nobody says. */
export function placeOf(
  { merged, total, turns, ordered, scratch }: MergeOrder,
  block: number,
): 'before' | 'merged' | 'unknown' | { at: number } {
  if (merged >= total) return 'merged';
  const turn = turns.get(block);
  // What no sequence names is merged behind the others, in an order that differs by release.
  if (turn === undefined) return merged <= ordered ? 'before' : 'unknown';
  if (turn < merged) return 'merged';
  const at = scratch.get(block);
  return at === undefined ? 'before' : { at };
}
