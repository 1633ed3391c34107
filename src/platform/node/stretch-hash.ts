/** Digests of stretches of a large file, taken by a thread that reads the same open file: the main thread goes on with what is left to do. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Source, StretchHashPort } from '../../bytes/index.ts';
import { fileDescriptorOf } from './files.ts';

/** Files from this size on are worth the start of a thread. */
const FILE_MIN = 16 << 20;
/** A thread needs little: it holds one buffer. */
const HEAP_MIB = 32;
const YOUNG_MIB = 1;

/** What the thread is asked. */
export interface StretchJob {
  readonly id: number;
  readonly descriptor: number;
  readonly algorithm: string;
  readonly stretches: readonly { readonly at: number; readonly length: number; readonly prefix: Uint8Array }[];
}

/** What it answers: digests in order, or why not. */
export type StretchAnswer =
  | { readonly id: number; readonly digests: readonly Uint8Array[] }
  | { readonly id: number; readonly error: string };

interface Lane {
  readonly worker: Worker;
  readonly waiting: Map<number, { readonly resolve: (digests: readonly Uint8Array[]) => void; readonly reject: (error: Error) => void }>;
}

let lane: Lane | undefined;
let jobs = 0;

/** Hashes stretches of files that this room opened, where the machine has a second core. @throws through its promise what reading throws */
export const nodeStretches: StretchHashPort = (source: Source, algorithm, stretches) => {
  const descriptor = fileDescriptorOf(source);
  if (descriptor === undefined || source.size < FILE_MIN || availableParallelism() < 2) return undefined;
  lane ??= startLane();
  const { worker, waiting } = lane;
  const id = jobs++;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.ref();
    const job: StretchJob = { id, descriptor, algorithm, stretches };
    worker.postMessage(job);
  });
};

/**
 * The thread's whole program: hashes stretches of open files, one job after the other, through one buffer. It is handed over as text, because a thread
 * that loads no module starts in a quarter of the time and takes 30 MB less than one that brings up a loader (measured). So it may use nothing from outside.
 */
function hashStretches(): void {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const { readSync } = process.getBuiltinModule('node:fs');
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  const buffer = new Uint8Array(1 << 20);
  const digestOf = ({ descriptor, algorithm }: StretchJob, { at, length, prefix }: StretchJob['stretches'][number]): Uint8Array => {
    const hash = createHash(algorithm);
    if (prefix.length > 0) hash.update(prefix);
    for (let done = 0; done < length; ) {
      const read = readSync(descriptor, buffer, 0, Math.min(buffer.length, length - done), at + done);
      if (read === 0) throw new Error(`the file ends at ${at + done}, ${length - done} bytes early`);
      hash.update(buffer.subarray(0, read));
      done += read;
    }
    return new Uint8Array(hash.digest());
  };
  parentPort?.on('message', (job: StretchJob) => {
    const { id } = job;
    let answer: StretchAnswer;
    try {
      answer = { id, digests: job.stretches.map((stretch) => digestOf(job, stretch)) };
    } catch (error) {
      answer = { id, error: error instanceof Error ? error.message : String(error) };
    }
    parentPort.postMessage(answer);
  });
}

function startLane(): Lane {
  const worker = new Worker(`(${hashStretches.toString()})()`, {
    eval: true,
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
  });
  const waiting: Lane['waiting'] = new Map();
  const started: Lane = { worker, waiting };
  worker.on('message', (answer: StretchAnswer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    // Between files it keeps nobody from ending.
    if (waiting.size === 0) worker.unref();
    if ('error' in answer) asked?.reject(new Error(answer.error));
    else asked?.resolve(answer.digests);
  });
  const fail = (error: Error) => {
    if (lane === started) lane = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`the hashing thread ended with ${code}`)));
  worker.unref();
  return started;
}
