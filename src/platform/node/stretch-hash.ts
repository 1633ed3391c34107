/**
 * Digests of stretches of a large file, by two threads that read the same open file: one of its own from the start, and whoever waits for the answer.
 * Each takes the next piece of work that nobody has taken yet, so that neither waits while there is any.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { HashAlgorithm, Source, Stretch, StretchDigests, StretchHashPort, StretchWork } from '../../bytes/index.ts';
import { fileDescriptorOf } from './files.ts';
import { type StretchJob, unitRunner } from './stretch-units.ts';
import { makeUnpacker } from './stretch-unpack.ts';

/** Files from this size on are worth the start of a thread. */
const FILE_MIN = 16 << 20;
/** A thread needs little: it holds one buffer, and what unpacking leaves. */
const HEAP_MIB = 32;
const YOUNG_MIB = 2;
/** What is read at once, into a buffer of this size (`unitRunner`); stretches that lie together within it are one piece of work. */
const UNIT = 256 << 10;
const PREFIX_MAX = 8;
/** Numbers a stretch. */
const WIDTH = 5;
const DIGEST_SIZES: Readonly<Record<HashAlgorithm, number>> = { md5: 16, sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 };

/** What the thread answers when there is nothing left to take, or when it cannot go on. */
export interface StretchAnswer {
  readonly id: number;
  readonly error?: string;
}

interface Lane {
  readonly worker: Worker;
  readonly waiting: Map<number, (error: Error | undefined) => void>;
}

let lane: Lane | undefined;
let jobs = 0;
/** This thread's part of the work. */
let runUnit: ReturnType<typeof unitRunner> | undefined;

/** Hashes stretches of files that this room opened, where the machine has a second core. */
export const nodeStretches: StretchHashPort = (source: Source, algorithm, stretches) => {
  const descriptor = fileDescriptorOf(source);
  if (descriptor === undefined || source.size < FILE_MIN || availableParallelism() < 2) return undefined;
  const job = packJob({ descriptor, algorithm }, stretches);
  if (job === undefined) return undefined;
  // Asked for nothing, it is as good a time as any for the thread to start.
  lane ??= startLane();
  return stretches.length === 0 ? NOTHING : workOn(job, algorithm, lane);
};

const NOTHING: StretchWork = {
  finish: async () => ({ bytes: new Uint8Array(0), size: 0, states: new Uint8Array(0) }),
  stop: async () => undefined,
};

function workOn(job: StretchJob, algorithm: HashAlgorithm, { worker, waiting }: Lane): StretchWork {
  const units = job.firsts.length - 1;
  const ended = new Promise<Error | undefined>((resolve) => waiting.set(job.id, resolve));
  worker.postMessage(job);
  const doneUnits = () => Atomics.load(job.counters, 1);
  /** Waits for the other thread, unless it has nothing in hand: it may not even have started. */
  const settle = async (expected: number): Promise<Error | undefined> => {
    if (doneUnits() >= expected) return undefined;
    worker.ref();
    const error = await ended;
    // Between files it keeps nobody from ending.
    worker.unref();
    return error;
  };
  const stop = async (): Promise<void> => {
    await settle(Math.min(units, Atomics.exchange(job.counters, 0, units)));
  };
  const finish = async (): Promise<StretchDigests> => {
    runUnit ??= unitRunner(makeUnpacker);
    try {
      // Between two pieces what else this thread has begun goes on.
      while (runUnit(job)) await new Promise((resolve) => setImmediate(resolve));
    } catch (error) {
      await stop();
      throw error;
    }
    const error = await settle(units);
    if (doneUnits() < units) throw error ?? new Error('the hashing thread left work behind');
    // Copies, because what two threads share is not what others expect bytes to be.
    return { bytes: new Uint8Array(job.digests), size: DIGEST_SIZES[algorithm], states: new Uint8Array(job.states) };
  };
  return { finish, stop };
}

/** The work as two threads share it; undefined for stretches that are none of its kind. */
function packJob(
  { descriptor, algorithm }: Pick<StretchJob, 'descriptor' | 'algorithm'>,
  stretches: readonly Stretch[],
): StretchJob | undefined {
  const count = stretches.length;
  const columns = new Float64Array(new SharedArrayBuffer(count * WIDTH * 8));
  const prefixes = new Uint8Array(new SharedArrayBuffer(count * PREFIX_MAX));
  const firsts: number[] = [];
  let unitStart = 0;
  let end = -1;
  // By index, and number by number: there are thousands.
  for (let index = 0; index < count; index++) {
    const stretch = stretches[index];
    if (stretch === undefined) break;
    const { at, length, prefix, unpacked, crc32 } = stretch;
    if (prefix.length > PREFIX_MAX || (unpacked !== undefined && (length > UNIT || prefix.length > 0))) return undefined;
    const column = index * WIDTH;
    columns[column] = at;
    columns[column + 1] = length;
    columns[column + 2] = unpacked ?? -1;
    columns[column + 3] = prefix.length;
    columns[column + 4] = crc32 ?? -1;
    if (prefix.length > 0) prefixes.set(prefix, index * PREFIX_MAX);
    if (prefix.length > 0 || length > UNIT) {
      firsts.push(index);
      end = -1;
      continue;
    }
    if (end < 0 || at < end || at + length - unitStart > UNIT) {
      firsts.push(index);
      unitStart = at;
    }
    end = at + length;
  }
  firsts.push(count);
  const shared = new Int32Array(new SharedArrayBuffer(firsts.length * 4));
  shared.set(firsts);
  const size = DIGEST_SIZES[algorithm as HashAlgorithm];
  return {
    id: jobs++,
    descriptor,
    algorithm,
    columns,
    prefixes,
    firsts: shared,
    counters: new Int32Array(new SharedArrayBuffer(8)),
    digests: new Uint8Array(new SharedArrayBuffer(count * size)),
    states: new Uint8Array(new SharedArrayBuffer(count)),
  };
}

/** The thread's whole program. */
function serve(run: (job: StretchJob) => boolean): void {
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  parentPort?.on('message', (job: StretchJob) => {
    const { id } = job;
    try {
      while (run(job));
      parentPort.postMessage({ id });
    } catch (error) {
      parentPort.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
    }
  });
}

/**
 * The program is handed over as text, because a thread that loads no module starts in a quarter of the time and takes 30 MB less than one that brings up a
 * loader (measured).
 */
function startLane(): Lane {
  const worker = new Worker(`(${serve.toString()})((${unitRunner.toString()})(${makeUnpacker.toString()}))`, {
    eval: true,
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
  });
  const waiting: Lane['waiting'] = new Map();
  const started: Lane = { worker, waiting };
  worker.on('message', ({ id, error }: StretchAnswer) => {
    waiting.get(id)?.(error === undefined ? undefined : new Error(error));
    waiting.delete(id);
  });
  const fail = (error: Error) => {
    if (lane === started) lane = undefined;
    for (const end of waiting.values()) end(error);
    waiting.clear();
  };
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`the hashing thread ended with ${code}`)));
  worker.unref();
  return started;
}
