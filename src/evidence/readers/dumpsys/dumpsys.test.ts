import { describe, expect, test } from 'vitest';
import { toHex } from '../../../bytes/index.ts';
import type { ArtefactKind } from '../../capture.ts';
import { HOSTILE, placesIn, readSample } from '../sample.ts';
import { md5 } from './md5.ts';

const dump = (name: string, lines: string) =>
  `    Package [${name}] (d64f8e0):\n      userId=10143\n      sharedUser=SharedUserSetting{cb92b86 made.shared/10143}\n${lines}`;

describe('dumpsys package', () => {
  const read = (text: string) => readSample('dumpsys/package', text);
  const modern = `Packages:\n  Package [com.made] (d64f8e0):\n    appId=10143\n    codePath=/system/priv-app/Made\n    versionCode=500700000 minSdk=28 targetSdk=28\n    versionName=5.0 = x\n    pkgFlags=[ SYSTEM HAS_CODE ]\n    privateFlags=[ PRIVILEGED ]\n    lastUpdateTime=2008-12-31 16:00:00\n    installerPackageName=com.made.store\n    signatures=PackageSignatures{6c98c74 version:2, signatures:[b378e95c, 1a], past signatures:[ff]}\n    declared permissions:\n      com.made.OWN: prot=signature, INSTALLED\n    requested permissions:\n      android.permission.INTERNET\n      android.permission.CAMERA: restricted=true\n    install permissions:\n      android.permission.INTERNET: granted=true\n      android.permission.REBOOT: granted=false\n    User 0: ceDataInode=-4 installed=true hidden=false stopped=false enabled=3 instant=false\n      firstInstallTime=2009-01-01 00:00:00\n      runtime permissions:\n        android.permission.CAMERA: granted=true, flags=[ USER_SET]\n        android.permission.READ_SMS: granted=false, flags=[ USER_SET]\n    User 10: ceDataInode=0 installed=false enabled=0\n`;

  test('a package for each user, with what that user was granted', () => {
    const sample = read(modern);
    const [value] = sample.values('packages');
    expect(value?.users).toEqual([0, 10]);
    expect(value?.packages).toMatchObject([
      {
        name: 'com.made',
        user: 0,
        uid: 10143,
        paths: ['/system/priv-app/Made'],
        system: true,
        privileged: true,
        enabled: false,
        uninstalled: false,
        installer: 'com.made.store',
        versionCode: 500_700_000,
        versionName: '5.0 = x',
        firstInstall: '2009-01-01 00:00:00',
        lastUpdate: '2008-12-31 16:00:00',
        signatureHashes: ['b378e95c', '1a'],
        requestedPermissions: ['android.permission.INTERNET', 'android.permission.CAMERA'],
        grantedPermissions: ['android.permission.INTERNET', 'android.permission.CAMERA'],
        chosenPermissions: ['android.permission.CAMERA'],
      },
      { user: 10, uid: 1_010_143, uninstalled: true, enabled: true, grantedPermissions: ['android.permission.INTERNET'] },
    ]);
    for (const place of placesIn(value)) expect(sample.at(place)).toMatch(/^ {2}Package \[com\.made\][\s\S]*enabled=0$/);
  });

  test('before Android 8 permissions stand with the shared user, whatever the indent', () => {
    const [value] = read(
      `Packages:\n${dump('a', '      grantedPermissions:\n        android.permission.A\n')}\nShared users:\n  SharedUser [made.shared] (41ab):\n    userId=10143\n    grantedPermissions:\n      android.permission.B\n`,
    ).values('packages');
    expect(value?.packages[0]).toMatchObject({
      sharedUser: 'made.shared',
      installer: null,
      grantedPermissions: ['android.permission.A', 'android.permission.B'],
    });
  });

  test('the same package twice is two packages; versions beneath updates are not installed ones', () => {
    const [value] = read(`Packages:\n${dump('a', '')}${dump('a', '')}\nHidden system packages:\n${dump('b', '')}`).values('packages');
    expect(value?.packages.map(({ name }) => name)).toEqual(['a', 'a']);
  });

  test('a hostile name is data', () => {
    const name = HOSTILE.replaceAll(']', '');
    expect(read(`Packages:\n${dump(name, `      versionName=${HOSTILE}\n`)}`).values('packages')[0]?.packages[0]).toMatchObject({
      name,
      versionName: HOSTILE,
    });
  });

  test('resolver tables, features and APEXes', () => {
    const sample = read(
      'Receiver Resolver Table:\n  Schemes:\n      http:\n        23fa699 com.no/.No filter 1\n  Non-Data Actions:\n      android.intent.action.PHONE_STATE:\n        85c0aa6 com.a/.B filter 12\n        85c0aa7 com.c/com.d.E$F\n\nActivity Resolver Table:\n  Non-Data Actions:\n      x.Y:\n        1 com.a/.C\n\nFeatures:\n  android.hardware.nfc version=1\n  \n\nActive APEX packages:\n\n  com.android.adbd\n    Version: 1\n',
    );
    expect(sample.values('intent-handlers')[0]?.map(({ intent, component, kind }) => [intent, component, kind])).toEqual([
      ['android.intent.action.PHONE_STATE', 'com.a/.B', 'receiver'],
      ['android.intent.action.PHONE_STATE', 'com.c/com.d.E$F', 'receiver'],
      ['x.Y', 'com.a/.C', 'activity'],
    ]);
    expect(sample.values('features')[0]?.map(({ value }) => value)).toEqual(['android.hardware.nfc']);
    expect(sample.values('apexes')[0]?.map(({ value }) => value)).toEqual(['com.android.adbd']);
  });
});

describe('graphics', () => {
  test('vendor, renderer, version and extensions', () => {
    expect(
      readSample(
        'dumpsys/SurfaceFlinger',
        ' x\nGLES: Imagination Technologies, PowerVR Rogue GE8320, OpenGL ES 3.2 build 1.11@5425693\nGL_A EGL_B no\nGLES: other\n',
      ).values('gpu'),
    ).toEqual([
      {
        vendor: 'Imagination Technologies',
        renderer: 'PowerVR Rogue GE8320',
        version: 'OpenGL ES 3.2 build 1.11@5425693',
        extensions: ['GL_A', 'EGL_B'],
      },
    ]);
    expect(readSample('dumpsys/SurfaceFlinger', 'GLES: ').values('gpu')[0]).toMatchObject({
      vendor: '',
      renderer: undefined,
      version: undefined,
    });
  });

  test.each([
    'mBaseDisplayInfo=DisplayInfo{"Built-in Screen", displayId 0, real 1080 x 1920, largest app 1 x 1, 60.0 fps, density 480 (442.451 x 443.345) dpi, layerStack 0}',
    'DisplayDeviceInfo{"Built-in Screen": uniqueId="local:0", 1080 x 1920, 60.0 fps, density 480, 442.451 x 443.345 dpi, touch INTERNAL}',
  ])('display: %s', (line) => {
    expect(readSample('dumpsys/display', `  ${line}\n`).values('display')[0]).toMatchObject({
      physicalWidth: 1080,
      physicalHeight: 1920,
      physicalDensity: 480,
      xDpi: 442.451,
      yDpi: 443.345,
    });
  });
});

test('cameras of both generations of the dump', () => {
  const [value] = readSample(
    'dumpsys/media.camera',
    '== Camera HAL device device@3.4/legacy/0 (v3.4) static information: ==\n  Facing: BACK\n    android.sensor.info.pixelArraySize (f0006): int32[2]\n      [4096 3072 ]\n    android.info.supportedHardwareLevel (150000): byte[1]\n      [FULL ]\nCamera 1 static information:\n  Facing: FRONT\n    android.sensor.info.pixelArraySize (f0006): int32[2]\n      []\n',
  ).values('cameras');
  expect(value).toEqual([
    { id: 'device@3.4/legacy/0', facing: 'back', pixelArrayWidth: 4096, pixelArrayHeight: 3072, hardwareLevel: 'FULL' },
    { id: '1', facing: 'front', pixelArrayWidth: undefined, pixelArrayHeight: undefined, hardwareLevel: undefined },
  ]);
});

test('sensors of both generations of the dump', () => {
  const [value] = readSample(
    'dumpsys/sensorservice',
    `Sensor List:\n0x01010001) LSM6DSO Accelerometer   | STMicro         | ver: 1 | type: android.sensor.accelerometer(1) | perm: n/a\nMPU6515 Gyro | Invensense | version=1 |android.sensor.gyroscope| 0x4\n0000000000) Of handle nought | AOSP | ver: 1 | type: android.sensor.light(5)\n${HOSTILE} | x | type: a.b(1)\n| |\nActive sensors:\nnone | x | type: a.b\n`,
  ).values('sensors');
  expect(value?.slice(0, 3)).toEqual([
    { name: 'LSM6DSO Accelerometer', vendor: 'STMicro', type: 'android.sensor.accelerometer' },
    { name: 'MPU6515 Gyro', vendor: 'Invensense', type: 'android.sensor.gyroscope' },
    { name: 'Of handle nought', vendor: 'AOSP', type: 'android.sensor.light' },
  ]);
  expect(value?.some(({ name }) => name === 'none')).toBe(false);
});

describe('accessibility', () => {
  test('blocks, as before Android 14; empty ones too', () => {
    const sample = readSample(
      'dumpsys/accessibility',
      'User state[attributes:{id=0\n  }\n  installed services: {\n    0 : com.a/com.b.C\n    1 : com.d/.E\n  }\n  enabled services: {\n  }\n  binding services: {\n    0 : com.x/.Y\n  }\n',
    );
    const [value] = sample.values('accessibility');
    expect(value?.installed.map(({ value: said }) => said)).toEqual(['com.a/com.b.C', 'com.d/.E']);
    expect(value?.enabled).toEqual([]);
    expect(sample.at(value?.installed[1]?.place ?? { artefact: '', at: 0, length: 0 })).toBe('    1 : com.d/.E');
  });

  test('a line, as from Android 14 on', () => {
    const [value] = readSample(
      'dumpsys/accessibility',
      '     Enabled services:{{com.m/com.m.S}, {a.b/c.D}}\n     Binding services:{}\n',
    ).values('accessibility');
    expect(value?.enabled.map(({ value: said }) => said)).toEqual(['com.m/com.m.S', 'a.b/c.D']);
  });
});

describe('device policy', () => {
  test('owners and admins', () => {
    const [value] = readSample(
      'dumpsys/device_policy',
      'Current Device Policy Manager state:\n  Device Owner: \n    admin=ComponentInfo{com.mdm/com.mdm.Admin}\n    package=com.mdm\n\n  Profile Owner (User 10): \n    admin=ComponentInfo{com.work/.P}\n\n  Enabled Device Admins (User 0, provisioningState: 3):\n    com.google.android.gms/.mdm.receivers.MdmDeviceAdminReceiver:\n      uid=10012\n      testOnlyAdmin=false\n',
    ).values('device-policy');
    expect(value).toMatchObject({ deviceOwner: 'com.mdm/com.mdm.Admin', profileOwners: ['com.work/.P'] });
    expect(value?.activeAdmins.map(({ value: said }) => said)).toEqual(['com.google.android.gms/.mdm.receivers.MdmDeviceAdminReceiver']);
  });

  test('no owner is a value; no dump is none', () => {
    expect(readSample('dumpsys/device_policy', 'Current Device Policy Manager state:\n').values('device-policy')).toEqual([
      { deviceOwner: null, profileOwners: [], activeAdmins: [] },
    ]);
    expect(readSample('dumpsys/device_policy', 'Permission Denial').facts).toEqual([]);
  });
});

test('app operations of Android 4.4 and of later ones', () => {
  const [value] = readSample(
    'dumpsys/appops',
    'Current AppOps Service state:\n  Op mode watchers:\n    Op COARSE_LOCATION:\n  Uid u0a104:\n    state=cch\n      LEGACY_STORAGE: mode=ignore\n    Package org.made:\n      REQUEST_INSTALL_PACKAGES (allow):\n      WAKE_LOCK (allow / switch X=allow):\n          Access: [fg-s] 2022-05-19 22:02:49.186 (-314d)\n          Access: [bg-s]2021-03-29 23:03:03.763 (-24m) duration=+33ms\n          Reject: [bg-s]2029-03-29 23:03:03.763 (-24m)\n  Uid 1000:\n    Package android:\n      VIBRATE: mode=0; time=+1h2m ago; duration=+1ms\n',
  ).values('app-operations');
  expect(value?.map(({ uid, package: name, operation, mode, lastAccess }) => [uid, name, operation, mode, lastAccess])).toEqual([
    ['u0a104', '', 'LEGACY_STORAGE', 'ignore', undefined],
    ['u0a104', 'org.made', 'REQUEST_INSTALL_PACKAGES', 'allow', undefined],
    ['u0a104', 'org.made', 'WAKE_LOCK', 'allow', '2022-05-19 22:02:49.186'],
    ['1000', 'android', 'VIBRATE', 'allow', '+1h2m'],
  ]);
});

describe('trusted ADB keys', () => {
  const key = btoa('k'.repeat(524));
  const wrap = (inside: string) =>
    `ADB MANAGER STATE (dumpsys adb):\n{\n  debugging_manager={\n    connected_to_adb=true\n${inside}\n  }\n}\n`;

  test('as text and XML: one key is one key, with the time of the store', () => {
    const [keys] = readSample(
      'dumpsys/adb',
      wrap(
        `    user_keys=${key} user@laptop\n    QUJDRA== x@y\n    ${'A'.repeat(20)} broken\n\n    keystore=<?xml version='1.0'?>\n    <keyStore version="1">\n    <adbKey key="${key} user@laptop" lastConnection="1628501829898" />\n    </keyStore>\n`,
      ),
    ).values('adb-keys');
    expect(keys).toEqual([
      {
        fingerprintMd5: toHex(md5(new TextEncoder().encode('k'.repeat(524)))),
        user: 'user@laptop',
        lastConnection: '1628501829898',
        valid: true,
      },
      { fingerprintMd5: expect.any(String), user: 'broken', lastConnection: undefined, valid: false },
    ]);
  });

  test('as Android binary XML', () => {
    const text = (value: string) => [value.length >> 8, value.length & 255, ...new TextEncoder().encode(value)];
    const interned = (value: string) => [0xff, 0xff, ...text(value)];
    const element = (name: string, ...attributes: readonly number[]) => [0x32, ...interned(name), ...attributes];
    const time = [0x8f, ...interned('lastConnection'), 0, 0, 1, 0x7b, 0x2a, 0xd5, 0x3c, 0x4a];
    const store = [
      ...new TextEncoder().encode('ABX\u0000\u0010'),
      ...element('keyStore', 0x6f, ...interned('version'), 0, 0, 0, 1),
      ...element('adbKey', 0x2f, ...interned('key'), ...text(`${key} a@b`), ...time),
      ...Uint8Array.of(0x33, 0, 2, 0x33, 0, 0, 0x11),
    ];
    const [before = '', after = ''] = wrap('    keystore=@').split('@');
    const bytes = Uint8Array.from([...new TextEncoder().encode(before), ...store, ...new TextEncoder().encode(after)]);
    expect(readSample('dumpsys/adb', bytes).values('adb-keys')[0]).toMatchObject([
      { user: 'a@b', lastConnection: '1628511222858', valid: true },
    ]);
    const torn = readSample('dumpsys/adb', bytes.subarray(0, before.length + 60));
    expect(torn.values('adb-keys')).toEqual([[]]);
    expect(torn.unread[0]).toContain('abx @0x');
  });

  test('none at all is a value', () => {
    expect(readSample('dumpsys/adb', wrap('    user_keys=\n')).values('adb-keys')).toEqual([[]]);
    expect(readSample('dumpsys/adb', 'no such service').facts).toEqual([]);
  });

  test.each([
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['12345678901234567890123456789012345678901234567890123456789012345678901234567890', '57edf4a22be3c955ac49da2e2107b67a'],
  ])('MD5 of %j (RFC 1321, A.5)', (text, digest) => {
    expect(toHex(md5(new TextEncoder().encode(text)))).toBe(digest);
  });
});

describe('traces of packages', () => {
  const traces = (kind: ArtefactKind, text: string) =>
    readSample(kind, text)
      .values('package-traces')[0]
      ?.map(({ package: name, event, when, versionAfter }) => [name, event, when, versionAfter]);

  test('the battery’s history and daily log', () => {
    expect(
      traces(
        'dumpsys/batterystats',
        '            +47s645ms (2) 100 +job=u0a94:"com.made.app/.Job" -top=u0a1:"com.top"\n   +1s (2) 1 +wake_lock=u0a3:"*job*/com.wake.er/.J" +running\n  Daily from 2022-06-14-16-46-33 to 2022-06-15-10-00-00:\n    Update com.up vers=222014044\n    Update com.gone vers=0\n',
      ),
    ).toEqual([
      ['com.made.app', '+job', '+47s645ms', undefined],
      ['com.top', '-top', '+47s645ms', undefined],
      ['com.wake.er', '+wake_lock', '+1s', undefined],
      ['com.up', 'update', '2022-06-14-16-46-33', 222_014_044],
      ['com.gone', 'uninstall', '2022-06-14-16-46-33', 0],
    ]);
  });

  test('databases of running packages', () => {
    expect(
      traces(
        'dumpsys/dbinfo',
        '** Database info for pid 8817 [com.a:remote] **\nConnection pool for /data/user/0/com.b/databases/x.db:\n        0: [2023-07-27 12:21:44.097] [Pid:(0)]execute took 2ms - succeeded, sql="PRAGMA \u001b[2J;", path=/x\n',
      ),
    ).toEqual([
      ['com.a', 'process', undefined, undefined],
      ['com.b', 'database', undefined, undefined],
      ['com.a', 'sql', '2023-07-27 12:21:44.097', undefined],
    ]);
  });

  test('overrides outlive their package; having none is a value', () => {
    expect(
      traces(
        'dumpsys/platform_compat',
        'ChangeId(168419799; name=DOWNSCALED; disabled; packageOverrides={com.a=false}; rawOverrides={com.gone=true, com.a=false}; overridable)\n',
      ),
    ).toEqual([
      ['com.a', 'packageOverrides', undefined, undefined],
      ['com.gone', 'rawOverrides', undefined, undefined],
      ['com.a', 'rawOverrides', undefined, undefined],
    ]);
    expect(traces('dumpsys/platform_compat', 'ChangeId(1; name=A; disabled)\n')).toEqual([]);
  });
});

test('users, with names that hold what divides the fields', () => {
  expect(readSample('pm/users', 'Users:\n\tUserInfo{0:Owner:c13} running\n\tUserInfo{10:Work: a}b:1030}\n').values('users')[0]).toEqual([
    { id: 0, name: 'Owner', flags: 0xc13, running: true },
    { id: 10, name: 'Work: a}b', flags: 0x1030, running: false },
  ]);
  expect(readSample('dumpsys/user', '  UserInfo{0:机主:13} serialNo=0\n    State: RUNNING_UNLOCKED\n').values('users')[0]).toEqual([
    { id: 0, name: '机主', flags: 0x13, running: true },
  ]);
});

test('identifiers where a service prints them', () => {
  expect(
    readSample('dumpsys/iphonesubinfo', 'Phone Subscriber Info:\n  Phone Type = GSM\n  Device ID = 490154203237518\n').values(
      'identifiers',
    )[0],
  ).toMatchObject([{ type: 'imei', value: '490154203237518' }]);
  expect(readSample('dumpsys/isub', ' iccId=[****\n')).toMatchObject({ facts: [], unread: [] });
});

describe('dumpsys of all services', () => {
  const gles = (vendor: string) => `DUMP OF SERVICE SurfaceFlinger:\nGLES: ${vendor}, R, OpenGL ES 3\n\n`;

  test('parts are found with and without priority, places are those of the whole', () => {
    const sample = readSample(
      'dumpsys',
      `Currently running services:\n  x\n${'-'.repeat(79)}\nDUMP OF SERVICE CRITICAL SurfaceFlinger:\nGLES: ж, R, OpenGL ES 3\n\nDUMP OF SERVICE other:\nGLES: no\n`,
    );
    expect(sample.values('gpu').map(({ vendor }) => vendor)).toEqual(['ж']);
    const [gpu] = sample.facts;
    expect(sample.at(gpu?.place ?? { artefact: '', at: 0, length: 0 })).toBe('GLES: ж, R, OpenGL ES 3');
    expect(sample.values('services')[0]?.map(({ value }) => value)).toEqual(['SurfaceFlinger', 'other']);
  });

  test('a forged second part is read beside the first, and said', () => {
    const sample = readSample('dumpsys', gles('A') + gles('B'));
    expect(sample.values('gpu').map(({ vendor }) => vendor)).toEqual(['A', 'B']);
    expect(sample.unread).toEqual(['the service SurfaceFlinger is dumped more than once; every dump was read']);
  });

  test.each(['', 'Can’t find service: x\n', 'DUMP OF SERVICE \n'])('no part: %j', (text) => {
    expect(readSample('dumpsys', text).facts).toEqual([]);
  });
});

test('every reader of a service takes an empty dump, another language and rubbish without an error', () => {
  const services = [
    'package',
    'SurfaceFlinger',
    'display',
    'media.camera',
    'sensorservice',
    'accessibility',
    'device_policy',
    'appops',
    'adb',
    'batterystats',
    'dbinfo',
    'platform_compat',
    'iphonesubinfo',
    'user',
    'settings',
  ];
  for (const service of services)
    for (const text of ['\n', 'Служба недоступна: нет разрешения\n', `${HOSTILE}\n`, '{{{{[[[[((((\n', 'a=b:c;d|e/f '.repeat(50)])
      expect(readSample(`dumpsys/${service}`, text).facts).toEqual([]);
});
