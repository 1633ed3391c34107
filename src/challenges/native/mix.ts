/**
 * The integer program over a table: each step reads a word that depends on everything before, stirs it in by operations that the nonce chose, and writes it back.
 * It is emitted for phones and the twin, and recomputed here in lanes: above the host's second-level cache, independent runs side by side hide the wait for memory.
 */
import type { Machine, Register } from '../machine/index.ts';
import type { Next } from './random.ts';

/** One operation on the running number x, with the word t that was read. */
export type Stir =
  | { readonly kind: 'add-word' | 'xor-word' }
  | { readonly kind: 'multiply' | 'add' | 'rotate-xor'; readonly value: number };

/** The operations of one step, in order. Multipliers are odd, rotations 1 to 31. */
export interface MixProgram {
  readonly stirs: readonly Stir[];
}

/** Which operations there are, in which order, with which numbers: the nonce's choice. Each kind occurs. */
export function chooseMix(next: Next): MixProgram {
  const make: Readonly<Record<Stir['kind'], () => Stir>> = {
    'add-word': () => ({ kind: 'add-word' }),
    'xor-word': () => ({ kind: 'xor-word' }),
    multiply: () => ({ kind: 'multiply', value: (next(2 ** 32) | 1) >>> 0 }),
    add: () => ({ kind: 'add', value: next(2 ** 32) }),
    'rotate-xor': () => ({ kind: 'rotate-xor', value: 1 + next(31) }),
  };
  const kinds: Stir['kind'][] = ['add-word', 'rotate-xor', 'multiply', 'xor-word', 'rotate-xor', 'add'];
  for (let at = kinds.length - 1; at > 0; at--) {
    const other = next(at + 1);
    [kinds[at], kinds[other]] = [kinds[other] ?? 'add', kinds[at] ?? 'add'];
  }
  return { stirs: kinds.map((kind) => make[kind]()) };
}

/** What a table is filled with: word i from the seed. */
const FILL_STEP = 0x9e3779b1;
/** Which bits of x choose the word. */
export const INDEX_SHIFT = 7;

/** Emits the filling of 2^k words at `table` (register 1), k known by its mask in register 2, seed in register 3; uses 4 to 6. */
export function emitFill(m: Machine): void {
  m.constant(4, 0);
  m.label('mix-fill');
  m.constant(5, FILL_STEP);
  m.mul(5, 4, 5);
  m.add(5, 5, 3);
  m.shiftRight(6, 5, 15);
  m.xor(5, 5, 6);
  m.storeIndexed(5, 1, 4);
  m.increase(4, 4, 1);
  m.constant(6, 0);
  m.and(6, 4, 2);
  m.branch('ne', [6, { number: 0 }], 'mix-fill');
}

/** Emits `steps` (register 4) of the program: table in 1, mask in 2, x in 3; uses 5 to 7. */
export function emitMix(m: Machine, { stirs }: MixProgram): void {
  const X: Register = 3;
  m.label('mix-step');
  m.shiftRight(5, X, INDEX_SHIFT);
  m.and(5, 5, 2);
  m.loadIndexed(6, 1, 5);
  for (const stir of stirs) {
    switch (stir.kind) {
      case 'add-word':
        m.add(X, X, 6);
        break;
      case 'xor-word':
        m.xor(X, X, 6);
        break;
      case 'multiply':
        m.constant(7, stir.value);
        m.mul(X, X, 7);
        break;
      case 'add':
        m.constant(7, stir.value);
        m.add(X, X, 7);
        break;
      case 'rotate-xor':
        m.rotateRight(7, X, stir.value);
        m.shiftRight(7, 7, 1);
        m.xor(X, X, 7);
        break;
    }
  }
  m.storeIndexed(X, 1, 5);
  m.constant(7, 1);
  m.sub(4, 4, 7);
  m.branch('ne', [4, { number: 0 }], 'mix-step');
}

/** One run to recompute. */
export interface MixRun {
  readonly words: number;
  readonly steps: number;
  readonly seed: number;
}

/** Recomputes one run by reading the program: slow and plain, what the fast way is held against. */
export function interpretMix({ stirs }: MixProgram, { words, steps, seed }: MixRun): number {
  const table = filled(words, seed);
  let x = seed >>> 0;
  for (let step = 0; step < steps; step++) {
    const at = (x >>> INDEX_SHIFT) & (words - 1);
    const word = table[at] ?? 0;
    for (const stir of stirs) {
      switch (stir.kind) {
        case 'add-word':
          x = (x + word) >>> 0;
          break;
        case 'xor-word':
          x = (x ^ word) >>> 0;
          break;
        case 'multiply':
          x = Math.imul(x, stir.value) >>> 0;
          break;
        case 'add':
          x = (x + stir.value) >>> 0;
          break;
        case 'rotate-xor':
          x = (x ^ (((x >>> stir.value) | (x << (32 - stir.value))) >>> 1)) >>> 0;
          break;
      }
    }
    table[at] = x;
  }
  return x;
}

function filled(words: number, seed: number): Uint32Array {
  const table = new Uint32Array(words);
  fillTable(table, seed);
  return table;
}

/** Fills a table as `emitFill` does. */
export function fillTable(table: Uint32Array, seed: number): void {
  for (let i = 0; i < table.length; i++) {
    const word = (Math.imul(i, FILL_STEP) + seed) | 0;
    table[i] = word ^ (word >>> 15);
  }
}
