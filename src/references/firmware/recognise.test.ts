import { expect, test } from 'vitest';
import { hash } from '../../../test/support/ports.ts';
import { bytesSource } from '../../bytes/index.ts';
import { writeBoot } from '../../formats/android/index.ts';
import { writeZip } from '../../formats/archive/index.ts';
import { pureCodec as codec } from '../../formats/codec/index.ts';
import { findPartitionsIn, isFirmware } from './recognise.ts';

const text = (value: string) => new TextEncoder().encode(value);
const boot = writeBoot({ version: 4, kernel: new Uint8Array(10), ramdisk: new Uint8Array(0) });
const zip = (...names: readonly string[]) => writeZip(names.map((name) => ({ name, data: text('x') })));

const packed = Uint8Array.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]);
const squashfs = new Uint8Array(4096);
squashfs.set(text('hsqs'));
const f2fs = new Uint8Array(8192);
f2fs.set([0x10, 0x20, 0xf5, 0xf2], 1024);

test.each<[string, Uint8Array, string, boolean]>([
  ['an OTA', zip('META-INF/com/android/metadata', 'payload.bin'), 'ota.zip', true],
  ['a package of images', zip('images/system.img', 'flash_all.sh'), 'rom.zip', true],
  ['a boot image, whatever it is called', boot, 'x', true],
  ['a payload that is packed', packed, 'payload.bin.xz', true],
  ['a sparse super that is packed', packed, 'super.simg.xz', true],
  ['a packed text', packed, 'getprop.txt.xz', false],
  ['squashfs', squashfs, 'x', true],
  ['F2FS', f2fs, 'x', true],
  ['a bug report', zip('dumpstate-2015.txt', 'FS/proc/1'), 'bugreport.zip', false],
  ['a capture', zip('capture.json', 'hashes.json', 'getprop.txt'), 'capture.zip', false],
  ['a zip that is cut', zip('payload.bin').slice(0, 60), 'ota.zip', false],
  ['getprop', text('[ro.product.model]: [MI 4]\n'), 'getprop.txt', false],
  ['nothing', new Uint8Array(0), 'empty.img', false],
])('%s', async (_name, bytes, name, expected) => {
  expect(await isFirmware(bytesSource(bytes), name)).toBe(expected);
});

test('a boot image behind Unisoc’s header is one, and is read without it', async () => {
  const wrapped = new Uint8Array(512 + boot.length);
  wrapped.set([...text('DHTB'), 1, 0, 0, 0]);
  wrapped.set(boot, 512);
  expect(await isFirmware(bytesSource(wrapped), 'x')).toBe(true);
  const { partitions } = await findPartitionsIn([{ name: 'boot.img', source: bytesSource(wrapped) }], { hash, codec });
  expect(new TextDecoder().decode(await partitions.get('boot')?.source.read(0, 8))).toBe('ANDROID!');
});

test('of two images of one partition the first counts, and the others are all there', async () => {
  const files = ['boot_a.img', 'boot_b.img', 'recovery.img'].map((name, index) => ({
    name,
    source: bytesSource(writeBoot({ version: 4, kernel: new Uint8Array(10 + index), ramdisk: new Uint8Array(0) })),
  }));
  const { partitions } = await findPartitionsIn(files, { hash, codec });
  expect([...partitions.keys()].toSorted()).toEqual(['boot', 'recovery']);
  expect(partitions.get('boot')?.source).toBe(files[0]?.source);
});
