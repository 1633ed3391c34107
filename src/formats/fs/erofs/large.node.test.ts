/** Trees larger than any: hard links by the million, inodes by the ten million. What is read of them is kept, the rest is said to be missing, and memory has an end. */
import { expect, test } from 'vitest';
import { bytesSource, type Source } from '../../../bytes/index.ts';
import { openErofs } from './index.ts';
import { LAYOUT, writeErofs } from './write.ts';

const BLOCK = 4096;
const [FILE, DIRECTORY] = [0o100644, 0o40755];
const META = 2;

/** A block of names of five digits in the base of 36, all of one inode, as mkfs packs them. */
const PER_BLOCK = Math.floor(BLOCK / 17);
function namesFrom(start: number, nid: (i: number) => number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const view = new DataView(block.buffer);
  for (let i = 0; i < PER_BLOCK; i++) {
    view.setUint32(12 * i, nid(start + i), true);
    view.setUint16(12 * i + 8, 12 * PER_BLOCK + 5 * i, true);
    block[12 * i + 10] = 1;
    block.set(new TextEncoder().encode((start + i).toString(36).padStart(5, '0')), 12 * PER_BLOCK + 5 * i);
  }
  return block;
}

/** An image of 3 blocks whose root has four directories of more blocks of names than there are: those are made when they are read. */
function endless(names: number, claims: number, nid: (i: number) => number): { readonly source: Source; reads: () => number } {
  const perDirectory = Math.ceil(names / 4 / PER_BLOCK);
  const listing = new Uint8Array(4 * 13);
  const view = new DataView(listing.buffer);
  for (let i = 0; i < 4; i++) {
    view.setUint32(12 * i, 40 + 4 * i, true);
    view.setUint16(12 * i + 8, 48 + i, true);
    listing[12 * i + 10] = 2;
    listing[48 + i] = 0x61 + i;
  }
  const first = 8;
  const head = writeErofs({
    totalBlocks: first,
    metaBlock: META,
    root: 36,
    nodes: [
      { nid: 36, mode: DIRECTORY, layout: LAYOUT.inline, size: listing.length, behind: listing },
      ...[0, 1, 2, 3].map((i) => ({
        nid: 40 + 4 * i,
        mode: DIRECTORY,
        layout: LAYOUT.plain,
        size: perDirectory * BLOCK,
        raw: first + i * perDirectory,
      })),
      { nid: 60, mode: FILE, layout: LAYOUT.inline, size: 4, behind: Uint8Array.of(1, 2, 3, 4) },
    ],
  });
  const heading = new DataView(head.buffer);
  heading.setBigUint64(1024 + 16, BigInt(claims), true);
  // Of the file: as many links as there are names.
  heading.setUint32(META * BLOCK + 60 * 32 + 44, names, true);
  let inodes = 0;
  const size = (first + 4 * perDirectory) * BLOCK;
  return {
    reads: () => inodes,
    source: {
      size,
      async read(at, length) {
        const out = new Uint8Array(length);
        out.set(head.subarray(at, at + length));
        if (at < head.length) inodes++;
        for (let block = Math.max(first, Math.floor(at / BLOCK)); block * BLOCK < at + length; block++) {
          const bytes = namesFrom((block - first) * PER_BLOCK, nid);
          const from = Math.max(at, block * BLOCK);
          const to = Math.min(at + length, (block + 1) * BLOCK);
          out.set(bytes.subarray(from - block * BLOCK, to - block * BLOCK), from - at);
        }
        return out;
      },
    },
  };
}

async function count(source: Source): Promise<{ readonly entries: number; readonly said: readonly string[] }> {
  let entries = 0;
  const said = new Set<string>();
  for await (const visit of (await openErofs(source)).walk())
    if (visit.kind === 'entry') entries++;
    else said.add(visit.error.message);
  return { entries, said: [...said] };
}

test('a million hard links: as many names as the limit, the inode read once, and that the rest was not', { timeout: 60_000 }, async () => {
  const { source, reads } = endless(1_000_000, 2, () => 60);
  const { entries, said } = await count(source);
  expect(entries).toBeGreaterThan(500_000);
  expect(entries).toBeLessThanOrEqual((1 << 19) + 1);
  expect(said).toEqual([expect.stringContaining('more than 524288 entries: the rest was not read')]);
  expect(reads()).toBeLessThan(20);
});

test('ten million inodes that a superblock claims cost nothing, ten million names as much as the limit', { timeout: 60_000 }, async () => {
  const small = endless(4 * PER_BLOCK, 10_000_000, () => 60);
  expect(await count(small.source)).toEqual({ entries: 5 + 4 * PER_BLOCK, said: [] });
  const { source } = endless(10_000_000, 10_000_000, (i) => 100 + i);
  const { entries, said } = await count(source);
  expect(entries).toBeLessThanOrEqual((1 << 19) + 1);
  expect(said.join()).toMatch(/the rest was not read|a directory of/);
});

test('bytes of an image that is cut within its names: what lies there is read', async () => {
  const { source } = endless(4 * PER_BLOCK, 4, () => 60);
  const all = await source.read(0, source.size);
  const { entries, said } = await count(bytesSource(all.subarray(0, all.length - BLOCK)));
  expect(entries).toBe(5 + 3 * PER_BLOCK);
  expect(said).toEqual([expect.stringContaining('d')]);
});
