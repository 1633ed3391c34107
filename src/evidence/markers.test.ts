import { describe, expect, it } from 'vitest';
import { codec, hash } from '../../test/support/ports.ts';
import { bytesSource, concatBytes } from '../bytes/index.ts';
import { writeDex } from '../formats/apk/index.ts';
import { writeZip } from '../formats/archive/index.ts';
import type { ArtefactKind, Capture } from './capture.ts';
import { factsOf } from './fact.ts';
import { holdsString, withMarkerFacts } from './markers.ts';

const utf8 = new TextEncoder();
const ELF = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46);
const library = (...strings: readonly string[]) =>
  concatBytes([ELF, new Uint8Array(60), ...strings.flatMap((one) => [utf8.encode(one), Uint8Array.of(0)])]);
const QUERY = { id: 'CVE-2016-0838', files: ['libsonivox.so', 'Settings.apk'], text: '26366256' };

function captureOf(bytes: Uint8Array, origin: string, kind: ArtefactKind = 'library', trust: Capture['trust'] = 'live'): Capture {
  const artefacts = [{ name: 'one', kind, origin, source: bytesSource(bytes) }];
  return { trust, origin: 'phone', takenAt: undefined, artefacts, items: [], changes: [], claims: {}, unused: [] };
}
async function present(capture: Capture): Promise<boolean | undefined | string> {
  const { list, unread } = await withMarkerFacts({ list: [], unread: [] }, capture, [QUERY], codec);
  const [fact] = factsOf({ list, unread }, 'markers');
  return fact?.value[0]?.present ?? unread[0]?.because;
}
const apk = (...strings: readonly string[]) =>
  writeZip([{ name: 'classes.dex', data: writeDex({ classes: ['La;'], strings }, hash), deflate: true }]);

describe('a marker of a fix', () => {
  it('is found as a whole string of the library', async () => {
    expect(await present(captureOf(library('b/26366256', '26366256'), '/system/lib/libsonivox.so'))).toBe(true);
    expect(await present(captureOf(library('263662561', '126366256', 'c/26366256'), '/system/lib/libsonivox.so'))).toBe(false);
  });
  it('is found as the tail that a linker made of it', async () => {
    // `b/26366256` and `26366256` of one source: merged, only the longer lies there.
    expect(await present(captureOf(library('b/26366256'), '/system/lib/libsonivox.so'))).toBe(true);
  });
  it('is found in the code of an APK', async () => {
    expect(await present(captureOf(apk('26366256'), '/system/app/Settings.apk', 'apk'))).toBe(true);
    expect(await present(captureOf(apk('x26366256'), '/system/app/Settings.apk', 'apk'))).toBe(false);
  });
  it('is found in the compiled code beside its app, where a DEX lies in it', async () => {
    const dex = (...strings: readonly string[]) => writeDex({ classes: ['La;'], strings }, hash);
    const odex = (body: Uint8Array) => captureOf(concatBytes([ELF, new Uint8Array(60), body]), '/system/app/arm/Settings.odex');
    expect(await present(odex(dex('26366256')))).toBe(true);
    expect(await present(odex(dex('x26366256')))).toBe(false);
    expect(await present(captureOf(dex('26366256'), '/system/app/oat/arm/Settings.vdex'))).toBe(true);
    // Machine code alone: its DEX is in the vdex beside it, so it has nothing to say.
    expect(await present(odex(new Uint8Array(600).fill(0x64)))).toBeUndefined();
  });
  describe('of the framework', () => {
    const dex = (...strings: readonly string[]) => writeDex({ classes: ['La;'], strings }, hash);
    const core = { id: 'core', files: ['core.jar', 'boot.oat'], text: 'Duplicate entry name: ' };
    const inCore = async (bytes: Uint8Array, origin: string) => {
      const { list, unread } = await withMarkerFacts({ list: [], unread: [] }, captureOf(bytes, origin), [core], codec);
      expect(unread).toEqual([]);
      return factsOf({ list, unread }, 'markers')[0]?.value;
    };
    const jar = (...strings: readonly string[]) => writeZip([{ name: 'classes.dex', data: dex(...strings), deflate: true }]);
    it('is found in a jar', async () => {
      const path = '/system/framework/core.jar';
      expect(await inCore(jar('Duplicate entry name: '), path)).toEqual([{ id: 'core', path, present: true }]);
      expect(await inCore(jar('Duplicate entry name'), path)).toEqual([{ id: 'core', path, present: false }]);
    });
    it('is found in what was compiled of an empty jar, which has nothing to say itself', async () => {
      expect(await inCore(writeZip([{ name: 'META-INF/MANIFEST.MF', data: ELF }]), '/system/framework/core.jar')).toBeUndefined();
      expect(
        await inCore(concatBytes([utf8.encode('dey\n036\0'), dex('Duplicate entry name: ')]), '/system/framework/core.odex'),
      ).toMatchObject([{ present: true }]);
    });
    it('is found across the pieces in which an image of the framework is read', async () => {
      const image = (text: string) => {
        const bytes = new Uint8Array((8 << 20) + 5);
        bytes.set(dex('x'), 4096);
        bytes.set(concatBytes([Uint8Array.of(text.length), utf8.encode(text)]), (4 << 20) - 7);
        return inCore(bytes, '/system/framework/arm/boot.oat');
      };
      expect(await image('Duplicate entry name: ')).toMatchObject([{ present: true }]);
      expect(await image('Duplicate entry names ')).toMatchObject([{ present: false }]);
    });
    describe('a flag of a field', () => {
      const field = { classes: ['La/Moved;', 'La/Held;'], name: 'mContext', flag: 0x80 };
      const flagged = { id: 'flag', files: ['conscrypt.jar', 'boot.oat'], text: 'mContext is transient', field };
      const held = (className: string, accessFlags: number) =>
        writeDex({ classes: ['La/A;', className], strings: [], fields: [{ className, name: 'mContext', type: 'J', accessFlags }] }, hash);
      const ask = async (bytes: Uint8Array, origin: string) => {
        const { list, unread } = await withMarkerFacts({ list: [], unread: [] }, captureOf(bytes, origin), [flagged], codec);
        return factsOf({ list, unread }, 'markers')[0]?.value[0]?.present ?? unread[0]?.because;
      };
      const inJar = (dex: Uint8Array) => writeZip([{ name: 'classes.dex', data: dex, deflate: true }]);
      it('is read of the class under each of its names', async () => {
        expect(await ask(inJar(held('La/Held;', 0x92)), '/system/framework/conscrypt.jar')).toBe(true);
        expect(await ask(inJar(held('La/Moved;', 0x12)), '/system/framework/conscrypt.jar')).toBe(false);
      });
      it('says nothing of a file without the class, or without the field', async () => {
        expect(await ask(inJar(held('La/Other;', 0x92)), '/system/framework/conscrypt.jar')).toBeUndefined();
        const other = writeDex({ classes: ['La/Held;'], strings: ['mContext'] }, hash);
        expect(await ask(inJar(other), '/system/framework/conscrypt.jar')).toBeUndefined();
      });
      it('is read of each DEX in compiled code', async () => {
        const image = (...dexes: readonly Uint8Array[]) => concatBytes([ELF, new Uint8Array(4092), ...dexes]);
        expect(await ask(image(held('La/Other;', 0), held('La/Held;', 0x80)), '/system/framework/arm/boot.oat')).toBe(true);
        expect(await ask(image(held('La/Held;', 0x10)), '/system/framework/conscrypt.odex')).toBe(false);
        const cut = held('La/Held;', 0x80).subarray(0, 0x90);
        expect(await ask(image(cut), '/system/framework/arm/boot.oat')).toBeUndefined();
      });
      it('costs itself where the class is malformed', async () => {
        const bad = held('La/Held;', 0x80);
        // The offset of the class data of the second class.
        const view = new DataView(bad.buffer);
        view.setUint32(view.getUint32(100, true) + 32 + 24, 0x7fffffff, true);
        expect(await ask(inJar(bad), '/system/framework/conscrypt.jar')).toMatch(/class_data.offset/);
      });
    });
    it('costs itself where it is too large or breaks off', async () => {
      const large = { size: 2 ** 40, read: async () => new Uint8Array(0) };
      const artefacts = [{ name: 'boot.oat', kind: 'library' as const, origin: '/system/framework/arm/boot.oat', source: large }];
      const capture = { ...captureOf(ELF, '/x'), artefacts };
      const { list, unread } = await withMarkerFacts({ list: [], unread: [] }, capture, [core], codec);
      expect([list.length, unread.length]).toEqual([0, 1]);
    });
  });
  it('is no question to an APK whose code lies elsewhere, nor to another file', async () => {
    expect(await present(captureOf(writeZip([{ name: 'a', data: ELF }]), '/system/app/Settings.apk', 'apk'))).toBeUndefined();
    expect(await present(captureOf(library('26366256'), '/system/lib/libother.so'))).toBeUndefined();
  });
  it('is not looked for in what is no library: that is said', async () =>
    expect(await present(captureOf(utf8.encode('\u000026366256\u0000'), '/system/lib/libsonivox.so'))).toContain('no ELF file'));
  it('of a recording is told', async () => {
    const { list } = await withMarkerFacts(
      { list: [], unread: [] },
      captureOf(library(), 'libsonivox.so', 'library', 'bearer'),
      [QUERY],
      codec,
    );
    expect(list[0]?.standing).toBe('told');
  });
});

describe('holdsString', () => {
  it('agrees with a plain search on made bytes', () => {
    let state = 7;
    const next = () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state >>> 16;
    };
    for (let round = 0; round < 300; round++) {
      const bytes = Uint8Array.from({ length: 200 }, () => [0, 0x31, 0x32][next() % 3] ?? 0);
      const text = Array.from({ length: 1 + (next() % 4) }, () => (next() % 2 === 0 ? '1' : '2')).join('');
      const whole = String.fromCharCode(...bytes);
      expect(holdsString(bytes, text, false)).toBe(whole.includes(`\u0000${text}\u0000`));
    }
  });
  it('reads nothing beyond the end', () => {
    expect(holdsString(new Uint8Array(0), 'a', false)).toBe(false);
    expect(holdsString(Uint8Array.of(0, 0x61), 'a', false)).toBe(false);
    expect(holdsString(Uint8Array.of(0, 0x61, 0), 'a', false)).toBe(true);
  });
});
