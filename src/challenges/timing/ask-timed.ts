/** What is asked to measure times: shuffled sizes, so that a slow moment strikes all alike; a warm core; the host's clock alone. */
import type { Answer, Asker, ConversePorts } from '../native/converse.ts';
import { least } from './estimate.ts';
import { judgeRelay, type RelayAnswer } from './relay.ts';

const WARM_MS = 300;
/** Rounds of the chain that take about this long are the unit of work. */
const UNIT_NS = 100_000;
/** Sizes of work: 0.1 to 12.8 ms. */
const DOUBLINGS = 8;
const RELAY_ROUNDS = 24;
const CLOCK_SAMPLES = 15;
const RING_SAMPLES = 7;
/** Lines of 64 bytes: 4 KiB to 8 MiB. */
const RING_LINES = [64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072];
const WALK_STEPS = 40_000;

const took = ({ sentNs, receivedNs }: Answer): number => receivedNs - sentNs;

/** Warms up and finds how many rounds are a unit. */
export async function calibrate({ ask, fresh }: Asker, { monotonicMs }: Pick<ConversePorts, 'monotonicMs'>): Promise<number> {
  const floor = least([took(await ask('hello')), took(await ask('hello')), took(await ask('hello'))]);
  const endMs = monotonicMs() + WARM_MS;
  let rounds = 256;
  let times: number[] = [];
  while (monotonicMs() < endMs) {
    const ns = took(await ask('chain', { a: rounds, b: fresh(), c: fresh(), seed: fresh() })) - floor;
    if (ns < 20 * UNIT_NS && rounds < 2 ** 26) {
      rounds *= 2;
      times = [];
    } else times.push(ns);
  }
  return times.length === 0 ? rounds : Math.max(1, Math.round((rounds * UNIT_NS) / least(times)));
}

/** Pings and work of every size, in an order that cannot be foreseen. Asks once more where the first answer accuses: two have to. */
export async function askRelay(asker: Asker, unitRounds: number): Promise<RelayAnswer> {
  const { ask, fresh } = asker;
  const pings: number[] = [];
  const work = Array.from({ length: DOUBLINGS }, (_, doubling) => ({ size: unitRounds * 2 ** doubling, timesNs: [] as number[] }));
  let answer: RelayAnswer = { outcome: 'too few' };
  for (const stage of [1, 2, 3]) {
    for (let round = 0; round < RELAY_ROUNDS; round++) {
      const order = shuffled([undefined, undefined, ...work], fresh);
      for (const one of order) {
        if (one === undefined) pings.push(took(await ask('hello')));
        else one.timesNs.push(took(await ask('chain', { a: one.size, b: fresh(), c: fresh(), seed: fresh() })));
      }
    }
    answer = judgeRelay(pings, work);
    // What accuses is asked again, with what was heard before: minima only fall, and what was an accident goes away.
    if (answer.outcome === 'not excluded' || stage === 3) return answer;
  }
  return answer;
}

/** The core's clock by chains of several lengths, and the shape of its caches. */
export async function askSpeed(asker: Asker, unitRounds: number): Promise<void> {
  const { ask, fresh } = asker;
  for (let sample = 0; sample < CLOCK_SAMPLES; sample++)
    for (const factor of shuffled([4, 8, 16, 32], fresh))
      await ask('chain', { a: unitRounds * factor, b: fresh(), c: fresh(), seed: fresh() });
  for (const lines of RING_LINES) {
    if ((await ask('table', { a: 1, b: lines, seed: fresh() })).result !== 0) return;
    for (let sample = 0; sample < RING_SAMPLES; sample++)
      for (const factor of shuffled([1, 2, 4], fresh)) await ask('walk', { a: WALK_STEPS * factor });
  }
}

/** The same work by one worker, two, four: what a name of eight cores over four cannot do. */
export async function askScaling({ ask, fresh }: Asker, unitRounds: number): Promise<void> {
  for (const workers of [1, 2, 4, 8])
    for (let sample = 0; sample < 3; sample++) await ask('scale', { a: workers, b: 0, c: unitRounds * 200, seed: fresh(), timeMs: 20_000 });
}

function shuffled<T>(all: readonly T[], fresh: () => number): readonly T[] {
  const keyed = all.map((value) => ({ value, key: fresh() }));
  return keyed.toSorted((a, b) => a.key - b.key).map(({ value }) => value);
}

/** Relay, clock, caches and scaling: about eight seconds on a phone. The first core that takes a pin is the one that is timed. */
export async function askTimes(asker: Asker, ports: Pick<ConversePorts, 'monotonicMs'>): Promise<void> {
  // The last cores of a phone are its big ones.
  for (let core = 15; core >= 0; core--) if ((await asker.ask('pin', { a: (1 << core) >>> 0 })).result === 0) break;
  const unitRounds = await calibrate(asker, ports);
  await askRelay(asker, unitRounds);
  await askSpeed(asker, unitRounds);
  await asker.ask('pin', { a: 0xffffffff });
  await askScaling(asker, unitRounds);
}
