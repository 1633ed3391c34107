/** Where a walk round the ring ends: the formula that `emitRing` in program.ts writes into memory. Offsets are in words of four bytes. */
const LINE_WORDS = 16;

export function recomputeWalk({ lines, steps, seed }: { readonly lines: number; readonly steps: number; readonly seed: number }): number {
  const factor = ((seed & ~7) >>> 0) + 5;
  const step = ((seed >>> 13) | (seed << 19) | 1) >>> 0;
  let line = 0;
  for (let at = 0; at < steps; at++) line = (Math.imul(line, factor) + step) & (lines - 1);
  return (line * LINE_WORDS) >>> 0;
}
