import { alignUp, concatBytes, type HashPort, hashOf } from '../../../bytes/index.ts';
import { GEOMETRY_AT, GEOMETRY_MAGIC, GEOMETRY_SIZE, HEADER_MAGIC, SECTOR } from './metadata.ts';

export interface LpPart {
  readonly name: string;
  readonly group: string;
  readonly image: Uint8Array;
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
}

const BLOCK = 4096;

/** Writes a super image of one block device with version 10.2 metadata, every partition one linear extent. */
export function writeSuper(parts: SuperParts, hash: HashPort): Uint8Array {
  const metadataMaxSize = parts.metadataMaxSize ?? 65_536;
  const slots = parts.slots ?? 2;
  const first = alignUp(GEOMETRY_AT + 2 * GEOMETRY_SIZE + 2 * slots * metadataMaxSize, 1 << 20);
  const text = (value: string) => {
    const field = new Uint8Array(36);
    field.set(new TextEncoder().encode(value).subarray(0, 36));
    return field;
  };
  let at = first;
  const places = parts.partitions.map(({ image }) => {
    const start = at;
    at = alignUp(at + image.length, BLOCK);
    return { start, sectors: alignUp(image.length, BLOCK) / SECTOR };
  });
  const filled = parts.partitions.map(({ image }, index) => ({ has: image.length > 0, index }));
  const extentOf = (index: number) => filled.slice(0, index).filter(({ has }) => has).length;
  const groups = ['default', ...parts.groups.map(({ name }) => name)];
  const partitionTable = concatBytes(
    parts.partitions.map(({ name, group, image }, index) =>
      concatBytes([text(name), words(1, extentOf(index), image.length > 0 ? 1 : 0, Math.max(0, groups.indexOf(group)))]),
    ),
  );
  const extentTable = concatBytes(
    places
      .filter(({ sectors }) => sectors > 0)
      .map(({ start, sectors }) => concatBytes([longs(sectors), words(0), longs(start / SECTOR), words(0)])),
  );
  const groupTable = concatBytes(
    [{ name: 'default', maximumSize: 0 }, ...parts.groups].map(({ name, maximumSize }) =>
      concatBytes([text(name), words(0), longs(maximumSize)]),
    ),
  );
  const deviceTable = concatBytes([longs(first / SECTOR), words(1 << 20, 0), longs(at), text('super'), words(0)]);
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
  const metadata = concatBytes([header, tables]);
  if (metadata.length > metadataMaxSize) throw new RangeError(`metadata of ${metadata.length} bytes, and ${metadataMaxSize} fit`);

  const geometry = concatBytes([words(GEOMETRY_MAGIC, 52), new Uint8Array(32), words(metadataMaxSize, slots, BLOCK)]);
  geometry.set(hashOf(hash, 'sha256', geometry), 8);
  const out = new Uint8Array(at);
  out.set(geometry, GEOMETRY_AT);
  out.set(geometry, GEOMETRY_AT + GEOMETRY_SIZE);
  for (let slot = 0; slot < 2 * slots; slot++) out.set(metadata, GEOMETRY_AT + 2 * GEOMETRY_SIZE + slot * metadataMaxSize);
  for (const [index, { image }] of parts.partitions.entries()) out.set(image, places[index]?.start ?? 0);
  return out;
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
