/** Sources that another thread can open for itself: windows of files by the number of the open file, and partitions decoded out of a payload that lies in such. */
import { readSync } from 'node:fs';
import { checkRange, FormatError, type Source } from '../../bytes/index.ts';
import { type Lanes, type LargePorts, type PayloadPartition, payloadPartition, payloadPartOf } from '../../formats/android/index.ts';
import { nodeCodec } from './codecs.ts';
import { fileDescriptorOf } from './files.ts';
import { nodeHash } from './hash.ts';

/** Runs of a sparse image that are told one by one; one of more stays where it is. */
const RUNS_MAX = 1 << 17;
/** Of an image that a thread decodes: bytes of decoded operations kept, and operations decoded ahead of the one asked for. */
const DECODING = { cacheBytes: 16 << 20, ahead: 2 };

/** A run of bytes of a source. */
export interface FileRun {
  /** The open file that holds it; undefined: zeros. */
  readonly descriptor: number | undefined;
  readonly at: number;
  readonly length: number;
}

/** A source as data that another thread can be sent. The files must stay open while it is used. */
export type SourceRecipe =
  | { readonly kind: 'file'; readonly runs: readonly FileRun[] }
  | {
      readonly kind: 'payload';
      readonly runs: readonly FileRun[];
      readonly blobsAt: number;
      readonly blockSize: number;
      readonly partition: PayloadPartition;
    };

/** The recipe of a source; undefined where its bytes lie in no file as they are. */
export function recipeOf(source: Source): SourceRecipe | undefined {
  const decoded = payloadPartOf(source);
  const runs = runsOf(decoded?.payload.source ?? source);
  if (runs === undefined) return undefined;
  if (decoded === undefined) return { kind: 'file', runs };
  const { payload, partition } = decoded;
  return { kind: 'payload', runs, blobsAt: payload.blobsAt, blockSize: payload.manifest.blockSize, partition };
}

/** What decoding in a thread needs, besides what every thread has. */
export interface DecodingPorts {
  readonly lanes: Lanes;
  readonly large?: LargePorts;
}

/** What a recipe describes. Files are read at once, without a way through another thread: this one has nothing else to do. */
export function openRecipe(recipe: SourceRecipe, decoding?: DecodingPorts): Source {
  const source = runsSource(recipe.runs);
  if (recipe.kind === 'file') return source;
  const payload = { source, blobsAt: recipe.blobsAt, manifest: { blockSize: recipe.blockSize } };
  return payloadPartition(payload, recipe.partition, { codec: nodeCodec, hash: nodeHash, ...DECODING, ...decoding });
}

/** The run of a file that holds all of a range; undefined where it lies in several, or in no file. */
export function fileRunOf(runs: readonly FileRun[], at: number, length: number): (FileRun & { readonly descriptor: number }) | undefined {
  let start = 0;
  for (const run of runs) {
    const { descriptor } = run;
    const inside = at - start;
    start += run.length;
    if (inside >= run.length) continue;
    return descriptor === undefined || at + length > start ? undefined : { descriptor, at: run.at + inside, length };
  }
  return undefined;
}

function runsOf(source: Source): readonly FileRun[] | undefined {
  const runs: FileRun[] = [];
  for (let at = 0; at < source.size; ) {
    const run = runAt(source, at);
    if (run === undefined || run.length <= 0 || runs.length === RUNS_MAX) return undefined;
    runs.push(run);
    at += run.length;
  }
  return runs;
}

/** Follows a byte down to the file that it lies in. */
function runAt(source: Source, from: number): FileRun | undefined {
  let here: Source = source;
  let at = from;
  let length = source.size - from;
  for (;;) {
    const descriptor = fileDescriptorOf(here);
    if (descriptor !== undefined) return { descriptor, at, length };
    const origin = here.origin?.(at);
    if (origin === undefined) return undefined;
    length = Math.min(length, origin.length);
    if (origin.source === undefined) return { descriptor: undefined, at: 0, length };
    here = origin.source;
    at = origin.at;
  }
}

function runsSource(runs: readonly FileRun[]): Source {
  const starts: number[] = [];
  let size = 0;
  for (const { length } of runs) {
    starts.push(size);
    size += length;
  }
  const fill = (at: number, into: Uint8Array): void => {
    checkRange({ size }, at, into.length, 'file');
    let low = 0;
    for (let high = runs.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    for (let done = 0; done < into.length; low++) {
      const run = runs[low];
      if (run === undefined) return;
      const inside = at + done - (starts[low] ?? 0);
      const piece = into.subarray(done, done + Math.min(into.length - done, run.length - inside));
      if (run.descriptor === undefined) piece.fill(0);
      else readFully(run.descriptor, run.at + inside, piece);
      done += piece.length;
    }
  };
  return {
    size,
    async read(at, length) {
      checkRange({ size }, at, length, 'file');
      const bytes = new Uint8Array(length);
      fill(at, bytes);
      return bytes;
    },
    async readInto(at, into) {
      fill(at, into);
    },
  };
}

function readFully(descriptor: number, at: number, into: Uint8Array): void {
  for (let done = 0; done < into.length; ) {
    const count = readSync(descriptor, into, done, into.length - done, at + done);
    // The file shrank since it was opened.
    if (count === 0)
      throw new FormatError(
        { format: 'file', field: 'read', at: at + done },
        'short-read',
        `the file ends here, ${into.length - done} bytes early`,
      );
    done += count;
  }
}
