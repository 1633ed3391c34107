/**
 * What an entry holds: stored entries are read in place, the others through a bounded inflate.
 * Android inflates whatever method is not 0 (system/libziparchive, libcore): so does this, and falls back on the bytes as they lie where a forged
 * method stands over stored data, which package installers have accepted.
 */
import { type CodecPort, FormatError, type Oddity, type Reading, type Source, sliceSource } from '../../../bytes/index.ts';
import { inflateRaw, inflater } from '../../codec/inflate.ts';
import { crc32 } from './crc32.ts';
import type { ZipEntry } from './read.ts';
import { FORMAT, LOCAL_SIZE, readLocalHeader } from './records.ts';

/** The most that an entry may unpack to unless the caller says otherwise. */
export const MEMBER_MAX = 512 << 20;
/** Compressed bytes below which our own inflate is quicker than a call into the platform's. */
const SMALL = 16 << 10;

/** Where an entry's data lies in the source. @throws FormatError when its local header is none */
export async function entryDataAt(source: Source, entry: ZipEntry): Promise<number> {
  if (entry.local !== undefined) return entry.localAt + entry.local.length;
  if (entry.localAt + LOCAL_SIZE > source.size) {
    throw new FormatError(
      { format: FORMAT, field: 'local_header_offset', at: entry.localAt },
      'out-of-bounds',
      'no local header fits there',
    );
  }
  return entry.localAt + readLocalHeader(await source.read(entry.localAt, LOCAL_SIZE), { at: entry.localAt }).length;
}

/** An entry's bytes as they lie, compressed or not. @throws FormatError when they are not all there */
export async function entrySource(source: Source, entry: ZipEntry): Promise<Source> {
  const at = await entryDataAt(source, entry);
  const length = entry.method === 0 ? storedSize(entry) : entry.compressedSize;
  if (at + length > source.size) {
    throw new FormatError(
      { format: FORMAT, field: 'compressed_size', at },
      'out-of-bounds',
      `${length} bytes, where the file ends at ${source.size}`,
    );
  }
  return sliceSource(source, at, length);
}

/** Of a stored entry the two sizes should be one; Android goes by the uncompressed one. */
const storedSize = (entry: ZipEntry) => entry.size;

/**
 * An entry's content, and how it deviates from what the directory says of it (`size`, `crc`, `stored-under-method`, `data-trailing`).
 * @throws FormatError when it does not unpack, or to more than `ceiling` bytes
 */
export async function extractEntry(
  source: Source,
  entry: ZipEntry,
  codec: CodecPort | undefined,
  ceiling = MEMBER_MAX,
): Promise<Reading<Uint8Array>> {
  const oddities: Oddity[] = [];
  const add = (code: string, field: string, detail: string) =>
    oddities.push({ format: FORMAT, field: `entry[${entry.index}].${field}`, at: entry.localAt, code, detail });
  const value = await unpack(source, entry, { codec, ceiling, add });
  if (value.length !== entry.size) add('size', 'uncompressed_size', `${entry.size}, where the data unpacks to ${value.length}`);
  else if (crc32(value) !== entry.crc32) add('crc', 'crc32', 'the data has another CRC-32 than the directory says');
  return { value, oddities };
}

interface Unpacking {
  readonly codec: CodecPort | undefined;
  readonly ceiling: number;
  readonly add: (code: string, field: string, detail: string) => void;
}

async function unpack(source: Source, entry: ZipEntry, { codec, ceiling, add }: Unpacking): Promise<Uint8Array> {
  if (entry.method === 0) return readStored(source, entry, ceiling);
  const raw = await entrySource(source, entry);
  // What does not pack grows a little: five bytes a block of 64 KiB, or a bit a byte with an unlucky code.
  if (raw.size > ceiling + (ceiling >> 3) + 1024) throw tooLarge(entry, ceiling);
  const packed = await raw.read(0, raw.size);
  try {
    if (codec === undefined || packed.length < SMALL) return inflateRaw(packed, ceiling);
    return await codec('deflate-raw', packed, ceiling);
  } catch (error) {
    if (!(error instanceof FormatError) || error.code === 'too-large') throw error;
    if (entry.method === 8) {
      throw new FormatError({ format: FORMAT, field: `entry[${entry.index}].data`, at: entry.localAt }, error.code, error.message);
    }
    const plain = await readStored(source, entry, ceiling);
    add('stored-under-method', 'method', `method ${entry.method} over data that lies there as it is`);
    return plain;
  }
}

async function readStored(source: Source, entry: ZipEntry, ceiling: number): Promise<Uint8Array> {
  if (entry.size > ceiling) throw tooLarge(entry, ceiling);
  const plain = await entrySource(source, { ...entry, method: 0 });
  return plain.read(0, plain.size);
}

const tooLarge = (entry: ZipEntry, ceiling: number) =>
  new FormatError({ format: FORMAT, field: `entry[${entry.index}].size`, at: entry.localAt }, 'too-large', `more than ${ceiling} bytes`);

/**
 * An entry's content.
 * @throws FormatError when it does not unpack, or to more than `ceiling` bytes
 */
export async function openEntry(source: Source, entry: ZipEntry, codec: CodecPort | undefined, ceiling = MEMBER_MAX): Promise<Uint8Array> {
  return unpack(source, entry, { codec, ceiling, add: () => undefined });
}

/** Bytes of a stored or packed entry read at once while it is streamed. */
const PIECE = 1 << 20;
/** Packed entries up to this size are unpacked in one go, which is three times as fast as in pieces. */
const AT_ONCE = 4 << 20;
const AT_ONCE_OUT = 24 << 20;
const INFLATED_AT_ONCE = 256 << 10;

/** Where an entry's content goes. Pieces may be overwritten after the call. */
export interface EntrySink {
  readonly sink: (piece: Uint8Array) => void;
  /** The most bytes that may come. */
  readonly ceiling: number;
  /** Inflates small entries at once; undefined: they too go through the codec. */
  readonly inflate: ((bytes: Uint8Array, ceiling: number) => Uint8Array) | undefined;
}

/**
 * Hands out an entry's content in pieces: memory is bounded whatever its size. Answers how many bytes there were.
 * @throws FormatError when it does not unpack, or to more than the ceiling
 */
export async function streamEntry(source: Source, entry: ZipEntry, codec: CodecPort, into: EntrySink): Promise<number> {
  const { sink, ceiling, inflate } = into;
  const raw = await entrySource(source, entry);
  if (entry.method === 0) {
    if (raw.size > ceiling) throw tooLarge(entry, ceiling);
    for (let at = 0; at < raw.size; at += PIECE) sink(await raw.read(at, Math.min(PIECE, raw.size - at)));
    return raw.size;
  }
  if (raw.size <= AT_ONCE && entry.size <= AT_ONCE_OUT) {
    const packed = await raw.read(0, raw.size);
    const most = Math.min(ceiling, Math.max(entry.size, 1));
    const bytes =
      inflate !== undefined && entry.size <= INFLATED_AT_ONCE ? inflate(packed, most) : await codec('deflate-raw', packed, most);
    sink(bytes);
    return bytes.length;
  }
  const unpacking = inflater(sink, ceiling);
  for (let at = 0; at < raw.size || raw.size === 0; at += PIECE) {
    const piece = await raw.read(at, Math.min(PIECE, raw.size - at));
    if (unpacking.push(piece, at + PIECE >= raw.size)) break;
  }
  return unpacking.total;
}
