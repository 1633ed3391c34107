/** What many searches add up to: precision, calibration, false accusations, and inspections against the information limit. */
import type { Run } from './run.ts';
import { THRESHOLD } from './run.ts';
import { dice, type WorldKind } from './world.ts';

export interface Measured {
  readonly world: string;
  readonly what: string;
  readonly runs: number;
  readonly precisionAt1: {
    readonly after0: number;
    readonly after10: number;
    readonly after20: number;
    readonly after30: number;
    readonly atEnd: number;
  };
  readonly precisionAt3After10: number;
  /** Share of the true hands among as many of the likeliest, at the end. */
  readonly recallAtHands: number;
  /** Mean |stated − true| over posteriors above 0.1 at every checkpoint, in ten bins by weight. */
  readonly calibrationError: number;
  /** 2.5 % and 97.5 % of the same over runs drawn again with replacement, 200 times. It is never quite zero: with few runs it is mostly chance. */
  readonly calibrationInterval: readonly [number, number];
  readonly brier: number;
  readonly reliability: readonly { readonly from: number; readonly stated: number; readonly true: number; readonly count: number }[];
  readonly falseAccusationRate: number;
  /** Wilson's 95 % interval of it. */
  readonly falseAccusationInterval: readonly [number, number];
  readonly falseAccusationRuns: number;
  readonly reachedShare: number;
  readonly rightWhenReached: number;
  /** Runs that did not reach it count with the most inspections that were allowed. */
  readonly meanInspections: number;
  readonly medianInspections: number;
  readonly meanBound: number;
  readonly meanInspectionsOverBound: number;
  /** Share of complaints that were a hand's work and not the leak's: what caps precision. */
  readonly complaintByHand: number;
  /** precision@1 after 10 by thirds of the hand's volume, small first. */
  readonly precisionByVolume: readonly number[];
}

const bits = (p: number) => (p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p));

/** Capacity of one inspection, in bits: does the phone pass the hand, asked through the leak and the errors of the checks that the world really has. */
function capacity(
  share: number,
  { sensitivity: s, falsePositive: f, leak }: Pick<WorldKind, 'sensitivity' | 'falsePositive' | 'leak'>,
): number {
  const on = f + (s - f) * (1 - (1 - leak) * (1 - share));
  const off = f + (s - f) * leak;
  let best = 0;
  // The optimum is flat and single-peaked: a grid of a thousand is exact to the fourth digit.
  for (let i = 1; i < 1000; i++) {
    const w = i / 1000;
    best = Math.max(best, bits(w * on + (1 - w) * off) - w * bits(on) - (1 - w) * bits(off));
  }
  return best;
}

/** Fano: inspections that anybody needs on average to be right with probability 0.95, from the entropy after the complaint; at most as many as a run may make. */
function fanoBound(run: Run, most: number): number {
  const error = 1 - THRESHOLD;
  const need = Math.max(0, run.entropy - bits(error) - error * Math.log2(run.suspects - 1));
  return Math.min(most, need / capacity(run.share, run.world));
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
const top = (custodians: readonly number[], count: number): readonly number[] =>
  [...custodians.keys()].toSorted((a, b) => (custodians[b] ?? 0) - (custodians[a] ?? 0)).slice(0, count);

/** A posterior above 0.1, and whether it was so. */
interface Said {
  readonly p: number;
  readonly is: 0 | 1;
}

interface Bin {
  stated: number;
  true: number;
  count: number;
}

function binsOf(said: readonly (readonly Said[])[]): readonly Bin[] {
  const bins = Array.from({ length: 10 }, (): Bin => ({ stated: 0, true: 0, count: 0 }));
  for (const run of said)
    for (const { p, is } of run) {
      const bin = bins[Math.min(9, Math.floor(p * 10))];
      if (bin === undefined) continue;
      bin.stated += p;
      bin.true += is;
      bin.count++;
    }
  return bins;
}

const errorOf = (bins: readonly Bin[]): number =>
  bins.reduce((sum, bin) => sum + Math.abs(bin.stated - bin.true), 0) /
  Math.max(
    bins.reduce((sum, { count }) => sum + count, 0),
    1,
  );

const RESAMPLES = 200;

/** Whole runs are drawn, because what is said in one run hangs together. */
function intervalOf(said: readonly (readonly Said[])[]): readonly [number, number] {
  const roll = dice(1);
  const errors = Array.from({ length: RESAMPLES }, () =>
    errorOf(binsOf(said.map(() => said[Math.floor(roll() * said.length)] ?? []))),
  ).toSorted((a, b) => a - b);
  return [errors[Math.floor(RESAMPLES * 0.025)] ?? 0, errors[Math.ceil(RESAMPLES * 0.975) - 1] ?? 0];
}

/** Wilson 1927: the interval of a share that was seen in `hits` of `n`, at 95 %. */
function wilson(hits: number, n: number): readonly [number, number] {
  if (n === 0) return [0, 1];
  const z2 = 1.96 ** 2;
  const middle = (hits + z2 / 2) / (n + z2);
  const half = (1.96 / (n + z2)) * Math.sqrt((hits * (n - hits)) / n + z2 / 4);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

export function measure(kind: WorldKind, runs: readonly Run[], most: number): Measured {
  const at = (run: Run, n: number) => run.checkpoints.findLast(({ inspections }) => inspections <= n);
  const precision = (n: number, count = 1, of: readonly Run[] = runs) =>
    mean(of.map((run) => (top(at(run, n)?.custodians ?? [], count).some((c) => run.truth.includes(c)) ? 1 : 0)));
  let brier = 0;
  let judged = 0;
  const said = runs.map(({ checkpoints, truth }) => {
    const likely: Said[] = [];
    for (const { custodians } of checkpoints) {
      for (const [c, p] of custodians.entries()) {
        const is = truth.includes(c) ? 1 : 0;
        brier += (p - is) ** 2;
        judged++;
        if (p > 0.1) likely.push({ p, is });
      }
    }
    return likely;
  });
  const bins = binsOf(said);
  const bound = mean(runs.map((run) => fanoBound(run, most)));
  const inspections = runs.map(({ reached }) => reached ?? most);
  const reached = runs.filter((run) => run.reached !== undefined);
  const byVolume = runs.toSorted((a, b) => a.volume - b.volume);
  const third = Math.ceil(runs.length / 3);
  return {
    world: kind.name,
    what: kind.what,
    runs: runs.length,
    precisionAt1: { after0: precision(0), after10: precision(10), after20: precision(20), after30: precision(30), atEnd: precision(most) },
    precisionAt3After10: precision(10, 3),
    recallAtHands: mean(
      runs.map((run) => {
        const found = top(at(run, most)?.custodians ?? [], run.truth.length);
        return run.truth.filter((c) => found.includes(c)).length / Math.max(run.truth.length, 1);
      }),
    ),
    calibrationError: errorOf(bins),
    calibrationInterval: intervalOf(said),
    brier: brier / Math.max(judged, 1),
    reliability: bins.map((bin, i) => ({
      from: i / 10,
      stated: bin.stated / Math.max(bin.count, 1),
      true: bin.true / Math.max(bin.count, 1),
      count: bin.count,
    })),
    falseAccusationRate: mean(runs.map(({ accused }) => (accused ? 1 : 0))),
    falseAccusationInterval: wilson(runs.filter(({ accused }) => accused).length, runs.length),
    falseAccusationRuns: runs.filter(({ accused }) => accused).length,
    reachedShare: reached.length / Math.max(runs.length, 1),
    rightWhenReached: mean(reached.map(({ reachedRight }) => (reachedRight ? 1 : 0))),
    meanInspections: mean(inspections),
    medianInspections: inspections.toSorted((a, b) => a - b)[Math.floor(inspections.length / 2)] ?? 0,
    meanBound: bound,
    meanInspectionsOverBound: mean(inspections) / bound,
    complaintByHand: mean(runs.map(({ complaintIsOurs }) => (complaintIsOurs ? 1 : 0))),
    precisionByVolume: [0, 1, 2].map((i) => precision(10, 1, byVolume.slice(i * third, (i + 1) * third))),
  };
}
