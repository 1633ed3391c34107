/** Runs one target on many inputs, in a thread that may hang, run out of memory or die without hurting the one that watches it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { HIT, instrument } from './instrument.ts';
import { mutate, random } from './mutate.ts';

interface Job {
  readonly target: string;
  readonly sourceRoot: string;
  readonly inputs: readonly Uint8Array[];
  readonly seed: number;
  readonly status: SharedArrayBuffer;
  readonly current: SharedArrayBuffer;
}

/** What a worker tells the one that watches it. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly blocks: number; readonly seeds: number }
  | { readonly kind: 'found'; readonly input: Uint8Array; readonly edges: readonly number[] }
  | { readonly kind: 'crash'; readonly input: Uint8Array; readonly error: string };

const MAP_SIZE = 1 << 16;
/** Array buffers do not count towards a worker's heap limit, so they are watched here. */
const BUFFERS_MAX = 512 << 20;

const job = workerData as Job;
const status = new Int32Array(job.status);
const current = new Uint8Array(job.current);

const map = new Uint8Array(MAP_SIZE);
/** The edges of this execution, so that only they are looked at and cleared. */
const touched = new Int32Array(MAP_SIZE);
let touchedCount = 0;
let before = 0;
(globalThis as Record<string, unknown>)[HIT] = (id: number) => {
  const edge = (before ^ id) & (MAP_SIZE - 1);
  const count = map[edge] ?? 0;
  if (count === 0) touched[touchedCount++] = edge;
  if (count < 255) map[edge] = count + 1;
  before = id >>> 1;
};

let blocks = 0;
registerHooks({
  load(url, context, next) {
    if (!url.startsWith('file:') || !url.endsWith('.ts') || !fileURLToPath(url).startsWith(job.sourceRoot)) return next(url, context);
    // Scattered numbers keep the edges of neighbouring blocks apart in the map.
    const firstId = createHash('sha256').update(url).digest().readUInt32LE(0) & 0xffffff;
    const made = instrument(stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8')), firstId);
    blocks += made.blocks;
    return { format: 'module', source: made.code, shortCircuit: true };
  },
});

const target = (await import(job.target)) as { readonly seeds: readonly Uint8Array[]; run(bytes: Uint8Array): Promise<void> | void };
const say = (message: WorkerMessage) => parentPort?.postMessage(message);

/** Counts in classes of 1, 2, 3, 4-7, 8-15 …, as AFL has them: a loop that runs 40 times instead of 41 is nothing new. */
const classOf = (count: number) => (count < 4 ? count : 2 + Math.floor(Math.log2(count)));
const seen = new Uint8Array(MAP_SIZE);
const corpus: Uint8Array[] = [];
const next = random(job.seed);

async function execute(input: Uint8Array): Promise<void> {
  // The watcher reads the input that hung from here.
  Atomics.store(status, 1, Math.min(input.length, current.length));
  current.set(input.subarray(0, current.length));
  Atomics.add(status, 0, 1);
  before = 0;
  try {
    await target.run(input.slice());
  } catch (error) {
    say({ kind: 'crash', input, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
  const edges: number[] = [];
  let isNew = false;
  for (const i of touched.subarray(0, touchedCount)) {
    const count = map[i] ?? 0;
    map[i] = 0;
    const bit = 1 << Math.min(7, classOf(count) - 1);
    if (((seen[i] ?? 0) & bit) === 0) {
      seen[i] = (seen[i] ?? 0) | bit;
      isNew = true;
    }
    edges.push(i * 16 + classOf(count));
  }
  touchedCount = 0;
  if (!isNew) return;
  corpus.push(input);
  say({ kind: 'found', input, edges });
}

say({ kind: 'ready', blocks, seeds: target.seeds.length });
for (const input of [...target.seeds, ...job.inputs]) await execute(input);
if (corpus.length === 0) corpus.push(new Uint8Array(0));
for (let round = 0; Atomics.load(status, 2) === 0; round++) {
  await execute(mutate(corpus, next));
  if (round % 256 === 0) {
    const { arrayBuffers } = process.memoryUsage();
    if (arrayBuffers > BUFFERS_MAX) throw new Error(`array buffers of ${arrayBuffers} bytes`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
