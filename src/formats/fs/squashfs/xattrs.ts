/**
 * Extended attributes of squashfs.
 *
 *   struct squashfs_xattr_id_table { le64 xattr_table_start; le32 xattr_ids, unused }, then an index of records { le64 xattr; le32 count, size }
 *   each attribute: le16 type (bit 8: the value lies elsewhere), size; name; le32 vsize; value, or its reference (le64)
 */
import type { Source } from '../../../bytes/index.ts';
import { refuse, type SquashfsSuperblock } from './layout.ts';
import { type Metadata, type MetadataPlace, readRecord } from './metadata.ts';

const PREFIXES: readonly string[] = ['user.', 'trusted.', 'security.'];
const ELSEWHERE = 0x100;
const COUNT_MAX = 1024;
const VALUE_MAX = 1 << 16;

export interface XattrPlaces {
  readonly source: Source;
  readonly superblock: SquashfsSuperblock;
  readonly metadata: Metadata;
}

/** Reads the attributes of an index. @throws FormatError */
export async function readXattrs(index: number, { source, superblock, metadata }: XattrPlaces): Promise<ReadonlyMap<string, Uint8Array>> {
  const at = superblock.xattrTableAt;
  if (at === undefined || at + 16 > source.size) throw refuse('xattr', at ?? 56, 'out-of-bounds', 'the image has no table of attributes');
  const head = await source.read(at, 16);
  const view = new DataView(head.buffer, head.byteOffset, 16);
  const base = Number(view.getBigUint64(0, true));
  const ids = view.getUint32(8, true);
  if (index >= ids) throw refuse('xattr', at, 'out-of-bounds', `index ${index} of ${ids}`);
  const record = await readRecord(source, metadata, { indexAt: at + 16, record: index, size: 16 });
  const fields = new DataView(record.buffer, record.byteOffset, 16);
  const count = fields.getUint32(8, true);
  if (count > COUNT_MAX) throw refuse('xattr', at, 'too-large', `${count} attributes, and ${COUNT_MAX} is the most`);
  const placeOf = (reference: bigint): MetadataPlace => ({ block: base + Number(reference >> 16n), offset: Number(reference & 0xffffn) });
  const found = new Map<string, Uint8Array>();
  const text = new TextDecoder();
  let place = placeOf(fields.getBigUint64(0, true));
  for (let i = 0; i < count; i++) {
    const entry = await metadata.read(place, 4);
    const words = new DataView(entry.bytes.buffer, entry.bytes.byteOffset, 4);
    const [type, length] = [words.getUint16(0, true), words.getUint16(2, true)];
    const name = await metadata.read(entry.next, length);
    const value = await readValue(metadata, name.next);
    place = value.next;
    const elsewhere = (type & ELSEWHERE) !== 0;
    if (elsewhere && value.bytes.length !== 8)
      throw refuse('xattr', place.block, 'bad-value', `a reference of ${value.bytes.length} bytes`);
    const bytes = elsewhere
      ? (await readValue(metadata, placeOf(new DataView(value.bytes.buffer, value.bytes.byteOffset, 8).getBigUint64(0, true)))).bytes
      : value.bytes;
    const full = (PREFIXES[type & 0xff] ?? `prefix ${type & 0xff}.`) + text.decode(name.bytes);
    if (!found.has(full)) found.set(full, bytes.slice());
  }
  return found;
}

async function readValue(metadata: Metadata, place: MetadataPlace): Promise<{ readonly bytes: Uint8Array; readonly next: MetadataPlace }> {
  const { bytes, next } = await metadata.read(place, 4);
  const size = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  if (size > VALUE_MAX) throw refuse('xattr', place.block, 'too-large', `a value of ${size} bytes, and ${VALUE_MAX} is the most`);
  return metadata.read(next, size);
}
