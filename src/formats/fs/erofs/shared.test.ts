/** Files that share what they are made of: how work grows with their number, and where it ends. */
import { describe, expect, test } from 'vitest';
import { growthOfAwaited, SQUARE_FROM } from '../../../../test/support/growth.ts';
import { codec } from '../../../../test/support/ports.ts';
import { bytesSource, concatBytes, FormatError, readAll } from '../../../bytes/index.ts';
import type { FileSystem, MountOptions } from '../types.ts';
import { openErofs } from './index.ts';
import { INCOMPAT } from './layout.ts';
import { type ErofsNode, LAYOUT, names, words, writeErofs } from './write.ts';

const BLOCK = 4096;
const [FILE, DIRECTORY] = [0o100644, 0o40755];
const [HEAD, NONE] = [1, 2];
const header = (low: number, advise: number, algorithms: number, bits: number) => words(low, [2, advise], [1, algorithms], [1, bits]);
const full = (...indexes: readonly (readonly [type: number, offset: number, block: number])[]) =>
  concatBytes([new Uint8Array(8), ...indexes.map(([type, offset, block]) => words([2, type], [2, offset], block))]);

/** LZ4 of so many zeros, at the end of a block. */
function zeros(size: number): Uint8Array {
  const rest = size - 6 - 19;
  const run = Array.from({ length: Math.floor(rest / 255) }, () => 255);
  const stream = Uint8Array.from([0x1f, 0, 1, 0, ...run, rest % 255, 0x50, 0, 0, 0, 0, 0]);
  const out = new Uint8Array(BLOCK);
  out.set(stream, BLOCK - stream.length);
  return out;
}

/** A directory's blocks of names. */
function listingOf(entries: readonly (readonly [name: string, nid: number])[]): readonly Uint8Array[] {
  const perBlock = 180;
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < entries.length; at += perBlock) {
    const block = new Uint8Array(BLOCK);
    block.set(names(entries.slice(at, at + perBlock)));
    blocks.push(block);
  }
  return blocks;
}

const CLUSTER = 1 << 16;
const TAIL = 20;

/** So many files, each of twenty bytes out of a packed inode of clusters of 64 KiB, one behind the other. */
function tails(count: number): { readonly image: Uint8Array; readonly paths: readonly string[] } {
  const clusters = Math.ceil((count * TAIL) / CLUSTER);
  const first = 8;
  const nidOf = (i: number) => first + 3 * i;
  const packedNid = nidOf(count) + 3;
  const indexes = Array.from({ length: clusters }, (_, i) => [
    [HEAD, 0, 1 + i] as const,
    ...Array.from({ length: CLUSTER / BLOCK - 1 }, () => [NONE, 0, 1] as const),
  ]).flat();
  const entries = Array.from({ length: count }, (_, i) => [i.toString(36).padStart(6, '0'), nidOf(i)] as const);
  const listing = listingOf(entries);
  // Behind the superblock's block the packed clusters, then the listing, then the inodes.
  const metaBlock = 1 + clusters + listing.length;
  const metaSize = (packedNid + 4) * 32 + 8 * indexes.length + 64;
  const image = writeErofs({
    totalBlocks: metaBlock + Math.ceil(metaSize / BLOCK) + 1,
    metaBlock,
    root: 0,
    packed: packedNid,
    incompat: INCOMPAT.ZERO_PADDING | INCOMPAT.FRAGMENTS,
    nodes: [
      { nid: 0, mode: DIRECTORY, layout: LAYOUT.plain, size: listing.length * BLOCK, raw: 1 + clusters },
      ...entries.map(
        ([, nid], i): ErofsNode => ({ nid, mode: FILE, layout: LAYOUT.full, size: TAIL, behind: words(i * TAIL, 0x80000000) }),
      ),
      {
        nid: packedNid,
        mode: FILE,
        layout: LAYOUT.full,
        size: clusters * CLUSTER,
        behind: concatBytes([header(0, 0, 0, 0), full(...indexes)]),
      },
    ],
    blocks: new Map([
      ...Array.from({ length: clusters }, (_, i) => [1 + i, zeros(CLUSTER)] as const),
      ...listing.map((bytes, i) => [1 + clusters + i, bytes] as const),
    ]),
  });
  return { image, paths: entries.map(([name]) => `/${name}`) };
}

/** Reads every file of an image, as a walk meets them. */
async function readAllOf(
  image: Uint8Array,
  options: MountOptions = {},
): Promise<{ readonly good: number; readonly codes: readonly string[] }> {
  const fileSystem: FileSystem = await openErofs(bytesSource(image), { codec, ...options });
  let good = 0;
  const codes: string[] = [];
  for await (const visit of fileSystem.walk()) {
    if (visit.kind === 'broken') codes.push(visit.error.code);
    else if (visit.entry.type === 'file') {
      try {
        await readAll(await fileSystem.open(visit.entry), 1 << 20);
        good++;
      } catch (error) {
        codes.push(error instanceof FormatError ? error.code : String(error));
      }
    }
  }
  return { good, codes };
}

describe('fragments', () => {
  test('are all read, and time grows with their number', async () => {
    expect(await readAllOf(tails(400).image)).toEqual({ good: 400, codes: [] });
    const growth = await growthOfAwaited({ make: (size) => tails(size).image, run: (image) => readAllOf(image), size: 500 });
    expect(growth).toBeLessThan(SQUARE_FROM);
  });

  test('out of clusters that do not decode: each counts as what it might have decoded to', async () => {
    const nidOf = (i: number) => 8 + 3 * i;
    // Deflate of rubbish, 64 KiB of it wanted; and a file that asks for a byte of it.
    const packed: ErofsNode = {
      nid: 200,
      mode: FILE,
      layout: LAYOUT.full,
      size: CLUSTER,
      behind: concatBytes([header(0, 0, 2, 0), full([HEAD, 0, 5], ...Array.from({ length: 15 }, () => [NONE, 0, 1] as const))]),
    };
    const list = names(Array.from({ length: 9 }, (_, i) => [`${i}`, nidOf(i)] as const));
    const image = writeErofs({
      totalBlocks: 8,
      root: 0,
      packed: 200,
      incompat: INCOMPAT.ZERO_PADDING | INCOMPAT.FRAGMENTS | INCOMPAT.COMPR_CFGS,
      algorithms: 4,
      nodes: [
        { nid: 0, mode: DIRECTORY, layout: LAYOUT.inline, size: list.length, behind: list },
        ...Array.from(
          { length: 9 },
          (_, i): ErofsNode => ({ nid: nidOf(i), mode: FILE, layout: LAYOUT.full, size: 1, behind: words(0, 0x80000000) }),
        ),
        packed,
      ],
      blocks: new Map([[5, new Uint8Array(BLOCK).fill(0xff)]]),
    });
    const { good, codes } = await readAllOf(image, { decodedMax: 4 * CLUSTER });
    expect(good).toBe(0);
    expect(codes.filter((code) => code === 'too-large')).toHaveLength(5);
    expect(codes).toHaveLength(9);
  });
});

test('inodes that lie in each other’s indexes: the entries of all maps together have an end', async () => {
  // A hundred names of one file of 4 MiB, each with a thousand indexes.
  const list = names(Array.from({ length: 100 }, (_, i) => [`${i}`, 8] as const));
  const image = writeErofs({
    totalBlocks: 12,
    root: 80,
    incompat: INCOMPAT.ZERO_PADDING,
    nodes: [
      { nid: 8, mode: FILE, layout: LAYOUT.full, size: 4 << 20, behind: concatBytes([header(0, 0, 0, 0), full([HEAD, 0, 11])]) },
      { nid: 1000, mode: FILE, layout: LAYOUT.inline, size: 0 },
      { nid: 80, mode: DIRECTORY, layout: LAYOUT.inline, size: list.length, behind: list },
    ],
  });
  const fileSystem = await openErofs(bytesSource(image), { codec, entriesMax: 5000 });
  const codes = new Map<string, number>();
  for (let i = 0; i < 100; i++) {
    const entry = await fileSystem.find(`/${i}`);
    if (entry === undefined) throw new Error(`no ${i}`);
    const code = await fileSystem.open(entry).then(
      () => 'good',
      (error: unknown) => (error instanceof FormatError ? error.code : String(error)),
    );
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  expect(codes.get('too-large')).toBe(96);
});
