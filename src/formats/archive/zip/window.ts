import { checkRange, concatBytes, type Source } from '../../../bytes/index.ts';

const WINDOW = 64 << 10;
const KEPT = 4;

/**
 * A Source that reads in windows of 64 KiB and keeps the last few: what lies close together takes one call, and the next window is on its way while this
 * one is worked on. Reads of half a window and more go through.
 */
export function windowedSource(source: Source): Source {
  const windows = new Map<number, Promise<Uint8Array>>();
  const windowAt = (index: number): Promise<Uint8Array> => {
    let window = windows.get(index);
    if (window === undefined) {
      window = source.read(index * WINDOW, Math.min(WINDOW, source.size - index * WINDOW));
      const oldest = windows.size >= KEPT ? windows.keys().next().value : undefined;
      if (oldest !== undefined) windows.delete(oldest);
      windows.set(index, window);
    }
    return window;
  };
  const ahead = (index: number): void => {
    // What fails ahead of time fails again when it is asked for.
    if (index * WINDOW < source.size && windows.has(index - 1) && !windows.has(index)) windowAt(index).catch(() => windows.delete(index));
  };
  return {
    ...(source.readInto === undefined ? {} : { readInto: async (at: number, into: Uint8Array) => source.readInto?.(at, into) }),
    size: source.size,
    async read(at, length) {
      checkRange(source, at, length);
      if (length === 0 || length > WINDOW >> 1) return source.read(at, length);
      const first = Math.floor(at / WINDOW);
      const last = Math.floor((at + length - 1) / WINDOW);
      const start = at - first * WINDOW;
      const window = windowAt(first);
      ahead(last + 1);
      if (first === last) return (await window).subarray(start, start + length);
      const [head, tail] = await Promise.all([window, windowAt(last)]);
      return concatBytes([head.subarray(start), tail.subarray(0, at + length - last * WINDOW)]);
    },
  };
}
