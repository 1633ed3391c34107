import { describe, expect, test } from 'vitest';
import { bytesSource, type CodecPort, FormatError, type HashPort, type NamedSource, toHex } from '../../bytes/index.ts';
import type { ArtefactKind } from '../../evidence/index.ts';
import { crc32, deflateRaw, writeZip } from '../../formats/archive/index.ts';
import { kindByContent } from './by-content.ts';
import { kindByName } from './by-name.ts';
import { nameMaker } from './names.ts';
import { instantFrom, recognise } from './recognise.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const file = (name: string, content: string | Uint8Array): NamedSource => ({
  name,
  source: bytesSource(typeof content === 'string' ? encode(content) : content),
});

/** What both Node and browsers bring; small members are inflated by our own code. */
const codec: CodecPort = async (name, bytes) => {
  if (name !== 'gzip') throw new FormatError({ format: name, field: 'codec', at: 0 }, 'unsupported-feature', 'not in these tests');
  const stream = new Blob([bytes.slice()]).stream().pipeThrough(new DecompressionStream('gzip'));
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new FormatError({ format: name, field: 'stream', at: 0 }, 'bad-value', String(error));
  }
};
/** Not a hash: a sum that tells the test's files apart. */
const hash: HashPort = () => {
  const sum = new Uint8Array(32);
  let at = 0;
  return {
    update(bytes) {
      for (const byte of bytes) {
        sum[at % 32] = (sum[at % 32] ?? 0) + byte;
        at++;
      }
    },
    digest: () => sum,
  };
};
const ports = { codec, hash };
const digestOf = (text: string) => {
  const hasher = hash('sha256');
  hasher.update(encode(text));
  return toHex(hasher.digest());
};
const zip = (files: Readonly<Record<string, string | Uint8Array>>, deflate = true) =>
  writeZip(
    Object.entries(files).map(([name, content]) => ({ name, data: typeof content === 'string' ? encode(content) : content, deflate })),
  );
const gzip = (text: string) => {
  const data = encode(text);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setUint32(0, crc32(data), true);
  new DataView(size.buffer).setUint32(4, data.length, true);
  return Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, ...deflateRaw(data), ...size]);
};

const GETPROP = '[ro.a]: [1]\n';
const REPORT = '== dumpstate: 2022-03-29 23:14:22\n------ P (getprop) ------\n[a]: [b]\n';
const SET = '{"device":"x","properties":{"a":"1"},"files":[]}';

describe('what a recording is', () => {
  test('an androidqf folder, with a bug report’s zip in it', async () => {
    const capture = await recognise(
      [
        file('acquisition.json', '{"uuid":"x","started":"2024-01-02T12:00:00.123456789+02:00"}'),
        file('getprop.txt', GETPROP),
        file('files.json', '[]'),
        file('settings_global.txt', 'a=1\n'),
        file('bugreport.zip', zip({ 'bugreport-x.txt': REPORT, 'FS/data/tombstones/tombstone_00': 'x', 'main_entry.txt': 'y' })),
        file('backup.ab', 'ANDROID BACKUP'),
        file('apks/com.a.apk', zip({ 'AndroidManifest.xml': 'x' })),
      ],
      ports,
    );
    expect(capture).toMatchObject({ trust: 'bearer', origin: 'androidqf', takenAt: '2024-01-02T10:00:00Z' });
    expect(capture.artefacts.map(({ name, kind, origin }) => [name, kind, origin])).toEqual([
      ['getprop.txt', 'getprop', 'getprop.txt'],
      ['files.json', 'files.json', 'files.json'],
      ['settings_global.txt', 'settings', 'settings_global.txt'],
      ['bugreport/bugreport-x.txt', 'bugreport', 'bugreport/bugreport-x.txt'],
      ['bugreport/FS/data/tombstones/tombstone_00', 'tombstone', '/data/tombstones/tombstone_00'],
      ['apks/com.a.apk', 'apk', 'apks/com.a.apk'],
    ]);
    expect(capture.unused.map(({ name }) => name)).toEqual(['acquisition.json', 'bugreport/main_entry.txt', 'backup.ab']);
  });

  test('the same as a zip, whatever folder is around it', async () => {
    const capture = await recognise([file('qf.zip', zip({ 'uuid/getprop.txt': GETPROP, 'uuid/packages.json': '[]' }))], ports);
    expect([capture.origin, capture.artefacts.map(({ name }) => name)]).toEqual(['androidqf', ['uuid/getprop.txt', 'uuid/packages.json']]);
    expect(new TextDecoder().decode(await capture.artefacts[0]?.source.read(1, 4))).toBe('ro.a');
  });

  test('a bug report’s zip, with its time', async () => {
    const capture = await recognise([file('bugreport.zip', zip({ 'bugreport-x.txt': REPORT, 'proto/x.proto': 'x' }))], ports);
    expect(capture).toMatchObject({ origin: 'bugreport', takenAt: '2022-03-29T23:14:22Z' });
    expect(capture.unused).toEqual([{ name: 'proto/x.proto', because: 'nothing here reads files of this kind' }]);
  });

  test.each<[string, string, ArtefactKind]>([
    ['a', GETPROP, 'getprop'],
    ['b.txt', '# begin build properties\nro.build.id=X\n', 'build.prop'],
    ['c', 'processor\t: 0\nBogoMIPS\t: 38.40\n', 'proc/cpuinfo'],
    ['d', '<6>[    0.000000] [c0] Booting Linux\n<6>[    0.000000] x\n', 'dmesg'],
    ['e', SET, 'device-set'],
    ['f', REPORT, 'bugreport'],
    ['g', 'DUMP OF SERVICE x:\n', 'dumpsys'],
    ['h', '/dev/a on / type ext4 (ro)\n', 'mount'],
    ['i', '/dev/a / ext4 ro,seclabel 0 0\n', 'mount'],
    ['j', '36 35 98:0 / /mnt rw,noatime - ext3 /dev/root rw\n', 'proc/mountinfo'],
    ['k', 'package:com.a\n', 'pm/packages'],
    ['l', 'USER     PID   PPID  VSIZE  RSS     WCHAN    PC         NAME\n', 'ps'],
    ['m', '{"imei":"1","battery":{},"locks":{}}', 'tradeinmode'],
    ['n', '[{"path":"/a","mode":"-r","user_id":0}]', 'files.json'],
    ['o', '[{"name":"a","files":[],"installer":"null","uid":1}]', 'packages.json'],
    ['p', '[{"pid":1,"ppid":0}]', 'processes.json'],
    ['q', '["/dev/a on / type ext4 (ro)"]', 'mounts.json'],
    ['r', 'Linux version 4.4.1 (a@b) (gcc) #1\n', 'proc/version'],
    ['s', '\uFEFF[ro.a]: [1]\r\n', 'getprop'],
  ])('%s is told by its content', (name, content, kind) => {
    expect(kindByName(name)).toBeUndefined();
    expect(kindByContent(encode(content))).toBe(kind);
  });

  test.each(['root:x:0:0:root:/root:/bin/sh\n', '', '\u0000\u0001\u0002', 'Guten Tag', '{"a":1}', '[1,2]', '\u007fELF'])(
    'nothing that is read: %j',
    (text) => {
      expect(kindByContent(encode(text))).toBeUndefined();
    },
  );

  test('gzip is opened, and one that lies about its size is refused', async () => {
    const good = await recognise([file('x.json.gz', gzip(SET))], ports);
    expect(await good.artefacts[0]?.source.read(0, 1)).toEqual(encode('{'));
    expect(good.artefacts).toMatchObject([{ name: 'x.json', kind: 'device-set' }]);
    const lying = gzip(SET);
    lying[lying.length - 4] = 7;
    const bad = await recognise([file('x.json.gz', lying)], ports);
    expect([bad.artefacts, bad.unused.length]).toEqual([[], 1]);
  });

  test('an encrypted acquisition says what to do', async () => {
    expect((await recognise([file('x.zip.age', 'age-encryption.org/v1')], ports)).unused).toEqual([
      { name: 'x.zip.age', because: 'it is encrypted with age: decrypt it first' },
    ]);
  });
});

describe('bad recordings', () => {
  test('a truncated zip: what and where, and the rest is read', async () => {
    const capture = await recognise([file('x.zip', zip({ a: GETPROP }).subarray(0, -30)), file('getprop.txt', GETPROP)], ports);
    expect(capture.unused).toEqual([{ name: 'x.zip', because: expect.stringMatching(/^zip @0x[0-9a-f]+ /) }]);
    expect(capture.artefacts).toHaveLength(1);
  });

  test('../../etc/passwd is text: no artefact’s name leads anywhere', async () => {
    const names = ['../../etc/passwd', '/etc/shadow', '..\\..\\windows\\x', 'C:\\y', '....//z', '.', '\u001b[2J$(reboot)', ''];
    const capture = await recognise([file('x.zip', zip(Object.fromEntries(names.map((name) => [name, GETPROP]))))], ports);
    expect(capture.artefacts.map(({ name }) => name)).toEqual([
      'etc/passwd',
      'etc/shadow',
      'windows/x',
      'C_/y',
      'z',
      'unnamed',
      '__2J__reboot_',
      'unnamed-2',
    ]);
    expect(capture.artefacts[0]?.origin).toBe('../../etc/passwd');
  });

  test('names are unique however they are spelt', () => {
    const make = nameMaker();
    expect(['a/b', 'a//b', 'A/B', 'a/b-2', './a/b'].map(make)).toEqual(['a/b', 'a/b-2', 'A/B-3', 'a/b-2-2', 'a/b-4']);
  });

  test('a member with a wrong checksum is not read', async () => {
    const bytes = writeZip([{ name: 'getprop.txt', data: encode(GETPROP), central: { crc32: 7 } }]);
    const capture = await recognise([file('x.zip', bytes)], ports);
    await expect(capture.artefacts[0]?.source.read(0, 1)).rejects.toThrow('another CRC-32');
  });

  test('a file whose digest is not the one of hashes.csv is not used', async () => {
    const csv = `/home/made/uuid/getprop.txt,${digestOf(GETPROP)}\n"uuid/env.txt",${digestOf('other')}\n`;
    const capture = await recognise(
      [file('uuid/getprop.txt', GETPROP), file('uuid/env.txt', 'A=1\n'), file('uuid/services.txt', 'x'), file('uuid/hashes.csv', csv)],
      ports,
    );
    expect(capture.artefacts.map(({ name }) => name)).toEqual(['uuid/getprop.txt', 'uuid/services.txt']);
    expect(capture.unused[0]).toMatchObject({ name: 'uuid/env.txt', because: expect.stringContaining('and hashes.csv says') });
  });

  test('a file that an app left is not taken for what the phone answered, whatever it holds', async () => {
    const report = zip({ 'bugreport-x.txt': REPORT, 'FS/data/app/forged.txt': GETPROP, 'FS/data/tombstones/forged': GETPROP });
    const capture = await recognise([file('tmp/forged.txt', GETPROP), file('bugreport.zip', report)], ports);
    expect(capture.artefacts.map(({ name }) => name)).toEqual(['bugreport/bugreport-x.txt']);
    expect(capture.unused).toHaveLength(3);
  });

  test('archives within archives within archives end', async () => {
    let inner = zip({ 'getprop.txt': GETPROP });
    for (let i = 0; i < 5; i++) inner = zip({ 'a.zip': inner });
    const capture = await recognise([file('x.zip', inner)], ports);
    expect([capture.artefacts, capture.unused[0]?.because]).toEqual([
      [],
      expect.stringContaining('more than 3 archives within each other'),
    ]);
  });

  test('nothing at all is a capture without artefacts', async () => {
    expect(await recognise([], ports)).toMatchObject({ artefacts: [], origin: 'unknown', takenAt: undefined, unused: [] });
    expect((await recognise([file('empty.txt', '')], ports)).unused).toEqual([{ name: 'empty.txt', because: 'it is empty' }]);
  });
});

test.each([
  ['2024-01-02T12:00:00Z', '2024-01-02T12:00:00Z'],
  ['2024-01-02T00:30:00.999-05:30', '2024-01-02T06:00:00Z'],
  ['2024-13-02T12:00:00Z', undefined],
  ['yesterday', undefined],
])('%s is %s', (text, instant) => expect(instantFrom(text)).toBe(instant));
