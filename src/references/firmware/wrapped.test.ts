import { expect, test } from 'vitest';
import { codec, hash } from '../../../test/support/ports.ts';
import { bytesSource } from '../../bytes/index.ts';
import { writeZip } from '../../formats/archive/index.ts';
import { findPartitions } from './partitions.ts';
import { findPartitionsIn, isFirmware } from './recognise.ts';

const ports = { hash, codec };
const bytes = (size: number, at: number, ...magic: readonly number[]) => {
  const all = new Uint8Array(size);
  all.set(magic, at);
  return all;
};
const ascii = (text: string) => [...new TextEncoder().encode(text)];

test.each<[string, Uint8Array, RegExp]>([
  ['rom.ozip', bytes(8192, 0, ...ascii('OPPOENCRYPT!')), /OPPO package \(ozip/],
  ['rom.bin', bytes(8192, 0, ...ascii('RKFW')), /Rockchip/],
  ['rom.img', bytes(8192, 0, ...ascii('IMAGEWTY')), /Allwinner/],
  ['rom.img', bytes(8192, 8, 0x56, 0x19, 0xb5, 0x27), /Amlogic/],
  ['rom.kdz', bytes(8192, 0, 0x28, 5, 0, 0, 0x24, 0x38, 0x22, 0x25), /LG package/],
  ['UPDATE.APP', bytes(8192, 92, 0x55, 0xaa, 0x5a, 0xa5), /Huawei/],
  ['rom.pac', bytes(8192, 2116, 0xfa, 0xff, 0xfa, 0xff), /Unisoc/],
  ['rom.ofp', bytes(16_384, 16_384 - 0x1000 + 0x10, 0xef, 0x7c, 0, 0), /OPPO or OnePlus/],
  ['system.sin', bytes(8192, 0, 1, 2, 3), /Sony/],
  ['rom.7z', bytes(8192, 0, 0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c), /7-Zip/],
])('%s is named, and not taken for an image', async (name, content, says) => {
  const source = bytesSource(content);
  expect(await isFirmware(source, name)).toBe(true);
  await expect(findPartitions(source, ports, name)).rejects.toThrow(says);
  await expect(findPartitions(source, ports, name)).rejects.toMatchObject({ code: 'unsupported-feature' });
});

test('one in an archive costs what is in it, and is told', async () => {
  const rom = writeZip([
    { name: 'dload/UPDATE.APP', data: new Uint8Array(200) },
    { name: 'boot.img', data: new Uint8Array(4096) },
  ]);
  expect(await isFirmware(bytesSource(rom), 'update.zip')).toBe(true);
  const { partitions, unread } = await findPartitions(bytesSource(rom), ports, 'update.zip');
  expect([...partitions.keys()]).toEqual(['boot']);
  expect(unread).toMatchObject([{ partition: 'UPDATE.APP', because: expect.stringContaining('Huawei') }]);
});

test('of several files, one that is malformed costs that file', async () => {
  const { partitions, unread } = await findPartitionsIn(
    [
      { name: 'boot.img', source: bytesSource(new Uint8Array(4096)) },
      { name: 'rom.img', source: bytesSource(bytes(8192, 0, ...ascii('RKAF'))) },
      { name: 'system.img', source: bytesSource(Uint8Array.of(0x3a, 0xff, 0x26, 0xed, 9, 9)) },
    ],
    ports,
  );
  expect([...partitions.keys()]).toEqual(['boot']);
  expect(unread.map(({ partition }) => partition)).toEqual(['rom.img', 'system.img']);
});

test('an opaque image is an image', async () => {
  const { partitions } = await findPartitions(bytesSource(bytes(8192, 100, ...ascii('RKFW'))), ports, 'modem.img');
  expect([...partitions.keys()]).toEqual(['modem']);
});
