/** Archives made to break who reads them, as the issue lists them: each ends in bounded time and memory, with a name for what it is. */
import { describe, expect, test } from 'vitest';
import { bombCodec } from '../../../test/support/bomb.ts';
import { codec, hash, verify } from '../../../test/support/ports.ts';
import { zipQuine } from '../../../test/support/zip-quine.ts';
import { bytesSource, concatBytes, FormatError, type Source } from '../../bytes/index.ts';
import { forgeApp } from '../../forge/apk.ts';
import { deflateRaw, readZip, writeZip } from '../archive/index.ts';
import { writeDerContext, writeDerInteger, writeDerNull, writeDerOid, writeDerSequence, writeDerSet } from '../x509/index.ts';
import { readApp } from './app.ts';
import { readAppCode } from './app-code.ts';
import { readDex } from './dex.ts';
import { readSignedData } from './jar/pkcs7.ts';
import { verifyApk } from './verify.ts';

const ports = { hash, verify, codec };
const utf8 = (text: string) => new TextEncoder().encode(text);

/** Counts what is read of a source. */
function counting(bytes: Uint8Array): { readonly source: Source; readonly total: () => number } {
  const inner = bytesSource(bytes);
  let total = 0;
  return {
    total: () => total,
    source: {
      size: inner.size,
      async read(at, length) {
        total += length;
        return inner.read(at, length);
      },
    },
  };
}

/** Many entries of the directory over one packed kernel: few kilobytes that would unpack to gigabytes. */
function overlappingBomb(entries: number): Uint8Array {
  const kernel = new Uint8Array(1 << 20);
  const one = writeZip([{ name: 'f0000000', data: kernel, packed: deflateRaw(kernel) }]);
  const view = new DataView(one.buffer, one.byteOffset, one.byteLength);
  const endAt = one.length - 22;
  const centralAt = view.getUint32(endAt + 16, true);
  const header = one.slice(centralAt, endAt);
  const headers = Array.from({ length: entries }, (_, index) => {
    const copy = header.slice();
    copy.set(utf8(`f${String(index).padStart(7, '0')}`), 46);
    return copy;
  });
  const end = one.slice(endAt);
  const endView = new DataView(end.buffer);
  endView.setUint16(8, entries, true);
  endView.setUint16(10, entries, true);
  endView.setUint32(12, entries * header.length, true);
  return concatBytes([one.subarray(0, centralAt), ...headers, end]);
}

describe('bombs', () => {
  test('overlapping entries are named, and nothing is unpacked that nobody asked for', async () => {
    const bomb = overlappingBomb(20_000);
    const { source, total } = counting(bomb);
    const verdict = await verifyApk(source, ports, { minSdk: 21, maxSdk: 35 });
    expect(verdict.verified).toBe(false);
    expect(verdict.tricks.map(({ name }) => name)).toContain('overlapping-entries');
    expect(total()).toBeLessThan(64 * bomb.length);
  });

  test('an archive that holds itself is one entry: nothing is opened inside it', async () => {
    // A quine archive needs a reader that unpacks what it finds in what it unpacked; this one has no such step.
    const quine = bytesSource(zipQuine());
    const { value, oddities } = await readZip(quine);
    expect(value.entries.map(({ name }) => name)).toEqual(['r.zip']);
    // Its suffix lies in it twice: once as what is to be printed, once as what it is.
    expect(oddities.map(({ code }) => code)).toEqual(['several-ends']);
    await expect(readApp(quine, ports)).rejects.toThrow('no AndroidManifest.xml');
    expect((await verifyApk(quine, ports, { minSdk: 21, maxSdk: 35 })).verified).toBe(false);
  });

  test('code over one bomb: the sum of what is unpacked has an end', async () => {
    const bomb = bombCodec();
    const packed = new Uint8Array(100_000).fill(0xff);
    const code = Array.from({ length: 100 }, (_, index) => ({ name: `classes${index + 2}.dex`, data: new Uint8Array(0), packed }));
    const source = bytesSource(writeZip([...forgeApp({ packageName: 'com.example.bomb', versionCode: 1 }, hash), ...code]));
    const app = (await readApp(source, ports)).value;
    const { dex, oddities } = await readAppCode(source, app, { hash, codec: bomb.codec });
    expect(dex.map(({ name }) => name)).toEqual(['classes.dex']);
    expect(bomb.unpacked()).toBeLessThan(2 ** 30 + (64 << 20));
    expect(oddities).toHaveLength(100);
    expect(oddities.at(-1)?.detail).toMatch(/bytes of code were unpacked before it/);
  });

  test('a manifest that unpacks to more than any has is refused at the ceiling', async () => {
    const zeros = new Uint8Array(17 << 20);
    const bomb = writeZip([{ name: 'AndroidManifest.xml', data: zeros, packed: deflateRaw(zeros) }]);
    expect(bomb.length).toBeLessThan(1 << 20);
    await expect(readApp(bytesSource(bomb), ports)).rejects.toThrow(FormatError);
  });
});

test('names of 65,535 bytes are read whole and named', async () => {
  const name = 'n'.repeat(65_535);
  const { value, oddities } = await readZip(
    bytesSource(
      writeZip([
        { name, data: utf8('x') },
        { name: 'after', data: utf8('y') },
      ]),
    ),
  );
  expect(value.entries.map((entry) => entry.name.length)).toEqual([65_535, 5]);
  expect(oddities.map(({ code }) => code)).toEqual(['name-long']);
  expect(oddities.every(({ detail }) => detail.length < 200)).toBe(true);
});

test('DEX tables at wild offsets are refused, whichever it is', () => {
  const header = new Uint8Array(0x70);
  header.set(utf8('dex\n035\0'));
  const view = new DataView(header.buffer);
  view.setUint32(32, 0x70, true);
  view.setUint32(36, 0x70, true);
  view.setUint32(40, 0x12345678, true);
  for (const at of [56, 64, 72, 80, 88, 96]) {
    const wild = header.slice();
    new DataView(wild.buffer).setUint32(at, 0xffffffff, true);
    new DataView(wild.buffer).setUint32(at + 4, 0xfffffff0, true);
    const outcome = (() => {
      try {
        const { value, oddities } = readDex(wild);
        const read = value.classes().length + value.methods().length;
        return read === 0 && oddities.length > 0 ? 'named' : 'believed';
      } catch (error) {
        return error instanceof FormatError ? 'refused' : String(error);
      }
    })();
    expect(['named', 'refused']).toContain(outcome);
  }
});

test('a block of 10,000 signers is refused before any is looked at', () => {
  const info = writeDerSequence([writeDerInteger(1)]);
  const data = writeDerSequence([
    writeDerInteger(1),
    writeDerSet([writeDerSequence([writeDerOid('1.3.14.3.2.26'), writeDerNull()])]),
    writeDerSequence([writeDerOid('1.2.840.113549.1.7.1')]),
    writeDerSet(Array.from({ length: 10_000 }, () => info)),
  ]);
  const block = writeDerSequence([writeDerOid('1.2.840.113549.1.7.2'), writeDerContext(0, [data])]);
  expect(() => readSignedData(block)).toThrow('10000 signers, 64 is the most');
});
