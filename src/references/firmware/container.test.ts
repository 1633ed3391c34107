import { expect, test } from 'vitest';
import { codec, hash } from '../../../test/support/ports.ts';
import { bytesSource, FormatError, hashOf } from '../../bytes/index.ts';
import { writeBoot, writeDtTable, writePayload, writeSparse, writeSuper } from '../../formats/android/index.ts';
import { writeZip } from '../../formats/archive/index.ts';
import { openContainer, openInside } from './container.ts';
import { findPartitions } from './partitions.ts';

const ports = { hash, codec };
const BOOT = writeBoot({ version: 3, kernel: new Uint8Array(4).fill(1), ramdisk: new Uint8Array(6).fill(2) });
const SYSTEM = new Uint8Array(8192).fill(3);

async function payload(): Promise<Uint8Array> {
  const partition = (name: string, data: Uint8Array) => ({
    name,
    after: { size: data.length, sha256: hashOf(hash, 'sha256', data) },
    operations: [{ type: 'REPLACE' as const, data, targets: [{ startBlock: 0, blocks: data.length / 4096 }] }],
  });
  return writePayload({ blockSize: 4096, minorVersion: 0, partitions: [partition('boot', BOOT), partition('system', SYSTEM)] }, hash);
}

test('a kernel in a boot image in a payload in a zip in a zip', async () => {
  const inner = writeZip([{ name: 'payload.bin', data: await payload() }]);
  const outer = bytesSource(writeZip([{ name: 'cheetah/image-cheetah.zip', data: inner, deflate: true }]));
  const kernel = await openInside(outer, 'cheetah/image-cheetah.zip!payload.bin!boot.img/kernel', ports);
  expect([...(await kernel.read(0, kernel.size))]).toEqual([1, 1, 1, 1]);
  expect([...(await findPartitions(outer, ports)).partitions.keys()]).toEqual(['boot', 'system']);
});

test('a super in a sparse coat gives the partition that a payload gives', async () => {
  const image = writeSuper({ groups: [], partitions: [{ name: 'system_a', group: 'default', image: SYSTEM }] }, hash);
  const { partitions } = await findPartitions(bytesSource(writeSparse([{ type: 'raw', data: image }], 4096)), ports);
  expect(await partitions.get('system')?.source.read(0, 8192)).toEqual(SYSTEM);
  const { partitions: other } = await findPartitions(bytesSource(await payload()), ports);
  expect(await other.get('system')?.source.read(0, 8192)).toEqual(SYSTEM);
});

test('device trees of a table, which is a partition itself', async () => {
  const tree = Uint8Array.from({ length: 48 }, (_, i) => [0xd0, 0x0d, 0xfe, 0xed, 0, 0, 0, 48][i] ?? i);
  const rom = bytesSource(writeZip([{ name: 'images/dtbo.img', data: writeDtTable([{ tree }, { tree: tree.slice(0, 40), id: 7 }]) }]));
  const second = await openInside(rom, 'images/dtbo.img!1.dtb', ports);
  expect(await second.read(0, second.size)).toEqual(tree.slice(0, 40));
  expect([...(await findPartitions(rom, ports)).partitions.keys()]).toEqual(['dtbo']);
});

test('what is not there is said, with the path', async () => {
  const zip = bytesSource(writeZip([{ name: 'a.txt', data: new Uint8Array(3) }]));
  await expect(openInside(zip, 'b.txt', ports)).rejects.toThrow('this zip has no "b.txt"');
  await expect(openInside(zip, 'a.txt/b', ports)).rejects.toThrow(FormatError);
  expect(await openContainer(bytesSource(new Uint8Array(0)), ports)).toBeUndefined();
});
