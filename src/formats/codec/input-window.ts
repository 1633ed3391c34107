import type { Source } from '../../bytes/index.ts';

/** Bytes of a Source from a place on, kept loaded as far as a decoder wants them. */
export interface InputWindow {
  /** What is loaded. */
  bytes: Uint8Array;
  /** Where the next byte lies in `bytes`. */
  at: number;
  /** Where the first of `bytes` lies in the Source. */
  base: number;
}

const STEP = 1 << 20;

/** Loads until `wanted` bytes lie ahead or the Source ends; answers how many do. Moves `bytes`, so views of it from before stay good but apart. */
export async function fill(window: InputWindow, source: Source, wanted: number): Promise<number> {
  const ahead = window.bytes.length - window.at;
  if (ahead >= wanted) return ahead;
  const from = window.base + window.bytes.length;
  const more = Math.min(Math.max(STEP, wanted - ahead), source.size - from);
  if (more <= 0) return ahead;
  const loaded = await source.read(from, more);
  if (ahead === 0) window.bytes = loaded;
  else {
    const joined = new Uint8Array(ahead + more);
    joined.set(window.bytes.subarray(window.at));
    joined.set(loaded, ahead);
    window.bytes = joined;
  }
  window.base = from - ahead;
  window.at = 0;
  return window.bytes.length;
}
