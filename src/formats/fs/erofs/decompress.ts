/** One cluster of an EROFS image, from its bytes to what the file takes of it. */
import { type CodecPort, FormatError, type SpendDecoded } from '../../../bytes/index.ts';
import { inflateRaw } from '../../codec/inflate.ts';
import { decodeLz4 } from '../../codec/lz4.ts';
import type { LzmaState } from '../../codec/lzma.ts';
import { decodeMicroLzma, microLzmaState } from '../../codec/microlzma.ts';
import { refuse } from './layout.ts';
import { KIND, UNPACKED_MAX } from './map.ts';

/** What decoding needs besides the bytes. */
export interface Decoder {
  readonly codec: CodecPort | undefined;
  /** Images of Linux 4.19 put compressed bytes at the front of their block, with rubbish behind. */
  readonly isPadded: boolean;
  readonly blockSize: number;
  readonly lzma: LzmaState;
  readonly spend: SpendDecoded;
}

export function decoder(parts: Omit<Decoder, 'lzma'>): Decoder {
  return { ...parts, lzma: microLzmaState() };
}

/** One extent to decode. */
export interface Cluster {
  readonly kind: number;
  readonly packed: Uint8Array;
  /** Where `packed` lies, for errors. */
  readonly at: number;
  /** Where in the file the extent begins. */
  readonly start: number;
  readonly partial: boolean;
}

const NAMES = ['LZ4', 'MicroLZMA', 'DEFLATE', 'Zstandard'];

/** Algorithms that decode at once; the others go through the platform's port. */
export const isSynchronous = (kind: number) => kind === 0 || kind === 1 || kind >= KIND.shifted;

/** Decodes into `out`, which is as long as the extent. @throws FormatError */
export function decodeNow(cluster: Cluster, out: Uint8Array, by: Decoder): void {
  const { packed, kind } = cluster;
  by.spend(out.length, cluster.at);
  switch (kind) {
    case KIND.shifted:
      out.set(packed.subarray(0, out.length));
      out.fill(0, Math.min(packed.length, out.length));
      return;
    case KIND.interlaced: {
      // The bytes stand where they would in the file's own blocks: the first ones at the end.
      if (packed.length < out.length) out.fill(0);
      const head = Math.min(by.blockSize - (cluster.start % by.blockSize), out.length);
      const headAt = packed.length - by.blockSize + (cluster.start % by.blockSize);
      out.set(packed.subarray(headAt, headAt + head));
      out.set(packed.subarray(0, out.length - head), head);
      return;
    }
    case 0: {
      const margin = by.isPadded ? skipZeros(cluster) : 0;
      const partial = cluster.partial || !by.isPadded;
      const end = translate(cluster, () =>
        decodeLz4({ input: packed, inAt: margin, inEnd: packed.length, out, outAt: 0, outEnd: out.length, from: 0, partial }),
      );
      if (end !== out.length) throw refuse('cluster', cluster.at, 'short-read', `LZ4 of ${end} bytes, where ${out.length} are wanted`);
      return;
    }
    case 1:
      translate(cluster, () => decodeMicroLzma(packed.subarray(skipZeros(cluster)), out, by.lzma));
      return;
    default:
      throw refuse('algorithm', cluster.at, 'unsupported-feature', `compression algorithm ${kind}`);
  }
}

/** The same through the platform's codecs. @throws FormatError */
export async function decodeLater(cluster: Cluster, out: Uint8Array, by: Decoder): Promise<void> {
  const { kind } = cluster;
  if (isSynchronous(kind)) return decodeNow(cluster, out, by);
  const name = NAMES[kind];
  if (name === undefined)
    throw refuse('algorithm', cluster.at, 'unsupported-feature', `compression algorithm ${kind} is none that is known`);
  const packed = cluster.packed.subarray(skipZeros(cluster));
  // What is not told to go on is not unpacked beyond what is wanted.
  const ceiling = cluster.partial ? UNPACKED_MAX : out.length;
  let whole: Uint8Array;
  try {
    if (by.codec !== undefined) whole = await by.codec(kind === 2 ? 'deflate-raw' : 'zstd', packed, ceiling);
    else if (kind === 2) whole = inflateRaw(packed, ceiling);
    else throw refuse('algorithm', cluster.at, 'unsupported-feature', `${name}, for which no codec was given`);
  } catch (error) {
    // It may have failed at its end, and is tried by every file that shares it.
    by.spend(ceiling, cluster.at);
    throw error instanceof FormatError && error.code !== 'unsupported-feature'
      ? refuse('cluster', cluster.at, error.code, error.message)
      : error;
  }
  by.spend(whole.length, cluster.at);
  if (whole.length < out.length || (whole.length > out.length && !cluster.partial))
    throw refuse('cluster', cluster.at, 'bad-value', `${name} of ${whole.length} bytes, where ${out.length} are wanted`);
  out.set(whole.subarray(0, out.length));
}

/** Compressed bytes stand at the end of their blocks; none begins with a zero. */
function skipZeros({ packed, at }: Cluster): number {
  let margin = 0;
  while (margin < packed.length && packed[margin] === 0) margin++;
  if (margin === packed.length) throw refuse('cluster', at, 'bad-value', 'nothing but zeros');
  return margin;
}

function translate<T>(cluster: Cluster, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof FormatError) throw refuse('cluster', cluster.at, error.code, error.message);
    throw error;
  }
}
