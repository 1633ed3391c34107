/** Mixed tables recomputed at the host's speed: runs of one size in lanes, in slices that let the engine's better compiler take over. */
import { fillTable, type MixProgram, type MixRun } from '../native/mix.ts';
import { tableAt, writeMixModule } from './mix-module.ts';

const LANES = 8;
/** A call this long never leaves the engine's baseline tier (hardware-challenges, section 8). */
const SLICE = 20_000;
/** Bytes of tables at once. */
const MEMORY_MAX = 1 << 30;

/** The results of the runs, in their order. @throws RangeError for a table that is no power of two, or too large */
export function recomputeMix(program: MixProgram, runs: readonly MixRun[]): readonly number[] {
  const results: number[] = Array.from({ length: runs.length }, () => 0);
  const groups = Map.groupBy(
    runs.map((run, index) => ({ run, index })),
    ({ run }) => `${run.words} ${run.steps}`,
  );
  for (const group of groups.values()) {
    for (let at = 0; at < group.length; at += LANES) {
      const some = group.slice(at, at + LANES);
      const values = together(
        program,
        some.map(({ run }) => run),
      );
      for (const [lane, { index }] of some.entries()) results[index] = values[lane] ?? 0;
    }
  }
  return results;
}

/** Runs of equal size and length. */
function together(program: MixProgram, runs: readonly MixRun[]): readonly number[] {
  const [first] = runs;
  if (first === undefined) return [];
  const { words, steps } = first;
  if (words < 2 || (words & (words - 1)) !== 0 || words * 4 * runs.length > MEMORY_MAX) throw new RangeError(`a table of ${words} words`);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(writeMixModule(program, { words, lanes: runs.length })));
  // The module is ours: it exports these two.
  const { run, memory } = instance.exports as { readonly run: (steps: number) => void; readonly memory: WebAssembly.Memory };
  const numbers = new Uint32Array(memory.buffer, 0, runs.length);
  for (const [lane, { seed }] of runs.entries()) {
    numbers[lane] = seed;
    fillTable(new Uint32Array(memory.buffer, tableAt(words, lane), words), seed);
  }
  for (let left = steps; left > 0; left -= SLICE) run(Math.min(left, SLICE));
  return [...numbers];
}
