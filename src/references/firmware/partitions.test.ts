import { expect, test } from 'vitest';
import { codec, hash } from '../../../test/support/ports.ts';
import { bytesSource, concatBytes } from '../../bytes/index.ts';
import { writeSparse, writeSuper, writeTransferList } from '../../formats/android/index.ts';
import { writeTar, writeZip } from '../../formats/archive/index.ts';
import { findPartitions } from './partitions.ts';

const ports = { hash, codec };
const block = (value: number) => new Uint8Array(4096).fill(value);
const blocks = (...values: readonly number[]) => concatBytes(values.map(block));
const text = (value: string) => new TextEncoder().encode(value);

/** First byte of every block of a partition. */
async function blocksOf(rom: Uint8Array, partition: string, more: Partial<Parameters<typeof findPartitions>[1]> = {}) {
  const { partitions, unread } = await findPartitions(bytesSource(rom), { ...ports, ...more });
  expect(unread).toEqual([]);
  const source = partitions.get(partition)?.source;
  if (source === undefined) return [...partitions.keys()];
  const bytes = await source.read(0, source.size);
  return Array.from({ length: bytes.length / 4096 }, (_, index) => bytes[index * 4096]);
}

test('a fastboot archive: images by their names, firmware by its script, digests by its list', async () => {
  const rom = writeTar([
    {
      name: 'cancro_images/images/system.img',
      data: writeSparse([
        { type: 'raw', data: block(1) },
        { type: 'dont-care', blocks: 1 },
      ]),
    },
    { name: 'cancro_images/images/tz.mbn', data: block(2) },
    { name: 'cancro_images/images/readme.mbn', data: block(3) },
    { name: 'cancro_images/flash_all.sh', data: text('fastboot $* flash tz `dirname $0`/images/tz.mbn\n') },
    { name: 'cancro_images/images/md5sum.txt', data: text(`${'0'.repeat(32)}  tz.mbn\n`) },
  ]);
  const { kind, partitions, stated } = await findPartitions(bytesSource(rom), ports);
  expect([kind, ...partitions.keys()]).toEqual(['tar', 'system', 'tz']);
  expect(stated).toMatchObject([{ name: 'cancro_images/images/tz.mbn', algorithm: 'md5' }]);
  expect(await blocksOf(rom, 'system')).toEqual([1, 0]);
});

test('a sparse image in chunks is one image, whichever chunk comes first', async () => {
  const hole = (count: number) => ({ type: 'dont-care' as const, blocks: count });
  const rom = writeZip([
    { name: 'system.img_sparsechunk.1', data: writeSparse([hole(2), { type: 'raw', data: block(2) }]) },
    { name: 'system.img_sparsechunk.0', data: writeSparse([{ type: 'raw', data: block(1) }, hole(2)]) },
  ]);
  expect(await blocksOf(rom, 'system')).toEqual([1, 0, 2]);
});

test('chunks that both have a block are refused', async () => {
  const part = writeSparse([{ type: 'raw', data: block(2) }]);
  const rom = writeZip([
    { name: 'system.img_sparsechunk.0', data: part },
    { name: 'system.img_sparsechunk.1', data: part },
  ]);
  const { unread } = await findPartitions(bytesSource(rom), ports);
  expect(unread).toMatchObject([{ partition: 'system', because: expect.stringContaining('in two parts') }]);
});

test('a block OTA: transfer list and data make the image', async () => {
  const list = writeTransferList([{ start: 1, end: 3 }], [{ start: 0, end: 1 }]);
  const rom = writeZip([
    { name: 'system.transfer.list', data: text(list) },
    { name: 'system.new.dat', data: blocks(7, 8), deflate: true },
    { name: 'system.patch.dat', data: new Uint8Array(0) },
  ]);
  expect(await blocksOf(rom, 'system')).toEqual([0, 7, 8]);
});

test('an incremental block OTA: blocks are moved, put away and brought back as its commands say', async () => {
  // Blocks 1 2 3 4 5: the first is put away, the second moves to its place, what was put away comes back behind it, the last is new.
  const list = [
    '4',
    '4',
    '0',
    '1',
    'stash aa 2,0,1',
    'move bb 2,0,1 1 2,1,2',
    'move cc 2,1,2 1 - aa:2,0,1',
    'free aa',
    'new 2,4,5',
    'zero 2,2,3',
    '',
  ].join('\n');
  const rom = writeZip([
    { name: 'system.transfer.list', data: text(list) },
    { name: 'system.new.dat', data: block(9) },
  ]);
  const before = new Map([['system', bytesSource(blocks(1, 2, 3, 4, 5))]]);
  expect(await blocksOf(rom, 'system', { before })).toEqual([2, 1, 0, 4, 9]);
  const { unread } = await findPartitions(bytesSource(rom), ports);
  expect(unread).toMatchObject([{ because: expect.stringContaining('need the image of the build before') }]);
});

test('imgdiff is refused by name where its blocks are read, and the others are readable', async () => {
  const rom = writeZip([
    { name: 'system.transfer.list', data: text('4\n2\n0\n0\nimgdiff 0 4 aa bb 2,1,2 1 2,0,1\n') },
    { name: 'system.new.dat', data: block(9) },
    { name: 'system.patch.dat', data: new Uint8Array(4) },
  ]);
  const before = new Map([['system', bytesSource(blocks(1, 2))]]);
  const { partitions } = await findPartitions(bytesSource(rom), { ...ports, before });
  expect((await partitions.get('system')?.source.read(0, 4096))?.[0]).toBe(1);
  await expect(partitions.get('system')?.source.read(4096, 4096)).rejects.toThrow('imgdiff is not carried out here');
});

test.each([
  ['a stash that nobody put away', 'move aa 2,0,1 1 - bb:2,0,1', 'nothing was put away'],
  ['a move of more than is read', 'move aa 4,0,1,1,2 1 2,0,1', 'moves more blocks than it reads'],
  ['a place outside the source', 'move aa 2,0,1 1 2,0,1 2,5,6', 'of a source of 1'],
  ['new data that is not there', 'stash aa 2,0,1\nnew 2,0,9', '9 blocks of new data'],
])('an incremental list with %s is refused', async (_name, command, says) => {
  const rom = writeZip([
    { name: 'system.transfer.list', data: text(`4\n1\n0\n1\n${command}\n`) },
    { name: 'system.new.dat', data: block(9) },
  ]);
  const { unread } = await findPartitions(bytesSource(rom), { ...ports, before: new Map([['system', bytesSource(block(1))]]) });
  expect(unread).toMatchObject([{ because: expect.stringContaining(says) }]);
});

test('a super in an archive gives its partitions without their slots', async () => {
  const image = writeSuper({ groups: [], partitions: [{ name: 'product_a', group: 'default', image: block(4) }] }, hash);
  for (const name of ['super.img', 'super.simg']) expect(await blocksOf(writeTar([{ name, data: image }]), 'product')).toEqual([4]);
});

test('an image that is no container is a partition by its file’s name', async () => {
  const { kind, partitions } = await findPartitions(bytesSource(block(1)), ports, 'images/modem_a.img');
  expect([kind, ...partitions.keys()]).toEqual([undefined, 'modem']);
});

test('a member that does not open costs that member', async () => {
  const rom = writeTar([
    { name: 'a.img', data: block(1) },
    { name: 'b.img', data: Uint8Array.of(0x3a, 0xff, 0x26, 0xed, 9, 9) },
  ]);
  const { partitions, unread } = await findPartitions(bytesSource(rom), ports);
  expect([...partitions.keys()]).toEqual(['a']);
  expect(unread).toMatchObject([{ partition: 'b' }]);
});

test('an image that is packed by itself is a partition, whatever its ending', async () => {
  const packed = new Uint8Array(await new Response(new Blob([block(3)]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer());
  for (const name of ['vendor.erofs.gz', 'vendor_a.img.gz', 'vendor.ext4.gz', 'vendor.gz']) {
    const { kind, partitions } = await findPartitions(bytesSource(packed), ports, name);
    expect([kind, ...partitions.keys()]).toEqual(['stream', 'vendor']);
    expect((await partitions.get('vendor')?.source.read(0, 4096))?.[0]).toBe(3);
  }
});

test('Samsung’s archives hold no script: every file at their root is a partition’s, packed or not; of before 2014, as `system.img.ext4`', async () => {
  const rom = writeZip([
    {
      name: 'BL_X.tar.md5',
      data: writeTar([
        { name: 'sboot.bin', data: block(1) },
        { name: 'meta-data/fota.bin', data: block(9) },
      ]),
    },
    { name: 'AP_X.tar.md5', data: writeTar([{ name: 'system.img.ext4', data: block(2) }]) },
  ]);
  const { partitions, unread } = await findPartitions(bytesSource(rom), ports);
  expect([...partitions.keys(), unread]).toEqual(['sboot', 'system', []]);
});

test('a package in an archive that holds nothing else is found, and one in the language of before 2010 is named', async () => {
  const inner = writeZip([{ name: 'boot.img', data: block(1) }]);
  expect(
    await blocksOf(
      writeZip([
        { name: 'readme.txt', data: text('x') },
        { name: 'a/rom.zip', data: inner },
      ]),
      'boot',
    ),
  ).toEqual([1]);
  const amend = writeZip([{ name: 'META-INF/com/google/android/update-script', data: text('copy_dir PACKAGE:system SYSTEM:') }]);
  expect((await findPartitions(bytesSource(amend), ports)).unread).toMatchObject([
    { partition: 'update-script', because: expect.stringContaining('Amend') },
  ]);
});

test('an archive that is cut off keeps what is whole, and says that it is cut', async () => {
  const rom = writeTar([
    { name: 'images/boot.img', data: block(1) },
    { name: 'images/system.img', data: blocks(2, 3, 4) },
  ]).slice(0, 3 * 4096);
  const packed = new Uint8Array(await new Response(new Blob([rom]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer());
  // The stream of the second ends early, too.
  for (const bytes of [rom, packed.slice(0, -8)]) {
    const { partitions, unread } = await findPartitions(bytesSource(bytes), ports, 'rom.tgz');
    expect([...partitions.keys()]).toEqual(['boot']);
    expect(unread).toMatchObject([{ partition: 'tar', because: expect.stringMatching(/cut off: 1 members.*system\.img/) }]);
  }
});
