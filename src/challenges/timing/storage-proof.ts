/**
 * How much storage takes what is written and gives it back. Off by default: it writes to flash that wears, and to a store that wraps its addresses it overwrites what is there.
 * Rules: the operator's yes; files without names, so that nothing outlives the program; what is reserved and what is filled leave a margin of the free space, and what is filled keeps to a stated budget of wear.
 * First space is reserved, which costs nothing and fails where a file system has less than it says; then steps of 64 MiB are filled and read back in an order that nobody can foresee.
 */
import type { Asker } from '../native/converse.ts';
import { HEADER_SIZE } from '../native/layout.ts';
import { recomputeFetches, STEP_PAGES } from '../native/memory.ts';
import type { RunReading, Understood } from '../native/read-run.ts';
import { least } from './estimate.ts';

const MIB = 1 << 20;
const GIB = 2 ** 30;
const STEP_BYTES = STEP_PAGES * 4096;
/** Files that a program keeps open. */
const FILES_MAX = 512;
/** What is left free at least: phones complain below 500 MB or a twentieth. */
const [MARGIN_MIN, MARGIN_PART] = [GIB, 0.1];
const [ROUNDS, FETCHES] = [32, 256];
/** Steps after which the program shows that it keeps them apart: 128 MiB. */
const CONTROL_STEPS = 2;
const STEP_MS = 30_000;
/** The program ends by itself after three minutes, of which others have had one: a slow store is asked for less. */
const [RESERVE_MS, FILL_MS, FETCH_MS] = [20_000, 60_000, 20_000];
/** Linux errors as a result shows them. */
const [NO_SPACE, IO_ERROR] = [0x100000000 - 28, 0x100000000 - 5];

/** What statfs says, in bytes. It decides when to stop, never what is proved. */
export interface StorageLeft {
  readonly total: number;
  readonly available: number;
}

/** Reads statfs of a 64-bit program, or statfs64 of a 32-bit one (asm-generic/statfs.h); undefined where it makes no sense. */
export function readSpace(body: DataView, pointerBytes: number): StorageLeft | undefined {
  const wide = pointerBytes === 8;
  const at = (offset: number) => Number(body.getBigUint64(offset, true));
  const [block, blocks, available] = wide ? [at(8), at(16), at(32)] : [body.getUint32(4, true), at(8), at(24)];
  const space = { total: block * blocks, available: block * available };
  return Number.isSafeInteger(space.total) && space.available <= space.total && space.total > 0 ? space : undefined;
}

const spare = ({ total, available }: StorageLeft): number => Math.max(0, available - Math.max(MARGIN_MIN, MARGIN_PART * total));

/** Steps that may be filled, by the budget of wear and by what is left now. */
export const stepsOf = (budgetBytes: number, left: StorageLeft): number =>
  Math.min(FILES_MAX, Math.floor(Math.min(budgetBytes, spare(left)) / STEP_BYTES));

export interface StorageWish {
  /** What may be written. */
  readonly budgetBytes: number;
  /** No more is reserved than was claimed. */
  readonly claimedBytes?: number;
}

/** Reserves, fills, reads back and gives back. */
export async function askStorage(
  asker: Asker,
  { budgetBytes, claimedBytes = Number.POSITIVE_INFINITY }: StorageWish,
  { monotonicMs }: { readonly monotonicMs: () => number },
): Promise<void> {
  const { ask, fresh } = asker;
  const pointers = (await ask('hello')).result;
  const { result, bytes } = await ask('space');
  const left = result === 0 ? readSpace(bodyOf(bytes), pointers) : undefined;
  if (left === undefined) return;
  const openedMs = monotonicMs();
  let files = 0;
  const most = Math.min(FILES_MAX, Math.floor(Math.min(spare(left), claimedBytes) / GIB));
  while (files < most && monotonicMs() - openedMs < RESERVE_MS)
    if ((await ask('reserve', { a: files++, b: GIB, timeMs: STEP_MS })).result !== 0) break;
  await ask('release', { b: files, timeMs: STEP_MS });

  const seed = fresh();
  const startedMs = monotonicMs();
  let steps = 0;
  for (const wanted = stepsOf(budgetBytes, left); steps < wanted && monotonicMs() - startedMs < FILL_MS; steps++) {
    if ((await ask('reserve', { a: steps, b: 0 })).result !== 0) break;
    if ((await ask('store', { a: steps, b: steps * STEP_PAGES, c: STEP_PAGES, seed, timeMs: STEP_MS })).result !== 0) break;
    // What any store has room for comes back before more is written: a control of the program, which keeps its files apart.
    if (steps + 1 === CONTROL_STEPS && wanted > CONTROL_STEPS)
      await ask('fetch', { a: FETCHES, b: CONTROL_STEPS, seed: fresh(), timeMs: STEP_MS });
  }
  const filledMs = monotonicMs();
  for (let round = 0; round < ROUNDS && steps > 0 && monotonicMs() - filledMs < FETCH_MS; round++)
    await ask('fetch', { a: FETCHES, b: steps, seed: fresh(), timeMs: STEP_MS });
  // Whatever was opened last, and did not take everything, is closed too.
  await ask('release', { b: Math.min(FILES_MAX, steps + 1), timeMs: STEP_MS });
}

const bodyOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset + HEADER_SIZE);

export interface StorageProof {
  readonly left: StorageLeft;
  /** Bytes that the file system reserved, beside what was left free on purpose. */
  readonly reservedBytes: number;
  readonly filledBytes: number;
  /** Where it said that there is no space although by its own word there was: bytes that it had taken by then. */
  readonly fullAt: number | undefined;
  /** Whether the medium itself answered with an error, while it took or gave back. */
  readonly isBroken: boolean;
  readonly rounds: number;
  /** Rounds of which the answer is not what was stored, and those in which a page could not be read. */
  readonly wrong: number;
  /** Where wrong rounds are, number for number, those of a store that has less room: its bytes, and how many rounds. */
  readonly wraps: { readonly bytes: number; readonly rounds: number } | undefined;
  /** Whether the first steps came back right before more was written. Undefined: it was not asked. */
  readonly isControlled: boolean | undefined;
  readonly unread: number;
  /** Nanoseconds of one page at their best; undefined where none came back. */
  readonly pageNs: number | undefined;
}

/** Reads the proof out of a transcript; undefined where storage was not asked for, or says nothing of itself. */
export function readStorageProof({ understood }: RunReading): StorageProof | undefined {
  const start = understood.findIndex(({ command }) => command.operation === 'space');
  const pointers = understood.findLast(({ command }, index) => command.operation === 'hello' && index < start)?.result;
  const space = understood[start];
  if (space === undefined || space.result !== 0 || pointers === undefined) return undefined;
  const left = readSpace(new DataView(space.view.buffer, space.view.byteOffset + HEADER_SIZE), pointers);
  if (left === undefined) return undefined;
  const after = understood.slice(start + 1);
  const of = (operation: Understood['command']['operation']) => after.filter(({ command }) => command.operation === operation);
  const reserves = of('reserve').filter(({ command }) => command.b === GIB);
  const reservedBytes = reserves.filter(({ result }) => result === 0).length * GIB;
  const stores = of('store');
  const taken = stores.filter(({ result }) => result === 0);
  const [first] = taken;
  const isWhole = taken.every(
    ({ command }, index) =>
      command.a === index && command.b === index * STEP_PAGES && command.c === STEP_PAGES && command.seed === first?.command.seed,
  );
  const fetches = isWhole ? of('fetch').filter(({ command }) => command.a === FETCHES && command.b === taken.length) : [];
  const read = fetches.filter(({ view }) => view.getUint32(8, true) === 0);
  // Each question says over how many steps it asks.
  const truth = ({ command }: Understood, wrap = command.b) =>
    recomputeFetches({ count: FETCHES, steps: command.b, fillSeed: first?.command.seed ?? 0, seed: command.seed, wrap });
  const wrong = read.filter((one) => truth(one) !== one.result);
  const filledBytes = taken.length * STEP_BYTES;
  const beforeMore = stores[CONTROL_STEPS];
  const controls = after
    .slice(0, beforeMore === undefined ? 0 : after.indexOf(beforeMore))
    .filter(({ command }) => command.operation === 'fetch' && command.a === FETCHES && command.b === CONTROL_STEPS);
  return {
    left,
    reservedBytes,
    filledBytes,
    // A program asks for no more than its word allows, less the margin.
    fullAt: reserves.some(({ result }) => result === NO_SPACE)
      ? reservedBytes
      : stores.some(({ result }) => result === NO_SPACE)
        ? filledBytes
        : undefined,
    isBroken:
      [...reserves, ...stores].some(({ result }) => result === IO_ERROR) ||
      fetches.some(({ view }) => view.getUint32(8, true) === IO_ERROR),
    rounds: fetches.length,
    wrong: wrong.length,
    wraps: wrapOf(wrong, taken.length, truth),
    isControlled:
      controls.length === 0
        ? undefined
        : isWhole && controls.every((one) => one.view.getUint32(8, true) === 0 && truth(one) === one.result),
    unread: fetches.length - read.length,
    pageNs: read.length === 0 ? undefined : least(read.map(({ sentNs, receivedNs }) => (receivedNs - sentNs) / FETCHES)),
  };
}

/** The room, in whole steps, of a store whose later steps lie on its earlier ones: it answers with numbers that were written to other addresses. */
function wrapOf(wrong: readonly Understood[], steps: number, truth: (one: Understood, wrap: number) => number): StorageProof['wraps'] {
  const [first] = wrong;
  if (first === undefined) return undefined;
  for (let wrap = 1; wrap < steps; wrap++)
    if (truth(first, wrap) === first.result)
      return { bytes: wrap * STEP_BYTES, rounds: wrong.filter((one) => truth(one, wrap) === one.result).length };
  return undefined;
}

/** What may be written in one run, in bytes. */
export const STORAGE_BUDGET = { least: 64 * MIB, most: FILES_MAX * STEP_BYTES } as const;
