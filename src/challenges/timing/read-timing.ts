/** Times out of a transcript, with every answer recomputed: a wrong one means that the work was not done, and nothing is measured. */
import { recomputeChain } from '../native/chain.ts';
import { HEADER_SIZE } from '../native/layout.ts';
import { type NativeProgram, SCALE_Y, SCALE_Z } from '../native/program.ts';
import { spread } from '../native/random.ts';
import type { RunReading, Understood } from '../native/read-run.ts';
import { recomputeWalk } from '../native/ring.ts';
import { bySize, type Estimate, least, slopeOf } from './estimate.ts';
import { judgeRelay, type RelayAnswer } from './relay.ts';

/** Operations of one round of the chain: one a cycle on every Arm core that we know of. */
const CHAIN_OPERATIONS = 64;

export interface Timing {
  /** Answers that were recomputed, and those of them that were wrong. */
  readonly recomputed: number;
  readonly wrong: number;
  /** Cycles per second, if an operation of the chain takes one cycle. */
  readonly clockHertz: Estimate | undefined;
  /** Nanoseconds a step by bytes of the ring. */
  readonly rings: readonly { readonly bytes: number; readonly stepNs: number }[];
  /** The last sizes before the first and second step up: of private caches, they err to the small side. */
  readonly knees: readonly number[];
  /** Nanoseconds of the same work for every worker, by their number. */
  readonly scaling: readonly { readonly workers: number; readonly ns: number }[];
  readonly relay: RelayAnswer;
}

/** Sizes that were asked for this often were asked on purpose, not while warming up. */
const OFTEN = 20;
/** A step of latency that ends a cache. */
const KNEE = 1.45;
/** Work that is recomputed at most, in operations: a transcript of anybody's costs no more than this. */
const OPERATIONS_MAX = 6e9;

const known = new WeakMap<RunReading, Timing>();

/** Reads times; undefined where none were taken. What was recomputed once is kept as long as the reading. */
export function readTiming(reading: RunReading, program: NativeProgram, nonce: Uint8Array): Timing | undefined {
  const before = known.get(reading);
  if (before !== undefined) return before;
  const timing = timesOf(reading, program, nonce);
  if (timing !== undefined) known.set(reading, timing);
  return timing;
}

function timesOf({ understood }: RunReading, program: NativeProgram, nonce: Uint8Array): Timing | undefined {
  const chains = understood.filter(({ command }) => command.operation === 'chain');
  if (chains.length === 0) return undefined;
  const next = spread(nonce);
  let recomputed = 0;
  let wrong = 0;
  let left = OPERATIONS_MAX;
  const verify = (expected: () => number, result: number, cost: number) => {
    left -= cost;
    if (left < 0) return;
    recomputed++;
    if (expected() !== result) wrong++;
  };
  for (const { command, result } of chains)
    verify(
      () => recomputeChain(program.chain, { rounds: command.a, seed: command.seed, y: command.b, z: command.c }),
      result,
      command.a * CHAIN_OPERATIONS,
    );
  const rings: { bytes: number; times: { size: number; ns: number }[] }[] = [];
  let ring: { readonly lines: number; readonly seed: number } | undefined;
  for (const one of understood) {
    const { command, result } = one;
    if (command.operation === 'table') {
      ring = command.a === 1 && result === 0 && isPowerOfTwo(command.b) ? { lines: command.b, seed: command.seed } : undefined;
      if (ring !== undefined) rings.push({ bytes: ring.lines * 64, times: [] });
    } else if (command.operation === 'walk' && ring !== undefined) {
      const { lines, seed } = ring;
      verify(() => recomputeWalk({ lines, steps: command.a, seed }), result, command.a * 3);
      rings.at(-1)?.times.push({ size: command.a, ns: nsOf(one) });
    }
  }
  const scales = understood.filter(({ command }) => command.operation === 'scale');
  for (const { command, result, view } of scales) {
    // Fewer workers than were asked for is an answer; one of them that did other work is not.
    for (let worker = 0; worker < Math.min(command.a, result); worker++)
      verify(
        () => recomputeChain(program.chain, { rounds: command.c, seed: command.seed + worker, y: SCALE_Y, z: SCALE_Z }),
        view.getUint32(HEADER_SIZE + 4 * worker, true),
        command.c * CHAIN_OPERATIONS,
      );
  }
  const work = bySize(chains.map((one) => ({ size: one.command.a, ns: nsOf(one) })));
  const perRound = slopeOf(work.slice(-4), next);
  const steps = rings.flatMap(({ bytes, times }) => {
    const slope = slopeOf(bySize(times), next);
    return slope === undefined ? [] : [{ bytes, stepNs: slope.value }];
  });
  const pings = understood.filter(({ command }) => command.operation === 'hello').map(nsOf);
  return {
    recomputed,
    wrong,
    clockHertz: perRound === undefined ? undefined : clockOf(perRound),
    rings: steps,
    knees: kneesOf(steps),
    scaling: bySize(
      scales.filter(({ command, result }) => result === command.a).map((one) => ({ size: one.command.a, ns: nsOf(one) })),
    ).map(({ size, timesNs }) => ({ workers: size, ns: least(timesNs) })),
    relay: judgeRelay(pings, doublings(work.filter(({ timesNs }) => timesNs.length >= OFTEN))),
  };
}

const nsOf = ({ sentNs, receivedNs }: Understood): number => receivedNs - sentNs;
const isPowerOfTwo = (value: number): boolean => value > 1 && (value & (value - 1)) === 0;
const clockOf = ({ value, low, high }: Estimate): Estimate => ({
  value: (CHAIN_OPERATIONS * 1e9) / value,
  low: (CHAIN_OPERATIONS * 1e9) / high,
  high: (CHAIN_OPERATIONS * 1e9) / low,
});

/** The longest run of sizes of which each is twice the one before. */
function doublings<T extends { readonly size: number; readonly timesNs: readonly number[] }>(work: readonly T[]): readonly T[] {
  let best: readonly T[] = [];
  for (const first of work) {
    const run = [first];
    for (let twice = work.find(({ size }) => size === 2 * first.size); twice !== undefined; ) {
      run.push(twice);
      const { size } = twice;
      twice = work.find((other) => other.size === 2 * size);
    }
    if (run.length > best.length) best = run;
  }
  return best;
}

function kneesOf(rings: Timing['rings']): readonly number[] {
  const knees: number[] = [];
  for (const [index, { bytes, stepNs }] of rings.entries()) {
    const following = rings[index + 1];
    if (following !== undefined && following.stepNs > KNEE * stepNs) knees.push(bytes);
  }
  return knees;
}
