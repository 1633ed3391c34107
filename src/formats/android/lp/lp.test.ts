import { describe, expect, test } from 'vitest';
import { growthOf, SQUARE_FROM } from '../../../../test/support/growth.ts';
import { hash } from '../../../../test/support/ports.ts';
import { bytesSource, FormatError, type HashPort } from '../../../bytes/index.ts';
import { isSuper, type LpMetadata, type LpPartition, readLp } from './metadata.ts';
import { lpPartition } from './source.ts';
import { writeSuper } from './write.ts';

const SYSTEM = Uint8Array.from({ length: 9000 }, (_, index) => index % 251);
const SUPER = writeSuper(
  {
    groups: [{ name: 'main_a', maximumSize: 1 << 24 }],
    partitions: [
      { name: 'system_a', group: 'main_a', image: SYSTEM },
      { name: 'system_b', group: 'main_a', image: new Uint8Array(0) },
      { name: 'vendor_a', group: 'main_a', image: new Uint8Array(4096).fill(5) },
    ],
    flags: 1,
  },
  hash,
);
const METADATA = 12_288;
/** Not a digest: what is changed gets past the comparison. */
const weakHash: HashPort = () => ({ update: () => undefined, digest: () => new Uint8Array(32) });

test('what is written reads back', async () => {
  const source = bytesSource(SUPER);
  expect(await isSuper(source)).toBe(true);
  const { value, oddities } = await readLp(source, hash, 1);
  expect(oddities).toEqual([]);
  expect(value.flags).toBe(1);
  expect(value.partitions.map(({ name, size, group }) => [name, size, group])).toEqual([
    ['system_a', 12_288, 'main_a'],
    ['system_b', 0, 'main_a'],
    ['vendor_a', 4096, 'main_a'],
  ]);
  const [system, , vendor] = value.partitions as [LpPartition, LpPartition, LpPartition];
  expect(await lpPartition(value, system, [source]).read(0, 9000)).toEqual(SYSTEM);
  expect(await lpPartition(value, vendor, [source]).read(4095, 1)).toEqual(Uint8Array.of(5));
});

test('a partition over several devices, with a hole', async () => {
  const { value } = await readLp(bytesSource(SUPER), hash);
  const extent = (type: 'linear' | 'zero', sector: number, device: number) => ({ type, sectors: 1, sector, device });
  const split = {
    ...(value.partitions[0] as LpPartition),
    extents: [extent('linear', 1, 1), extent('zero', 0, 0), extent('linear', 0, 0)],
  };
  const devices = [new Uint8Array(512).fill(1), new Uint8Array(1024).fill(2)].map(bytesSource);
  expect([...(await lpPartition(value, split, devices).read(511, 514))]).toEqual([2, ...Array.from({ length: 512 }, () => 0), 1]);
  expect(() => lpPartition(value, split, devices.slice(0, 1))).toThrow('which is not there');
});

test('a group over what it may hold, and a target that is neither linear nor zero', async () => {
  const bytes = writeSuper(
    {
      groups: [{ name: 'main_a', maximumSize: 4096 }],
      partitions: [
        { name: 'system_a', group: 'main_a', image: SYSTEM },
        { name: 'vendor_a', group: 'main_a', image: new Uint8Array(4096).fill(5) },
      ],
      // Their digests are not compared here: the type of the first extent is changed behind them.
    },
    weakHash,
  );
  const at = METADATA + 256 + 2 * 52 + 8;
  bytes[at] = 2;
  const { value, oddities } = await readLp(bytesSource(bytes), weakHash);
  expect(oddities.map(({ field, code }) => [field, code])).toEqual([['groups[1].maximum_size', 'over-full']]);
  const [system, vendor] = value.partitions as [LpPartition, LpPartition];
  expect(() => lpPartition(value, system, [bytesSource(bytes)])).toThrow('neither linear nor zero');
  expect((await lpPartition(value, vendor, [bytesSource(bytes)]).read(0, 1))[0]).toBe(5);
});

/** A partition of one sector an extent, each somewhere else on its device. */
function scattered(metadata: LpMetadata, count: number): { readonly source: ReturnType<typeof lpPartition>; readonly device: Uint8Array } {
  const device = Uint8Array.from({ length: 512 * 64 }, (_, i) => (i >> 9) + (i & 7));
  const extents = Array.from({ length: count }, (_, i) => ({
    type: i % 5 === 4 ? ('zero' as const) : ('linear' as const),
    sectors: 1,
    device: 0,
    sector: (i * 7) % 64,
  }));
  const whole = { ...(metadata.partitions[0] as LpPartition), size: 512 * count, extents };
  return { source: lpPartition(metadata, whole, [bytesSource(device)]), device };
}

test('where bytes lie is what is read there, extent by extent', async () => {
  const { source, device } = scattered((await readLp(bytesSource(SUPER), hash)).value, 300);
  for (const at of [0, 1, 511, 512, 4 * 512, 5 * 512 - 1, 299 * 512 + 511]) {
    const origin = source.origin?.(at);
    const [byte] = await source.read(at, 1);
    expect([at, origin?.source === undefined ? 0 : device[origin.at]]).toEqual([at, byte]);
    expect(origin?.length).toBe(512 - (at % 512));
  }
  expect(source.origin?.(source.size)).toBeUndefined();
});

test('as many extents as a table holds cost each its search, not the square', async () => {
  const { value } = await readLp(bytesSource(SUPER), hash);
  const exponent = growthOf({
    make: (count) => scattered(value, count).source,
    run(source) {
      for (let at = 0; at < source.size; at += 512) source.origin?.(at);
    },
    size: 4000,
  });
  expect(exponent).toBeLessThan(SQUARE_FROM);
});

describe('hostile', () => {
  test('a damaged first copy is told, and the second read', async () => {
    const bytes = SUPER.slice();
    bytes[4096] = 0;
    bytes[METADATA + 50] = (bytes[METADATA + 50] ?? 0) ^ 1;
    const { oddities } = await readLp(bytesSource(bytes), hash);
    expect(oddities.map(({ field, code }) => [field, code])).toEqual([
      ['geometry', 'copy'],
      ['metadata', 'copy'],
    ]);
  });

  test.each([
    ['no geometry', [4096, 8192], 0, 'geometry.magic'],
    ['geometry changed', [4136, 8232], 7, 'geometry.checksum'],
    ['header changed', [METADATA + 84, METADATA + 84 + 131_072], 0x7f, 'metadata.checksum'],
    ['tables changed', [METADATA + 256, METADATA + 256 + 131_072], 0x7f, 'metadata.tables_checksum'],
    ['another major version', [METADATA + 4, METADATA + 4 + 131_072], 11, 'metadata.major_version: 11, not 10'],
  ] as const)('%s', async (_name, places, value, says) => {
    const bytes = SUPER.slice();
    for (const at of places) bytes[at] = value;
    await expect(readLp(bytesSource(bytes), hash)).rejects.toThrow(says);
  });

  test('a slot that is not there, and an extent outside', async () => {
    await expect(readLp(bytesSource(SUPER), hash, 2)).rejects.toThrow('2 of 2');
    const short = bytesSource(SUPER.subarray(0, 1 << 20));
    const { value } = await readLp(short, hash);
    expect(() => lpPartition(value, value.partitions[0] as LpPartition, [short])).toThrow('ends at byte');
  });

  test('truncated anywhere in the metadata: refused', async () => {
    for (let length = 0; length < METADATA + 400; length += 97) {
      await expect(readLp(bytesSource(SUPER.subarray(0, length)), hash)).rejects.toThrow(FormatError);
    }
  });
});
