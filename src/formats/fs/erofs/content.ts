/** What EROFS files hold, as Sources: flat, with an inline tail, in chunks, and compressed. */
import { checkRange, type Rooms, readPiece, type Source, type SpendEntries } from '../../../bytes/index.ts';
import { type Cluster, type Decoder, decodeLater, decodeNow, isSynchronous } from './decompress.ts';
import type { ErofsInode } from './inode.ts';
import { FORMAT, refuse, type Superblock } from './layout.ts';
import { type ExtentMap, KIND } from './map.ts';

/** Where bytes of all devices are read. */
export interface Devices {
  readonly primary: Source;
  readonly others: readonly (Source | undefined)[];
}

/** What is read from where, to the room where the device can fill it. */
interface Piece {
  readonly at: number;
  readonly length: number;
  readonly room: Uint8Array;
}

/** Reads by an address that all devices share. @throws FormatError on a device that was not given */
async function readShared(devices: Devices, superblock: Superblock, piece: Piece): Promise<Uint8Array> {
  const { at } = piece;
  for (const [i, { blocks, startBlock }] of superblock.devices.entries()) {
    const start = startBlock * superblock.blockSize;
    if (startBlock > 0 && at >= start && at < start + blocks * superblock.blockSize)
      return readDevice(devices, i + 1, { ...piece, at: at - start });
  }
  return readDevice(devices, 0, piece);
}

async function readDevice(devices: Devices, id: number, { at, length, room }: Piece): Promise<Uint8Array> {
  const device = id === 0 ? devices.primary : devices.others[id - 1];
  if (device === undefined) throw refuse('device_id', at, 'unsupported-feature', `device ${id} was not given`);
  if (at + length > device.size)
    throw refuse('block', at, 'out-of-bounds', `${length} bytes at ${at} of device ${id}, which has ${device.size}`);
  return readPiece(device, at, length, room);
}

/** A source of what fills bytes. */
const filled = (size: number, fill: (at: number, out: Uint8Array) => Promise<void>): Source => ({
  size,
  async read(at, length) {
    checkRange({ size }, at, length, FORMAT);
    const out = new Uint8Array(length);
    await fill(at, out);
    return out;
  },
  async readInto(at, out) {
    checkRange({ size }, at, out.length, FORMAT);
    await fill(at, out);
  },
});

/** Puts what was read where it belongs, unless it was read to there. */
function place(piece: Uint8Array, out: Uint8Array): void {
  if (piece.buffer !== out.buffer || piece.byteOffset !== out.byteOffset) out.set(piece);
}

/** A file whose blocks follow each other; its tail may lie behind the inode. @throws FormatError where the tail leaves its metadata */
export function flatSource(node: ErofsInode, superblock: Superblock, devices: Devices, meta: Source): Source {
  const { size } = node;
  const tail = node.layout === 'inline' ? size % superblock.blockSize || Math.min(size, superblock.blockSize) : 0;
  const body = size - tail;
  if (tail > 0 && node.bodyAt + tail > meta.size)
    throw refuse('i_size', node.at + 8, 'out-of-bounds', `the inline tail ends at ${node.bodyAt + tail}`);
  const start = (node.startBlock ?? 0) * superblock.blockSize;
  return filled(size, async (at, out) => {
    const inBody = Math.max(0, Math.min(body - at, out.length));
    const room = out.subarray(0, inBody);
    if (node.startBlock === undefined) room.fill(0);
    else if (inBody > 0) place(await readShared(devices, superblock, { at: start + at, length: inBody, room }), room);
    if (inBody < out.length) out.set(await meta.read(node.bodyAt + at + inBody - body, out.length - inBody), inBody);
  });
}

const CHUNKS_MAX = 1 << 21;
const NO_BLOCK = 0xffffffff;

/** A file in chunks, each anywhere on any device, or nowhere: zeros. @throws FormatError */
export async function chunkSource(
  node: ErofsInode,
  { superblock, devices, meta, spendEntries }: Omit<Compressed, 'decoder' | 'packed' | 'rooms'> & { readonly spendEntries: SpendEntries },
): Promise<Source> {
  const format = node.raw & 0xffff;
  if (format > 0x7f) throw refuse('chunk format', node.at + 16, 'unsupported-feature', `0x${format.toString(16)}`);
  const { size } = node;
  const chunkSize = superblock.blockSize * 2 ** (format & 0x1f);
  const hasIndexes = (format & 0x20) !== 0;
  const has48 = (format & 0x40) !== 0;
  const unit = hasIndexes ? 8 : 4;
  const count = Math.ceil(size / chunkSize);
  const at = Math.ceil(node.bodyAt / unit) * unit;
  if (count > CHUNKS_MAX) throw refuse('i_size', node.at + 8, 'too-large', `${count} chunks, and ${CHUNKS_MAX} is the most`);
  if (at + count * unit > meta.size) throw refuse('chunk index', at, 'out-of-bounds', `${count} chunks do not fit into the metadata`);
  spendEntries(count, at);
  const bytes = await meta.read(at, count * unit);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Device ids are masked to as many bits as there are devices. */
  const mask = 2 ** Math.ceil(Math.log2(superblock.devices.length + 1)) - 1;
  const locate = (chunk: number): { device: number; at: number } | undefined => {
    const low = view.getUint32(chunk * unit + (hasIndexes ? 4 : 0), true);
    const high = hasIndexes && has48 ? view.getUint16(chunk * unit, true) : 0;
    if (low === NO_BLOCK && (!has48 || high === 0xffff)) return undefined;
    const device = hasIndexes ? view.getUint16(chunk * unit + 2, true) & mask : 0;
    return { device, at: (low + high * 2 ** 32) * superblock.blockSize };
  };
  return filled(size, async (from, out) => {
    const end = from + out.length;
    for (let here = from; here < end; ) {
      const found = locate(Math.floor(here / chunkSize));
      let until = Math.min(end, (Math.floor(here / chunkSize) + 1) * chunkSize);
      // Chunks that follow each other are read at once.
      while (until < end && found !== undefined) {
        const next = locate(until / chunkSize);
        if (next?.device !== found.device || next.at - found.at !== until - Math.floor(here / chunkSize) * chunkSize) break;
        until = Math.min(end, until + chunkSize);
      }
      const room = out.subarray(here - from, until - from);
      if (found === undefined) room.fill(0);
      else {
        const piece = { at: found.at + (here % chunkSize), length: until - here, room };
        place(await (found.device === 0 ? readShared(devices, superblock, piece) : readDevice(devices, found.device, piece)), room);
      }
      here = until;
    }
  });
}

/** What a compressed file is read with. */
export interface Compressed {
  readonly superblock: Superblock;
  readonly devices: Devices;
  readonly meta: Source;
  readonly decoder: Decoder;
  /** The packed inode's content, for fragments. */
  readonly packed: () => Promise<Source>;
  /** Memory for what is read of clusters. */
  readonly rooms: Rooms;
}

const NOWHERE = new Uint8Array(0);

/** Compressed bytes read at once where clusters follow each other. */
const READ_AHEAD = 1 << 20;

/** A compressed file. Reading in order decodes each cluster once; the last one is kept for reads that end within it. */
export function compressedSource(node: ErofsInode, map: ExtentMap, by: Compressed): Source {
  const { size } = node;
  let keptIndex = -1;
  let kept: Uint8Array = NOWHERE;

  /** Packed bytes of one read, which go when it ends: reads may go on side by side. */
  interface Window {
    at: number;
    bytes: Uint8Array;
    room: Uint8Array;
  }

  async function load(window: Window, index: number, last: number): Promise<Uint8Array> {
    const at = map.at[index] ?? 0;
    const length = map.packed[index] ?? 0;
    if (index === map.inline) {
      if (at + length > by.meta.size) throw refuse('h_idata_size', node.bodyAt, 'out-of-bounds', `the inline tail ends at ${at + length}`);
      return by.meta.read(at, length);
    }
    if (at < window.at || at + length > window.at + window.bytes.length) {
      let end = at + length;
      for (let i = index + 1; i <= last && i !== map.inline; i++) {
        const next = map.at[i] ?? 0;
        const nextEnd = next + (map.packed[i] ?? 0);
        if (next !== end || nextEnd - at > READ_AHEAD) break;
        end = nextEnd;
      }
      // Dropped first: a read that fails must not leave a window under a wrong address.
      window.bytes = NOWHERE;
      if (window.room.length < end - at && by.devices.primary.readInto !== undefined) {
        if (window.room.length > 0) by.rooms.give(window.room);
        window.room = by.rooms.take(end - at);
      }
      window.bytes = await readShared(by.devices, by.superblock, { at, length: end - at, room: window.room });
      window.at = at;
    }
    return window.bytes.subarray(at - window.at, at - window.at + length);
  }

  async function readFragment(index: number, at: number, length: number): Promise<Uint8Array> {
    const packed = await by.packed();
    const from = (map.at[index] ?? 0) + (at - (map.start[index] ?? 0));
    if (from + length > packed.size)
      throw refuse('h_fragmentoff', node.bodyAt, 'out-of-bounds', `${length} bytes at ${from} of the packed inode’s ${packed.size}`);
    return packed.read(from, length);
  }

  async function fill(at: number, out: Uint8Array): Promise<void> {
    if (out.length === 0) return;
    const window: Window = { at: 0, bytes: NOWHERE, room: NOWHERE };
    try {
      await fillBy(window, at, out);
    } finally {
      if (window.room.length > 0) by.rooms.give(window.room);
    }
  }

  async function fillBy(window: Window, at: number, out: Uint8Array): Promise<void> {
    const end = at + out.length;
    const last = extentAt(map, end - 1);
    for (let index = extentAt(map, at); index <= last; index++) {
      const start = map.start[index] ?? 0;
      const stop = map.start[index + 1] ?? 0;
      const from = Math.max(at, start);
      const to = Math.min(end, stop);
      const kind = map.kind[index] ?? 0;
      if (from >= to) continue;
      if (kind === KIND.hole) {
        out.fill(0, from - at, to - at);
        continue;
      }
      if (kind === KIND.fragment) {
        out.set(await readFragment(index, from, to - from), from - at);
        continue;
      }
      if (keptIndex !== index || from === start) {
        const cluster: Cluster = {
          kind,
          packed: await load(window, index, last),
          at: map.at[index] ?? 0,
          start,
          partial: map.partial[index] === 1,
        };
        const isWhole = from === start && to === stop;
        const target = isWhole ? out.subarray(from - at, to - at) : new Uint8Array(stop - start);
        if (isSynchronous(kind)) decodeNow(cluster, target, by.decoder);
        else await decodeLater(cluster, target, by.decoder);
        if (isWhole) continue;
        keptIndex = index;
        kept = target;
      }
      out.set(kept.subarray(from - start, to - start), from - at);
    }
  }

  return filled(size, fill);
}

/** Index of the extent that holds an offset, by bisection. */
function extentAt(map: ExtentMap, offset: number): number {
  let low = 0;
  let high = map.count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((map.start[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
