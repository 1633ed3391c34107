/** One search in one world: it begins with a complaint, inspects one phone after the other as the locator proposes, and is judged by what really happened. */
import {
  ASSUMPTIONS,
  type Assumptions,
  beliefsOf,
  candidatesOf,
  chooseBatch,
  compile,
  exactModelOf,
  type Flow,
  informationOf,
  observeExact,
  type Phone,
  passingOf,
  posteriorExact,
  startExact,
} from '../../src/provenance/locate/index.ts';
import { dice, inspect, makeWorld, type World, type WorldKind } from './world.ts';

export interface RunOptions {
  readonly strategy: 'information' | 'random' | 'batch';
  /** Inspections at most. */
  readonly most: number;
  /** What the model assumes, where that is not what it assumes by itself. */
  readonly assumptions?: Partial<Assumptions>;
}

export interface Checkpoint {
  readonly inspections: number;
  /** Posterior of each custodian that can be suspected, in order. */
  readonly custodians: readonly number[];
  readonly outside: number;
}

export interface Run {
  readonly world: WorldKind;
  readonly truth: readonly number[];
  readonly share: number;
  /** Entropy over who did it after the complaint, and over how many suspects. */
  readonly entropy: number;
  readonly suspects: number;
  readonly checkpoints: readonly Checkpoint[];
  /** Inspections until somebody was at 0.95; undefined where nobody was. */
  readonly reached: number | undefined;
  readonly reachedRight: boolean;
  /** An innocent custodian was at 0.95 at some moment. */
  readonly accused: boolean;
  /** Share of all phones that pass the hand. */
  readonly volume: number;
  /** Whether the complaint was about a hand's work. */
  readonly complaintIsOurs: boolean;
}

export const THRESHOLD = 0.95;
const BATCH = 10;
const pad = (n: number) => `c${String(n).padStart(5, '0')}`;

/** A world as the locator sees it: who recorded what, and nothing else. */
export function flowOf(world: World): Flow {
  return {
    format: 'assay.flow/1',
    custodians: Array.from({ length: world.custodians }, (_, c) => ({
      id: pad(c),
      role: c < world.firstSuspect ? ('maker' as const) : ('other' as const),
      suspect: c >= world.firstSuspect,
    })),
    phones: world.phones.map(
      ({ recorded }, at): Phone => ({
        id: `p${String(at).padStart(7, '0')}`,
        path: recorded.map((custodian) => ({ custodian: pad(custodian) })),
      }),
    ),
  };
}

export function search(kind: WorldKind, seed: number, { strategy, most, assumptions: given = {} }: RunOptions): Run | undefined {
  const assumptions = { ...ASSUMPTIONS, ...given };
  const roll = dice(seed);
  const world = makeWorld(kind, roll);
  // The complaint: somebody's phone is found altered. It is one of those that are.
  const altered = world.phones.flatMap((phone, at) => (phone.altered ? [at] : []));
  const complaint = altered[Math.floor(roll() * altered.length)];
  if (complaint === undefined) return undefined;
  const problem = compile(flowOf(world), assumptions);
  const model = exactModelOf(problem, assumptions);
  const exact = startExact(model);
  const inspected = new Set<number>();
  const { sensitivity, falsePositive } = { sensitivity: 0.95, falsePositive: 0.01 };
  const test = { sensitivity, falsePositive, leak: assumptions.leak };
  const see = (phone: number, isAltered: boolean, isComplaint: boolean) => {
    inspected.add(phone);
    observeExact(exact, {
      ways: problem.routes[phone] ?? [],
      given: isAltered ? Float64Array.of(sensitivity, falsePositive) : Float64Array.of(1 - sensitivity, 1 - falsePositive),
      signature: -1,
      complaint: isComplaint,
      count: 1,
      phones: [phone],
    });
  };
  see(complaint, true, true);
  let posterior = posteriorExact(exact, false);
  const checkpoints: Checkpoint[] = [];
  const entropy = posterior.entropy;
  const truth = new Set(world.hands.map(({ custodian }) => custodian));
  let reached: number | undefined;
  let reachedRight = false;
  let accused = false;
  let planned: number[] = [];
  for (let n = 0; ; n++) {
    const custodians = Array.from(posterior.suspects.subarray(0, world.custodians));
    if (n > 0 && custodians.some((p, c) => p >= THRESHOLD && !truth.has(c))) accused = true;
    const top = custodians.indexOf(Math.max(...custodians));
    if (reached === undefined && n > 0 && (custodians[top] ?? 0) >= THRESHOLD) [reached, reachedRight] = [n, truth.has(top)];
    if ([0, 10, 20, 30, most].includes(n))
      checkpoints.push({ inspections: n, custodians: custodians.slice(world.firstSuspect), outside: posterior.outside });
    if (n === most || (n >= 10 && reached !== undefined)) {
      if (checkpoints.at(-1)?.inspections !== n)
        checkpoints.push({ inspections: n, custodians: custodians.slice(world.firstSuspect), outside: posterior.outside });
      break;
    }
    let phone = planned.shift();
    if (phone === undefined) {
      const candidates = candidatesOf(problem, (at) => inspected.has(at));
      if (strategy === 'random') {
        const all = candidates.flatMap(({ phones }) => phones);
        phone = all[Math.floor(roll() * all.length)];
      } else if (strategy === 'batch') {
        planned = chooseBatch(candidates, beliefsOf(posterior, model.modes), test, BATCH).map(
          ({ candidate, nth }) => candidates[candidate]?.phones[nth] ?? 0,
        );
        phone = planned.shift();
      } else {
        const proposals = informationOf(candidates, beliefsOf(posterior, model.modes), test, passingOf(candidates));
        let best = proposals[0];
        for (const proposal of proposals) if (best === undefined || proposal.bits > best.bits) best = proposal;
        phone = best === undefined ? undefined : candidates[best.candidate]?.phones[0];
      }
    }
    if (phone === undefined) break;
    see(phone, inspect(world, world.phones[phone] ?? fail(), roll), false);
    posterior = posteriorExact(exact, false);
  }
  const [hand] = world.hands;
  return {
    world: kind,
    truth: [...truth].map((c) => c - world.firstSuspect),
    share: hand?.share ?? 0,
    entropy,
    suspects: world.custodians - world.firstSuspect,
    checkpoints,
    reached,
    reachedRight,
    accused,
    volume: world.phones.filter(({ truly }) => hand !== undefined && truly.includes(hand.custodian)).length / world.phones.length,
    complaintIsOurs: (world.phones[complaint]?.by ?? -1) >= 0,
  };
}

function fail(): never {
  throw new Error('no such phone');
}
