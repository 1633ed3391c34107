/**
 * Logical partition metadata: what a `super` image begins with.
 * Spec: AOSP system/core/fs_mgr/liblp/include/liblp/metadata_format.h (android-15.0.0_r1). Limits: major version 10, tables at most `TABLES_MAX`, `SLOTS_MAX` slots.
 * Does not read: nothing of version 10 is left out. Bytes in the reserved 4 KiB in front (some vendors put data there) are left alone.
 *
 *   4096 geometry, 8192 its copy:  u32 magic 0x616c4467, u32 struct_size, u8 checksum[32], u32 metadata_max_size, u32 metadata_slot_count, u32 logical_block_size
 *   12288 + slot * max_size, then the backup slots:
 *     u32 magic 0x414c5030, u16 major 10, u16 minor, u32 header_size, u8 header_checksum[32], u32 tables_size, u8 tables_checksum[32],
 *     { u32 offset, num_entries, entry_size } partitions, extents, groups, block_devices; from 10.2 u32 flags
 *   partition: char name[36], u32 attributes, first_extent_index, num_extents, group_index
 *   extent:    u64 num_sectors, u32 target_type (0 linear, 1 zero), u64 target_data (sector), u32 target_source (block device)
 *   group:     char name[36], u32 flags, u64 maximum_size
 *   device:    u64 first_logical_sector, u32 alignment, alignment_offset, u64 size, char partition_name[36], u32 flags
 */
import { Cursor, equalBytes, FormatError, type HashPort, hashOf, type Oddity, type Reading, type Source } from '../../../bytes/index.ts';

export const FORMAT = 'android lp';
export const SECTOR = 512;
export const GEOMETRY_AT = 4096;
export const GEOMETRY_SIZE = 4096;
export const GEOMETRY_MAGIC = 0x616c4467;
export const HEADER_MAGIC = 0x414c5030;
const GEOMETRY_STRUCT = 52;
const HEADER_MIN = 128;
const HEADER_MAX = 4096;
const METADATA_MAX = 16 << 20;
const SLOTS_MAX = 32;
const ENTRIES_MAX = 1 << 16;
const SIZES = { partitions: 52, extents: 24, groups: 48, blockDevices: 64 } as const;

export interface LpGeometry {
  readonly metadataMaxSize: number;
  readonly slots: number;
  readonly logicalBlockSize: number;
}

export interface LpExtent {
  /** `unknown` maps to nothing that is known here: it costs its partition. */
  readonly type: 'linear' | 'zero' | 'unknown';
  readonly sectors: number;
  /** First sector on the device; 0 for zero extents. */
  readonly sector: number;
  /** Index among the block devices. */
  readonly device: number;
}

export interface LpPartition {
  readonly name: string;
  readonly readonly: boolean;
  readonly slotSuffixed: boolean;
  readonly updated: boolean;
  readonly disabled: boolean;
  readonly group: string;
  readonly extents: readonly LpExtent[];
  /** Bytes of all extents. */
  readonly size: number;
  /** Another partition of the same slot that lies on some of its sectors: no tool writes that, and which of the two is meant nobody knows. */
  readonly sharesWith: string | undefined;
}

export interface LpGroup {
  readonly name: string;
  readonly flags: number;
  readonly maximumSize: number;
}

export interface LpDevice {
  readonly name: string;
  readonly firstSector: number;
  readonly alignment: number;
  readonly alignmentOffset: number;
  readonly size: number;
  readonly flags: number;
}

export interface LpMetadata {
  readonly geometry: LpGeometry;
  readonly minor: number;
  readonly slot: number;
  /** 1: virtual A/B; 2: overlays. */
  readonly flags: number;
  readonly partitions: readonly LpPartition[];
  readonly groups: readonly LpGroup[];
  readonly devices: readonly LpDevice[];
}

/** Whether a Source has LP geometry, at its place or at its copy's. */
export async function isSuper(source: Source): Promise<boolean> {
  for (const at of [GEOMETRY_AT, GEOMETRY_AT + GEOMETRY_SIZE]) {
    if (at + 4 > source.size) return false;
    if (new Cursor(await source.read(at, 4), { format: FORMAT, base: at }).u32('magic') === GEOMETRY_MAGIC) return true;
  }
  return false;
}

/** Reads the metadata of one slot; its copies are used, with an oddity, where the first is damaged. @throws FormatError when no copy is good */
export async function readLp(source: Source, hash: HashPort, slot = 0): Promise<Reading<LpMetadata>> {
  const oddities: Oddity[] = [];
  const geometry = await firstGood([GEOMETRY_AT, GEOMETRY_AT + GEOMETRY_SIZE], 'geometry', oddities, (at) =>
    readGeometry(source, at, hash),
  );
  if (slot < 0 || slot >= geometry.slots)
    throw new FormatError({ format: FORMAT, field: 'slot', at: GEOMETRY_AT + 44 }, 'out-of-bounds', `${slot} of ${geometry.slots}`);
  const first = GEOMETRY_AT + 2 * GEOMETRY_SIZE + slot * geometry.metadataMaxSize;
  const places = [first, first + geometry.slots * geometry.metadataMaxSize];
  const value = await firstGood(places, 'metadata', oddities, (at) => readMetadata(source, at, { geometry, slot, hash, oddities }));
  return { value, oddities };
}

/** Reads the metadata of every slot that is good, in their order. @throws FormatError when none is */
export async function readLpSlots(source: Source, hash: HashPort): Promise<Reading<readonly LpMetadata[]>> {
  const value: LpMetadata[] = [];
  const oddities: Oddity[] = [];
  let failed: FormatError | undefined;
  for (let slot = 0, slots = 1; slot < slots; slot++) {
    try {
      const one = await readLp(source, hash, slot);
      slots = one.value.geometry.slots;
      value.push(one.value);
      oddities.push(...one.oddities);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      failed ??= error;
      // Of the geometry there is one: where that is bad, no slot is good.
      slots = Math.max(slots, (await slotsOf(source, hash)) ?? 0);
      oddities.push({ format: FORMAT, field: `slot ${slot}`, at: error.at, code: 'unreadable', detail: error.message });
    }
  }
  if (value.length === 0) throw failed ?? new RangeError('no slots');
  return { value, oddities };
}

async function slotsOf(source: Source, hash: HashPort): Promise<number | undefined> {
  try {
    const places = [GEOMETRY_AT, GEOMETRY_AT + GEOMETRY_SIZE];
    return (await firstGood(places, 'geometry', [], (at) => readGeometry(source, at, hash))).slots;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}

async function firstGood<T>(places: readonly number[], field: string, oddities: Oddity[], read: (at: number) => Promise<T>): Promise<T> {
  let first: FormatError | undefined;
  for (const at of places) {
    try {
      const value = await read(at);
      if (first !== undefined)
        oddities.push({ format: FORMAT, field, at: first.at, code: 'copy', detail: `${first.message}; the copy at ${at} is good` });
      return value;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      first ??= error;
    }
  }
  throw first ?? new RangeError('no place to read from');
}

async function readGeometry(source: Source, at: number, hash: HashPort): Promise<LpGeometry> {
  const bytes = await source.read(at, Math.max(0, Math.min(GEOMETRY_SIZE, source.size - at)));
  const cursor = new Cursor(bytes, { format: FORMAT, base: at, prefix: 'geometry.' });
  const magic = cursor.u32('magic');
  if (magic !== GEOMETRY_MAGIC) throw cursor.error('magic', 'bad-magic', `0x${magic.toString(16)}, not 0x616c4467`, 0);
  const size = cursor.u32('struct_size');
  if (size < GEOMETRY_STRUCT || size > bytes.length) throw cursor.error('struct_size', 'bad-value', `${size}`, 4);
  checkDigest(cursor, { bytes: bytes.subarray(0, size), digestAt: 8, hash });
  cursor.skip('checksum', 32);
  const metadataMaxSize = cursor.u32('metadata_max_size');
  if (metadataMaxSize === 0 || metadataMaxSize % SECTOR !== 0 || metadataMaxSize > METADATA_MAX)
    throw cursor.error('metadata_max_size', 'bad-value', `${metadataMaxSize}`, 40);
  const slots = cursor.u32('metadata_slot_count');
  if (slots === 0 || slots > SLOTS_MAX) throw cursor.error('metadata_slot_count', 'bad-value', `${slots}`, 44);
  const logicalBlockSize = cursor.u32('logical_block_size');
  if (logicalBlockSize === 0 || logicalBlockSize % SECTOR !== 0)
    throw cursor.error('logical_block_size', 'bad-value', `${logicalBlockSize}`, 48);
  return { metadataMaxSize, slots, logicalBlockSize };
}

/** Compares a struct's SHA-256, made with the digest's own field zeroed. */
function checkDigest(
  cursor: Cursor,
  { bytes, digestAt, hash }: { readonly bytes: Uint8Array; readonly digestAt: number; readonly hash: HashPort },
): void {
  const zeroed = bytes.slice();
  zeroed.fill(0, digestAt, digestAt + 32);
  if (!equalBytes(hashOf(hash, 'sha256', zeroed), bytes.subarray(digestAt, digestAt + 32)))
    throw cursor.error('checksum', 'bad-checksum', 'the SHA-256 is another', digestAt);
}

interface Context {
  readonly geometry: LpGeometry;
  readonly slot: number;
  readonly hash: HashPort;
  readonly oddities: Oddity[];
}

async function readMetadata(source: Source, at: number, { geometry, slot, hash, oddities }: Context): Promise<LpMetadata> {
  const bytes = await source.read(at, Math.max(0, Math.min(geometry.metadataMaxSize, source.size - at)));
  const cursor = new Cursor(bytes, { format: FORMAT, base: at, prefix: 'metadata.' });
  const magic = cursor.u32('magic');
  if (magic !== HEADER_MAGIC) throw cursor.error('magic', 'bad-magic', `0x${magic.toString(16)}, not 0x414c5030`, 0);
  const major = cursor.u16('major_version');
  if (major !== 10) throw cursor.error('major_version', 'unsupported-version', `${major}, not 10`, 4);
  const minor = cursor.u16('minor_version');
  const headerSize = cursor.u32('header_size');
  if (headerSize < HEADER_MIN || headerSize > HEADER_MAX || headerSize > bytes.length)
    throw cursor.error('header_size', 'bad-value', `${headerSize}`, 8);
  checkDigest(cursor, { bytes: bytes.subarray(0, headerSize), digestAt: 12, hash });
  cursor.skip('header_checksum', 32);
  const tablesSize = cursor.u32('tables_size');
  if (tablesSize > bytes.length - headerSize)
    throw cursor.error('tables_size', 'out-of-bounds', `${tablesSize} of ${bytes.length - headerSize} bytes`, 44);
  const stated = cursor.take('tables_checksum', 32);
  const tables = bytes.subarray(headerSize, headerSize + tablesSize);
  if (!equalBytes(hashOf(hash, 'sha256', tables), stated))
    throw cursor.error('tables_checksum', 'bad-checksum', 'the SHA-256 is another', 48);
  const base = at + headerSize;
  const table = (name: keyof typeof SIZES): readonly Cursor[] => {
    const offset = cursor.u32(`${name}.offset`);
    const entries = cursor.u32(`${name}.num_entries`);
    const size = cursor.u32(`${name}.entry_size`);
    if (size < SIZES[name] || size > HEADER_MAX || entries > ENTRIES_MAX || offset + entries * size > tablesSize)
      throw cursor.error(name, 'out-of-bounds', `${entries} entries of ${size} bytes at ${offset} of ${tablesSize}`);
    return Array.from({ length: entries }, (_, index) => {
      const start = offset + index * size;
      return new Cursor(tables.subarray(start, start + size), { format: FORMAT, base: base + start, prefix: `${name}[${index}].` });
    });
  };
  const partitionRows = table('partitions');
  const extents = table('extents').map(readExtent);
  const groups = table('groups').map(
    (row): LpGroup => ({ name: row.paddedText('name', 36), flags: row.u32('flags'), maximumSize: row.size64('maximum_size') }),
  );
  const devices = table('blockDevices').map(readDevice);
  const flags = headerSize >= HEADER_MIN + 4 && minor >= 2 ? cursor.u32('flags') : 0;
  const owners: (string | undefined)[] = [];
  const partitions = partitionRows.map((row): LpPartition => {
    const name = row.paddedText('name', 36);
    const attributes = row.u32('attributes');
    const first = row.u32('first_extent_index');
    const count = row.u32('num_extents');
    const group = row.u32('group_index');
    if (first + count > extents.length)
      throw row.error('num_extents', 'out-of-bounds', `${count} extents from ${first} of ${extents.length}`, 40);
    if (group >= groups.length) throw row.error('group_index', 'out-of-bounds', `${group} of ${groups.length}`, 48);
    const mine = extents.slice(first, first + count);
    for (const [index, extent] of mine.entries()) {
      if (extent.type === 'linear' && extent.device >= devices.length)
        throw row.error(`extents[${index}].target_source`, 'out-of-bounds', `block device ${extent.device} of ${devices.length}`, 40);
      owners[first + index] = name;
    }
    const size = mine.reduce((sum, { sectors }) => sum + sectors * SECTOR, 0);
    if (!Number.isSafeInteger(size)) throw row.error('extents', 'too-large', `${size} bytes`, 40);
    return {
      name,
      readonly: (attributes & 1) !== 0,
      slotSuffixed: (attributes & 2) !== 0,
      updated: (attributes & 4) !== 0,
      disabled: (attributes & 8) !== 0,
      group: groups[group]?.name ?? '',
      extents: mine,
      size,
      sharesWith: undefined,
    };
  });
  const shared = overlapsOf(extents, owners, at, oddities);
  reportFullGroups(partitions, groups, at, oddities);
  return {
    geometry,
    minor,
    slot,
    flags,
    partitions: partitions.map((partition) => ({ ...partition, sharesWith: shared.get(partition.name) })),
    groups,
    devices,
  };
}

/** A group holds at most what it says; 0 is no limit. */
function reportFullGroups(partitions: readonly LpPartition[], groups: readonly LpGroup[], at: number, oddities: Oddity[]): void {
  for (const [index, { name, maximumSize }] of groups.entries()) {
    const size = partitions.reduce((sum, partition) => sum + (partition.group === name ? partition.size : 0), 0);
    if (maximumSize > 0 && size > maximumSize)
      oddities.push({
        format: FORMAT,
        field: `groups[${index}].maximum_size`,
        at,
        code: 'over-full',
        detail: `${name} holds ${size} bytes, and ${maximumSize} are the most`,
      });
  }
}

/** Two partitions on the same sectors, each by name with one that shares them. */
function overlapsOf(
  extents: readonly LpExtent[],
  owners: readonly (string | undefined)[],
  at: number,
  oddities: Oddity[],
): ReadonlyMap<string, string> {
  const shared = new Map<string, string>();
  const linear = extents
    .map((extent, index) => ({ ...extent, owner: owners[index] }))
    .filter(({ type, owner, sectors }) => type === 'linear' && owner !== undefined && sectors > 0)
    .sort((a, b) => a.device - b.device || a.sector - b.sector);
  /** The one that reaches furthest so far: what begins before its end lies on it. */
  let before: (typeof linear)[number] | undefined;
  for (const extent of linear) {
    if (before !== undefined && before.device === extent.device && before.sector + before.sectors > extent.sector) {
      const [a = '', b = ''] = [before.owner, extent.owner];
      shared.set(a, b);
      shared.set(b, a);
      oddities.push({
        format: FORMAT,
        field: 'extents',
        at,
        code: 'overlap',
        detail: `${before.owner} and ${extent.owner} share sector ${extent.sector}`,
      });
    }
    if (before === undefined || before.device !== extent.device || before.sector + before.sectors < extent.sector + extent.sectors)
      before = extent;
  }
  return shared;
}

function readExtent(row: Cursor): LpExtent {
  const sectors = row.size64('num_sectors');
  const type = row.u32('target_type');
  return {
    sectors,
    type: type === 0 ? 'linear' : type === 1 ? 'zero' : 'unknown',
    sector: row.size64('target_data'),
    device: row.u32('target_source'),
  };
}

function readDevice(row: Cursor): LpDevice {
  const firstSector = row.size64('first_logical_sector');
  const alignment = row.u32('alignment');
  const alignmentOffset = row.u32('alignment_offset');
  const size = row.size64('size');
  return { firstSector, alignment, alignmentOffset, size, name: row.paddedText('partition_name', 36), flags: row.u32('flags') };
}
