/**
 * Metadata of squashfs: inodes, directories, ids and attributes lie in blocks of 8 KiB, each packed by itself, that follow each other.
 *
 *   le16 size, bit 15: it lies as it is; then so many bytes
 */
import type { Source } from '../../../bytes/index.ts';
import { refuse } from './layout.ts';
import type { Unpack } from './unpack.ts';

const METADATA_SIZE = 8192;
const PLAIN = 0x8000;
/** Blocks kept unpacked: 4 MiB. */
const KEPT_MAX = 512;
/** Bytes that are read at once: a directory, the list of blocks of a large file. */
const READ_MAX = 16 << 20;

/** A place in metadata: a block of the image, and an offset in what it unpacks to. */
export interface MetadataPlace {
  readonly block: number;
  readonly offset: number;
}

export interface Metadata {
  /** So many bytes from a place on, over as many blocks as it takes; and the place behind them. @throws FormatError */
  readonly read: (place: MetadataPlace, length: number) => Promise<{ readonly bytes: Uint8Array; readonly next: MetadataPlace }>;
}

interface Block {
  readonly bytes: Uint8Array;
  /** Where the next one begins. */
  readonly next: number;
}

/** Reads metadata through a cache of unpacked blocks. */
export function openMetadata(source: Source, unpack: Unpack): Metadata {
  const kept = new Map<number, Promise<Block>>();
  const load = (at: number): Promise<Block> => {
    const known = kept.get(at);
    if (known !== undefined) return known;
    const block = readBlock(source, unpack, at);
    kept.set(at, block);
    // A block that failed is tried again by the next who wants it.
    block.catch(() => kept.delete(at));
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_MAX) break;
      kept.delete(oldest);
    }
    return block;
  };
  return {
    async read({ block, offset }, length) {
      if (length > READ_MAX) throw refuse('metadata', block, 'too-large', `${length} bytes, and ${READ_MAX} is the most`);
      const pieces: Uint8Array[] = [];
      let [at, from, left] = [block, offset, length];
      for (;;) {
        const { bytes, next } = await load(at);
        if (from > bytes.length) throw refuse('metadata', at, 'out-of-bounds', `offset ${from} of a block of ${bytes.length} bytes`);
        const piece = bytes.subarray(from, Math.min(bytes.length, from + left));
        left -= piece.length;
        pieces.push(piece);
        from += piece.length;
        if (left === 0) break;
        // Only a full block has another behind it; each begins further on than the last.
        if (bytes.length < METADATA_SIZE) throw refuse('metadata', at, 'short-read', `${left} bytes more are wanted than there are`);
        [at, from] = [next, 0];
      }
      return { bytes: joined(pieces, length), next: { block: at, offset: from } };
    },
  };
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return first;
  const out = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

async function readBlock(source: Source, unpack: Unpack, at: number): Promise<Block> {
  if (!Number.isSafeInteger(at) || at + 2 > source.size) throw refuse('metadata', at, 'out-of-bounds', 'a block beyond the image');
  const head = await source.read(at, 2);
  const word = (head[0] ?? 0) | ((head[1] ?? 0) << 8);
  const size = (word & ~PLAIN) === 0 ? PLAIN : word & ~PLAIN;
  const isPlain = (word & PLAIN) !== 0;
  if (isPlain && size > METADATA_SIZE) throw refuse('metadata', at, 'too-large', `${size} bytes in a block of ${METADATA_SIZE}`);
  if (at + 2 + size > source.size) throw refuse('metadata', at, 'out-of-bounds', `a block of ${size} bytes ends beyond the image`);
  const packed = await source.read(at + 2, size);
  return { bytes: isPlain ? packed : await unpack(packed, at, METADATA_SIZE), next: at + 2 + size };
}

/** Reads a record of a table that lies in blocks of metadata, to whose begins an index points. @throws FormatError */
export async function readRecord(
  source: Source,
  metadata: Metadata,
  { indexAt, record, size }: { readonly indexAt: number; readonly record: number; readonly size: number },
): Promise<Uint8Array> {
  const perBlock = METADATA_SIZE / size;
  const pointerAt = indexAt + 8 * Math.floor(record / perBlock);
  if (pointerAt + 8 > source.size) throw refuse('index', pointerAt, 'out-of-bounds', `record ${record} is beyond the image`);
  const pointer = await source.read(pointerAt, 8);
  const block = Number(new DataView(pointer.buffer, pointer.byteOffset, 8).getBigUint64(0, true));
  return (await metadata.read({ block, offset: (record % perBlock) * size }, size)).bytes;
}
