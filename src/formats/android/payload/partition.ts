/**
 * A virtual partition: a Source over a payload that decodes an operation when its blocks are asked for, each once when they are asked for in order.
 * Nothing is unpacked beforehand; memory is bounded by `CACHE_MAX` and the largest operation.
 */
import {
  type CodecName,
  type CodecPort,
  checkRange,
  decodedBudget,
  equalBytes,
  FormatError,
  type HashPort,
  hashOf,
  readPiece,
  type Source,
} from '../../../bytes/index.ts';
import { avbHash, computeFec, computeHashtree, fecSize } from '../avb/index.ts';
import { applyBspatch } from './bspatch.ts';
import type { Extent, InstallOperation, PayloadHashtree, PayloadPartition } from './manifest.ts';
import { FORMAT, type PayloadBlobs } from './payload.ts';

/** Writers cut at 2 MiB; some vendors put a whole partition into one operation. */
const OPERATION_MAX = 512 << 20;
/** Decoded operations kept, unless the caller says otherwise. */
const CACHE_MAX = 16 << 20;
/** Small operations count as this much, so that there are not many. */
const ENTRY_MIN = 256 << 10;
/** Packed data that is read to memory used before. */
const ROOM = 2 << 20;
const RECENT = 6;
/** What all operations together read, of the payload and of the image before, is at most so many times what is there: each might ask for all of it to make one block. */
const READ_RATIO = 16;
const READ_LEAST = 2 ** 30;
const PARTITION_MAX = 2 ** 44;

const PACKED: Readonly<Record<string, CodecName>> = { REPLACE_BZ: 'bzip2', REPLACE_XZ: 'xz', REPLACE_ZSTD: 'zstd' };
const ZEROS: ReadonlySet<string | number> = new Set(['ZERO', 'DISCARD']);
const PATCHES: ReadonlySet<string> = new Set(['SOURCE_BSDIFF', 'BROTLI_BSDIFF']);

export interface PartitionPorts {
  readonly codec: CodecPort;
  readonly hash: HashPort;
  /** The partition's image of the build before: deltas need it. */
  readonly before?: Source;
  /** Bytes of decoded operations that are kept. */
  readonly cacheBytes?: number;
  /** Bytes that operations may make in all, which blocks that are asked for again make again; default by the payload's size. */
  readonly decodedMax?: number;
  /** Operations decoded ahead of the one asked for while blocks are asked for in order: worth it where the codec works in threads of its own. */
  readonly ahead?: number;
}

/** Whether every operation of a partition can be carried out here; if not, the name of the first that cannot. */
export function unsupportedOperation({ operations }: PayloadPartition): string | undefined {
  const found = operations.find(({ type }) => !isSupported(type));
  return found === undefined ? undefined : typeof found.type === 'number' ? `operation type ${found.type}` : found.type;
}

const isSupported = (type: InstallOperation['type']) =>
  type === 'REPLACE' ||
  type === 'ZERO' ||
  type === 'DISCARD' ||
  type === 'SOURCE_COPY' ||
  PACKED[type] !== undefined ||
  PATCHES.has(String(type));

/** A run of blocks of the partition and the operation that makes it. */
interface Run {
  readonly start: number;
  readonly end: number;
  readonly operation: number;
  /** Where the run's bytes lie in the operation's output. */
  readonly outAt: number;
}

/**
 * The partition that a payload makes, as a Source.
 * @throws FormatError when operations overlap or leave the partition; reading throws where a block's operation is unsupported (by name), needs an image
 * of the build before that is not there, or does not have the digest that the manifest says
 */
export function payloadPartition(payload: PayloadBlobs, partition: PayloadPartition, ports: PartitionPorts): Source {
  const { blockSize } = payload.manifest;
  const runs = mapRuns(partition, blockSize);
  checkReads(partition, blockSize, payload.source.size + (ports.before?.size ?? 0));
  const size = partition.after?.size ?? (runs.at(-1)?.end ?? 0) * blockSize;
  if (size > PARTITION_MAX) throw problem(partition, 'new_partition_info.size', 'too-large', `${size} bytes`);
  const isDecoded = ({ operation }: Run) => !ZEROS.has(partition.operations[operation]?.type ?? 'ZERO');
  const decode = operationCache({ payload, partition, ports, runs });

  /** Bytes that operations make; blocks that none makes are zeros. */
  const operated = async (at: number, length: number): Promise<Uint8Array> => {
    const end = at + length;
    const first = firstRun(runs, Math.floor(at / blockSize));
    const within = runs[first];
    // What one operation made whole is answered as it lies.
    if (within !== undefined && within.start * blockSize <= at && within.end * blockSize >= end && isDecoded(within)) {
      const bytes = await decode(first);
      const start = within.outAt + at - within.start * blockSize;
      if (start + length <= bytes.length) return bytes.subarray(start, start + length);
    }
    const out = new Uint8Array(length);
    for (let index = first; index < runs.length; index++) {
      const run = runs[index];
      if (run === undefined || run.start * blockSize >= end) break;
      const from = Math.max(at, run.start * blockSize);
      const to = Math.min(end, run.end * blockSize);
      if (from >= to) continue;
      if (!isDecoded(run)) continue;
      const bytes = await decode(index);
      const start = run.outAt + from - run.start * blockSize;
      // Output is padded with zeros to the block.
      if (start < bytes.length) out.set(bytes.subarray(start, start + to - from), from - at);
    }
    return out;
  };
  const tree =
    partition.hashtree === undefined
      ? undefined
      : lazyTree({ partition, hashtree: partition.hashtree, blockSize, operated, hash: ports.hash });
  /** With the hash tree. */
  const hashed = async (at: number, length: number): Promise<Uint8Array> => {
    const bytes = await operated(at, length);
    if (tree === undefined) return bytes;
    // It is written over: what is cached stays as it is.
    const out = bytes.slice();
    await tree(out, at);
    return out;
  };
  const { fec } = partition;
  const codes = fec === undefined || covered(runs, fec.codes) ? undefined : lazyCodes({ partition, fec, blockSize, size, hashed });
  const image: Source = {
    size,
    async read(at, length) {
      checkRange({ size }, at, length, FORMAT);
      const out = await hashed(at, length);
      return codes === undefined ? out : codes(out, at);
    },
  };
  if (ports.before === undefined) decodedFrom.set(image, { payload, partition });
  return image;
}

const decodedFrom = new WeakMap<Source, { readonly payload: PayloadBlobs; readonly partition: PayloadPartition }>();

/** What an image is decoded from, where it needs nothing else: another thread can do the same. */
export const payloadPartOf = (image: Source): { readonly payload: PayloadBlobs; readonly partition: PayloadPartition } | undefined =>
  decodedFrom.get(image);

interface CacheJob extends Omit<Job, 'index' | 'room'> {
  readonly runs: readonly Run[];
}

/**
 * Decodes the operation of a run, keeps it, and looks ahead. What is dropped first is what is asked for last when the image is read in order from here on:
 * blocks just behind, whatever was read out of order before them. So the directories that a walk reads first are still there when their neighbours' content is read.
 */
function operationCache({ payload, partition, ports, runs }: CacheJob): (run: number) => Promise<Uint8Array> {
  const most = ports.cacheBytes ?? CACHE_MAX;
  const ahead = ports.ahead ?? 0;
  /** By operation: its place in the order of reading, and its bytes. */
  const kept = new Map<number, { readonly run: number; readonly bytes: number; readonly made: Promise<Uint8Array> }>();
  let keptBytes = 0;
  /** Of operations that were decoded: their packed data is read to the same memory again. */
  const rooms: Uint8Array[] = [];
  /** Runs asked for last: a pass over the image and the reading of its files go on side by side. */
  const recent: number[] = [];
  const spend = decodedBudget(FORMAT, payload.source.size, ports.decodedMax);
  const sizeOf = (operation: number) => bytesOf(partition.operations[operation]?.targets ?? [], payload.manifest.blockSize);
  /** Runs that are asked for again soon although they are behind: readers of one image are not at one place. */
  const slack = Math.max(4, Math.floor(runs.length / 50));
  const drop = (run: number, but: number) => {
    while (keptBytes > most && kept.size > 1) {
      let worst: number | undefined;
      let farthest = -1;
      for (const [operation, entry] of kept) {
        const distance = (entry.run - (run - slack) + 2 * runs.length) % runs.length;
        if (operation !== but && distance > farthest) {
          farthest = distance;
          worst = operation;
        }
      }
      if (worst === undefined) return;
      keptBytes -= kept.get(worst)?.bytes ?? 0;
      kept.delete(worst);
    }
  };
  const start = (run: number): Promise<Uint8Array> => {
    const index = runs[run]?.operation ?? -1;
    const known = kept.get(index);
    if (known !== undefined) return known.made;
    const room = rooms.pop() ?? new Uint8Array(payload.source.readInto === undefined ? 0 : ROOM);
    const bytes = Math.max(ENTRY_MIN, sizeOf(index));
    const decode = async () => {
      spend(sizeOf(index), payload.blobsAt + (partition.operations[index]?.dataOffset ?? 0));
      return decodeOperation({ payload, partition, ports, index, room });
    };
    const made = decode().finally(() => rooms.push(room));
    kept.set(index, { run, bytes, made });
    keptBytes += bytes;
    made.catch(() => {
      if (kept.get(index)?.made === made) {
        kept.delete(index);
        keptBytes -= bytes;
      }
    });
    drop(run, index);
    return made;
  };
  return (run) => {
    const made = start(run);
    const inOrder = recent.includes(run) || recent.includes(run - 1);
    if (!recent.includes(run) && recent.push(run) > RECENT) recent.shift();
    if (inOrder) {
      let budget = most / 2;
      for (let next = run + 1; next <= run + ahead && next < runs.length && budget > 0; next++) {
        const operation = runs[next]?.operation ?? -1;
        const type = partition.operations[operation]?.type;
        // What is only zeros, or cannot be decoded, is not worth the room.
        if (type === undefined || type === 'ZERO' || type === 'DISCARD' || !isSupported(type)) continue;
        budget -= sizeOf(operation);
        if (budget > 0) start(next).catch(() => undefined);
      }
    }
    return made;
  };
}

/** @throws FormatError where operations read what lies there over and over */
function checkReads({ name, operations }: PayloadPartition, blockSize: number, size: number): void {
  const most = READ_LEAST + READ_RATIO * size;
  let read = 0;
  for (const [index, { dataLength, sources }] of operations.entries()) {
    read += dataLength + bytesOf(sources, blockSize);
    if (read > most)
      throw new FormatError(
        { format: FORMAT, field: `partitions[${name}].operations[${index}]`, at: 0 },
        'too-large',
        `up to it operations read more than ${most} bytes, where ${size} lie there`,
      );
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

interface Job {
  readonly payload: PayloadBlobs;
  readonly partition: PayloadPartition;
  readonly ports: PartitionPorts;
  readonly index: number;
  /** Where packed data may be read to; its bytes are of no use once it is decoded. */
  readonly room?: Uint8Array;
}

/** An operation's packed data, in the room where it fits. */
async function readData(
  source: Source,
  { at, length }: { readonly at: number; readonly length: number },
  room: Uint8Array | undefined,
): Promise<Uint8Array> {
  return room === undefined ? source.read(at, length) : readPiece(source, at, length, room);
}

/** An operation's output, its data's and its source's digests checked. @throws FormatError */
export async function decodeOperation({ payload, partition, ports, index, room }: Job): Promise<Uint8Array> {
  const operation = partition.operations[index];
  const place = `operations[${index}]`;
  if (operation === undefined) throw problem(partition, place, 'out-of-bounds', `of ${partition.operations.length}`);
  const { type } = operation;
  const { blockSize } = payload.manifest;
  if (!isSupported(type))
    throw problem(
      partition,
      `${place}.type`,
      'unsupported-feature',
      typeof type === 'number' ? `operation type ${type}` : `${type} is not carried out here`,
    );
  const most = bytesOf(operation.targets, blockSize);
  if (most > OPERATION_MAX) throw problem(partition, `${place}.dst_extents`, 'too-large', `${most} bytes in one operation`);
  if (type === 'ZERO' || type === 'DISCARD') return new Uint8Array(most);
  if (type === 'SOURCE_COPY') return readBefore({ payload, partition, ports, index }, operation);
  const at = payload.blobsAt + operation.dataOffset;
  if (operation.dataLength > OPERATION_MAX || at + operation.dataLength > payload.source.size)
    throw dataProblem(
      partition,
      { field: `${place}.data_offset`, at },
      'out-of-bounds',
      `${operation.dataLength} bytes at ${at} of ${payload.source.size}`,
    );
  const data = await readData(payload.source, { at, length: operation.dataLength }, type === 'REPLACE' ? undefined : room);
  if (
    operation.dataSha256 !== undefined &&
    operation.dataSha256.length > 0 &&
    !equalBytes(hashOf(ports.hash, 'sha256', data), operation.dataSha256)
  )
    throw dataProblem(partition, { field: `${place}.data_sha256_hash`, at }, 'bad-checksum', 'the data has another SHA-256');
  const name = PACKED[type];
  const bytes =
    type === 'REPLACE'
      ? data
      : name !== undefined
        ? await ports.codec(name, data, most)
        : await applyBspatch(await readBefore({ payload, partition, ports, index }, operation), data, ports.codec, most);
  if (bytes.length > most)
    throw dataProblem(partition, { field: `${place}.data_length`, at }, 'bad-value', `${bytes.length} bytes for ${most} of blocks`);
  return bytes;
}

const bytesOf = (extents: readonly Extent[], blockSize: number) => extents.reduce((sum, { blocks }) => sum + blocks * blockSize, 0);

async function readBefore({ payload, partition, ports, index }: Job, operation: InstallOperation): Promise<Uint8Array> {
  const { blockSize } = payload.manifest;
  const place = `operations[${index}].src_extents`;
  const { before } = ports;
  if (before === undefined)
    throw problem(
      partition,
      `operations[${index}].type`,
      'unsupported-feature',
      `${operation.type} needs the partition of the build before`,
    );
  const length = bytesOf(operation.sources, blockSize);
  if (length > OPERATION_MAX) throw problem(partition, place, 'too-large', `${length} bytes`);
  const out = new Uint8Array(length);
  let at = 0;
  for (const { startBlock, blocks } of operation.sources) {
    const size = blocks * blockSize;
    if (startBlock !== undefined) {
      if ((startBlock + blocks) * blockSize > before.size)
        throw problem(
          partition,
          place,
          'out-of-bounds',
          `ends at block ${startBlock + blocks}, where the old image has ${before.size} bytes`,
        );
      out.set(await before.read(startBlock * blockSize, size), at);
    }
    at += size;
  }
  if (
    operation.sourceSha256 !== undefined &&
    operation.sourceSha256.length > 0 &&
    !equalBytes(hashOf(ports.hash, 'sha256', out), operation.sourceSha256)
  )
    throw problem(partition, `operations[${index}].src_sha256_hash`, 'bad-checksum', 'the image of the build before is another one');
  return operation.sourceLength === undefined ? out : out.subarray(0, operation.sourceLength);
}

interface TreeJob {
  readonly partition: PayloadPartition;
  readonly hashtree: PayloadHashtree;
  readonly blockSize: number;
  readonly operated: Source['read'];
  readonly hash: HashPort;
}

/** Lays the hash tree that a delta leaves to the device over bytes read; computed once, when its blocks are first asked for. */
function lazyTree({ partition, hashtree, blockSize, operated, hash }: TreeJob): (out: Uint8Array, at: number) => Promise<void> {
  const { data, tree, algorithm, salt } = hashtree;
  const start = (tree.startBlock ?? 0) * blockSize;
  const end = start + tree.blocks * blockSize;
  let made: Promise<Uint8Array> | undefined;
  const make = async (): Promise<Uint8Array> => {
    if (avbHash(algorithm) === undefined || data.startBlock !== 0)
      throw problem(partition, 'hash_tree_algorithm', 'unsupported-feature', `${JSON.stringify(algorithm)} from block ${data.startBlock}`);
    const imageSize = data.blocks * blockSize;
    const shape = { imageSize, dataBlockSize: blockSize, hashBlockSize: blockSize, hashAlgorithm: algorithm, salt };
    const { tree: bytes } = await computeHashtree({ size: imageSize, read: operated }, shape, hash);
    if (bytes.length > end - start)
      throw problem(partition, 'hash_tree_extent', 'bad-value', `${bytes.length} bytes of tree for ${end - start}`);
    return bytes;
  };
  return async (out, at) => {
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
  readonly hashed: Source['read'];
}

/**
 * Lays the error correction codes that a delta leaves to the device over bytes read; computed once, over data and hash tree, when their blocks are first asked for.
 * Spec: update_engine payload_consumer/verity_writer_android.cc.
 */
function lazyCodes({ partition, fec, blockSize, size, hashed }: CodesJob): (out: Uint8Array, at: number) => Promise<Uint8Array> {
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
    return computeFec({ read: (at, length) => hashed(from + at, length) }, shape);
  };
  return async (bytes, at) => {
    const from = Math.max(at, start);
    const to = Math.min(at + bytes.length, end);
    if (from >= to) return bytes;
    made ??= make();
    const out = bytes.slice();
    out.set((await made).subarray(from - start, to - start), from - at);
    return out;
  };
}

function problem(partition: PayloadPartition, field: string, code: FormatError['code'], detail: string): FormatError {
  return new FormatError({ format: FORMAT, field: `partitions[${partition.name}].${field}`, at: 0 }, code, detail);
}

/** An error in a partition's data, which lies at `at` in the payload. */
function dataProblem(
  partition: PayloadPartition,
  place: { readonly field: string; readonly at: number },
  code: FormatError['code'],
  detail: string,
) {
  return new FormatError({ format: FORMAT, field: `partitions[${partition.name}].${place.field}`, at: place.at }, code, detail);
}
