/** A thread that examines partitions, one after the other. It holds no file: it asks for bytes. */
import { parentPort } from 'node:worker_threads';
import type { Source } from '../../bytes/index.ts';
import { leafDigests } from '../../formats/android/index.ts';
import { examinePartition } from '../../references/index.ts';
import { nodeCodec, nodeInflate } from './codecs.ts';
import { nodeHash } from './hash.ts';
import type { FromWorker, Job, JobResult, ToWorker } from './partition-messages.ts';
import { errorOf, refusalOf } from './refusal.ts';
import { nodeVerify } from './verify.ts';
import { windowSource } from './windows.ts';

const WINDOW = 4 << 20;
/** Windows of a MiB kept: the pass over an image is never far behind the reading of its files. */
const WINDOWS = 16;
const port = parentPort;
if (port === null) throw new Error('this file is for a worker thread');
const say = (message: FromWorker, transfer: readonly ArrayBuffer[] = []) => port.postMessage(message, [...transfer]);

const asked = new Map<number, { readonly resolve: (bytes: Uint8Array) => void; readonly reject: (error: Error) => void }>();
let reads = 0;

const remoteSource = (size: number): Source => ({
  size,
  read: (at, length) =>
    new Promise((resolve, reject) => {
      const read = reads++;
      asked.set(read, { resolve, reject });
      say({ kind: 'read', read, at, length });
    }),
});

const ports = { hash: nodeHash, codec: nodeCodec, verify: nodeVerify, inflate: nodeInflate };

async function run(job: Job): Promise<JobResult> {
  const remote = remoteSource(job.size);
  if (job.kind === 'examine') {
    const source = windowSource(remote, WINDOWS);
    let told = 0;
    const part = await examinePartition(source, job.question, ports, (bytes) => {
      if (bytes - told < WINDOW && bytes < job.size) return;
      told = bytes;
      say({ kind: 'progress', bytes });
    });
    return { kind: 'examine', part };
  }
  const pieces: Uint8Array[] = [];
  let next = remote.read(job.from, Math.min(WINDOW, job.to - job.from));
  for (let at = job.from; at < job.to; at += WINDOW) {
    const bytes = await next;
    const after = at + WINDOW;
    // The next piece comes while this one is hashed.
    if (after < job.to) next = remote.read(after, Math.min(WINDOW, job.to - after));
    next.catch(() => undefined);
    pieces.push(leafDigests(bytes, job.shape, nodeHash));
  }
  const leaves = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    leaves.set(piece, at);
    at += piece.length;
  }
  return { kind: 'leaves', leaves };
}

port.on('message', (message: ToWorker) => {
  if (message.kind === 'job') {
    run(message.job).then(
      (result) => say({ kind: 'done', result }),
      (error: unknown) => say({ kind: 'failed', refusal: refusalOf(error) }),
    );
    return;
  }
  const waiting = asked.get(message.read);
  asked.delete(message.read);
  if (message.kind === 'bytes') waiting?.resolve(message.bytes);
  else waiting?.reject(errorOf(message.refusal));
});
