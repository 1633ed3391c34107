/**
 * A tree that grows: from the right edge of a log and new leaves, the tiles that are new and the next edge.
 * Spec: c2sp.org/tlog-tiles. Nothing of the log but its edge (at most 255 hashes a level) is needed, whatever its size.
 */
import { concatBytes, type HashPort } from '../../bytes/index.ts';
import { emptyRoot, nodeHash, rootOf, subtreesOf } from './merkle.ts';
import { TILE_WIDTH } from './tile.ts';

/** The hashes of the last, incomplete tile of each level, lowest level first. */
export interface TreeEdge {
  readonly size: number;
  readonly levels: readonly (readonly Uint8Array[])[];
}

/** A tile to write. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
  readonly bytes: Uint8Array;
}

export const EMPTY_EDGE: TreeEdge = { size: 0, levels: [] };

/** Adds leaf hashes. Tiles come without those that are as they were. */
export function growTree(
  hash: HashPort,
  edge: TreeEdge,
  leaves: readonly Uint8Array[],
): { readonly edge: TreeEdge; readonly tiles: readonly Tile[] } {
  const levels = edge.levels.map((level) => [...level]);
  const tiles: Tile[] = [];
  const changed = new Set<number>();
  let size = edge.size;
  const tileIndex = (level: number) => Math.floor(size / TILE_WIDTH ** (level + 1));
  for (const leaf of leaves) {
    size++;
    let node: Uint8Array | undefined = leaf;
    for (let level = 0; node !== undefined; level++) {
      const nodes: Uint8Array[] = levels[level] ?? [];
      levels[level] = nodes;
      nodes.push(node);
      changed.add(level);
      if (nodes.length < TILE_WIDTH) break;
      // The node that fills a tile is the last of it, so the tile before the next one is this one.
      tiles.push({ level, index: tileIndex(level) - 1, width: TILE_WIDTH, bytes: concatBytes(nodes) });
      node = rootOf(hash, nodes);
      levels[level] = [];
    }
  }
  for (const level of changed) {
    const nodes = levels[level] ?? [];
    if (nodes.length > 0) tiles.push({ level, index: tileIndex(level), width: nodes.length, bytes: concatBytes(nodes) });
  }
  return { edge: { size, levels }, tiles };
}

/** The root of the tree that has this edge. */
export function edgeRoot(hash: HashPort, { levels }: TreeEdge): Uint8Array {
  const roots = levels.toReversed().flatMap((nodes) => subtreesOf(hash, nodes));
  const last = roots.pop();
  return last === undefined ? emptyRoot(hash) : roots.reduceRight((right, left) => nodeHash(hash, left, right), last);
}

/** Where the edge of a log of `size` leaves lies: the incomplete tiles that must be read to go on. */
export function edgeTiles(size: number): readonly Omit<Tile, 'bytes'>[] {
  const tiles: Omit<Tile, 'bytes'>[] = [];
  for (let level = 0, nodes = size; nodes > 0; level++, nodes = Math.floor(nodes / TILE_WIDTH))
    if (nodes % TILE_WIDTH > 0) tiles.push({ level, index: Math.floor(nodes / TILE_WIDTH), width: nodes % TILE_WIDTH });
  return tiles;
}
