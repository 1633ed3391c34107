import { FormatError } from './format-error.ts';
import { toHex } from './hex.ts';

/**
 * Bytes at a place: a file, a Blob, an HTTP range, an ADB pull, another image.
 * `read` answers exactly `length` bytes or throws; it never answers short. The answer may be a view of shared memory: do not write to it.
 */
export interface Source {
  /** Total bytes. */
  readonly size: number;
  read(at: number, length: number): Promise<Uint8Array>;
  /** Fills the caller's own bytes from `at`, where the source can: a pass over a large file then needs no more memory than one piece. */
  readInto?(at: number, into: Uint8Array): Promise<void>;
  /** Where the bytes from `at` on lie, where they lie in another source as they are: what is only windows of a file can be read from the file itself. */
  origin?(at: number): Origin | undefined;
}

/** A run of bytes of a source that lies in another one. */
export interface Origin {
  /** Undefined: zeros, which lie nowhere. */
  readonly source: Source | undefined;
  readonly at: number;
  /** How many bytes lie there together. */
  readonly length: number;
}

/** Bytes from `at`, in the caller's buffer where the source can fill it: good until the buffer is used again. @throws FormatError as `read` */
export async function readPiece(source: Source, at: number, length: number, buffer: Uint8Array): Promise<Uint8Array> {
  if (source.readInto === undefined || length > buffer.length) return source.read(at, length);
  const piece = buffer.subarray(0, length);
  await source.readInto(at, piece);
  return piece;
}

/** Refuses a range that is not whole, not positive or not inside. @throws FormatError `out-of-bounds` */
export function checkRange(source: Pick<Source, 'size'>, at: number, length: number, format = 'source'): void {
  if (!Number.isSafeInteger(at) || !Number.isSafeInteger(length) || at < 0 || length < 0 || at + length > source.size) {
    throw new FormatError(
      { format, field: 'range', at: Number.isSafeInteger(at) && at >= 0 ? at : 0 },
      'out-of-bounds',
      `${length} bytes at ${at} are not inside the ${source.size} bytes there are`,
    );
  }
}

/** A Source over bytes in memory. */
export function bytesSource(bytes: Uint8Array): Source {
  return {
    size: bytes.length,
    async read(at, length) {
      checkRange(bytesSize(bytes), at, length);
      return bytes.subarray(at, at + length);
    },
  };
}

const bytesSize = (bytes: Uint8Array): { readonly size: number } => ({ size: bytes.length });

/** A window of another Source: `size` bytes from `at`. @throws FormatError `out-of-bounds` when the window is not inside */
export function sliceSource(source: Source, at: number, size: number): Source {
  checkRange(source, at, size);
  const slice: Source = {
    size,
    async read(innerAt, length) {
      checkRange({ size }, innerAt, length);
      return source.read(at + innerAt, length);
    },
    origin: (innerAt) => ({ source, at: at + innerAt, length: size - innerAt }),
  };
  if (source.readInto === undefined) return slice;
  return {
    ...slice,
    async readInto(innerAt, into) {
      checkRange({ size }, innerAt, into.length);
      await source.readInto?.(at + innerAt, into);
    },
  };
}

/** Zeros, which lie nowhere. */
export const zeroSource = (size: number): Source => ({
  size,
  async read(at, length) {
    checkRange({ size }, at, length);
    return new Uint8Array(length);
  },
  origin: (at) => ({ source: undefined, at: 0, length: size - at }),
});

/** Several Sources end to end, as one. */
export function concatSources(parts: readonly Source[]): Source {
  const starts: number[] = [];
  let total = 0;
  for (const part of parts) {
    starts.push(total);
    total += part.size;
  }
  const whole: Source = {
    size: total,
    async read(at, length) {
      checkRange({ size: total }, at, length);
      const pieces: Uint8Array[] = [];
      for (const [index, part] of parts.entries()) {
        const start = starts[index] ?? 0;
        const from = Math.max(at, start);
        const to = Math.min(at + length, start + part.size);
        if (from < to) pieces.push(await part.read(from - start, to - from));
      }
      return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : concatBytes(pieces);
    },
    origin(at) {
      const index = starts.findLastIndex((start) => start <= at);
      const source = parts[index];
      const inside = at - (starts[index] ?? 0);
      return source === undefined || inside >= source.size ? undefined : { source, at: inside, length: source.size - inside };
    },
  };
  if (!parts.every((part) => part.readInto !== undefined)) return whole;
  return {
    ...whole,
    async readInto(at, into) {
      checkRange({ size: total }, at, into.length);
      for (const [index, part] of parts.entries()) {
        const start = starts[index] ?? 0;
        const from = Math.max(at, start);
        const to = Math.min(at + into.length, start + part.size);
        if (from < to) await part.readInto?.(from - start, into.subarray(from - at, to - at));
      }
    },
  };
}

/** Joins byte arrays into a new one. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let total = 0;
  for (const part of parts) total += part.length;
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** From here on four bytes are compared at once. */
const WORDS_FROM = 256;

/** Whether two byte arrays hold the same bytes. Not constant time: nothing here is secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let at = 0;
  if (a.length >= WORDS_FROM && a.byteOffset % 4 === 0 && b.byteOffset % 4 === 0) {
    const count = a.length >> 2;
    const left = new Int32Array(a.buffer, a.byteOffset, count);
    const right = new Int32Array(b.buffer, b.byteOffset, count);
    for (; at < count; at++) if (left[at] !== right[at]) return false;
    at *= 4;
  }
  for (; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** The whole Source in memory. @throws FormatError `too-large` above `ceiling` bytes */
export async function readAll(source: Source, ceiling: number, format = 'source'): Promise<Uint8Array> {
  if (source.size > ceiling) {
    throw new FormatError(
      { format, field: 'size', at: 0 },
      'too-large',
      `${source.size} bytes, and ${ceiling} is the most that is read at once`,
    );
  }
  return source.read(0, source.size);
}

/** Up to `length` first bytes as hex, for messages. */
export function previewHex(bytes: Uint8Array, length = 8): string {
  return toHex(bytes.subarray(0, length));
}
