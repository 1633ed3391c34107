/** The files of a mounted image → rows, in the order in which their content lies. */
import { bytesSource, FormatError, openRooms, type Rooms, readPiece, type Source, toHex } from '../../bytes/index.ts';
import { isTextFile, TEXT_FILE_MAX } from '../../evidence/texts/index.ts';
import type { FileEntry, FileSystem } from '../../formats/fs/index.ts';
import type { ManifestFile } from '../manifest.ts';
import { type ArchiveJob, readApkRow } from './apk-row.ts';
import { isInitScript, isProperties, isSelinux, mounted, mountOf, parseProperties } from './layout.ts';
import { type ExaminePorts, KEPT_TEXTS_MAX, noteUnread, type PartDraft } from './part.ts';
import type { Sweep } from './sweep.ts';

const PIECE = 1 << 20;
/** Archives up to this size are kept whole while they are verified; larger ones are read where they lie. */
const ARCHIVE_MAX = 48 << 20;
/** Memory of archives that waits for the next one. */
const ROOMS_MAX = 8 << 20;
const PROPERTIES_MAX = 1 << 20;
const TEXTS_MAX = 4096;
/** Bytes of content that are read of one file system. An image of few bytes may claim files of holes without end, or the same blocks for each of a million files. */
const CONTENT_MAX = 2 ** 36;

export interface TreeJob {
  readonly fileSystem: FileSystem;
  readonly partition: string;
  readonly part: PartDraft;
  readonly ports: ExaminePorts;
  /** Follows what is read; undefined where nothing else wants the image's bytes. */
  readonly sweep: Sweep | undefined;
  /** Hears how many bytes of a file were read. */
  readonly hear?: (bytes: number) => void;
  /** Where it is mounted; undefined: by its partition's name. */
  readonly mount?: string;
  /** Bytes of content that may be read; default CONTENT_MAX. */
  readonly contentMax?: number;
  /** Texts are kept besides their digests. */
  readonly keepTexts?: boolean;
  /** Reads an APEX; undefined within one: an APEX in an APEX is nothing that a phone would mount. */
  readonly readApex?: (archive: ArchiveJob) => Promise<void>;
}

/** Reads every file into the part. */
export async function readTree(job: TreeJob): Promise<void> {
  const { fileSystem, part, partition } = job;
  const mount = job.mount ?? mountOf(partition, partition === 'system' && (await isRootTree(fileSystem)));
  /** Digests of files that have several names. */
  const known = new Map<number, string>();
  const state: TreeState = {
    mount,
    known,
    left: job.contentMax ?? CONTENT_MAX,
    keepable: job.keepTexts === true ? KEPT_TEXTS_MAX : 0,
    buffer: new Uint8Array(PIECE),
    rooms: openRooms(ROOMS_MAX),
    texts: new Map(),
  };
  for await (const next of fileSystem.walk()) {
    if (next.kind === 'entry') await addEntry(job, state, next.entry);
    else part.unread.push({ partition, path: mounted(mount, next.path), because: next.error.message });
  }
}

/** Since Android 9 the system image holds the root: `/system` is a directory in it. */
async function isRootTree(fileSystem: FileSystem): Promise<boolean> {
  return (await fileSystem.find('/system'))?.type === 'directory';
}

interface TreeState {
  readonly mount: string;
  readonly known: Map<number, string>;
  /** Bytes of content that may still be read. */
  left: number;
  /** Bytes of texts that may still be kept. */
  keepable: number;
  /** Content is read to it, piece after piece. */
  readonly buffer: Uint8Array;
  /** Where files lie whole while they are looked into. */
  readonly rooms: Rooms;
  /** Texts that many rows have, once each. */
  readonly texts: Map<string, string>;
}

async function addEntry(job: TreeJob, state: TreeState, entry: FileEntry): Promise<void> {
  const { mount, known } = state;
  const { part, partition, ports } = job;
  const path = mounted(mount, entry.path);
  let sha256: string | null = null;
  if (entry.type === 'file') {
    const isKept = isTextFile(path) && entry.size <= Math.min(TEXT_FILE_MAX, state.keepable);
    const room = !isKept && entry.size <= wholeMax(path) ? state.rooms.take(entry.size) : undefined;
    try {
      const seen = entry.links > 1 ? known.get(entry.id) : undefined;
      const isWanted = seen === undefined || isRead(path);
      if (isWanted) spend(state, entry);
      const whole = isKept ? new Uint8Array(entry.size) : room;
      const content = isWanted ? await readContent(job, entry, { buffer: state.buffer, whole }) : undefined;
      sha256 = seen ?? content?.sha256 ?? null;
      if (entry.links > 1 && sha256 !== null) known.set(entry.id, sha256);
      if (content !== undefined) await addMeaning(path, content);
      if (content !== undefined && isKept) {
        state.keepable -= entry.size;
        part.texts.push({ path, sha256: content.sha256, bytes: await content.source.read(0, content.source.size) });
      }
    } catch (error) {
      noteUnread(part, { partition, path }, error);
    } finally {
      // Rows are texts: nothing of them lies here.
      if (room !== undefined) state.rooms.give(room);
    }
  }
  const once = (text: string) => onceOf(state.texts, text);
  // What an installer lays out is labelled by the recovery that runs it, where its script does not: nobody knows here how.
  const unlabelled = job.fileSystem.kind === 'files' ? undefined : null;
  part.files.push(rowOf({ partition, path, sha256, once, unlabelled }, entry));
  if (sha256 !== null && isSelinux(path)) part.selinux.push({ partition, path, sha256 });
  if (sha256 !== null && isInitScript(path)) part.init.push({ partition, path, sha256 });

  async function addMeaning(at: string, { source, sha256: digest }: Content): Promise<void> {
    if (isArchive(at)) {
      const archive = { source, partition, path: at, sha256: digest, part, ports };
      if (at.endsWith('.apk')) part.apks.push(await readApkRow(archive));
      else await job.readApex?.(archive);
    } else if (source.size > 0 && source.size <= PROPERTIES_MAX && isProperties(at)) {
      const text = new TextDecoder().decode(await source.read(0, source.size));
      part.properties.push(...parseProperties(text).map(({ key, value }) => ({ path: at, key, value })));
    }
  }
}

/** @throws FormatError where a file has more bytes than may still be read */
function spend(state: TreeState, entry: FileEntry): void {
  if (entry.size > state.left)
    throw new FormatError(
      { format: 'file system', field: 'size', at: entry.contentAt },
      'too-large',
      `${entry.size} bytes, where ${state.left} are left of what is read of one image`,
    );
  state.left -= entry.size;
}

const isArchive = (path: string) => /\.(?:apk|apex|capex)$/.test(path);
/** Whether a path's content is looked into: then each of its names is. */
const isRead = (path: string) => isArchive(path) || isProperties(path);
/** Bytes of a file up to which it lies whole in memory while it is looked into. */
const wholeMax = (path: string) => (isArchive(path) ? ARCHIVE_MAX : isProperties(path) ? PROPERTIES_MAX : -1);

interface Content {
  readonly sha256: string;
  /** The content, to be read again. */
  readonly source: Source;
}

/** Reads a file once through, the sweep moved along as far as its blocks reach. `whole`: where it lies afterwards, to be read again. */
async function readContent(
  { fileSystem, ports, sweep, hear }: TreeJob,
  entry: FileEntry,
  { buffer, whole }: { readonly buffer: Uint8Array; readonly whole: Uint8Array | undefined },
): Promise<Content> {
  const source = await fileSystem.open(entry);
  const kept = whole === undefined || whole.length < source.size ? undefined : whole.subarray(0, source.size);
  const hasher = ports.hash('sha256');
  // Packed files take less room than they have bytes.
  const reach = Math.min(1, (entry.storedSize ?? source.size) / Math.max(1, source.size));
  for (let at = 0; at < source.size; at += PIECE) {
    const piece = await readPiece(source, at, Math.min(PIECE, source.size - at), kept === undefined ? buffer : kept.subarray(at));
    hasher.update(piece);
    if (kept !== undefined && piece.buffer !== kept.buffer) kept.set(piece, at);
    hear?.(piece.length);
    if (entry.contentAt > 0) await sweep?.to(entry.contentAt + Math.floor((at + piece.length) * reach));
  }
  return { sha256: toHex(hasher.digest()), source: kept === undefined ? source : bytesSource(kept) };
}

/** The same text as before where there was one: a hundred thousand rows have a few hundred contexts. */
function onceOf(texts: Map<string, string>, text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size < TEXTS_MAX) texts.set(text, text);
  return text;
}

interface RowParts {
  readonly partition: string;
  readonly path: string;
  readonly sha256: string | null;
  readonly once: (text: string) => string;
  /** Of an entry without a label: known to have none, or not known. */
  readonly unlabelled: null | undefined;
}

/** A row. A directory's size is its file system's business, not the build's. */
function rowOf({ partition, path, sha256, once, unlabelled }: RowParts, entry: FileEntry): ManifestFile {
  const context = entry.context === undefined ? unlabelled : once(entry.context);
  return {
    partition,
    path,
    type: entry.type,
    size: entry.type === 'file' || entry.type === 'link' ? entry.size : 0,
    mode: once(entry.mode.toString(8).padStart(4, '0')),
    uid: entry.uid,
    gid: entry.gid,
    ...(context === undefined ? {} : { context }),
    capabilities: entry.capabilities === undefined || entry.capabilities.length > 64 ? null : toHex(entry.capabilities) || null,
    sha256,
    target: entry.target ?? null,
  };
}
