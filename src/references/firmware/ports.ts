/** What reading firmware needs of the machine. */
import {
  bytesSource,
  type CodecPort,
  concatBytes,
  FormatError,
  type HashPort,
  type Source,
  type SpoolPort,
  type StreamPort,
} from '../../bytes/index.ts';
import { pureStream } from '../../formats/codec/index.ts';

export interface FirmwarePorts {
  readonly hash: HashPort;
  readonly codec: CodecPort;
  /** Undefined: the streams that need no platform. */
  readonly stream?: StreamPort;
  /** Where streams are kept that can only be read forwards; undefined: in memory, up to a bound. */
  readonly spool?: SpoolPort;
  /** Images of the build before by partition, for incremental packages. */
  readonly before?: ReadonlyMap<string, Source>;
  /** Of payloads: bytes of decoded operations that are kept for each partition, and operations that are decoded ahead. */
  readonly cacheBytes?: number;
  readonly ahead?: number;
}

/** Without a spool. */
const MEMORY_MAX = 256 << 20;
/** What one member may unpack to: the largest super images have 16 GiB. */
const UNPACKED_MAX = 64 * 2 ** 30;
/** What packs better than this is a bomb, once it is larger than `SMALL`: images of mostly zeros reach some hundreds. */
const RATIO_MAX = 2048;
const SMALL = 1 << 30;

/** What a packed stream holds, so that it can be read in any order. @throws FormatError on malformed streams, and on what unpacks to more than it should */
export async function unpackedSource(
  ports: FirmwarePorts,
  packed: { readonly format: Parameters<StreamPort>[0]; readonly source: Source; readonly ceiling?: number },
): Promise<Source> {
  const ceiling = Math.min(packed.ceiling ?? UNPACKED_MAX, UNPACKED_MAX, Math.max(SMALL, packed.source.size * RATIO_MAX));
  const pieces = (ports.stream ?? pureStream)(packed.format, packed.source, ceiling);
  return (ports.spool ?? memorySpool)(pieces);
}

/** The same of a stream that may be cut off: what came before is kept, and why no more did. @throws FormatError where nothing came, and on what unpacks to more than it should */
export async function unpackedPart(
  ports: FirmwarePorts,
  packed: Parameters<typeof unpackedSource>[1],
): Promise<{ readonly source: Source; readonly broken: FormatError | undefined }> {
  let broken: FormatError | undefined;
  async function* whole(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    let count = 0;
    try {
      for await (const piece of pieces) {
        count++;
        yield piece;
      }
    } catch (error) {
      if (!(error instanceof FormatError) || error.code === 'too-large' || count === 0) throw error;
      broken = error;
    }
  }
  const stream = ports.stream ?? pureStream;
  const source = await unpackedSource({ ...ports, stream: (format, from, ceiling) => whole(stream(format, from, ceiling)) }, packed);
  return { source, broken };
}

const memorySpool: SpoolPort = async (pieces) => {
  const kept: Uint8Array[] = [];
  let total = 0;
  for await (const piece of pieces) {
    total += piece.length;
    if (total > MEMORY_MAX)
      throw new FormatError(
        { format: 'firmware', field: 'spool', at: 0 },
        'too-large',
        `more than ${MEMORY_MAX} bytes unpack, and there is no place to keep them`,
      );
    kept.push(piece.slice());
  }
  return bytesSource(concatBytes(kept));
};

/** The first bytes of what a packed stream holds. @throws FormatError */
export async function peekStream(
  ports: FirmwarePorts,
  packed: { readonly format: Parameters<StreamPort>[0]; readonly source: Source },
  length: number,
): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let total = 0;
  for await (const piece of (ports.stream ?? pureStream)(packed.format, packed.source, UNPACKED_MAX)) {
    kept.push(piece.slice(0, length));
    total += piece.length;
    if (total >= length) break;
  }
  return concatBytes(kept).subarray(0, length);
}
