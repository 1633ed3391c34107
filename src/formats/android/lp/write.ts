import { alignUp, concatBytes, type HashPort, hashOf } from '../../../bytes/index.ts';
import { GEOMETRY_AT, GEOMETRY_MAGIC, GEOMETRY_SIZE, HEADER_MAGIC, SECTOR } from './metadata.ts';

export interface LpPart {
  readonly name: string;
  readonly group: string;
  readonly image: Uint8Array;
  /** Slots of the metadata that list it; default all. */
  readonly slots?: readonly number[];
  /** The partition whose extents are this one's, too: an update in progress renames it. Then `image` is not written. */
  readonly extentsOf?: string;
}

export interface SuperParts {
  readonly groups: readonly { readonly name: string; readonly maximumSize: number }[];
  readonly partitions: readonly LpPart[];
  /** Default 65536. */
  readonly metadataMaxSize?: number;
  /** Default 2. */
  readonly slots?: number;
  /** 1: virtual A/B. */
  readonly flags?: number;
  /** Of a retrofit super: the partitions of before and their sizes, whole MiB; the last grows with what is left. Default one, `super`. */
  readonly devices?: readonly { readonly name: string; readonly size: number }[];
}

const BLOCK = 4096;
/** Where data begins on each device, and what it is aligned to. */
const MIB = 1 << 20;

interface Extent {
  readonly device: number;
  readonly at: number;
  readonly length: number;
  /** Where in its partition's image. */
  readonly from: number;
}

/** Writes a super image of one block device with version 10.2 metadata, every partition one linear extent. */
export function writeSuper(parts: SuperParts, hash: HashPort): Uint8Array {
  const [image] = writeSplitSuper(parts, hash);
  return image ?? new Uint8Array(0);
}

/** The images of all block devices, in the metadata's order: partitions go on where the next device begins. */
export function writeSplitSuper(parts: SuperParts, hash: HashPort): readonly Uint8Array[] {
  const metadataMaxSize = parts.metadataMaxSize ?? 65_536;
  const slots = parts.slots ?? 2;
  const first = alignUp(GEOMETRY_AT + 2 * GEOMETRY_SIZE + 2 * slots * metadataMaxSize, MIB);
  const devices = parts.devices ?? [{ name: 'super', size: 0 }];
  const starts = devices.map((_, index) => (index === 0 ? first : MIB));
  const ends = [...starts];
  const places = new Map<string, readonly Extent[]>();
  let device = 0;
  for (const { name, image, extentsOf } of parts.partitions) {
    if (extentsOf !== undefined) continue;
    const extents: Extent[] = [];
    for (let from = 0; from < alignUp(image.length, BLOCK); ) {
      const at = ends[device] ?? 0;
      const room = device === devices.length - 1 ? Number.POSITIVE_INFINITY : (devices[device]?.size ?? 0) - at;
      const length = Math.min(alignUp(image.length, BLOCK) - from, room);
      if (length > 0) {
        extents.push({ device, at, length, from });
        ends[device] = at + length;
        from += length;
      } else device++;
    }
    places.set(name, extents);
  }
  const sizes = devices.map(({ size }, index) => (index === devices.length - 1 ? Math.max(size, ends[index] ?? 0) : size));
  const rows = devices.map(({ name }, index) => ({ name, first: starts[index] ?? 0, size: sizes[index] ?? 0 }));
  const geometry = concatBytes([words(GEOMETRY_MAGIC, 52), new Uint8Array(32), words(metadataMaxSize, slots, BLOCK)]);
  geometry.set(hashOf(hash, 'sha256', geometry), 8);
  const images = sizes.map((size) => new Uint8Array(size));
  const [out = new Uint8Array(0)] = images;
  out.set(geometry, GEOMETRY_AT);
  out.set(geometry, GEOMETRY_AT + GEOMETRY_SIZE);
  for (let slot = 0; slot < 2 * slots; slot++) {
    const metadata = metadataOf(parts, { slot: slot % slots, places, rows }, hash);
    if (metadata.length > metadataMaxSize) throw new RangeError(`metadata of ${metadata.length} bytes, and ${metadataMaxSize} fit`);
    out.set(metadata, GEOMETRY_AT + 2 * GEOMETRY_SIZE + slot * metadataMaxSize);
  }
  for (const { name, image } of parts.partitions)
    for (const extent of places.get(name) ?? [])
      images[extent.device]?.set(image.subarray(extent.from, extent.from + extent.length), extent.at);
  return images;
}

interface Placed {
  readonly slot: number;
  readonly places: ReadonlyMap<string, readonly Extent[]>;
  readonly rows: readonly { readonly name: string; readonly first: number; readonly size: number }[];
}

/** The metadata of one slot. */
function metadataOf(parts: SuperParts, { slot, places, rows }: Placed, hash: HashPort): Uint8Array {
  const text = (value: string) => {
    const field = new Uint8Array(36);
    field.set(new TextEncoder().encode(value).subarray(0, 36));
    return field;
  };
  const groups = ['default', ...parts.groups.map(({ name }) => name)];
  const listed = parts.partitions.filter(({ slots }) => slots?.includes(slot) ?? true);
  const partitionRows: Uint8Array[] = [];
  const extentRows: Uint8Array[] = [];
  for (const { name, group, extentsOf } of listed) {
    const extents = places.get(extentsOf ?? name) ?? [];
    partitionRows.push(concatBytes([text(name), words(1, extentRows.length, extents.length, Math.max(0, groups.indexOf(group)))]));
    for (const { device, at, length } of extents)
      extentRows.push(concatBytes([longs(length / SECTOR), words(0), longs(at / SECTOR), words(device)]));
  }
  const partitionTable = concatBytes(partitionRows);
  const extentTable = concatBytes(extentRows);
  const groupTable = concatBytes(
    [{ name: 'default', maximumSize: 0 }, ...parts.groups].map(({ name, maximumSize }) =>
      concatBytes([text(name), words(0), longs(maximumSize)]),
    ),
  );
  const deviceTable = concatBytes(
    rows.map(({ name, first, size }) => concatBytes([longs(first / SECTOR), words(MIB, 0), longs(size), text(name), words(0)])),
  );
  const tables = concatBytes([partitionTable, extentTable, groupTable, deviceTable]);
  const header = new Uint8Array(256);
  const view = new DataView(header.buffer);
  view.setUint32(0, HEADER_MAGIC, true);
  view.setUint16(4, 10, true);
  view.setUint16(6, 2, true);
  view.setUint32(8, header.length, true);
  view.setUint32(44, tables.length, true);
  header.set(hashOf(hash, 'sha256', tables), 48);
  let offset = 0;
  for (const [index, [table, size]] of (
    [
      [partitionTable, 52],
      [extentTable, 24],
      [groupTable, 48],
      [deviceTable, 64],
    ] as const
  ).entries()) {
    header.set(words(offset, table.length / size, size), 80 + 12 * index);
    offset += table.length;
  }
  view.setUint32(128, parts.flags ?? 0, true);
  header.set(hashOf(hash, 'sha256', header), 12);
  return concatBytes([header, tables]);
}

function words(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value, true);
  return new Uint8Array(view.buffer);
}

function longs(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(value), true);
  return new Uint8Array(view.buffer);
}
