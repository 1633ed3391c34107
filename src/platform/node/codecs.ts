import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, inflateRawSync, zstdDecompress } from 'node:zlib';
import { type CodecName, type CodecPort, FormatError } from '../../bytes/index.ts';

const byNode: Partial<Record<CodecName, (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  'deflate-raw': promisify(inflateRaw),
  zlib: promisify(inflate),
  gzip: promisify(gunzip),
  brotli: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};
// The keys of a record of CodecName are CodecNames.
const names: ReadonlySet<CodecName> = new Set(Object.keys(byNode) as CodecName[]);

const zlibCodec: CodecPort = async (codec, bytes, ceiling) => {
  const decode = byNode[codec];
  if (decode === undefined)
    throw new FormatError({ format: codec, field: 'codec', at: 0 }, 'unsupported-feature', 'not one of the codecs that Node brings');
  try {
    return await decode(bytes, { maxOutputLength: Math.max(1, ceiling) });
  } catch (error) {
    const tooLarge = error instanceof RangeError;
    throw new FormatError(
      { format: codec, field: 'stream', at: 0 },
      tooLarge ? 'too-large' : 'bad-value',
      tooLarge ? `more than ${ceiling} bytes` : String(error),
    );
  }
};

/** Every codec: deflate, zlib, gzip, Brotli and Zstandard by Node's zlib, LZ4 and bzip2 by ours, xz by liblzma's Rust sibling in a thread of its own or by ours. */
export const nodeCodec: CodecPort = (codec, bytes, ceiling, room) =>
  codec === 'xz' ? unxzNative(bytes, ceiling, room) : joined(codec, bytes, ceiling);

/** Ours are loaded for the first bytes that Node has no codec for. */
const joined: CodecPort = async (codec, bytes, ceiling) => {
  if (names.has(codec)) return zlibCodec(codec, bytes, ceiling);
  const { pureCodec } = await import('../../formats/codec/index.ts');
  return pureCodec(codec, bytes, ceiling);
};

/** Dictionaries that the native decoder is trusted with: it allocates what a header asks for. */
const DICTIONARY_MAX = 64 << 20;
/** Below this the way into another thread costs more than it saves. */
const SMALL = 16 << 10;
let native: Promise<((bytes: Uint8Array) => Promise<Uint8Array>) | undefined> | undefined;

/** The native decoder, where npm had one for this machine. It has no ceiling of its own: what it will write is counted beforehand. */
async function unxzNative(bytes: Uint8Array, ceiling: number, room: Uint8Array | undefined): Promise<Uint8Array> {
  const { xzClaims } = await import('../../formats/codec/index.ts');
  const claims = bytes.length < SMALL ? undefined : xzClaims(bytes);
  if (claims === undefined || claims.size > ceiling || claims.dictionarySize > DICTIONARY_MAX) return joined('xz', bytes, ceiling);
  native ??= import('@napi-rs/lzma/xz').then(
    ({ decompress }) => decompress,
    () => undefined,
  );
  const decompress = await native;
  if (decompress === undefined) return joined('xz', bytes, ceiling);
  try {
    const unpacked = await decompress(bytes);
    const { buffer, byteOffset, length } = unpacked;
    if (room !== undefined && length <= room.length) {
      room.set(unpacked);
      // The decoder's own memory would wait for the collector, which counts it late: taken from its buffer, it goes at once.
      if (buffer instanceof ArrayBuffer) buffer.transfer(0);
      return room.subarray(0, length);
    }
    // A view without Buffer's own methods. What the decoder's memory grew to behind it was never touched: it costs addresses, not memory.
    return new Uint8Array(buffer, byteOffset, length);
  } catch {
    // Ours says what is wrong, and where; or reads what the other has no filter for.
    return joined('xz', bytes, ceiling);
  }
}

/** Members larger than this come in several pieces. */
const PIECE_MAX = 1 << 20;

/** Inflates small members of archives at once. @throws FormatError */
export function nodeInflate(bytes: Uint8Array, ceiling: number): Uint8Array {
  try {
    // One piece of the size that is expected, and a byte more, so that zlib need not be asked again whether that was all.
    const chunkSize = Math.min(Math.max(64, ceiling + 1), PIECE_MAX);
    return inflateRawSync(bytes, { maxOutputLength: Math.max(1, ceiling), chunkSize });
  } catch (error) {
    throw new FormatError(
      { format: 'deflate-raw', field: 'stream', at: 0 },
      error instanceof RangeError ? 'too-large' : 'bad-value',
      String(error),
    );
  }
}
