/** Local headers beside their directory headers: read through a window while they lie close together, and every disagreement recorded. */
import { equalBytes, FormatError, readPiece, type Source } from '../../../bytes/index.ts';
import type { OddityLog } from './oddity-log.ts';
import type { EntryDraft, LocalHeader, ZipEntry } from './read.ts';
import { DESCRIPTOR_MAGIC, FLAG_DESCRIPTOR, LOCAL_SIZE, MAX_U32, readLocalHeader } from './records.ts';

/** Local headers are read through windows of this size while they lie close together, so that an archive of many small entries is read in few calls. */
const WINDOW = 1 << 20;
const DENSE = 1 << 16;
const LOCAL_READ = 1024;

/** Reads local headers in the order they lie, through a window, compares each with its directory header, and puts it there. */
export async function readLocals(source: Source, headers: readonly EntryDraft[], log: OddityLog): Promise<void> {
  const order = headers.map((_, index) => index).sort((a, b) => (headers[a]?.localAt ?? 0) - (headers[b]?.localAt ?? 0));
  const window = windowOver(source);
  const keep = keeper();
  // By index, here and below: an iterator makes an object for each of thousands.
  for (let rank = 0; rank < order.length; rank++) {
    const index = order[rank] ?? -1;
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
      const local = readLocalHeader(window.bytes(), { at: header.localAt, offset, expectedName: header.nameBytes, keep });
      header.local = local;
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
}

/** Extra fields of local headers are mostly padding of a few lengths: one copy of each does. */
const SHARED_LENGTH = 64;
const SHARED_MAX = 1024;

/** What is kept of a window outlives it: the next one may come into the same memory, and a view of a few bytes would hold on to a MiB. */
function keeper(): (view: Uint8Array) => Uint8Array {
  const shared = new Map<string, Uint8Array>();
  return (view) => {
    if (view.length > SHARED_LENGTH) return view.slice();
    const key = String.fromCharCode(...view);
    let own = shared.get(key);
    if (own === undefined) {
      own = view.slice();
      if (shared.size < SHARED_MAX) shared.set(key, own);
    }
    return own;
  };
}

/** Small pieces that lie close together come from one larger read. */
interface Window {
  /** Makes the piece ready: at once where it has been read, else the promise of it. */
  load(at: number, least: number, wide: boolean): Promise<void> | undefined;
  /** Where a piece that was made ready begins in the window's bytes, or undefined outside the source. */
  offsetOf(at: number): number | undefined;
  bytes(): Uint8Array;
}

function windowOver(source: Source): Window {
  let start = 0;
  let bytes: Uint8Array = new Uint8Array(0);
  let buffer: Uint8Array | undefined;
  const outside = (at: number) => !Number.isSafeInteger(at) || at < 0 || at >= source.size;
  return {
    load(at, least, wide) {
      if (outside(at)) return undefined;
      const wanted = Math.min(least, source.size - at);
      if (at >= start && at + wanted <= start + bytes.length) return undefined;
      const length = Math.min(wide ? Math.max(WINDOW, wanted) : wanted, source.size - at);
      if (length > WINDOW >> 1) buffer ??= new Uint8Array(Math.min(WINDOW, source.size));
      return (buffer === undefined ? source.read(at, length) : readPiece(source, at, length, buffer)).then((read) => {
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
function differ(central: ZipEntry, local: LocalHeader): boolean {
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
function compareHeaders(central: ZipEntry, local: LocalHeader, { field, log }: Place): void {
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
function compareDescriptor(central: ZipEntry, tail: Uint8Array, place: Place & { readonly at: number }): void {
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
