/**
 * The posterior over any number of hands, by sampling: Gibbs sweeps over the state of every suspect (off, or one of the modes), and moves of a hand to another home
 * (`rehome.ts`). Probabilities are averages of the conditional ones (Rao-Blackwell), not counts. Two chains begin differently, one with no hand and one with every
 * likely hand; how far they agree is in the result.
 *
 * Nearly all suspects are improbable whatever the others are, and a sweep over them all is dear; what has to be sampled often is the few that are in doubt. So the
 * burn-in finds those, and after it each sweep is followed by rounds over them alone. Who they are and how many rounds is settled before the first sample counts:
 * every step leaves the posterior as it is, so a fixed order of steps does too, and the average over a suspect's visits converges to its probability.
 */
import { Chain, pathsOf } from './chain.ts';
import type { Problem } from './compile.ts';
import type { Assumptions, Modes } from './model.ts';
import type { Random } from './random.ts';
import { type Blocks, blocksOf, rehome } from './rehome.ts';

export interface GibbsOptions {
  readonly random: Random;
  readonly sweeps: number;
  readonly burnIn: number;
  /** Rounds over those in doubt after each sweep; unless given, as many as cost half a sweep. */
  readonly rounds?: number;
}

/** A state that was visited: hands, the shares they altered then. */
export interface Sample {
  readonly hands: readonly number[];
  readonly modes: readonly number[];
}

export interface Sampled {
  readonly suspects: Float64Array;
  readonly outside: number;
  readonly modes: Float64Array;
  readonly samples: readonly Sample[];
  /** The greatest difference between the chains' probabilities of one suspect: small where they settled. */
  readonly disagreement: number;
}

const SAMPLES_MAX = 400;
/** Mean probability during the second half of the burn-in from which a suspect is in doubt. */
const IN_DOUBT = 0.001;
const ROUNDS_MAX = 64;
/** Moves for each hand in a round. */
const MOVES = 2;

/** Samples the posterior of what a problem has observed. Deterministic for a given generator. */
export function sample(problem: Problem, modes: Modes, assumptions: Assumptions, options: GibbsOptions): Sampled {
  const paths = pathsOf(problem);
  const suspects = problem.suspects.length;
  const blocks = blocksOf(problem);
  const { random, burnIn } = options;
  const chains = [false, true].map((isFull) => {
    const chain = new Chain(paths, problem, modes, assumptions);
    if (isFull) for (const [v, mine] of blocks.of.entries()) if (mine.length > 0 && chain.weigh(v) > 0) chain.set(v, chain.draw(random));
    return chain;
  });
  const setting = { blocks, suspects, modes, random };
  const doubts = chains.map((chain) => warmUp(chain, burnIn, setting));
  const inDoubt = [...problem.suspects.keys()].filter((v) => doubts.some((doubt) => (doubt[v] ?? 0) >= IN_DOUBT));
  const rounds = options.rounds ?? Math.min(...chains.map((chain) => roundsOf(chain, inDoubt, setting)));
  const results = chains.map((chain) => runChain(chain, { ...setting, inDoubt, rounds, sweeps: Math.ceil(options.sweeps / 2) }));
  let disagreement = 0;
  const [first, second] = results;
  const mean = (pick: (chain: ChainResult) => Float64Array): Float64Array => {
    const [a, b] = [first === undefined ? undefined : pick(first), second === undefined ? undefined : pick(second)];
    return (a ?? new Float64Array(0)).map((value, i) => (value + (b?.[i] ?? value)) / 2);
  };
  for (let v = 0; v < suspects; v++)
    disagreement = Math.max(disagreement, Math.abs((first?.suspects[v] ?? 0) - (second?.suspects[v] ?? 0)));
  const modesOfAll = mean((chain) => chain.modes);
  for (let v = 0; v < suspects; v++) {
    let sum = 0;
    for (let m = 0; m < modes.count; m++) sum += modesOfAll[v * modes.count + m] ?? 0;
    for (let m = 0; m < modes.count; m++)
      modesOfAll[v * modes.count + m] = sum > 0 ? (modesOfAll[v * modes.count + m] ?? 0) / sum : Math.exp(modes.logPrior[m] ?? 0);
  }
  const all = results.flatMap(({ samples }) => samples);
  return {
    suspects: mean((chain) => chain.suspects),
    outside: all.filter(({ hands }) => hands.length === 0).length / Math.max(all.length, 1),
    modes: modesOfAll,
    samples: all,
    disagreement,
  };
}

interface ChainResult {
  readonly suspects: Float64Array;
  readonly modes: Float64Array;
  readonly samples: readonly Sample[];
}

interface Setting {
  readonly blocks: Blocks;
  readonly suspects: number;
  readonly modes: Modes;
  readonly random: Random;
}

/** Draws the state of a suspect given all others; answers the probability that it is a hand. The weights of its states stay in the chain. */
function visit(chain: Chain, v: number, random: Random): number {
  const p = 1 / (1 + Math.exp(-chain.weigh(v)));
  chain.set(v, random() < p ? chain.draw(random) : -1);
  return p;
}

function moveHands(chain: Chain, blocks: Blocks, random: Random): void {
  for (let i = MOVES * chain.hands.length; i > 0; i--) rehome(chain, blocks, random);
}

/** Walks until the beginning is forgotten; answers the mean probabilities of the second half. */
function warmUp(chain: Chain, sweeps: number, { blocks, suspects, random }: Setting): Float64Array {
  const sums = new Float64Array(suspects);
  const from = Math.floor(sweeps / 2);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let v = 0; v < suspects; v++) {
      const p = visit(chain, v, random);
      if (sweep >= from) sums[v] = (sums[v] ?? 0) + p;
    }
    moveHands(chain, blocks, random);
  }
  return sums.map((sum) => sum / Math.max(sweeps - from, 1));
}

/** As many rounds as cost half a sweep. */
function roundsOf(chain: Chain, inDoubt: readonly number[], { blocks, suspects }: Setting): number {
  const sum = (of: Iterable<number>) => {
    let cost = 0;
    for (const v of of) cost += chain.cost(v);
    return cost;
  };
  const moves = chain.hands.map((v) => Math.max(0, ...(blocks.of[v] ?? []).map((block) => sum(blocks.sets[block] ?? []))));
  const round = sum(inDoubt) + MOVES * moves.reduce((total, cost) => total + cost, 0);
  const sweep = sum(Array(suspects).keys());
  return Math.max(1, Math.min(ROUNDS_MAX, Math.floor(sweep / 2 / Math.max(round, 1))));
}

interface Plan extends Setting {
  readonly inDoubt: readonly number[];
  readonly rounds: number;
  readonly sweeps: number;
}

function runChain(chain: Chain, { blocks, suspects, modes, random, inDoubt, rounds, sweeps }: Plan): ChainResult {
  const sums = new Float64Array(suspects);
  const modeSums = new Float64Array(suspects * modes.count);
  const samples: Sample[] = [];
  const keepEvery = Math.max(1, Math.ceil(sweeps / (SAMPLES_MAX / 2)));
  const count = (v: number, p: number) => {
    if (!(p > 0)) return;
    sums[v] = (sums[v] ?? 0) + p;
    addModes(chain.weighed, p, modeSums, v * modes.count);
  };
  const isInDoubt = new Set(inDoubt);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let v = 0; v < suspects; v++) {
      const p = visit(chain, v, random);
      // Those in doubt are counted in the rounds only, so that all visits of one suspect weigh the same.
      if (!isInDoubt.has(v)) count(v, p);
    }
    for (let round = 0; round < rounds; round++) {
      moveHands(chain, blocks, random);
      for (const v of inDoubt) count(v, visit(chain, v, random));
    }
    if (sweep % keepEvery === 0) {
      const hands = chain.hands.toSorted((a, b) => a - b);
      samples.push({ hands, modes: hands.map((hand) => chain.mode[hand] ?? -1) });
    }
  }
  return { suspects: sums.map((sum, v) => sum / (isInDoubt.has(v) ? sweeps * rounds : sweeps)), modes: modeSums, samples };
}

/** Adds the probabilities of the modes of a weighed suspect, which add up to p. */
function addModes(weighed: Float64Array, p: number, into: Float64Array, at: number): void {
  let max = Number.NEGATIVE_INFINITY;
  for (let m = 1; m < weighed.length; m++) max = Math.max(max, weighed[m] ?? 0);
  let sum = 0;
  for (let m = 1; m < weighed.length; m++) sum += Math.exp((weighed[m] ?? 0) - max);
  for (let m = 1; m < weighed.length; m++) into[at + m - 1] = (into[at + m - 1] ?? 0) + (p * Math.exp((weighed[m] ?? 0) - max)) / sum;
}
