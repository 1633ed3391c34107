/**
 * How much memory answers as memory does. Off by default: a hog that the kernel's killer does not know can hang a phone (hardware-challenges, section 5).
 * Rules: the operator's yes; at most half of what is claimed; steps of 64 MiB, before each of which the phone is asked what is left; stop before the reserve is touched or swap is used.
 */
import type { Asker } from '../native/converse.ts';
import { recomputeQueries, STEP_PAGES } from '../native/memory.ts';
import type { RunReading } from '../native/read-run.ts';
import { least } from './estimate.ts';

const MIB = 1 << 20;
const STEP_BYTES = STEP_PAGES * 4096;
const RESERVE_MIN = 700 * MIB;
const RESERVE_PART = 0.15;
/** Bytes that swap may shrink by. */
const SWAP_MAX = 128 * MIB;
/** Steps that a program keeps: 32 GiB. */
const STEPS_MAX = 512;
const QUERIES = 20_000;
const QUERY_ROUNDS = 3;
const FILL_MS = 30_000;

/** What /proc/meminfo says, in bytes. It decides when to stop, never what is proved. */
export interface MemoryLeft {
  readonly total: number;
  readonly available: number;
  readonly swapFree: number;
}

/** Reads /proc/meminfo; undefined where a line is missing, as MemAvailable is before Linux 3.14. */
export function parseMemoryLeft(text: string): MemoryLeft | undefined {
  const bytes = (name: string) => {
    const found = new RegExp(`^${name}: +(\\d{1,12}) kB\\s*$`, 'm').exec(text)?.[1];
    return found === undefined ? undefined : Number(found) * 1024;
  };
  const [total, available, swapFree] = [bytes('MemTotal'), bytes('MemAvailable'), bytes('SwapFree')];
  return total === undefined || available === undefined || swapFree === undefined ? undefined : { total, available, swapFree };
}

/** How many steps may be filled at most, by the claim and by what is left now. */
export function stepsFor(claimedBytes: number, left: MemoryLeft): number {
  const reserve = Math.max(RESERVE_MIN, RESERVE_PART * left.total);
  return Math.max(0, Math.min(STEPS_MAX, Math.floor(Math.min(claimedBytes / 2, left.available - reserve) / STEP_BYTES)));
}

/** Fills step by step and queries; answers how many steps it filled. `left` asks the phone anew. */
export async function askMemory(asker: Asker, claimedBytes: number, left: () => Promise<MemoryLeft | undefined>): Promise<number> {
  const { ask, fresh } = asker;
  const first = await left();
  const seed = fresh();
  const most = first === undefined ? 0 : stepsFor(claimedBytes, first);
  let steps = 0;
  while (steps < most) {
    const now = steps === 0 ? first : await left();
    if (first === undefined || now === undefined || stepsFor(claimedBytes, now) === 0 || first.swapFree - now.swapFree > SWAP_MAX) break;
    if ((await ask('fill', { a: steps, b: STEP_PAGES, seed, timeMs: FILL_MS })).result !== 0) break;
    steps++;
  }
  for (let round = 0; round < QUERY_ROUNDS && steps > 0; round++)
    await ask('query', { a: QUERIES, b: steps, seed: fresh(), timeMs: FILL_MS });
  await ask('drop', { b: steps });
  return steps;
}

export interface MemoryProof {
  readonly filledBytes: number;
  readonly wrong: number;
  /** Nanoseconds of one query, and of making one page, at their best. */
  readonly queryNs: number;
  readonly pageNs: number;
  /** The largest part of the pages that may have been made again for a query instead of kept. */
  readonly missingAtMost: number;
}

/** Reads the proof out of a transcript; undefined where memory was not asked for. One round is recomputed: it costs the host half a second. */
export function readMemoryProof({ understood }: RunReading): MemoryProof | undefined {
  const fills = understood.filter(({ command, result }) => command.operation === 'fill' && result === 0);
  const queries = understood.filter(({ command }) => command.operation === 'query');
  const [fill] = fills;
  const [query] = queries;
  if (fill === undefined || query === undefined) return undefined;
  const whole = fills.every(({ command }, index) => command.a === index && command.b === STEP_PAGES && command.seed === fill.command.seed);
  const honest = whole && queries.every(({ command }) => command.b === fills.length && command.a === QUERIES);
  const expected = honest
    ? recomputeQueries({ count: QUERIES, steps: fills.length, fillSeed: fill.command.seed, seed: query.command.seed })
    : undefined;
  const pageNs = least(fills.map(({ sentNs, receivedNs }) => (receivedNs - sentNs) / STEP_PAGES));
  const queryNs = least(queries.map(({ sentNs, receivedNs }) => (receivedNs - sentNs) / QUERIES));
  return {
    filledBytes: fills.length * STEP_BYTES,
    wrong: expected === query.result ? 0 : 1,
    queryNs,
    pageNs,
    missingAtMost: Math.min(1, queryNs / pageNs),
  };
}
