/** The clock's yardstick: operations that each wait for the one before. ADD and EOR of plain registers take one cycle on big and little cores alike; their order is the nonce's. */
import type { Machine } from '../machine/index.ts';
import type { Next } from './random.ts';

/** Operations of one round. */
const CHAIN_LENGTH = 64;

export interface ChainProgram {
  readonly steps: readonly { readonly kind: 'add' | 'xor'; readonly operand: 'y' | 'z' }[];
}

export function chooseChain(next: Next): ChainProgram {
  return {
    steps: Array.from(
      { length: CHAIN_LENGTH },
      () => ({ kind: next(2) === 0 ? 'add' : 'xor', operand: next(2) === 0 ? 'y' : 'z' }) as const,
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
  // Each step as an addition and an exclusive or, one of them of zero: no branch in the inner loop.
  const adds = Int32Array.from(steps, ({ kind, operand }) => (kind === 'add' ? run[operand] : 0));
  const xors = Int32Array.from(steps, ({ kind, operand }) => (kind === 'xor' ? run[operand] : 0));
  let x = run.seed | 0;
  for (let round = 0; round < run.rounds; round++) for (let i = 0; i < CHAIN_LENGTH; i++) x = ((x + (adds[i] ?? 0)) | 0) ^ (xors[i] ?? 0);
  return x >>> 0;
}
