/**
 * Boot images: `boot`, `init_boot`, `recovery` (versions 0 to 4) and `vendor_boot` (3 and 4).
 * Spec: AOSP system/tools/mkbootimg/include/bootimg/bootimg.h (android-15.0.0_r1). Limits: page size `PAGE_MAX`, header versions to 4.
 * Does not read: vendors' wrappers around the header (`dhtb.ts` has Unisoc's; ChromeOS); sections are opaque here.
 *
 *   v0-v2 "ANDROID!" u32 kernel_size, kernel_addr, ramdisk_size, ramdisk_addr, second_size, second_addr, tags_addr, page_size, header_version, os_version;
 *         char name[16], cmdline[512]; u32 id[8]; char extra_cmdline[1024];  v1: u32 recovery_dtbo_size, u64 recovery_dtbo_offset, u32 header_size;  v2: u32 dtb_size, u64 dtb_addr
 *         then header, kernel, ramdisk, second, recovery_dtbo, dtb, each from a page of its own
 *   v3-v4 "ANDROID!" u32 kernel_size, ramdisk_size, os_version, header_size, reserved[4], header_version; char cmdline[1536];  v4: u32 signature_size        pages of 4096
 *   vendor v3-v4 "VNDRBOOT" u32 header_version, page_size, kernel_addr, ramdisk_addr, vendor_ramdisk_size; char cmdline[2048]; u32 tags_addr; char name[16];
 *         u32 header_size, dtb_size; u64 dtb_addr;  v4: u32 table_size, table_entry_num, table_entry_size, bootconfig_size
 *         ramdisk, dtb, table, bootconfig;  table entry: u32 size, offset, type; char name[32]; u32 board_id[16]
 */
import { alignUp, Cursor, concatBytes, type Oddity, type Reading, type Source } from '../../../bytes/index.ts';

const FORMAT = 'android boot';
const HEADER_MAX = 4096;
const PAGE_MAX = 1 << 16;
const PAGE_V3 = 4096;
const TABLE_MAX = 4096;
const TABLE_ENTRY = 108;
const RAMDISK_TYPES = ['none', 'platform', 'recovery', 'dlkm'] as const;

export type BootSectionName =
  | 'kernel'
  | 'ramdisk'
  | 'second'
  | 'recovery_dtbo'
  | 'dtb'
  | 'signature'
  | 'avb1_signature'
  | 'vendor_ramdisk_table'
  | 'bootconfig';

export interface BootSection {
  readonly name: BootSectionName;
  readonly at: number;
  readonly size: number;
}

/** One of the ramdisks of a vendor_boot v4. */
export interface VendorRamdisk {
  readonly name: string;
  readonly type: (typeof RAMDISK_TYPES)[number] | number;
  readonly at: number;
  readonly size: number;
  readonly boardId: readonly number[];
}

export interface BootImage {
  readonly kind: 'boot' | 'vendor_boot';
  readonly version: number;
  readonly pageSize: number;
  readonly name: string;
  readonly cmdline: string;
  /** As in `14.0.0`; undefined where the header has none. */
  readonly osVersion: string | undefined;
  /** As in `2024-05`. */
  readonly patchLevel: string | undefined;
  readonly sections: readonly BootSection[];
  readonly vendorRamdisks: readonly VendorRamdisk[];
}

/** Whether bytes begin as a boot or vendor_boot image does. */
export function isBoot(start: Uint8Array): boolean {
  const magic = String.fromCharCode(...start.subarray(0, 8));
  return magic === 'ANDROID!' || magic === 'VNDRBOOT';
}

/** Reads header and table. @throws FormatError where a section is not all there */
export async function readBoot(source: Source): Promise<Reading<BootImage>> {
  const oddities: Oddity[] = [];
  const cursor = new Cursor(await source.read(0, Math.min(HEADER_MAX, source.size)), { format: FORMAT });
  const magic = cursor.text('magic', 8);
  if (magic === 'VNDRBOOT') return { value: await readVendorBoot(source, cursor), oddities };
  if (magic !== 'ANDROID!') throw cursor.error('magic', 'bad-magic', `${JSON.stringify(magic)} is neither "ANDROID!" nor "VNDRBOOT"`, 0);
  cursor.seek('header_version', 40);
  const version = cursor.u32('header_version');
  cursor.seek('kernel_size', 8);
  // Some v0 images of before 2018 have the size of an appended device tree there (bootimg.h of those vendors).
  if (version > 4 && version < 256) throw cursor.error('header_version', 'unsupported-version', `${version} is above 4`, 40);
  if (version >= 256)
    oddities.push({
      format: FORMAT,
      field: 'header_version',
      at: 40,
      code: 'dt-size',
      detail: `${version}: taken for the dt_size of an old v0`,
    });
  if (version === 3 || version === 4) return { value: readV3(source, cursor, version), oddities };
  const value = readV0(source, cursor, version >= 256 ? 0 : version);
  const avb1 = await findAvb1(source, value);
  return { value: avb1 === undefined ? value : { ...value, sections: [...value.sections, avb1] }, oddities };
}

/**
 * The signature of Android Verified Boot 1.0, from the page behind the last section on. Spec: source.android.com, "Verified Boot 1.0", "Signature format":
 * SEQUENCE { formatVersion INTEGER, certificate Certificate (a SEQUENCE), … }. It is named, not verified.
 */
async function findAvb1(source: Source, { sections, pageSize }: BootImage): Promise<BootSection | undefined> {
  const last = sections.at(-1);
  if (last === undefined) return undefined;
  const at = alignUp(last.at + last.size, pageSize);
  if (at + 16 > source.size) return undefined;
  const [sequence, long, high = 0, low = 0, integer, one, , certificate] = await source.read(at, 8);
  if (sequence !== 0x30 || long !== 0x82 || integer !== 2 || one !== 1 || certificate !== 0x30) return undefined;
  const size = 4 + (high << 8) + low;
  return at + size > source.size ? undefined : { name: 'avb1_signature', at, size };
}

function readV0(source: Source, cursor: Cursor, version: number): BootImage {
  const kernel = cursor.u32('kernel_size');
  cursor.skip('kernel_addr', 4);
  const ramdisk = cursor.u32('ramdisk_size');
  cursor.skip('ramdisk_addr', 4);
  const second = cursor.u32('second_size');
  cursor.skip('second_addr', 8);
  const pageSize = readPageSize(cursor);
  cursor.skip('header_version', 4);
  const os = cursor.u32('os_version');
  const name = cursor.paddedText('name', 16);
  const cmdline = cursor.paddedText('cmdline', 512);
  cursor.skip('id', 32);
  const extra = cursor.paddedText('extra_cmdline', 1024);
  let dtbo = 0;
  let dtb = 0;
  if (version >= 1) {
    dtbo = cursor.u32('recovery_dtbo_size');
    cursor.skip('recovery_dtbo_offset', 12);
  }
  if (version >= 2) dtb = cursor.u32('dtb_size');
  const sections = layOut(source, cursor, pageSize, [
    ['kernel', kernel],
    ['ramdisk', ramdisk],
    ['second', second],
    ['recovery_dtbo', dtbo],
    ['dtb', dtb],
  ]);
  return { kind: 'boot', version, pageSize, name, cmdline: cmdline + extra, ...osVersionOf(os), sections, vendorRamdisks: [] };
}

function readV3(source: Source, cursor: Cursor, version: number): BootImage {
  const kernel = cursor.u32('kernel_size');
  const ramdisk = cursor.u32('ramdisk_size');
  const os = cursor.u32('os_version');
  cursor.skip('header_size', 24);
  const cmdline = cursor.paddedText('cmdline', 1536);
  const signature = version === 4 ? cursor.u32('signature_size') : 0;
  const sections = layOut(source, cursor, PAGE_V3, [
    ['kernel', kernel],
    ['ramdisk', ramdisk],
    ['signature', signature],
  ]);
  return { kind: 'boot', version, pageSize: PAGE_V3, name: '', cmdline, ...osVersionOf(os), sections, vendorRamdisks: [] };
}

async function readVendorBoot(source: Source, cursor: Cursor): Promise<BootImage> {
  const version = cursor.u32('header_version');
  if (version !== 3 && version !== 4) throw cursor.error('header_version', 'unsupported-version', `${version} is neither 3 nor 4`, 8);
  const pageSize = readPageSize(cursor);
  cursor.skip('kernel_addr', 8);
  const ramdisk = cursor.u32('vendor_ramdisk_size');
  const cmdline = cursor.paddedText('cmdline', 2048);
  cursor.skip('tags_addr', 4);
  const name = cursor.paddedText('name', 16);
  const headerSize = cursor.u32('header_size');
  if (headerSize > HEADER_MAX) throw cursor.error('header_size', 'bad-value', `${headerSize}`, cursor.at - 4);
  const dtb = cursor.u32('dtb_size');
  cursor.skip('dtb_addr', 8);
  const v4 = version === 4;
  const tableSize = v4 ? cursor.u32('vendor_ramdisk_table_size') : 0;
  const entries = v4 ? cursor.u32('vendor_ramdisk_table_entry_num') : 0;
  const entrySize = v4 ? cursor.u32('vendor_ramdisk_table_entry_size') : TABLE_ENTRY;
  const bootconfig = v4 ? cursor.u32('bootconfig_size') : 0;
  const parts = [
    ['ramdisk', ramdisk],
    ['dtb', dtb],
    ['vendor_ramdisk_table', tableSize],
    ['bootconfig', bootconfig],
  ] as const;
  const sections = layOut(source, cursor, pageSize, parts, alignUp(headerSize, pageSize));
  if (entries > TABLE_MAX || entrySize < TABLE_ENTRY || entrySize > HEADER_MAX || entries * entrySize > tableSize)
    throw cursor.error('vendor_ramdisk_table_entry_num', 'out-of-bounds', `${entries} entries of ${entrySize} bytes in ${tableSize}`);
  const table = sections.find((section) => section.name === 'vendor_ramdisk_table');
  const start = sections.find((section) => section.name === 'ramdisk')?.at ?? 0;
  const bytes = table === undefined ? new Uint8Array(0) : await source.read(table.at, entries * entrySize);
  const vendorRamdisks = Array.from({ length: entries }, (_, index): VendorRamdisk => {
    const base = (table?.at ?? 0) + index * entrySize;
    const row = new Cursor(bytes.subarray(index * entrySize, (index + 1) * entrySize), {
      format: FORMAT,
      base,
      prefix: `vendor_ramdisk[${index}].`,
    });
    const size = row.u32('ramdisk_size');
    const offset = row.u32('ramdisk_offset');
    if (offset + size > ramdisk) throw row.error('ramdisk_offset', 'out-of-bounds', `${size} bytes at ${offset} of ${ramdisk}`, 4);
    const type = row.u32('ramdisk_type');
    const label = row.paddedText('ramdisk_name', 32);
    return {
      name: label,
      type: RAMDISK_TYPES[type] ?? type,
      at: start + offset,
      size,
      boardId: Array.from({ length: 16 }, () => row.u32('board_id')),
    };
  });
  return { kind: 'vendor_boot', version, pageSize, name, cmdline, osVersion: undefined, patchLevel: undefined, sections, vendorRamdisks };
}

function readPageSize(cursor: Cursor): number {
  const size = cursor.u32('page_size');
  if (size < 512 || size > PAGE_MAX || (size & (size - 1)) !== 0)
    throw cursor.error('page_size', 'bad-value', `${size} is no power of two from 512 to ${PAGE_MAX}`, cursor.at - 4);
  return size;
}

/** Sections one after the other, each from a page of its own; empty ones take none. */
function layOut(
  source: Source,
  cursor: Cursor,
  page: number,
  ...[parts, first = page]: [parts: readonly (readonly [BootSectionName, number])[], first?: number]
): readonly BootSection[] {
  const sections: BootSection[] = [];
  let at = first;
  for (const [name, size] of parts) {
    if (size === 0) continue;
    if (at + size > source.size) throw cursor.error(`${name}_size`, 'out-of-bounds', `${size} bytes at ${at} of ${source.size}`);
    sections.push({ name, at, size });
    at += alignUp(size, page);
  }
  return sections;
}

/** A7 B7 C7 of the version, then seven bits of the year from 2000 and four of the month. */
function osVersionOf(word: number): { readonly osVersion: string | undefined; readonly patchLevel: string | undefined } {
  const version = word >>> 11;
  const level = word & 0x7ff;
  return {
    osVersion: version === 0 ? undefined : `${version >>> 14}.${(version >>> 7) & 0x7f}.${version & 0x7f}`,
    patchLevel: level === 0 ? undefined : `${2000 + (level >>> 4)}-${String(level & 15).padStart(2, '0')}`,
  };
}

export interface BootParts {
  readonly version: 3 | 4;
  readonly kernel: Uint8Array;
  readonly ramdisk: Uint8Array;
  readonly cmdline?: string;
  /** The packed word of the header. */
  readonly osVersion?: number;
  readonly signature?: Uint8Array;
}

/** Writes a boot or init_boot image of version 3 or 4, byte for byte as mkbootimg does. */
export function writeBoot(parts: BootParts): Uint8Array {
  const header = new Uint8Array(PAGE_V3);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode('ANDROID!'));
  const headerSize = parts.version === 4 ? 1584 : 1580;
  for (const [at, value] of [
    [8, parts.kernel.length],
    [12, parts.ramdisk.length],
    [16, parts.osVersion ?? 0],
    [20, headerSize],
    [40, parts.version],
  ] as const)
    view.setUint32(at, value, true);
  header.set(new TextEncoder().encode(parts.cmdline ?? '').subarray(0, 1535), 44);
  if (parts.version === 4) view.setUint32(1580, parts.signature?.length ?? 0, true);
  const pages = (bytes: Uint8Array) => concatBytes([bytes, new Uint8Array(alignUp(bytes.length, PAGE_V3) - bytes.length)]);
  return concatBytes([
    header,
    pages(parts.kernel),
    pages(parts.ramdisk),
    ...(parts.version === 4 ? [pages(parts.signature ?? new Uint8Array(0))] : []),
  ]);
}

/** Writes a boot image of version 0, as phones before Android 9 have: header, kernel and ramdisk, each from a page of its own. The `id` is left zero. */
export function writeBootV0(parts: {
  readonly kernel: Uint8Array;
  readonly ramdisk: Uint8Array;
  readonly cmdline?: string;
  readonly pageSize?: number;
}): Uint8Array {
  const page = parts.pageSize ?? 2048;
  const header = new Uint8Array(page);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode('ANDROID!'));
  view.setUint32(8, parts.kernel.length, true);
  view.setUint32(16, parts.ramdisk.length, true);
  view.setUint32(36, page, true);
  header.set(new TextEncoder().encode(parts.cmdline ?? '').subarray(0, 511), 64);
  const pages = (bytes: Uint8Array) => concatBytes([bytes, new Uint8Array(alignUp(bytes.length, page) - bytes.length)]);
  return concatBytes([header, pages(parts.kernel), pages(parts.ramdisk)]);
}
