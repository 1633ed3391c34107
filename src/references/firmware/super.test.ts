import { describe, expect, test } from 'vitest';
import { codec, hash } from '../../../test/support/ports.ts';
import { bytesSource, concatBytes } from '../../bytes/index.ts';
import { type LpPart, type SuperParts, writeCow, writeSparse, writeSplitSuper, writeSuper } from '../../formats/android/index.ts';
import { writeTar, writeZip } from '../../formats/archive/index.ts';
import { openContainer } from './container.ts';
import { findPartitions } from './partitions.ts';

const BLOCK = 4096;
const ports = { hash, codec };
const blocks = (...bytes: readonly number[]) => concatBytes(bytes.map((byte) => new Uint8Array(BLOCK).fill(byte)));
const part = (name: string, image: Uint8Array, more: Partial<LpPart> = {}): LpPart => ({ name, group: 'default', image, ...more });
const NONE = new Uint8Array(0);
const superOf = (partitions: readonly LpPart[], more: Partial<SuperParts> = {}) => writeSuper({ groups: [], partitions, ...more }, hash);

/** partition → its blocks by their first byte, or why not. */
async function contents(rom: Uint8Array, name = 'rom'): Promise<Record<string, readonly number[] | string>> {
  const { partitions, unread } = await findPartitions(bytesSource(rom), ports, name);
  const found: Record<string, readonly number[] | string> = Object.fromEntries(
    unread.map(({ partition, because }) => [partition, because]),
  );
  for (const [partition, { source }] of partitions) {
    const bytes = await source.read(0, source.size);
    found[partition] = Array.from({ length: bytes.length / BLOCK }, (_, index) => bytes[index * BLOCK] ?? -1);
  }
  return found;
}

describe('a super in pieces', () => {
  const whole = superOf([part('system_a', blocks(1, 2)), part('vendor_a', blocks(3))]);
  const half = Math.ceil(whole.length / 2 / BLOCK) * BLOCK;
  const names = (one: (index: number) => string) => [0, 1].map(one);

  test('plain pieces one behind the other: super.img.0, super.img.1', async () => {
    const pieces = [whole.subarray(0, half), whole.subarray(half)];
    const rom = writeTar(names((i) => `images/super.img.${i}`).map((name, i) => ({ name, data: pieces[i] ?? NONE })));
    expect(await contents(rom)).toEqual({ system: [1, 2], vendor: [3] });
  });

  // Each sparse piece has its own part and holes for the rest.
  const total = whole.length / BLOCK;
  const cut = half / BLOCK;
  const sparse = [
    writeSparse(
      [
        { type: 'raw', data: whole.subarray(0, half) },
        { type: 'dont-care', blocks: total - cut },
      ],
      BLOCK,
    ),
    writeSparse(
      [
        { type: 'dont-care', blocks: cut },
        { type: 'raw', data: whole.subarray(half) },
      ],
      BLOCK,
    ),
  ];
  test.each<[string, (index: number) => string]>([
    ['sparse pieces of Xiaomi', (i) => `images/super.img.${i}`],
    ['chunks of Motorola', (i) => `super.img_sparsechunk.${i}`],
    ['pieces of a Pixel', (i) => `super_${i + 1}.img`],
    ['pieces of OPlus', (i) => `IMAGES/super.${i}.1a2b3c4${i}.img`],
  ])('%s', async (_name, name) => {
    expect(await contents(writeZip(names(name).map((file, i) => ({ name: file, data: sparse[i] ?? NONE }))))).toEqual({
      system: [1, 2],
      vendor: [3],
    });
  });

  test('two pieces of one number: which of them is flashed the hardware decides, and none is guessed', async () => {
    const rom = writeZip(
      ['super.0.1a2b3c4d.img', 'super.0.1a2b3c4e.img', 'super.1.1a2b3c4d.img'].map((name) => ({ name, data: blocks(7) })),
    );
    const container = await openContainer(bytesSource(rom), ports);
    expect((await container?.list())?.map(({ name }) => name)).not.toContain('super.img');
  });
});

describe('a retrofitted super', () => {
  const devices = [
    { name: 'system_a', size: 2 << 20 },
    { name: 'vendor_a', size: 2 << 20 },
  ];
  const image = Uint8Array.from({ length: 300 * BLOCK }, (_, index) => Math.floor(index / BLOCK) & 255);
  const [first = NONE, second = NONE] = writeSplitSuper(
    { groups: [], partitions: [part('product_a', image), part('odm_a', blocks(9))], devices },
    hash,
  );

  test('a partition that begins in what was system and ends in what was vendor', async () => {
    expect(first.length).toBe(2 << 20);
    const rom = writeTar([
      { name: 'system.img', data: first },
      { name: 'vendor.img', data: second },
    ]);
    const found = await contents(rom);
    expect(found['product']).toEqual(Array.from({ length: 300 }, (_, index) => index & 255));
    expect(found['odm']).toEqual([9]);
  });

  test('without its second device, what lies on it is told', async () => {
    const found = await contents(writeTar([{ name: 'system.img', data: first }]));
    expect(found).toMatchObject({ product: expect.stringContaining('of 0'), odm: expect.stringContaining('of 0') });
  });
});

describe('slots of the metadata', () => {
  test('what the first slot has not, the next gives; the first counts where both do', async () => {
    const image = superOf([
      part('system_a', blocks(1)),
      part('system_b', NONE, { slots: [0] }),
      part('system_b', blocks(2), { slots: [1] }),
      part('product_b', blocks(3), { slots: [1] }),
    ]);
    const container = await openContainer(bytesSource(image), ports);
    const rows = await Promise.all(
      ((await container?.list()) ?? []).map(async (member) => [member.name, (await (await member.open()).read(0, 1))[0]]),
    );
    expect((await findPartitions(bytesSource(image), ports)).unread).toEqual([
      { partition: 'super', because: expect.stringContaining('list different partitions') },
    ]);
    expect(rows).toEqual([
      ['system_a.img', 1],
      ['system_b.img', 2],
      ['product_b.img', 3],
    ]);
  });

  test('a slot that was never written costs nothing', async () => {
    const image = superOf([part('system_a', blocks(1))]);
    for (const at of [12_288 + 65_536, 12_288 + 3 * 65_536]) image.fill(0, at, at + 65_536);
    expect(await contents(image)).toEqual({ system: [1] });
  });
});

describe('an update in progress', () => {
  const cow = writeCow({
    version: 3,
    bufferSize: 4096,
    operations: [
      { kind: 'replace', block: 1, data: blocks(20) },
      { kind: 'copy', block: 2, from: 0 },
    ],
  });
  const image = (snapshot: Uint8Array) =>
    superOf(
      [
        part('system_a', blocks(1, 2, 3, 4), { slots: [0] }),
        part('system_b', NONE, { slots: [0] }),
        part('system_b', NONE, { slots: [1], extentsOf: 'system_a' }),
        part('system_b-cow', snapshot, { slots: [1] }),
      ],
      { flags: 1 },
    );
  const list = async (rom: Uint8Array) =>
    new Map(
      await Promise.all(
        ((await (await openContainer(bytesSource(rom), ports))?.list()) ?? []).map(async (member) => {
          const bytes = await member
            .open()
            .then((source) => source.read(0, source.size))
            .catch((error: Error) => error.message);
          return [member.name, typeof bytes === 'string' ? bytes : [0, 1, 2, 3].map((index) => bytes[index * BLOCK])] as const;
        }),
      ),
    );

  test('the build of before, the one that will boot, and that there are two is said', async () => {
    const found = await list(image(cow));
    expect([found.get('system_a.img'), found.get('system_b.img')]).toEqual([
      [1, 2, 3, 4],
      [1, 20, 1, 4],
    ]);
    expect(await contents(image(cow))).toEqual({
      system: [1, 2, 3, 4],
      super: expect.stringContaining('an update is in progress: system_b'),
    });
  });

  test('a snapshot that was not begun changes nothing; one that was still being written is refused', async () => {
    expect((await list(image(blocks(0)))).get('system_b.img')).toEqual([1, 2, 3, 4]);
    const unfinished = writeCow({ version: 2, operations: [{ kind: 'zero', block: 0 }], footer: false });
    expect((await list(image(unfinished))).get('system_b.img')).toContain('still being written');
  });
});

describe('hostile', () => {
  test('two partitions on the same sectors are both refused, the others read', async () => {
    const image = superOf([part('system_a', blocks(1)), part('product_a', NONE, { extentsOf: 'system_a' }), part('vendor_a', blocks(3))]);
    expect(await contents(image)).toEqual({
      system: expect.stringContaining('it lies on sectors of product_a'),
      product: expect.stringContaining('it lies on sectors of system_a'),
      vendor: [3],
    });
  });
});
