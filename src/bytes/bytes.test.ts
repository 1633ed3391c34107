import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesSource,
  Cursor,
  concatSources,
  FormatError,
  instantMs,
  instantOf,
  isInstant,
  parseBase64,
  parseHex,
  readAll,
  sliceSource,
  toBase64,
  toHex,
} from './index.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('Cursor', () => {
  test('names format, field and absolute offset of a short read', () => {
    const cursor = new Cursor(bytes(1, 2, 3), { format: 'avb vbmeta', base: 0x1a0, prefix: 'descriptor[3].' });
    cursor.skip('tag', 2);
    expect(() => cursor.u32('partitionNameLen')).toThrow('avb vbmeta @0x1a2 descriptor[3].partitionNameLen: 4 bytes wanted, 1 left');
  });

  test('reads both byte orders', () => {
    expect(new Cursor(bytes(1, 2), { format: 'f' }).u16('x')).toBe(0x0201);
    expect(new Cursor(bytes(1, 2), { format: 'f', bigEndian: true }).u16('x')).toBe(0x0102);
  });

  test('a sub-cursor keeps byte order, prefix and absolute offset', () => {
    const cursor = new Cursor(bytes(9, 0, 1, 7), { format: 'f', bigEndian: true, base: 16 });
    cursor.u8('tag');
    const inner = cursor.sub('body', 2);
    expect(inner.u16('n')).toBe(1);
    expect(() => inner.u8('more')).toThrow('f @0x13 body.more: 1 bytes wanted, 0 left');
    expect(() => cursor.end('tail')).toThrow('1 bytes left over');
  });

  test.each([-1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY])(
    'a length of %s is a short read, never an allocation',
    (length) => {
      expect(() => new Cursor(bytes(1), { format: 'f' }).take('x', length)).toThrow(FormatError);
    },
  );

  test('a u64 above 2^53 - 1 is too large', () => {
    const cursor = new Cursor(bytes(0, 0, 0, 0, 0, 0, 0, 0xff), { format: 'f' });
    expect(() => cursor.size64('n')).toThrow('f @0x0 n: 18374686479671623680 is above 2^53 - 1');
  });
});

describe('Source', () => {
  test('never answers short', async () => {
    const source = bytesSource(bytes(1, 2, 3));
    await expect(source.read(2, 2)).rejects.toThrow('2 bytes at 2 are not inside the 3 bytes there are');
    await expect(source.read(-1, 1)).rejects.toThrow(FormatError);
    await expect(source.read(0, Number.NaN)).rejects.toThrow(FormatError);
  });

  test('a slice of a concatenation reads what lies there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 9 })), fc.nat(40), fc.nat(40), async (parts, at, length) => {
        const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
        const source = concatSources(parts.map(bytesSource));
        expect(source.size).toBe(whole.length);
        if (at + length > whole.length) return;
        const slice = sliceSource(source, at, length);
        expect([...(await readAll(slice, 100))]).toEqual([...whole.subarray(at, at + length)]);
      }),
    );
  });

  test('readAll refuses above its ceiling', async () => {
    await expect(readAll(bytesSource(bytes(1, 2)), 1, 'f')).rejects.toThrow('f @0x0 size: 2 bytes, and 1 is the most that is read at once');
  });
});

test('hex and base64 read back what they wrote, and refuse the rest', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (value) => {
      expect([...(parseHex(toHex(value)) ?? [])]).toEqual([...value]);
      expect([...(parseBase64(toBase64(value)) ?? [])]).toEqual([...value]);
    }),
  );
  for (const wrong of ['0', 'zz', '0x00']) expect(parseHex(wrong)).toBeUndefined();
  for (const wrong of ['A', 'A*==']) expect(parseBase64(wrong)).toBeUndefined();
});

test('instants are the calendar', () => {
  fc.assert(
    fc.property(fc.integer({ min: -2_208_988_800, max: 4_102_444_800 }), (seconds) => {
      const instant = instantOf(seconds * 1000);
      expect(isInstant(instant)).toBe(true);
      expect(instant).toBe(new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'));
      expect(instantMs(instant)).toBe(seconds * 1000);
    }),
  );
  for (const wrong of ['2026-13-01T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00+01:00', '2026-01-01T24:00:00Z'])
    expect(isInstant(wrong)).toBe(false);
});
