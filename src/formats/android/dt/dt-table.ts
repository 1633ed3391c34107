/**
 * Tables of device trees: `dtbo.img`, and `dtb` partitions of the same form.
 * Spec: AOSP system/libufdt utils/src/dt_table.h (versions 0 and 1); a device tree itself by its header only (Devicetree Specification, "Header").
 * Limits: `ENTRIES_MAX`. Does not read: what is in a tree; entries that version 1 packs are given as they lie, and said to be packed.
 *
 *   struct dt_table_header (big endian)             struct dt_table_entry
 *     0 u32 magic             0xd7b7ab1e              0 u32 dt_size
 *     4 u32 total_size                                4 u32 dt_offset
 *     8 u32 header_size                               8 u32 id
 *    12 u32 dt_entry_size                            12 u32 rev
 *    16 u32 dt_entry_count                           16 u32 custom[4], or in version 1 flags (bits 0 … 3: packed) and custom[3]
 *    20 u32 dt_entries_offset
 *    24 u32 page_size
 *    28 u32 version
 */
import { Cursor, type Oddity, type Reading, type Source } from '../../../bytes/index.ts';

const FORMAT = 'dt table';
const HEADER_SIZE = 32;
const ENTRY_SIZE = 32;
const MAGIC = 0xd7b7ab1e;
const TREE_MAGIC = 0xd00dfeed;
/** Boards that one table has trees for. */
const ENTRIES_MAX = 4096;
const PACKINGS = ['none', 'zlib', 'gzip'] as const;

export interface DtEntry {
  readonly size: number;
  /** From the table's begin. */
  readonly at: number;
  readonly id: number;
  readonly revision: number;
  readonly packing: (typeof PACKINGS)[number] | number;
}

export interface DtTable {
  readonly version: number;
  readonly pageSize: number;
  readonly totalSize: number;
  readonly entries: readonly DtEntry[];
}

/** Whether an image begins as a table of device trees does. */
export const isDtTable = (start: Uint8Array): boolean =>
  start.length >= 4 && new DataView(start.buffer, start.byteOffset, 4).getUint32(0) === MAGIC;

/** Reads a table. @throws FormatError */
export async function readDtTable(source: Source): Promise<Reading<DtTable>> {
  const head = new Cursor(await source.read(0, Math.min(HEADER_SIZE, source.size)), { format: FORMAT, bigEndian: true });
  const magic = head.u32('magic');
  if (magic !== MAGIC) throw head.error('magic', 'bad-magic', `0x${magic.toString(16)}, not 0xd7b7ab1e`, 0);
  const totalSize = head.u32('total_size');
  const headerSize = head.u32('header_size');
  const entrySize = head.u32('dt_entry_size');
  const count = head.u32('dt_entry_count');
  const entriesAt = head.u32('dt_entries_offset');
  const pageSize = head.u32('page_size');
  const version = head.u32('version');
  if (version > 1) throw head.error('version', 'unsupported-version', `version ${version}; 0 and 1 are known`, 28);
  if (headerSize < HEADER_SIZE) throw head.error('header_size', 'bad-value', `${headerSize}`, 8);
  if (entrySize < ENTRY_SIZE || entrySize > 4096) throw head.error('dt_entry_size', 'bad-value', `${entrySize}`, 12);
  if (count > ENTRIES_MAX) throw head.error('dt_entry_count', 'too-large', `${count}, and ${ENTRIES_MAX} is the most`, 16);
  if (entriesAt + count * entrySize > source.size)
    throw head.error('dt_entries_offset', 'out-of-bounds', `${count} entries at ${entriesAt} of ${source.size} bytes`, 20);
  const oddities: Oddity[] = [];
  if (totalSize > source.size)
    oddities.push({
      format: FORMAT,
      field: 'total_size',
      at: 4,
      code: 'short-image',
      detail: `${totalSize} bytes are claimed, ${source.size} are there`,
    });
  const bytes = await source.read(entriesAt, count * entrySize);
  const entries: DtEntry[] = [];
  for (let i = 0; i < count; i++) {
    const cursor = new Cursor(bytes.subarray(i * entrySize, (i + 1) * entrySize), {
      format: FORMAT,
      base: entriesAt + i * entrySize,
      prefix: `entry[${i}].`,
      bigEndian: true,
    });
    const size = cursor.u32('dt_size');
    const at = cursor.u32('dt_offset');
    const id = cursor.u32('id');
    const revision = cursor.u32('rev');
    const flags = version === 0 ? 0 : cursor.u32('flags') & 15;
    if (at + size > source.size) throw cursor.error('dt_offset', 'out-of-bounds', `${size} bytes at ${at} of ${source.size}`, 4);
    const packing = PACKINGS[flags] ?? flags;
    entries.push({ size, at, id, revision, packing });
    if (packing === 'none' && size >= 8) oddities.push(...(await treeOddities(source, i, { at, size })));
  }
  return { value: { version, pageSize, totalSize, entries }, oddities };
}

/** A tree states its own magic and size. */
async function treeOddities(
  source: Source,
  index: number,
  { at, size }: { readonly at: number; readonly size: number },
): Promise<readonly Oddity[]> {
  const bytes = await source.read(at, 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const odd = (code: string, detail: string): readonly Oddity[] => [{ format: FORMAT, field: `entry[${index}]`, at, code, detail }];
  if (view.getUint32(0) !== TREE_MAGIC) return odd('no-tree', 'what lies there is no device tree');
  return view.getUint32(4) > size ? odd('short-tree', `a tree of ${view.getUint32(4)} bytes in ${size}`) : [];
}

/** A tree to write into a table. */
export interface DtParts {
  readonly tree: Uint8Array;
  readonly id?: number;
  readonly revision?: number;
  readonly flags?: number;
}

/** Writes a table, as `mkdtboimg create` lays it out: header, entries, trees one behind the other. */
export function writeDtTable(trees: readonly DtParts[], { version = 0, pageSize = 2048 } = {}): Uint8Array {
  const treesAt = HEADER_SIZE + ENTRY_SIZE * trees.length;
  const total = trees.reduce((sum, { tree }) => sum + tree.length, treesAt);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  const put = (at: number, ...values: readonly number[]) => {
    for (const [i, value] of values.entries()) view.setUint32(at + 4 * i, value);
  };
  put(0, MAGIC, total, HEADER_SIZE, ENTRY_SIZE, trees.length, HEADER_SIZE, pageSize, version);
  let at = treesAt;
  for (const [i, { tree, id = 0, revision = 0, flags = 0 }] of trees.entries()) {
    put(HEADER_SIZE + ENTRY_SIZE * i, tree.length, at, id, revision, flags);
    bytes.set(tree, at);
    at += tree.length;
  }
  return bytes;
}
