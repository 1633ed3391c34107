/** Where the blocks of a file lie, and the file as a Source over them: what file systems of blocks have in common. */
import { checkRange, type Source } from '../../bytes/index.ts';

/** Blocks that follow each other in the file and in the image. Holes, and extents that were never written, are left out: they read as zeros. */
export interface Run {
  /** First block of the file. */
  readonly logical: number;
  /** First block of the image. */
  readonly physical: number;
  readonly length: number;
}

/** A file's content by its map. Reads what is asked for and nothing else. */
export function runSource(size: number, runs: readonly Run[], blockSize: number, image: Source): Source {
  /** Index of the last run that begins at or before a block. */
  const before = (block: number): number => {
    let [low, high] = [0, runs.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((runs[middle]?.logical ?? 0) <= block) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const fill = async (at: number, out: Uint8Array): Promise<void> => {
    checkRange({ size }, at, out.length);
    const end = at + out.length;
    let done = at;
    for (let i = Math.max(0, before(Math.floor(at / blockSize))); i < runs.length; i++) {
      const run = runs[i];
      if (run === undefined) break;
      const start = run.logical * blockSize;
      if (start >= end) break;
      const from = Math.max(at, start);
      const to = Math.min(end, start + run.length * blockSize);
      if (to <= from) continue;
      out.fill(0, done - at, from - at);
      const target = out.subarray(from - at, to - at);
      const place = run.physical * blockSize + (from - start);
      if (image.readInto === undefined) target.set(await image.read(place, to - from));
      else await image.readInto(place, target);
      done = to;
    }
    out.fill(0, done - at);
  };
  return {
    size,
    async read(at, length) {
      checkRange({ size }, at, length);
      const out = new Uint8Array(length);
      await fill(at, out);
      return out;
    },
    readInto: fill,
  };
}
