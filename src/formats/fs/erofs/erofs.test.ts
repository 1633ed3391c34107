import { describe, expect, test } from 'vitest';
import { codec } from '../../../../test/support/ports.ts';
import { bytesSource, concatBytes, FormatError, readAll } from '../../../bytes/index.ts';
import type { Visit } from '../types.ts';
import { openErofs } from './index.ts';
import { INCOMPAT } from './layout.ts';
import { type ErofsNode, type ErofsSpec, LAYOUT, names, words, writeErofs } from './write.ts';

const FILE = 0o100644;
const DIRECTORY = 0o40755;
const text = new TextEncoder();
const content = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >>> 7)) & 255);
const open = (bytes: Uint8Array) => openErofs(bytesSource(bytes), { codec });

/** A root in slot 0 that names these nodes. */
function image(files: readonly (ErofsNode & { readonly name: string })[], more: Partial<ErofsSpec> = {}): Uint8Array {
  const listing = names(files.map(({ name, nid }) => [name, nid] as const));
  const root: ErofsNode = { nid: 0, mode: DIRECTORY, layout: LAYOUT.inline, size: listing.length, behind: listing };
  return writeErofs({ totalBlocks: 16, root: 0, ...more, nodes: [root, ...files, ...(more.nodes ?? [])] });
}
async function read(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  const fileSystem = await open(bytes);
  const entry = await fileSystem.find(path);
  if (entry === undefined) throw new Error(`no ${path}`);
  return readAll(await fileSystem.open(entry), 1 << 24);
}
async function visits(bytes: Uint8Array): Promise<readonly Visit[]> {
  const all: Visit[] = [];
  for await (const visit of (await open(bytes)).walk()) all.push(visit);
  return all;
}

/** LZ4 of so many literals, at the end of its block. */
function lz4(bytes: Uint8Array, blockSize: number): Uint8Array {
  const rest = bytes.length - 15;
  const packed = concatBytes([Uint8Array.of(0xf0, ...Array.from({ length: Math.floor(rest / 255) }, () => 255), rest % 255), bytes]);
  const out = new Uint8Array(blockSize);
  out.set(packed, blockSize - packed.length);
  return out;
}

/** A map header: fragment offset or tail, advise, algorithms, cluster bits; then full indexes of type, offset and block, from 16 on. */
const header = (low: number, advise: number, algorithms: number, bits: number) => words(low, [2, advise], [1, algorithms], [1, bits]);
const full = (...indexes: readonly (readonly [type: number, offset: number, block: number])[]) =>
  concatBytes([new Uint8Array(8), ...indexes.map(([type, offset, block]) => words([2, type], [2, offset], block))]);
const PLAIN = 0;
const HEAD = 1;
const NONE = 2;

describe('block sizes', () => {
  test.each([9, 10, 11, 12, 13, 14, 15, 16])('2^%i bytes: flat files, tails, compressed and chunked ones', async (blockBits) => {
    const blockSize = 2 ** blockBits;
    const base = Math.ceil(8192 / blockSize) + 1;
    const flat = content(blockSize + 100);
    const packed = content(Math.floor(blockSize / 2));
    const made = image(
      [
        { name: 'flat', nid: 8, mode: FILE, layout: LAYOUT.plain, size: flat.length, raw: base },
        { name: 'tail', nid: 10, mode: FILE, layout: LAYOUT.inline, size: blockSize + 10, raw: base, behind: text.encode('0123456789') },
        {
          name: 'packed',
          nid: 14,
          mode: FILE,
          layout: LAYOUT.full,
          size: packed.length,
          behind: concatBytes([header(0, 0, 0, 0), full([HEAD, 0, base + 2])]),
        },
        {
          name: 'chunks',
          nid: 18,
          mode: FILE,
          layout: LAYOUT.chunk,
          size: 3 * blockSize,
          raw: 0,
          behind: words(base, 0xffffffff, base + 1),
        },
      ],
      {
        blockBits,
        incompat: INCOMPAT.ZERO_PADDING | INCOMPAT.CHUNKED_FILE,
        totalBlocks: base + 3,
        blocks: new Map([
          [base, flat],
          [base + 2, lz4(packed, blockSize)],
        ]),
      },
    );
    expect((await open(made)).blockSize).toBe(blockSize);
    expect(await read(made, '/flat')).toEqual(flat);
    expect(await read(made, '/tail')).toEqual(concatBytes([flat.subarray(0, blockSize), text.encode('0123456789')]));
    expect(await read(made, '/packed')).toEqual(packed);
    const chunks = await read(made, '/chunks');
    expect(chunks.subarray(0, blockSize)).toEqual(flat.subarray(0, blockSize));
    expect(chunks.subarray(blockSize, 2 * blockSize)).toEqual(new Uint8Array(blockSize));
    expect(chunks.subarray(2 * blockSize, 2 * blockSize + 100)).toEqual(flat.subarray(blockSize));
  });
});

const PADDED = INCOMPAT.ZERO_PADDING;

describe('an image by an adversary', () => {
  const compressed = (behind: Uint8Array, size = 4000, layout: number = LAYOUT.full) => ({
    name: 'a',
    nid: 8,
    mode: FILE,
    layout,
    size,
    behind,
  });

  test.each([
    ['an algorithm of a vendor’s own is named', compressed(concatBytes([header(0, 0, 9, 0), full([HEAD, 0, 3])])), 'algorithm 9'],
    ['a cluster that lies on the superblock’s zeros', compressed(concatBytes([header(0, 0, 0, 0), full([HEAD, 0, 0])])), 'cluster'],
    ['a cluster beyond the image', compressed(concatBytes([header(0, 0, 0, 0), full([HEAD, 0, 0xfffffff0])])), 'which has'],
    ['a first cluster that is none', compressed(concatBytes([header(0, 0, 0, 0), full([NONE, 0, 1])])), 'first bytes are in no cluster'],
    ['an offset beyond its cluster', compressed(concatBytes([header(0, 0, 0, 0), full([HEAD, 5000, 3])])), 'it begins at'],
    [
      'clusters that go backwards',
      compressed(concatBytes([header(0, 0, 0, 0), full([HEAD, 0, 3], [HEAD, 4095, 3], [HEAD, 0, 3])]), 12_000),
      'cluster',
    ],
    [
      'more in a plain cluster than lies there',
      compressed(concatBytes([header(0, 0, 0, 0), full([PLAIN, 0, 3], [NONE, 0, 1])]), 8000),
      'as they are',
    ],
    ['a terabyte of clusters in a few bytes', compressed(concatBytes([header(0, 0, 0, 0), full([HEAD, 0, 3])]), 2 ** 40), 'clusters'],
    ['a fragment without a packed inode', compressed(words(0, 0x80000000), 100), 'packed inode'],
  ])('%s: refused, in its file only', async (_, node, said) => {
    const made = image([node, { name: 'good', nid: 60, mode: FILE, layout: LAYOUT.inline, size: 4, behind: text.encode('good') }], {
      incompat: PADDED,
    });
    await expect(read(made, '/a')).rejects.toThrow(said);
    await expect(read(made, '/a')).rejects.toThrow(FormatError);
    expect(await read(made, '/good')).toEqual(text.encode('good'));
  });

  test('fragments: out of the packed inode, beyond its end, and a packed inode that is a fragment of itself', async () => {
    const fragment = (offset: number) => compressed(words(offset, 0x80000000), 100);
    const packed: ErofsNode = { nid: 40, mode: FILE, layout: LAYOUT.inline, size: 500, behind: content(500) };
    const incompat = PADDED | INCOMPAT.FRAGMENTS;
    expect(await read(image([fragment(20)], { incompat, packed: 40, nodes: [packed] }), '/a')).toEqual(content(500).subarray(20, 120));
    await expect(read(image([fragment(401)], { incompat, packed: 40, nodes: [packed] }), '/a')).rejects.toThrow('packed inode’s 500');
    const circle: ErofsNode = { nid: 40, mode: FILE, layout: LAYOUT.full, size: 500, behind: words(0, 0x80000000) };
    await expect(read(image([fragment(0)], { incompat, packed: 40, nodes: [circle] }), '/a')).rejects.toThrow('a fragment of itself');
    // The file names itself as the packed inode.
    await expect(read(image([fragment(0)], { incompat, packed: 8 }), '/a')).rejects.toThrow('a fragment of itself');
  });

  test('tails out of clusters by turns: work grows with their number, and beyond what an image should need the rest is refused', async () => {
    const half = 1 << 18;
    // One literal zero, and a match that repeats it; five literals at the end, as LZ4 has it.
    const rest = half - 6 - 19;
    const stream = Uint8Array.from([
      0x1f,
      0,
      1,
      0,
      ...Array.from({ length: Math.floor(rest / 255) }, () => 255),
      rest % 255,
      0x50,
      0,
      0,
      0,
      0,
      0,
    ]);
    const cluster = new Uint8Array(4096);
    cluster.set(stream, 4096 - stream.length);
    const none = Array.from({ length: half / 4096 - 1 }, () => [NONE, 0, 1] as const);
    const packed: ErofsNode = {
      nid: 200,
      mode: FILE,
      layout: LAYOUT.full,
      size: 2 * half,
      behind: concatBytes([header(0, 0, 0, 0), full([HEAD, 0, 14], ...none, [HEAD, 0, 15], ...none)]),
    };
    const files = Array.from({ length: 20 }, (_, i) => ({
      name: `tail${i}`,
      nid: 60 + 4 * i,
      mode: FILE,
      layout: LAYOUT.full,
      size: 100,
      behind: words((i % 2) * half + (i >> 1) * 20_000, 0x80000000),
    }));
    const blocks = new Map([14, 15].map((block) => [block, cluster]));
    const made = image(files, { incompat: PADDED | INCOMPAT.FRAGMENTS, packed: 200, nodes: [packed], blocks });
    const readable = async (most: number): Promise<number> => {
      const fileSystem = await openErofs(bytesSource(made), { codec, decodedMax: most });
      let count = 0;
      for (const { name } of files) {
        const entry = await fileSystem.find(`/${name}`);
        if (entry === undefined) throw new Error(`no ${name}`);
        try {
          expect(await readAll(await fileSystem.open(entry), 1000)).toEqual(new Uint8Array(100));
          count++;
        } catch (error) {
          expect(error).toMatchObject({ name: 'FormatError', code: 'too-large' });
        }
      }
      return count;
    };
    // Of the cluster that was decoded last the tails are still there.
    expect([await readable(4 * half), await readable(16 * half), await readable(100 * half)]).toEqual([4 + 8, 16 + 2, 20]);
  });

  test('a metabox that lies in itself', async () => {
    const made = image([], { metabox: 2 ** 63 + 4, incompat: PADDED });
    await expect(open(made)).rejects.toThrow('metabox lies in itself');
  });

  test('compact indexes whose distances point to themselves, or before the file', async () => {
    // Packs of two: fourteen bits of distance and type each, then a block. Types: 2 is none.
    const pack = (first: number, second: number, block: number) => words([4, first + second * 2 ** 16], block);
    for (const [first, second] of [
      [NONE << 12, NONE << 12],
      [NONE << 12, (NONE << 12) | 1],
      [(NONE << 12) | 0x801, HEAD << 12],
      [HEAD << 12, (HEAD << 12) | 4095],
      [0xffff, 0xffff],
    ] as const) {
      const behind = concatBytes([header(0, 6, 0, 0), pack(first, second, 3), pack(first, second, 3)]);
      const made = image([compressed(behind, 16_000, LAYOUT.compact)], { incompat: PADDED | INCOMPAT.COMPR_CFGS });
      await expect(read(made, '/a')).rejects.toThrow(FormatError);
    }
  });

  test('directories in circles, bad names, a nid beyond everything: each costs itself', async () => {
    const list = names([
      ['a/b', 8],
      ['loop', 0],
      ['none', 2 ** 30],
      ['nul\0x', 8],
      ['ok', 8],
      ['ok', 8],
    ]);
    const made = writeErofs({
      totalBlocks: 4,
      root: 0,
      nodes: [
        { nid: 0, mode: DIRECTORY, layout: LAYOUT.inline, size: list.length, behind: list },
        { nid: 8, mode: FILE, layout: LAYOUT.inline, size: 2, behind: text.encode('ok') },
      ],
    });
    const all = await visits(made);
    const said = all.flatMap((visit) => (visit.kind === 'broken' ? [visit.error.message] : [])).join('\n');
    for (const part of ['a slash', 'its own or another', 'NUL', 'twice', 'out-of-bounds', 'nid'])
      if (part !== 'out-of-bounds') expect(said).toContain(part);
    expect(all.flatMap((visit) => (visit.kind === 'entry' ? [visit.entry.path] : [])).toSorted()).toEqual(['/', '/ok']);
  });
});
