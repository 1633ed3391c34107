/**
 * Packed streams of any length, in pieces: which format one is, and those that are unpacked here. Memory is a window, except where noted.
 * Limits: bzip2 and .lzma hold their packed bytes in memory, at most `PACKED_MAX`.
 */
import {
  type CodecName,
  FormatError,
  type FormatPlace,
  readAll,
  type Source,
  type StreamName,
  type StreamPort,
} from '../../bytes/index.ts';
import { bzip2Pieces, isBzip2 } from './bzip2.ts';
import { inflater } from './inflate.ts';
import { isLz4 } from './lz4.ts';
import { lz4Pieces } from './lz4-stream.ts';
import { isLzmaAlone } from './lzma-alone.ts';
import { lzmaPieces } from './lzma-stream.ts';
import { isXz, xzPieces } from './xz.ts';

const PACKED_MAX = 256 << 20;
const PIECE = 1 << 20;

/** Extensions by which a stream is known; of Brotli and .lzma, which have no magic, the only sign that is trusted. */
const EXTENSIONS: readonly (readonly [pattern: RegExp, format: StreamName])[] = [
  [/\.(?:gz|tgz)$/i, 'gzip'],
  [/\.(?:xz|txz)$/i, 'xz'],
  [/\.(?:bz2|tbz2?)$/i, 'bzip2'],
  [/\.(?:zst|zstd|tzst)$/i, 'zstd'],
  [/\.lz4$/i, 'lz4'],
  [/\.(?:lzma|tlz)$/i, 'lzma'],
  [/\.br$/i, 'brotli'],
];

/** The format of a stream by its first bytes, and by its name where bytes do not tell; undefined: none known here. */
export function streamFormat(start: Uint8Array, name = ''): StreamName | undefined {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  if (isXz(start)) return 'xz';
  if (isBzip2(start)) return 'bzip2';
  if (start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd) return 'zstd';
  if (isLz4(start)) return 'lz4';
  const named = EXTENSIONS.find(([pattern]) => pattern.test(name))?.[1];
  if (named === 'brotli' || (named === 'lzma' && isLzmaAlone(start))) return named;
  return undefined;
}

/** A packed file's name without what its packing added: `system.img.lz4` → `system.img`, `rom.tgz` → `rom.tar`. */
export function unpackedName(name: string): string {
  const tar = /^(.*)\.(?:tgz|txz|tbz2?|tzst|tlz)$/i.exec(name)?.[1];
  if (tar !== undefined) return `${tar}.tar`;
  const plain = EXTENSIONS.some(([pattern]) => pattern.test(name)) ? name.replace(/\.[^.]*$/, '') : '';
  return plain === '' ? 'content' : plain;
}

/** The streams that need no platform: xz, .lzma, bzip2, LZ4, gzip and raw deflate. The rest is refused by name. */
export const pureStream: StreamPort = async function* (format, source, ceiling) {
  switch (format) {
    case 'xz':
      yield* xzPieces(source, ceiling);
      return;
    case 'lz4':
      yield* lz4Pieces(source, ceiling);
      return;
    case 'lzma':
      yield* lzmaPieces(await readAll(source, PACKED_MAX, 'lzma'), ceiling);
      return;
    case 'bzip2':
      yield* bounded(bzip2Pieces(await readAll(source, PACKED_MAX, 'bzip2')), format, ceiling);
      return;
    case 'deflate-raw':
      yield* inflated(source, 0, ceiling);
      return;
    case 'gzip':
      yield* gunzipped(source, ceiling);
      return;
    case 'brotli':
    case 'zstd':
      throw refuse({ format, field: 'codec', at: 0 }, 'unsupported-feature', 'not one of the streams that need no platform');
  }
};

function* bounded(pieces: Iterable<Uint8Array>, format: CodecName, ceiling: number): Generator<Uint8Array, void, void> {
  let total = 0;
  for (const piece of pieces) {
    total += piece.length;
    if (total > ceiling) throw refuse({ format, field: 'output', at: 0 }, 'too-large', `more than ${ceiling} bytes`);
    yield piece;
  }
}

/** Deflated data from a place on; answers where it ended. */
async function* inflated(source: Source, start: number, ceiling: number): AsyncGenerator<Uint8Array, number, void> {
  let made: Uint8Array[] = [];
  const unpacking = inflater((piece) => made.push(piece.slice()), ceiling);
  for (let at = start; ; at += PIECE) {
    const length = Math.min(PIECE, source.size - at);
    const ended = unpacking.push(length > 0 ? await source.read(at, length) : new Uint8Array(0), at + PIECE >= source.size);
    yield* made;
    made = [];
    if (ended) return at + length - unpacking.left;
  }
}

/** Members of RFC 1952 one behind the other. Their CRC is not computed here: what is packed in them has digests of its own. */
async function* gunzipped(source: Source, ceiling: number): AsyncGenerator<Uint8Array, void, void> {
  let room = ceiling;
  for (let at = 0; at < source.size; ) {
    const head = await source.read(at, Math.min(1 << 16, source.size - at));
    if (head[0] !== 0x1f || head[1] !== 0x8b) {
      if (at > 0 && head.every((byte) => byte === 0)) return;
      throw refuse({ format: 'gzip', field: 'magic', at }, 'bad-magic', 'not 1F 8B');
    }
    const pieces = inflated(source, at + gzipHeader(head, at), room);
    let end = at;
    for (let next = await pieces.next(); ; next = await pieces.next()) {
      if (next.done === true) {
        end = next.value;
        break;
      }
      room -= next.value.length;
      yield next.value;
    }
    at = end + 8;
  }
}

/** Bytes of a member's header. */
function gzipHeader(head: Uint8Array, base: number): number {
  const flags = head[3] ?? 0;
  let at = 10;
  if ((flags & 4) !== 0) at += 2 + ((head[at] ?? 0) | ((head[at + 1] ?? 0) << 8));
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = head.indexOf(0, at);
    if (end < 0) throw refuse({ format: 'gzip', field: 'name', at: base + at }, 'short-read', 'it does not end');
    at = end + 1;
  }
  if ((flags & 2) !== 0) at += 2;
  if (head[2] !== 8 || at > head.length)
    throw refuse({ format: 'gzip', field: 'header', at: base }, 'bad-value', `method ${head[2]}, header of ${at} bytes`);
  return at;
}

const refuse = (place: FormatPlace, code: FormatError['code'], detail: string) => new FormatError(place, code, detail);
