/** Where the blocks of a file lie: addresses in its inode, then nodes of one, two and three levels. Clusters of compressed files are told apart by a mark. */
import type { Source, SpendEntries } from '../../../bytes/index.ts';
import type { Run } from '../runs.ts';
import type { Nat } from './checkpoint.ts';
import { type F2fsInode, readBody, readNode } from './inode.ts';
import { type F2fsSuperblock, refuse } from './layout.ts';

/** Addresses that are none: a hole, a block that was promised and never written, and the mark of a compressed cluster. */
const ADDRESS = { NULL: 0, NEW: 0xffffffff, COMPRESSED: 0xfffffffe } as const;
const FOOTER = 24;
/** Runs of one file: a file of 64 GiB in pieces of 64 KiB. */
const RUNS_MAX = 1 << 20;

/** A cluster of blocks that lie compressed. */
export interface Cluster {
  /** First block of the file. */
  readonly logical: number;
  /** Blocks of the image, in order. */
  readonly blocks: readonly number[];
}

export interface FileMap {
  readonly runs: readonly Run[];
  readonly clusters: readonly Cluster[];
}

/** What nodes are read with. */
export interface NodePlaces {
  readonly source: Source;
  readonly superblock: F2fsSuperblock;
  readonly nat: Nat;
  readonly spendEntries: SpendEntries;
}

interface Walk extends NodePlaces {
  readonly node: F2fsInode;
  /** Blocks that the size needs. */
  readonly wanted: number;
  readonly runs: Run[];
  readonly clusters: Cluster[];
  /** Nodes of addresses that may still be read: a map in a circle ends here. */
  readonly budget: { nodes: number };
}

/** Reads the map of a file. Memory is bounded by RUNS_MAX, time by the blocks of the image. @throws FormatError */
export async function readMap(node: F2fsInode, places: NodePlaces): Promise<FileMap> {
  const { blockSize, blocks } = places.superblock;
  const wanted = Math.ceil(node.size / blockSize);
  const walk: Walk = {
    ...places,
    node,
    wanted,
    runs: [],
    clusters: [],
    budget: { nodes: Math.min(blocks, Math.ceil(places.source.size / blockSize)) },
  };
  const { addresses, nodeIds } = await readBody(places.source, places.superblock, node);
  places.spendEntries(Math.min(wanted, addresses.length), node.at);
  takeAddresses(walk, addresses, 0);
  const perNode = addressesOf(blockSize);
  const perDirect = node.compression === undefined ? perNode : perNode - (perNode % node.compression.blocks);
  let logical = addresses.length;
  for (const [i, level] of [0, 0, 1, 1, 2].entries()) {
    if (logical >= wanted) break;
    await readLevel(walk, nodeIds[i] ?? 0, { level, logical, perDirect });
    logical += perDirect * perNode ** level;
  }
  return { runs: walk.runs, clusters: walk.clusters };
}

/** Words in a node before its footer. */
const addressesOf = (blockSize: number) => (blockSize - FOOTER) / 4;

interface Level {
  readonly level: number;
  readonly logical: number;
  /** Blocks of the file that a node of addresses stands for. */
  readonly perDirect: number;
}

async function readLevel(walk: Walk, id: number, { level, logical, perDirect }: Level): Promise<void> {
  if (id === 0) return;
  const { node, superblock } = walk;
  if (--walk.budget.nodes < 0) throw refuse('i_nid', node.at, 'overlap', 'the map has more nodes than the image has blocks');
  const { bytes, at } = await readNode(walk.source, superblock, walk.nat, id);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const owner = view.getUint32(superblock.blockSize - FOOTER + 4, true);
  if (owner !== node.id) throw refuse(`node[${id}].footer.ino`, at, 'bad-value', `it belongs to inode ${owner}, not ${node.id}`);
  const count = addressesOf(superblock.blockSize);
  walk.spendEntries(count, at);
  const words = Uint32Array.from({ length: level === 0 ? perDirect : count }, (_, i) => view.getUint32(4 * i, true));
  if (level === 0) return takeAddresses(walk, words, logical);
  const span = perDirect * count ** (level - 1);
  for (const [i, child] of words.entries()) {
    if (logical + i * span >= walk.wanted) break;
    await readLevel(walk, child, { level: level - 1, logical: logical + i * span, perDirect });
  }
}

/** Takes a node's addresses, which begin at a cluster of their own. */
function takeAddresses(walk: Walk, addresses: Uint32Array, logical: number): void {
  const { node, wanted } = walk;
  const step = node.compression?.blocks ?? 1;
  for (let i = 0; i < addresses.length && logical + i < wanted; i += step) {
    if (node.compression !== undefined && addresses[i] === ADDRESS.COMPRESSED) {
      const blocks = Array.from(addresses.subarray(i + 1, i + step)).filter((one) => one !== ADDRESS.NULL && one !== ADDRESS.NEW);
      for (const block of blocks) checkBlock(walk, block);
      walk.clusters.push({ logical: logical + i, blocks });
      limit(walk);
      continue;
    }
    for (let j = 0; j < step && i + j < addresses.length && logical + i + j < wanted; j++) {
      const block = addresses[i + j] ?? 0;
      if (block === ADDRESS.NULL || block === ADDRESS.NEW) continue;
      checkBlock(walk, block);
      const last = walk.runs.at(-1);
      if (last !== undefined && last.logical + last.length === logical + i + j && last.physical + last.length === block)
        walk.runs[walk.runs.length - 1] = { ...last, length: last.length + 1 };
      else walk.runs.push({ logical: logical + i + j, physical: block, length: 1 });
      limit(walk);
    }
  }
}

function checkBlock({ node, superblock, source }: Walk, block: number): void {
  const { mainBlock, blocks, blockSize } = superblock;
  if (block === ADDRESS.COMPRESSED) throw refuse('i_addr', node.at, 'bad-value', 'the mark of a compressed cluster where a block belongs');
  if (block < mainBlock || block >= blocks || (block + 1) * blockSize > source.size)
    throw refuse('i_addr', node.at, 'out-of-bounds', `block ${block} lies outside the main area or beyond the image`);
}

function limit({ runs, clusters, node }: Walk): void {
  if (runs.length + clusters.length > RUNS_MAX) throw refuse('i_addr', node.at, 'too-large', `more than ${RUNS_MAX} runs`);
}
