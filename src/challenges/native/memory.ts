/**
 * Memory that must be there: pages whose words each depend on the whole page, so that no smaller state stands for them, and queries of which each names the next.
 * A fill that is a serial chain is answered from one checkpoint in 64 words (hardware-challenges, section 5); here a missing page costs its whole making again.
 * The host recomputes the pages that queries touch from the seed, without a table.
 */
import type { Machine, Register } from '../machine/index.ts';
import type { OPERATIONS } from './layout.ts';

const PAGE_WORDS = 1024;
/** Pages of one step: 64 MiB, after which host and operator look whether there is enough left. */
export const STEP_PAGES = 16_384;
const PASSES = 6;
const [SPREAD_PAGE, GROW, GROW_ADD, STIR, STIR_QUERY] = [0x9e3779b1, 0x2c9277b5, 0xac564b05, 0x85ebca6b, 0xc2b2ae35];
/** Pointers of the steps lie here in the state. */
const STEPS = 0x3000;
const WORD_MASK = PAGE_WORDS - 1;
export const ERRORS = 0xfffff001;
const OOM_PATH = '/proc/self/oom_score_adj\0\0\0\0';
export const AT_FDCWD = -100;
const O_WRONLY = 1;

/** What every operation is written with. */
export interface Parts {
  readonly begin: (name: keyof typeof OPERATIONS, ...args: readonly (readonly [Register, 'a' | 'b' | 'c' | 'seed'])[]) => void;
  /** Sends the header and as many bytes more. */
  readonly answer: (extra?: number) => void;
  readonly result: (register: Register, at?: number) => void;
}

/** register = address of what the state keeps of the step in `step`: a pointer to memory, or a file. */
export function stepAddress(m: Machine, register: Register, step: Register): void {
  m.shiftLeft(register, step, m.wordSize === 8 ? 3 : 2);
  m.increase(register, register, STEPS);
  m.point(register, 0, register);
}

/** The page of number 2 into the bytes at 1, as `growPage` on the host: words that do not compress. Leaves the running number in 3; uses 4 and 5. */
export function emitGrow(m: Machine, name: string): void {
  m.constant(3, SPREAD_PAGE);
  m.mul(3, 2, 3);
  m.load(4, 0, 112);
  m.xor(3, 3, 4);
  m.constant(4, 0);
  m.label(`${name}-word`);
  m.constant(5, GROW);
  m.mul(3, 3, 5);
  m.constant(5, GROW_ADD);
  m.add(3, 3, 5);
  m.shiftRight(5, 3, 15);
  m.xor(5, 5, 3);
  m.storeIndexed(5, 1, 4);
  m.increase(4, 4, 1);
  m.branch('lo', [4, { number: PAGE_WORDS }], `${name}-word`);
}

/** Which word of the page at 5 the running number 3 asks for, into 4. */
export function emitQueryWord(m: Machine): void {
  m.constant(4, STIR);
  m.mul(4, 3, 4);
  m.shiftRight(4, 4, 22);
  m.loadIndexed(4, 5, 4);
}

/** Stirs the word in 4 into the running number 3, and counts 1 down. */
export function emitQueryStir(m: Machine): void {
  m.xor(3, 3, 4);
  m.constant(4, STIR_QUERY);
  m.mul(3, 3, 4);
  m.shiftRight(4, 3, 15);
  m.xor(3, 3, 4);
  m.constant(4, 1);
  m.sub(1, 1, 4);
}

/** Emits the operations fill, query and drop. */
export function emitMemory(m: Machine, { begin, answer, result }: Parts): void {
  // fill: step a of b pages, from seed → result: 0, or an error. The first step makes this process the first that a kernel short of memory ends.
  begin('fill', [1, 'a']);
  m.branch('ne', [1, { number: 0 }], 'fill-map');
  m.address(2, 'oom-path');
  m.call(3, 'openat', [AT_FDCWD, { register: 2 }, O_WRONLY, 0]);
  m.branch('hs', [3, { number: ERRORS }], 'fill-map');
  m.address(2, 'oom-value');
  m.call(4, 'write', [{ register: 3 }, { register: 2 }, 4]);
  m.call(4, 'close', [{ register: 3 }]);
  m.label('fill-map');
  m.load(2, 0, 100 + 4);
  m.shiftLeft(3, 2, 12);
  m.call(1, 'mmap', [0, { register: 3 }, 3, 0x22, -1, 0]);
  m.branch('lo', [1, { number: ERRORS }], 'fill-mapped');
  result(1);
  answer();
  m.label('fill-mapped');
  m.load(2, 0, 100);
  stepAddress(m, 3, 2);
  m.storePointer(1, 3, 0);
  // Register 2 counts pages from the step's first, by their numbers in the whole.
  m.shiftLeft(2, 2, 14);
  m.load(3, 0, 104);
  m.add(3, 3, 2);
  m.store(3, 0, 176);
  m.label('fill-page');
  emitGrow(m, 'fill');
  m.constant(7, PASSES);
  m.constant(6, STIR);
  m.label('fill-pass');
  m.constant(4, 0);
  m.label('fill-stir');
  m.store(2, 0, 180);
  m.constant(2, WORD_MASK);
  m.and(2, 3, 2);
  m.loadIndexed(2, 1, 2);
  m.loadIndexed(5, 1, 4);
  m.add(5, 5, 2);
  m.mul(5, 5, 6);
  m.shiftRight(3, 3, 9);
  m.xor(3, 3, 5);
  m.storeIndexed(3, 1, 4);
  m.load(2, 0, 180);
  m.increase(4, 4, 1);
  m.branch('lo', [4, { number: PAGE_WORDS }], 'fill-stir');
  m.constant(5, 1);
  m.sub(7, 7, 5);
  m.branch('ne', [7, { number: 0 }], 'fill-pass');
  m.pointAt(1, 1, 2048);
  m.pointAt(1, 1, 2048);
  m.increase(2, 2, 1);
  m.load(3, 0, 176);
  m.branch('lo', [2, 3], 'fill-page');
  answer();

  // query: a queries over b steps, from seed → result: the last running number.
  begin('query', [1, 'a'], [2, 'b'], [3, 'seed']);
  m.label('query-next');
  m.shiftRight(4, 3, 16);
  m.mul(4, 4, 2);
  m.shiftRight(4, 4, 16);
  stepAddress(m, 5, 4);
  m.loadPointer(5, 5, 0);
  m.constant(4, STEP_PAGES - 1);
  m.and(4, 3, 4);
  m.shiftLeft(4, 4, 12);
  m.point(5, 5, 4);
  emitQueryWord(m);
  emitQueryStir(m);
  m.branch('ne', [1, { number: 0 }], 'query-next');
  result(3);
  answer();

  // drop: gives b steps back → result 0.
  begin('drop', [1, 'b']);
  m.constant(2, 0);
  m.label('drop-step');
  m.branch('hs', [2, 1], 'drop-done');
  stepAddress(m, 3, 2);
  m.loadPointer(3, 3, 0);
  m.constant(4, STEP_PAGES * 4096);
  m.call(3, 'munmap', [{ register: 3 }, { register: 4 }]);
  m.increase(2, 2, 1);
  m.jump('drop-step');
  m.label('drop-done');
  answer();

  m.label('oom-path');
  m.data(Uint8Array.from(OOM_PATH, (character) => character.charCodeAt(0)));
  m.label('oom-value');
  m.data(Uint8Array.from('1000', (character) => character.charCodeAt(0)));
}

/** The words that a page begins as, and all that a page of storage is; answers the running number. */
function growPage(page: number, seed: number, words: Int32Array): number {
  let grow = Math.imul(page, SPREAD_PAGE) ^ seed;
  for (let i = 0; i < PAGE_WORDS; i++) {
    grow = (Math.imul(grow, GROW) + GROW_ADD) | 0;
    words[i] = (grow >>> 15) ^ grow;
  }
  return grow;
}

/** The words of one page of memory. */
function pageOf(page: number, seed: number, words: Int32Array): void {
  let x = growPage(page, seed, words);
  for (let pass = 0; pass < PASSES; pass++)
    for (let i = 0; i < PAGE_WORDS; i++) {
      // Both indexes are within the page: this is the host's inner loop, 120 million times for a phone.
      x = (x >>> 9) ^ Math.imul(((words[i] as number) + (words[x & WORD_MASK] as number)) | 0, STIR);
      words[i] = x;
    }
}

interface Queries {
  readonly count: number;
  readonly steps: number;
  readonly fillSeed: number;
  readonly seed: number;
}

/** What queries of memory answer over whole steps, from seeds alone: memory for one page. */
export const recomputeQueries = (run: Queries): number => recompute(run, pageOf);

/**
 * The same of storage, whose pages are not stirred: they have to be there, not to be dear. `wrap`: of a store that has only so many steps' room, where each step lies under the last that came to its place.
 */
export function recomputeFetches(run: Queries & { readonly wrap?: number }): number {
  const { wrap = run.steps, steps } = run;
  const over = (page: number) => wrap * Math.floor((steps - 1 - Math.floor(page / STEP_PAGES)) / wrap) * STEP_PAGES;
  return recompute(run, (page, seed, words) => growPage(page + over(page), seed, words));
}

function recompute(run: Queries, make: (page: number, seed: number, words: Int32Array) => unknown): number {
  const words = new Int32Array(PAGE_WORDS);
  let x = run.seed | 0;
  for (let query = 0; query < run.count; query++) {
    const step = Math.imul(x >>> 16, run.steps) >>> 16;
    make(step * STEP_PAGES + (x & (STEP_PAGES - 1)), run.fillSeed | 0, words);
    const word = words[Math.imul(x, STIR) >>> 22] ?? 0;
    x = Math.imul(x ^ word, STIR_QUERY);
    x ^= x >>> 15;
  }
  return x >>> 0;
}
