/**
 * The posterior over any number of hands, by sampling: Gibbs sweeps over the state of every suspect (off, or one of the modes), and swaps that move a hand from one
 * suspect to another that shares altered phones with it, without which a chain sticks to whichever of two neighbours it found first.
 * Probabilities are averages of the conditional ones (Rao-Blackwell), not counts. Two chains begin differently, one with no hand and one with every likely hand;
 * how far they agree is in the result.
 *
 * Phones with one way and one answer are linear in what the hands left unaltered, so they are counted by path and kind of answer; the rest is evaluated whole.
 * Cost: O(Σ|path|) a sweep for what no hand touches, and M logarithms for each path that one does.
 */
import type { Problem } from './compile.ts';
import { complaintRate } from './fleet.ts';
import { type Assumptions, countPrior, likelihood, type Modes, type Observation, type Way } from './model.ts';
import type { Random } from './random.ts';

export interface GibbsOptions {
  readonly random: Random;
  readonly sweeps: number;
  readonly burnIn: number;
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

/** Most hands that the prior knows. */
const HANDS_MAX = 64;
const SAMPLES_MAX = 400;
const SWAPS = 6;

interface Kind {
  readonly altered: number;
  readonly slope: number;
}

/** The observations and the fleet, by path. */
interface Paths {
  readonly count: number;
  readonly suspects: readonly Int32Array[];
  readonly leaks: Float64Array;
  /** Fleet phones of each path. */
  readonly fleet: Float64Array;
  /** Phones of each path by kind of answer: count × kinds. */
  readonly seen: Float64Array;
  readonly kinds: readonly Kind[];
  readonly complaints: readonly Observation[];
  /** Whole observations that no path can stand for, by suspect. */
  readonly whole: readonly Observation[];
  readonly wholeOf: readonly (readonly number[])[];
  /** Paths of each suspect that anybody of the observed took, and those of the fleet besides (only where complaints need them), with times. */
  readonly pathsOf: readonly { readonly path: Int32Array; readonly times: Uint8Array }[];
}

function pathsOf(problem: Problem): Paths {
  const index = new Map<string, number>();
  const suspects: Int32Array[] = [];
  const leaks: number[] = [];
  const fleet: number[] = [];
  const byWays = new Map<readonly Way[], number>();
  const complaints = problem.observations.filter(({ complaint }) => complaint);
  const pathOf = (way: Way): number => {
    const key = `${way.leaks[0]}|${way.suspects.join(',')}`;
    let at = index.get(key);
    if (at === undefined) {
      at = suspects.length;
      index.set(key, at);
      suspects.push(way.suspects);
      leaks.push(way.leaks[0] ?? 0);
      fleet.push(0);
    }
    return at;
  };
  if (complaints.length > 0) {
    for (const ways of problem.routes) byWays.set(ways, (byWays.get(ways) ?? 0) + 1);
    for (const [ways, count] of byWays) for (const way of ways) fleet[pathOf(way)] = (fleet[pathOf(way)] ?? 0) + count * way.weight;
  }
  const kinds: Kind[] = [];
  const kindOf = (altered: number, never: number): number => {
    const at = kinds.findIndex((kind) => kind.altered === altered && kind.slope === never - altered);
    return at >= 0 ? at : kinds.push({ altered, slope: never - altered }) - 1;
  };
  const whole: Observation[] = [];
  const simple: { readonly path: number; readonly kind: number; readonly count: number }[] = [];
  for (const observation of problem.observations) {
    const [way] = observation.ways;
    const isSimple =
      observation.ways.length === 1 && observation.given.length === 2 && observation.signature === -1 && !observation.complaint;
    if (isSimple && way !== undefined && kinds.length < 64)
      simple.push({ path: pathOf(way), kind: kindOf(observation.given[0] ?? 0, observation.given[1] ?? 0), count: observation.count });
    else whole.push(observation);
  }
  const seen = new Float64Array(suspects.length * kinds.length);
  for (const { path, kind, count } of simple) seen[path * kinds.length + kind] = (seen[path * kinds.length + kind] ?? 0) + count;
  const all = problem.suspects.length;
  const lists: { readonly path: number[]; readonly times: number[] }[] = Array.from({ length: all }, () => ({ path: [], times: [] }));
  for (const [path, steps] of suspects.entries()) {
    for (const suspect of steps) {
      const list = lists[suspect];
      if (list === undefined) continue;
      if (list.path.at(-1) === path) list.times[list.times.length - 1] = (list.times.at(-1) ?? 0) + 1;
      else {
        list.path.push(path);
        list.times.push(1);
      }
    }
  }
  const wholeOf: number[][] = Array.from({ length: all }, () => []);
  for (const [at, { ways }] of whole.entries())
    for (const suspect of new Set(ways.flatMap((way) => [...way.suspects]))) wholeOf[suspect]?.push(at);
  return {
    count: suspects.length,
    suspects,
    leaks: Float64Array.from(leaks),
    fleet: Float64Array.from(fleet),
    seen,
    kinds,
    complaints,
    whole,
    wholeOf,
    pathsOf: lists.map(({ path, times }) => ({ path: Int32Array.from(path), times: Uint8Array.from(times) })),
  };
}

/** The chain: who is a hand now, and what the hands leave unaltered of each path. */
class Chain {
  readonly mode: Int16Array;
  readonly hands: number[] = [];
  readonly #unaltered: Float64Array;
  #fleetUnaltered: number;
  readonly #fleetSize: number;
  readonly #paths: Paths;
  readonly #modes: Modes;
  readonly #assumptions: Assumptions;
  readonly #logWeight: Float64Array;
  readonly #prior: Float64Array;
  readonly #tally: Float64Array;
  /** log weights of off and every mode, of the suspect that was weighed last. */
  readonly weighed: Float64Array;

  constructor(paths: Paths, problem: Problem, modes: Modes, assumptions: Assumptions) {
    this.#paths = paths;
    this.#modes = modes;
    this.#assumptions = assumptions;
    this.mode = new Int16Array(problem.suspects.length).fill(-1);
    this.#unaltered = new Float64Array(paths.count).fill(1);
    this.#fleetSize = Math.max(
      1,
      paths.fleet.reduce((sum, count) => sum + count, 0),
    );
    this.#fleetUnaltered = this.#fleetSize;
    this.#logWeight = Float64Array.from(problem.weights, (weight) => Math.log(weight));
    this.#prior = countPrior(problem.weights, assumptions, HANDS_MAX);
    this.#tally = new Float64Array(paths.kinds.length);
    this.weighed = new Float64Array(modes.count + 1);
  }

  /** Sets the state of a suspect. */
  set(v: number, mode: number): void {
    const old = this.mode[v] ?? -1;
    if (old === mode) return;
    const { path, times } = this.#paths.pathsOf[v] ?? EMPTY;
    const before = old < 0 ? 1 : 1 - (this.#modes.share[old] ?? 0);
    const now = mode < 0 ? 1 : 1 - (this.#modes.share[mode] ?? 0);
    for (let i = 0; i < path.length; i++) {
      const at = path[i] ?? 0;
      const was = this.#unaltered[at] ?? 1;
      const is = was * (now / before) ** (times[i] ?? 1);
      // What no hand touches is exactly one again, so that it can be counted instead of computed.
      const settled = Math.abs(is - 1) < 1e-12 ? 1 : is;
      this.#unaltered[at] = settled;
      this.#fleetUnaltered += (this.#paths.fleet[at] ?? 0) * (settled - was);
    }
    this.mode[v] = mode;
    if (old < 0) this.hands.push(v);
    else if (mode < 0) this.hands.splice(this.hands.indexOf(v), 1);
  }

  /** Weighs every state of a suspect given all others; answers log Σ over modes minus the weight of off: the log odds that it is a hand. */
  weigh(v: number): number {
    const { weighed } = this;
    const modes = this.#modes;
    const old = this.mode[v] ?? -1;
    const others = this.hands.length - (old < 0 ? 0 : 1);
    weighed[0] = this.#prior[others] ?? Number.NEGATIVE_INFINITY;
    const on = (this.#prior[others + 1] ?? Number.NEGATIVE_INFINITY) + (this.#logWeight[v] ?? Number.NEGATIVE_INFINITY);
    for (let m = 0; m < modes.count; m++) weighed[m + 1] = on + (modes.logPrior[m] ?? 0);
    if (on === Number.NEGATIVE_INFINITY) return on;
    this.#weighPaths(v, old);
    this.#weighWhole(v, old);
    let max = Number.NEGATIVE_INFINITY;
    for (let m = 1; m <= modes.count; m++) max = Math.max(max, weighed[m] ?? 0);
    let sum = 0;
    for (let m = 1; m <= modes.count; m++) sum += Math.exp((weighed[m] ?? 0) - max);
    return max + Math.log(sum) - (weighed[0] ?? 0);
  }

  #weighPaths(v: number, old: number): void {
    const { kinds, seen, fleet, leaks, complaints } = this.#paths;
    const { path, times } = this.#paths.pathsOf[v] ?? EMPTY;
    const modes = this.#modes;
    const tally = this.#tally.fill(0);
    const leak = this.#assumptions.leak;
    const now = old < 0 ? 1 : 1 - (modes.share[old] ?? 0);
    let passing = 0;
    for (let i = 0; i < path.length; i++) {
      const at = path[i] ?? 0;
      const n = times[i] ?? 1;
      const raw = (this.#unaltered[at] ?? 1) / (n === 1 ? now : now ** n);
      const others = Math.abs(raw - 1) < 1e-12 ? 1 : raw;
      if (complaints.length > 0) passing += (fleet[at] ?? 0) * others;
      const isPlain = others === 1 && n === 1 && leaks[at] === leak;
      for (let k = 0; k < kinds.length; k++) {
        const count = seen[at * kinds.length + k] ?? 0;
        if (count === 0) continue;
        if (isPlain) tally[k] = (tally[k] ?? 0) + count;
        else this.#weighKind(k, count, others * (1 - (leaks[at] ?? 0)), n);
      }
    }
    for (let k = 0; k < kinds.length; k++) if ((tally[k] ?? 0) > 0) this.#weighKind(k, tally[k] ?? 0, 1 - leak, 1);
    if (complaints.length === 0) return;
    // Without this hand the fleet is unaltered in `without`; a hand of share θ takes θ of what passes it (each passing once, to first order).
    const without = this.#fleetUnaltered + (passing - passing * now);
    const rate = (share: number, given: Float64Array) =>
      Math.log(complaintRate((without - share * passing) / this.#fleetSize, given, this.#assumptions));
    for (const { count, given } of complaints) {
      this.weighed[0] = (this.weighed[0] ?? 0) - count * rate(0, given);
      for (let m = 0; m < modes.count; m++) this.weighed[m + 1] = (this.weighed[m + 1] ?? 0) - count * rate(modes.share[m] ?? 0, given);
    }
  }

  #weighKind(k: number, count: number, unaltered: number, times: number): void {
    const { altered = 0, slope = 0 } = this.#paths.kinds[k] ?? {};
    const { weighed } = this;
    const modes = this.#modes;
    weighed[0] = (weighed[0] ?? 0) + count * Math.log(altered + slope * unaltered);
    for (let m = 0; m < modes.count; m++)
      weighed[m + 1] = (weighed[m + 1] ?? 0) + count * Math.log(altered + slope * unaltered * (1 - (modes.share[m] ?? 0)) ** times);
  }

  #weighWhole(v: number, _old: number): void {
    const { whole, wholeOf } = this.#paths;
    for (const at of wholeOf[v] ?? []) {
      const observation = whole[at];
      if (observation === undefined) continue;
      for (let m = -1; m < this.#modes.count; m++) {
        const value = likelihood(observation, (s) => (s === v ? m : (this.mode[s] ?? -1)), this.#modes, this.#assumptions);
        this.weighed[m + 1] = (this.weighed[m + 1] ?? 0) + observation.count * Math.log(value);
      }
    }
  }
}

const EMPTY = { path: new Int32Array(0), times: new Uint8Array(0) };

/** Samples the posterior of what a problem has observed. Deterministic for a given generator. */
export function sample(problem: Problem, modes: Modes, assumptions: Assumptions, options: GibbsOptions): Sampled {
  const paths = pathsOf(problem);
  const suspects = problem.suspects.length;
  const neighbours = neighboursOf(problem);
  const half = Math.ceil(options.sweeps / 2);
  const chains = [false, true].map((isFull) => {
    const chain = new Chain(paths, problem, modes, assumptions);
    if (isFull)
      for (const [v, list] of neighbours.entries())
        if (list.length > 0 && chain.weigh(v) > 0) chain.set(v, drawMode(chain, modes.count, options.random));
    return runChain(chain, { neighbours, suspects, modes, sweeps: half, burnIn: options.burnIn, random: options.random });
  });
  let disagreement = 0;
  const [first, second] = chains;
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
  const all = chains.flatMap(({ samples }) => samples);
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

interface ChainSetting {
  readonly neighbours: readonly (readonly number[])[];
  readonly suspects: number;
  readonly modes: Modes;
  readonly sweeps: number;
  readonly burnIn: number;
  readonly random: Random;
}

function runChain(chain: Chain, { neighbours, suspects, modes, sweeps, burnIn, random }: ChainSetting): ChainResult {
  const sums = new Float64Array(suspects);
  const modeSums = new Float64Array(suspects * modes.count);
  const samples: Sample[] = [];
  const keepEvery = Math.max(1, Math.ceil(sweeps / (SAMPLES_MAX / 2)));
  for (let sweep = -burnIn; sweep < sweeps; sweep++) {
    for (let v = 0; v < suspects; v++) {
      const odds = chain.weigh(v);
      const p = 1 / (1 + Math.exp(-odds));
      if (sweep >= 0 && p > 0) {
        sums[v] = (sums[v] ?? 0) + p;
        addModes(chain.weighed, p, modeSums, v * modes.count);
      }
      chain.set(v, random() < p ? drawMode(chain, modes.count, random) : -1);
    }
    for (let i = 0; i < SWAPS * Math.max(chain.hands.length, 1); i++) swap(chain, neighbours, modes.count, random);
    if (sweep >= 0 && sweep % keepEvery === 0) {
      const hands = chain.hands.toSorted((a, b) => a - b);
      samples.push({ hands, modes: hands.map((hand) => chain.mode[hand] ?? -1) });
    }
  }
  return { suspects: sums.map((sum) => sum / sweeps), modes: modeSums, samples };
}

/** Adds the probabilities of the modes of a weighed suspect, which add up to p. */
function addModes(weighed: Float64Array, p: number, into: Float64Array, at: number): void {
  let max = Number.NEGATIVE_INFINITY;
  for (let m = 1; m < weighed.length; m++) max = Math.max(max, weighed[m] ?? 0);
  let sum = 0;
  for (let m = 1; m < weighed.length; m++) sum += Math.exp((weighed[m] ?? 0) - max);
  for (let m = 1; m < weighed.length; m++) into[at + m - 1] = (into[at + m - 1] ?? 0) + (p * Math.exp((weighed[m] ?? 0) - max)) / sum;
}

/** Draws a mode from the weights of the suspect that was weighed last. */
function drawMode({ weighed }: Chain, count: number, random: Random): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let m = 1; m <= count; m++) max = Math.max(max, weighed[m] ?? 0);
  let sum = 0;
  for (let m = 1; m <= count; m++) sum += Math.exp((weighed[m] ?? 0) - max);
  let left = random() * sum;
  for (let m = 1; m <= count; m++) {
    left -= Math.exp((weighed[m] ?? 0) - max);
    if (left < 0) return m - 1;
  }
  return count - 1;
}

/**
 * Moves a hand to a neighbour, modes summed out: v is drawn among the hands, w among its neighbours, and the move is accepted with probability
 * min(1, odds(w | rest) / odds(v | rest) · |N(v)| / |N(w)|) (Metropolis-Hastings: the count of hands is the same before and after).
 */
function swap(chain: Chain, neighbours: readonly (readonly number[])[], modes: number, random: Random): void {
  const v = chain.hands[Math.floor(random() * chain.hands.length)];
  if (v === undefined) return;
  const around = neighbours[v] ?? [];
  const w = around[Math.floor(random() * around.length)];
  if (w === undefined || (chain.mode[w] ?? -1) >= 0) return;
  const mode = chain.mode[v] ?? -1;
  chain.set(v, -1);
  const oddsV = chain.weigh(v);
  const oddsW = chain.weigh(w);
  const ratio = oddsW - oddsV + Math.log(around.length / Math.max((neighbours[w] ?? []).length, 1));
  if (Math.log(1 - random()) < ratio) chain.set(w, drawMode(chain, modes, random));
  else chain.set(v, mode);
}

/** Suspects that share a phone found altered; at most so many each, those that share most. */
const NEIGHBOURS_MAX = 64;

function neighboursOf({ observations, suspects, weights }: Problem): readonly (readonly number[])[] {
  const shared: Map<number, number>[] = suspects.map(() => new Map<number, number>());
  for (const { ways, given, count } of observations) {
    const says = (given[0] ?? 0) > (given[given.length - 1] ?? 0);
    if (!says) continue;
    for (const way of ways) {
      const steps = [...new Set(way.suspects)].filter((suspect) => (weights[suspect] ?? 0) > 0);
      for (const a of steps) for (const b of steps) if (a !== b) shared[a]?.set(b, (shared[a]?.get(b) ?? 0) + count);
    }
  }
  const lists = shared.map((counts) =>
    [...counts]
      .toSorted(([a, m], [b, n]) => n - m || a - b)
      .slice(0, NEIGHBOURS_MAX)
      .map(([suspect]) => suspect),
  );
  // Made symmetric, since a move needs its way back.
  const sets = lists.map((list) => new Set(list));
  for (const [v, list] of lists.entries()) for (const w of list) sets[w]?.add(v);
  return sets.map((set) => [...set].toSorted((a, b) => a - b));
}
