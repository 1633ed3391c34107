import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesSource, concatBytes, FormatError, parseHex, readAll, type Source } from '../../../bytes/index.ts';
import { crc32, entrySource, extractEntry, openEntry, readZip, type WriteZipOptions, writeZip, type ZipPart } from './index.ts';

const hex = (text: string) => parseHex(text) ?? new Uint8Array(0);
const utf8 = (text: string) => new TextEncoder().encode(text);
const read = async (bytes: Uint8Array) => readZip(bytesSource(bytes));
const codes = async (bytes: Uint8Array) => [...new Set((await read(bytes)).oddities.map(({ code }) => code))];

/** Python 3.11 zipfile: hello.txt deflated, raw/é.bin stored. */
const PYTHON = hex(
  '504b0304140000000800000021460088590b0b000000180000000900000068656c6c6f2e747874cb48cdc9c957c84027b900504b0304140000080000000021467f89540803000000030000000a0000007261772fc3a92e62696e000102504b01021403140000000800000021460088590b0b0000001800000009000000000000000000000080010000000068656c6c6f2e747874504b01021403140000080000000021467f89540803000000030000000a00000000000000000000008001320000007261772fc3a92e62696e504b050600000000020002006f0000005d0000000000',
);
/** Python 3.11 zipfile to a pipe: a zip64 local header, sizes in a data descriptor of 64 bits. */
const STREAMED = hex(
  '504b03042d00080008000000214600000000ffffffffffffffff010014007301001000000000000000000000000000000000002b2e294a4dcc552846a600504b0708aabe006e0b000000000000001400000000000000504b01022d032d000800080000002146aabe006e0b0000001400000001000000000000000000000080010000000073504b050600000000010001002f000000560000000000',
);

describe('what Python writes', () => {
  test('reads back without oddities', async () => {
    const source = bytesSource(PYTHON);
    const { value, oddities } = await readZip(source);
    expect(oddities).toEqual([]);
    expect(value.entries.map(({ name, method, size, crc32: sum }) => [name, method, size, sum])).toEqual([
      ['hello.txt', 8, 24, 0x0b598800],
      ['raw/é.bin', 0, 3, 0x0854897f],
    ]);
    const [hello, raw] = value.entries;
    if (hello === undefined || raw === undefined) throw new Error('two entries');
    expect(new TextDecoder().decode(await openEntry(source, hello, undefined))).toBe('hello hello hello hello\n');
    expect([...(await readAll(await entrySource(source, raw), 10))]).toEqual([0, 1, 2]);
  });

  test('streamed, with zip64 sizes behind the data', async () => {
    const source = bytesSource(STREAMED);
    const { value, oddities } = await readZip(source);
    expect(oddities).toEqual([]);
    const [entry] = value.entries;
    if (entry === undefined) throw new Error('one entry');
    const { value: content, oddities: odd } = await extractEntry(source, entry, undefined);
    expect(new TextDecoder().decode(content)).toBe('stream stream stream');
    expect(odd).toEqual([]);
  });
});

const name = fc.stringMatching(/^[a-z]{1,8}$/);
const part = fc.record({ name, data: fc.uint8Array({ maxLength: 60 }), deflate: fc.boolean(), align: fc.constantFrom(1, 4, 4096) });

test('what is written reads back, with zip64 and without', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(part, { selector: (one) => one.name, maxLength: 6 }), fc.boolean(), async (parts, zip64) => {
      const source = bytesSource(writeZip(parts, { zip64 }));
      const { value, oddities } = await readZip(source);
      expect(oddities).toEqual([]);
      expect(value.zip64).toBe(zip64);
      expect(value.entries.map((entry) => entry.name)).toEqual(parts.map((one) => one.name));
      for (const [index, entry] of value.entries.entries()) {
        const wanted = parts[index];
        expect([...(await openEntry(source, entry, undefined))]).toEqual([...(wanted?.data ?? [])]);
        if (wanted !== undefined && !wanted.deflate) expect((entry.localAt + (entry.local?.length ?? 0)) % wanted.align).toBe(0);
      }
    }),
  );
});

const one = (more: Partial<ZipPart> = {}): ZipPart => ({ name: 'a', data: utf8('some content, some content'), deflate: true, ...more });
const plain: ZipPart = { name: 'z', data: utf8('zz') };

/** Archives of two entries with one thing wrong, and the oddity that names it. */
const deviations: readonly [name: string, parts: readonly ZipPart[], code: string, options?: WriteZipOptions][] = [
  ['two entries of one name (Master Key, bug 8219321)', [one(), one()], 'duplicate-name'],
  ['an extra field of 64 KiB (Master Key, bug 9695860)', [one({ local: { extra: new Uint8Array(0xfffd) } }), plain], 'extra-length-signed'],
  ['a longer name in the local header (Master Key, bug 9950697)', [one({ local: { name: 'abc' } }), plain], 'local-name-length'],
  ['another name in the local header', [one({ local: { name: 'b' } }), plain], 'local-name'],
  ['another method in the local header', [one({ local: { method: 0 } }), plain], 'local-method'],
  ['another size in the local header', [one({ local: { size: 5 } }), plain], 'local-size'],
  ['another compressed size in the local header', [one({ local: { compressedSize: 5 } }), plain], 'local-compressed-size'],
  ['another CRC-32 in the local header', [one({ local: { crc32: 5 } }), plain], 'local-crc'],
  ['the encrypted flag', [one({ local: { flags: 1 }, central: { flags: 1 } }), plain], 'encrypted-flag'],
  ['the encrypted flag in one header', [one({ central: { flags: 1 } }), plain], 'local-flags'],
  ['a method that does not exist', [one({ local: { method: 21 }, central: { method: 21 } }), plain], 'method'],
  ['an entry that claims 2 GiB', [one({ central: { compressedSize: 0x7fffffff } }), plain], 'entry-outside'],
  ['entries that share bytes', [one(), { ...plain, central: { localAt: 3 } }], 'overlap'],
  ['a local header outside the file', [one({ central: { localAt: 0x7fffffff } }), plain], 'local-outside'],
  ['a local header that is none', [plain, one({ central: { localAt: 1 } })], 'local-missing'],
  ['an entry in no directory', [one({ omit: 'central' }), plain, one()], 'prefix'],
  ['an entry between two that is in no directory', [plain, one({ omit: 'central' }), one()], 'gap'],
  ['a NUL in a name', [one({ name: 'a\0b' })], 'name-nul'],
  ['a line feed in a name', [one({ name: 'a\nb' })], 'name-control'],
  ['a path upwards', [one({ name: 'x/../../y' })], 'name-traversal'],
  ['an absolute path', [one({ name: '/etc/passwd' })], 'name-absolute'],
  ['a backslash', [one({ name: '..\\y' })], 'name-backslash'],
  ['no name', [one({ name: '' })], 'name-empty'],
  ['a name of 65,535 bytes', [one({ name: 'n'.repeat(65_535) })], 'name-long'],
  ['a name that is no UTF-8', [one({ name: Uint8Array.of(0xff, 0x41) })], 'name-not-utf8'],
  ['a file that is a folder too', [one({ name: 'a' }), one({ name: 'a/b' })], 'name-file-and-folder'],
  ['bytes before the first entry (Janus)', [one()], 'prefix', { prefix: utf8('dex\n035\0') }],
  ['a second end record in the comment', [one()], 'several-ends', { comment: concatBytes([hex('504b0506'), new Uint8Array(18)]) }],
];

describe('disagreements', () => {
  test.each(deviations)('%s', async (_name, parts, code, options) => {
    expect(await codes(writeZip(parts, options))).toContain(code);
  });

  test('bytes after the end record', async () => {
    expect(await codes(concatBytes([writeZip([one()]), Uint8Array.of(1)]))).toContain('trailing');
  });

  test('an archive behind other bytes, offsets not moved', async () => {
    const { value, oddities } = await read(concatBytes([utf8('#!/bin/sh\n'), writeZip([one()])]));
    expect(oddities.map(({ code }) => code)).toContain('shifted');
    expect(value.entries.length).toBe(1);
  });

  test('a forged count of entries', async () => {
    const bytes = writeZip([one(), plain]);
    bytes[bytes.length - 22 + 10] = 9;
    expect(await codes(bytes)).toContain('entry-count');
  });

  test('an odd method over packed data is inflated, over plain data read as it lies, as Android does', async () => {
    const odd = { local: { method: 0x7600 }, central: { method: 0x7600 } };
    const packed = bytesSource(writeZip([one(odd)]));
    const stored = bytesSource(writeZip([one({ ...odd, deflate: false })]));
    for (const source of [packed, stored]) {
      const [entry] = (await readZip(source)).value.entries;
      if (entry === undefined) throw new Error('one entry');
      const { value, oddities } = await extractEntry(source, entry, undefined);
      expect(new TextDecoder().decode(value)).toBe('some content, some content');
      expect(oddities.map(({ code }) => code)).toEqual(source === packed ? [] : ['stored-under-method']);
    }
  });

  test('content that is not what the directory says of it', async () => {
    const source = bytesSource(writeZip([one({ central: { crc32: 1 }, local: { crc32: 1 } })]));
    const [entry] = (await readZip(source)).value.entries;
    if (entry === undefined) throw new Error('one entry');
    expect((await extractEntry(source, entry, undefined)).oddities.map(({ code }) => code)).toEqual(['crc']);
  });
});

describe('bounded', () => {
  test('a bomb is stopped at the ceiling', async () => {
    const source = bytesSource(writeZip([one({ data: new Uint8Array(1 << 20) })]));
    const [entry] = (await readZip(source)).value.entries;
    if (entry === undefined) throw new Error('one entry');
    await expect(openEntry(source, entry, undefined, 1000)).rejects.toThrow('more than 1000 bytes');
  });

  test('4 GB claimed in 1 kB: nothing is allocated for it', async () => {
    const source = bytesSource(writeZip([one({ deflate: false, central: { size: 0xfffffffe, compressedSize: 0xfffffffe } })]));
    const [entry] = (await readZip(source)).value.entries;
    if (entry === undefined) throw new Error('one entry');
    await expect(openEntry(source, entry, undefined)).rejects.toThrow(FormatError);
  });

  test('a million entries over one byte range are refused', async () => {
    const header = hex(`504b0102${'00'.repeat(24)}0000${'00'.repeat(16)}`);
    const many = new Uint8Array(header.length * (1 << 18) + header.length);
    for (let at = 0; at < many.length; at += header.length) many.set(header, at);
    const end = new DataView(new ArrayBuffer(22));
    end.setUint32(0, 0x06054b50, true);
    end.setUint16(10, 0xffff, true);
    end.setUint32(12, many.length, true);
    await expect(read(concatBytes([many, new Uint8Array(end.buffer)]))).rejects.toThrow('more than 262144 entries');
  });

  test('a million deviations are counted, not kept', async () => {
    const { oddities } = await read(writeZip(Array.from({ length: 500 }, () => plain)));
    expect(oddities.length).toBeLessThan(40);
    expect(oddities.at(-1)?.detail).toBe('467 more of these');
  });

  test('reading the map takes reads in proportion to the bytes, not to the square of the entries', async () => {
    const bytesRead = async (count: number) => {
      const file = bytesSource(writeZip(Array.from({ length: count }, (_, index) => ({ name: `file${index}`, data: utf8('x') }))));
      let total = 0;
      const counting: Source = {
        size: file.size,
        read: (at, length) => {
          total += length;
          return file.read(at, length);
        },
      };
      await readZip(counting);
      return total;
    };
    const exponent = Math.log2((await bytesRead(8000)) / (await bytesRead(2000))) / 2;
    expect(exponent).toBeLessThan(1.2);
  });
});

/** One field of Python's archive replaced, and what must be said of it. */
const malformed: readonly [name: string, at: number, bytes: readonly number[], says: string][] = [
  ['no end record', PYTHON.length - 22, [0], 'no end of central directory'],
  ['a directory outside the file', PYTHON.length - 22 + 12, [0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f], 'no central directory at 2147483647'],
  ['no directory where it is said', PYTHON.length - 22 + 12, [0, 0, 0, 0, 1, 0, 0, 0], 'no central directory at 1'],
];

describe('malformed', () => {
  test.each(malformed)('%s', async (_name, at, bytes, says) => {
    const archive = PYTHON.slice();
    archive.set(bytes, at);
    const failure = await read(archive).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FormatError);
    expect(String(failure)).toContain(says);
  });

  test('cut at every byte: refused, or said to be cut', async () => {
    for (let length = 0; length < PYTHON.length; length++) {
      const found = await read(PYTHON.subarray(0, length)).catch((error: unknown) => error);
      expect(found).toBeInstanceOf(FormatError);
    }
  });

  test('any byte changed: an answer or a FormatError, for the map and for every entry', async () => {
    for (let at = 0; at < STREAMED.length; at++) {
      for (const value of [0, 0x7f, 0xff]) {
        const source = bytesSource(STREAMED.map((byte, index) => (index === at ? value : byte)));
        try {
          for (const entry of (await readZip(source)).value.entries) await extractEntry(source, entry, undefined, 1 << 16);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }
    }
  });
});

test('CRC-32 of the standard check text, whole and continued', () => {
  expect(crc32(utf8('123456789'))).toBe(0xcbf43926);
  expect(crc32(utf8('56789'), crc32(utf8('1234')))).toBe(0xcbf43926);
});
