import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { makeUnpacker } from './stretch-unpack.ts';

/** What an archive says of a packed stretch. */
interface Packed {
  readonly data: Uint8Array;
  readonly size: number;
  readonly crc: number;
}

const bytes = (length: number, seed = 1) => Buffer.from(Array.from({ length }, (_, index) => (index * seed + (index >> 4)) & 255));
const packed = (content: Uint8Array): Packed => ({ data: deflateRawSync(content), size: content.length, crc: crc32(content) });
const u32 = (value: number) => {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value >>> 0);
  return out;
};
/** A stored block: whether it is the last one, how long it says it is, what it holds. */
const stored = (last: boolean, length: number, content: Uint8Array = Buffer.alloc(0)) =>
  Buffer.concat([Buffer.from([last ? 1 : 0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255]), content]);
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
const trailer = (content: Uint8Array) => Buffer.concat([u32(crc32(content)), u32(content.length)]);

/** What all of them unpack to together, and each by itself. */
function both(stretches: readonly Packed[]) {
  const unpacked = (stated: (crc: number) => number) => {
    const contents: (string | undefined)[] = stretches.map(() => 'not handed out');
    const unpacker = makeUnpacker((index, content) => {
      contents[index] = content === undefined ? undefined : Buffer.from(content).toString('hex');
    });
    for (const [index, { data, size, crc }] of stretches.entries()) unpacker.take(index, data, { size, crc32: stated(crc) });
    unpacker.flush();
    return contents;
  };
  return { together: unpacked((crc) => crc), alone: unpacked(() => -1) };
}

test('many stretches unpack to what each holds, more than fit into one call', () => {
  const contents = Array.from({ length: 300 }, (_, index) => bytes(1 + ((index * 331) % 5000), index));
  const { together, alone } = both(contents.map(packed));
  expect(together).toEqual(contents.map((content) => content.toString('hex')));
  expect(alone).toEqual(together);
});

test('what is empty, or large, is unpacked too', () => {
  const contents = [bytes(0), bytes(10, 3), bytes(70_000, 251), bytes(200_000), bytes(11, 5)];
  const { together, alone } = both(contents.map(packed));
  expect(together).toEqual(contents.map((content) => content.toString('hex')));
  expect(alone).toEqual(together);
});

describe('a stretch that lies costs itself, and its neighbours are read', () => {
  const a = bytes(100, 3);
  const b = bytes(200, 5);
  const c = bytes(50, 7);

  test.each<readonly [string, readonly Packed[], readonly (Uint8Array | undefined)[]]>([
    ['a CRC-32 that is wrong, which nobody asked about', [packed(a), { ...packed(b), crc: 1 }, packed(c)], [a, b, c]],
    ['a size that is too large', [packed(a), { ...packed(b), size: 201 }, packed(c)], [a, undefined, c]],
    ['a size that is too small', [packed(a), { ...packed(b), size: 199 }, packed(c)], [a, undefined, c]],
    [
      'sizes that are wrong and make up for each other',
      [
        { ...packed(a), size: 101 },
        { ...packed(b), size: 199 },
      ],
      [undefined, undefined],
    ],
    ['bytes behind its end', [{ ...packed(a), data: Buffer.concat([packed(a).data, b]) }, packed(c)], [a, c]],
    ['no DEFLATE', [packed(a), { data: Buffer.from([7, 7, 7]), size: 10, crc: 0 }, packed(c)], [a, undefined, c]],
    ['no bytes', [packed(a), { data: Buffer.alloc(0), size: 10, crc: 0 }, packed(c)], [a, undefined, c]],
  ])('%s', (_name, stretches, wanted) => {
    const { together, alone } = both(stretches);
    expect(together).toEqual(wanted.map((content) => content && Buffer.from(content).toString('hex')));
    expect(alone).toEqual(together);
  });

  // Each is accepted by whoever looks at nothing but how many bytes came out.
  test.each([b.length, 0])('one that goes on through the beginning of the next, said to hold %i bytes', (size) => {
    const swallowed = Buffer.concat([u32(0), u32(size), HEADER]);
    const merged = Buffer.concat([swallowed, c]);
    const first: Packed = { data: stored(false, swallowed.length), size, crc: 0 };
    const second: Packed = { data: stored(true, c.length, c), size: merged.length, crc: crc32(merged) };
    const { together, alone } = both([first, second]);
    expect(alone).toEqual([undefined, undefined]);
    expect(together).toEqual(alone);
  });

  test('one with a member of its own, which makes up for one that is swallowed', () => {
    const own = bytes(b.length, 11);
    const other = bytes(own.length, 13);
    const holder: Packed = {
      data: Buffer.concat([deflateRawSync(own), trailer(own), HEADER, deflateRawSync(other)]),
      size: own.length,
      crc: crc32(other),
    };
    const swallowed = Buffer.concat([u32(0), u32(own.length), HEADER]);
    const merged = Buffer.concat([swallowed, c]);
    const first: Packed = { data: stored(false, swallowed.length), size: own.length, crc: 0 };
    const second: Packed = { data: stored(true, c.length, c), size: merged.length, crc: crc32(merged) };
    const { together, alone } = both([holder, first, second]);
    expect(alone).toEqual([own.toString('hex'), undefined, undefined]);
    expect(together).toEqual(alone);
  });

  test('one that ends early with a trailer of its own, so that the next is taken for padding', () => {
    const all = Buffer.concat([a, b]);
    const first: Packed = { data: Buffer.concat([deflateRawSync(all), trailer(all), Buffer.alloc(2)]), size: a.length, crc: 0 };
    const { together, alone } = both([first, packed(b)]);
    expect(alone).toEqual([undefined, b.toString('hex')]);
    expect(together).toEqual(alone);
  });

  test('one whose CRC-32 begins a member', () => {
    const magic = 0x00088b1f;
    const own = deflateRawSync(a);
    // Its own trailer ends where its data does; the trailer that is put behind it would be read as a header.
    const first: Packed = { data: Buffer.concat([own, trailer(a)]), size: a.length, crc: magic };
    const { together, alone } = both([first, packed(b)]);
    expect(alone).toEqual([a.toString('hex'), b.toString('hex')]);
    expect(together).toEqual(alone);
  });
});
