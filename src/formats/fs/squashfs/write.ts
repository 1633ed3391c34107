/**
 * Writes small squashfs images with everything as it lies, record by record: what the tools would not write. Inodes go into one block of metadata, listings into another;
 * where each ended up is asked for while the listings are written, so files come before the directories that name them.
 */
import { concatBytes } from '../../../bytes/index.ts';

const SUPER_SIZE = 96;
const NONE = 0xffffffff;

/** Fields in little endian: a letter for the width of each, `b`, `h`, `w` or `q` for 1, 2, 4 or 8 bytes. */
export function fields(widths: string, ...values: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (const [i, width] of [...widths].entries()) {
    const value = BigInt(values[i] ?? 0);
    for (let byte = 0n; byte < (width === 'b' ? 1n : width === 'h' ? 2n : width === 'w' ? 4n : 8n); byte++)
      bytes.push(Number((value >> (8n * byte)) & 0xffn));
  }
  return Uint8Array.from(bytes);
}

export interface SquashfsNode {
  readonly type: number;
  readonly mode?: number;
  /** What follows the fields that all inodes have. */
  readonly rest: Uint8Array;
}

export interface SquashfsSpec {
  readonly compression?: number;
  readonly major?: number;
  /** Content, from byte 96 of the image on. */
  readonly data?: Uint8Array;
  readonly fragments?: readonly { readonly at: number; readonly word: number }[];
  readonly nodes: readonly SquashfsNode[];
  /** Bytes of all listings. */
  readonly listings: Uint8Array;
  /** Which node is the root. */
  readonly root: number;
}

/** Where each node begins in the block of inodes. */
export function offsetsOf(nodes: readonly SquashfsNode[]): readonly number[] {
  let at = 0;
  return nodes.map(({ rest }) => {
    const begin = at;
    at += 16 + rest.length;
    return begin;
  });
}

/** A short file of blocks that lie as they are. */
export const file = (
  startAt: number,
  size: number,
  words: readonly number[],
  fragment: readonly [number, number] = [NONE, 0],
): SquashfsNode => ({
  type: 2,
  rest: concatBytes([fields('wwww', startAt, ...fragment, size), ...words.map((word) => fields('w', word))]),
});

/** A short directory whose listing lies at an offset of the listings. */
export const directory = (offset: number, size: number): SquashfsNode => ({
  type: 1,
  mode: 0o755,
  rest: fields('wwhhw', 0, 2, size + 3, offset, 1),
});

/** A listing of up to 256 names in one block of inodes. */
export const listing = (names: readonly (readonly [name: string, offset: number])[]): Uint8Array =>
  concatBytes([
    fields('www', names.length - 1, 0, 1),
    ...names.map(([name, offset]) => {
      const text = new TextEncoder().encode(name);
      return concatBytes([fields('hhhh', offset, 0, 2, text.length - 1), text]);
    }),
  ]);

const plain = (bytes: Uint8Array) => concatBytes([fields('h', 0x8000 | bytes.length), bytes]);

export function writeSquashfs(spec: SquashfsSpec): Uint8Array {
  const data = spec.data ?? new Uint8Array(0);
  const inodeAt = SUPER_SIZE + data.length;
  const inodes = plain(
    concatBytes(
      spec.nodes.map(({ type, mode = 0o644, rest }, i) => concatBytes([fields('hhhhww', type, mode, 0, 0, 1_700_000_000, i + 1), rest])),
    ),
  );
  const directoryAt = inodeAt + inodes.length;
  const listings = plain(spec.listings);
  const fragmentAt = directoryAt + listings.length;
  const fragments = plain(concatBytes((spec.fragments ?? []).map(({ at, word }) => fields('qww', at, word, 0))));
  const fragmentIndexAt = fragmentAt + fragments.length;
  const idAt = fragmentIndexAt + 8;
  const ids = plain(fields('w', 0));
  const idIndexAt = idAt + ids.length;
  const root = offsetsOf(spec.nodes)[spec.root] ?? 0;
  const head = fields(
    'wwwwwhhhhhhqqqqqqqq',
    0x73717368,
    spec.nodes.length,
    0,
    4096,
    (spec.fragments ?? []).length,
    spec.compression ?? 1,
    12,
    0,
    1,
    spec.major ?? 4,
    0,
    root,
    idIndexAt + 8,
    idIndexAt,
    -1,
    inodeAt,
    directoryAt,
    fragmentIndexAt,
    -1,
  );
  return concatBytes([head, data, inodes, listings, fragments, fields('q', fragmentAt), ids, fields('q', idAt)]);
}
