import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bytesSource } from '../../../bytes/index.ts';
import { nodeCodec } from '../../../platform/node/index.ts';
import { readBoot, writeBoot } from './boot.ts';
import { unpackRamdisk } from './ramdisk.ts';

function has(tool: string): boolean {
  try {
    execFileSync('which', [tool], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'assay-boot-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);
const kernel = new Uint8Array(5000).fill(1);
const ramdisk = new TextEncoder().encode('070701 not really, but mkbootimg does not look');

describe.skipIf(!has('mkbootimg'))('mkbootimg', () => {
  writeFileSync(path('kernel'), kernel);
  writeFileSync(path('ramdisk'), ramdisk);
  const make = (version: number) => {
    const common = [
      '--kernel',
      path('kernel'),
      '--ramdisk',
      path('ramdisk'),
      '--cmdline',
      'quiet',
      '--os_version',
      '12.0.0',
      '--os_patch_level',
      '2021-10',
    ];
    const dtb = version === 2 ? ['--dtb', path('kernel')] : [];
    execFileSync('mkbootimg', [...common, ...dtb, '--header_version', String(version), '-o', path('boot.img')]);
    return new Uint8Array(readFileSync(path('boot.img')));
  };

  test.each([0, 1, 2, 3])('version %i reads back', async (version) => {
    const image = make(version);
    const { value } = await readBoot(bytesSource(image));
    expect(value).toMatchObject({ version, cmdline: 'quiet', osVersion: '12.0.0', patchLevel: '2021-10' });
    const found = value.sections.find(({ name }) => name === 'ramdisk');
    expect(image.slice(found?.at, (found?.at ?? 0) + (found?.size ?? 0))).toEqual(ramdisk);
    expect(value.sections.some(({ name }) => name === 'dtb')).toBe(version === 2);
  });

  test.each([0, 2])('version %i with a signature of Verified Boot 1.0 behind it: named, by its own length', async (version) => {
    const image = make(version);
    // SEQUENCE { INTEGER 1, SEQUENCE …: as long as it says, in a partition that is longer.
    const signature = Uint8Array.from({ length: 1300 }, (_, i) => [0x30, 0x82, 0x05, 0x10, 2, 1, 1, 0x30, 0x82][i] ?? i & 255);
    const partition = new Uint8Array(image.length + 4096);
    partition.set(image);
    partition.set(signature, image.length);
    const { value } = await readBoot(bytesSource(partition));
    expect(value.sections.at(-1)).toEqual({ name: 'avb1_signature', at: image.length, size: 1300 });
    // What does not begin so, or is cut, is none.
    partition[image.length + 4] = 4;
    expect((await readBoot(bytesSource(partition))).value.sections.some(({ name }) => name === 'avb1_signature')).toBe(false);
    const cut = new Uint8Array([...image, ...signature.subarray(0, 1299)]);
    expect((await readBoot(bytesSource(cut))).value.sections.some(({ name }) => name === 'avb1_signature')).toBe(false);
  });

  test('version 3 is written byte for byte, but for the header_size that release 29 states too large (1596; bootimg.h has 1580)', () => {
    const osVersion = (12 << 25) | (21 << 4) | 10;
    expect(writeBoot({ version: 3, kernel, ramdisk, cmdline: 'quiet', osVersion }).fill(0, 20, 22)).toEqual(make(3).fill(0, 20, 22));
  });
});

test.skipIf(!has('lz4'))('a ramdisk that lz4 packed', async () => {
  const plain = new Uint8Array(100_000).fill(7);
  writeFileSync(path('plain'), plain);
  execFileSync('lz4', ['-l', '-q', '-f', path('plain'), path('packed')]);
  expect(await unpackRamdisk(new Uint8Array(readFileSync(path('packed'))), nodeCodec)).toEqual(plain);
});
