/**
 * Outputs of a partition's operations while they are wanted. Nobody else holds them: what is asked for is copied, so that the memory of one that is dropped makes the next.
 */
import { decodedBudget, openRooms } from '../../../bytes/index.ts';
import { bytesOf, decodeOperation, heldBytes, isSupported, isZeros, type OperationJob, type Output } from './operation.ts';
import { FORMAT } from './payload.ts';

/** Decoded operations kept, unless the caller says otherwise. */
const CACHE_MAX = 16 << 20;
/** Rooms of dropped outputs and of packed data that wait to be used again. */
const ROOMS_MAX = 8 << 20;
const RECENT = 6;

/** A run of blocks of the partition and the operation that makes it. */
export interface Run {
  readonly start: number;
  readonly end: number;
  readonly operation: number;
  /** Where the run's bytes lie in the operation's output. */
  readonly outAt: number;
}

export interface CacheOptions {
  /** Bytes of decoded operations that are kept. */
  readonly cacheBytes?: number;
  /** Bytes that operations may make in all, which blocks that are asked for again make again; default by the payload's size. */
  readonly decodedMax?: number;
  /** Operations decoded ahead of the one asked for while blocks are asked for in order: worth it where the codec works in threads of its own. */
  readonly ahead?: number;
  /** Who decodes; undefined: as many at a time as are asked for. */
  readonly lanes?: Lanes;
}

/** Decoders, which several caches share: each has memory of its own, and more of them than the machine has cores only need more of it. */
export interface Lanes {
  /** One begins. */
  take(): void;
  /** One ended. */
  give(): void;
  /** Whether another one would find a core. */
  isFree(): boolean;
}

/** Fills bytes with what a run's operation makes from a place of its output on; zeros behind its end. @throws FormatError */
export type CopyOutput = (run: number, from: number, into: Uint8Array) => Promise<void>;

interface Entry {
  /** Its place in the order of reading. */
  readonly run: number;
  readonly bytes: number;
  readonly made: Promise<Output>;
  /** Memory that it lies in, once it is made, until that is given back. */
  room: Uint8Array | undefined;
  /** How many wait for it, or copy from it. */
  users: number;
  isDropped: boolean;
}

/**
 * Decodes the operation of a run, keeps it, and looks ahead. What is dropped first is what is asked for last when the image is read in order from here on:
 * blocks just behind, whatever was read out of order before them. So the directories that a walk reads first are still there when their neighbours' content is read.
 */
export function operationCache(job: Omit<OperationJob, 'index' | 'rooms'>, runs: readonly Run[], options: CacheOptions): CopyOutput {
  const { payload, partition, ports } = job;
  const { cacheBytes: most = CACHE_MAX, ahead = 0, lanes } = options;
  const rooms = openRooms(ROOMS_MAX);
  const spend = decodedBudget(FORMAT, payload.source.size, options.decodedMax);
  /** By operation. */
  const kept = new Map<number, Entry>();
  let keptBytes = 0;
  /** Runs asked for last: a pass over the image and the reading of its files go on side by side. */
  const recent: number[] = [];
  const sizeOf = (index: number) => {
    const operation = partition.operations[index];
    return operation === undefined ? 0 : heldBytes(operation, payload.manifest.blockSize, ports);
  };
  /** Runs that are asked for again soon although they are behind: readers of one image are not at one place. */
  const slack = Math.max(4, Math.floor(runs.length / 50));
  const release = (entry: Entry) => {
    if (!entry.isDropped || entry.users > 0 || entry.room === undefined) return;
    rooms.give(entry.room);
    entry.room = undefined;
  };
  const drop = (operation: number, entry: Entry) => {
    kept.delete(operation);
    keptBytes -= entry.bytes;
    entry.isDropped = true;
    release(entry);
  };
  const makeRoom = (run: number, but: number) => {
    while (keptBytes > most && kept.size > 1) {
      let worst: number | undefined;
      let farthest = -1;
      for (const [operation, entry] of kept) {
        const distance = (entry.run - (run - slack) + 2 * runs.length) % runs.length;
        if (operation !== but && entry.bytes > 0 && distance > farthest) {
          farthest = distance;
          worst = operation;
        }
      }
      const entry = worst === undefined ? undefined : kept.get(worst);
      if (worst === undefined || entry === undefined) return;
      drop(worst, entry);
    }
  };
  const start = (run: number): Entry => {
    const index = runs[run]?.operation ?? -1;
    const known = kept.get(index);
    if (known !== undefined) return known;
    const decode = async () => {
      const { targets, dataOffset } = partition.operations[index] ?? { targets: [], dataOffset: 0 };
      spend(bytesOf(targets, payload.manifest.blockSize), payload.blobsAt + dataOffset);
      return decodeOperation({ ...job, index, rooms });
    };
    lanes?.take();
    const made = decode().finally(() => lanes?.give());
    const entry: Entry = { run, bytes: sizeOf(index), made, room: undefined, users: 0, isDropped: false };
    kept.set(index, entry);
    keptBytes += entry.bytes;
    made.then(
      (output) => {
        if (output.kind === 'bytes') entry.room = output.room;
        release(entry);
      },
      // What failed is tried again by the next who wants it.
      () => {
        if (!entry.isDropped) drop(index, entry);
      },
    );
    makeRoom(run, index);
    return entry;
  };
  const lookAhead = (run: number) => {
    let budget = most / 2;
    for (let next = run + 1; next <= run + ahead && next < runs.length; next++) {
      const operation = runs[next]?.operation ?? -1;
      const type = partition.operations[operation]?.type;
      // What is only zeros, or cannot be decoded, is not worth the room.
      if (type === undefined || isZeros(type) || !isSupported(type)) continue;
      const size = sizeOf(operation);
      budget -= size;
      // What lies elsewhere is made when it is wanted.
      if (size === 0 || budget <= 0) return;
      if (kept.has(operation)) continue;
      if (lanes?.isFree() === false) return;
      start(next);
    }
  };
  return async (run, from, into) => {
    const entry = start(run);
    entry.users++;
    const inOrder = recent.includes(run) || recent.includes(run - 1);
    if (!recent.includes(run) && recent.push(run) > RECENT) recent.shift();
    if (inOrder) lookAhead(run);
    try {
      await copy(await entry.made, from, into);
    } finally {
      entry.users--;
      release(entry);
    }
  };
}

/** Behind its end an output is zeros, to the end of its blocks. */
async function copy(output: Output, from: number, into: Uint8Array): Promise<void> {
  if (output.kind === 'bytes') {
    const bytes = output.bytes.subarray(from, from + into.length);
    into.set(bytes);
    into.fill(0, bytes.length);
    return;
  }
  const { source } = output;
  const length = Math.max(0, Math.min(into.length, source.size - from));
  const target = into.subarray(0, length);
  if (length > 0) {
    const piece = source.readInto === undefined ? await source.read(from, length) : await source.readInto(from, target);
    if (piece !== undefined) target.set(piece);
  }
  into.fill(0, length);
}
