/** Blocks of squashfs, unpacked: each by itself, by the one compression of its image. */
import { type CodecPort, FormatError } from '../../../bytes/index.ts';
import { decodeLz4, decodeLzo, unlzma, unxz } from '../../codec/index.ts';
import { inflateRaw } from '../../codec/inflate.ts';
import { type Compression, refuse } from './layout.ts';

/** Unpacks a block that lies at `at` into at most `ceiling` bytes. */
export type Unpack = (packed: Uint8Array, at: number, ceiling: number) => Promise<Uint8Array>;

/** The unpacker of an image's compression. Where a platform has no codec of its own, ours are used; Zstandard has none of ours. */
export function unpacker(compression: Compression, codec: CodecPort | undefined): Unpack {
  const decode = decoderOf(compression, codec);
  return async (packed, at, ceiling) => {
    try {
      return await decode(packed, ceiling);
    } catch (error) {
      if (error instanceof FormatError) throw refuse('block', at, error.code, error.message);
      throw error;
    }
  };
}

type Decode = (packed: Uint8Array, ceiling: number) => Uint8Array | Promise<Uint8Array>;

function decodeInto(packed: Uint8Array, ceiling: number, decode: (packed: Uint8Array, out: Uint8Array) => number): Uint8Array {
  const out = new Uint8Array(ceiling);
  return out.subarray(0, decode(packed, out));
}

function decoderOf(compression: Compression, codec: CodecPort | undefined): Decode {
  switch (compression) {
    case 'gzip':
      // Without a platform: the two bytes of zlib's header before, its check value behind.
      return codec === undefined
        ? (packed, ceiling) => inflateRaw(packed.subarray(2, -4), ceiling)
        : (packed, ceiling) => codec('zlib', packed, ceiling);
    case 'lzma':
      return unlzma;
    case 'lzo':
      return (packed, ceiling) => decodeInto(packed, ceiling, decodeLzo);
    case 'xz':
      return codec === undefined ? unxz : (packed, ceiling) => codec('xz', packed, ceiling);
    case 'lz4':
      return (packed, ceiling) =>
        decodeInto(packed, ceiling, (input, out) =>
          decodeLz4({ input, inAt: 0, inEnd: input.length, out, outAt: 0, outEnd: out.length, from: 0, partial: false }),
        );
    case 'zstd':
      if (codec !== undefined) return (packed, ceiling) => codec('zstd', packed, ceiling);
      break;
    case 'none':
      break;
  }
  return () => {
    throw refuse('compression', 20, 'unsupported-feature', `${compression}, for which no codec was given`);
  };
}
