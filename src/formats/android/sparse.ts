/**
 * Android sparse images: what `img2simg` writes and fastboot carries.
 * Spec: AOSP system/core/libsparse/sparse_format.h (android-15.0.0_r1).
 * Limits: major version 1, at most `CHUNKS_MAX` chunks, block size at most `BLOCK_SIZE_MAX`.
 * Does not read: nothing of version 1 is left out. The CRC-32 that a crc32 chunk states is given, not verified, as libsparse does by default.
 *
 *   typedef struct sparse_header {            typedef struct chunk_header {
 *     __le32 magic;          0xed26ff3a          __le16 chunk_type;   RAW, FILL, DONT_CARE, CRC32
 *     __le16 major_version;  1                   __le16 reserved1;
 *     __le16 minor_version;                      __le32 chunk_sz;     in blocks, of the output
 *     __le16 file_hdr_sz;    28                  __le32 total_sz;     in bytes, of this chunk with its header
 *     __le16 chunk_hdr_sz;   12                } chunk_header_t;
 *     __le32 blk_sz;         a multiple of 4
 *     __le32 total_blks;     of the output
 *     __le32 total_chunks;
 *     __le32 image_checksum;
 *   } sparse_header_t;
 */
import { Cursor, checkRange, concatBytes, FormatError, type Oddity, type Reading, type Source, safeMultiply } from '../../bytes/index.ts';

const FORMAT = 'android sparse';
const MAGIC = 0xed26ff3a;
const FILE_HEADER_SIZE = 28;
const CHUNK_HEADER_SIZE = 12;
/** No image in the field comes near: libsparse cuts chunks at 64 MiB, so this is 64 TiB. */
const CHUNKS_MAX = 1 << 20;
const BLOCK_SIZE_MAX = 1 << 20;
/** Chunk headers lie far apart behind raw data: read this many bytes at once while looking for the next. */
const HEADER_WINDOW = 4096;

const CHUNK_TYPES = { 51905: 'raw', 51906: 'fill', 51907: 'dont-care', 51908: 'crc32' } as const;
type ChunkType = (typeof CHUNK_TYPES)[keyof typeof CHUNK_TYPES];

/** One chunk: which blocks of the output it makes, and from which bytes of the file. */
export interface SparseChunk {
  readonly type: ChunkType;
  /** First block of the output. */
  readonly startBlock: number;
  readonly blocks: number;
  /** Where the chunk's body lies in the file, in bytes. */
  readonly bodyAt: number;
  /** The four bytes that a fill chunk repeats, or the CRC-32 of all output so far that a crc32 chunk states. */
  readonly fill: number | undefined;
}

/** A sparse image's map. */
export interface SparseImage {
  readonly blockSize: number;
  readonly totalBlocks: number;
  /** The header's checksum, usually 0. */
  readonly imageChecksum: number;
  readonly chunks: readonly SparseChunk[];
}

/** Whether bytes begin as a sparse image does. */
export function isSparse(start: Uint8Array): boolean {
  return start.length >= 4 && start[0] === 0x3a && start[1] === 0xff && start[2] === 0x26 && start[3] === 0xed;
}

/**
 * Reads the chunk map, not the data: memory is bounded by the number of chunks.
 * @throws FormatError on anything that libsparse refuses, and on chunks that add up wrong
 */
export async function readSparse(source: Source): Promise<Reading<SparseImage>> {
  const oddities: Oddity[] = [];
  const head = new Cursor(await source.read(0, Math.min(FILE_HEADER_SIZE, source.size)), { format: FORMAT });
  const magic = head.u32('magic');
  if (magic !== MAGIC) throw head.error('magic', 'bad-magic', `0x${magic.toString(16)}, not 0xed26ff3a`, 0);
  const major = head.u16('major_version');
  if (major !== 1) throw head.error('major_version', 'unsupported-version', `${major}, not 1`, 4);
  head.u16('minor_version');
  const fileHeaderSize = head.u16('file_hdr_sz');
  if (fileHeaderSize < FILE_HEADER_SIZE) throw head.error('file_hdr_sz', 'bad-value', `${fileHeaderSize} is below ${FILE_HEADER_SIZE}`, 8);
  const chunkHeaderSize = head.u16('chunk_hdr_sz');
  if (chunkHeaderSize < CHUNK_HEADER_SIZE)
    throw head.error('chunk_hdr_sz', 'bad-value', `${chunkHeaderSize} is below ${CHUNK_HEADER_SIZE}`, 10);
  const blockSize = head.u32('blk_sz');
  if (blockSize === 0 || blockSize % 4 !== 0 || blockSize > BLOCK_SIZE_MAX) {
    throw head.error('blk_sz', 'bad-value', `${blockSize} is not a multiple of 4 from 4 to ${BLOCK_SIZE_MAX}`, 12);
  }
  const totalBlocks = head.u32('total_blks');
  const totalChunks = head.u32('total_chunks');
  if (totalChunks > CHUNKS_MAX) throw head.error('total_chunks', 'too-large', `${totalChunks} is above ${CHUNKS_MAX}`, 20);
  // Each chunk has a header in the file, so a count that the file cannot hold is refused before anything is allocated for it.
  if (fileHeaderSize + totalChunks * chunkHeaderSize > source.size) {
    throw head.error('total_chunks', 'out-of-bounds', `${totalChunks} chunk headers do not fit into ${source.size} bytes`, 20);
  }
  const imageChecksum = head.u32('image_checksum');

  const chunks: SparseChunk[] = [];
  const window = headerWindow(source);
  let at = fileHeaderSize;
  let block = 0;
  for (let index = 0; index < totalChunks; index++) {
    const cursor = new Cursor(await window(at, chunkHeaderSize + 4), { format: FORMAT, base: at, prefix: `chunk[${index}].` });
    const type = chunkType(cursor);
    cursor.u16('reserved1');
    const blocks = cursor.u32('chunk_sz');
    const totalSize = cursor.u32('total_sz');
    cursor.skip('chunk_header', chunkHeaderSize - CHUNK_HEADER_SIZE);
    const bodySize = totalSize - chunkHeaderSize;
    const expected = bodySizeOf(type, blocks, blockSize);
    if (bodySize !== expected) {
      // libsparse reads exactly what the type says and never looks at total_sz of these two; writers have left it at the bare header.
      if (bodySize < 0 || type === 'raw' || type === 'fill') {
        throw cursor.error(
          'total_sz',
          'bad-value',
          `${totalSize}, where ${type} of ${blocks} blocks takes ${chunkHeaderSize + (expected ?? 0)}`,
          8,
        );
      }
      oddities.push({
        format: FORMAT,
        field: `chunk[${index}].total_sz`,
        at: at + 8,
        code: 'total-size',
        detail: `${totalSize} for a ${type} chunk`,
      });
    }
    if (at + totalSize > source.size)
      throw cursor.error('total_sz', 'out-of-bounds', `the chunk ends at ${at + totalSize} of ${source.size} bytes`, 8);
    if (block + blocks > totalBlocks)
      throw cursor.error('chunk_sz', 'out-of-bounds', `ends at block ${block + blocks} of ${totalBlocks}`, 4);
    const fill = type === 'fill' || (type === 'crc32' && bodySize === 4) ? cursor.u32('body') : undefined;
    chunks.push({ type, startBlock: block, blocks: type === 'crc32' ? 0 : blocks, bodyAt: at + chunkHeaderSize, fill });
    if (type !== 'crc32') block += blocks;
    at += totalSize;
  }
  if (block !== totalBlocks) throw head.error('total_blks', 'bad-value', `${totalBlocks}, where the chunks make ${block}`, 16);
  if (at < source.size) {
    oddities.push({ format: FORMAT, field: 'end', at, code: 'trailing', detail: `${source.size - at} bytes after the last chunk` });
  }
  return { value: { blockSize, totalBlocks, imageChecksum, chunks }, oddities };
}

function chunkType(cursor: Cursor): ChunkType {
  const code = cursor.u16('chunk_type');
  const type = (CHUNK_TYPES as Readonly<Record<number, ChunkType>>)[code];
  if (type === undefined) throw cursor.error('chunk_type', 'bad-value', `0x${code.toString(16)} is no chunk type`, 0);
  return type;
}

function bodySizeOf(type: ChunkType, blocks: number, blockSize: number): number | undefined {
  switch (type) {
    case 'raw':
      return safeMultiply(blocks, blockSize);
    case 'fill':
    case 'crc32':
      return 4;
    case 'dont-care':
      return 0;
  }
}

/** Reads small pieces that lie close together from one larger read. */
function headerWindow(source: Source): (at: number, length: number) => Promise<Uint8Array> {
  let start = 0;
  let bytes: Uint8Array = new Uint8Array(0);
  return async (at, length) => {
    const wanted = Math.min(length, source.size - at);
    if (wanted < 0) throw new FormatError({ format: FORMAT, field: 'chunk_header', at }, 'short-read', `the file ends at ${source.size}`);
    if (at < start || at + wanted > start + bytes.length) {
      start = at;
      bytes = await source.read(at, Math.min(HEADER_WINDOW, source.size - at));
    }
    return bytes.subarray(at - start, at - start + wanted);
  };
}

/** The output of a sparse image as a Source: nothing is unpacked, don't-care blocks read as zero. */
export function sparseSource(source: Source, image: SparseImage): Source {
  const { blockSize } = image;
  const chunks = image.chunks.filter((chunk) => chunk.blocks > 0);
  const size = image.totalBlocks * blockSize;
  return {
    size,
    async read(at, length) {
      checkRange({ size }, at, length, FORMAT);
      const out = new Uint8Array(length);
      for (let index = chunkAt(chunks, Math.floor(at / blockSize)); index < chunks.length; index++) {
        const chunk = chunks[index];
        if (chunk === undefined) break;
        const start = chunk.startBlock * blockSize;
        if (start >= at + length) break;
        const from = Math.max(at, start);
        const to = Math.min(at + length, start + chunk.blocks * blockSize);
        if (chunk.type === 'raw') out.set(await source.read(chunk.bodyAt + (from - start), to - from), from - at);
        else if (chunk.type === 'fill' && chunk.fill !== undefined && chunk.fill !== 0)
          fillWith(out.subarray(from - at, to - at), chunk.fill, from - start);
      }
      return out;
    },
    origin(at) {
      const chunk = chunks[chunkAt(chunks, Math.floor(at / blockSize))];
      if (chunk === undefined || (chunk.type === 'fill' && chunk.fill !== 0)) return undefined;
      const inside = at - chunk.startBlock * blockSize;
      const length = chunk.blocks * blockSize - inside;
      return chunk.type === 'raw' ? { source, at: chunk.bodyAt + inside, length } : { source: undefined, at: 0, length };
    },
  };
}

/** Index of the chunk that makes a block, by bisection: `chunks` lie in order and without gaps. */
function chunkAt(chunks: readonly SparseChunk[], block: number): number {
  let low = 0;
  let high = chunks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((chunks[middle]?.startBlock ?? 0) <= block) low = middle;
    else high = middle - 1;
  }
  return low;
}

function fillWith(out: Uint8Array, fill: number, phase: number): void {
  for (let i = 0; i < out.length; i++) out[i] = (fill >>> (8 * ((phase + i) % 4))) & 0xff;
}

/** What `writeSparse` lays out: the parts of an output, in order. Data must be whole blocks. */
export type SparsePart =
  | { readonly type: 'raw'; readonly data: Uint8Array }
  | { readonly type: 'fill'; readonly fill: number; readonly blocks: number }
  | { readonly type: 'dont-care'; readonly blocks: number }
  | { readonly type: 'crc32'; readonly crc: number };

/** Writes a sparse image of version 1.0. @throws RangeError when raw data is not whole blocks */
export function writeSparse(parts: readonly SparsePart[], blockSize = 4096): Uint8Array {
  const codes: Readonly<Record<ChunkType, number>> = { raw: 0xcac1, fill: 0xcac2, 'dont-care': 0xcac3, crc32: 0xcac4 };
  const pieces: Uint8Array[] = [];
  let totalBlocks = 0;
  for (const part of parts) {
    const body =
      part.type === 'raw'
        ? part.data
        : part.type === 'fill'
          ? u32Bytes(part.fill)
          : part.type === 'crc32'
            ? u32Bytes(part.crc)
            : new Uint8Array(0);
    if (part.type === 'raw' && part.data.length % blockSize !== 0)
      throw new RangeError(`raw data of ${part.data.length} bytes is not whole blocks of ${blockSize}`);
    const blocks = part.type === 'raw' ? part.data.length / blockSize : part.type === 'crc32' ? 0 : part.blocks;
    const header = new DataView(new ArrayBuffer(CHUNK_HEADER_SIZE));
    header.setUint16(0, codes[part.type], true);
    header.setUint32(4, blocks, true);
    header.setUint32(8, CHUNK_HEADER_SIZE + body.length, true);
    pieces.push(new Uint8Array(header.buffer), body);
    totalBlocks += blocks;
  }
  const head = new DataView(new ArrayBuffer(FILE_HEADER_SIZE));
  head.setUint32(0, MAGIC, true);
  head.setUint16(4, 1, true);
  head.setUint16(8, FILE_HEADER_SIZE, true);
  head.setUint16(10, CHUNK_HEADER_SIZE, true);
  head.setUint32(12, blockSize, true);
  head.setUint32(16, totalBlocks, true);
  head.setUint32(20, parts.length, true);
  return concatBytes([new Uint8Array(head.buffer), ...pieces]);
}

function u32Bytes(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, true);
  return new Uint8Array(view.buffer);
}

/**
 * Several sparse images of one output, as `img2simg` and fastboot split what does not fit into memory: each has holes where the others have data.
 * @throws FormatError, also where two write the same blocks: which of them is on the phone depends on who flashes
 */
export async function overlaySparse(parts: readonly Source[]): Promise<Source> {
  const layers: { readonly image: SparseImage; readonly source: Source }[] = [];
  for (const part of parts) {
    const { value: image } = await readSparse(part);
    layers.push({ image, source: sparseSource(part, image) });
  }
  const size = layers.reduce((most, { source }) => Math.max(most, source.size), 0);
  const written = layers
    .flatMap(({ image: { chunks, blockSize }, source }) =>
      chunks
        .filter(({ type, blocks }) => (type === 'raw' || type === 'fill') && blocks > 0)
        .map(({ startBlock, blocks }) => ({ start: startBlock * blockSize, end: (startBlock + blocks) * blockSize, source })),
    )
    .toSorted((a, b) => a.start - b.start);
  for (const [index, { start }] of written.entries())
    if ((written[index - 1]?.end ?? 0) > start)
      throw new FormatError({ format: FORMAT, field: 'chunk_sz', at: start }, 'overlap', `byte ${start} of the output is in two parts`);
  return {
    size,
    async read(at, length) {
      checkRange({ size }, at, length, FORMAT);
      const out = new Uint8Array(length);
      let low = 0;
      for (let high = written.length; low < high; ) {
        const middle = (low + high) >> 1;
        if ((written[middle]?.end ?? 0) > at) high = middle;
        else low = middle + 1;
      }
      for (let index = low; index < written.length; index++) {
        const part = written[index];
        if (part === undefined || part.start >= at + length) break;
        const from = Math.max(at, part.start);
        const to = Math.min(at + length, part.end);
        out.set(await part.source.read(from, to - from), from - at);
      }
      return out;
    },
  };
}
