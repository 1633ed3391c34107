/**
 * The clock's yardstick: operations that each wait for the one before. ADD and EOR of plain registers take one cycle on big and little cores alike.
 * They alternate, so that no two can be taken together; which comes first, and with which operand each, is the nonce's choice.
 */
import type { Machine } from '../machine/index.ts';
import type { Next } from './random.ts';

/** Operations of one round. */
const CHAIN_LENGTH = 64;

export interface ChainProgram {
  readonly steps: readonly { readonly kind: 'add' | 'xor'; readonly operand: 'y' | 'z' }[];
}

export function chooseChain(next: Next): ChainProgram {
  const first = next(2);
  return {
    steps: Array.from(
      { length: CHAIN_LENGTH },
      (_, index) => ({ kind: (index + first) % 2 === 0 ? 'add' : 'xor', operand: next(2) === 0 ? 'y' : 'z' }) as const,
    ),
  };
}

/** Emits rounds (register 4) on x in 1 with y in 2 and z in 3; uses 5. */
export function emitChain(m: Machine, { steps }: ChainProgram): void {
  m.constant(5, 1);
  m.label('chain-round');
  for (const { kind, operand } of steps) m[kind](1, 1, operand === 'y' ? 2 : 3);
  m.sub(4, 4, 5);
  m.branch('ne', [4, { number: 0 }], 'chain-round');
}

/** The same on the host. */
export function recomputeChain(
  { steps }: ChainProgram,
  run: { readonly rounds: number; readonly seed: number; readonly y: number; readonly z: number },
): number {
  // Pairs of an addition and an exclusive or, of zero where a pair is half: no branch in the inner loop.
  const pairs: [add: number, xor: number][] = [];
  for (const { kind, operand } of steps) {
    const last = pairs.at(-1);
    if (kind === 'add') pairs.push([run[operand], 0]);
    else if (last === undefined) pairs.push([0, run[operand]]);
    else last[1] = run[operand];
  }
  const flat = Int32Array.from(pairs.flat());
  const length = flat.length;
  let x = run.seed | 0;
  for (let round = 0; round < run.rounds; round++)
    // Both places are within the array: its length is even.
    for (let i = 0; i < length; i += 2) x = ((x + (flat[i] as number)) | 0) ^ (flat[i + 1] as number);
  return x >>> 0;
}
