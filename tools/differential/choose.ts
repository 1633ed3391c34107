/**
 * Which combinations are made, where there are more than anyone has time for: all of them in an order that a seed decides, or as few as hold every pair of options of two axes.
 * Most of what goes wrong goes wrong for two options together.
 */
import type { Axis, Options } from './options.ts';

/** One choice of each axis, by its number there. */
export type Choice = readonly number[];

/** xorshift32: a number below another. */
function random(seed: number): (below: number) => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export const optionsOf = (axes: readonly Axis[], choice: Choice): Options => choice.flatMap((at, axis) => axes[axis]?.[at] ?? []);
export const combinationsOf = (axes: readonly Axis[]): number => axes.reduce((product, axis) => product * axis.length, 1);

export interface Chooser {
  /** What is to be made next; undefined: nothing is left. */
  readonly next: () => Choice | undefined;
  /** It was made: what it holds is covered. */
  readonly made: (choice: Choice) => void;
  /** Pairs that were made, of those that there are. */
  readonly pairs: () => { readonly made: number; readonly of: number };
}

const TRIES = 40;
/** How often a pair is tried in other company before it is given up: many pairs are refused by the tool. */
const ATTEMPTS = 3;

const pairKey = (first: number, a: number, second: number, b: number) => ((first * 64 + a) * 64 + second) * 64 + b;

function pairsOf(choice: Choice): number[] {
  const keys: number[] = [];
  for (let first = 0; first < choice.length; first++)
    for (let second = first + 1; second < choice.length; second++)
      keys.push(pairKey(first, choice[first] ?? 0, second, choice[second] ?? 0));
  return keys;
}

interface Wishes {
  readonly axes: readonly Axis[];
  readonly allows: (options: Options) => boolean;
  readonly seed: number;
  /** Until every pair was made; else until every combination was. */
  readonly byPairs: boolean;
  readonly most: number;
}

export function chooser({ axes, allows, seed, byPairs, most }: Wishes): Chooser {
  const next = random(seed);
  const covered = new Set<number>();
  const attempts = new Map<number, number>();
  const wanted = [...allPairs(axes)];
  const asked = new Set<string>();
  const total = combinationsOf(axes);
  const isGood = (choice: Choice) => !asked.has(choice.join()) && allows(optionsOf(axes, choice));
  const anyOne = (): Choice => axes.map(({ length }) => (next(2) === 0 ? 0 : next(length)));

  /** A combination with a pair that is not covered, and of some of those the one with most of them. */
  function withPair(): Choice | undefined {
    for (;;) {
      const open = wanted.filter((pair) => !covered.has(pair.key) && (attempts.get(pair.key) ?? 0) < ATTEMPTS);
      const pair = open[next(Math.max(1, open.length))];
      if (pair === undefined) return undefined;
      attempts.set(pair.key, (attempts.get(pair.key) ?? 0) + 1);
      let best: Choice | undefined;
      let most_ = -1;
      for (let i = 0; i < TRIES; i++) {
        // Most of the rest is left at its default: the more options, the more often a tool refuses them together.
        const choice = axes.map(({ length }, axis) => {
          if (axis === pair.first) return pair.a;
          if (axis === pair.second) return pair.b;
          return next(4) > 0 ? 0 : next(length);
        });
        if (!isGood(choice)) continue;
        const fresh = pairsOf(choice).filter((key) => !covered.has(key)).length;
        if (fresh > most_) [best, most_] = [choice, fresh];
      }
      if (best !== undefined) return best;
    }
  }

  function inOrder(): Choice | undefined {
    for (let tries = 0; tries < 1000 && asked.size < total; tries++) {
      const choice = anyOne();
      if (isGood(choice)) return choice;
    }
    return undefined;
  }

  return {
    next() {
      if (asked.size >= most) return undefined;
      const choice = byPairs ? withPair() : inOrder();
      if (choice !== undefined) asked.add(choice.join());
      return choice;
    },
    made(choice) {
      for (const key of pairsOf(choice)) covered.add(key);
    },
    pairs: () => ({ made: wanted.filter(({ key }) => covered.has(key)).length, of: wanted.length }),
  };
}

interface Pair {
  readonly key: number;
  readonly first: number;
  readonly a: number;
  readonly second: number;
  readonly b: number;
}

function* allPairs(axes: readonly Axis[]): Generator<Pair> {
  for (const [first, one] of axes.entries())
    for (const [second, other] of axes.entries())
      if (first < second)
        for (const a of one.keys()) for (const b of other.keys()) yield { key: pairKey(first, a, second, b), first, a, second, b };
}
