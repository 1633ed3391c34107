/**
 * What a virtual A/B update keeps of the new build until it is merged: the contents of `system_b-cow` and its kin.
 * Source: AOSP system/core/fs_mgr/libsnapshot/include/libsnapshot/cow_format.h and libsnapshot_cow/parser_v2.cpp, parser_v3.cpp, cow_reader.cpp. Limits: versions 1 to 3, OPS_MAX operations, blocks of
 * 4 KiB; sequences of SEQUENCE_MAX blocks. What a merge under way has done is in `merge-order.ts`.
 *
 *   header: u64 magic 0x436f77634f572121, u16 major, minor, header_size, footer_size, op_size, u32 block_size, cluster_ops, u64 num_merge_ops, u32 buffer_size (from 2); from 3: u64 sequence_data_count,
 *           u32 resume_point_count, resume_point_max, u64 op_count, op_count_max, u32 compression_algorithm, max_compression_size; then buffer_size bytes of scratch space
 *   1, 2:   operations, cluster_ops at a time (0: one), each time with their data behind: u8 type, compression, u16 data_length, u64 new_block, source; the last a footer: u64 ops_size, num_ops, then 64 bytes
 *   3:      u32 sequence[], { u64 label, op_index } resume points, then all operations: u32 data_length, new_block, u64 source:48, unused:9, compression factor:3, type:4; then data in their order
 *   types:  1 copy, 2 replace, 3 zero, 4 label, 5 cluster, 6 XOR, 7 sequence, 255 footer; compression: 0 none, 1 zlib, 2 brotli, 3 LZ4 block, 4 zstd
 */
import { type CodecName, Cursor, FormatError, type Source } from '../../../bytes/index.ts';
import { type MergeOrder, mergeOrder } from './merge-order.ts';

const FORMAT = 'snapshot cow';
export const COW_MAGIC = 0x436f_7763_4f57_2121n;
const BLOCK = 4096;
/** Operations of a partition of 16 GiB, each block on its own. */
const OPS_MAX = 1 << 22;
const SEQUENCE_MAX = OPS_MAX;
const HEADER_MAX = 4096;
const OP_SIZES: Readonly<Record<number, number>> = { 1: 20, 2: 20, 3: 16 };
const FOOTER_SIZE = 84;
const COMPRESSIONS: readonly (CodecName | 'none')[] = ['none', 'zlib', 'brotli', 'lz4-block', 'zstd'];

export type CowOperation = {
  /** First block of the new image that it makes. */
  readonly block: number;
  readonly blocks: number;
} & (
  | { readonly kind: 'zero' }
  /** `from` is a block of the image of before. */
  | { readonly kind: 'copy'; readonly from: number }
  | { readonly kind: 'replace'; readonly data: CowData }
  /** `from` is a byte of the image of before. */
  | { readonly kind: 'xor'; readonly from: number; readonly data: CowData }
);

export interface CowData {
  readonly at: number;
  readonly length: number;
  readonly compression: CodecName | 'none';
}

export interface CowImage {
  readonly version: number;
  /** Operations that a merge has done. */
  readonly merged: number;
  /** Whether it was written to its end: without, an update was still being written. */
  readonly isComplete: boolean;
  /** By block; of two for the same block the later one. */
  readonly operations: readonly CowOperation[];
  /** Undefined: no merge has begun. */
  readonly order: MergeOrder | undefined;
}

/** Whether bytes begin a COW image. */
export const isCow = (start: Uint8Array): boolean =>
  start.length >= 8 && new DataView(start.buffer, start.byteOffset).getBigUint64(0, true) === COW_MAGIC;

interface Header {
  readonly headerSize: number;
  readonly buffer: number;
  readonly sequence: number;
  readonly version: number;
  readonly clusterOps: number;
  readonly merged: number;
  readonly opsAt: number;
  /** Of version 3. */
  readonly opCount: number;
  readonly dataAt: number;
  readonly compression: CodecName | 'none';
}

/** Reads header and operations. @throws FormatError */
export async function readCow(source: Source): Promise<CowImage> {
  const header = await readHeader(source);
  const raw = header.version === 3 ? await readOps3(source, header) : await readOps2(source, header);
  const byBlock = new Map<number, CowOperation>();
  for (const operation of raw.operations) byBlock.set(operation.block, operation);
  const operations = [...byBlock.values()].toSorted((a, b) => a.block - b.block);
  for (const [index, { block, blocks }] of operations.entries()) {
    const next = operations[index + 1]?.block ?? Number.POSITIVE_INFINITY;
    if (block + blocks > next)
      throw cowProblem('operations', header.opsAt, 'overlap', `operation ${block} makes ${blocks} blocks, and another begins at ${next}`);
  }
  const order = header.merged === 0 ? undefined : await mergeOrder(source, { ...header, raw: raw.operations, sequence: raw.sequence });
  return { version: header.version, merged: header.merged, isComplete: raw.isComplete, operations, order };
}

async function readHeader(source: Source): Promise<Header> {
  const cursor = new Cursor(await source.read(0, Math.min(HEADER_MAX, source.size)), { format: FORMAT, prefix: 'header.' });
  const magic = cursor.u64('magic');
  if (magic !== COW_MAGIC) throw cursor.error('magic', 'bad-magic', `0x${magic.toString(16)}`, 0);
  const version = cursor.u16('major_version');
  const minor = cursor.u16('minor_version');
  if (OP_SIZES[version] === undefined || minor !== 0)
    throw cursor.error('major_version', 'unsupported-version', `${version}.${minor}, not 1.0 to 3.0`, 8);
  const headerSize = cursor.u16('header_size');
  if (headerSize > cursor.bytes.length) throw cursor.error('header_size', 'out-of-bounds', `${headerSize} of ${cursor.bytes.length} bytes`);
  const footerSize = cursor.u16('footer_size');
  if (version < 3 && footerSize !== FOOTER_SIZE) throw cursor.error('footer_size', 'bad-value', `${footerSize}, not ${FOOTER_SIZE}`);
  const opSize = cursor.u16('op_size');
  if (opSize !== OP_SIZES[version]) throw cursor.error('op_size', 'bad-value', `${opSize}, not ${OP_SIZES[version]}`);
  const blockSize = cursor.u32('block_size');
  if (blockSize !== BLOCK) throw cursor.error('block_size', 'unsupported-feature', `${blockSize}, not ${BLOCK}`);
  const clusterOps = cursor.u32('cluster_ops');
  if (clusterOps === 1 || clusterOps > OPS_MAX || (version === 3 && clusterOps !== 0))
    throw cursor.error('cluster_ops', 'bad-value', `${clusterOps}`);
  const merged = cursor.size64('num_merge_ops');
  const buffer = version === 1 ? 0 : cursor.u32('buffer_size');
  const common = { version, clusterOps, merged, headerSize, buffer };
  if (version < 3) return { ...common, sequence: 0, opsAt: headerSize + buffer, opCount: 0, dataAt: 0, compression: 'none' };
  const sequence = cursor.size64('sequence_data_count');
  if (sequence > SEQUENCE_MAX) throw cursor.error('sequence_data_count', 'too-large', `${sequence}`);
  cursor.skip('resume_point_count', 4);
  const resumePoints = cursor.u32('resume_point_max');
  const opCount = cursor.size64('op_count');
  const opCountMax = cursor.size64('op_count_max');
  if (opCount > opCountMax || opCount > OPS_MAX) throw cursor.error('op_count', 'too-large', `${opCount} of ${opCountMax}`);
  const compression = COMPRESSIONS[cursor.u32('compression_algorithm')];
  if (compression === undefined) throw cursor.error('compression_algorithm', 'unsupported-feature', 'none that is known');
  const opsAt = headerSize + buffer + sequence * 4 + resumePoints * 16;
  const dataAt = opsAt + opCountMax * 16;
  if (!Number.isSafeInteger(dataAt) || dataAt > source.size)
    throw cursor.error('op_count_max', 'out-of-bounds', `operations end at ${dataAt} of ${source.size} bytes`);
  return { ...common, sequence, opsAt, opCount, dataAt, compression };
}

interface RawOps {
  /** In the order in which they lie. */
  readonly operations: readonly CowOperation[];
  /** Blocks in the order in which they are merged, where that is said; the operations' own order counts where it is empty. */
  readonly sequence: readonly number[];
  readonly isComplete: boolean;
}

async function readOps2(source: Source, { clusterOps, opsAt }: Header): Promise<RawOps> {
  const operations: CowOperation[] = [];
  const sequence: number[] = [];
  const size = 20;
  const together = Math.max(1, clusterOps);
  let at = opsAt;
  let dataAt = opsAt + together * size;
  let count = 0;
  for (;;) {
    const length = Math.min(together, Math.floor((source.size - at) / size)) * size;
    if (length <= 0) return { operations, sequence, isComplete: false };
    const cursor = new Cursor(await source.read(at, length), { format: FORMAT, base: at, prefix: `operation[${count}].` });
    while (cursor.left > 0) {
      if (++count > OPS_MAX) throw cursor.error('type', 'too-large', `more than ${OPS_MAX} operations`);
      const opAt = cursor.at;
      const type = cursor.u8('type');
      const packing = cursor.u8('compression');
      const dataLength = cursor.u16('data_length');
      const block = cursor.size64('new_block');
      // A label is any 64 bits.
      const stated = cursor.u64('source');
      const from = type === 4 || type === 255 ? 0 : Number(stated);
      if (!Number.isSafeInteger(from)) throw cursor.error('source', 'too-large', `${stated}`, opAt + 12);
      // Nothing was written here yet.
      if (type === 0) return { operations, sequence, isComplete: false };
      if (type === 255)
        return {
          operations,
          sequence,
          isComplete: block === size * (count - 1) && Number(stated) === count - 1 && at + FOOTER_SIZE <= source.size,
        };
      const compression = COMPRESSIONS[packing];
      if (compression === undefined) throw cursor.error('compression', 'unsupported-feature', `${packing}`, opAt + 1);
      const operation = operationOf({ type, block, blocks: 1, from, compression, length: dataLength, xorAt: dataAt });
      if (operation === 'unknown') throw cursor.error('type', 'bad-value', `${type}`, opAt);
      if (operation !== undefined) operations.push(operation);
      if (type === 7) sequence.push(...(await readSequence(source, from, Math.floor(dataLength / 4))));
      const isData = type === 2 || type === 6;
      at += size + (type === 5 ? from : isData && clusterOps === 0 ? dataLength : 0);
      dataAt += dataLength + (type === 5 ? clusterOps * size : clusterOps === 0 ? size : 0);
      if (type === 5) break;
    }
  }
}

const PIECE = 1 << 16;

/** Blocks in the order of merging. */
async function readSequence(source: Source, at: number, count: number): Promise<readonly number[]> {
  if (at + count * 4 > source.size) throw cowProblem('sequence', at, 'out-of-bounds', `${count} blocks at ${at} of ${source.size} bytes`);
  const bytes = await source.read(at, count * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, index) => view.getUint32(index * 4, true));
}

async function readOps3(source: Source, { headerSize, buffer, sequence, opsAt, opCount, dataAt, compression }: Header): Promise<RawOps> {
  const operations: CowOperation[] = [];
  let xorAt = dataAt;
  for (let index = 0; index < opCount; ) {
    const count = Math.min(PIECE, opCount - index);
    const at = opsAt + index * 16;
    const cursor = new Cursor(await source.read(at, count * 16), { format: FORMAT, base: at, prefix: 'operations.' });
    for (; cursor.left > 0; index++) {
      const opAt = cursor.at;
      const length = cursor.u32('data_length');
      const block = cursor.u32('new_block');
      const info = cursor.u64('source_info');
      const type = Number(info >> 60n);
      const factor = Number((info >> 57n) & 7n);
      if (factor > 6) throw cursor.error('source_info', 'bad-value', `a compression factor of ${factor}`, opAt + 8);
      const from = Number(info & ((1n << 48n) - 1n));
      const isData = type === 2 || type === 6;
      const operation = operationOf({ type, block, blocks: isData ? 1 << factor : 1, from, compression, length, xorAt });
      if (operation === 'unknown') throw cursor.error('source_info', 'bad-value', `an operation of type ${type}`, opAt + 8);
      if (operation !== undefined) operations.push(operation);
      xorAt += length;
    }
  }
  return { operations, sequence: await readSequence(source, headerSize + buffer, sequence), isComplete: true };
}

interface Fields {
  readonly type: number;
  readonly block: number;
  readonly blocks: number;
  readonly from: number;
  readonly compression: CowData['compression'];
  readonly length: number;
  readonly xorAt: number;
}

/** Undefined: labels, clusters and sequences make no block. */
function operationOf({ type, block, blocks, from, compression: stated, length, xorAt }: Fields): CowOperation | 'unknown' | undefined {
  // What does not get smaller lies plain; zlib and brotli always pack.
  const plain = length === blocks * BLOCK && stated !== 'zlib' && stated !== 'brotli';
  const compression = plain ? 'none' : stated;
  switch (type) {
    case 1:
      return { kind: 'copy', block, blocks, from };
    case 2:
      return { kind: 'replace', block, blocks, data: { at: from, length, compression } };
    case 3:
      return { kind: 'zero', block, blocks };
    case 6:
      return { kind: 'xor', block, blocks, from, data: { at: xorAt, length, compression } };
    case 4:
    case 5:
    case 7:
      return undefined;
    default:
      return 'unknown';
  }
}

/** An error of a COW image. */
export const cowProblem = (field: string, at: number, code: FormatError['code'], detail: string): FormatError =>
  new FormatError({ format: FORMAT, field, at }, code, detail);
export const COW_BLOCK: number = BLOCK;
