import { describe, expect, test } from 'vitest';
import { HOSTILE, readSample } from '../sample.ts';

describe('pm list packages', () => {
  const list = (text: string, origin?: string) => readSample('pm/packages', text, origin).values('packages')[0];

  test.each([
    ['package:com.a', { name: 'com.a', user: 0, uid: undefined, paths: [], installer: undefined, versionCode: undefined }],
    ['package:com.a uid:10123', { name: 'com.a', uid: 10123 }],
    ['package:com.a  installer=null', { installer: null }],
    ['package:com.a  installer=com.store uid:10123', { installer: 'com.store', uid: 10123 }],
    [
      'package:/data/app/~~x==/com.a-y==/base.apk=com.a versionCode:35  installer=com.b uid:1010123',
      { name: 'com.a', user: 10, paths: ['/data/app/~~x==/com.a-y==/base.apk'], versionCode: 35 },
    ],
    ['package:/system/app/A b.apk=com.a', { name: 'com.a', paths: ['/system/app/A b.apk'] }],
    [`package:/x/${HOSTILE}.apk=com.a uid:1`, { name: 'com.a', paths: [`/x/${HOSTILE}.apk`] }],
  ])('%s', (line, expected) => {
    expect(list(`${line}\n`)?.packages[0]).toMatchObject(expected);
  });

  test('a uid for each user makes a package for each user', () => {
    expect(list('package:com.a uid:10123,1010123\n')?.users).toEqual([0, 10]);
  });

  test('the command that asked says what all of them are', () => {
    expect(list('package:com.a\n', 'pm list packages -s --user 11')?.packages[0]).toMatchObject({ system: true, user: 11 });
    expect(list('package:com.a\n', 'pm list packages -3')?.packages[0]).toMatchObject({ system: false, enabled: undefined });
    expect(list('package:com.a\n', 'pm list packages -d')?.packages[0]).toMatchObject({ enabled: false, system: undefined });
  });

  test('the same package twice stays twice', () => expect(list('package:a\npackage:a\n')?.packages).toHaveLength(2));

  test.each(['', 'Error: java.lang.SecurityException\n', 'package:\n'])('no package: %j', (text) => {
    expect(readSample('pm/packages', text).facts).toEqual([]);
  });
});

describe('packages.json', () => {
  const entry = {
    name: 'com.a',
    files: [
      {
        path: '/system/app/A.apk',
        md5: 'AB'.repeat(16),
        sha1: '',
        sha256: 'cd'.repeat(32),
        certificate: { Md5: '1'.repeat(32), Sha1: '2'.repeat(40), Sha256: '3'.repeat(64) },
      },
      { path: '/system/app/A2.apk', sha256: 'not a digest', certificate: {} },
    ],
    installer: 'null',
    uid: 1_010_058,
    disabled: true,
    system: true,
    third_party: false,
  };

  test('digests and signers as far as they are said', () => {
    const sample = readSample('packages.json', JSON.stringify([entry], null, 4));
    const [value] = sample.values('packages');
    expect(value?.packages[0]).toMatchObject({
      name: 'com.a',
      user: 10,
      uid: 1_010_058,
      paths: ['/system/app/A.apk', '/system/app/A2.apk'],
      installer: null,
      enabled: false,
      system: true,
      sha256: ['cd'.repeat(32)],
      sha1: undefined,
      md5: ['ab'.repeat(16)],
      signers: ['3'.repeat(64)],
      signersSha1: ['2'.repeat(40)],
    });
    expect(sample.at(value?.packages[0]?.place ?? { artefact: '', at: 0, length: 0 })).toBe(JSON.stringify([entry], null, 4).slice(6, -2));
  });

  test('an installer that was not said is not null; an entry without a name is an oddity', () => {
    const sample = readSample('packages.json', '[{"name":"a","installer":""},{"name":""},7,{"name":"b","uid":-1}]');
    expect(sample.values('packages')[0]?.packages).toMatchObject([
      { name: 'a', installer: undefined, enabled: undefined, system: undefined },
      { name: 'b', uid: undefined },
    ]);
    expect(sample.facts[0]?.oddities).toHaveLength(2);
  });

  test('empty, truncated', () => {
    expect(readSample('packages.json', '[]').facts).toEqual([]);
    expect(() => readSample('packages.json', JSON.stringify([entry]).slice(0, -9))).toThrow('json @0x');
  });
});

describe('processes', () => {
  const processes = (text: string) =>
    readSample('ps', text)
      .values('processes')[0]
      ?.map(({ user, pid, parentPid, name, label }) => [user, pid, parentPid, name, label]);

  test.each([
    [
      'toolbox',
      'USER     PID   PPID  VSIZE  RSS     WCHAN    PC         NAME\nroot      1     0     924    688   c01a7c4c 0000d9dc S /init\n',
      ['root', 1, 0, '/init', undefined],
    ],
    [
      'toybox',
      'USER           PID  PPID     VSZ    RSS WCHAN            ADDR S NAME                       \nu0_a12        1234   567 4321000  98765 ep_poll             0 S com.a b\n',
      ['u0_a12', 1234, 567, 'com.a b', undefined],
    ],
    [
      'toybox -Z',
      'LABEL USER PID PPID VSZ RSS WCHAN ADDR S NAME\nu:r:init:s0 root 1 0 1 1 0 0 S init\n',
      ['root', 1, 0, 'init', 'u:r:init:s0'],
    ],
    [
      'dumpstate',
      'LABEL USER PID TID PPID VSZ RSS WCHAN ADDR S PRI NI RTPRIO SCH PCY TIME CMD\nu:r:a:s0 root 5 6 1 1 1 0 0 S 19 0 - 0 fg 00:00:00 thread\nu:r:a:s0 root 5 5 1 1 1 0 0 S 19 0 - 0 fg 00:00:00 main\n',
      ['root', 5, 1, 'main', 'u:r:a:s0'],
    ],
  ])('%s', (_, text, expected) => {
    expect(processes(text)).toEqual([expected]);
  });

  test('a name may hold anything', () => {
    expect(processes(`USER PID PPID NAME\nroot 1 0 ${HOSTILE}\nroot x\n`)).toEqual([['root', 1, 0, HOSTILE, undefined]]);
  });

  test.each(['', 'USER PID PPID NAME\n', 'bad pid\n'])('none: %j', (text) => expect(readSample('ps', text).facts).toEqual([]));

  test('processes.json of androidqf, as an array and as one a line', () => {
    const record = { pid: 7, uid: 0, ppid: 1, filename: 'truncated_name_', command_line: ['/system/bin/made', '-x'], context: 'u:r:su:s0' };
    for (const text of [JSON.stringify([record, { uid: 1 }]), `${JSON.stringify(record)}\n{"uid":1}\n`]) {
      const sample = readSample('processes.json', text);
      expect(sample.values('processes')[0]).toMatchObject([
        { user: '0', pid: 7, parentPid: 1, name: '/system/bin/made', label: 'u:r:su:s0' },
      ]);
      expect(sample.unread).toEqual(['1 entries are no process']);
    }
  });
});

test('service list in any language', () => {
  const sample = readSample(
    'service-list',
    'Найдено служб: 2\n0\tsip: [android.net.sip.ISipService]\n1\tandroid.hardware.light.ILights/default: []\n',
  );
  expect(sample.values('services')[0]?.map(({ value }) => value)).toEqual(['sip', 'android.hardware.light.ILights/default']);
  expect(readSample('service-list', 'Found 0 services:\n').facts).toEqual([]);
});
