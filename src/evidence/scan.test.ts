import { describe, expect, test } from 'vitest';
import { bombCodec } from '../../test/support/bomb.ts';
import { codec, compileRules } from '../../test/support/ports.ts';
import { zipQuine } from '../../test/support/zip-quine.ts';
import { bytesSource, type RuleScanner } from '../bytes/index.ts';
import { storedZip } from '../forge/stored-zip.ts';
import { extractEntry, readZip, writeZip } from '../formats/archive/index.ts';
import { scanFile } from './index.ts';

const needle = 'rule needle { strings: $a = "needle" condition: $a }';
const scannerOf = async (): Promise<RuleScanner> => {
  const scanner = await compileRules([{ name: 'test', text: needle }]);
  if (scanner === undefined) throw new Error('no engine');
  return scanner;
};
const bytes = (text: string) => new TextEncoder().encode(text);
const scan = async (body: Uint8Array, scanner?: RuleScanner) =>
  scanFile({ path: '/x', source: bytesSource(body), scanner: scanner ?? (await scannerOf()), codec });

describe('what is scanned', () => {
  test('a library whole', async () =>
    expect(await scan(bytes('a needle here'))).toMatchObject({
      bytes: 13,
      matches: [{ member: undefined, rule: 'needle', at: 2 }],
      left: [],
    }));
  test('an archive by its members, and both of one name', async () => {
    const zip = storedZip([
      { name: 'classes.dex', bytes: bytes('needle') },
      { name: 'res/a.png', bytes: bytes('needle') },
      { name: 'classes.dex', bytes: bytes('also a needle') },
    ]);
    const { matches, bytes: scanned } = await scan(zip);
    expect(matches.map(({ member }) => member)).toEqual(['classes.dex', 'classes.dex (again)']);
    expect(scanned).toBe(6 + 13);
  });
  test('an archive behind other bytes by what is before it, and by its members', async () => {
    const parts = [{ name: 'classes.dex', data: bytes('a needle, packed and not to be seen as it lies'), deflate: true }];
    const behind = writeZip(parts, { prefix: bytes('dex\n035 needle') });
    expect((await scan(behind)).matches.map(({ member }) => member)).toEqual([undefined, 'classes.dex']);
    expect((await scan(bytes('PK and no archive, needle'))).matches.map(({ member }) => member)).toEqual([undefined]);
  });
  test('an app within an app, by its members', async () => {
    const inner = writeZip([{ name: 'classes.dex', data: bytes('a needle that is packed twice, twice, twice'), deflate: true }]);
    const outer = writeZip([
      { name: 'assets/data.bin', data: inner, deflate: true },
      { name: 'after', data: bytes('needle') },
    ]);
    expect(await scan(outer)).toMatchObject({ matches: [{ member: 'assets/data.bin!/classes.dex' }, { member: 'after' }], left: [] });
  });
  test('an archive that holds itself, down to the depth that is said', async () => {
    const quine = zipQuine();
    const { value } = await readZip(bytesSource(quine));
    expect(value.entries.map(({ name }) => name)).toEqual(['r.zip']);
    const [entry] = value.entries;
    if (entry === undefined) throw new Error('no entry');
    expect(Array.from((await extractEntry(bytesSource(quine), entry, codec, 1000)).value)).toEqual(Array.from(quine));
    expect(await scan(quine)).toMatchObject({
      bytes: 4 * quine.length,
      matches: [],
      left: ['r.zip!/r.zip!/r.zip!/r.zip: archives within archives are opened 3 deep, and no deeper'],
    });
  });
  test('archives within archives, many in each: no more members than of one', async () => {
    const inner = writeZip(Array.from({ length: 7000 }, (_, i) => ({ name: `m${i}`, data: bytes('x') })));
    const level = writeZip(['a', 'b', 'c'].map((name) => ({ name, data: inner })));
    const quick: RuleScanner = { engine: 'x', refused: [], scan: async () => ({ matches: [], stopped: [] }) };
    const { left } = await scan(level, quick);
    expect(left.some((line) => line.includes('more than 20000 members'))).toBe(true);
    expect(left.length).toBeLessThanOrEqual(51);
  });
  test('a member that begins as an archive and is none is scanned, and that is said', async () => {
    const { matches, left } = await scan(writeZip([{ name: 'a', data: bytes('PK\x03\x04 a needle, and no directory') }]));
    expect([matches.length, left.length]).toEqual([1, 1]);
  });
  test('a member that does not unpack costs itself', async () => {
    const zip = storedZip([
      { name: 'a', bytes: bytes('needle') },
      { name: 'b', bytes: bytes('needle') },
    ]);
    // The first central header places its member beyond the end.
    const at = zip.findIndex((byte, i) => byte === 0x50 && zip[i + 1] === 0x4b && zip[i + 2] === 1 && zip[i + 3] === 2);
    const { matches, left } = await scan(zip.with(at + 44, 77));
    expect(matches.map(({ member }) => member)).toEqual(['b']);
    expect(left).toMatchObject([expect.stringMatching(/^a: /)]);
  });
  test('many entries over one bomb are given up together: what is unpacked in vain has an end', async () => {
    const bomb = bombCodec();
    const packed = new Uint8Array(100_000).fill(0xff);
    const zip = writeZip(Array.from({ length: 200 }, (_, index) => ({ name: `classes${index + 2}.dex`, data: new Uint8Array(0), packed })));
    const { left, matches } = await scanFile({ path: '/x', source: bytesSource(zip), scanner: await scannerOf(), codec: bomb.codec });
    expect(bomb.unpacked()).toBe(2 ** 30);
    expect(matches).toEqual([]);
    expect(left.at(-1)).toMatch(/^classes10\.dex and what follows: 0 bytes were scanned, and 1073741824 unpacked in vain$/);
  });
  test('a scan that was stopped is not a scan that found nothing', async () => {
    const stopping: RuleScanner = { engine: 'x', refused: [], scan: async () => ({ matches: [], stopped: ['timeout'] }) };
    expect(await scan(bytes('x'), stopping)).toMatchObject({ bytes: 0, matches: [], left: ['the file: timeout'] });
  });
  test('what is larger than is scanned is refused', async () => {
    const large = { size: 2 ** 40, read: async () => new Uint8Array(4) };
    await expect(scanFile({ path: '/x', source: large, scanner: await scannerOf(), codec })).rejects.toThrow(/most|large/);
  });
});
