import { describe, expect, test } from 'vitest';
import { bytesSource, concatBytes, FormatError } from '../../../bytes/index.ts';
import { pureCodec as codec } from '../../codec/index.ts';
import { readBoot, writeBoot } from './boot.ts';
import { type CpioEntry, isCpio, readCpio, writeCpio } from './cpio.ts';
import { unpackRamdisk } from './ramdisk.ts';

const entry = (name: string, text: string): CpioEntry => ({
  name,
  mode: 0o100644,
  uid: 1,
  gid: 2,
  links: 1,
  modifiedSeconds: 3,
  deviceMajor: 0,
  deviceMinor: 0,
  data: new TextEncoder().encode(text),
});
const ENTRIES = [entry('init', 'abc'), entry('sbin/adbd', ''), entry('default.prop', 'ro.secure=1\n')];
const CPIO = writeCpio(ENTRIES);

describe('cpio', () => {
  test('what is written reads back', () => {
    expect(isCpio(CPIO)).toBe(true);
    expect(readCpio(CPIO)).toEqual({ value: ENTRIES, oddities: [] });
  });

  test('archives that follow each other are one', () => {
    const { value, oddities } = readCpio(concatBytes([CPIO, new Uint8Array(512), CPIO, new Uint8Array(7)]));
    expect(value).toHaveLength(6);
    expect(oddities).toEqual([]);
  });

  test('bytes behind the archive and a missing trailer are told', () => {
    expect(readCpio(concatBytes([CPIO, Uint8Array.of(1, 2, 3)])).oddities.map(({ code }) => code)).toEqual(['trailing']);
    expect(readCpio(CPIO.subarray(0, 120)).oddities.map(({ code }) => code)).toEqual(['no-trailer']);
  });

  test.each([
    ['a digit that is none', 54, 'entry[0].filesize: "0000000z"'],
    ['a magic that is none', -7, 'entry[0].magic'],
  ])('%s', (_name, at, says) => {
    const bytes = CPIO.slice();
    bytes[at + 7] = 0x7a;
    expect(() => readCpio(bytes)).toThrow(says);
  });

  test('a file of 4 GiB', () => {
    const bytes = CPIO.slice();
    bytes.fill(0x66, 54, 62);
    expect(() => readCpio(bytes)).toThrow('entry[0].data: 4294967295 bytes wanted');
  });
});

describe('ramdisks', () => {
  test('lz4 legacy, of literals', async () => {
    const literals = concatBytes([Uint8Array.of(0xf0, Math.min(CPIO.length - 15, 255)), tail(CPIO.length - 15), CPIO]);
    const size = new Uint8Array(Uint32Array.of(0x184c2102, literals.length).buffer);
    expect(await unpackRamdisk(concatBytes([size, literals]), codec)).toEqual(CPIO);
  });

  test('an unknown compression is named', async () => {
    await expect(unpackRamdisk(Uint8Array.of(1, 2, 3, 4), codec)).rejects.toThrow('0x4030201 is no compression known here');
  });
});

/** The bytes of an LZ4 length behind its first. */
function tail(length: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = length - 255; rest >= 0; rest -= 255) bytes.push(Math.min(rest, 255));
  return Uint8Array.from(bytes);
}

const BOOT = writeBoot({
  version: 4,
  kernel: new Uint8Array(5000).fill(1),
  ramdisk: CPIO,
  cmdline: 'quiet',
  osVersion: (14 << 25) | (24 << 4) | 5,
});

describe('boot', () => {
  test('what is written reads back', async () => {
    const { value } = await readBoot(bytesSource(BOOT));
    expect(value).toMatchObject({ kind: 'boot', version: 4, cmdline: 'quiet', osVersion: '14.0.0', patchLevel: '2024-05' });
    expect(value.sections).toEqual([
      { name: 'kernel', at: 4096, size: 5000 },
      { name: 'ramdisk', at: 12_288, size: CPIO.length },
    ]);
  });

  test.each([
    ['magic', 0, 'android boot @0x0 magic'],
    ['version 9', 40, 'header_version: 9 is above 4'],
    ['a kernel behind the end', 11, 'kernel_size'],
  ])('malformed: %s', async (_name, at, says) => {
    const bytes = BOOT.slice();
    bytes[at] = 9;
    await expect(readBoot(bytesSource(bytes))).rejects.toThrow(says);
  });

  test('truncated: refused', async () => {
    for (let length = 0; length < 12_288 + CPIO.length; length += 509) {
      await expect(readBoot(bytesSource(BOOT.subarray(0, length)))).rejects.toThrow(FormatError);
    }
  });
});
