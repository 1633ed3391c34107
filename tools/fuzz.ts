/**
 * npm run fuzz [-- TARGET… --seconds N --seed N --no-save]: coverage-guided fuzzing of every `*.fuzz.ts`, or of those named.
 * A small loop of our own: the prebuilt engine of Jazzer.js wants a newer C library than Debian 12 has.
 * The corpus (test/fuzz/TARGET/corpus) is kept minimised; what crashed, hung or ate memory goes to test/fuzz/TARGET/findings, which test/fuzz.test.ts replays for ever.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { WorkerMessage } from './fuzz/worker.ts';

const root = join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' }, save: { type: 'boolean', default: true } },
  allowNegative: true,
});
const seconds = Number(values.seconds);
/** One input may take this much processor time (a loaded machine makes any input slow by the clock); a reader of our formats takes less than a thousandth of it. */
const HANG_MS = 5000;
/** What waits for nothing uses no processor: this long by the clock. */
const WAIT_MS = 60_000;
const CORPUS_MAX = 150;
const INPUT_MAX = 1 << 16;

const targets = globSync('src/**/*.fuzz.ts', { cwd: root })
  .map((path) => ({ path: join(root, path), name: basename(path, '.fuzz.ts') }))
  .filter(({ name }) => positionals.length === 0 || positionals.includes(name));
if (targets.length === 0 || !(seconds > 0)) {
  console.error(
    `fuzz: no target of that name. There are: ${globSync('src/**/*.fuzz.ts', { cwd: root })
      .map((path) => basename(path, '.fuzz.ts'))
      .join(' ')}`,
  );
  process.exit(2);
}

interface Found {
  readonly input: Uint8Array;
  readonly edges: readonly number[];
}

const folderOf = (name: string, kind: 'corpus' | 'findings') => join(root, 'test', 'fuzz', name, kind);
const readInputs = (folder: string) =>
  existsSync(folder) ? readdirSync(folder).map((name) => new Uint8Array(readFileSync(join(folder, name)))) : [];

/** Runs one target for its time; workers that hang or die are replaced. */
async function fuzz(target: {
  readonly path: string;
  readonly name: string;
}): Promise<{ executions: number; found: readonly Found[]; crashes: readonly { input: Uint8Array; error: string }[]; edges: number }> {
  const found: Found[] = [];
  const crashes: { input: Uint8Array; error: string }[] = [];
  const messages = new Set<string>();
  // From the first input on: starting is no fuzzing.
  let deadline = Number.POSITIVE_INFINITY;
  let executions = 0;
  for (let life = 0; Date.now() < deadline && life < 20; life++) {
    const status = new SharedArrayBuffer(12);
    const current = new SharedArrayBuffer(INPUT_MAX);
    const inputs = [...readInputs(folderOf(target.name, 'corpus')), ...found.map(({ input }) => input)];
    const worker = new Worker(new URL('./fuzz/worker.ts', import.meta.url), {
      workerData: {
        target: pathToFileURL(target.path).href,
        sourceRoot: join(root, 'src'),
        inputs,
        seed: Number(values.seed) + life,
        status,
        current,
      },
      execArgv: ['--disable-warning=ExperimentalWarning'],
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    const ended = new Promise<void>((resolve) => {
      worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'ready') deadline = Math.min(deadline, Date.now() + seconds * 1000);
        if (message.kind === 'found') found.push({ input: message.input, edges: message.edges });
        if (message.kind === 'crash') noteCrash(message.input, message.error);
      });
      worker.on('error', (error) => {
        noteCrash(
          new Uint8Array(new Uint8Array(current).slice(0, Atomics.load(new Int32Array(status), 1))),
          `the thread died: ${error.message}`,
        );
        resolve();
      });
      worker.on('exit', () => resolve());
    });
    const noteCrash = (input: Uint8Array, error: string) => {
      // One message is one finding: its first line and place, without numbers.
      const key = error.split('\n').slice(0, 3).join(' ').replaceAll(/\d+/g, 'N');
      if (messages.has(key)) return;
      messages.add(key);
      crashes.push({ input, error });
      console.error(`\n${target.name}: ${error}`);
    };
    const view = new Int32Array(status);
    let last = -1;
    let lastAt = Date.now();
    let lastCpu = process.cpuUsage();
    const cpuMs = () => {
      const { user, system } = process.cpuUsage(lastCpu);
      return (user + system) / 1000;
    };
    const watch = setInterval(() => {
      const count = Atomics.load(view, 0);
      if (count !== last) {
        last = count;
        lastAt = Date.now();
        lastCpu = process.cpuUsage();
      } else if (count > 0 && (cpuMs() > HANG_MS || Date.now() - lastAt > WAIT_MS)) {
        noteCrash(new Uint8Array(current).slice(0, Atomics.load(view, 1)), `hung for more than ${HANG_MS} ms`);
        void worker.terminate();
      }
      if (Date.now() >= deadline) Atomics.store(view, 2, 1);
      if (Date.now() >= deadline + 2 * WAIT_MS) void worker.terminate();
    }, 100);
    await ended;
    clearInterval(watch);
    executions += Atomics.load(view, 0);
  }
  return { executions, found, crashes, edges: new Set(found.flatMap(({ edges }) => edges)).size };
}

/** The smallest inputs that together reach everything that was reached: greedily, small first. */
function minimised(found: readonly Found[]): readonly Uint8Array[] {
  const reached = new Set<number>();
  const kept: Uint8Array[] = [];
  for (const { input, edges } of found.toSorted((a, b) => a.input.length - b.input.length)) {
    if (kept.length >= CORPUS_MAX || edges.every((edge) => reached.has(edge))) continue;
    for (const edge of edges) reached.add(edge);
    kept.push(input);
  }
  return kept;
}

function save(folder: string, inputs: readonly Uint8Array[], replace: boolean): void {
  if (replace) rmSync(folder, { recursive: true, force: true });
  if (inputs.length === 0) return;
  mkdirSync(folder, { recursive: true });
  for (const input of inputs) writeFileSync(join(folder, `${createHash('sha256').update(input).digest('hex').slice(0, 16)}.bin`), input);
}

let failed = 0;
for (const target of targets) {
  const { executions, found, crashes, edges } = await fuzz(target);
  const kept = minimised(found);
  if (values.save) save(folderOf(target.name, 'corpus'), kept, true);
  save(
    folderOf(target.name, 'findings'),
    crashes.map(({ input }) => input),
    false,
  );
  failed += crashes.length;
  console.log(`${target.name}: ${executions} inputs in ${seconds} s, ${edges} edges, corpus of ${kept.length}, ${crashes.length} findings`);
}
process.exitCode = failed > 0 ? 1 : 0;
