import { checkRange, type Source } from '../../bytes/index.ts';

const PAGE = 1 << 14;
/** Pages kept: 16 MiB. Metadata lies close together, or everywhere between the content. */
const PAGES_MAX = 1024;

/** Bytes that hold on to nothing larger: a page may be a view of megabytes. */
const own = (bytes: Uint8Array): Uint8Array => (bytes.buffer.byteLength > 2 * bytes.length ? bytes.slice() : bytes);

/** Small reads out of larger pages that are kept, the least lately loaded dropped first. Long reads go straight through. */
export function pagedSource(source: Source): Source {
  const pages = new Map<number, Promise<Uint8Array>>();
  const load = (index: number): Promise<Uint8Array> => {
    const known = pages.get(index);
    if (known !== undefined) return known;
    const at = index * PAGE;
    const page = source.read(at, Math.min(PAGE, source.size - at)).then(own);
    pages.set(index, page);
    // A page that failed is tried again by the next who wants it.
    page.catch(() => pages.delete(index));
    for (const oldest of pages.keys()) {
      if (pages.size <= PAGES_MAX) break;
      pages.delete(oldest);
    }
    return page;
  };
  return {
    size: source.size,
    async read(at, length) {
      checkRange(source, at, length);
      if (length > PAGE) return source.read(at, length);
      const first = Math.floor(at / PAGE);
      const inside = at - first * PAGE;
      if (length === 0) return new Uint8Array(0);
      const page = await load(first);
      if (inside + length <= page.length) return page.subarray(inside, inside + length);
      const out = new Uint8Array(length);
      out.set(page.subarray(inside));
      out.set((await load(first + 1)).subarray(0, length - (page.length - inside)), page.length - inside);
      return out;
    },
  };
}
