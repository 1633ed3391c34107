/** What EROFS files hold, as Sources: flat, with an inline tail, in chunks, and compressed. */
import { checkRange, type Source, type SpendEntries } from '../../../bytes/index.ts';
import { type Cluster, type Decoder, decodeLater, decodeNow, isSynchronous } from './decompress.ts';
import type { ErofsInode } from './inode.ts';
import { FORMAT, refuse, type Superblock } from './layout.ts';
import { type ExtentMap, KIND } from './map.ts';

/** Where bytes of all devices are read. */
export interface Devices {
  readonly primary: Source;
  readonly others: readonly (Source | undefined)[];
}

/** Reads by an address that all devices share. @throws FormatError on a device that was not given */
async function readShared(devices: Devices, superblock: Superblock, at: number, length: number): Promise<Uint8Array> {
  for (const [i, { blocks, startBlock }] of superblock.devices.entries()) {
    const start = startBlock * superblock.blockSize;
    if (startBlock > 0 && at >= start && at < start + blocks * superblock.blockSize) return readDevice(devices, i + 1, at - start, length);
  }
  return readDevice(devices, 0, at, length);
}

async function readDevice(devices: Devices, id: number, at: number, length: number): Promise<Uint8Array> {
  const device = id === 0 ? devices.primary : devices.others[id - 1];
  if (device === undefined) throw refuse('device_id', at, 'unsupported-feature', `device ${id} was not given`);
  if (at + length > device.size)
    throw refuse('block', at, 'out-of-bounds', `${length} bytes at ${at} of device ${id}, which has ${device.size}`);
  return device.read(at, length);
}

/** A file whose blocks follow each other; its tail may lie behind the inode. @throws FormatError where the tail leaves its metadata */
export function flatSource(node: ErofsInode, superblock: Superblock, devices: Devices, meta: Source): Source {
  const { size } = node;
  const tail = node.layout === 'inline' ? size % superblock.blockSize || Math.min(size, superblock.blockSize) : 0;
  const body = size - tail;
  if (tail > 0 && node.bodyAt + tail > meta.size)
    throw refuse('i_size', node.at + 8, 'out-of-bounds', `the inline tail ends at ${node.bodyAt + tail}`);
  const start = (node.startBlock ?? 0) * superblock.blockSize;
  return {
    size,
    async read(at, length) {
      checkRange({ size }, at, length, FORMAT);
      if (at + length <= body)
        return node.startBlock === undefined ? new Uint8Array(length) : readShared(devices, superblock, start + at, length);
      if (at >= body) return meta.read(node.bodyAt + (at - body), length);
      const out = new Uint8Array(length);
      if (node.startBlock !== undefined) out.set(await readShared(devices, superblock, start + at, body - at));
      out.set(await meta.read(node.bodyAt, at + length - body), body - at);
      return out;
    },
  };
}

const CHUNKS_MAX = 1 << 21;
const NO_BLOCK = 0xffffffff;

/** A file in chunks, each anywhere on any device, or nowhere: zeros. @throws FormatError */
export async function chunkSource(
  node: ErofsInode,
  { superblock, devices, meta, spendEntries }: Omit<Compressed, 'decoder' | 'packed'> & { readonly spendEntries: SpendEntries },
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
  return {
    size,
    async read(from, length) {
      checkRange({ size }, from, length, FORMAT);
      const out = new Uint8Array(length);
      const end = from + length;
      for (let here = from; here < end; ) {
        const place = locate(Math.floor(here / chunkSize));
        let until = Math.min(end, (Math.floor(here / chunkSize) + 1) * chunkSize);
        // Chunks that follow each other are read at once.
        while (until < end && place !== undefined) {
          const next = locate(until / chunkSize);
          if (next?.device !== place.device || next.at - place.at !== until - Math.floor(here / chunkSize) * chunkSize) break;
          until = Math.min(end, until + chunkSize);
        }
        if (place !== undefined) {
          const inside = place.at + (here % chunkSize);
          const read =
            place.device === 0
              ? readShared(devices, superblock, inside, until - here)
              : readDevice(devices, place.device, inside, until - here);
          out.set(await read, here - from);
        }
        here = until;
      }
      return out;
    },
  };
}

/** What a compressed file is read with. */
export interface Compressed {
  readonly superblock: Superblock;
  readonly devices: Devices;
  readonly meta: Source;
  readonly decoder: Decoder;
  /** The packed inode's content, for fragments. */
  readonly packed: () => Promise<Source>;
}

/** Compressed bytes read at once where clusters follow each other. */
const READ_AHEAD = 1 << 20;

/** A compressed file. Reading in order decodes each cluster once; the last one is kept for reads that end within it. */
export function compressedSource(node: ErofsInode, map: ExtentMap, by: Compressed): Source {
  const { size } = node;
  let windowAt = 0;
  let window: Uint8Array = new Uint8Array(0);
  let keptIndex = -1;
  let kept: Uint8Array = new Uint8Array(0);

  async function load(index: number, last: number): Promise<Uint8Array> {
    const at = map.at[index] ?? 0;
    const length = map.packed[index] ?? 0;
    if (index === map.inline) {
      if (at + length > by.meta.size) throw refuse('h_idata_size', node.bodyAt, 'out-of-bounds', `the inline tail ends at ${at + length}`);
      return by.meta.read(at, length);
    }
    if (at < windowAt || at + length > windowAt + window.length) {
      let end = at + length;
      for (let i = index + 1; i <= last && i !== map.inline; i++) {
        const next = map.at[i] ?? 0;
        const nextEnd = next + (map.packed[i] ?? 0);
        if (next !== end || nextEnd - at > READ_AHEAD) break;
        end = nextEnd;
      }
      // Dropped first: a read that fails must not leave a window under a wrong address.
      window = new Uint8Array(0);
      window = await readShared(by.devices, by.superblock, at, end - at);
      windowAt = at;
    }
    return window.subarray(at - windowAt, at - windowAt + length);
  }

  async function readFragment(index: number, at: number, length: number): Promise<Uint8Array> {
    const packed = await by.packed();
    const from = (map.at[index] ?? 0) + (at - (map.start[index] ?? 0));
    if (from + length > packed.size)
      throw refuse('h_fragmentoff', node.bodyAt, 'out-of-bounds', `${length} bytes at ${from} of the packed inode’s ${packed.size}`);
    return packed.read(from, length);
  }

  async function fill(at: number, out: Uint8Array): Promise<void> {
    checkRange({ size }, at, out.length, FORMAT);
    const end = at + out.length;
    if (out.length === 0) return;
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
          packed: await load(index, last),
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

  return {
    size,
    async read(at, length) {
      checkRange({ size }, at, length, FORMAT);
      const out = new Uint8Array(length);
      await fill(at, out);
      return out;
    },
    readInto: fill,
  };
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
