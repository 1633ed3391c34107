/**
 * The move that sampling needs where one suspect explains what another does: a hand finds another home among those that handled one altered phone.
 * Without it a chain sticks to whichever of two neighbours it found first, since to pass from one to the other it would have to believe in both or in neither.
 */
import type { Chain } from './chain.ts';
import type { Problem } from './compile.ts';
import type { Random } from './random.ts';

/** Suspects that share a way of a phone found altered, every set once; and the sets of each suspect. */
export interface Blocks {
  readonly sets: readonly Int32Array[];
  readonly of: readonly (readonly number[])[];
}

export function blocksOf({ observations, suspects, weights }: Pick<Problem, 'observations' | 'suspects' | 'weights'>): Blocks {
  const sets = new Map<string, Int32Array>();
  for (const { ways, given } of observations) {
    if ((given[0] ?? 0) <= (given[given.length - 1] ?? 0)) continue;
    for (const way of ways) {
      const steps = Int32Array.from(new Set(way.suspects.filter((suspect) => (weights[suspect] ?? 0) > 0))).toSorted();
      if (steps.length > 1) sets.set(steps.join(','), steps);
    }
  }
  const of: number[][] = suspects.map(() => []);
  const all = [...sets.values()];
  for (const [at, steps] of all.entries()) for (const suspect of steps) of[suspect]?.push(at);
  return { sets: all, of };
}

/**
 * Draws a hand v, then one of its blocks B, and draws v's home anew among those of B that are no hands, itself among them: w with probability in proportion to
 * odds(w | the other hands) / |blocks of w|. This is Gibbs on (home, block): a block is drawn with probability 1 / |blocks of v|, so the joint of the two is
 * odds(v) / |blocks of v|, and given the block that is what is drawn from. The count of hands, and so the chance to draw this one, stays as it is.
 */
export function rehome(chain: Chain, { sets, of }: Blocks, random: Random): void {
  const v = chain.hands[Math.floor(random() * chain.hands.length)];
  if (v === undefined) return;
  const mine = of[v] ?? [];
  const block = sets[mine[Math.floor(random() * mine.length)] ?? -1];
  if (block === undefined) return;
  chain.set(v, -1);
  const homes = block.filter((w) => (chain.mode[w] ?? -1) < 0);
  const logs = Float64Array.from(homes, (w) => chain.weigh(w) - Math.log(of[w]?.length ?? 1));
  const max = Math.max(...logs);
  const chances = logs.map((log) => Math.exp(log - max));
  let left = random() * chances.reduce((sum, chance) => sum + chance, 0);
  let home = v;
  for (const [at, w] of homes.entries()) {
    home = w;
    left -= chances[at] ?? 0;
    if (left < 0) break;
  }
  chain.weigh(home);
  chain.set(home, chain.draw(random));
}
