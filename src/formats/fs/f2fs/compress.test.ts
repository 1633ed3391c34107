import { describe, expect, test } from 'vitest';
import { COMPRESSED, content, EXTRA, FILE, image, lz4Literals, text, visits } from '../../../../test/support/f2fs-images.ts';
import { codec } from '../../../../test/support/ports.ts';
import { crc32Raw } from '../../codec/index.ts';
import { FEATURE, MAGIC } from './layout.ts';
import { words } from './write.ts';

/** LZO of literals only. */
const lzoLiterals = (bytes: Uint8Array) =>
  Uint8Array.from([
    0,
    ...Array.from({ length: Math.floor((bytes.length - 19) / 255) }, () => 0),
    (bytes.length - 18) % 255 || 255,
    ...bytes,
    17,
    0,
    0,
  ]);
/** LZO-RLE: a version, some literals, a run of zeros, the end. */
const lzoZeros = Uint8Array.from([17, 1, 22, 1, 2, 3, 4, 5, 0x18, 0xfc, 0xff, (2000 - 4) >> 3, 17, 0, 0]);
/** The same for a whole cluster of 16 KiB. */
// biome-ignore format: an instruction a line
const lzoCluster = Uint8Array.from([
  17, 1, 22, 1, 2, 3, 4, 5,
  ...[2051, 2051, 2051, 2051, 2051, 2051, 2051, 2022].flatMap((run) => [0x18 | ((run - 4) & 7), 0xfc, 0xff, (run - 4) >> 3]),
  17, 0, 0,
]);
/** Zstandard of one repeated byte, as long as a cluster. */
const zstdCluster = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x20, ...words([1 | 2 | (16384 << 3)]).subarray(0, 3), 7]);
/** Zstandard of one raw block: magic, no content size and a window of 16 KiB, a block header. */
const zstdRaw = (bytes: Uint8Array) =>
  Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x20, ...words([1 | (bytes.length << 3)]).subarray(0, 3), ...bytes]);

/** Browsers bring no Zstandard. */
const hasZstd = await codec('zstd', zstdCluster, 16384).then(
  () => true,
  () => false,
);

describe('compressed files', () => {
  const feature = EXTRA | FEATURE.COMPRESSION;
  const plain = Uint8Array.from({ length: 5000 }, (_, i) => (i * 31 + (i >>> 5)) & 255);
  function compressed(algorithm: number, data: Uint8Array, checksum = crc32Raw(data, MAGIC)): Uint8Array {
    const blocks = new Uint8Array(3 * 4096);
    blocks.set(words([data.length, checksum]));
    blocks.set(data, 24);
    const last = text.encode('not compressed');
    return image(
      ['a'],
      [
        {
          id: 4,
          mode: FILE,
          size: 4 * 4096 + last.length,
          flags: 4,
          compression: { algorithm, clusterBits: 2, hasChecksum: true },
          addresses: [COMPRESSED, 20, 21, 22, 25],
        },
      ],
      {
        feature,
        blocks: new Map([
          [20, blocks],
          [25, last],
        ]),
      },
    );
  }
  const whole = (bytes: Uint8Array) => {
    const out = new Uint8Array(4 * 4096);
    out.set(bytes);
    return out;
  };
  const padded = whole(plain).slice(0, 8000);

  test.each([
    ['LZO', 0, lzoLiterals(padded)],
    ['LZ4', 1, lz4Literals(padded)],
    ['Zstandard', 2, zstdRaw(padded)],
    ['LZO-RLE', 3, lzoZeros],
  ])('%s that unpacks to less than its cluster is refused, and the rest of the tree is read', async (_, algorithm, data) => {
    // Where the platform has no decoder, the algorithm is refused by its name.
    await expect(content(compressed(algorithm, data), '/a')).rejects.toThrow(algorithm === 2 && !hasZstd ? /zstd/i : 'are wanted');
    if (algorithm === 2 && !hasZstd) return;
    expect((await visits(compressed(algorithm, data))).every(({ kind }) => kind === 'entry')).toBe(true);
  });

  test.each([
    ['LZO', 0, lzoLiterals],
    ['LZ4', 1, lz4Literals],
  ])('%s, a last cluster that is shorter, and one that lies as it is', async (_, algorithm, pack) => {
    const short = (data: Uint8Array) =>
      image(
        ['a'],
        [{ id: 4, mode: FILE, size: 5000, flags: 4, compression: { algorithm, clusterBits: 2 }, addresses: [COMPRESSED, 20, 21] }],
        {
          feature,
          blocks: new Map([[20, Uint8Array.from([...words([data.length, 0, 0, 0, 0, 0]), ...data])]]),
        },
      );
    expect(await content(short(pack(plain)), '/a')).toEqual(plain);
  });

  test.each([
    ['Zstandard', 2, zstdCluster, [7, 7, 7, 7, 7, 7, 7]],
    ['LZO-RLE', 3, lzoCluster, [1, 2, 3, 4, 5, 0, 0]],
  ])('a whole cluster of %s with its checksum, and one behind it that lies as it is', async (_, algorithm, data, begin) => {
    if (algorithm === 2 && !hasZstd) {
      await expect(content(compressed(algorithm, data), '/a')).rejects.toThrow(/zstd/i);
      return;
    }
    const bytes = await content(compressed(algorithm, data), '/a');
    expect(bytes).toHaveLength(16384 + 14);
    expect([...bytes.subarray(0, 7)]).toEqual(begin);
    expect(bytes[16383]).toBe(begin[6]);
    expect(new TextDecoder().decode(bytes.subarray(16384))).toBe('not compressed');
  });

  test('runs of zeros of LZO-RLE', async () => {
    const data = lzoZeros;
    const made = image(
      ['a'],
      [{ id: 4, mode: FILE, size: 2000, flags: 4, compression: { algorithm: 3, clusterBits: 2 }, addresses: [COMPRESSED, 20] }],
      {
        feature,
        blocks: new Map([[20, Uint8Array.from([...words([data.length, 0, 0, 0, 0, 0]), ...data])]]),
      },
    );
    const out = await content(made, '/a');
    expect([...out.subarray(0, 8)]).toEqual([1, 2, 3, 4, 5, 0, 0, 0]);
    expect(out.subarray(5).every((byte) => byte === 0)).toBe(true);
  });

  test.each([
    ['an unknown algorithm is named', compressed(9, lz4Literals(padded)), 'algorithm 9'],
    ['a checksum that does not hold', compressed(1, lz4Literals(padded), 1), 'chksum'],
    ['more bytes than the blocks have', compressed(1, new Uint8Array(0)), 'clen'],
  ])('%s', async (_, made, words_) => {
    await expect(content(made, '/a')).rejects.toThrow(words_);
  });
});
