/**
 * The manifest of a payload: which partitions it makes, and by which operations.
 * Spec: AOSP system/update_engine/update_metadata.proto (android-15.0.0_r1). Limits: `OPERATIONS_MAX`, `EXTENTS_MAX`, `PARTITIONS_MAX`.
 * Does not read: merge operations (Virtual A/B's own scheduling), post-install settings, file-system types.
 *
 *   DeltaArchiveManifest { block_size = 3; signatures_offset = 4; signatures_size = 5; minor_version = 12; partitions = 13; max_timestamp = 14;
 *                          dynamic_partition_metadata = 15; partial_update = 16; apex_info = 17; security_patch_level = 18 }
 *   PartitionUpdate      { partition_name = 1; old_partition_info = 6; new_partition_info = 7; operations = 8; hash_tree_data_extent = 10;
 *                          hash_tree_extent = 11; hash_tree_algorithm = 12; hash_tree_salt = 13; fec_data_extent = 14; fec_extent = 15; fec_roots = 16; version = 17 }
 *   InstallOperation     { type = 1; data_offset = 2; data_length = 3; src_extents = 4; src_length = 5; dst_extents = 6; dst_length = 7; data_sha256_hash = 8; src_sha256_hash = 9 }
 *   Extent               { start_block = 1; num_blocks = 2 }      PartitionInfo { size = 1; hash = 2 }
 */
import type { Cursor } from '../../../bytes/index.ts';
import { type ProtoField, protoFields } from './protobuf.ts';

const PARTITIONS_MAX = 1024;
/** A full payload of 16 GiB in chunks of 2 MiB has 8,192; deltas have more. */
const OPERATIONS_MAX = 1 << 20;
const EXTENTS_MAX = 1 << 22;
const BLOCK_SIZE_MAX = 1 << 20;
/** An extent that starts here is a hole: zeros when read, nothing when written. */
const SPARSE_HOLE = 0xffff_ffff_ffff_ffffn;

export const OPERATION_TYPES = [
  'REPLACE',
  'REPLACE_BZ',
  'MOVE',
  'BSDIFF',
  'SOURCE_COPY',
  'SOURCE_BSDIFF',
  'ZERO',
  'DISCARD',
  'REPLACE_XZ',
  'PUFFDIFF',
  'BROTLI_BSDIFF',
  'ZUCCHINI',
  'LZ4DIFF_BSDIFF',
  'LZ4DIFF_PUFFDIFF',
  'REPLACE_ZSTD',
] as const;
export type OperationType = (typeof OPERATION_TYPES)[number];

export interface Extent {
  /** Undefined: a hole. */
  readonly startBlock: number | undefined;
  readonly blocks: number;
}

export interface InstallOperation {
  /** The name, or the number where it has none that we know: a vendor's own operation must be named, too. */
  readonly type: OperationType | number;
  /** From the start of the blobs, in bytes. */
  readonly dataOffset: number;
  readonly dataLength: number;
  readonly sources: readonly Extent[];
  readonly sourceLength: number | undefined;
  readonly targets: readonly Extent[];
  readonly targetLength: number | undefined;
  readonly dataSha256: Uint8Array | undefined;
  readonly sourceSha256: Uint8Array | undefined;
}

export interface PartitionInfo {
  readonly size: number;
  readonly sha256: Uint8Array;
}

/** A hash tree that a delta leaves to the device to compute. */
export interface PayloadHashtree {
  readonly data: Extent;
  readonly tree: Extent;
  readonly algorithm: string;
  readonly salt: Uint8Array;
}

export interface PayloadPartition {
  readonly name: string;
  readonly version: string | undefined;
  readonly before: PartitionInfo | undefined;
  readonly after: PartitionInfo | undefined;
  readonly operations: readonly InstallOperation[];
  readonly hashtree: PayloadHashtree | undefined;
  readonly fec: { readonly data: Extent; readonly codes: Extent; readonly roots: number } | undefined;
}

export interface PayloadGroup {
  readonly name: string;
  readonly size: number;
  readonly partitions: readonly string[];
}

export interface PayloadManifest {
  readonly blockSize: number;
  /** 0 is a full payload; others need the images of the build before. */
  readonly minorVersion: number;
  readonly signaturesOffset: number | undefined;
  readonly signaturesSize: number;
  readonly maxTimestamp: number | undefined;
  readonly partialUpdate: boolean;
  readonly securityPatchLevel: string | undefined;
  readonly groups: readonly PayloadGroup[];
  readonly snapshotEnabled: boolean;
  readonly apexes: readonly { readonly name: string; readonly version: string; readonly compressed: boolean }[];
  readonly partitions: readonly PayloadPartition[];
}

interface Counts {
  operations: number;
  extents: number;
}

/** Reads a manifest. @throws FormatError */
export function readPayloadManifest(cursor: Cursor): PayloadManifest {
  const counts: Counts = { operations: 0, extents: 0 };
  const partitions: PayloadPartition[] = [];
  const groups: PayloadGroup[] = [];
  const apexes: { name: string; version: string; compressed: boolean }[] = [];
  const all = new Fields();
  let snapshotEnabled = false;
  for (const field of protoFields(cursor)) {
    if (field.number === 13) {
      if (partitions.length === PARTITIONS_MAX) throw cursor.error('partitions', 'too-large', `more than ${PARTITIONS_MAX}`);
      partitions.push(readPartition(message(field, cursor), counts));
    } else if (field.number === 15) {
      for (const inner of protoFields(message(field, cursor))) {
        if (inner.number === 1) groups.push(readGroup(message(inner, cursor)));
        if (inner.number === 2) snapshotEnabled = inner.value !== 0n;
      }
    } else if (field.number === 17) {
      const apex = Fields.of(message(field, cursor));
      apexes.push({ name: apex.text(1) ?? '', version: String(apex.get(2)?.value ?? 0n), compressed: (apex.get(3)?.value ?? 0n) !== 0n });
    } else all.set(field);
  }
  const blockSize = all.size(3, cursor, 'block_size') ?? 4096;
  if (blockSize < 512 || blockSize > BLOCK_SIZE_MAX || (blockSize & (blockSize - 1)) !== 0)
    throw cursor.error('block_size', 'bad-value', `${blockSize} is no power of two from 512 to ${BLOCK_SIZE_MAX}`, 0);
  return {
    blockSize,
    minorVersion: all.size(12, cursor, 'minor_version') ?? 0,
    signaturesOffset: all.size(4, cursor, 'signatures_offset'),
    signaturesSize: all.size(5, cursor, 'signatures_size') ?? 0,
    maxTimestamp: all.size(14, cursor, 'max_timestamp'),
    partialUpdate: (all.get(16)?.value ?? 0n) !== 0n,
    securityPatchLevel: all.text(18),
    groups,
    snapshotEnabled,
    apexes,
    partitions,
  };
}

function readGroup(cursor: Cursor): PayloadGroup {
  const all = new Fields();
  const partitions: string[] = [];
  for (const field of protoFields(cursor)) {
    if (field.number === 3) partitions.push(textOf(field) ?? '');
    else all.set(field);
  }
  return { name: all.text(1) ?? '', size: all.size(2, cursor, 'size') ?? 0, partitions };
}

function readPartition(cursor: Cursor, counts: Counts): PayloadPartition {
  const all = new Fields();
  const operations: InstallOperation[] = [];
  for (const field of protoFields(cursor)) {
    if (field.number !== 8) {
      all.set(field);
      continue;
    }
    if (++counts.operations > OPERATIONS_MAX) throw cursor.error('operations', 'too-large', `more than ${OPERATIONS_MAX}`);
    operations.push(readOperation(message(field, cursor), counts));
  }
  const name = all.text(1);
  if (name === undefined || name === '') throw cursor.error('partition_name', 'bad-value', 'a partition without a name', 0);
  const extent = (number: number) => {
    const body = all.get(number)?.body;
    return body === undefined ? undefined : readExtent(body);
  };
  const [treeData, tree, fecData, codes] = [extent(10), extent(11), extent(14), extent(15)];
  return {
    name,
    version: all.text(17),
    before: readInfo(all.get(6)?.body),
    after: readInfo(all.get(7)?.body),
    operations,
    hashtree:
      treeData === undefined || tree === undefined
        ? undefined
        : { data: treeData, tree, algorithm: all.text(12) ?? 'sha256', salt: all.get(13)?.body?.bytes ?? new Uint8Array(0) },
    fec: fecData === undefined || codes === undefined ? undefined : { data: fecData, codes, roots: all.size(16, cursor, 'fec_roots') ?? 2 },
  };
}

function readInfo(cursor: Cursor | undefined): PartitionInfo | undefined {
  if (cursor === undefined) return undefined;
  const all = Fields.of(cursor);
  return { size: all.size(1, cursor, 'size') ?? 0, sha256: all.get(2)?.body?.bytes ?? new Uint8Array(0) };
}

function readOperation(cursor: Cursor, counts: Counts): InstallOperation {
  const all = new Fields();
  const sources: Extent[] = [];
  const targets: Extent[] = [];
  for (const field of protoFields(cursor)) {
    if (field.number === 4 || field.number === 6) {
      if (++counts.extents > EXTENTS_MAX) throw cursor.error('extents', 'too-large', `more than ${EXTENTS_MAX}`);
      (field.number === 4 ? sources : targets).push(readExtent(message(field, cursor)));
    } else all.set(field);
  }
  const code = all.size(1, cursor, 'type') ?? 0;
  return {
    type: OPERATION_TYPES[code] ?? code,
    dataOffset: all.size(2, cursor, 'data_offset') ?? 0,
    dataLength: all.size(3, cursor, 'data_length') ?? 0,
    sources,
    sourceLength: all.size(5, cursor, 'src_length'),
    targets,
    targetLength: all.size(7, cursor, 'dst_length'),
    dataSha256: all.get(8)?.body?.bytes,
    sourceSha256: all.get(9)?.body?.bytes,
  };
}

function readExtent(cursor: Cursor): Extent {
  const all = Fields.of(cursor);
  const blocks = all.size(2, cursor, 'num_blocks') ?? 0;
  return { startBlock: all.get(1)?.value === SPARSE_HOLE ? undefined : (all.size(1, cursor, 'start_block') ?? 0), blocks };
}

function message(field: ProtoField, cursor: Cursor): Cursor {
  if (field.body === undefined) throw cursor.error(`field[${field.number}]`, 'bad-value', 'a number where a message belongs');
  return field.body;
}

const utf8 = new TextDecoder();
const textOf = (field: ProtoField | undefined) => (field?.body === undefined ? undefined : utf8.decode(field.body.bytes));

/** A message's single fields; as protobuf has it, the last of a number counts. */
class Fields {
  readonly #fields = new Map<number, ProtoField>();

  static of(cursor: Cursor): Fields {
    const all = new Fields();
    for (const field of protoFields(cursor)) all.set(field);
    return all;
  }

  set(field: ProtoField): void {
    this.#fields.set(field.number, field);
  }

  get(number: number): ProtoField | undefined {
    return this.#fields.get(number);
  }

  text(number: number): string | undefined {
    return textOf(this.#fields.get(number));
  }

  size(number: number, cursor: Cursor, name: string): number | undefined {
    const value = this.#fields.get(number)?.value;
    if (value === undefined) return undefined;
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw cursor.error(name, 'too-large', `${value} is above 2^53 - 1`, 0);
    return Number(value);
  }
}
