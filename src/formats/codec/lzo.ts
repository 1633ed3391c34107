/**
 * LZO1X, and LZO-RLE of kernels since 5.1. Spec: Linux Documentation/staging/lzo.rst.
 * Limits: the output's own length.
 * Does not read: lzop files (nothing in firmware is one), LZO1 variants other than 1X.
 *
 *   first byte   17 and a stream of at least 5 bytes: a version follows (1: runs of zeros); 18 to 255: literals, less 17
 *   0000LLLL     behind a short match or none: 3 + L literals, 0: more bytes count; behind literals: a match of 2 or 3
 *   0001HLLL     a match of 2 + L, 16 to 48 KiB back; with distance 16 KiB: the end; version 1: or a run of zeros
 *   001LLLLL     a match of 2 + L within 16 KiB
 *   LLLDDDSS     from 64 on: a match of 3 to 8 within 2 KiB
 *   The two lowest bits of a match's last word: so many literals follow at once.
 */
import { FormatError, type FormatErrorCode } from '../../bytes/index.ts';

const FORMAT = 'lzo';
const NEAR = 0x800;
const FAR = 0x4000;
const ZERO_RUN_MIN = 4;

const refuse = (field: string, at: number, code: FormatErrorCode, detail: string) =>
  new FormatError({ format: FORMAT, field, at }, code, detail);

/**
 * Decodes a stream into `out`; answers how many bytes it wrote.
 * @throws FormatError on input that ends early, on distances before the output's start, and on output that does not fit
 */
export function decodeLzo(input: Uint8Array, out: Uint8Array): number {
  const end = input.length;
  let at = 0;
  let to = 0;
  /** Literals that went before: 4 stands for a long run of them, 0 to 3 for those that a match brought along. */
  let state = 0;

  const byte = (field: string): number => {
    if (at >= end) throw refuse(field, at, 'short-read', 'the stream ends here');
    return input[at++] ?? 0;
  };
  /** A length that did not fit into its bits: every zero counts 255. */
  const longer = (base: number): number => {
    let length = base;
    for (;;) {
      const value = byte('length');
      if (value !== 0) return length + value;
      length += 255;
      if (length > out.length + 255) throw refuse('length', at, 'too-large', `more than ${out.length} bytes`);
    }
  };
  const literals = (count: number): void => {
    if (at + count > end) throw refuse('literals', at, 'short-read', `${count} bytes wanted, ${end - at} left`);
    if (to + count > out.length) throw refuse('literals', at, 'too-large', `more than ${out.length} bytes`);
    out.set(input.subarray(at, at + count), to);
    at += count;
    to += count;
  };
  const match = (distance: number, count: number): void => {
    if (distance > to) throw refuse('distance', at, 'out-of-bounds', `${distance} bytes back, where ${to} were decoded`);
    if (to + count > out.length) throw refuse('match', at, 'too-large', `more than ${out.length} bytes`);
    if (distance >= count) {
      out.copyWithin(to, to - distance, to - distance + count);
      to += count;
    } else for (const until = to + count; to < until; to++) out[to] = out[to - distance] ?? 0;
  };

  const hasRuns = end >= 5 && input[0] === 17 && (input[1] ?? 0) > 0;
  if (end >= 5 && input[0] === 17) at = 2;
  if ((input[at] ?? 0) > 17) {
    const count = byte('literals') - 17;
    literals(count);
    state = Math.min(count, 4);
  }
  for (;;) {
    const code = byte('code');
    if (code >= 64) {
      const distance = 1 + ((code >>> 2) & 7) + byte('distance') * 8;
      match(distance, (code >>> 5) + 1);
      state = code & 3;
    } else if (code >= 32) {
      const count = (code & 31) === 0 ? longer(31) : code & 31;
      const word = byte('distance') | (byte('distance') << 8);
      match(1 + (word >>> 2), count + 2);
      state = word & 3;
    } else if (code >= 16) {
      // A run of zeros looks like the longest distance, so its words must be read before the length is.
      const peeked = (input[at] ?? 0) | ((input[at + 1] ?? 0) << 8);
      if (hasRuns && (code & 0xf8) === 0x18 && (peeked & 0xfffc) === 0xfffc) {
        at += 2;
        const count = ((code & 7) | (byte('length') << 3)) + ZERO_RUN_MIN;
        if (to + count > out.length) throw refuse('zeros', at, 'too-large', `more than ${out.length} bytes`);
        out.fill(0, to, to + count);
        to += count;
        state = peeked & 3;
      } else {
        const count = ((code & 7) === 0 ? longer(7) : code & 7) + 2;
        const word = byte('distance') | (byte('distance') << 8);
        const distance = ((code & 8) << 11) + (word >>> 2);
        if (distance === 0) {
          if (count !== 3) throw refuse('end', at, 'bad-value', `an end of length ${count}`);
          return to;
        }
        match(FAR + distance, count);
        state = word & 3;
      }
    } else if (state === 0) {
      literals((code === 0 ? longer(15) : code) + 3);
      state = 4;
      continue;
    } else {
      const near = (code >>> 2) + byte('distance') * 4;
      if (state === 4) match(1 + NEAR + near, 3);
      else match(1 + near, 2);
      state = code & 3;
    }
    if (state > 0) literals(state);
  }
}
