/**
 * A virtual partition: a Source over a payload that decodes an operation when its blocks are asked for, each once when they are asked for in order.
 * Nothing is unpacked beforehand; memory is bounded by what `operation-cache.ts` keeps and the largest operation that is held in memory.
 */
import { checkRange, FormatError, type HashPort, type Source } from '../../../bytes/index.ts';
import { avbHash, computeFec, computeHashtree, fecSize } from '../avb/index.ts';
import type { Extent, PayloadHashtree, PayloadPartition } from './manifest.ts';
import { bytesOf, isSupported, isZeros, type OperationPorts, problem } from './operation.ts';
import { type CacheOptions, operationCache, type Run } from './operation-cache.ts';
import { FORMAT, type PayloadBlobs } from './payload.ts';

/** What all operations together read, of the payload and of the image before, is at most so many times what is there: each might ask for all of it to make one block. */
const READ_RATIO = 16;
const READ_LEAST = 2 ** 30;
/** What operations make is at most so many times what they read, and this: xz packs zeros seven thousand times, and no writer leaves zeros to it. */
const OUTPUT_RATIO = 2048;
const OUTPUT_LEAST = 2 ** 30;
/** Whoever takes a digest of a partition reads its holes, too. The largest super images have 16 GiB. */
const PARTITION_MAX = 2 ** 36;

export type PartitionPorts = OperationPorts & CacheOptions;

/** Whether every operation of a partition can be carried out here; if not, the name of the first that cannot. */
export function unsupportedOperation({ operations }: PayloadPartition): string | undefined {
  const found = operations.find(({ type }) => !isSupported(type));
  return found === undefined ? undefined : typeof found.type === 'number' ? `operation type ${found.type}` : found.type;
}

/** Fills bytes with what lies from a place of the partition on. */
type Fill = (at: number, out: Uint8Array) => Promise<void>;

/**
 * The partition that a payload makes, as a Source.
 * @throws FormatError when operations overlap or leave the partition; reading throws where a block's operation is unsupported (by name), needs an image
 * of the build before that is not there, or does not have the digest that the manifest says
 */
export function payloadPartition(payload: PayloadBlobs, partition: PayloadPartition, ports: PartitionPorts): Source {
  const { blockSize } = payload.manifest;
  const runs = mapRuns(partition, blockSize);
  checkTotals(partition, blockSize, payload.source.size + (ports.before?.size ?? 0));
  const size = partition.after?.size ?? (runs.at(-1)?.end ?? 0) * blockSize;
  if (size > PARTITION_MAX) throw problem(partition, 'new_partition_info.size', 'too-large', `${size} bytes`);
  const isDecoded = ({ operation }: Run) => !isZeros(partition.operations[operation]?.type ?? 'ZERO');
  const copy = operationCache({ payload, partition, ports }, runs, ports);

  /** Bytes that operations make; blocks that none makes are zeros. */
  const operated: Fill = async (at, out) => {
    const end = at + out.length;
    let done = at;
    for (let index = firstRun(runs, Math.floor(at / blockSize)); index < runs.length; index++) {
      const run = runs[index];
      if (run === undefined || run.start * blockSize >= end) break;
      const from = Math.max(at, run.start * blockSize);
      const to = Math.min(end, run.end * blockSize);
      if (from >= to || !isDecoded(run)) continue;
      out.fill(0, done - at, from - at);
      await copy(index, run.outAt + from - run.start * blockSize, out.subarray(from - at, to - at));
      done = to;
    }
    out.fill(0, done - at);
  };
  const { hashtree, fec } = partition;
  const tree = hashtree === undefined ? undefined : lazyTree({ partition, hashtree, blockSize, operated, hash: ports.hash });
  /** With the hash tree. */
  const hashed: Fill = async (at, out) => {
    await operated(at, out);
    await tree?.(at, out);
  };
  const codes = fec === undefined || covered(runs, fec.codes) ? undefined : lazyCodes({ partition, fec, blockSize, size, hashed });
  const readInto: Fill = async (at, out) => {
    checkRange({ size }, at, out.length, FORMAT);
    await hashed(at, out);
    await codes?.(at, out);
  };
  const read: Source['read'] = async (at, length) => {
    // Before anything is allocated.
    checkRange({ size }, at, length, FORMAT);
    return reader(readInto)(at, length);
  };
  const image: Source = { size, read, readInto };
  if (ports.before === undefined) decodedFrom.set(image, { payload, partition });
  return image;
}

const decodedFrom = new WeakMap<Source, { readonly payload: PayloadBlobs; readonly partition: PayloadPartition }>();

/** What an image is decoded from, where it needs nothing else: another thread can do the same. */
export const payloadPartOf = (image: Source): { readonly payload: PayloadBlobs; readonly partition: PayloadPartition } | undefined =>
  decodedFrom.get(image);

/** @throws FormatError where operations read what lies there over and over, or claim to make more of it than any could */
function checkTotals({ name, operations }: PayloadPartition, blockSize: number, size: number): void {
  const most = READ_LEAST + READ_RATIO * size;
  let read = 0;
  let made = 0;
  for (const [index, { type, dataLength, sources, targets }] of operations.entries()) {
    const refuse = (detail: string) =>
      new FormatError({ format: FORMAT, field: `partitions[${name}].operations[${index}]`, at: 0 }, 'too-large', detail);
    read += dataLength + bytesOf(sources, blockSize);
    if (read > most) throw refuse(`up to it operations read more than ${most} bytes, where ${size} lie there`);
    if (!isZeros(type)) made += bytesOf(targets, blockSize);
    if (made > OUTPUT_LEAST + OUTPUT_RATIO * read) throw refuse(`up to it operations make ${made} bytes of ${read}`);
  }
}

function mapRuns(partition: PayloadPartition, blockSize: number): readonly Run[] {
  const runs: Run[] = [];
  const size = partition.after?.size;
  const most = size === undefined ? Math.floor(PARTITION_MAX / blockSize) : Math.ceil(size / blockSize);
  for (const [operation, { targets }] of partition.operations.entries()) {
    let outAt = 0;
    for (const { startBlock, blocks } of targets) {
      if (startBlock !== undefined && blocks > 0) {
        const end = startBlock + blocks;
        if (end > most)
          throw problem(partition, `operations[${operation}].dst_extents`, 'out-of-bounds', `ends at block ${end} of ${most}`);
        runs.push({ start: startBlock, end, operation, outAt });
      }
      outAt += blocks * blockSize;
      if (outAt > PARTITION_MAX) throw problem(partition, `operations[${operation}].dst_extents`, 'too-large', `${outAt} bytes`);
    }
  }
  runs.sort((a, b) => a.start - b.start);
  for (const [index, run] of runs.entries()) {
    const before = runs[index - 1];
    if (before !== undefined && before.end > run.start)
      throw problem(
        partition,
        `operations[${run.operation}].dst_extents`,
        'overlap',
        `block ${run.start} is written by operation ${before.operation}, too`,
      );
  }
  return runs;
}

/** Index of the first run that ends behind a block. */
function firstRun(runs: readonly Run[], block: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((runs[middle]?.end ?? 0) > block) high = middle;
    else low = middle + 1;
  }
  return low;
}

function covered(runs: readonly Run[], { startBlock = 0, blocks }: Extent): boolean {
  const run = runs[firstRun(runs, startBlock)];
  return run !== undefined && blocks > 0 && run.start < startBlock + blocks;
}

interface TreeJob {
  readonly partition: PayloadPartition;
  readonly hashtree: PayloadHashtree;
  readonly blockSize: number;
  readonly operated: Fill;
  readonly hash: HashPort;
}

/** Lays the hash tree that a delta leaves to the device over bytes read; computed once, when its blocks are first asked for. */
function lazyTree({ partition, hashtree, blockSize, operated, hash }: TreeJob): Fill {
  const { data, tree, algorithm, salt } = hashtree;
  const start = (tree.startBlock ?? 0) * blockSize;
  const end = start + tree.blocks * blockSize;
  let made: Promise<Uint8Array> | undefined;
  const make = async (): Promise<Uint8Array> => {
    if (avbHash(algorithm) === undefined || data.startBlock !== 0)
      throw problem(partition, 'hash_tree_algorithm', 'unsupported-feature', `${JSON.stringify(algorithm)} from block ${data.startBlock}`);
    const imageSize = data.blocks * blockSize;
    const shape = { imageSize, dataBlockSize: blockSize, hashBlockSize: blockSize, hashAlgorithm: algorithm, salt };
    const { tree: bytes } = await computeHashtree({ size: imageSize, read: reader(operated), readInto: operated }, shape, hash);
    if (bytes.length > end - start)
      throw problem(partition, 'hash_tree_extent', 'bad-value', `${bytes.length} bytes of tree for ${end - start}`);
    return bytes;
  };
  return async (at, out) => {
    const from = Math.max(at, start);
    const to = Math.min(at + out.length, end);
    if (from >= to) return;
    made ??= make();
    out.set((await made).subarray(from - start, to - start), from - at);
  };
}

interface CodesJob {
  readonly partition: PayloadPartition;
  readonly fec: NonNullable<PayloadPartition['fec']>;
  readonly blockSize: number;
  readonly size: number;
  readonly hashed: Fill;
}

/**
 * Lays the error correction codes that a delta leaves to the device over bytes read; computed once, over data and hash tree, when their blocks are first asked for.
 * Spec: update_engine payload_consumer/verity_writer_android.cc.
 */
function lazyCodes({ partition, fec, blockSize, size, hashed }: CodesJob): Fill {
  const { data, codes, roots } = fec;
  const start = (codes.startBlock ?? 0) * blockSize;
  const end = start + codes.blocks * blockSize;
  let made: Promise<Uint8Array> | undefined;
  const make = async (): Promise<Uint8Array> => {
    const from = (data.startBlock ?? 0) * blockSize;
    const shape = { dataSize: data.blocks * blockSize, blockSize, roots };
    if (from + shape.dataSize > start || from + shape.dataSize > size)
      throw problem(partition, 'fec_data_extent', 'overlap', `codes from ${start} on over data up to ${from + shape.dataSize}`);
    if (fecSize(shape) !== end - start)
      throw problem(partition, 'fec_extent', 'bad-value', `${end - start} bytes, where ${fecSize(shape)} are the codes`);
    return computeFec({ read: reader((at, out) => hashed(from + at, out)) }, shape);
  };
  return async (at, out) => {
    const first = Math.max(at, start);
    const last = Math.min(at + out.length, end);
    if (first >= last) return;
    made ??= make();
    out.set((await made).subarray(first - start, last - start), first - at);
  };
}

const reader =
  (fill: Fill): Source['read'] =>
  async (at, length) => {
    const out = new Uint8Array(length);
    await fill(at, out);
    return out;
  };
