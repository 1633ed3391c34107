/**
 * The state that sampling walks through: who is a hand now, in which mode, and how likely every state of one suspect is given all others.
 *
 * Phones with one way and one answer are linear in what the hands left unaltered, so they are counted by path and kind of answer; the rest is evaluated whole.
 * Cost of weighing a suspect: its paths, and M logarithms for each of them that another hand touches.
 */
import type { Problem } from './compile.ts';
import { complaintRate } from './fleet.ts';
import { type Assumptions, countPrior, likelihood, type Modes, type Observation, type Way } from './model.ts';
import type { Random } from './random.ts';

/** Most hands that the prior knows. */
const HANDS_MAX = 64;
/** What an observation that is evaluated whole costs, against a path that is counted: about. */
const WHOLE_COST = 10;

interface Kind {
  readonly altered: number;
  readonly slope: number;
}

/** The observations and the fleet, by path. */
export interface Paths {
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

export function pathsOf(problem: Problem): Paths {
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
export class Chain {
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

  /** Draws a mode from the weights of the suspect that was weighed last. */
  draw(random: Random): number {
    const { weighed } = this;
    const { count } = this.#modes;
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

  /** What weighing a suspect costs, in paths. */
  cost(v: number): number {
    const { pathsOf: paths, wholeOf } = this.#paths;
    return (paths[v]?.path.length ?? 0) + WHOLE_COST * (wholeOf[v]?.length ?? 0);
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
