import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib';
import { type CodecName, type CodecPort, FormatError } from '../../bytes/index.ts';
import { joinCodecs } from '../../formats/codec/index.ts';

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

/** Every codec: deflate, zlib, gzip, Brotli and Zstandard by Node's zlib, LZ4, xz and bzip2 by ours. */
export const nodeCodec: CodecPort = joinCodecs(zlibCodec, names);
