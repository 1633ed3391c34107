import { Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { FormatError, type Source, type StreamName, type StreamPort } from '../../bytes/index.ts';

/** Packed bytes read at once. */
const WINDOW = 1 << 20;
const CHUNK = 256 << 10;

const makers: Partial<Record<StreamName, () => Transform>> = {
  gzip: () => createGunzip({ chunkSize: CHUNK }),
  'deflate-raw': () => createInflateRaw({ chunkSize: CHUNK }),
  brotli: () => createBrotliDecompress({ chunkSize: CHUNK }),
  zstd: () => createZstdDecompress({ chunkSize: CHUNK }),
};

/** Streams: gzip, deflate, Brotli and Zstandard by Node's zlib, the others by ours. */
export const nodeStream: StreamPort = async function* (format, source, ceiling) {
  const make = makers[format];
  if (make === undefined) {
    const { pureStream } = await import('../../formats/codec/index.ts');
    yield* pureStream(format, source, ceiling);
    return;
  }
  const unpacking = make();
  let taken = 0;
  const packing = Readable.from(packed(source, (upTo) => (taken = upTo)));
  packing.on('error', (error) => unpacking.destroy(error));
  packing.pipe(unpacking);
  let total = 0;
  try {
    for await (const piece of unpacking) {
      // The streams were made without an encoding: pieces are buffers.
      const bytes = piece as Buffer;
      total += bytes.length;
      if (total > ceiling) throw new FormatError({ format, field: 'output', at: 0 }, 'too-large', `more than ${ceiling} bytes`);
      yield bytes;
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    // As far as it was taken in: where a stream is cut off, that is its end.
    throw new FormatError({ format, field: 'stream', at: taken }, 'bad-value', error instanceof Error ? error.message : String(error));
  } finally {
    unpacking.destroy();
    packing.destroy();
  }
};

async function* packed(source: Source, taken: (upTo: number) => void): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < source.size; at += WINDOW) {
    const piece = await source.read(at, Math.min(WINDOW, source.size - at));
    taken(at + piece.length);
    yield piece;
  }
}
