/** Ten thousand custodians and a hundred thousand phones, all of them inspected: seconds from flow to answer. */
import { locate, seededRandom } from '../../src/provenance/locate/index.ts';
import { flowOf } from './run.ts';
import { dice, inspect, makeWorld, WORLDS } from './world.ts';

export interface Scale {
  readonly custodians: number;
  readonly phones: number;
  readonly inspected: number;
  readonly altered: number;
  readonly hands: number;
  /** True hands among as many of the likeliest custodians. */
  readonly found: number;
  /** By the clock, and of this thread alone. */
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly method: string;
  readonly disagreement: number | null;
}

const HANDS = 5;

export function scale(seed: number): Scale {
  const [main] = WORLDS;
  if (main === undefined) throw new Error('no world');
  const roll = dice(seed);
  const world = makeWorld({ ...main, layers: [5, 45, 450, 2500, 7000], phones: 100_000, hands: HANDS }, roll);
  const flow = flowOf(world);
  const all = {
    ...flow,
    phones: flow.phones.map((phone, at) => {
      const truly = world.phones[at];
      const outcome = truly !== undefined && inspect(world, truly, roll) ? ('altered' as const) : ('clean' as const);
      return { ...phone, inspections: [{ outcome, because: 'chosen' as const, subject: 'phone' as const }] };
    }),
  };
  const begun = performance.now();
  const before = process.threadCpuUsage();
  const located = locate(all, { random: seededRandom(seed) });
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.threadCpuUsage(before);
  const likeliest = located.suspects.filter(({ kind }) => kind === 'custodian').slice(0, HANDS);
  const truth = new Set(world.hands.map(({ custodian }) => `c${String(custodian).padStart(5, '0')}`));
  return {
    custodians: located.counts.custodians,
    phones: located.counts.phones,
    inspected: located.counts.inspected,
    altered: located.counts.altered,
    hands: HANDS,
    found: likeliest.filter(({ name }) => truth.has(name)).length,
    seconds,
    processorSeconds: (user + system) / 1e6,
    method: located.method,
    disagreement: located.disagreement,
  };
}
