/** Many APKs by several threads, each of which opens the files that it verifies: answers come in the order of the files, and a bad file costs itself. */
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { apkPorts, type LevelRange, type VerifyOutcome, verifyFile } from './apk-verify.ts';
import { callerPath } from './paths.ts';

/** More threads would need more memory, and no disk feeds them. */
const THREADS_MAX = 4;
/** A thread takes as long to start as this takes to verify. */
const WORTH_A_THREAD = 64 << 20;
/** What a thread's heap may hold: directories and manifests, not the files. */
const HEAP_MIB = 512;
/** Small, so that what was read is given back early. */
const YOUNG_MIB = 8;

/** What a thread is asked. */
export interface VerifyJob {
  readonly file: string;
  readonly range: LevelRange;
}

/** Verifies files; by threads where there is enough to do. `threads` is for measuring. */
export async function* verifyFiles(files: readonly string[], range: LevelRange, threads?: number): AsyncGenerator<VerifyOutcome> {
  const wanted =
    threads ?? Math.min(THREADS_MAX, availableParallelism(), files.length, Math.floor((await bytesOf(files)) / WORTH_A_THREAD));
  if (wanted < 2) {
    for (const file of files) yield verifyFile(file, range, { ports: apkPorts });
    return;
  }
  const outcomes: (Promise<VerifyOutcome> | undefined)[] = files.map(() => undefined);
  const settle: ((outcome: VerifyOutcome) => void)[] = [];
  for (const index of files.keys()) {
    outcomes[index] = new Promise((resolve) => {
      settle[index] = resolve;
    });
  }
  let next = 0;
  let stopped = false;
  const work = async (): Promise<void> => {
    let worker: Worker | undefined;
    for (let index = next++; index < files.length && !stopped; index = next++) {
      const file = files[index] ?? '';
      worker ??= startWorker();
      const outcome = await ask(worker, { file, range });
      // A thread that is gone took nothing with it but this file.
      if (outcome instanceof Error) worker = undefined;
      settle[index]?.(outcome instanceof Error ? { source: file, error: outcome.message } : outcome);
    }
    await worker?.terminate();
  };
  const running = Promise.all(Array.from({ length: wanted }, work));
  try {
    for (const index of files.keys()) {
      const outcome = await outcomes[index];
      // What was given out is not held.
      outcomes[index] = undefined;
      if (outcome !== undefined) yield outcome;
    }
  } finally {
    stopped = true;
    await running;
  }
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

function startWorker(): Worker {
  const file = import.meta.url.endsWith('.ts') ? './apk-worker.ts' : './apk-worker.js';
  return new Worker(new URL(file, import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
  });
}

/** One answer of a thread; an Error where the thread ended over it. */
function ask(worker: Worker, job: VerifyJob): Promise<VerifyOutcome | Error> {
  return new Promise((resolve) => {
    const done = (outcome: VerifyOutcome | Error) => {
      worker.off('message', done);
      worker.off('error', failed);
      worker.off('exit', ended);
      resolve(outcome);
    };
    const failed = (error: unknown) => done(error instanceof Error ? error : new Error(String(error)));
    const ended = (code: number) => done(new Error(`the thread that verified it ended with ${code}`));
    worker.on('message', done);
    worker.on('error', failed);
    worker.on('exit', ended);
    worker.postMessage(job);
  });
}
