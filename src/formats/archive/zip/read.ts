/**
 * ZIP archives over a Source: the central directory, every local header beside it, and each disagreement between them as an oddity.
 * Spec: see `records.ts`. Reads zip64. Which of two statements counts is not decided here: Android goes by the central directory for names,
 * methods and sizes, and by the local header only for where the data begins.
 * Limits: `ENTRIES_MAX` entries, `CENTRAL_MAX` bytes of directory. Does not read: archives over several disks, encrypted directories.
 */
import { Cursor, FormatError, type Reading, type Source } from '../../../bytes/index.ts';
import { checkLayout, checkNames } from './check.ts';
import { readLocals } from './locals.ts';
import { type OddityLog, oddityLog } from './oddity-log.ts';
import {
  CENTRAL_SIZE,
  type CentralHeader,
  END_MAGIC,
  END_SIZE,
  END64_LOCATOR_SIZE,
  END64_SIZE,
  type EndRecord,
  FORMAT,
  type HeaderFields,
  MAX_U16,
  readCentralHeader,
  readEnd64Locator,
  readEnd64Record,
  readEndRecord,
} from './records.ts';

/** Real apps reach 23,000 entries; system images in a zip a few dozen. */
export const ENTRIES_MAX = 1 << 18;
const CENTRAL_MAX = 64 << 20;

/** What a local header says, where it could be read. */
export interface LocalHeader extends HeaderFields {
  /** Bytes of the header with its name and extra field, unsigned as libziparchive and the specification count them. */
  readonly length: number;
}

/** One entry, as the central directory states it. */
export interface ZipEntry {
  /** Place in the central directory. */
  readonly index: number;
  /** The name as UTF-8; malformed bytes become U+FFFD. Said by whoever made the archive: never a host path. */
  readonly name: string;
  readonly nameBytes: Uint8Array;
  readonly method: number;
  readonly flags: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  /** DOS time and date. */
  readonly time: number;
  readonly date: number;
  readonly versionMadeBy: number;
  readonly externalAttributes: number;
  readonly extra: Uint8Array;
  readonly comment: Uint8Array;
  /** Where its directory header lies. */
  readonly centralAt: number;
  /** Where its local header is said to lie. */
  readonly localAt: number;
  /** Undefined when it was not read, or is none. */
  readonly local: LocalHeader | undefined;
  readonly isDirectory: boolean;
}

/** An archive's map. */
export interface ZipArchive {
  readonly entries: readonly ZipEntry[];
  /** The first entry of each name, by its place among them. */
  readonly names: ReadonlyMap<string, number>;
  readonly centralAt: number;
  readonly centralSize: number;
  readonly endAt: number;
  readonly zip64: boolean;
  readonly comment: Uint8Array;
  /** The first local header's place, or the directory's where there is no entry. An APK signing block lies between the last entry and the directory. */
  readonly firstAt: number;
  /** Where the last entry's data ends, counted by the directory. */
  readonly lastEnd: number;
}

/** What of an archive to read. */
export interface ReadZipOptions {
  /** Whether local headers are read and compared: one or few reads more per archive, one more per large entry. */
  readonly locals: boolean;
}

/** Whether bytes begin as an archive's first entry, or an empty archive, does. */
export function isZip(start: Uint8Array): boolean {
  return (
    start.length >= 4 &&
    start[0] === 0x50 &&
    start[1] === 0x4b &&
    ((start[2] === 3 && start[3] === 4) || (start[2] === 5 && start[3] === 6))
  );
}

/**
 * Reads an archive's map, not its data.
 * @throws FormatError when there is no end record, or no directory where it says, or one beyond the ceilings
 */
export async function readZip(source: Source, options: ReadZipOptions = { locals: true }): Promise<Reading<ZipArchive>> {
  const log = oddityLog(FORMAT);
  const end = await readEnd(source, log);
  const centralAt = await findCentral(source, end, log);
  const central = await source.read(centralAt, Math.min(end.at - centralAt, CENTRAL_MAX));
  const entries = readCentral(central, centralAt, end, log);
  if (options.locals) await readLocals(source, entries, log);
  const names = checkNames(entries, log);
  const { firstAt, lastEnd } = checkLayout(entries, { centralAt, compared: options.locals }, log);
  const value = {
    entries,
    names,
    centralAt,
    centralSize: end.centralSize,
    endAt: end.at,
    zip64: end.zip64,
    comment: end.comment,
    firstAt,
    lastEnd,
  };
  return { value, oddities: log.list() };
}

/** The last place up to `from` where an end record's first byte stands, or -1: a native search, as there are 64 KiB to look through for every archive. */
const lastFrom = (bytes: Uint8Array, from: number) => (from < 0 ? -1 : bytes.lastIndexOf(END_MAGIC & 0xff, from));

/** Finds the end record: the last signature whose comment reaches exactly to the end of the file, as Android demands; else the last signature there is. */
async function readEnd(source: Source, log: OddityLog): Promise<EndRecord> {
  const tailSize = Math.min(source.size, END_SIZE + MAX_U16 + END64_LOCATOR_SIZE);
  const base = source.size - tailSize;
  const tail = await source.read(base, tailSize);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  let exact: number | undefined;
  let last: number | undefined;
  let found = 0;
  let reaching = 0;
  for (let at = lastFrom(tail, tailSize - END_SIZE); at >= 0; at = lastFrom(tail, at - 1)) {
    if (view.getUint32(at, true) !== END_MAGIC) continue;
    found++;
    last ??= at;
    if (at + END_SIZE + view.getUint16(at + 20, true) !== tailSize) continue;
    exact ??= at;
    reaching++;
  }
  const at = exact ?? last;
  if (at === undefined) {
    throw new FormatError(
      { format: FORMAT, field: 'end.signature', at: base },
      'bad-magic',
      'no end of central directory in the last 64 KiB',
    );
  }
  if (exact === undefined) log.add('trailing', 'end.comment_length', base + at + 20, 'the comment does not end where the file does');
  if (exact !== undefined && last !== undefined && (last > exact || reaching > 1)) {
    log.add('end-in-comment', 'end.comment', base + last, 'an end record lies in the comment of another');
  }
  if (found > 1) log.add('several-ends', 'end.signature', base + at, `${found} end records in the last 64 KiB`);
  let end = readEndRecord(tail, at, base);
  const locator = at >= END64_LOCATOR_SIZE ? readEnd64Locator(tail.subarray(at - END64_LOCATOR_SIZE, at)) : undefined;
  if (locator !== undefined) {
    if (locator + END64_SIZE > source.size) {
      log.add('zip64-locator', 'end64_locator.offset', base + at - END64_LOCATOR_SIZE + 8, `${locator} is outside the file`);
    } else {
      end = readEnd64Record(await source.read(locator, END64_SIZE), locator, end);
    }
  }
  if (end.disks !== 1) log.add('several-disks', 'end.disk', end.at + 4, `${end.disks} disks`);
  return end;
}

/** Where the directory begins: as stated, or, where the archive was put behind other bytes, so that it ends at the end record. @throws FormatError */
async function findCentral(source: Source, end: EndRecord, log: OddityLog): Promise<number> {
  const limit = end.at;
  if (end.entries === 0 && end.centralAt > limit) {
    log.add('central-offset', 'end.central_offset', end.at + 16, `${end.centralAt} is behind the end record`);
    return limit;
  }
  if (end.entries === 0) return end.centralAt;
  const startsAt = async (at: number) => at >= 0 && at + CENTRAL_SIZE <= limit && isCentralMagic(await source.read(at, 4), 0);
  if (await startsAt(end.centralAt)) {
    const stated = end.centralAt + end.centralSize;
    if (stated > limit) log.add('central-size', 'end.central_size', end.at + 12, `reaches to ${stated}, past the end record at ${limit}`);
    return end.centralAt;
  }
  const shifted = limit - end.centralSize;
  if (shifted !== end.centralAt && (await startsAt(shifted))) {
    log.add('shifted', 'end.central_offset', end.at + 16, `the directory lies at ${shifted}, not ${end.centralAt}`);
    return shifted;
  }
  throw new FormatError(
    { format: FORMAT, field: 'end.central_offset', at: end.at + 16 },
    end.centralAt > limit ? 'out-of-bounds' : 'bad-magic',
    `no central directory at ${end.centralAt}`,
  );
}

const isCentralMagic = (bytes: Uint8Array, at: number) =>
  bytes[at] === 0x50 && bytes[at + 1] === 0x4b && bytes[at + 2] === 1 && bytes[at + 3] === 2;

/** An entry while its archive is read: its local header is put in when the directory has been read. */
export type EntryDraft = { -readonly [Field in keyof ZipEntry]: ZipEntry[Field] };

/** Reads the directory: as many headers as the end record counts, or fewer where they end early. @throws FormatError */
function readCentral(central: Uint8Array, centralAt: number, end: EndRecord, log: OddityLog): readonly EntryDraft[] {
  const cursor = new Cursor(central, { format: FORMAT, base: centralAt, prefix: 'central.' });
  const headers: EntryDraft[] = [];
  while (cursor.left >= CENTRAL_SIZE && isCentralMagic(central, cursor.at)) {
    if (headers.length === ENTRIES_MAX) throw cursor.error('entries', 'too-large', `more than ${ENTRIES_MAX} entries`);
    try {
      const { at } = cursor;
      const header = readCentralHeader(cursor);
      headers.push(entryOf(header, { index: headers.length, name: utf8.decode(header.nameBytes), centralAt: centralAt + at }));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      log.add('central-truncated', error.field, error.at, error.message);
      break;
    }
  }
  // The 16-bit count wraps around where there is no zip64 record.
  const counted = end.zip64 ? headers.length : headers.length & MAX_U16;
  if (counted !== end.entries)
    log.add('entry-count', 'end.entries', end.at + 10, `${end.entries}, where the directory holds ${headers.length}`);
  if (headers.length > MAX_U16 && !end.zip64)
    log.add('entry-count-wrapped', 'end.entries', end.at + 10, `${headers.length} entries without zip64`);
  if (cursor.at !== end.centralSize) {
    log.add('central-size', 'end.central_size', end.at + 12, `${end.centralSize}, where the headers take ${cursor.at}`);
  }
  if (end.zip64 && headers.length < end.entries && end.entries > ENTRIES_MAX) {
    throw new FormatError({ format: FORMAT, field: 'end64.entries', at: end.at }, 'too-large', `${end.entries} is above ${ENTRIES_MAX}`);
  }
  return headers;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function entryOf(header: CentralHeader, { index, name, centralAt }: Pick<ZipEntry, 'index' | 'name' | 'centralAt'>): EntryDraft {
  return {
    index,
    name,
    nameBytes: header.nameBytes,
    method: header.method,
    flags: header.flags,
    crc32: header.crc32,
    compressedSize: header.compressedSize,
    size: header.size,
    time: header.time,
    date: header.date,
    versionMadeBy: header.versionMadeBy,
    externalAttributes: header.externalAttributes,
    extra: header.extra,
    comment: header.comment,
    centralAt,
    localAt: header.localAt,
    local: undefined,
    isDirectory: name.endsWith('/'),
  };
}
