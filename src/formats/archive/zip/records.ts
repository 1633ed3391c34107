/**
 * The records of a ZIP archive, read one at a time.
 * Spec: PKWARE APPNOTE.TXT 6.3.10; what Android makes of it: AOSP system/libziparchive (android-15.0.0_r1).
 *
 *   local file header        central directory header      end of central directory
 *   0  u32 0x04034b50        0  u32 0x02014b50             0  u32 0x06054b50
 *   4  u16 version needed    4  u16 version made by        4  u16 number of this disk
 *   6  u16 flags             6  u16 version needed         6  u16 disk with the directory
 *   8  u16 method            8  u16 flags                  8  u16 entries on this disk
 *   10 u16 time              10 u16 method                 10 u16 entries in total
 *   12 u16 date              12 u16 time, u16 date         12 u32 size of the directory
 *   14 u32 crc-32            16 u32 crc-32                 16 u32 offset of the directory
 *   18 u32 compressed size   20 u32 compressed size        20 u16 comment length
 *   22 u32 size              24 u32 size
 *   26 u16 name length       28 u16 name, u16 extra, u16 comment length
 *   28 u16 extra length      34 u16 disk, u16 internal, u32 external attributes
 *                            42 u32 offset of the local header
 */
import { Cursor, FormatError } from '../../../bytes/index.ts';

export const FORMAT = 'zip';
export const LOCAL_MAGIC = 0x04034b50;
export const CENTRAL_MAGIC = 0x02014b50;
export const END_MAGIC = 0x06054b50;
export const END64_MAGIC = 0x06064b50;
export const END64_LOCATOR_MAGIC = 0x07064b50;
export const DESCRIPTOR_MAGIC = 0x08074b50;
export const LOCAL_SIZE = 30;
export const CENTRAL_SIZE = 46;
export const END_SIZE = 22;
export const END64_SIZE = 56;
export const END64_LOCATOR_SIZE = 20;
export const MAX_U32 = 0xffffffff;
export const MAX_U16 = 0xffff;
const ZIP64_EXTRA = 0x0001;

export const FLAG_ENCRYPTED = 1;
/** Sizes and CRC follow the data. */
export const FLAG_DESCRIPTOR = 8;

/** What both headers of an entry say of it, with sizes already taken from the zip64 extra field where they point there. */
export interface HeaderFields {
  readonly versionNeeded: number;
  readonly flags: number;
  /** 0 stored, 8 deflated; Android inflates whatever is not 0. */
  readonly method: number;
  readonly time: number;
  readonly date: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly nameBytes: Uint8Array;
  readonly extra: Uint8Array;
}

/** A central directory header. */
export interface CentralHeader extends HeaderFields {
  readonly versionMadeBy: number;
  readonly comment: Uint8Array;
  readonly externalAttributes: number;
  readonly localAt: number;
  /** Bytes this header takes. */
  readonly length: number;
}

/** The end record, with zip64 values in place. */
export interface EndRecord {
  /** Where the end record lies. */
  readonly at: number;
  readonly entries: number;
  readonly centralSize: number;
  readonly centralAt: number;
  readonly comment: Uint8Array;
  readonly zip64: boolean;
  readonly disks: number;
}

const EMPTY = new Uint8Array(0);
const u16 = (bytes: Uint8Array, at: number) => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
const u32 = (bytes: Uint8Array, at: number) => (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;

/**
 * Reads the header at the cursor. Directories hold thousands of headers, so fields are read from the bytes themselves, and no view is made of a field
 * that is empty: views are what costs.
 * @throws FormatError
 */
export function readCentralHeader(cursor: Cursor): CentralHeader {
  const { bytes, at } = cursor;
  cursor.skip('header', CENTRAL_SIZE);
  const magic = u32(bytes, at);
  if (magic !== CENTRAL_MAGIC) throw cursor.error('signature', 'bad-magic', `0x${magic.toString(16)}, not 0x02014b50`, at);
  const take = (field: string, length: number) => (length === 0 ? EMPTY : cursor.take(field, length));
  const nameBytes = take('name', u16(bytes, at + 28));
  const extra = take('extra', u16(bytes, at + 30));
  const comment = take('comment', u16(bytes, at + 32));
  const narrow = { size: u32(bytes, at + 24), compressedSize: u32(bytes, at + 20), localAt: u32(bytes, at + 42) };
  const { size, compressedSize, localAt } = wideFields(extra, narrow);
  return {
    versionMadeBy: u16(bytes, at + 4),
    versionNeeded: u16(bytes, at + 6),
    flags: u16(bytes, at + 8),
    method: u16(bytes, at + 10),
    time: u16(bytes, at + 12),
    date: u16(bytes, at + 14),
    crc32: u32(bytes, at + 16),
    compressedSize,
    size,
    localAt,
    nameBytes,
    extra,
    comment,
    externalAttributes: u32(bytes, at + 38),
    length: cursor.at - at,
  };
}

/** Where a local header is to be read, and the name that it should have: an equal one is not made anew. */
export interface LocalPlace {
  /** Where the header lies in the source. */
  readonly at: number;
  /** Where it begins in the bytes; default 0. */
  readonly offset?: number;
  readonly expectedName?: Uint8Array;
  /** What becomes of views that stay: copies, where the bytes will not. */
  readonly keep?: (view: Uint8Array) => Uint8Array;
}

/** Reads a local header: the bytes hold at least its 30 bytes; name and extra are cut where the bytes end. @throws FormatError */
export function readLocalHeader(bytes: Uint8Array, place: LocalPlace): HeaderFields & { readonly length: number } {
  const { at, offset = 0, expectedName, keep = (view: Uint8Array) => view } = place;
  if (bytes.length - offset < LOCAL_SIZE) {
    const detail = `${LOCAL_SIZE} bytes wanted, ${bytes.length - offset} left`;
    throw new FormatError({ format: FORMAT, field: 'local.header', at }, 'short-read', detail);
  }
  const magic = u32(bytes, offset);
  if (magic !== LOCAL_MAGIC) {
    throw new FormatError({ format: FORMAT, field: 'local.signature', at }, 'bad-magic', `0x${magic.toString(16)}, not 0x04034b50`);
  }
  const nameLength = u16(bytes, offset + 26);
  const extraLength = u16(bytes, offset + 28);
  const nameAt = offset + LOCAL_SIZE;
  const same = expectedName !== undefined && expectedName.length === nameLength && liesAt(bytes, nameAt, expectedName);
  // What is cut off by the end of the bytes is shorter than stated.
  const extra = extraLength === 0 ? EMPTY : keep(bytes.subarray(nameAt + nameLength, nameAt + nameLength + extraLength));
  const narrow = { size: u32(bytes, offset + 22), compressedSize: u32(bytes, offset + 18), localAt: 0 };
  const { size, compressedSize } = wideFields(extra, narrow);
  return {
    versionNeeded: u16(bytes, offset + 4),
    flags: u16(bytes, offset + 6),
    method: u16(bytes, offset + 8),
    time: u16(bytes, offset + 10),
    date: u16(bytes, offset + 12),
    crc32: u32(bytes, offset + 14),
    compressedSize,
    size,
    nameBytes: same ? expectedName : keep(bytes.subarray(nameAt, nameAt + nameLength)),
    extra,
    length: LOCAL_SIZE + nameLength + extraLength,
  };
}

function liesAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  if (at + wanted.length > bytes.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

interface Wide {
  readonly size: number;
  readonly compressedSize: number;
  readonly localAt: number;
}

/** Takes from the zip64 extra field, in its fixed order, what the 32-bit fields hand over to it. A field that is missing there stays as it was. */
function wideFields(extra: Uint8Array, narrow: Wide): Wide {
  if (narrow.size !== MAX_U32 && narrow.compressedSize !== MAX_U32 && narrow.localAt !== MAX_U32) return narrow;
  const field = extraField(extra, ZIP64_EXTRA);
  if (field === undefined) return narrow;
  const view = new DataView(field.buffer, field.byteOffset, field.byteLength);
  let at = 0;
  const next = (value: number): number => {
    if (value !== MAX_U32 || at + 8 > field.length) return value;
    const wide = Number(view.getBigUint64(at, true));
    at += 8;
    // Above 2^53 no file reaches; the bounds checks that follow refuse it.
    return wide;
  };
  return { size: next(narrow.size), compressedSize: next(narrow.compressedSize), localAt: next(narrow.localAt) };
}

/** The body of an extra field by its id, or undefined. */
export function extraField(extra: Uint8Array, id: number): Uint8Array | undefined {
  for (let at = 0; at + 4 <= extra.length; ) {
    const found = (extra[at] ?? 0) | ((extra[at + 1] ?? 0) << 8);
    const length = (extra[at + 2] ?? 0) | ((extra[at + 3] ?? 0) << 8);
    if (at + 4 + length > extra.length) return undefined;
    if (found === id) return extra.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return undefined;
}

/** Reads an end record at `at` of `tail`, which begins at `base`. */
export function readEndRecord(tail: Uint8Array, at: number, base: number): EndRecord {
  const cursor = new Cursor(tail.subarray(at), { format: FORMAT, base: base + at, prefix: 'end.' });
  cursor.u32('signature');
  const disk = cursor.u16('disk');
  const centralDisk = cursor.u16('central_disk');
  cursor.u16('entries_here');
  const entries = cursor.u16('entries');
  const centralSize = cursor.u32('central_size');
  const centralAt = cursor.u32('central_offset');
  const commentLength = cursor.u16('comment_length');
  const comment = cursor.take('comment', Math.min(commentLength, cursor.left));
  return { at: base + at, entries, centralSize, centralAt, comment, zip64: false, disks: Math.max(disk, centralDisk) + 1 };
}

/** Where the zip64 end record is said to lie, or undefined where `bytes` are no locator. */
export function readEnd64Locator(bytes: Uint8Array): number | undefined {
  if (bytes.length < END64_LOCATOR_SIZE) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(0, true) === END64_LOCATOR_MAGIC ? Number(view.getBigUint64(8, true)) : undefined;
}

/** Puts a zip64 end record's values over those of the end record. @throws FormatError */
export function readEnd64Record(bytes: Uint8Array, at: number, end: EndRecord): EndRecord {
  const cursor = new Cursor(bytes, { format: FORMAT, base: at, prefix: 'end64.' });
  const magic = cursor.u32('signature');
  if (magic !== END64_MAGIC)
    throw new FormatError({ format: FORMAT, field: 'end64.signature', at }, 'bad-magic', `0x${magic.toString(16)}`);
  cursor.skip('size_and_versions', 12);
  cursor.skip('disks', 8);
  cursor.skip('entries_here', 8);
  const entries = cursor.size64('entries');
  const centralSize = cursor.size64('central_size');
  const centralAt = cursor.size64('central_offset');
  return { ...end, entries, centralSize, centralAt, zip64: true };
}
