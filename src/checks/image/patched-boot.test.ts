/** Boot images as they are patched, read and judged: whatever the tool's files are called. */
import { describe, expect, test } from 'vitest';
import { codec, hash } from '../../../test/support/ports.ts';
import { bytesSource, concatBytes } from '../../bytes/index.ts';
import { type CpioEntry, cpioEntry, writeBoot, writeCpio } from '../../formats/android/index.ts';
import { imageFacts } from '../../references/index.ts';
import { judge } from '../boot/made-facts.ts';
import { patchedBoot } from './patched-boot.ts';

const text = (value: string) => new TextEncoder().encode(value);

/** An ELF with a text in it; type 1 is a relocatable, as kernel modules are, and 3 a program. */
function elf(type: number, words: string): Uint8Array {
  const bytes = new Uint8Array(4096);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes[16] = type;
  bytes.set(text(words), 1000);
  return bytes;
}
const INIT = elf(3, 'init first stage started!');
const TOOL = elf(3, 'Hello');
const MODULE = elf(1, 'vermagic=6.6.30-android15-8 SMP preempt mod_unload aarch64');
const gzip = async (bytes: Uint8Array) =>
  new Uint8Array(await new Response(new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer());

const entry = (name: string, data: Uint8Array, mode = 0o100750) => cpioEntry(name, mode, data);
const link = (name: string, target: string) => entry(name, text(target), 0o120777);

async function judged(image: Uint8Array, partition = 'init_boot') {
  const contents = {
    kind: undefined,
    isPayload: false,
    partitions: new Map([[partition, { source: bytesSource(image), statedSha256: undefined }]]),
    stated: [],
    unread: [],
  };
  const manifest = { format: 'assay.manifest/1' as const, identity: {}, partitions: [], files: [], apks: [] };
  const { list } = await imageFacts({ manifest, contents, signatures: [] }, { hash, codec });
  return judge(patchedBoot, [...list], { trust: 'image' });
}
const ramdisk = (...entries: readonly CpioEntry[]) =>
  judged(writeBoot({ version: 4, kernel: new Uint8Array(0), ramdisk: writeCpio(entries) }));

describe('a ramdisk', () => {
  test.each<[string, readonly CpioEntry[]]>([
    ['the maker’s own', [entry('init', INIT), entry('lib/modules/a.ko', MODULE)]],
    ['one that is recovery’s, too: a second stage, and modules in its own place', [entry('init', INIT), entry('system/bin/init', INIT)]],
    ['where init is a link', [link('init', '/system/bin/init'), entry('system/bin/init', INIT), entry('lib/modules/1.1/a.ko', MODULE)]],
    [
      'of old: an init that says nothing, links to it',
      [entry('init', TOOL), link('sbin/ueventd', '../init'), link('charger', '/sbin/healthd')],
    ],
    [
      'programs of a maker beside init',
      [entry('init', INIT), entry('sbin/adbd', TOOL), entry('res/logo.gz', text('\u001f\u008b no program'))],
    ],
  ])('%s', async (_name, entries) => expect(await ramdisk(...entries)).toBe('pass'));

  test('Magisk with every file renamed: a packed init, and programs packed one by one', async () => {
    const kept = await gzip(INIT);
    const payload = await gzip(TOOL);
    expect(await ramdisk(entry('init', TOOL), entry('.x/y', kept), entry('z/w', payload))).toEqual(['conclusive software']);
    expect(await ramdisk(entry('init', TOOL), entry('.x/y', kept))).toEqual(['weak software']);
  });

  test('KernelSU with every file renamed: init kept aside, and a module that no list loads', async () => {
    expect(await ramdisk(entry('init', TOOL), entry('a', INIT), entry('b', MODULE))).toEqual(['conclusive software']);
  });

  test('KernelSU where init was a link: the link is what it keeps', async () => {
    expect(await ramdisk(entry('init', TOOL), link('init.real', '/system/bin/init'), entry('kernelsu.ko', MODULE))).toEqual([
      'conclusive software',
    ]);
  });

  test('behind MediaTek’s header', async () => {
    const header = new Uint8Array(512);
    header.set([0x88, 0x16, 0x88, 0x58]);
    const patched = writeCpio([entry('init', TOOL), entry('a', INIT), entry('b', MODULE)]);
    expect(await judged(writeBoot({ version: 4, kernel: new Uint8Array(0), ramdisk: concatBytes([header, patched]) }))).toEqual([
      'conclusive software',
    ]);
  });

  test('a thousand bombs cost no more than a budget, and are nothing', async () => {
    const bomb = await gzip(new Uint8Array(32 << 20));
    expect(await ramdisk(entry('init', INIT), ...Array.from({ length: 1000 }, (_, index) => entry(`f${index}`, bomb)))).toBe('pass');
  });
});

describe('a kernel', () => {
  /** An arm64 Image whose first branch leads to `entryAt`; layout of Documentation/arch/arm64/booting.rst. */
  function kernel(size: number, entryAt: number): Uint8Array {
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    view.setUint32(4, (0x14000000 | (((entryAt - 4) >> 2) & 0x3ffffff)) >>> 0, true);
    bytes.set(text('ARMd'), 56);
    return bytes;
  }
  const boot = (bytes: Uint8Array) => judged(writeBoot({ version: 4, kernel: bytes, ramdisk: new Uint8Array(0) }), 'boot');
  /** As KernelPatch puts its program behind a kernel of 15,000 bytes, under another magic. */
  const renamed = () => {
    const bytes = kernel(16_384 + 65_536, 16_384 + 4096);
    bytes.set(text('XX0000\0\0'), 16_384);
    return bytes;
  };

  test('the maker’s own', async () => expect(await boot(kernel(32_768, 0x3000))).toBe('pass'));
  test('a program behind it under another magic, by the size of the kernel that it notes', async () => {
    const bytes = renamed();
    new DataView(bytes.buffer).setBigUint64(16_384 + 72, 15_000n, true);
    expect(await boot(bytes)).toEqual(['conclusive software']);
  });
  test('… and by when it was made', async () => {
    const bytes = renamed();
    bytes.set(text('12:34:56 Jan  1 2026\0'), 16_384 + 24);
    expect(await boot(bytes)).toEqual(['conclusive software']);
    expect(await boot(concatBytes([text('UNCOMPRESSED_IMG'), new Uint8Array(4), bytes]))).toEqual(['conclusive software']);
  });
  test('KernelSU built in is named, by its texts alone', async () => {
    const bytes = kernel(32_768, 0x3000);
    bytes.set(text('KernelSU: manager found\0'), 20_000);
    expect(await boot(bytes)).toEqual(['weak software']);
  });
});
