/**
 * npm run -s bench:locate -- [--json] [--seed N] [--runs N] [--world NAME …] [--random] [--batch] [--long] [--write]: how well the locator finds who did it, in worlds that it does not know.
 * Each run makes a world from its seed, takes one complaint about an altered phone, and inspects what the locator proposes, up to 60 phones or until ten are
 * inspected and somebody is at 0.95. Calibration is over posteriors above 0.1 of every custodian, after 0, 10, 20, 30 inspections and at the end.
 * The bound is Fano's, computed from the entropy after the complaint and the capacity of an inspection at the world's true share; runs that do not end count as 60
 * on both sides. `--write` keeps how often innocents were accused in src/provenance/locate/measured.json, which is said beside every name.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type Measured, measure } from './locate/measure.ts';
import { type Run, search, THRESHOLD } from './locate/run.ts';
import { scale } from './locate/scale.ts';
import { WORLDS } from './locate/world.ts';

const MOST = 60;

interface Job {
  readonly world: string;
  readonly seeds: readonly number[];
  readonly strategy: 'information' | 'random' | 'batch';
}

function work({ world, seeds, strategy }: Job): readonly Run[] {
  const kind = WORLDS.find(({ name }) => name === world);
  if (kind === undefined) throw new Error(`no world is named ${world}`);
  return seeds.flatMap((seed) => search(kind, seed, { strategy, most: MOST }) ?? []);
}

/** Shares the seeds of a world out over the cores; runs come back in the order of their seeds. */
async function runs(job: Job): Promise<readonly Run[]> {
  const cores = Math.max(1, Math.min(availableParallelism(), 8));
  const parts = Array.from({ length: cores }, (_, core) => job.seeds.filter((_seed, i) => i % cores === core));
  const answers = await Promise.all(
    parts.map(
      (seeds) =>
        new Promise<readonly Run[]>((resolve, reject) => {
          const worker = new Worker(new URL(import.meta.url), { workerData: { ...job, seeds } satisfies Job });
          // A worker of this file sends the runs that `work` made, and nothing else.
          worker.once('message', (message) => resolve(message as readonly Run[]));
          worker.once('error', reject);
        }),
    ),
  );
  return answers[0]?.flatMap((_, i) => answers.flatMap((part) => part[i] ?? [])) ?? [];
}

interface Options {
  readonly json: boolean;
  readonly seed: number;
  readonly runs: number | undefined;
  readonly worlds: readonly string[];
  readonly strategy: Job['strategy'];
  readonly write: boolean;
  readonly length: keyof typeof RUNS;
}

function optionsOf(words: readonly string[]): Options {
  const after = (flag: string) => words.flatMap((word, i) => (word === flag ? [words[i + 1] ?? ''] : []));
  const number = (flag: string): number | undefined => {
    const [text] = after(flag);
    if (text === undefined) return undefined;
    if (!/^\d{1,9}$/.test(text)) throw new Error(`${flag} wants a number`);
    return Number(text);
  };
  const wanted = after('--world');
  return {
    json: words.includes('--json'),
    seed: number('--seed') ?? 1,
    runs: number('--runs'),
    worlds: wanted.length > 0 ? wanted : WORLDS.map(({ name }) => name),
    write: words.includes('--write'),
    length: words.includes('--long') ? 'long' : 'short',
    strategy: words.includes('--random') ? 'random' : words.includes('--batch') ? 'batch' : 'information',
  };
}

/** Runs in the main world, where calibration wants many (with 500, chance alone makes 0.02), and in every other; `--long` for what is published. */
const RUNS = { short: { main: 3000, other: 30 }, long: { main: 3000, other: 60 } } as const;

async function bench(options: Options): Promise<void> {
  const [main = 'main'] = options.worlds;
  const measured: Measured[] = [];
  for (const world of options.worlds) {
    const kind = WORLDS.find(({ name }) => name === world);
    if (kind === undefined) throw new Error(`no world is named ${world}; there are ${WORLDS.map(({ name }) => name).join(', ')}`);
    const count = options.runs ?? (world === main ? RUNS[options.length].main : RUNS[options.length].other);
    const seeds = Array.from({ length: count }, (_, i) => options.seed * 1_000_003 + i);
    const result = measure(kind, await runs({ world, seeds, strategy: options.strategy }), MOST);
    measured.push(result);
    const words = say(result);
    if (options.json) console.error(words);
    else console.log(words);
  }
  if (options.write) {
    const worlds = measured.map(({ world, what, runs: count, falseAccusationRuns }) => ({
      world,
      what,
      runs: count,
      accused: falseAccusationRuns,
    }));
    writeFileSync(
      join(import.meta.dirname, '..', 'src', 'provenance', 'locate', 'measured.json'),
      `${JSON.stringify({ threshold: THRESHOLD, worlds }, null, 2)}\n`,
    );
  }
  const big = options.runs === undefined && options.strategy === 'information' ? scale(options.seed) : undefined;
  const [head] = measured;
  if (head === undefined) return;
  const [cpu] = cpus();
  const summary = {
    precisionAt1After10: head.precisionAt1.after10,
    calibrationError: head.calibrationError,
    calibrationInterval: head.calibrationInterval,
    falseAccusationRate: head.falseAccusationRate,
    meanInspectionsOverBound: head.meanInspectionsOverBound,
    ...(big === undefined ? {} : { scale: big }),
    method: {
      seed: options.seed,
      strategy: options.strategy,
      most: MOST,
      threshold: THRESHOLD,
      machine: `${cpus().length} × ${cpu?.model ?? 'unknown'}, Node ${process.versions.node}`,
    },
    worlds: measured,
  };
  if (options.json) console.log(JSON.stringify(summary, null, 2));
  else if (big !== undefined)
    console.log(
      `\n${big.custodians} custodians, ${big.phones} phones (${big.inspected} inspected, ${big.altered} found altered): ${big.seconds.toFixed(1)} s, ${big.found} of ${big.hands} hands among the likeliest ${big.hands}`,
    );
}

const percent = (p: number) => `${(100 * p).toFixed(1)} %`;

function say(m: Measured): string {
  return [
    `\n${m.world}: ${m.what} (${m.runs} runs)`,
    `  precision@1 after 0/10/20/30 inspections: ${[m.precisionAt1.after0, m.precisionAt1.after10, m.precisionAt1.after20, m.precisionAt1.after30].map(percent).join(', ')}; @3 after 10: ${percent(m.precisionAt3After10)}; recall of all hands at the end: ${percent(m.recallAtHands)}`,
    `  calibration error ${m.calibrationError.toFixed(4)} (95 %: ${m.calibrationInterval.map((one) => one.toFixed(4)).join(' to ')}), Brier ${m.brier.toFixed(4)}; innocent at 0.95 in ${m.falseAccusationRuns} of ${m.runs} runs (${percent(m.falseAccusationRate)})`,
    `  0.95 reached in ${percent(m.reachedShare)}, right in ${percent(m.rightWhenReached)} of these; mean ${m.meanInspections.toFixed(1)} inspections (median ${m.medianInspections}), bound ${m.meanBound.toFixed(1)}: ratio ${m.meanInspectionsOverBound.toFixed(2)}`,
    `  complaint was a hand's work in ${percent(m.complaintByHand)}; precision@1 after 10 by the hand's volume, small to large: ${m.precisionByVolume.map(percent).join(', ')}`,
  ].join('\n');
}

/** For `npm run bench`. */
export const run = (): Promise<void> => bench(optionsOf([]));

// A worker has the job as its data; this file made it.
if (!isMainThread && parentPort !== null) parentPort.postMessage(work(workerData as Job));
else if (import.meta.main) await bench(optionsOf(process.argv.slice(2)));
