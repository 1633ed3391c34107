/**
 * An APK's ZIP as Android's verifier library takes it: strict where that is strict, blind where that is blind.
 * Spec: AOSP tools/apksig ApkUtilsLite, ZipUtils, CentralDirectoryRecord, LocalFileRecord (2023-04).
 * It reads neither zip64 nor archives behind a prefix, ignores directory entries and what follows the counted ones, and compares local headers only
 * of entries it opens. The tolerant reader in `formats/archive` has already recorded what is odd.
 */
import { equalBytes, FormatError, type Source } from '../../bytes/index.ts';
import {
  FLAG_DESCRIPTOR,
  type LocalHeader,
  openEntry,
  readLocalHeader,
  readZip,
  streamEntry,
  type ZipArchive,
  type ZipEntry,
} from '../archive/index.ts';
import { type ApkPorts, ApkRefusal } from './issue.ts';

/** The most that a member may unpack to while it is held: manifests, signature files. */
const HELD_MAX = 256 << 20;

/** Members up to this size are inflated at once, where the platform can: the manifests of large apps too, since another thread's answer takes its time. */
const AT_ONCE = 2 << 20;

/** The archive as apksig sees it. */
export interface ApkZip {
  readonly source: Source;
  readonly archive: ZipArchive;
  readonly centralAt: number;
  readonly endAt: number;
  /** Where the directory ends by its stated size. */
  readonly directoryEnd: number;
  /** Entries that the end record counts. */
  readonly count: number;
  /** Those that are no directories. */
  readonly entries: readonly ZipEntry[];
}

/** Reads the directory, strictly. @throws ApkRefusal */
export async function readApkZip(source: Source, archive: ZipArchive | undefined): Promise<ApkZip> {
  const zip = archive ?? (await readZip(source, { locals: false }).catch(refuse)).value;
  const end = await readEnd(source, zip);
  return {
    source,
    archive: zip,
    centralAt: end.centralAt,
    directoryEnd: end.directoryEnd,
    endAt: zip.endAt,
    count: end.count,
    entries: zip.entries.slice(0, end.count).filter(({ isDirectory }) => !isDirectory),
  };
}

const refuse = (error: unknown): never => {
  if (error instanceof FormatError) throw new ApkRefusal('ApkFormatException', `not a ZIP archive: ${error.message}`);
  throw error;
};

/** The end record's own 32-bit numbers: zip64 values do not count for Android. */
async function readEnd(
  source: Source,
  zip: ZipArchive,
): Promise<{ readonly centralAt: number; readonly directoryEnd: number; readonly count: number }> {
  const bytes = await source.read(zip.endAt, 22);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 22);
  const refuseZip = (because: string) => new ApkRefusal('ApkFormatException', `not a ZIP archive: ${because}`);
  if (zip.endAt + 22 + view.getUint16(20, true) !== source.size) throw refuseZip('the end record does not end where the file does');
  const centralSize = view.getUint32(12, true);
  const centralAt = view.getUint32(16, true);
  if (centralAt > zip.endAt) throw refuseZip(`the directory at ${centralAt} lies behind its end record`);
  if (centralAt + centralSize > zip.endAt) throw refuseZip(`the directory reaches to ${centralAt + centralSize}, past its end record`);
  return { centralAt, directoryEnd: centralAt + centralSize, count: view.getUint16(10, true) };
}

/** Refuses a directory that does not hold the entries it counts. @throws ApkRefusal */
export async function checkDirectory(zip: ApkZip): Promise<void> {
  const bytes = await zip.source.read(zip.endAt, 22);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 22);
  const count = view.getUint16(10, true);
  const limit = view.getUint32(16, true) + view.getUint32(12, true);
  const { entries } = zip.archive;
  const last = entries[count - 1];
  const lastEnd = last === undefined ? 0 : last.centralAt + 46 + last.nameBytes.length + last.extra.length + last.comment.length;
  if (entries.length < count || lastEnd > limit || (count > 0 && zip.archive.centralAt !== zip.centralAt)) {
    throw new ApkRefusal('ApkFormatException', `the directory does not hold the ${count} entries it counts`);
  }
}

/** A member's name by Android's verifier: the first of that name. */
export function findEntry({ archive, count }: ApkZip, name: string): ZipEntry | undefined {
  const index = archive.names.get(name);
  const entry = index === undefined || index >= count ? undefined : archive.entries[index];
  return entry?.isDirectory === true ? undefined : entry;
}

const malformedEntry = (entry: ZipEntry, because: string) =>
  new ApkRefusal('ApkFormatException', `malformed entry ${JSON.stringify(entry.name)}: ${because}`);

/** Checks what apksig checks of an entry's local header before it opens it. @throws ApkRefusal */
export async function checkLocal(zip: ApkZip, entry: ZipEntry): Promise<ZipEntry> {
  checkRoom(zip, entry);
  const local =
    entry.local ??
    (await readLocal(zip.source, entry).catch((error: unknown) => {
      if (error instanceof FormatError) throw malformedEntry(entry, error.message);
      throw error;
    }));
  compareLocal(zip, entry, local);
  return entry.local === undefined ? { ...entry, local } : entry;
}

/** Where the data of a member lies whose local header has been read, checked as `checkLocal` does. @throws ApkRefusal */
export function memberPlace(zip: ApkZip, entry: ZipEntry): { readonly at: number; readonly length: number } {
  checkRoom(zip, entry);
  if (entry.local === undefined) throw malformedEntry(entry, 'its local header was not read');
  compareLocal(zip, entry, entry.local);
  return { at: entry.localAt + entry.local.length, length: entry.method === 0 ? entry.size : entry.compressedSize };
}

/** The content of a member whose data has been read, by the port that inflates at once. @throws ApkRefusal */
export function unpackMember(entry: ZipEntry, bytes: Uint8Array, { inflate }: ApkPorts): Uint8Array {
  if (entry.method === 0) return bytes;
  if (inflate === undefined) throw malformedEntry(entry, 'nothing inflates it at once');
  let content: Uint8Array;
  try {
    content = inflate(bytes, entry.size);
  } catch (error) {
    if (error instanceof FormatError) throw packedRefusal(entry, error);
    throw error;
  }
  if (content.length !== entry.size) throw sizeRefusal(entry, content.length);
  return content;
}

function checkRoom(zip: ApkZip, entry: ZipEntry): void {
  if (entry.localAt + 30 + entry.nameBytes.length > zip.centralAt)
    throw malformedEntry(entry, 'its local header reaches past the directory');
}

function compareLocal(zip: ApkZip, entry: ZipEntry, local: LocalHeader): void {
  const malformed = (because: string) => malformedEntry(entry, because);
  const descriptor = (local.flags & FLAG_DESCRIPTOR) !== 0;
  if (descriptor !== ((entry.flags & FLAG_DESCRIPTOR) !== 0)) throw malformed('only one header announces a data descriptor');
  if (!descriptor) {
    if (local.crc32 !== entry.crc32) throw malformed('the CRC-32 of the headers differ');
    if (local.compressedSize !== entry.compressedSize) throw malformed('the compressed sizes of the headers differ');
    if (local.size !== entry.size) throw malformed('the sizes of the headers differ');
  }
  if (local.nameBytes !== entry.nameBytes && !equalBytes(local.nameBytes, entry.nameBytes))
    throw malformed('the names of the headers differ');
  const dataAt = entry.localAt + local.length;
  if (dataAt + (entry.method === 0 ? entry.size : entry.compressedSize) > zip.centralAt) throw malformed('its data overlaps the directory');
}

async function readLocal(source: Source, entry: ZipEntry): Promise<LocalHeader> {
  return readLocalHeader(await source.read(entry.localAt, Math.min(30 + 65_535, source.size - entry.localAt)), { at: entry.localAt });
}

/** A member's content, as a platform would get it. @throws ApkRefusal */
export async function openMember(zip: ApkZip, entry: ZipEntry, ports: ApkPorts): Promise<Uint8Array> {
  const checked = await checkLocal(zip, entry);
  if (entry.size > HELD_MAX) throw new ApkRefusal('IOException', `${JSON.stringify(entry.name)} claims ${entry.size} bytes`);
  if (entry.method === 8 && ports.inflate !== undefined && entry.size <= AT_ONCE && entry.compressedSize <= AT_ONCE) {
    const at = entry.localAt + (checked.local?.length ?? 0);
    return unpackMember(entry, await zip.source.read(at, entry.compressedSize), ports);
  }
  const bytes = await unpack(() => openEntry(zip.source, checked, ports.codec, Math.max(entry.size, 1)), entry);
  if (bytes.length !== entry.size) throw sizeRefusal(entry, bytes.length);
  return bytes;
}

const sizeRefusal = (entry: ZipEntry, size: number) =>
  new ApkRefusal('ApkFormatException', `malformed entry ${JSON.stringify(entry.name)}: ${size} bytes where ${entry.size} are stated`);

async function unpack<T>(run: () => Promise<T>, entry: ZipEntry): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof FormatError) throw packedRefusal(entry, error);
    throw error;
  }
}

/** Data that does not unpack is to the library a failure to read it; more of it than is stated is a malformed entry. */
const packedRefusal = (entry: ZipEntry, error: FormatError) =>
  new ApkRefusal(
    error.code === 'too-large' ? 'ApkFormatException' : 'IOException',
    `malformed entry ${JSON.stringify(entry.name)}: ${error.message}`,
  );

/** Hands a member's content to a sink in pieces. @throws ApkRefusal */
export async function streamMember(zip: ApkZip, entry: ZipEntry, ports: ApkPorts, sink: (piece: Uint8Array) => void): Promise<void> {
  const checked = await checkLocal(zip, entry);
  const size = await unpack(
    () => streamEntry(zip.source, checked, ports.codec, { sink, ceiling: entry.size, inflate: ports.inflate }),
    entry,
  );
  if (size !== entry.size) throw sizeRefusal(entry, size);
}
