/**
 * Blobs by their digest, in a folder: `KIND/ab/abcdef…`. A blob is complete or not there: it is written beside, flushed, and renamed; the folder is flushed before
 * anybody is told. The same bytes again are the same blob. In a bucket they have the same names (`bucket-blobs.ts`).
 */
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Source } from '../bytes/index.ts';
import { checkedPieces, digestOfSource } from './source-pieces.ts';

/** What a blob is, so that an index can be rebuilt without guessing. */
export const BLOB_KINDS = [
  'inspection',
  'report',
  'capture',
  'artefact',
  'event',
  'manifest',
  'authorisation',
  'place',
  'master-data',
  'document',
  'job',
  'job-end',
  'query',
  'query-end',
  'log',
] as const;
export type BlobKind = (typeof BLOB_KINDS)[number];

/** Where blobs lie: a folder, or a bucket. */
export interface Blobs {
  /** Answers the SHA-256 in hex once the bytes are durable. */
  readonly put: (kind: BlobKind, bytes: Uint8Array) => Promise<string>;
  /**
   * The same of what is too large to be in memory: it is read twice, a piece at a time, first for its name. @throws Error where it is another the second time: nothing is kept then
   */
  readonly putSource: (kind: BlobKind, source: Source) => Promise<string>;
  /** @throws Error where there is none, or its bytes are not those of its name */
  readonly get: (kind: BlobKind, sha256: string) => Promise<Uint8Array>;
  /** Some bytes of a blob, which nobody has compared with its name: the caller has another way to know that they are right. @throws Error where there are fewer */
  readonly unverifiedSlice: (
    kind: BlobKind,
    sha256: string,
    place: { readonly start: number; readonly size: number },
  ) => Promise<Uint8Array>;
  /** Every blob of a kind, with its size. */
  readonly list: (kind: BlobKind) => AsyncIterable<{ readonly sha256: string; readonly bytes: number }>;
}

export const SHA256 = /^[0-9a-f]{64}$/;
const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Blobs in a folder. */
export function folderBlobs(root: string): Blobs {
  const pathOf = (kind: BlobKind, sha256: string) => {
    if (!SHA256.test(sha256)) throw new RangeError(`"${sha256}" is no SHA-256 in hex`);
    return join(root, kind, sha256.slice(0, 2), sha256);
  };
  const keep = async (
    kind: BlobKind,
    sha256: string,
    { size, write }: { readonly size: number; readonly write: (file: FileHandle) => Promise<void> },
  ) => {
    const path = pathOf(kind, sha256);
    const folder = dirname(path);
    if ((await stat(path).catch(() => undefined))?.size === size) {
      // Another process may have renamed it just now, and not flushed its name yet.
      await flushFolder(folder);
      return;
    }
    const first = await mkdir(folder, { recursive: true, mode: 0o700 });
    // The name is nobody's but ours, and no SHA-256, so that a listing never takes a leftover for a blob.
    const beside = join(folder, `.${sha256}.${randomUUID()}`);
    try {
      const file = await open(beside, 'wx', 0o600);
      try {
        await write(file);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, path);
    } catch (error) {
      // A full disk gets its room back.
      await rm(beside, { force: true });
      throw error;
    }
    await flushFolder(folder);
    // New folders are entries of their parents, up to the first that was there.
    for (let made = folder; first !== undefined && made.length >= first.length; made = dirname(made)) await flushFolder(dirname(made));
  };
  return {
    async put(kind, bytes) {
      const sha256 = digestOf(bytes);
      await keep(kind, sha256, { size: bytes.length, write: (file) => file.writeFile(bytes) });
      return sha256;
    },
    async putSource(kind, source) {
      const sha256 = await digestOfSource(source);
      await keep(kind, sha256, {
        size: source.size,
        async write(file) {
          for await (const piece of checkedPieces(source, sha256)) await file.writeFile(piece);
        },
      });
      return sha256;
    },
    async get(kind, sha256) {
      const bytes = await readFile(pathOf(kind, sha256));
      if (digestOf(bytes) !== sha256) throw new Error(`the ${kind} ${sha256} has other bytes than its name says`);
      return bytes;
    },
    async unverifiedSlice(kind, sha256, { start, size }) {
      const file = await open(pathOf(kind, sha256), 'r');
      try {
        const bytes = new Uint8Array(size);
        const { bytesRead } = await file.read(bytes, 0, size, start);
        if (bytesRead < size) throw new Error(`the ${kind} ${sha256} ends before byte ${start + size}`);
        return bytes;
      } finally {
        await file.close();
      }
    },
    async *list(kind) {
      const names = async (path: string) => (await readdir(path).catch(ifMissing)).toSorted();
      for (const group of await names(join(root, kind)))
        for (const sha256 of await names(join(root, kind, group)))
          if (SHA256.test(sha256)) yield { sha256, bytes: (await stat(pathOf(kind, sha256))).size };
    },
  };
}

function ifMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

/** Flushes a folder's entries. Windows cannot, and flushes them with the file. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
