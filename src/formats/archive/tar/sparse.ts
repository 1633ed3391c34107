/**
 * Members with holes, as GNU tar writes them in its own format (`tar -S`). Spec: GNU tar manual, "Old GNU Format" (struct oldgnu_header). Limits: `RUNS_MAX` runs.
 *
 *   at 386 of the header: struct { char offset[12], numbytes[12] } sp[4]; char isextended, realsize[12]; then, while isextended: struct { sp[21]; char isextended } of 512 bytes
 */
import { Cursor, checkRange, FormatError, type Source, sliceSource } from '../../../bytes/index.ts';
import type { TarEntry } from './tar.ts';

const FORMAT = 'tar';
const BLOCK = 512;
const RUNS_MAX = 1 << 18;
const IN_HEADER = 4;
const IN_BLOCK = 21;

/** A piece of a member that lies in the archive; the pieces follow each other there, and what is between them is zeros. */
export interface TarRun {
  /** In the member. */
  readonly start: number;
  readonly length: number;
}

export interface TarHoles {
  readonly runs: readonly TarRun[];
  readonly realSize: number;
  /** Blocks of the map behind the header. */
  readonly blocks: number;
}

/** Reads the map of a member; `numberAt` reads a field as headers have it, and `at` is the header's. @throws FormatError on runs that overlap or leave the member */
export async function readHoles(
  header: Uint8Array,
  at: number,
  { load, numberIn }: { readonly load: (at: number) => Promise<Uint8Array>; readonly numberIn: (cursor: Cursor, field: string) => number },
): Promise<TarHoles> {
  const runs: TarRun[] = [];
  const take = (cursor: Cursor, count: number) => {
    for (let index = 0; index < count; index++) {
      const [start, length] = [numberIn(cursor, 'sp.offset'), numberIn(cursor, 'sp.numbytes')];
      if (length === 0) continue;
      const before = runs.at(-1);
      if (before !== undefined && start < before.start + before.length) throw cursor.error('sp.offset', 'overlap', `${start}`);
      if (runs.length === RUNS_MAX) throw cursor.error('sp', 'too-large', `more than ${RUNS_MAX} runs`);
      runs.push({ start, length });
    }
  };
  const first = new Cursor(header, { format: FORMAT, base: at });
  first.seek('sp', 386);
  take(first, IN_HEADER);
  let isExtended = first.u8('isextended') !== 0;
  const realSize = numberIn(first, 'realsize');
  let blocks = 0;
  for (; isExtended; blocks++) {
    const blockAt = at + BLOCK * (blocks + 1);
    const cursor = new Cursor(await load(blockAt), { format: FORMAT, base: blockAt });
    take(cursor, IN_BLOCK);
    isExtended = cursor.u8('isextended') !== 0;
  }
  const last = runs.at(-1);
  if (last !== undefined && last.start + last.length > realSize)
    throw new FormatError({ format: FORMAT, field: 'realsize', at: at + 483 }, 'out-of-bounds', `${realSize}, and a run ends behind it`);
  return { runs, realSize, blocks };
}

/** A member's content, where it lies. @throws FormatError where a map tells of other bytes than lie there */
export function tarMember(source: Source, { at, size, runs, storedSize }: TarEntry): Source {
  if (runs === undefined) return sliceSource(source, at, size);
  const places: number[] = [];
  let stored = 0;
  for (const { length } of runs) {
    places.push(at + stored);
    stored += length;
  }
  if (stored !== storedSize)
    throw new FormatError({ format: FORMAT, field: 'sp', at }, 'bad-value', `runs of ${stored} bytes, where ${storedSize} lie there`);
  return {
    size,
    async read(from, length) {
      checkRange({ size }, from, length, FORMAT);
      const out = new Uint8Array(length);
      let low = 0;
      for (let high = runs.length; low < high; ) {
        const middle = (low + high) >>> 1;
        const run = runs[middle];
        if (run !== undefined && run.start + run.length <= from) low = middle + 1;
        else high = middle;
      }
      for (let index = low; index < runs.length; index++) {
        const run = runs[index];
        if (run === undefined || run.start >= from + length) break;
        const begin = Math.max(from, run.start);
        const end = Math.min(from + length, run.start + run.length);
        out.set(await source.read((places[index] ?? 0) + begin - run.start, end - begin), begin - from);
      }
      return out;
    },
  };
}
