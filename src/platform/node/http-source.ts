import { createHash } from 'node:crypto';
import { checkRange, type Source } from '../../bytes/index.ts';
import { type Address, fetchRange, HttpError, openRemote, type Wait } from './http-range.ts';

/** Bytes fetched at once, or a multiple of it: headers and tables lie close together, and a request costs more than the bytes. */
const WINDOW = 256 << 10;
/** Windows kept. */
const WINDOWS_MAX = 16;

/** SHA-256 in hex of windows of a file, by their number. */
export type Pins = ReadonlyMap<number, string>;

/** A file on a web server. */
export interface HttpSource extends Source {
  /** What the server says its bytes are known by in another run, too, together with address and size. Undefined: it says nothing that is. */
  readonly validator: string | undefined;
  /** What was read so far. */
  readonly pins: Pins;
  /** Holds the file to what another run read of it. @throws HttpError where this run read something else already */
  readonly holdTo: (pins: Pins) => void;
}

const waitForReal: Wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A file on a web server, read by range requests: nothing else of it is fetched. Where the connection breaks, what is missing is asked for again.
 * A server may answer otherwise each time, and show its signature over one file and the content of another. So a window that was read once must have the same bytes whenever it is
 * read again: all that is read is one file's, whoever made it.
 * @throws HttpError when the server has no ranges or says no size, and from `read`
 */
export async function openHttp(url: string, wait: Wait = waitForReal): Promise<HttpSource> {
  const parsed = URL.parse(url);
  if (parsed === null) throw new HttpError('refused', 0, 'it is no web address');
  if (parsed.username !== '' || parsed.password !== '')
    throw new HttpError('refused', 0, 'an address with a name or a password in it is not read');
  const address: Address = { given: parsed.href, current: parsed.href };
  const file = await openRemote(address, wait);
  const { size } = file;
  const { pins, check, holdTo } = pinned();
  const windows = new Map<number, Promise<Uint8Array>>();
  const keep = (index: number, window: Promise<Uint8Array>) => {
    windows.delete(index);
    windows.set(index, window);
    window.catch(() => {
      if (windows.get(index) === window) windows.delete(index);
    });
    for (const old of windows.keys()) if (windows.size > WINDOWS_MAX) windows.delete(old);
  };
  /** Whole windows in one request. The first and the last are kept: what is asked for next begins or ends in them. */
  const load = (first: number, last: number): Promise<Uint8Array> => {
    const at = first * WINDOW;
    const length = Math.min(size, (last + 1) * WINDOW) - at;
    const span = fetchRange(address, file, { at, length, wait }).then((bytes) => {
      check(first, bytes);
      return bytes;
    });
    for (const index of new Set([first, last]))
      keep(
        index,
        span.then((bytes) => bytes.slice((index - first) * WINDOW, (index - first + 1) * WINDOW)),
      );
    return span;
  };
  return {
    size,
    validator: file.validator,
    pins,
    holdTo,
    async read(at, length) {
      checkRange({ size }, at, length, 'http');
      if (length === 0) return new Uint8Array(0);
      let first = Math.floor(at / WINDOW);
      let last = Math.floor((at + length - 1) / WINDOW);
      const pieces: (readonly [index: number, piece: Promise<Uint8Array>])[] = [];
      const takeKept = (index: number): boolean => {
        const window = windows.get(index);
        if (window === undefined) return false;
        keep(index, window);
        pieces.push([index, window]);
        return true;
      };
      while (first <= last && takeKept(first)) first++;
      while (first <= last && takeKept(last)) last--;
      if (first <= last) pieces.push([first, load(first, last)]);
      const out = new Uint8Array(length);
      await Promise.all(
        pieces.map(async ([index, piece]) => {
          const bytes = await piece;
          const from = index * WINDOW - at;
          const inside = bytes.subarray(Math.max(0, -from), Math.min(bytes.length, length - from));
          out.set(inside, Math.max(0, from));
        }),
      );
      return out;
    },
  };
}

interface Pinned {
  readonly pins: Pins;
  readonly check: (first: number, bytes: Uint8Array) => void;
  readonly holdTo: (before: Pins) => void;
}

/** Windows as they were read first. */
function pinned(): Pinned {
  const pins = new Map<number, string>();
  const pin = (index: number, sha256: string) => {
    const before = pins.get(index);
    if (before !== undefined && before !== sha256)
      throw new HttpError('changed', index * WINDOW, 'the server gives other bytes than it gave here before');
    pins.set(index, sha256);
  };
  const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  return {
    pins,
    check(first, bytes) {
      for (let at = 0; at < bytes.length; at += WINDOW) pin(first + at / WINDOW, digestOf(bytes.subarray(at, at + WINDOW)));
    },
    holdTo(before) {
      for (const [index, sha256] of before) pin(index, sha256);
    },
  };
}
