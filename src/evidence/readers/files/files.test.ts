import { describe, expect, test } from 'vitest';
import { HOSTILE, readSample } from '../sample.ts';
import { octalOf } from './files-json.ts';

describe('files.json', () => {
  const entry = (path: string, rest: object = {}) =>
    JSON.stringify({
      path,
      size: 36,
      mode: '-rwsr-xr-x',
      user_id: 0,
      group_id: 2000,
      modified_time: 1_593_109_532,
      context: 'u:object_r:x:s0',
      sha256: '',
      ...rest,
    });

  test('as an array and as one a line, with names that are only text', () => {
    const paths = ['/sdcard/.profig.os', '../../etc/passwd', `/system/${HOSTILE}`];
    for (const text of [`[${paths.map((path) => entry(path)).join(',')}]\n`, paths.map((path) => entry(path)).join('\n')]) {
      const [value] = readSample('files.json', text).values('files');
      expect(value?.files.map(({ path }) => path)).toEqual(paths);
      expect(value?.files[0]).toEqual({
        path: paths[0],
        type: 'file',
        size: 36,
        mode: '4755',
        uid: 0,
        gid: 2000,
        context: 'u:object_r:x:s0',
        sha256: undefined,
        target: undefined,
        modified: '1593109532',
      });
      expect(value?.roots).toEqual(['/sdcard', '/system']);
    }
  });

  test('the same path twice stays twice; entries without a path are counted', () => {
    const sample = readSample('files.json', `[${entry('/a')},${entry('/a')},{},null]`);
    expect(sample.values('files')[0]?.files).toHaveLength(2);
    expect(sample.unread).toEqual(['2 entries have no path']);
  });

  test('a list that is cut keeps nothing that would look whole', () => {
    expect(() => readSample('files.json', `[${entry('/a')},{"path":"/b`)).toThrow('json @0x');
  });

  test('a hundred thousand entries', () => {
    expect(
      readSample('files.json', `[${Array.from({ length: 100_000 }, (_, i) => `{"path":"/f/${i}"}`).join(',')}]`).values('files')[0]?.files,
    ).toHaveLength(100_000);
  });
});

test.each([
  ['-rw-r--r--', '0644'],
  ['drwxr-x--x', '0751'],
  ['-rwsr-sr-t', '7755'],
  ['-rwSr-Sr-T', '7644'],
  ['ugtrwxr-xr-x', '6755'],
  ['644', '0644'],
  ['100644', undefined],
  ['', undefined],
])('mode %s is %s', (mode, octal) => expect(octalOf(mode)).toBe(octal));

describe('small lists', () => {
  test('root binaries: as JSON and as lines; none is a value', () => {
    for (const text of ['["/system/xbin/su",""]', '/system/xbin/su\nwhich: not found\n'])
      expect(
        readSample('root-binaries', text)
          .values('root-binaries')[0]
          ?.paths.map(({ value }) => value),
      ).toEqual(['/system/xbin/su']);
    expect(readSample('root-binaries', '[]').values('root-binaries')).toEqual([{ paths: [] }]);
  });

  test('hosts: several names of an address, comments, duplicates', () => {
    expect(
      readSample('hosts', '127.0.0.1 localhost # x\n::1 a b\n#0.0.0.0 c\n0.0.0.0 a\nnonsense\n')
        .values('hosts')[0]
        ?.entries.map(({ address, host }) => [address, host]),
    ).toEqual([
      ['127.0.0.1', 'localhost'],
      ['::1', 'a'],
      ['::1', 'b'],
      ['0.0.0.0', 'a'],
    ]);
  });

  test('certificate authorities: only what was added; none is a value', () => {
    const [found] = readSample(
      'ca-certificates',
      `/system/etc/security/cacerts/5ed36f99.0\n/data/misc/user/0/cacerts-added/5ed36f99.0\n${'a'.repeat(64)}  /data/misc/user/10/cacerts-added/1.0\n/data/misc/keychain/cacerts-added:\n-rw-r--r-- 1 system system 1200 2020-01-01 00:00 2.0\n`,
    ).values('authorities');
    expect(found?.map(({ path, sha256 }) => [path, sha256])).toEqual([
      ['/data/misc/user/0/cacerts-added/5ed36f99.0', undefined],
      ['/data/misc/user/10/cacerts-added/1.0', 'a'.repeat(64)],
      ['/data/misc/keychain/cacerts-added/2.0', undefined],
    ]);
    expect(readSample('ca-certificates', 'ls: Permission denied\n').values('authorities')).toEqual([[]]);
  });

  test('SELinux, APEXes, features, environment, file systems', () => {
    expect(readSample('getenforce', 'Permissive\n').values('selinux')[0]?.mode).toBe('permissive');
    expect(readSample('getenforce', 'getenforce: not found\n').facts).toEqual([]);
    expect(
      readSample('ls/apex', 'drwxr-xr-x 8 system system 160 com.android.adbd\nd com.android.adbd@340\nsharedlibs\n')
        .values('apexes')[0]
        ?.map(({ value }) => value),
    ).toEqual(['com.android.adbd']);
    expect(
      readSample(
        'apex-info',
        '<apex-info-list><apex-info moduleName="com.a" x="1"/><apex-info moduleName="com.a"/><apex-info moduleName="com.b"/>',
      ).values('apexes')[0],
    ).toHaveLength(2);
    expect(
      readSample('pm/features', 'feature:reqGlEsVersion=0x30002\nfeature:android.hardware.nfc\nx\n')
        .values('features')[0]
        ?.map(({ value }) => value),
    ).toEqual(['reqGlEsVersion', 'android.hardware.nfc']);
    expect(
      readSample('env', 'PATH=/sbin\nLD_PRELOAD=\nTWO=a\nb\n')
        .values('environment')[0]
        ?.map(({ path, value }) => [path, value]),
    ).toEqual([
      ['PATH', '/sbin'],
      ['LD_PRELOAD', ''],
      ['TWO', 'a\nb'],
    ]);
    expect(
      readSample(
        'df',
        'Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/block/dm-0 100 40 60 40% /\n/data 12.5G 3.1G 9.4G 4096\n/x y\n',
      )
        .values('storage')[0]
        ?.fileSystems.map(({ mountPoint, sizeBytes }) => [mountPoint, sizeBytes]),
    ).toEqual([
      ['/', 102_400],
      ['/data', 12.5 * 1024 ** 3],
    ]);
  });
});

describe('settings', () => {
  test('values of several lines, empty ones and duplicates stay', () => {
    const sample = readSample('settings', 'a=1\nb=\nc={\n "x": 1\n}\na=2\n', 'settings list global');
    expect(sample.values('settings')[0]).toMatchObject({
      namespace: 'global',
      entries: [
        { key: 'a', value: '1' },
        { key: 'b', value: '' },
        { key: 'c', value: '{\n "x": 1\n}' },
        { key: 'a', value: '2' },
      ],
    });
    expect(sample.at(sample.values('settings')[0]?.entries[2]?.place ?? { artefact: '', at: 0, length: 0 })).toBe('c={\n "x": 1\n}');
  });

  test('the namespace comes of the name, and without one nothing is guessed', () => {
    expect(readSample('settings', 'a=1\n', 'x/settings_secure.txt').values('settings')[0]?.namespace).toBe('secure');
    expect(readSample('settings', 'a=1\n', 'x.txt').unread).toHaveLength(1);
  });

  test('dumpsys settings: the owner’s namespaces, without what stands behind a value', () => {
    const found = readSample(
      'dumpsys/settings',
      'CONFIG SETTINGS (user 0)\n_id:1 name:n/x pkg:p value:1\n\nGLOBAL SETTINGS (user 0)\n_id:2 name:adb_enabled pkg:android value:1 default:0 defaultSystemSet:true\n\tHistory (adb_enabled)\n\t\ttime:x\n_id:3 name:w pkg:p value:{\n  "v": 1\n} defaultSystemSet:true\n_id:4 name:e value:\n\nSECURE SETTINGS (user 10)\n_id:5 name:z pkg:p value:9\n',
    ).values('settings');
    expect(found.map(({ namespace, entries }) => [namespace, entries.map(({ key, value }) => [key, value])])).toEqual([
      [
        'global',
        [
          ['adb_enabled', '1'],
          ['w', '{\n  "v": 1\n}'],
          ['e', ''],
        ],
      ],
    ]);
  });
});
