/** Writes small EROFS images, inode by inode: block sizes that no tool here makes, and clusters and fragments that none would. */
import { concatBytes } from '../../../bytes/index.ts';

const SUPER_AT = 1024;
const SLOT = 32;

/** Layouts by their number. */
export const LAYOUT = { plain: 0, full: 1, inline: 2, compact: 3, chunk: 4 } as const;

export interface ErofsNode {
  /** Slot of 32 bytes of the metadata that the inode begins at; it takes two, and what is behind it more. */
  readonly nid: number;
  readonly mode: number;
  readonly layout: number;
  readonly size: number;
  /** First block, device numbers or chunk format. */
  readonly raw?: number;
  /** Its attributes, header and all; whole words. */
  readonly attributes?: Uint8Array;
  /** The short form of 32 bytes: seconds after the image's epoch. */
  readonly compactTime?: number;
  /** Bit 4 of the format: of a directory that `.` is left out, of a file in the short form that it has one link, and a high half of its address where their number was. */
  readonly bit4?: boolean;
  /** What lies behind the inode: a tail, a map header with its indexes, chunk indexes. */
  readonly behind?: Uint8Array;
}

export interface ErofsSpec {
  readonly blockBits?: number;
  readonly compat?: number;
  readonly incompat?: number;
  readonly algorithms?: number;
  readonly root: number;
  /** Seconds since 1970 that short inodes count from. */
  readonly epoch?: number;
  /** Nid of the packed inode. */
  readonly packed?: number;
  /** Nid of the metabox; in an extension slot of the superblock. */
  readonly metabox?: number;
  /** The root's nid stands where images of 48-bit addresses have it. */
  readonly wideRoot?: boolean;
  /** What lies behind the superblock: configurations of algorithms. */
  readonly configurations?: Uint8Array;
  /** Long prefixes of attributes: how many, and where they begin, in words of four bytes. */
  readonly prefixes?: { readonly count: number; readonly start: number };
  readonly metaBlock?: number;
  readonly nodes: readonly ErofsNode[];
  readonly blocks?: ReadonlyMap<number, Uint8Array>;
  readonly totalBlocks: number;
}

/** Words in little endian: a number, or a pair of width in bytes and value. */
export function words(...values: readonly (number | readonly [width: number, value: number])[]): Uint8Array {
  return concatBytes(
    values.map((one) => {
      const [width, value] = typeof one === 'number' ? [4, one] : one;
      return Uint8Array.from({ length: width }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256);
    }),
  );
}

/** One block of a directory: entries, and their names behind. */
export function names(list: readonly (readonly [name: string, nid: number])[]): Uint8Array {
  const texts = list.map(([name]) => new TextEncoder().encode(name));
  let at = 12 * list.length;
  const entries = list.map(([, nid], i) => {
    const entry = words([8, nid], [2, at], [1, 1], [1, 0]);
    at += texts[i]?.length ?? 0;
    return entry;
  });
  return concatBytes([...entries, ...texts]);
}

export function writeErofs(spec: ErofsSpec): Uint8Array {
  const blockBits = spec.blockBits ?? 12;
  const blockSize = 2 ** blockBits;
  const image = new Uint8Array(Math.max(spec.totalBlocks * blockSize, 4096));
  const metaBlock = spec.metaBlock ?? Math.ceil(2048 / blockSize);
  const hasBox = spec.metabox !== undefined;
  image.set(
    concatBytes([
      words(
        0xe0f5e1e2,
        0,
        spec.compat ?? 0,
        [1, blockBits],
        [1, hasBox ? 1 : 0],
        [2, spec.wideRoot === true ? 0 : spec.root],
        [8, spec.nodes.length],
        [8, spec.epoch ?? 0],
        0,
      ),
      words(
        spec.totalBlocks,
        metaBlock,
        0,
        [16, 0],
        [16, 0],
        (spec.incompat ?? 0) | (hasBox ? 0x100 : 0),
        [2, spec.algorithms ?? 1],
        [2, 0],
      ),
      words(
        [2, 0],
        [1, 0],
        [1, spec.prefixes?.count ?? 0],
        spec.prefixes?.start ?? 0,
        [8, spec.packed ?? 0],
        [4, 0],
        0,
        [8, spec.wideRoot === true ? spec.root : 0],
        [8, 0],
      ),
      ...(hasBox ? [words([8, spec.metabox ?? 0], [8, 0])] : []),
      spec.configurations ?? new Uint8Array(0),
    ]),
    SUPER_AT,
  );
  for (const node of spec.nodes) image.set(inodeBytes(node), metaBlock * blockSize + node.nid * SLOT);
  for (const [block, bytes] of spec.blocks ?? []) image.set(bytes, block * blockSize);
  return image;
}

/** An inode, with what lies behind it. */
export function inodeBytes({
  nid,
  compactTime,
  bit4 = false,
  mode,
  layout,
  size,
  raw = 0,
  attributes = new Uint8Array(0),
  behind = new Uint8Array(0),
}: ErofsNode): Uint8Array {
  const count = attributes.length === 0 ? 0 : (attributes.length - 12) / 4 + 1;
  const format = (compactTime === undefined ? 1 : 0) | (layout << 1) | (bit4 ? 0x10 : 0);
  if (compactTime !== undefined)
    return concatBytes([
      words([2, format], [2, count], [2, mode], [2, bit4 ? 0 : 1], size, compactTime, raw, nid, [2, 0], [2, 0], 0),
      attributes,
      behind,
    ]);
  return concatBytes([
    words([2, format], [2, count], [2, mode], [2, 0], [8, size], raw, nid, 0, 0, [8, 1_700_000_000], 0, 1),
    new Uint8Array(16),
    attributes,
    behind,
  ]);
}
