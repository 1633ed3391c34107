/**
 * npm run -s bench:locate -- [--json] [--seed N] [--runs N] [--world NAME …] [--random] [--batch] [--long] [--write]: how well the locator finds who did it, in worlds that it does not know.
 * Each run makes a world from its seed, takes one complaint about an altered phone, and inspects what the locator proposes, up to 60 phones or until ten are
 * inspected and somebody is at 0.95. Calibration is over posteriors above 0.1 of every custodian, after 0, 10, 20, 30 inspections and at the end.
 * The bound is Fano's, computed from the entropy after the complaint and the capacity of an inspection at the world's true share; runs that do not end count as 60
 * on both sides. By default so many worlds that it ends in about two minutes on two cores; `--long` for what is published. `--write` keeps how often innocents were accused in src/provenance/locate/measured.json, which is said beside every name.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort } from 'node:worker_threads';
import { type Measured, measure } from './locate/measure.ts';
import { Pool } from './locate/pool.ts';
import { type Run, search, THRESHOLD } from './locate/run.ts';
import { type Scale, scale } from './locate/scale.ts';
import { WORLDS, type WorldKind } from './locate/world.ts';

const MOST = 60;

/** Seeds of one world, or the large network. */
type Job =
  | { readonly world: string; readonly seeds: readonly number[]; readonly strategy: 'information' | 'random' | 'batch' }
  | { readonly scale: number };

function work(job: Job): readonly Run[] | Scale {
  if ('scale' in job) return scale(job.scale);
  const { world, seeds, strategy } = job;
  return seeds.flatMap((seed) => search(kindOf(world), seed, { strategy, most: MOST }) ?? []);
}

function kindOf(world: string): WorldKind {
  const kind = WORLDS.find(({ name }) => name === world);
  if (kind === undefined) throw new Error(`no world is named ${world}; there are ${WORLDS.map(({ name }) => name).join(', ')}`);
  return kind;
}

/** Worlds that a worker is given at once: few enough that none waits long for the last. */
const PART = 8;

interface Options {
  readonly json: boolean;
  readonly seed: number;
  readonly runs: number | undefined;
  readonly worlds: readonly string[];
  readonly strategy: 'information' | 'random' | 'batch';
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

/** Worlds of the main kind, where calibration wants many (with 500, chance alone makes 0.02; with 1,500, some 0.012), and of every other. */
const RUNS = { short: { main: 1500, other: 4 }, long: { main: 3000, other: 60 } } as const;

async function bench(options: Options): Promise<void> {
  const begun = performance.now();
  const [main = 'main'] = options.worlds;
  const kinds = options.worlds.map(kindOf);
  const pool = new Pool(new URL(import.meta.url), Math.max(1, Math.min(availableParallelism(), 8)));
  // The workers run this file and answer what `work` does. The large network is one long job, so it begins first.
  const scaled =
    options.runs === undefined && options.strategy === 'information' ? (pool.run({ scale: options.seed }) as Promise<Scale>) : undefined;
  const found = kinds.map((kind) => {
    const count = options.runs ?? (kind.name === main ? RUNS[options.length].main : RUNS[options.length].other);
    const seeds = Array.from({ length: count }, (_, i) => options.seed * 1_000_003 + i);
    const parts = Array.from({ length: Math.ceil(count / PART) }, (_, i) => seeds.slice(i * PART, (i + 1) * PART));
    const job = { world: kind.name, strategy: options.strategy };
    return Promise.all(parts.map((part) => pool.run({ ...job, seeds: part } satisfies Job) as Promise<readonly Run[]>));
  });
  const measured: Measured[] = [];
  for (const [i, kind] of kinds.entries()) {
    const result = measure(kind, (await found[i])?.flat() ?? [], MOST);
    measured.push(result);
    const words = say(result);
    if (options.json) console.error(words);
    else console.log(words);
  }
  const big = await scaled;
  await pool.close();
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
  const [head] = measured;
  if (head === undefined) return;
  const [cpu] = cpus();
  const summary = {
    precisionAt1After10: head.precisionAt1.after10,
    calibrationError: head.calibrationError,
    calibrationInterval: head.calibrationInterval,
    worldsOfMain: head.runs,
    falseAccusationRate: head.falseAccusationRate,
    falseAccusationInterval: head.falseAccusationInterval,
    meanInspectionsOverBound: head.meanInspectionsOverBound,
    ...(big === undefined ? {} : { scale: big }),
    method: {
      seed: options.seed,
      strategy: options.strategy,
      most: MOST,
      threshold: THRESHOLD,
      runs: measured.map(({ world, runs }) => `${world} ${runs}`).join(', '),
      calibrationInterval:
        '2.5 % and 97.5 % of the calibration error over the worlds of the main kind drawn again with replacement, 200 times',
      seconds: Math.round((performance.now() - begun) / 1000),
      machine: `${cpus().length} × ${cpu?.model ?? 'unknown'}, Node ${process.versions.node}`,
    },
    worlds: measured,
  };
  if (options.json) console.log(JSON.stringify(summary, null, 2));
  else if (big !== undefined)
    console.log(
      `\n${big.custodians} custodians, ${big.phones} phones (${big.inspected} inspected, ${big.altered} found altered): ${big.seconds.toFixed(1)} s (${big.processorSeconds.toFixed(1)} s of one processor), samplers ${big.disagreement?.toFixed(3)} apart, ${big.found} of ${big.hands} hands among the likeliest ${big.hands}`,
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

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  // `bench` is on the other side and sends nothing but jobs.
  port.on('message', (job) => port.postMessage(work(job as Job)));
} else if (import.meta.main) await bench(optionsOf(process.argv.slice(2)));
