/** A source a piece at a time, for blobs that are too large to be in memory. */
import { createHash } from 'node:crypto';
import { readPiece, type Source } from '../bytes/index.ts';

const PIECE = 1 << 20;

/** Pieces of at most `size` bytes; each is good until the next is asked for. */
async function* piecesOf(source: Source, size = PIECE): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(size, source.size));
  for (let at = 0; at < source.size; at += size) yield readPiece(source, at, Math.min(size, source.size - at), buffer);
}

/** SHA-256 in hex. */
export async function digestOfSource(source: Source): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of piecesOf(source)) hash.update(piece);
  return hash.digest('hex');
}

/** The pieces of a source whose digest is known. @throws Error after the last one where they were not what has that digest */
export async function* checkedPieces(source: Source, sha256: string, size?: number): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const piece of piecesOf(source, size)) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest('hex') !== sha256) throw new Error('it changed while it was being kept');
}
