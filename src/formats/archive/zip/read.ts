/**
 * ZIP archives over a Source: the central directory, every local header beside it, and each disagreement between them as an oddity.
 * Spec: see `records.ts`. Reads zip64. Which of two statements counts is not decided here: Android goes by the central directory for names,
 * methods and sizes, and by the local header only for where the data begins.
 * Limits: `ENTRIES_MAX` entries, `CENTRAL_MAX` bytes of directory. Does not read: archives over several disks, encrypted directories.
 */
import { Cursor, equalBytes, FormatError, type Reading, type Source } from '../../../bytes/index.ts';
import { type OddityLog, oddityLog } from './oddity-log.ts';
import {
  CENTRAL_SIZE,
  type CentralHeader,
  DESCRIPTOR_MAGIC,
  END_MAGIC,
  END_SIZE,
  END64_LOCATOR_SIZE,
  END64_SIZE,
  type EndRecord,
  FLAG_DESCRIPTOR,
  FLAG_ENCRYPTED,
  FORMAT,
  type HeaderFields,
  LOCAL_SIZE,
  MAX_U16,
  MAX_U32,
  readCentralHeader,
  readEnd64Locator,
  readEnd64Record,
  readEndRecord,
  readLocalHeader,
} from './records.ts';

/** Real apps reach 23,000 entries; system images in a zip a few dozen. */
export const ENTRIES_MAX = 1 << 18;
const CENTRAL_MAX = 64 << 20;
/** Names that Android's package parser and most tools never meet in earnest. */
const NAME_LONG = 256;
/** Local headers are read through windows of this size while they lie close together, so that an archive of many small entries is read in few calls. */
const WINDOW = 1 << 20;
const DENSE = 1 << 16;
const LOCAL_READ = 1024;

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
  const headers = readCentral(central, centralAt, end, log);
  const locals = options.locals ? await readLocals(source, headers, log) : [];
  const text = latin1.decode(central);
  let headerAt = centralAt;
  const entries = headers.map((header, index) => {
    const name = nameOf(header, headerAt - centralAt + CENTRAL_SIZE, text);
    const entry = entryOf(header, { index, name, centralAt: headerAt, local: locals[index] });
    headerAt += header.length;
    return entry;
  });
  if (entries.length > 0) checkNames(entries, log);
  const { firstAt, lastEnd } = checkLayout(entries, { centralAt, compared: options.locals }, log);
  const value = {
    entries,
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
  for (let at = tailSize - END_SIZE; at >= 0; at--) {
    if (tail[at] !== 0x50 || view.getUint32(at, true) !== END_MAGIC) continue;
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
  const startsAt = async (at: number) => at >= 0 && at + CENTRAL_SIZE <= limit && isCentralMagic(await source.read(at, 4));
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

const isCentralMagic = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 1 && bytes[3] === 2;

/** Reads the directory: as many headers as the end record counts, or fewer where they end early. @throws FormatError */
function readCentral(central: Uint8Array, centralAt: number, end: EndRecord, log: OddityLog): readonly CentralHeader[] {
  const cursor = new Cursor(central, { format: FORMAT, base: centralAt, prefix: 'central.' });
  const headers: CentralHeader[] = [];
  while (cursor.left >= CENTRAL_SIZE && isCentralMagic(central.subarray(cursor.at, cursor.at + 4))) {
    if (headers.length === ENTRIES_MAX) throw cursor.error('entries', 'too-large', `more than ${ENTRIES_MAX} entries`);
    try {
      headers.push(readCentralHeader(cursor));
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

/** Reads local headers in the order they lie, through a window, and compares each with its directory header. */
async function readLocals(
  source: Source,
  headers: readonly CentralHeader[],
  log: OddityLog,
): Promise<readonly (LocalHeader | undefined)[]> {
  const order = headers.map((_, index) => index).sort((a, b) => (headers[a]?.localAt ?? 0) - (headers[b]?.localAt ?? 0));
  const found: (LocalHeader | undefined)[] = headers.map(() => undefined);
  const window = windowOver(source);
  for (const [rank, index] of order.entries()) {
    const header = headers[index];
    if (header === undefined) continue;
    const nextAt = headers[order[rank + 1] ?? -1]?.localAt ?? header.localAt;
    const wanted = LOCAL_SIZE + header.nameBytes.length + LOCAL_READ;
    // A dense stretch is read in one piece; a lone header behind a large entry is not worth it.
    const dense = nextAt - header.localAt < DENSE;
    const waiting = window.load(header.localAt, wanted, dense);
    if (waiting !== undefined) await waiting;
    const offset = window.offsetOf(header.localAt);
    if (offset === undefined) {
      log.add('local-outside', `entry[${index}].local_header_offset`, header.localAt, `${header.localAt} is outside the file`);
      continue;
    }
    try {
      const local = readLocalHeader(window.bytes(), { at: header.localAt, offset, expectedName: header.nameBytes });
      found[index] = local;
      if (differ(header, local)) compareHeaders(header, local, { field: `entry[${index}].local`, log });
      if ((local.flags & FLAG_DESCRIPTOR) !== 0) {
        const at = header.localAt + local.length + header.compressedSize;
        const tailWaiting = window.load(at, 24, dense);
        if (tailWaiting !== undefined) await tailWaiting;
        const tailOffset = window.offsetOf(at);
        const tail = tailOffset === undefined ? undefined : window.bytes().subarray(tailOffset, tailOffset + 24);
        if (tail !== undefined) compareDescriptor(header, tail, { field: `entry[${index}].descriptor`, at, log });
      }
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      log.add('local-missing', error.field, error.at, error.message);
    }
  }
  return found;
}

/** Small pieces that lie close together come from one larger read. */
interface Window {
  /** Makes the piece ready: at once where it has been read, else the promise of it. */
  load(at: number, length: number, wide: boolean): Promise<void> | undefined;
  /** Where a piece that was made ready begins in the window's bytes, or undefined outside the source. */
  offsetOf(at: number): number | undefined;
  bytes(): Uint8Array;
}

function windowOver(source: Source): Window {
  let start = 0;
  let bytes: Uint8Array = new Uint8Array(0);
  const outside = (at: number) => !Number.isSafeInteger(at) || at < 0 || at >= source.size;
  return {
    load(at, length, wide) {
      if (outside(at)) return undefined;
      const wanted = Math.min(length, source.size - at);
      if (at >= start && at + wanted <= start + bytes.length) return undefined;
      return source.read(at, Math.min(wide ? Math.max(WINDOW, wanted) : wanted, source.size - at)).then((read) => {
        start = at;
        bytes = read;
      });
    },
    offsetOf: (at) => (outside(at) ? undefined : at - start),
    bytes: () => bytes,
  };
}

interface Place {
  readonly field: string;
  readonly log: OddityLog;
}

/** Whether there is anything to say of a local header: the common case is that there is not, thousands of times. */
function differ(central: CentralHeader, local: LocalHeader): boolean {
  return (
    local.flags !== central.flags ||
    local.method !== central.method ||
    local.crc32 !== central.crc32 ||
    local.compressedSize !== central.compressedSize ||
    local.size !== central.size ||
    local.extra.length > 0x7fff ||
    local.length !== LOCAL_SIZE + local.nameBytes.length + local.extra.length ||
    local.nameBytes !== central.nameBytes
  );
}

/** Records where a local header says something else than the directory. */
function compareHeaders(central: CentralHeader, local: LocalHeader, { field, log }: Place): void {
  const at = central.localAt;
  const deferred = (local.flags & FLAG_DESCRIPTOR) !== 0;
  const compare = (code: string, key: 'crc32' | 'compressedSize' | 'size', offset: number) => {
    if (local[key] !== central[key] && !(deferred && local[key] === 0))
      log.add(code, `${field}.${key}`, at + offset, `${local[key]}, where the directory says ${central[key]}`);
  };
  if (local.nameBytes.length !== central.nameBytes.length) {
    const detail = `${local.nameBytes.length} bytes, where the directory says ${central.nameBytes.length}`;
    log.add('local-name-length', `${field}.name_length`, at + 26, detail);
  } else if (!equalBytes(local.nameBytes, central.nameBytes)) {
    log.add('local-name', `${field}.name`, at + LOCAL_SIZE, 'another name than in the directory');
  }
  if (local.method !== central.method)
    log.add('local-method', `${field}.method`, at + 8, `${local.method}, where the directory says ${central.method}`);
  const flags = local.flags ^ central.flags;
  if ((flags & ~FLAG_DESCRIPTOR) !== 0)
    log.add(
      'local-flags',
      `${field}.flags`,
      at + 6,
      `0x${local.flags.toString(16)}, where the directory says 0x${central.flags.toString(16)}`,
    );
  else if (flags !== 0) log.add('local-descriptor-flag', `${field}.flags`, at + 6, 'only one of the headers announces a data descriptor');
  compare('local-crc', 'crc32', 14);
  compare('local-compressed-size', 'compressedSize', 18);
  compare('local-size', 'size', 22);
  // Java read this length as signed before Android 4.3.1, so that data began elsewhere for the verifier than for the loader (bug 9695860).
  const extraLength = local.length - LOCAL_SIZE - local.nameBytes.length;
  if (extraLength > 0x7fff)
    log.add('extra-length-signed', `${field}.extra_length`, at + 28, `${extraLength} is negative as a signed 16-bit number`);
  else if (local.extra.length < Math.min(extraLength, LOCAL_READ))
    log.add('local-extra-outside', `${field}.extra_length`, at + 28, `${extraLength} reaches outside the file`);
}

/** Compares a data descriptor, with or without its signature, 32 or 64 bits wide. */
function compareDescriptor(central: CentralHeader, tail: Uint8Array, place: Place & { readonly at: number }): void {
  if (tail.length < 12) return;
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const skip = view.getUint32(0, true) === DESCRIPTOR_MAGIC ? 4 : 0;
  if (tail.length < skip + 12) return;
  const crc = view.getUint32(skip, true);
  const narrow =
    view.getUint32(skip + 4, true) === (central.compressedSize & MAX_U32) >>> 0 &&
    view.getUint32(skip + 8, true) === (central.size & MAX_U32) >>> 0;
  const wide =
    tail.length >= skip + 20 &&
    view.getBigUint64(skip + 4, true) === BigInt(central.compressedSize) &&
    view.getBigUint64(skip + 12, true) === BigInt(central.size);
  if (crc !== central.crc32) place.log.add('descriptor-crc', place.field, place.at, `another CRC-32 than in the directory`);
  else if (!narrow && !wide) place.log.add('descriptor-size', place.field, place.at, 'other sizes than in the directory');
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function entryOf(
  header: CentralHeader,
  { index, name, centralAt, local }: Pick<ZipEntry, 'index' | 'name' | 'centralAt' | 'local'>,
): ZipEntry {
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
    local,
    isDirectory: name.endsWith('/'),
  };
}

/** ASCII names, which are nearly all, are cut from the directory's text: quicker than a decoder called for each. */
function nameOf({ nameBytes }: CentralHeader, place: number, text: string): string {
  for (const byte of nameBytes) if (byte >= 0x80) return utf8.decode(nameBytes);
  return text.slice(place, place + nameBytes.length);
}

const latin1 = new TextDecoder('latin1');

/** Nothing to say of such a name: letters, digits and a few signs, no two dots in a row. */
const PLAIN_NAME = /^\w(?:[\w$@+=,()-]|[ ./](?!\.)){0,254}$/;

/** Records names that no honest tool writes, and flags and methods that Android ignores. */
function checkNames(entries: readonly ZipEntry[], log: OddityLog): void {
  const seen = new Map<string, number>();
  const parents = new Set<string>();
  for (const { index, name, nameBytes, flags, method, localAt } of entries) {
    const slash = name.lastIndexOf('/', name.length - 2);
    if (slash > 0) parents.add(name.slice(0, slash));
    // Android looks at none of the flags: an entry marked encrypted is read as it lies.
    if ((flags & FLAG_ENCRYPTED) !== 0) log.add('encrypted-flag', `entry[${index}].flags`, localAt, shown(name));
    if (method !== 0 && method !== 8) log.add('method', `entry[${index}].method`, localAt, `${method} for ${shown(name)}`);
    if (PLAIN_NAME.test(name) && !seen.has(name)) {
      seen.set(name, index);
      continue;
    }
    const add = (code: string, detail: string) => log.add(code, `entry[${index}].name`, localAt, detail);
    const first = seen.get(name);
    if (first !== undefined) add('duplicate-name', `${shown(name)} is entry ${first} too`);
    else seen.set(name, index);
    if (nameBytes.length === 0) add('name-empty', 'no name');
    if (nameBytes.length > NAME_LONG) add('name-long', `${nameBytes.length} bytes`);
    if (name.includes('\uFFFD') && !isUtf8(nameBytes)) add('name-not-utf8', shown(name));
    if (name.includes('\0')) add('name-nul', shown(name));
    else if (/\p{Cc}/u.test(name)) add('name-control', shown(name));
    if (name.includes('\\')) add('name-backslash', shown(name));
    if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) add('name-absolute', shown(name));
    if (name.includes('..') && name.split(/[/\\]/).includes('..')) add('name-traversal', shown(name));
  }
  for (const parent of parents) {
    const file = seen.get(parent);
    if (file !== undefined) log.add('name-file-and-folder', `entry[${file}].name`, entries[file]?.localAt ?? 0, shown(parent));
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictUtf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** A name for a message: short, and without what a terminal would obey. */
function shown(name: string): string {
  const plain = name.replace(/\p{Cc}/gu, '\uFFFD');
  return JSON.stringify(plain.length > 80 ? `${plain.slice(0, 80)}…` : plain);
}

/** Records bytes that belong to no entry, and entries that share bytes. */
function checkLayout(
  entries: readonly ZipEntry[],
  { centralAt, compared }: { readonly centralAt: number; readonly compared: boolean },
  log: OddityLog,
): { readonly firstAt: number; readonly lastEnd: number } {
  const order = [...entries].sort((a, b) => a.localAt - b.localAt);
  const firstAt = order[0]?.localAt ?? centralAt;
  if (firstAt > 0 && entries.length > 0) log.add('prefix', 'start', 0, `${firstAt} bytes before the first entry`);
  let end = firstAt;
  let before: ZipEntry | undefined;
  for (const [rank, entry] of order.entries()) {
    const { localAt, compressedSize, local, index, name } = entry;
    if (localAt < end) log.add('overlap', `entry[${index}]`, localAt, `${shown(name)} begins inside ${shown(before?.name ?? '')}`);
    else if (compared && localAt > end)
      log.add('gap', `entry[${index}]`, end, `${localAt - end} bytes between ${shown(before?.name ?? '')} and ${shown(name)}`);
    const headerLength = local?.length ?? LOCAL_SIZE + entry.nameBytes.length;
    let entryEnd = localAt + headerLength + compressedSize;
    if (((local ?? entry).flags & FLAG_DESCRIPTOR) !== 0) {
      // The descriptor takes 12 to 24 bytes; which, shows in where the next entry begins.
      const next = order[rank + 1]?.localAt ?? centralAt;
      const left = next - entryEnd;
      entryEnd += [16, 12, 24, 20].find((size) => left === size) ?? 0;
    }
    if (entryEnd > centralAt)
      log.add(
        'entry-outside',
        `entry[${index}].compressed_size`,
        localAt,
        `${shown(name)} ends at ${entryEnd}, behind the directory's start`,
      );
    if (entryEnd > end) {
      end = entryEnd;
      before = entry;
    }
  }
  return { firstAt, lastEnd: end };
}
