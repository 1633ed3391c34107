import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, FormatError } from '../../bytes/index.ts';
import { isElf, readElf, u32s } from './index.ts';

/** A 32-bit ARM library by hand: one LOAD segment over all, one DYNAMIC with NEEDED libc.so and SONAME libx.so, one GNU build id. */
function arm32(): Uint8Array {
  const names = new TextEncoder().encode('\0libc.so\0libx.so\0');
  const dynamicAt = 52 + 3 * 32;
  const namesAt = dynamicAt + 5 * 8;
  const noteAt = namesAt + 20;
  const total = noteAt + 20;
  return concatBytes([
    Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    u32s((40 << 16) | 3, 1, 0, 52, 0, 0x5000000, (32 << 16) | 52, (40 << 16) | 3, 0),
    u32s(1, 0, 0x1000, 0x1000, total, total, 5, 0x1000),
    u32s(2, dynamicAt, 0x1000 + dynamicAt, 0, 40, 40, 6, 4),
    u32s(4, noteAt, 0x1000 + noteAt, 0, 20, 20, 4, 4),
    u32s(1, 1, 14, 9, 5, 0x1000 + namesAt, 10, names.length, 0, 0),
    names,
    new Uint8Array(20 - names.length),
    u32s(4, 4, 3, 0x00554e47, 0x04030201),
  ]);
}

const LIBRARY = arm32();

test('a library by hand', () => {
  expect(isElf(LIBRARY)).toBe(true);
  const { value, oddities } = readElf(LIBRARY);
  expect(oddities).toEqual([]);
  expect(value).toMatchObject({
    bits: 32,
    littleEndian: true,
    type: 'shared',
    machine: 'arm',
    needed: ['libc.so'],
    soname: 'libx.so',
    buildId: '01020304',
  });
});

describe('malformed', () => {
  test('not ELF, no class, no byte order', () => {
    expect(() => readElf(new Uint8Array(16))).toThrow('elf @0x0 e_ident');
    expect(() => readElf(LIBRARY.map((byte, at) => (at === 4 ? 3 : byte)))).toThrow('@0x4 ei_class: 3');
    expect(() => readElf(LIBRARY.map((byte, at) => (at === 5 ? 9 : byte)))).toThrow('@0x5 ei_data: 9');
  });

  test('headers that lie outside are an oddity, and left out', () => {
    const changed = LIBRARY.slice();
    changed.set([0xff, 0xff, 0xff, 0x7f], 28);
    const { value, oddities } = readElf(changed);
    expect(oddities.map(({ code }) => code)).toEqual(['elf-headers-outside']);
    expect(value.needed).toEqual([]);
  });

  test('cut or changed anywhere: an answer or a FormatError', () => {
    fc.assert(
      fc.property(fc.nat(LIBRARY.length), fc.nat(LIBRARY.length - 1), fc.nat(255), (length, at, byte) => {
        const changed = LIBRARY.slice(0, length);
        if (at < length) changed[at] = byte;
        try {
          readElf(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
