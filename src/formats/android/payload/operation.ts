/** One operation of a payload: its output, its data's and its source's digests checked. */
import {
  type CodecName,
  type CodecPort,
  concatSources,
  equalBytes,
  FormatError,
  type Hasher,
  type HashPort,
  hashOf,
  type Rooms,
  readPiece,
  roomSize,
  type Source,
  type SpoolPort,
  type StreamName,
  type StreamPort,
  sliceSource,
} from '../../../bytes/index.ts';
import { applyBspatch } from './bspatch.ts';
import type { Extent, InstallOperation, PayloadPartition } from './manifest.ts';
import { FORMAT, type PayloadBlobs } from './payload.ts';

/** Writers cut at 2 MiB; some vendors put a whole partition into one operation. */
const OPERATION_MAX = 512 << 20;
/** Larger outputs are not held in memory where they can lie elsewhere. */
const LARGE = 32 << 20;
const PIECE = 1 << 20;
/** Writers store what does not pack: data of more than so many times what it makes, and this, is nobody's. */
const DATA_RATIO = 2;
const DATA_LEAST = 1 << 20;

const PACKED: ReadonlyMap<string | number, CodecName & StreamName> = new Map([
  ['REPLACE_BZ', 'bzip2'],
  ['REPLACE_XZ', 'xz'],
  ['REPLACE_ZSTD', 'zstd'],
]);
const PATCHES: ReadonlySet<string> = new Set(['SOURCE_BSDIFF', 'BROTLI_BSDIFF']);

export interface OperationPorts {
  readonly codec: CodecPort;
  readonly hash: HashPort;
  /** The partition's image of the build before: deltas need it. */
  readonly before?: Source;
  /** Where outputs lie that are too large for memory; undefined: in memory all the same. */
  readonly large?: LargePorts;
}

export interface LargePorts {
  readonly stream: StreamPort;
  readonly spool: SpoolPort;
}

export const isSupported = (type: InstallOperation['type']): boolean =>
  type === 'REPLACE' || type === 'SOURCE_COPY' || isZeros(type) || PACKED.has(type) || PATCHES.has(String(type));

/** Whether an operation writes nothing but zeros. */
export const isZeros = (type: InstallOperation['type']): boolean => type === 'ZERO' || type === 'DISCARD';

export const bytesOf = (extents: readonly Extent[], blockSize: number): number =>
  extents.reduce((sum, { blocks }) => sum + blocks * blockSize, 0);

/** Memory that the output of an operation takes: none where it is large and lies elsewhere. */
export function heldBytes({ type, targets }: InstallOperation, blockSize: number, { large }: OperationPorts): number {
  const bytes = bytesOf(targets, blockSize);
  const isElsewhere = type === 'REPLACE' || type === 'SOURCE_COPY' || (large !== undefined && PACKED.has(type));
  return bytes > LARGE && isElsewhere ? 0 : roomSize(bytes);
}

export interface OperationJob {
  readonly payload: PayloadBlobs;
  readonly partition: PayloadPartition;
  readonly ports: OperationPorts;
  readonly index: number;
  readonly rooms: Rooms;
}

/** What an operation makes: in memory, perhaps in a room that was taken for it, or in a source. Less than its blocks hold: the rest is zeros. */
export type Output =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly room: Uint8Array | undefined }
  | { readonly kind: 'source'; readonly source: Source };

/** Carries an operation out. @throws FormatError */
export async function decodeOperation(job: OperationJob): Promise<Output> {
  const { payload, partition, index, rooms } = job;
  const operation = partition.operations[index];
  const place = `operations[${index}]`;
  if (operation === undefined) throw problem(partition, place, 'out-of-bounds', `of ${partition.operations.length}`);
  const { type } = operation;
  if (!isSupported(type))
    throw problem(
      partition,
      `${place}.type`,
      'unsupported-feature',
      typeof type === 'number' ? `operation type ${type}` : `${type} is not carried out here`,
    );
  const most = bytesOf(operation.targets, payload.manifest.blockSize);
  if (most > OPERATION_MAX) throw problem(partition, `${place}.dst_extents`, 'too-large', `${most} bytes in one operation`);
  if (most > LARGE && !isZeros(type)) {
    const source = await largeOutput(job, operation, most);
    if (source !== undefined) return { kind: 'source', source };
  }
  if (isZeros(type)) return { kind: 'bytes', bytes: new Uint8Array(most), room: undefined };
  // A patch makes memory of its own.
  const room = PATCHES.has(String(type)) ? undefined : rooms.take(most);
  let bytes: Uint8Array | undefined;
  try {
    bytes = await outputOf(job, operation, { most, room });
  } finally {
    if (room !== undefined && bytes?.buffer !== room.buffer) rooms.give(room);
  }
  if (bytes.length > most) throw problem(partition, `${place}.data_length`, 'bad-value', `${bytes.length} bytes for ${most} of blocks`);
  return { kind: 'bytes', bytes, room: bytes.buffer === room?.buffer ? room : undefined };
}

/** The output in memory, in the room where it fits. */
async function outputOf(
  job: OperationJob,
  operation: InstallOperation,
  { most, room }: { readonly most: number; readonly room: Uint8Array | undefined },
): Promise<Uint8Array> {
  const { payload, ports, rooms } = job;
  if (operation.type === 'SOURCE_COPY') return readBefore(job, operation, room);
  const at = checkData(job, operation);
  const name = PACKED.get(operation.type);
  const place = operation.type === 'REPLACE' ? room : payload.source.readInto === undefined ? undefined : rooms.take(operation.dataLength);
  try {
    const data = await (place === undefined
      ? payload.source.read(at, operation.dataLength)
      : readPiece(payload.source, at, operation.dataLength, place));
    checkDigest(job, operation, hashOf(ports.hash, 'sha256', data));
    if (operation.type === 'REPLACE') return data;
    if (name === undefined) return await applyBspatch(await readBefore(job, operation, undefined), data, ports.codec, most);
    return await ports.codec(name, data, most, room?.subarray(0, most));
  } finally {
    if (place !== undefined && place !== room) rooms.give(place);
  }
}

/** A large output that lies in the payload or in the image before as it is, or that is unpacked to where the platform keeps such; undefined: it must be held in memory. */
async function largeOutput(job: OperationJob, operation: InstallOperation, most: number): Promise<Source | undefined> {
  const { payload, ports, partition, index } = job;
  if (operation.type === 'SOURCE_COPY') {
    const source = sourceBefore(job, operation);
    await checkPieces(ports.hash, source, operation.sourceSha256, () =>
      problem(partition, `operations[${index}].src_sha256_hash`, 'bad-checksum', 'the image of the build before is another one'),
    );
    return operation.sourceLength === undefined ? source : sliceSource(source, 0, Math.min(source.size, operation.sourceLength));
  }
  const name = PACKED.get(operation.type);
  if (operation.type !== 'REPLACE' && (name === undefined || ports.large === undefined)) return undefined;
  const at = checkData(job, operation);
  const packed = sliceSource(payload.source, at, operation.dataLength);
  await checkPieces(ports.hash, packed, operation.dataSha256, () =>
    dataProblem(partition, { field: `operations[${index}].data_sha256_hash`, at }, 'bad-checksum', 'the data has another SHA-256'),
  );
  const source = name === undefined || ports.large === undefined ? packed : await ports.large.spool(ports.large.stream(name, packed, most));
  if (source.size > most)
    throw problem(partition, `operations[${index}].data_length`, 'bad-value', `${source.size} bytes for ${most} of blocks`);
  return source;
}

/** Compares the digest of a source that is read through with the one stated. @throws what `wrong` makes */
async function checkPieces(hash: HashPort, source: Source, stated: Uint8Array | undefined, wrong: () => FormatError): Promise<void> {
  if (stated === undefined || stated.length === 0) return;
  const hasher: Hasher = hash('sha256');
  const buffer = new Uint8Array(PIECE);
  for (let at = 0; at < source.size; at += PIECE) hasher.update(await readPiece(source, at, Math.min(PIECE, source.size - at), buffer));
  if (!equalBytes(hasher.digest(), stated)) throw wrong();
}

/** Where an operation's data lies in the payload. @throws FormatError where it leaves it */
function checkData({ payload, partition, index }: OperationJob, { dataOffset, dataLength, targets }: InstallOperation): number {
  const at = payload.blobsAt + dataOffset;
  const place = (field: string) => ({ field: `operations[${index}].${field}`, at });
  if (at + dataLength > payload.source.size)
    throw dataProblem(partition, place('data_offset'), 'out-of-bounds', `${dataLength} bytes at ${at} of ${payload.source.size}`);
  const most = DATA_LEAST + DATA_RATIO * bytesOf(targets, payload.manifest.blockSize);
  if (dataLength > most)
    throw dataProblem(partition, place('data_length'), 'too-large', `${dataLength}, where its blocks want ${most} at most`);
  return at;
}

function checkDigest({ payload, partition, index }: OperationJob, { dataSha256, dataOffset }: InstallOperation, digest: Uint8Array): void {
  if (dataSha256 === undefined || dataSha256.length === 0 || equalBytes(digest, dataSha256)) return;
  const place = { field: `operations[${index}].data_sha256_hash`, at: payload.blobsAt + dataOffset };
  throw dataProblem(partition, place, 'bad-checksum', 'the data has another SHA-256');
}

/** What an operation takes of the image before, as a source. @throws FormatError where there is none, or it ends before */
function sourceBefore({ payload, partition, ports, index }: OperationJob, operation: InstallOperation): Source {
  const { blockSize } = payload.manifest;
  const { before } = ports;
  if (before === undefined)
    throw problem(
      partition,
      `operations[${index}].type`,
      'unsupported-feature',
      `${operation.type} needs the partition of the build before`,
    );
  const place = `operations[${index}].src_extents`;
  const length = bytesOf(operation.sources, blockSize);
  if (length > OPERATION_MAX) throw problem(partition, place, 'too-large', `${length} bytes`);
  return concatSources(
    operation.sources.map(({ startBlock, blocks }) => {
      const size = blocks * blockSize;
      if (startBlock === undefined) return { size, read: async (_, wanted) => new Uint8Array(wanted) };
      if ((startBlock + blocks) * blockSize > before.size)
        throw problem(
          partition,
          place,
          'out-of-bounds',
          `ends at block ${startBlock + blocks}, where the old image has ${before.size} bytes`,
        );
      return sliceSource(before, startBlock * blockSize, size);
    }),
  );
}

async function readBefore(job: OperationJob, operation: InstallOperation, room: Uint8Array | undefined): Promise<Uint8Array> {
  const source = sourceBefore(job, operation);
  const fits = room !== undefined && room.length >= source.size;
  const all = await (fits ? readPiece(source, 0, source.size, room) : source.read(0, source.size));
  const { sourceSha256, sourceLength } = operation;
  if (sourceSha256 !== undefined && sourceSha256.length > 0 && !equalBytes(hashOf(job.ports.hash, 'sha256', all), sourceSha256))
    throw problem(
      job.partition,
      `operations[${job.index}].src_sha256_hash`,
      'bad-checksum',
      'the image of the build before is another one',
    );
  return sourceLength === undefined ? all : all.subarray(0, sourceLength);
}

export function problem(partition: PayloadPartition, field: string, code: FormatError['code'], detail: string): FormatError {
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
