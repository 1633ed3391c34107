/**
 * Tiles: a log as static files.
 * Spec: c2sp.org/tlog-tiles (v0.1.0): tiles of height 8, `tile/<L>/<N>[.p/<W>]`, entry bundles `tile/entries/<N>[.p/<W>]`.
 * Google's Android logs use the paths of Go's sumdb instead (`tile/<H>/<L>/<N>[.p/<W>]`, heights 1 and 8).
 */
import { Cursor, concatBytes, FormatError, type HashPort } from '../../bytes/index.ts';
import { HASH_SIZE, nodeHash, type RangeRoot } from './merkle.ts';

export const TILE_HEIGHT = 8;
export const TILE_WIDTH = 1 << TILE_HEIGHT;
/** An entry's length is a u16. */
export const ENTRY_MAX = 0xffff;

/** `N` in groups of three digits, all but the last with an x: 1234067 is x001/x234/067. */
export function tileIndexPath(index: number): string {
  const groups: string[] = [];
  let rest = index;
  do {
    groups.unshift(String(rest % 1000).padStart(3, '0'));
    rest = Math.floor(rest / 1000);
  } while (rest > 0);
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
}

/** Path of a hash tile; `width` below 256 is a partial tile. */
export const tilePath = (level: number, index: number, width = TILE_WIDTH) =>
  `tile/${level}/${tileIndexPath(index)}${width < TILE_WIDTH ? `.p/${width}` : ''}`;
/** Path of a bundle of entries. */
export const entriesPath = (index: number, width = TILE_WIDTH) =>
  `tile/entries/${tileIndexPath(index)}${width < TILE_WIDTH ? `.p/${width}` : ''}`;
/** Path of a hash tile in Go's sumdb layout, with the tile's height in it. */
export const sumdbTilePath = (height: number, level: number, tile: { readonly index: number; readonly width: number }) =>
  `tile/${height}/${level}/${tileIndexPath(tile.index)}${tile.width < 1 << height ? `.p/${tile.width}` : ''}`;

/** Splits a bundle into its entries. @throws FormatError when it does not hold exactly `count` */
export function readEntries(bytes: Uint8Array, count: number): readonly Uint8Array[] {
  const cursor = new Cursor(bytes, { format: 'entry bundle', bigEndian: true });
  const entries: Uint8Array[] = [];
  for (let index = 0; index < count; index++) entries.push(cursor.take(`entry[${index}].data`, cursor.u16(`entry[${index}].length`)));
  cursor.end('bundle');
  return entries;
}

/** Joins entries into a bundle. @throws RangeError for an entry above 65,535 bytes */
export function writeEntries(entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    entries.flatMap((entry) => {
      if (entry.length > ENTRY_MAX) throw new RangeError(`an entry of ${entry.length} bytes; ${ENTRY_MAX} is the most`);
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/** Fetches the bytes of a tile by its path. Throws where there is none. */
export type TileFetch = (path: string) => Promise<Uint8Array>;

/** Where tiles of some height lie. */
export interface TileLayout {
  readonly height: number;
  readonly path: (level: number, index: number, width: number) => string;
}

export const c2spLayout: TileLayout = { height: TILE_HEIGHT, path: tilePath };
export const sumdbLayout = (height: number): TileLayout => ({
  height,
  path: (level, index, width) => sumdbTilePath(height, level, { index, width }),
});

/**
 * Roots of ranges from the tiles of a log of `size` leaves. Tiles are authenticated by the proof that they go into: whoever calls must verify that against a root it trusts.
 * Each tile is fetched once per reader.
 */
export function tileRangeRoot(
  hash: HashPort,
  fetch: TileFetch,
  options: { readonly size: number; readonly layout?: TileLayout },
): RangeRoot {
  const { size, layout = c2spLayout } = options;
  const width = 2 ** layout.height;
  const cache = new Map<string, Promise<Uint8Array>>();
  const tile = (level: number, index: number) => {
    const nodes = Math.floor(size / width ** level);
    const inTile = Math.min(width, nodes - index * width);
    const path = layout.path(level, index, inTile);
    const found = cache.get(path) ?? fetch(path).then((bytes) => checkedTile(bytes, inTile, path));
    cache.set(path, found);
    return found;
  };
  /** The hash of the complete subtree of 2^depth leaves that begins at `start`. */
  const complete = async (start: number, depth: number): Promise<Uint8Array> => {
    const level = Math.floor(depth / layout.height);
    const nodeSize = width ** level;
    const first = start / nodeSize;
    const count = 2 ** (depth - level * layout.height);
    const bytes = await tile(level, Math.floor(first / width));
    const offset = (first % width) * HASH_SIZE;
    let nodes = Array.from({ length: count }, (_, i) => bytes.subarray(offset + i * HASH_SIZE, offset + (i + 1) * HASH_SIZE));
    while (nodes.length > 1) nodes = pairs(hash, nodes);
    return nodes[0] ?? new Uint8Array(0);
  };
  const range: RangeRoot = async (start, end) => {
    if (!(start < end && end <= size)) throw new RangeError(`leaves ${start} to ${end} are not a range of a log of ${size}`);
    let depth = 0;
    while (2 ** (depth + 1) <= end - start) depth++;
    if (2 ** depth === end - start && start % 2 ** depth === 0) return complete(start, depth);
    const middle = start + (2 ** depth === end - start ? 2 ** (depth - 1) : 2 ** depth);
    return nodeHash(hash, await range(start, middle), await range(middle, end));
  };
  return range;
}

function checkedTile(bytes: Uint8Array, nodes: number, path: string): Uint8Array {
  if (bytes.length !== nodes * HASH_SIZE) {
    throw new FormatError(
      { format: `log ${path}`, field: 'hashes', at: 0 },
      bytes.length < nodes * HASH_SIZE ? 'short-read' : 'trailing',
      `${bytes.length} bytes, where ${nodes} hashes take ${nodes * HASH_SIZE}`,
    );
  }
  return bytes;
}

function pairs(hash: HashPort, nodes: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let i = 0; i + 1 < nodes.length; i += 2) {
    const [left, right] = [nodes[i], nodes[i + 1]];
    if (left !== undefined && right !== undefined) above.push(nodeHash(hash, left, right));
  }
  return above;
}
