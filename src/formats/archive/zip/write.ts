/**
 * Writes ZIP archives, honest ones and forged ones: every field of either header can be overridden, which is how the tricks of the field are made.
 */
import { concatBytes } from '../../../bytes/index.ts';
import { crc32 } from './crc32.ts';
import { deflateRaw } from './deflate.ts';
import {
  CENTRAL_MAGIC,
  CENTRAL_SIZE,
  END_MAGIC,
  END_SIZE,
  END64_LOCATOR_MAGIC,
  END64_LOCATOR_SIZE,
  END64_MAGIC,
  END64_SIZE,
  LOCAL_MAGIC,
  LOCAL_SIZE,
  MAX_U16,
  MAX_U32,
} from './records.ts';

/** Fields of a header that are written instead of the true ones. */
export interface HeaderOverride {
  readonly name?: string | Uint8Array;
  readonly flags?: number;
  readonly method?: number;
  readonly crc32?: number;
  readonly compressedSize?: number;
  readonly size?: number;
  readonly nameLength?: number;
  readonly extraLength?: number;
  readonly extra?: Uint8Array;
  /** Central directory only. */
  readonly localAt?: number;
}

/** One entry to write. */
export interface ZipPart {
  readonly name: string | Uint8Array;
  readonly data: Uint8Array;
  /** Whether to pack the data; a packed entry that grows is still packed. */
  readonly deflate?: boolean;
  /** The data as it is to lie in the file, already packed, where `deflateRaw` is not to do it. */
  readonly packed?: Uint8Array;
  /** Pads the extra field so that the data begins at a multiple of this, as zipalign and apksigner do. */
  readonly align?: number;
  readonly local?: HeaderOverride;
  readonly central?: HeaderOverride;
  /** Which of the records not to write. */
  readonly omit?: 'local' | 'central';
}

/** What stands around the entries. */
export interface WriteZipOptions {
  readonly comment?: Uint8Array;
  /** Bytes before the first entry; offsets count them. */
  readonly prefix?: Uint8Array;
  /** Bytes between the last entry and the central directory: where an APK signing block lies. */
  readonly beforeCentral?: Uint8Array;
  /** Writes zip64 end records even where they are not needed. */
  readonly zip64?: boolean;
}

/** AOSP build tools and apksigner pad with this extra field: a 16-bit alignment and zeros. */
const ALIGNMENT_EXTRA = 0xd935;
/** 2008-01-01, the time that Android's build tools write so that the same input gives the same bytes. */
const DOS_TIME = 0;
const DOS_DATE = ((2008 - 1980) << 9) | (1 << 5) | 1;

const encoder = new TextEncoder();
const nameBytesOf = (name: string | Uint8Array) => (typeof name === 'string' ? encoder.encode(name) : name);

/** Writes an archive. */
export function writeZip(parts: readonly ZipPart[], options: WriteZipOptions = {}): Uint8Array {
  const pieces: Uint8Array[] = [];
  let at = 0;
  const push = (piece: Uint8Array) => {
    pieces.push(piece);
    at += piece.length;
  };
  if (options.prefix !== undefined) push(options.prefix);
  const directory: Uint8Array[] = [];
  for (const part of parts) {
    const body = part.packed ?? (part.deflate === true ? deflateRaw(part.data) : part.data);
    const packed = part.packed !== undefined || part.deflate === true;
    const truth: Truth = {
      name: nameBytesOf(part.name),
      method: packed ? 8 : 0,
      crc32: crc32(part.data),
      compressedSize: body.length,
      size: part.data.length,
      localAt: at,
    };
    if (part.omit !== 'local') {
      push(localHeader(truth, part, at));
      push(body);
    }
    if (part.omit !== 'central') directory.push(centralHeader(truth, part.central ?? {}));
  }
  if (options.beforeCentral !== undefined) push(options.beforeCentral);
  const central = concatBytes(directory);
  pieces.push(central, endRecords({ at, size: central.length, entries: directory.length }, options));
  return concatBytes(pieces);
}

interface Truth {
  readonly name: Uint8Array;
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly localAt: number;
}

function localHeader(truth: Truth, part: ZipPart, at: number): Uint8Array {
  const override = part.local ?? {};
  const name = nameBytesOf(override.name ?? truth.name);
  const extra = override.extra ?? alignmentExtra(at + LOCAL_SIZE + name.length, part.align ?? 1);
  const view = new DataView(new ArrayBuffer(LOCAL_SIZE));
  view.setUint32(0, LOCAL_MAGIC, true);
  view.setUint16(4, 20, true);
  view.setUint16(6, override.flags ?? 0, true);
  view.setUint16(8, override.method ?? truth.method, true);
  view.setUint16(10, DOS_TIME, true);
  view.setUint16(12, DOS_DATE, true);
  view.setUint32(14, override.crc32 ?? truth.crc32, true);
  view.setUint32(18, override.compressedSize ?? truth.compressedSize, true);
  view.setUint32(22, override.size ?? truth.size, true);
  view.setUint16(26, override.nameLength ?? name.length, true);
  view.setUint16(28, override.extraLength ?? extra.length, true);
  return concatBytes([new Uint8Array(view.buffer), name, extra]);
}

function alignmentExtra(at: number, align: number): Uint8Array {
  if (align <= 1 || at % align === 0) return new Uint8Array(0);
  const least = 6;
  const padding = (align - ((at + least) % align)) % align;
  const extra = new Uint8Array(least + padding);
  const view = new DataView(extra.buffer);
  view.setUint16(0, ALIGNMENT_EXTRA, true);
  view.setUint16(2, 2 + padding, true);
  view.setUint16(4, align, true);
  return extra;
}

function centralHeader(truth: Truth, override: HeaderOverride): Uint8Array {
  const name = nameBytesOf(override.name ?? truth.name);
  const extra = override.extra ?? new Uint8Array(0);
  const view = new DataView(new ArrayBuffer(CENTRAL_SIZE));
  view.setUint32(0, CENTRAL_MAGIC, true);
  view.setUint16(4, 20, true);
  view.setUint16(6, 20, true);
  view.setUint16(8, override.flags ?? 0, true);
  view.setUint16(10, override.method ?? truth.method, true);
  view.setUint16(12, DOS_TIME, true);
  view.setUint16(14, DOS_DATE, true);
  view.setUint32(16, override.crc32 ?? truth.crc32, true);
  view.setUint32(20, override.compressedSize ?? truth.compressedSize, true);
  view.setUint32(24, override.size ?? truth.size, true);
  view.setUint16(28, override.nameLength ?? name.length, true);
  view.setUint16(30, override.extraLength ?? extra.length, true);
  view.setUint32(42, override.localAt ?? truth.localAt, true);
  return concatBytes([new Uint8Array(view.buffer), name, extra]);
}

function endRecords(
  { at, size, entries }: { readonly at: number; readonly size: number; readonly entries: number },
  options: WriteZipOptions,
): Uint8Array {
  const comment = options.comment ?? new Uint8Array(0);
  const wide = options.zip64 === true || entries >= MAX_U16 || at + size >= MAX_U32;
  const end = new DataView(new ArrayBuffer(END_SIZE));
  end.setUint32(0, END_MAGIC, true);
  end.setUint16(8, wide ? MAX_U16 : entries, true);
  end.setUint16(10, wide ? MAX_U16 : entries, true);
  end.setUint32(12, wide ? MAX_U32 : size, true);
  end.setUint32(16, wide ? MAX_U32 : at, true);
  end.setUint16(20, comment.length, true);
  const tail = [new Uint8Array(end.buffer), comment];
  if (!wide) return concatBytes(tail);
  const record = new DataView(new ArrayBuffer(END64_SIZE));
  record.setUint32(0, END64_MAGIC, true);
  record.setBigUint64(4, BigInt(END64_SIZE - 12), true);
  record.setUint16(12, 45, true);
  record.setUint16(14, 45, true);
  record.setBigUint64(24, BigInt(entries), true);
  record.setBigUint64(32, BigInt(entries), true);
  record.setBigUint64(40, BigInt(size), true);
  record.setBigUint64(48, BigInt(at), true);
  const locator = new DataView(new ArrayBuffer(END64_LOCATOR_SIZE));
  locator.setUint32(0, END64_LOCATOR_MAGIC, true);
  locator.setBigUint64(8, BigInt(at + size), true);
  locator.setUint32(16, 1, true);
  return concatBytes([new Uint8Array(record.buffer), new Uint8Array(locator.buffer), ...tail]);
}
