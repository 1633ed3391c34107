/**
 * Content of squashfs: blocks that follow each other, each packed by itself or left out where it is zeros, and a tail that shares a block with others.
 *
 *   a file's list: le32 per block, bit 24: it lies as it is; 0: zeros. struct squashfs_fragment_entry { le64 start_block; le32 size, unused }
 */
import { checkRange, type Source, type SpendEntries } from '../../../bytes/index.ts';
import type { SquashfsInode } from './inode.ts';
import { FORMAT, refuse, type SquashfsSuperblock } from './layout.ts';
import { type Metadata, readRecord } from './metadata.ts';
import type { Unpack } from './unpack.ts';

const PLAIN = 0x1000000;
/** Blocks of one file: 8 GiB at 4 KiB. */
const BLOCKS_MAX = 1 << 21;
/** Packed bytes read at once where blocks follow each other. */
const READ_AHEAD = 1 << 20;
/** Unpacked blocks of fragments that are kept. */
const FRAGMENTS_KEPT = 8;

/** Blocks of tails. */
export interface Fragments {
  /** Where a fragment's block lies. @throws FormatError */
  readonly locate: (index: number) => Promise<number>;
  /** Its bytes, unpacked. @throws FormatError */
  readonly load: (index: number) => Promise<Uint8Array>;
}

/** What content is read with. */
export interface ContentPlaces {
  readonly source: Source;
  readonly superblock: SquashfsSuperblock;
  readonly metadata: Metadata;
  readonly unpack: Unpack;
  readonly fragments: Fragments;
  readonly spendEntries: SpendEntries;
}

/** Opens the table of fragments. Their blocks are shared: the last few are kept. */
export function openFragments({ source, superblock, metadata, unpack }: Omit<ContentPlaces, 'fragments' | 'spendEntries'>): Fragments {
  const kept = new Map<number, Promise<Uint8Array>>();
  const entryOf = async (index: number) => {
    const { fragmentTableAt, fragments } = superblock;
    if (fragmentTableAt === undefined || index >= fragments)
      throw refuse('fragment', fragmentTableAt ?? 80, 'out-of-bounds', `fragment ${index} of ${fragments}`);
    const bytes = await readRecord(source, metadata, { indexAt: fragmentTableAt, record: index, size: 16 });
    const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
    return { at: Number(view.getBigUint64(0, true)), word: view.getUint32(8, true) };
  };
  const read = async (index: number): Promise<Uint8Array> => {
    const { at, word } = await entryOf(index);
    return unpackBlock(await readPacked(source, at, sizeOf(word, superblock.blockSize, at)), word, {
      at,
      unpack,
      ceiling: superblock.blockSize,
    });
  };
  return {
    locate: async (index) => (await entryOf(index)).at,
    load(index) {
      const known = kept.get(index);
      if (known !== undefined) return known;
      const bytes = read(index);
      kept.set(index, bytes);
      bytes.catch(() => kept.delete(index));
      for (const oldest of kept.keys()) {
        if (kept.size <= FRAGMENTS_KEPT) break;
        kept.delete(oldest);
      }
      return bytes;
    },
  };
}

/** Packed bytes of a block by its word. */
function sizeOf(word: number, blockSize: number, at: number): number {
  const size = word & (PLAIN - 1);
  if (word >= 2 * PLAIN || size > blockSize)
    throw refuse('block_list', at, 'too-large', `a block of ${size} bytes, where ${blockSize} is the most`);
  return size;
}

async function readPacked(source: Source, at: number, size: number): Promise<Uint8Array> {
  if (!Number.isSafeInteger(at) || at + size > source.size)
    throw refuse('block', at, 'out-of-bounds', `${size} bytes lie beyond the image`);
  return source.read(at, size);
}

const unpackBlock = async (
  packed: Uint8Array,
  word: number,
  { at, unpack, ceiling }: { readonly at: number; readonly unpack: Unpack; readonly ceiling: number },
): Promise<Uint8Array> => ((word & PLAIN) !== 0 ? packed : unpack(packed, at, ceiling));

/** A file's content. Reading in order unpacks each block once. @throws FormatError where its list of blocks is none */
export async function openContent(node: SquashfsInode, places: ContentPlaces): Promise<Source> {
  const { superblock, metadata, source, fragments } = places;
  const { blockSize } = superblock;
  const { size, fragment } = node;
  const count = fragment === undefined ? Math.ceil(size / blockSize) : Math.floor(size / blockSize);
  if (count > BLOCKS_MAX) throw refuse('file_size', node.startAt, 'too-large', `${count} blocks, and ${BLOCKS_MAX} is the most`);
  places.spendEntries(count, node.startAt);
  const { bytes: list } = count === 0 ? { bytes: new Uint8Array(0) } : await metadata.read(node.body, 4 * count);
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
  const words = Uint32Array.from({ length: count }, (_, i) => view.getUint32(4 * i, true));
  const starts = new Float64Array(count + 1);
  starts[0] = node.startAt;
  for (let i = 0; i < count; i++) starts[i + 1] = (starts[i] ?? 0) + sizeOf(words[i] ?? 0, blockSize, starts[i] ?? 0);

  let window: { readonly at: number; readonly bytes: Uint8Array } = { at: 0, bytes: new Uint8Array(0) };
  let kept: { readonly index: number; readonly bytes: Uint8Array } | undefined;

  async function packedOf(index: number, last: number): Promise<Uint8Array> {
    const [at, end] = [starts[index] ?? 0, starts[index + 1] ?? 0];
    if (at < window.at || end > window.at + window.bytes.length) {
      let until = index + 1;
      while (until <= last && (starts[until + 1] ?? 0) - at <= READ_AHEAD) until++;
      window = { at: 0, bytes: new Uint8Array(0) };
      window = { at, bytes: await readPacked(source, at, (starts[until] ?? 0) - at) };
    }
    return window.bytes.subarray(at - window.at, end - window.at);
  }

  async function load(index: number, last: number): Promise<Uint8Array> {
    if (kept?.index === index) return kept.bytes;
    const word = words[index] ?? 0;
    const wanted = Math.min(blockSize, size - index * blockSize);
    kept = undefined;
    const at = starts[index] ?? 0;
    const bytes =
      word === 0
        ? new Uint8Array(wanted)
        : await unpackBlock(await packedOf(index, last), word, { at, unpack: places.unpack, ceiling: blockSize });
    if (bytes.length < wanted)
      throw refuse(`block[${index}]`, at, 'short-read', `it unpacks to ${bytes.length} bytes, where ${wanted} are wanted`);
    kept = { index, bytes };
    return bytes;
  }

  async function tail(from: number, to: number): Promise<Uint8Array> {
    if (fragment === undefined) throw refuse('fragment', node.startAt, 'out-of-bounds', 'the file has none');
    const bytes = await fragments.load(fragment.index);
    const at = fragment.offset - count * blockSize;
    if (at + to > bytes.length)
      throw refuse('fragment', node.contentAt, 'out-of-bounds', `bytes ${at + from} to ${at + to} of a block of ${bytes.length}`);
    return bytes.subarray(at + from, at + to);
  }

  return {
    size,
    async read(at, length) {
      checkRange({ size }, at, length, FORMAT);
      const out = new Uint8Array(length);
      const end = at + length;
      const last = Math.min(count, Math.ceil(end / blockSize)) - 1;
      for (let here = at; here < end; ) {
        const index = Math.floor(here / blockSize);
        const until = Math.min(end, (index + 1) * blockSize);
        const piece =
          index < count ? (await load(index, last)).subarray(here - index * blockSize, until - index * blockSize) : await tail(here, until);
        if (here === at && until === end) return piece;
        out.set(piece, here - at);
        here = until;
      }
      return out;
    },
  };
}
