import { type CodecName, type CodecPort, concatBytes, FormatError } from '../../bytes/index.ts';

const NAMES: Partial<Record<CodecName, CompressionFormat>> = { 'deflate-raw': 'deflate-raw', zlib: 'deflate', gzip: 'gzip' };

/** Codecs that every browser brings (Compression Streams). The others are ours, in `formats/codec`. */
export const webCodec: CodecPort = async (codec, bytes, ceiling) => {
  const name = NAMES[codec];
  if (name === undefined)
    throw new FormatError({ format: codec, field: 'codec', at: 0 }, 'unsupported-feature', 'not one of the codecs that browsers bring');
  const parts: Uint8Array[] = [];
  let total = 0;
  const reader = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream(name)).getReader();
  for (;;) {
    const { done, value } = await next(reader, codec);
    if (done || value === undefined) return concatBytes(parts);
    total += value.length;
    if (total > ceiling) {
      await reader.cancel();
      throw new FormatError({ format: codec, field: 'stream', at: 0 }, 'too-large', `more than ${ceiling} bytes`);
    }
    parts.push(value);
  }
};

async function next(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  codec: CodecName,
): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }> {
  try {
    return await reader.read();
  } catch (error) {
    throw new FormatError({ format: codec, field: 'stream', at: 0 }, 'bad-value', error instanceof Error ? error.message : String(error));
  }
}
