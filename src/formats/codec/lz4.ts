/**
 * LZ4 blocks, frames and the legacy frames of kernels and ramdisks.
 * Spec: lz4_Block_format.md and lz4_Frame_format.md (1.6.4), both of lz4 1.10.
 * Limits: the caller's ceiling on output; block sizes of the frame's own table. A partial decode stops where the output is full, as EROFS needs:
 * images of Linux 4.19 and tails of shared clusters hold more than is asked for.
 * Does not read: frames with a dictionary (named). Skippable frames are skipped.
 *
 *   block    token[1] = literals << 4 | match - 4; 15 means: more bytes, each 255 goes on; literals; offset[2]; …; the last sequence has literals only
 *   frame    04 22 4D 18, FLG, BD, [content size 8], [dictionary id 4], HC; { size[4], data, [checksum 4] }… 0; [content checksum 4]
 *   legacy   02 21 4C 18; { size[4], data of up to 8 MiB }… to the end or to the next magic
 */
import { concatBytes, FormatError, type FormatErrorCode } from '../../bytes/index.ts';
import { xxh32 } from './checksums.ts';

const FORMAT = 'lz4';
const MAGIC = 0x184d2204;
const LEGACY_MAGIC = 0x184c2102;
const LEGACY_BLOCK_MAX = 8 << 20;
const SKIPPABLE = 0x184d2a50;
const MATCH_MIN = 4;

const refuse = (field: string, at: number, code: FormatErrorCode, detail: string) =>
  new FormatError({ format: FORMAT, field, at }, code, detail);

/** Where a block's bytes are and where they go; the loop keeps its own copies. */
export interface Lz4Job {
  readonly input: Uint8Array;
  readonly inAt: number;
  readonly inEnd: number;
  readonly out: Uint8Array;
  /** First byte to write, and the first not to. Matches may reach back to `from`. */
  readonly outAt: number;
  readonly outEnd: number;
  readonly from: number;
  /** Stop without complaint when the output is full, whatever input is left. */
  readonly partial: boolean;
}

/**
 * Decodes one block; answers where the output ends.
 * @throws FormatError on input that ends within a sequence, on offsets before the output's start, and (unless `partial`) on output that does not fit
 */
export function decodeLz4(job: Lz4Job): number {
  const { input, inEnd, out, outEnd, from, partial } = job;
  let at = job.inAt;
  let to = job.outAt;
  if (at >= inEnd) throw refuse('block', at, 'short-read', 'no token');
  for (;;) {
    const token = input[at++] ?? 0;
    let length = token >>> 4;
    if (length === 15) {
      let more: number;
      do {
        if (at >= inEnd) throw refuse('literal length', at, 'short-read', 'the block ends here');
        more = input[at++] ?? 0;
        length += more;
      } while (more === 255);
    }
    if (length > 0) {
      let available = length;
      if (at + length > inEnd) {
        if (!partial || to + (inEnd - at) < outEnd)
          throw refuse('literals', at, 'short-read', `${length} bytes wanted, ${inEnd - at} left`);
        available = inEnd - at;
      }
      if (to + available > outEnd) {
        if (!partial) throw refuse('literals', at, 'too-large', `more than ${outEnd - job.outAt} bytes`);
        available = outEnd - to;
      }
      if (available > 32) {
        out.set(input.subarray(at, at + available), to);
        at += available;
        to += available;
      } else {
        for (const end = at + available; at < end; ) out[to++] = input[at++] ?? 0;
      }
    }
    if (at >= inEnd || (partial && to >= outEnd)) return to;

    const offset = (input[at] ?? 0) | ((input[at + 1] ?? 0) << 8);
    at += 2;
    if (at > inEnd) throw refuse('offset', at - 2, 'short-read', 'the block ends here');
    length = token & 15;
    if (length === 15) {
      let more: number;
      do {
        if (at >= inEnd) throw refuse('match length', at, 'short-read', 'the block ends here');
        more = input[at++] ?? 0;
        length += more;
      } while (more === 255);
    }
    length += MATCH_MIN;
    let source = to - offset;
    if (offset === 0 || source < from) throw refuse('offset', at, 'out-of-bounds', `${offset} bytes back, where ${to - from} were decoded`);
    let end = to + length;
    if (end > outEnd) {
      if (!partial) throw refuse('match', at, 'too-large', `more than ${outEnd - job.outAt} bytes`);
      end = outEnd;
    }
    if (length > 64 && offset >= length) {
      out.copyWithin(to, source, source + (end - to));
      to = end;
    } else if (length > 128 && offset === 1) {
      out.fill(out[source] ?? 0, to, end);
      to = end;
    } else {
      while (to < end) out[to++] = out[source++] ?? 0;
    }
    if (partial && to >= outEnd) return to;
    if (at >= inEnd) throw refuse('token', at, 'short-read', 'the block ends after a match');
  }
}

/** One block in memory that unpacks to at most `ceiling` bytes. The size is not in the block. @throws FormatError */
export function unlz4Block(bytes: Uint8Array, ceiling: number): Uint8Array {
  // No block packs better than 255 to 1: what it cannot unpack to is not allocated.
  const room = new Uint8Array(Math.min(ceiling, bytes.length * 255));
  const end = decodeLz4({ input: bytes, inAt: 0, inEnd: bytes.length, out: room, outAt: 0, outEnd: room.length, from: 0, partial: false });
  return end === room.length ? room : room.slice(0, end);
}

const le32 = (bytes: Uint8Array, at: number) =>
  ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0;

/** Whether bytes begin as an LZ4 frame, new or legacy, does. */
export function isLz4(start: Uint8Array): boolean {
  return start.length >= 4 && (le32(start, 0) === MAGIC || le32(start, 0) === LEGACY_MAGIC);
}

/**
 * What LZ4 frames in memory unpack to: new and legacy ones, one behind the other. Bytes behind a legacy frame that begin no block (a size written by
 * the kernel's build, padding) end it, as in the kernel's decompressor.
 * @throws FormatError on malformed frames, checksums that do not hold, and above `ceiling` bytes of output
 */
export function unlz4(bytes: Uint8Array, ceiling: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  let room = ceiling;
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) throw refuse('magic', at, 'short-read', `4 bytes wanted, ${bytes.length - at} left`);
    const magic = le32(bytes, at);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      at += 8 + le32(bytes, at + 4);
      if (at > bytes.length) throw refuse('skippable frame', at, 'out-of-bounds', 'it ends after the file');
      continue;
    }
    if (magic !== MAGIC && magic !== LEGACY_MAGIC) {
      if (pieces.length > 0 && at > 0 && isTail(bytes, at)) break;
      throw refuse('magic', at, 'bad-magic', `0x${magic.toString(16)} begins no LZ4 frame`);
    }
    const frame = magic === MAGIC ? readFrame(bytes, at, room) : readLegacy(bytes, at, room);
    for (const piece of frame.pieces) room -= piece.length;
    pieces.push(...frame.pieces);
    at = frame.end;
  }
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : concatBytes(pieces);
}

/** Only padding, or the four bytes of size that a kernel's build appends. */
const isTail = (bytes: Uint8Array, at: number) => bytes.length - at <= 4 || bytes.subarray(at).every((byte) => byte === 0);

interface Frame {
  readonly pieces: readonly Uint8Array[];
  readonly end: number;
}

function readFrame(bytes: Uint8Array, start: number, ceiling: number): Frame {
  const flags = bytes[start + 4] ?? 0;
  const descriptor = bytes[start + 5] ?? 0;
  if (flags >>> 6 !== 1) throw refuse('FLG', start + 4, 'unsupported-version', `version ${flags >>> 6}, not 1`);
  if ((flags & 1) !== 0) throw refuse('FLG', start + 4, 'unsupported-feature', 'the frame needs a dictionary');
  const sizeCode = (descriptor >>> 4) & 7;
  if (sizeCode < 4) throw refuse('BD', start + 5, 'bad-value', `block size code ${sizeCode}`);
  const blockMax = 1 << (8 + 2 * sizeCode);
  const isLinked = (flags & 0x20) === 0;
  const hasContentSize = (flags & 8) !== 0;
  const headerEnd = start + 6 + (hasContentSize ? 8 : 0);
  if (headerEnd + 1 > bytes.length) throw refuse('frame', start, 'short-read', 'it ends within its header');
  if (((xxh32(bytes.subarray(start + 4, headerEnd)) >>> 8) & 0xff) !== bytes[headerEnd])
    throw refuse('HC', headerEnd, 'bad-checksum', 'the header has another checksum');
  const out = growing(ceiling);
  let at = headerEnd + 1;
  for (;;) {
    if (at + 4 > bytes.length) throw refuse('block size', at, 'short-read', `4 bytes wanted, ${bytes.length - at} left`);
    const word = le32(bytes, at);
    at += 4;
    if (word === 0) break;
    const size = word & 0x7fffffff;
    if (size > blockMax) throw refuse('block size', at - 4, 'too-large', `${size} is above ${blockMax}`);
    if (at + size > bytes.length) throw refuse('block', at, 'short-read', `${size} bytes wanted, ${bytes.length - at} left`);
    if (word >= 0x80000000) {
      out.reserve(size, at);
      out.bytes.set(bytes.subarray(at, at + size), out.at);
      out.at += size;
    } else {
      const from = isLinked ? 0 : out.at;
      const most = out.reserve(Math.min(blockMax, size * 255), at);
      out.at = decodeLz4({
        input: bytes,
        inAt: at,
        inEnd: at + size,
        out: out.bytes,
        outAt: out.at,
        outEnd: out.at + most,
        from,
        partial: false,
      });
    }
    at += size;
    if ((flags & 0x10) !== 0) {
      if (at + 4 > bytes.length || xxh32(bytes.subarray(at - size, at)) !== le32(bytes, at))
        throw refuse('block checksum', at, 'bad-checksum', 'the block has another');
      at += 4;
    }
  }
  const content = out.bytes.subarray(0, out.at);
  if ((flags & 4) !== 0) {
    if (at + 4 > bytes.length || xxh32(content) !== le32(bytes, at))
      throw refuse('content checksum', at, 'bad-checksum', 'the content has another');
    at += 4;
  }
  if (hasContentSize) {
    const size = le32(bytes, start + 6) + le32(bytes, start + 10) * 2 ** 32;
    if (size !== content.length)
      throw refuse('content size', start + 6, 'bad-value', `${size}, where the frame unpacks to ${content.length}`);
  }
  return { pieces: [content], end: at };
}

/** An output that grows as it fills: a frame that claims much and holds little costs little. */
function growing(ceiling: number) {
  return {
    bytes: new Uint8Array(0),
    at: 0,
    /** Makes room for `size` more, or for what the ceiling leaves; answers how much there is. */
    reserve(size: number, inAt: number): number {
      const wanted = Math.min(this.at + size, ceiling);
      if (wanted <= this.at && size > 0) throw refuse('output', inAt, 'too-large', `more than ${ceiling} bytes`);
      if (wanted > this.bytes.length) {
        const bytes = new Uint8Array(Math.min(ceiling, Math.max(wanted, 2 * this.bytes.length)));
        bytes.set(this.bytes.subarray(0, this.at));
        this.bytes = bytes;
      }
      return wanted - this.at;
    },
  };
}

function readLegacy(bytes: Uint8Array, start: number, ceiling: number): Frame {
  const pieces: Uint8Array[] = [];
  let at = start + 4;
  let room = ceiling;
  while (at + 4 <= bytes.length) {
    const size = le32(bytes, at);
    if (size === 0 || size === MAGIC || size === LEGACY_MAGIC || at + 4 + size > bytes.length) {
      // A block that the file cuts off is refused, unless what is left can only be a tail.
      if (size !== 0 && size !== MAGIC && size !== LEGACY_MAGIC && bytes.length - at > 4)
        throw refuse('block size', at, 'short-read', `${size} bytes wanted, ${bytes.length - at - 4} left`);
      break;
    }
    at += 4;
    const most = Math.min(LEGACY_BLOCK_MAX, size * 255, room);
    const out = new Uint8Array(most);
    const end = decodeLz4({ input: bytes, inAt: at, inEnd: at + size, out, outAt: 0, outEnd: most, from: 0, partial: false });
    pieces.push(out.subarray(0, end));
    room -= end;
    at += size;
  }
  return { pieces, end: at };
}
