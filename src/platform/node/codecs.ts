import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib';
import { type CodecName, type CodecPort, FormatError } from '../../bytes/index.ts';

const byNode: Partial<Record<CodecName, (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  'deflate-raw': promisify(inflateRaw),
  zlib: promisify(inflate),
  gzip: promisify(gunzip),
  brotli: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

/** Codecs that Node brings. The others are ours, in `formats/codec`. */
export const nodeCodec: CodecPort = async (codec, bytes, ceiling) => {
  const decode = byNode[codec];
  if (decode === undefined)
    throw new FormatError({ format: codec, field: 'codec', at: 0 }, 'unsupported-feature', 'not one of the codecs that Node brings');
  try {
    return await decode(bytes, { maxOutputLength: ceiling });
  } catch (error) {
    const tooLarge = error instanceof RangeError;
    throw new FormatError(
      { format: codec, field: 'stream', at: 0 },
      tooLarge ? 'too-large' : 'bad-value',
      tooLarge ? `more than ${ceiling} bytes` : String(error),
    );
  }
};
