/**
 * LZMA2: LZMA in chunks, with stored chunks and resets between them. Memory is the dictionary, and that only as far as data fills it.
 * Spec: XZ Embedded's xz_dec_lzma2.c (public domain) and LZMA SDK Lzma2Dec.c: there is no document of its own.
 *
 *   0x00              end
 *   0x01 size[2]      stored, dictionary reset          0x02 size[2]  stored
 *   1rru uuuu size[2] packed[2] [properties]            LZMA; rr: 0 nothing, 1 state, 2 state and properties, 3 also the dictionary is reset
 *                     sizes are big-endian and one less than what they say
 */
import { FormatError } from '../../bytes/index.ts';
import { decodeLzma, isRangeFinished, type LzmaState, lzmaState, resetState, setProperties, startRange } from './lzma.ts';

/** The most that a chunk unpacks to, and the most that it is packed to with its header. */
const CHUNK_MAX = 1 << 21;
export const PACKED_CHUNK_MAX = (1 << 16) + 6;
/** What the window starts with: most streams of an OTA are one chunk or two. */
const WINDOW_START = 4 << 20;

/** A decoder over one block. It owns its window. */
export interface Lzma2 {
  readonly lzma: LzmaState;
  readonly dictionarySize: number;
  window: Uint8Array;
  /** Whether the next chunk must reset the dictionary, and whether it must bring properties. */
  needsDictionary: boolean;
  needsProperties: boolean;
  ended: boolean;
}

export function lzma2(format: string, dictionarySize: number): Lzma2 {
  return {
    lzma: lzmaState(format),
    dictionarySize,
    window: new Uint8Array(0),
    needsDictionary: true,
    needsProperties: true,
    ended: false,
  };
}

/** The bytes that the chunk at `at` takes in the input, its header with it; undefined where the header is not all there. */
export function chunkSize(input: Uint8Array, at: number): number | undefined {
  const control = input[at];
  if (control === undefined) return undefined;
  if (control === 0) return 1;
  if (control < 0x80) return at + 3 > input.length ? undefined : 3 + 1 + be16(input, at + 1);
  if (at + 5 > input.length) return undefined;
  return (control >= 0xc0 ? 6 : 5) + 1 + be16(input, at + 3);
}

const be16 = (bytes: Uint8Array, at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/**
 * Decodes the chunk at `at`, which must be there whole (`chunkSize`). Answers its output as a view of the window, to be used before the next call.
 * @throws FormatError
 */
export function decodeChunk(decoder: Lzma2, input: Uint8Array, at: number): Uint8Array {
  const { lzma } = decoder;
  const control = input[at] ?? 0;
  const fail = (field: string, detail: string) => new FormatError({ format: lzma.format, field, at }, 'bad-value', detail);
  if (control === 0) {
    decoder.ended = true;
    return new Uint8Array(0);
  }
  const resetsDictionary = control === 1 || control >= 0xe0;
  if (resetsDictionary) {
    decoder.needsDictionary = false;
    decoder.needsProperties = true;
  } else if (decoder.needsDictionary) throw fail('control', `0x${control.toString(16)} before any dictionary`);

  if (control < 0x80) {
    if (control > 2) throw fail('control', `0x${control.toString(16)} is no chunk`);
    const size = be16(input, at + 1) + 1;
    makeRoom(decoder, size, resetsDictionary);
    const start = lzma.outAt;
    decoder.window.set(input.subarray(at + 3, at + 3 + size), start);
    lzma.outAt += size;
    return decoder.window.subarray(start, lzma.outAt);
  }

  const size = (((control & 0x1f) << 16) | be16(input, at + 1)) + 1;
  const end = at + (chunkSize(input, at) ?? 0);
  let dataAt = at + 5;
  if (control >= 0xc0) {
    const byte = input[dataAt++] ?? 0;
    if (!setProperties(lzma, byte, 4)) throw fail('properties', `0x${byte.toString(16)} holds no lc, lp and pb of LZMA2`);
    decoder.needsProperties = false;
  } else if (decoder.needsProperties) throw fail('control', `0x${control.toString(16)} before any properties`);
  if (control >= 0xa0) resetState(lzma);
  makeRoom(decoder, size, resetsDictionary);
  const start = lzma.outAt;
  lzma.inAt = dataAt;
  lzma.inEnd = end;
  startRange(lzma, input);
  lzma.outEnd = start + size;
  decodeLzma(lzma, input, decoder.window);
  if (lzma.ended || lzma.pending > 0 || !isRangeFinished(lzma, input) || lzma.inAt !== end)
    throw fail('chunk', 'its packed and unpacked sizes do not belong together');
  return decoder.window.subarray(start, lzma.outAt);
}

/** Makes room for `size` bytes behind what is decoded: by growing up to what the dictionary takes, then by moving its last bytes to the front. */
function makeRoom(decoder: Lzma2, size: number, isReset: boolean): void {
  const { lzma } = decoder;
  if (isReset) {
    lzma.outAt = 0;
    lzma.dictionaryAt = 0;
    lzma.bias = 0;
  }
  if (lzma.outAt + size <= decoder.window.length) return;
  const full = decoder.dictionarySize + 2 * CHUNK_MAX;
  if (decoder.window.length < full) {
    const length = Math.min(full, Math.max(WINDOW_START, 2 * (lzma.outAt + size)));
    const window = new Uint8Array(length);
    window.set(decoder.window.subarray(0, lzma.outAt));
    decoder.window = window;
    if (lzma.outAt + size <= length) return;
  }
  // The models look at the position's low bits: what moves, moves by a multiple of 16.
  const drop = Math.floor(Math.max(0, lzma.outAt - decoder.dictionarySize) / 16) * 16;
  decoder.window.copyWithin(0, drop, lzma.outAt);
  lzma.outAt -= drop;
  lzma.dictionaryAt = 0;
}
