import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesSource, concatBytes, FormatError, parseHex, readAll } from '../../bytes/index.ts';
import { isSparse, readSparse, type SparsePart, sparseSource, writeSparse } from './sparse.ts';

const hex = (text: string) => parseHex(text) ?? new Uint8Array(0);

const expand = async (bytes: Uint8Array) => {
  const { value } = await readSparse(bytesSource(bytes));
  return readAll(sparseSource(bytesSource(bytes), value), 1 << 20);
};

/** The output that the format's text describes, made the plain way. */
function plainly(parts: readonly SparsePart[], blockSize: number): number[] {
  return parts.flatMap((part) => {
    if (part.type === 'raw') return [...part.data];
    if (part.type === 'dont-care') return Array.from({ length: part.blocks * blockSize }, () => 0);
    if (part.type === 'crc32') return [];
    return Array.from({ length: part.blocks * blockSize }, (_, i) => (part.fill >>> (8 * (i % 4))) & 0xff);
  });
}

const part: fc.Arbitrary<SparsePart> = fc.oneof(
  fc
    .nat(3)
    .chain((blocks) => fc.uint8Array({ minLength: blocks * 8, maxLength: blocks * 8 }).map((data) => ({ type: 'raw' as const, data }))),
  fc.record({ type: fc.constant('fill' as const), fill: fc.integer({ min: 0, max: 0xffffffff }), blocks: fc.nat(3) }),
  fc.record({ type: fc.constant('dont-care' as const), blocks: fc.nat(3) }),
  fc.record({ type: fc.constant('crc32' as const), crc: fc.integer({ min: 0, max: 0xffffffff }) }),
);

const COUNTING = Uint8Array.from({ length: 1024 }, (_, i) => i % 256);

/**
 * What Debian's `img2simg` 29.0.6 (android-sdk-libsparse-utils) wrote, block size 1024, of 12 blocks: 2 of 0x11.., 4 of zeros, 1 counting, 5 of 0xdeadbeef.
 * Only the body of the raw chunk is made here.
 */
const IMG2SIMG = concatBytes([
  hex('3aff26ed010000001c000c00' + '00040000' + '0c000000' + '04000000' + '00000000'),
  hex('c2ca000002000000' + '10000000' + '11111111'),
  hex('c2ca000004000000' + '10000000' + '00000000'),
  hex('c1ca000001000000' + '0c040000'),
  COUNTING,
  hex('c2ca000005000000' + '10000000' + 'efbeadde'),
]);

describe('what img2simg writes', () => {
  test('reads back as the image it was made of', async () => {
    expect(isSparse(IMG2SIMG)).toBe(true);
    const out = await expand(IMG2SIMG);
    expect(out.length).toBe(12 * 1024);
    expect([...out.subarray(0, 4)]).toEqual([0x11, 0x11, 0x11, 0x11]);
    expect([...out.subarray(2048, 6144)].every((byte) => byte === 0)).toBe(true);
    expect([...out.subarray(6144, 7168)]).toEqual([...COUNTING]);
    expect([...out.subarray(12 * 1024 - 4)]).toEqual([0xef, 0xbe, 0xad, 0xde]);
  });

  test('writing its parts gives the same bytes', () => {
    const parts: SparsePart[] = [
      { type: 'fill', fill: 0x11111111, blocks: 2 },
      { type: 'fill', fill: 0, blocks: 4 },
      { type: 'raw', data: COUNTING },
      { type: 'fill', fill: 0xdeadbeef, blocks: 5 },
    ];
    expect([...writeSparse(parts, 1024)]).toEqual([...IMG2SIMG]);
  });
});

test('what is written reads back, at any place and length', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 6 }), fc.nat(), fc.nat(), async (parts, a, b) => {
      const file = bytesSource(writeSparse(parts, 8));
      const whole = plainly(parts, 8);
      const { value, oddities } = await readSparse(file);
      expect(oddities).toEqual([]);
      const source = sparseSource(file, value);
      expect(source.size).toBe(whole.length);
      const at = a % (whole.length + 1);
      const length = b % (whole.length - at + 1);
      expect([...(await source.read(at, length))]).toEqual(whole.slice(at, at + length));
    }),
  );
});

/** One field of a good image replaced by a bad value, and what must be said of it. */
const malformed: readonly [name: string, at: number, bytes: readonly number[], says: string][] = [
  ['wrong magic', 0, [0], 'android sparse @0x0 magic'],
  ['major version 2', 4, [2], 'android sparse @0x4 major_version: 2, not 1'],
  ['file header too small', 8, [27], '@0x8 file_hdr_sz'],
  ['chunk header too small', 10, [11], '@0xa chunk_hdr_sz'],
  ['block size 0', 12, [0, 0, 0, 0], '@0xc blk_sz'],
  ['block size not a multiple of 4', 12, [2], '@0xc blk_sz'],
  ['block size of 2 GiB', 12, [0, 0, 0, 0x80], '@0xc blk_sz'],
  ['more blocks than the chunks make', 16, [13], '@0x10 total_blks: 13, where the chunks make 12'],
  ['fewer blocks than the chunks make', 16, [11], '@0x44c chunk[3].chunk_sz: ends at block 12 of 11'],
  ['4 billion chunks', 20, [0xff, 0xff, 0xff, 0xff], '@0x14 total_chunks: 4294967295 is above'],
  ['more chunks than headers fit', 20, [0, 1], '@0x14 total_chunks: 256 chunk headers do not fit'],
  ['a chunk type that is none', 28, [0xc9], '@0x1c chunk[0].chunk_type: 0xcac9 is no chunk type'],
  ['fill without its value', 36, [12], '@0x24 chunk[0].total_sz'],
  ['a chunk smaller than its header', 36, [4], '@0x24 chunk[0].total_sz'],
  ['raw of 4 billion blocks', 64, [0xff, 0xff, 0xff, 0xff], '@0x44 chunk[2].total_sz'],
];

describe('malformed', () => {
  test.each(malformed)('%s', async (_name, at, bytes, says) => {
    const image = IMG2SIMG.slice();
    image.set(bytes, at);
    const failure = await readSparse(bytesSource(image)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FormatError);
    expect(String(failure)).toContain(says);
  });

  test('truncated at every byte: refused, never short', async () => {
    for (let length = 0; length < IMG2SIMG.length; length += length > 100 && length < 1040 ? 37 : 1) {
      await expect(readSparse(bytesSource(IMG2SIMG.subarray(0, length)))).rejects.toThrow(FormatError);
    }
  });

  test('bytes after the last chunk are an oddity, not an error', async () => {
    const { oddities } = await readSparse(bytesSource(Uint8Array.from([...IMG2SIMG, 7])));
    expect(oddities.map(({ code, at }) => [code, at])).toEqual([['trailing', IMG2SIMG.length]]);
  });
});
