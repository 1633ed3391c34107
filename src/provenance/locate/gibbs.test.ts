import { describe, expect, test } from 'vitest';
import { Chain, pathsOf } from './chain.ts';
import { compile, type Problem } from './compile.ts';
import { sample } from './gibbs.ts';
import type { Flow, Inspection } from './input.ts';
import { ASSUMPTIONS, type Assumptions, countPrior, likelihood, type Modes, modesOf } from './model.ts';
import { type Random, seededRandom } from './random.ts';
import { blocksOf, rehome } from './rehome.ts';

/** Few shares, so that every state can be written out, and a prior that believes in many hands, so that many states matter. */
const assumptions: Assumptions = { ...ASSUMPTIONS, shares: [0, 0.4, 1], anotherHand: 0.6, outside: 0.2, linkWeight: 0 };

const flowOf = (custodians: string, answers: readonly (readonly [string, ...Inspection['outcome'][]])[]): Flow => ({
  format: 'assay.flow/1',
  custodians: [...custodians].map((id) => ({ id })),
  phones: answers.map(([path, ...outcomes], n) => ({
    id: String(n),
    path: [...path].map((custodian) => (custodian === '?' ? { gap: true as const } : { custodian })),
    inspections: outcomes.map((outcome, i) => ({
      outcome,
      because: 'chosen',
      subject: 'phone',
      ...(i < outcomes.length - 1 ? { after: 1 } : {}),
    })),
  })),
});

/** D explains what E and F do, A what D and E do: hands are exchanged one for one, and one for two. */
const flow = flowOf('ABDEF', [
  ['ADE', 'altered'],
  ['ADF', 'altered'],
  ['AE', 'altered'],
  ['BDF', 'clean'],
  ['BE', 'clean'],
  ['BEF', 'altered'],
  ['ABF', 'clean', 'altered'],
  ['A?F', 'altered'],
]);

interface State {
  readonly modes: readonly number[];
  readonly probability: number;
}

/** Every state and its probability, by the model's own words: prior times likelihoods. */
function statesOf({ suspects, weights, observations }: Problem, modes: Modes): readonly State[] {
  const prior = countPrior(weights, assumptions, suspects.length);
  let all: (readonly number[])[] = [[]];
  for (const v of suspects.keys()) {
    const possible = (weights[v] ?? 0) > 0 ? [-1, ...Array(modes.count).keys()] : [-1];
    all = all.flatMap((state) => possible.map((mode) => [...state, mode]));
  }
  const logs = all.map((state) => {
    const hands = state.filter((mode) => mode >= 0);
    let log = prior[hands.length] ?? 0;
    for (const [v, mode] of state.entries()) if (mode >= 0) log += Math.log(weights[v] ?? 0) + (modes.logPrior[mode] ?? 0);
    for (const observation of observations)
      log += observation.count * Math.log(likelihood(observation, (v) => state[v] ?? -1, modes, assumptions));
    return log;
  });
  const max = Math.max(...logs);
  const total = logs.reduce((sum, log) => sum + Math.exp(log - max), 0);
  return all.map((state, i) => ({ modes: state, probability: Math.exp((logs[i] ?? 0) - max) / total }));
}

function drawState(states: readonly State[], random: Random): State {
  let left = random();
  for (const state of states) {
    left -= state.probability;
    if (left < 0) return state;
  }
  throw new Error('probabilities do not add up');
}

const problem = compile(flow, assumptions);
const modes = modesOf(assumptions, problem.signatures.length);
const states = statesOf(problem, modes);
const marginal = (v: number) => states.reduce((sum, state) => sum + ((state.modes[v] ?? -1) >= 0 ? state.probability : 0), 0);

describe('a hand finds another home', () => {
  const paths = pathsOf(problem);
  const blocks = blocksOf(problem);
  const chain = new Chain(paths, problem, modes, assumptions);
  const put = (state: readonly number[]) => {
    for (const [v, mode] of state.entries()) chain.set(v, mode);
  };
  const keyOf = (state: ArrayLike<number>) => Array.from(state).join(',');

  test('the blocks are the ways of altered phones, and suspects have different numbers of them', () => {
    expect(blocks.sets.length).toBeGreaterThan(3);
    expect(new Set(blocks.of.map((mine) => mine.length)).size).toBeGreaterThan(1);
  });

  test('between every two states, as much flows one way as the other', () => {
    // The flow from x to y is π(x)·P(x→y), with P counted from draws: Poisson counts of one common flow, if the move is reversible.
    const draws = 2000;
    const counts = new Map<string, number>();
    const random = seededRandom(5);
    const common = states.filter(({ probability }) => probability > 1e-4);
    for (const { modes: from } of common) {
      for (let i = 0; i < draws; i++) {
        put(from);
        rehome(chain, blocks, random);
        const key = `${keyOf(from)}|${keyOf(chain.mode)}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    const scores = common.flatMap((x, i) =>
      common.slice(i + 1).flatMap((y) => {
        const forth = counts.get(`${keyOf(x.modes)}|${keyOf(y.modes)}`) ?? 0;
        const back = counts.get(`${keyOf(y.modes)}|${keyOf(x.modes)}`) ?? 0;
        const rate = (forth + back) / (draws / x.probability + draws / y.probability);
        if ((rate * draws) / Math.max(x.probability, y.probability) < 10) return [];
        const difference = (forth * x.probability - back * y.probability) / draws;
        return [Math.abs(difference) / Math.sqrt((rate * (x.probability + y.probability)) / draws)];
      }),
    );
    expect(scores.length).toBeGreaterThan(100);
    expect(Math.max(...scores)).toBeLessThan(5);
  });

  test('hands keep their number, and the posterior stays as it is', () => {
    const random = seededRandom(6);
    const draws = 20_000;
    const counts = new Float64Array(problem.suspects.length);
    let moved = 0;
    for (let i = 0; i < draws; i++) {
      const { modes: from } = drawState(states, random);
      put(from);
      const before = chain.hands.length;
      for (let step = 0; step < 3; step++) rehome(chain, blocks, random);
      expect(chain.hands.length).toBe(before);
      if (keyOf(from) !== keyOf(chain.mode)) moved++;
      for (const hand of chain.hands) counts[hand] = (counts[hand] ?? 0) + 1;
    }
    expect(moved / draws).toBeGreaterThan(0.3);
    for (const [v, count] of counts.entries()) {
      const p = marginal(v);
      expect(Math.abs(count / draws - p), `suspect ${v}`).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / draws));
    }
  });
});

describe('sampling agrees with every state written out, any number of hands', () => {
  test.each([1, 3, 20])('%i rounds over those in doubt after each sweep', (rounds) => {
    const sampled = sample(problem, modes, assumptions, { random: seededRandom(rounds), sweeps: 12_000 / rounds, burnIn: 100, rounds });
    expect(sampled.disagreement).toBeLessThan(0.02);
    for (const [v, p] of sampled.suspects.entries()) expect(Math.abs(p - marginal(v)), `suspect ${v}`).toBeLessThan(0.01);
  });

  test('where nobody is in doubt, all are counted in the sweeps', () => {
    const clean = compile(
      flowOf(
        'AB',
        Array.from({ length: 400 }, () => ['AB', 'clean'] as const),
      ),
      assumptions,
    );
    const { suspects } = sample(clean, modes, assumptions, { random: seededRandom(1), sweeps: 50, burnIn: 10, rounds: 20 });
    const exact = statesOf(clean, modes);
    for (const [v, p] of suspects.entries()) {
      const truth = exact.reduce((sum, state) => sum + ((state.modes[v] ?? -1) >= 0 ? state.probability : 0), 0);
      expect(Math.abs(p - truth)).toBeLessThan(1e-3);
    }
  });

  test('two suspects that explain the same are told apart no better than the data do, within few sweeps', () => {
    // One shop and its carrier, all of whose phones are altered: the chains used to stick to whichever they found first.
    const custodians = [...'ABCDEFGH'].map((id) => ({ id }));
    const twins = compile(
      {
        ...flowOf(
          '',
          Array.from({ length: 12 }, (_, n) => [n < 6 ? 'AB' : `${'CDEFGH'[n % 6]}A`, n < 6 ? 'altered' : 'clean'] as const),
        ),
        custodians,
      },
      { ...ASSUMPTIONS, linkWeight: 1 },
    );
    const { disagreement } = sample(twins, modesOf(ASSUMPTIONS, 0), ASSUMPTIONS, {
      random: seededRandom(2),
      sweeps: 200,
      burnIn: 25,
      rounds: 20,
    });
    expect(disagreement).toBeLessThan(0.05);
  });
});
