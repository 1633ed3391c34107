/** The entries that a log got between two checkpoints, read from its files and held against both roots. */
import { equalBytes, FormatError } from '../../bytes/index.ts';
import { nodeHash } from '../../platform/node/index.ts';
import {
  type Checkpoint,
  EMPTY_EDGE,
  edgeRoot,
  edgeTiles,
  entriesPath,
  growTree,
  HASH_SIZE,
  leafHash,
  readEntries,
  TILE_WIDTH,
  type TileFetch,
  type TreeEdge,
  tilePath,
} from '../../provenance/index.ts';

/**
 * A bundle at a time. What was yielded may be used only once this ended: only then the entries are known to lead to what was signed.
 * Files are asked for as wide as the log has them by now, `served` entries, because a host may have deleted narrower ones. Nothing rests on that number.
 * @throws FormatError where the tiles do not make the older root, or older tree and entries not the newer one
 */
export async function* entriesSince(
  fetch: TileFetch,
  from: Pick<Checkpoint, 'size' | 'root'> | undefined,
  to: Pick<Checkpoint, 'size' | 'root' | 'origin'>,
  served = to.size,
): AsyncGenerator<readonly Uint8Array[]> {
  const refuse = (field: string, detail: string) => new FormatError({ format: `log ${to.origin}`, field, at: 0 }, 'bad-value', detail);
  let edge = EMPTY_EDGE;
  if (from !== undefined && from.size > 0) {
    edge = await edgeAt(fetch, from.size, served);
    if (!equalBytes(edgeRoot(nodeHash, edge), from.root)) throw refuse('tiles', 'they do not make the older root that was signed');
  }
  for (let at = edge.size; at < to.size; ) {
    const bundle = Math.floor(at / TILE_WIDTH);
    const start = bundle * TILE_WIDTH;
    const width = Math.min(TILE_WIDTH, served - start);
    const entries = readEntries(await fetch(entriesPath(bundle, width)), width).slice(at - start, to.size - start);
    edge = growTree(
      nodeHash,
      edge,
      entries.map((entry) => leafHash(nodeHash, entry)),
    ).edge;
    at = edge.size;
    yield entries;
  }
  if (!equalBytes(edgeRoot(nodeHash, edge), to.root)) throw refuse('entries', 'they do not make the root that was signed');
}

/** The right edge of a tree, from the tiles of a grown one, which begin with the same hashes. */
async function edgeAt(fetch: TileFetch, size: number, served: number): Promise<TreeEdge> {
  const levels: (readonly Uint8Array[])[] = [];
  for (const { level, index, width } of edgeTiles(size)) {
    const nodes = Math.floor(served / TILE_WIDTH ** level);
    const path = tilePath(level, index, Math.min(TILE_WIDTH, nodes - index * TILE_WIDTH));
    const bytes = await fetch(path);
    if (bytes.length < width * HASH_SIZE)
      throw new FormatError({ format: `log ${path}`, field: 'hashes', at: 0 }, 'short-read', `${bytes.length} bytes for ${width} hashes`);
    while (levels.length < level) levels.push([]);
    levels[level] = Array.from({ length: width }, (_, i) => bytes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE));
  }
  return { size, levels };
}
