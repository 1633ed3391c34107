import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesSource, concatBytes, type SpoolPort } from '../../bytes/index.ts';
import { fileSource } from './files.ts';

/** What unpacks to no more stays in memory. */
const MEMORY_MAX = 16 << 20;
const ZEROS = 64 << 10;

/** Where streams that can only be read forwards are kept while they are needed. Close it when done: the files go. */
export interface Spool {
  readonly spool: SpoolPort;
  close(): Promise<void>;
}

/**
 * Opens a spool. Files are made in the system's folder for such and removed at once where the system allows, so that nothing stays whatever happens;
 * runs of zeros are left as holes.
 */
export function openSpool(): Spool {
  const handles: FileHandle[] = [];
  const folders: string[] = [];
  return {
    async spool(pieces) {
      let kept: Uint8Array[] = [];
      let total = 0;
      let handle: FileHandle | undefined;
      for await (const piece of pieces) {
        total += piece.length;
        if (handle === undefined && total <= MEMORY_MAX) {
          kept.push(piece.slice());
          continue;
        }
        if (handle === undefined) {
          handle = await openTemporary(folders);
          handles.push(handle);
          for (const [index, early] of kept.entries()) await writeSparse(handle, early, sizeBefore(kept, index));
          kept = [];
        }
        await writeSparse(handle, piece, total - piece.length);
      }
      if (handle === undefined) return bytesSource(concatBytes(kept));
      await handle.truncate(total);
      return fileSource(handle, total);
    },
    async close() {
      await Promise.all(handles.splice(0).map((handle) => handle.close()));
      await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}

const sizeBefore = (pieces: readonly Uint8Array[], index: number) => pieces.slice(0, index).reduce((sum, { length }) => sum + length, 0);

async function openTemporary(folders: string[]): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-'));
  folders.push(folder);
  const path = join(folder, 'spool');
  const handle = await open(path, 'wx+', 0o600);
  // Windows keeps an open file's name: there the folder goes when the spool is closed.
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  return handle;
}

/** Writes what is not zero. */
async function writeSparse(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let from = 0; from < bytes.length; ) {
    let to = from;
    while (to < bytes.length && !isZero(bytes.subarray(to, to + ZEROS))) to += ZEROS;
    to = Math.min(to, bytes.length);
    for (let written = from; written < to; ) written += (await handle.write(bytes, written, to - written, at + written)).bytesWritten;
    from = to + ZEROS;
  }
}

function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
}
