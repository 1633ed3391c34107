import type { Oddity } from '../../../bytes/index.ts';

/** Oddities kept per code: a hostile file can deviate a million times, and the first few say it all. */
const SAME_CODE_MAX = 32;

/** Collects oddities of one format; more than `SAME_CODE_MAX` of a code are counted, not kept. */
export interface OddityLog {
  add(code: string, field: string, at: number, detail: string): void;
  /** Everything collected so far, in order, with a last entry per code that overflowed. */
  list(): readonly Oddity[];
}

/** A log for a format's name. */
export function oddityLog(format: string): OddityLog {
  const kept: Oddity[] = [];
  const counts = new Map<string, number>();
  return {
    add(code, field, at, detail) {
      const count = (counts.get(code) ?? 0) + 1;
      counts.set(code, count);
      if (count <= SAME_CODE_MAX) kept.push({ format, field, at, code, detail });
    },
    list() {
      const all = [...kept];
      for (const [code, count] of counts) {
        if (count > SAME_CODE_MAX) all.push({ format, field: 'more', at: 0, code, detail: `${count - SAME_CODE_MAX} more of these` });
      }
      return all;
    },
  };
}
