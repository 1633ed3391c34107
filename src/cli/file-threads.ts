/** Work on many files by several threads, each of which opens its own: answers come in the order of the files, and a file that ends its thread costs itself. */
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { callerPath } from './paths.ts';

/** More threads would need more memory, and no disk feeds them. */
const THREADS_MAX = 4;
/** A thread takes as long to start as this takes to work on. */
const WORTH_A_THREAD = 64 << 20;
/** What a thread's heap may hold: directories and manifests, not the files. */
const HEAP_MIB = 512;
/** Small, so that what was read is given back early. */
const YOUNG_MIB = 8;

/** How many threads are worth starting for files; below two, none is. */
export async function threadsFor(files: readonly string[]): Promise<number> {
  return Math.min(THREADS_MAX, availableParallelism(), files.length, Math.floor((await bytesOf(files)) / WORTH_A_THREAD));
}

async function bytesOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    files.slice(0, 1000).map((file) =>
      stat(callerPath(file)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Which threads to start. */
export interface Threads<Job, Outcome> {
  /** The module that answers each job with one message, beside this one and without its ending. */
  readonly module: string;
  /** What every thread gets when it starts. */
  readonly data?: unknown;
  readonly count: number;
  /** The answer for a job over which its thread ended. */
  readonly failed: (job: Job, because: string) => Outcome;
}

/** Gives jobs to threads. What each answers comes in the order of the jobs. */
export async function* inThreads<Job, Outcome>(jobs: readonly Job[], threads: Threads<Job, Outcome>): AsyncGenerator<Outcome> {
  const outcomes: (Promise<Outcome> | undefined)[] = jobs.map(() => undefined);
  const settle: ((outcome: Outcome) => void)[] = [];
  for (const index of jobs.keys()) {
    outcomes[index] = new Promise((resolve) => {
      settle[index] = resolve;
    });
  }
  let next = 0;
  let stopped = false;
  const work = async (): Promise<void> => {
    let worker: Worker | undefined;
    for (let index = next++; index < jobs.length && !stopped; index = next++) {
      const job = jobs[index];
      if (job === undefined) break;
      worker ??= startWorker(threads);
      const outcome = await ask<Outcome>(worker, job);
      // A thread that is gone took nothing with it but this job.
      if (outcome instanceof Error) worker = undefined;
      settle[index]?.(outcome instanceof Error ? threads.failed(job, outcome.message) : outcome);
    }
    await worker?.terminate();
  };
  const running = Promise.all(Array.from({ length: threads.count }, work));
  try {
    for (const index of jobs.keys()) {
      const waiting = outcomes[index];
      if (waiting === undefined) break;
      const outcome = await waiting;
      // What was given out is not held.
      outcomes[index] = undefined;
      yield outcome;
    }
  } finally {
    stopped = true;
    await running;
  }
}

function startWorker({ module, data }: Pick<Threads<unknown, unknown>, 'module' | 'data'>): Worker {
  const file = `${module}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`;
  return new Worker(new URL(file, import.meta.url), {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
  });
}

/** One answer of a thread; an Error where the thread ended over it. */
function ask<Outcome>(worker: Worker, job: unknown): Promise<Outcome | Error> {
  return new Promise((resolve) => {
    const done = (outcome: Outcome | Error) => {
      worker.off('message', done);
      worker.off('error', failed);
      worker.off('exit', ended);
      resolve(outcome);
    };
    const failed = (error: unknown) => done(error instanceof Error ? error : new Error(String(error)));
    const ended = (code: number) => done(new Error(`the thread that worked on it ended with ${code}`));
    worker.on('message', done);
    worker.on('error', failed);
    worker.on('exit', ended);
    worker.postMessage(job);
  });
}
