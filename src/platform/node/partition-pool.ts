/** Threads that examine partitions. What lies in files, or is decoded from one, they read themselves; other sources stay in this thread. */
import { getCompileCacheDir } from 'node:module';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Source } from '../../bytes/index.ts';
import type { PartitionRunner } from '../../references/index.ts';
import type { FromWorker, Job, JobResult, ThreadShare, ToWorker } from './partition-messages.ts';
import { errorOf, refusalOf } from './refusal.ts';

/** More threads would need more memory, and no disk feeds them. */
const THREADS_MAX = 4;
/** What a thread's JavaScript heap may hold: rows of a partition, not its bytes. */
const HEAP_MIB = 512;
/** Small, so that pieces of images that were used are given back early: most of a thread's memory is such. */
const YOUNG_MIB = 4;

export interface PartitionPool {
  readonly threads: number;
  readonly examine: PartitionRunner;
  run(job: Job, source: Source, report?: (bytes: number) => void): Promise<JobResult>;
  close(): Promise<void>;
}

/** Starts threads as they are needed; close the pool when done. */
export function openPartitionPool(threads = Math.min(THREADS_MAX, availableParallelism())): PartitionPool {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const queue: ((worker: Worker) => void)[] = [];
  const take = async (): Promise<Worker> => {
    const free = idle.pop();
    if (free !== undefined) return free;
    if (all.size < threads) return start();
    return new Promise((resolve) => queue.push(resolve));
  };
  const cache = getCompileCacheDir();
  const share: ThreadShare = { decoding: new SharedArrayBuffer(4), cores: availableParallelism() };
  const start = (): Worker => {
    const file = import.meta.url.endsWith('.ts') ? './partition-worker.ts' : './partition-worker.js';
    const worker = new Worker(new URL(file, import.meta.url), {
      // Compiled code is kept for threads too: without it each compiles what the first thread just did (550 ms of CPU time against 200, measured).
      env: { ...process.env, ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }) },
      workerData: share,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    all.add(worker);
    return worker;
  };
  const release = (worker: Worker) => {
    const next = queue.shift();
    if (next === undefined) idle.push(worker);
    else next(worker);
  };
  const run: PartitionPool['run'] = async (job, source, report) => {
    const worker = await take();
    try {
      const result = await converse(worker, { job, source, report });
      release(worker);
      return result;
    } catch (error) {
      // A thread that failed may be gone, or hold what it was doing: another one takes its place.
      all.delete(worker);
      void worker.terminate();
      const next = queue.shift();
      if (next !== undefined) next(start());
      throw error;
    }
  };
  return {
    threads,
    run,
    async examine(source, question, report) {
      const result = await run({ kind: 'examine', size: source.size, question }, source, report);
      if (result.kind !== 'examine') throw new Error('a thread answered another question');
      return result.part;
    },
    async close() {
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

interface Conversation {
  readonly job: Job;
  readonly source: Source;
  readonly report: ((bytes: number) => void) | undefined;
}

async function converse(worker: Worker, { job, source, report }: Conversation): Promise<JobResult> {
  // Loaded when there is firmware: it brings the readers of images, which a phone has no use for.
  const { recipeOf } = await import('./source-recipe.ts');
  const recipe = recipeOf(source);
  return new Promise((resolve, reject) => {
    const say = (message: ToWorker, transfer: readonly ArrayBuffer[] = []) => worker.postMessage(message, [...transfer]);
    const onMessage = (message: FromWorker) => {
      switch (message.kind) {
        case 'read':
          source.read(message.at, message.length).then(
            (bytes) => {
              if (message.into !== undefined) {
                new Uint8Array(message.into).set(bytes);
                say({ kind: 'bytes', read: message.read, bytes: undefined });
                return;
              }
              // A copy of its own: what is sent is gone here, and a source may keep what it answered.
              const copy = new Uint8Array(bytes);
              say({ kind: 'bytes', read: message.read, bytes: copy }, [copy.buffer]);
            },
            (error: unknown) => say({ kind: 'refused', read: message.read, refusal: refusalOf(error) }),
          );
          return;
        case 'progress':
          report?.(message.bytes);
          return;
        case 'done':
          end();
          resolve(message.result);
          return;
        case 'failed':
          end();
          reject(errorOf(message.refusal));
      }
    };
    const onError = (error: Error) => {
      end();
      reject(error);
    };
    const onExit = (code: number) => onError(new Error(`a thread ended with ${code}`));
    const end = () => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
    say({ kind: 'job', job, recipe });
  });
}
