/**
 * The codecs of our own behind the port. A platform answers for those that it brings, and asks here for the others.
 */
import { type CodecName, type CodecPort, FormatError } from '../../bytes/index.ts';
import { unbzip2 } from './bzip2.ts';
import { inflateRaw } from './inflate.ts';
import { unlz4Block } from './lz4.ts';
import { unxz } from './xz.ts';

const own: Partial<Record<CodecName, (bytes: Uint8Array, ceiling: number) => Uint8Array | Promise<Uint8Array>>> = {
  'deflate-raw': inflateRaw,
  'lz4-block': unlz4Block,
  xz: unxz,
  bzip2: unbzip2,
};

/** The codecs that need no platform: raw deflate, LZ4 blocks, xz and bzip2. The rest is refused by name. */
export const pureCodec: CodecPort = async (codec, bytes, ceiling) => {
  const decode = own[codec];
  if (decode === undefined)
    throw new FormatError({ format: codec, field: 'codec', at: 0 }, 'unsupported-feature', 'not one of the codecs that need no platform');
  return decode(bytes, ceiling);
};
