/** The partition that boots: what a COW image changes, over the image of before. Nothing is merged: blocks are made when they are asked for. */
import { type CodecPort, checkRange, type Source } from '../../../bytes/index.ts';
import { decodeLz4 } from '../../codec/index.ts';
import { COW_BLOCK as BLOCK, type CowData, type CowImage, type CowOperation, cowProblem } from './cow.ts';
import { placeOf } from './merge-order.ts';

/** Decoded pieces that are kept: files are read in order, and pieces hold several blocks. */
const KEPT_MAX = 16;

export interface MergeInputs {
  readonly cow: CowImage;
  /** The bytes of the COW image. */
  readonly data: Source;
  /** The partition's own extents: the build before, as far as no merge has been there. */
  readonly before: Source;
  readonly codec: CodecPort;
}

/** As large as the partition itself. @throws FormatError when reading blocks that cannot be made */
export function mergedImage({ cow, data, before, codec }: MergeInputs): Source {
  const { operations } = cow;
  const kept = new Map<CowOperation, Promise<Uint8Array>>();
  /** The last operation that begins at or before a block. */
  const indexAt = (block: number): number => {
    let [low, high] = [0, operations.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((operations[middle]?.block ?? 0) <= block) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };

  async function unpack({ at, length, compression }: CowData, size: number): Promise<Uint8Array> {
    if (length > size * 2 || at + length > data.size)
      throw cowProblem('data', at, 'out-of-bounds', `${length} bytes at ${at} of ${data.size}`);
    const packed = await data.read(at, length);
    const bytes =
      compression === 'none' ? packed : compression === 'lz4-block' ? unpackLz4(packed, size) : await codec(compression, packed, size);
    if (bytes.length !== size) throw cowProblem('data', at, 'bad-value', `${bytes.length} bytes, where ${size} are due`);
    return bytes;
  }

  async function make(operation: CowOperation): Promise<Uint8Array> {
    const size = operation.blocks * BLOCK;
    if (operation.kind === 'zero') return new Uint8Array(size);
    if (operation.kind === 'replace') return unpack(operation.data, size);
    const place = cow.order === undefined ? 'before' : placeOf(cow.order, operation.block);
    // A merge overwrites what copies and XORs read: where it has been, the block itself is what they made.
    if (place === 'merged') return before.read(operation.block * BLOCK, size);
    if (place === 'unknown')
      throw cowProblem(
        'num_merge_ops',
        0,
        'unsupported-feature',
        `${cow.merged} operations are merged already, and whether block ${operation.block} is among them is not said`,
      );
    if (place !== 'before') return data.read(place.at, size);
    const at = operation.kind === 'copy' ? operation.from * BLOCK : operation.from;
    if (at + size > before.size)
      throw cowProblem('source', at, 'out-of-bounds', `${size} bytes at ${at} of ${before.size} before the update`);
    const old = await before.read(at, size);
    if (operation.kind === 'copy') return old;
    const mask = await unpack(operation.data, size);
    return mask.map((byte, index) => byte ^ (old[index] ?? 0));
  }

  function bytesOf(operation: CowOperation): Promise<Uint8Array> {
    const known = kept.get(operation) ?? make(operation);
    kept.delete(operation);
    kept.set(operation, known);
    // What failed is tried again by the next who wants it.
    known.catch(() => kept.delete(operation));
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_MAX) break;
      kept.delete(oldest);
    }
    return known;
  }

  return {
    size: before.size,
    async read(at, length) {
      checkRange(before, at, length);
      const end = at + length;
      const out = new Uint8Array(length);
      for (let from = at; from < end; ) {
        const block = Math.floor(from / BLOCK);
        const index = indexAt(block);
        const operation = operations[index];
        const covers = operation !== undefined && block < operation.block + operation.blocks;
        const nextAt = operations[index + 1]?.block ?? Number.POSITIVE_INFINITY;
        const until = Math.min(end, nextAt * BLOCK, covers ? (operation.block + operation.blocks) * BLOCK : Number.POSITIVE_INFINITY);
        if (covers) {
          const bytes = await bytesOf(operation);
          const inside = from - operation.block * BLOCK;
          out.set(bytes.subarray(inside, inside + until - from), from - at);
        } else out.set(await before.read(from, until - from), from - at);
        from = until;
      }
      return out;
    },
  };
}

/** A bare block of LZ4, by our own decoder: the same in Node and browsers. */
function unpackLz4(packed: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  const end = decodeLz4({ input: packed, inAt: 0, inEnd: packed.length, out, outAt: 0, outEnd: size, from: 0, partial: false });
  return out.subarray(0, end);
}
