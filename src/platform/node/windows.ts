import { checkRange, type Source } from '../../bytes/index.ts';

const WINDOW = 1 << 20;

/** Reads out of whole windows of a MiB, the last `count` of which are kept: for readers that go over the same bytes side by side, where every read is a way to another thread. */
export function windowSource(source: Source, count: number): Source {
  const windows = new Map<number, Promise<Uint8Array>>();
  const load = (index: number): Promise<Uint8Array> => {
    const known = windows.get(index);
    if (known !== undefined) {
      windows.delete(index);
      windows.set(index, known);
      return known;
    }
    const at = index * WINDOW;
    const window = source.read(at, Math.min(WINDOW, source.size - at));
    windows.set(index, window);
    window.catch(() => windows.delete(index));
    for (const oldest of windows.keys()) {
      if (windows.size <= count) break;
      windows.delete(oldest);
    }
    return window;
  };
  return {
    size: source.size,
    async read(at, length) {
      checkRange(source, at, length);
      const first = Math.floor(at / WINDOW);
      const inside = at - first * WINDOW;
      if (length === 0) return new Uint8Array(0);
      if (inside + length <= WINDOW) return (await load(first)).subarray(inside, inside + length);
      const out = new Uint8Array(length);
      for (let done = 0, index = first; done < length; index++) {
        const window = await load(index);
        const from = index === first ? inside : 0;
        const piece = window.subarray(from, from + length - done);
        out.set(piece, done);
        done += piece.length;
      }
      return out;
    },
  };
}
