/** A thread that examines partitions, one after the other. It opens no file: it reads those that it is given by their numbers, and asks for what lies in none. */
import { parentPort, workerData } from 'node:worker_threads';
import { concatBytes, readPiece, type Source } from '../../bytes/index.ts';
import { leafDigests, leafJob } from '../../formats/android/index.ts';
import { examinePartition } from '../../references/firmware/index.ts';
import { nodeCodec, nodeInflate } from './codecs.ts';
import { fileBlockDigests } from './file-blocks.ts';
import { nodeHash } from './hash.ts';
import type { FromWorker, Job, JobResult, Order, ThreadShare, ToWorker } from './partition-messages.ts';
import { errorOf, refusalOf } from './refusal.ts';
import { type DecodingPorts, fileRunOf, openRecipe, type SourceRecipe } from './source-recipe.ts';
import { openSpool } from './spool.ts';
import { nodeStream } from './streams.ts';
import { nodeVerify } from './verify.ts';
import { windowSource } from './windows.ts';

/** Progress is told about as often. */
const WINDOW = 4 << 20;
/** Whole blocks of every size that dm-verity has. */
const LEAF_WINDOW = 1 << 20;
/** Windows of a MiB kept: the pass over an image is never far behind the reading of its files. */
const WINDOWS = 16;
const port = parentPort;
if (port === null) throw new Error('this file is for a worker thread');
const say = (message: FromWorker, transfer: readonly ArrayBuffer[] = []) => port.postMessage(message, [...transfer]);

const asked = new Map<number, { readonly resolve: (bytes: Uint8Array | undefined) => void; readonly reject: (error: Error) => void }>();
let reads = 0;

const ask = (at: number, length: number, into: SharedArrayBuffer | undefined): Promise<Uint8Array | undefined> =>
  new Promise((resolve, reject) => {
    const read = reads++;
    asked.set(read, { resolve, reject });
    say({ kind: 'read', read, at, length, into });
  });

const remoteSource = (size: number): Source => ({
  size,
  read: async (at, length) => (await ask(at, length, undefined)) ?? new Uint8Array(length),
});

// The pool starts threads with nothing else.
const { decoding, cores } = workerData as ThreadShare;
const busy = new Int32Array(decoding);
const lanes: DecodingPorts['lanes'] = {
  take: () => Atomics.add(busy, 0, 1),
  give: () => Atomics.sub(busy, 0, 1),
  isFree: () => Atomics.load(busy, 0) < cores,
};

const ports = { hash: nodeHash, codec: nodeCodec, verify: nodeVerify, inflate: nodeInflate };

async function run({ job, recipe }: Order): Promise<JobResult> {
  if (job.kind === 'examine') {
    const spool = openSpool();
    try {
      const source = sourceOf(job, recipe, { lanes, large: { stream: nodeStream, spool: spool.spool } });
      let told = 0;
      const part = await examinePartition(source, job.question, ports, (bytes) => {
        if (bytes - told < WINDOW && bytes < job.size) return;
        told = bytes;
        say({ kind: 'progress', bytes });
      });
      return { kind: 'examine', part };
    } finally {
      await spool.close();
    }
  }
  const { shape, from, to } = job;
  const run = recipe?.kind === 'file' ? fileRunOf(recipe.runs, from, to - from) : undefined;
  if (run !== undefined) return { kind: 'leaves', leaves: fileBlockDigests(run, leafJob(shape)) };
  return { kind: 'leaves', leaves: await (recipe === undefined ? askedLeaves(job) : ownLeaves(job, openRecipe(recipe, { lanes }))) };
}

/** What is decoded is answered as it lies; a file, or what is asked for, through windows. */
function sourceOf({ size }: Job, recipe: SourceRecipe | undefined, decoding: DecodingPorts): Source {
  const source = recipe === undefined ? remoteSource(size) : openRecipe(recipe, decoding);
  return recipe?.kind === 'payload' ? source : windowSource(source, WINDOWS);
}

type LeavesJob = Job & { readonly kind: 'leaves' };

/** Hashes one window while the next one comes into the other: memory that both threads see, used again and again. */
async function askedLeaves({ shape, from, to }: LeavesJob): Promise<Uint8Array<ArrayBuffer>> {
  const buffers = [new SharedArrayBuffer(LEAF_WINDOW), new SharedArrayBuffer(LEAF_WINDOW)] as const;
  const load = async (at: number, turn: number): Promise<Uint8Array> => {
    const length = Math.min(LEAF_WINDOW, to - at);
    const into = buffers[turn % 2 === 0 ? 0 : 1];
    await ask(at, length, into);
    return new Uint8Array(into, 0, length);
  };
  const pieces: Uint8Array[] = [];
  let next = load(from, 0);
  for (let at = from, turn = 1; at < to; at += LEAF_WINDOW, turn++) {
    const bytes = await next;
    if (at + LEAF_WINDOW < to) next = load(at + LEAF_WINDOW, turn);
    next.catch(() => undefined);
    pieces.push(leafDigests(bytes, shape, nodeHash));
  }
  return new Uint8Array(concatBytes(pieces));
}

async function ownLeaves({ shape, from, to }: LeavesJob, source: Source): Promise<Uint8Array<ArrayBuffer>> {
  const buffer = new Uint8Array(LEAF_WINDOW);
  const pieces: Uint8Array[] = [];
  for (let at = from; at < to; at += LEAF_WINDOW)
    pieces.push(leafDigests(await readPiece(source, at, Math.min(LEAF_WINDOW, to - at), buffer), shape, nodeHash));
  return new Uint8Array(concatBytes(pieces));
}

port.on('message', (message: ToWorker) => {
  if (message.kind === 'job') {
    run(message).then(
      (result) => say({ kind: 'done', result }, result.kind === 'leaves' ? [result.leaves.buffer] : []),
      (error: unknown) => say({ kind: 'failed', refusal: refusalOf(error) }),
    );
    return;
  }
  const waiting = asked.get(message.read);
  asked.delete(message.read);
  if (message.kind === 'bytes') waiting?.resolve(message.bytes);
  else waiting?.reject(errorOf(message.refusal));
});
