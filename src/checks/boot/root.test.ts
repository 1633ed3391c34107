import { describe, expect, test } from 'vitest';
import { fact, file, files, judge, MI4, MODERN, mount, place, props, reference } from './made-facts.ts';
import { referenceFiles } from './reference-files.ts';
import { hookingTraces, rootTraces } from './root-traces.ts';
import { suBinary } from './su-binary.ts';
import { systemOverlays } from './system-overlays.ts';
import { writableSystem } from './writable-system.ts';

const mounts = (...list: readonly Parameters<typeof mount>[0][]) => fact('mounts', list.map(mount));
const found = (...paths: readonly string[]) => fact('root-binaries', { paths: paths.map((value) => ({ value, place })) });
const process = (name: string, user: string) => fact('processes', [{ name, user, pid: 1, parentPid: 1, label: undefined, place }]);
const GENUINE = mounts(
  { mountPoint: '/' },
  { mountPoint: '/vendor', type: 'erofs', options: ['rw'] },
  { mountPoint: '/data', options: ['rw'], device: '/dev/block/dm-9' },
);

describe('programs that give root', () => {
  test('su on a consumer build, setuid or on the path', () => {
    expect(judge(suBinary, [props(MI4), files({ path: '/system/xbin/su', mode: '6755' })])).toEqual(['conclusive software']);
    expect(judge(suBinary, [props(MI4), found('/system/xbin/su')])).toEqual(['conclusive software']);
    expect(judge(suBinary, [props(MI4), found('/system/xbin/su'), files({ path: '/system/xbin/su', mode: '104755' })])).toEqual([
      'conclusive software',
    ]);
  });
  test.each([
    ['an engineering unit', { ...MI4, 'ro.build.type': 'eng' }],
    ['LineageOS', { ...MI4, 'ro.cm.version': '12.1' }],
    ['Xiaomi’s developer ROM', { ...MI4, 'ro.build.version.incremental': '5.3.6' }],
    ['a small maker’s tablet', { ...MI4, 'ro.product.brand': 'noname' }],
  ])('su of %s is weak', (_, properties) =>
    expect(judge(suBinary, [props(properties), found('/system/xbin/su')])).toEqual(['weak software']),
  );
  test('busybox, which the stock Redmi 4A has, is a note', () =>
    expect(judge(suBinary, [props(MI4), found('/system/xbin/busybox')])).toEqual(['note software']));
  test('a name that only looks like it, or lies with the user, is none', () => {
    expect(
      judge(suBinary, [
        props(MI4),
        files({ path: '/system/bin/sum' }, { path: '/sdcard/su' }, { path: '/system/app/su', type: 'directory' }),
      ]),
    ).toBe('pass');
  });
  test('nothing read is nothing passed', () => expect(judge(suBinary, [props(MI4)])).toBe('not-checked'));
});

describe('root that runs', () => {
  test.each([
    ['a mount of Magisk', mounts({ device: 'magisk', type: 'tmpfs', mountPoint: '/system/bin' })],
    ['a mount of KernelSU', mounts({ device: 'KSU', type: 'overlay', mountPoint: '/system/etc' })],
    ['its daemon', process('magiskd', 'root')],
    ['its folder', files({ path: '/data/adb/magisk/busybox' })],
  ])('%s', (_, trace) => expect(judge(rootTraces, [props(MODERN), trace])).toEqual(['conclusive software']));
  test('an app that calls its process so has no root by it', () => {
    expect(judge(rootTraces, [props(MODERN), process('magiskd', 'u0_a100')])).toEqual(['weak posture']);
  });
  test('Xposed in the framework, Zygisk in zygote, Frida as root', () => {
    expect(judge(hookingTraces, [props(MI4), files({ path: '/system/framework/XposedBridge.jar' })])).toEqual(['conclusive software']);
    expect(judge(hookingTraces, [props({ ...MI4, 'ro.dalvik.vm.native.bridge': 'libzygisk.so' })])).toEqual(['conclusive software']);
    expect(judge(hookingTraces, [props(MI4), process('frida-server', 'root')])).toEqual(['conclusive software']);
    expect(judge(hookingTraces, [props(MI4), files({ path: '/data/local/tmp/frida-server' })])).toEqual(['weak posture']);
  });
  test('a genuine phone with houdini passes; properties alone pass nothing', () => {
    expect(judge(hookingTraces, [props({ ...MI4, 'ro.dalvik.vm.native.bridge': 'libhoudini.so' }), GENUINE])).toBe('pass');
    expect(judge(rootTraces, [props(MI4)])).toBe('not-checked');
  });
});

describe('mounts', () => {
  test('root mounted writable on system-as-root, which others miss', () => {
    expect(judge(writableSystem, [props(MODERN), mounts({ mountPoint: '/', options: ['rw', 'seclabel'] })])).toEqual([
      'conclusive software',
    ]);
    expect(judge(writableSystem, [props(MI4), mounts({ mountPoint: '/system', options: ['rw'] })])).toEqual(['conclusive software']);
  });
  test('an image that cannot be written, a ramdisk, and data are no finding', () => {
    expect(judge(writableSystem, [props(MODERN), GENUINE, mounts({ mountPoint: '/', type: 'rootfs', options: ['rw'] })])).toBe('pass');
  });
  test('a development build after adb remount is weak', () => {
    expect(
      judge(writableSystem, [props({ ...MODERN, 'ro.build.type': 'userdebug' }), mounts({ mountPoint: '/', options: ['rw'] })]),
    ).toEqual(['weak software']);
  });
  test('the same mount in two syntaxes is one finding', () => {
    const twice = { mountPoint: '/system', options: ['rw'] };
    expect(judge(writableSystem, [props(MI4), mounts(twice), mounts({ ...twice, root: '/' })])).toHaveLength(1);
  });
  test.each([
    [
      'an overlay with a writable layer',
      {
        mountPoint: '/system/etc',
        type: 'overlay',
        device: 'overlay',
        options: ['ro', 'lowerdir=/system/etc', 'upperdir=/data/x', 'workdir=/data/y'],
      },
    ],
    [
      'an overlay of modules',
      { mountPoint: '/vendor/etc', type: 'overlay', device: 'overlay', options: ['ro', 'lowerdir=/data/adb/m:/vendor/etc'] },
    ],
    ['memory over the programs', { mountPoint: '/system/bin', type: 'tmpfs', device: 'tmpfs', options: ['rw'] }],
    ['data over a file of the system', { mountPoint: '/system/etc/hosts', device: '/dev/block/dm-9', root: '/fake' }],
  ])('%s', (_, extra) => expect(judge(systemOverlays, [props(MODERN), GENUINE, mounts(extra)])).toEqual(['conclusive software']));
  test('Xiaomi’s and Samsung’s own overlays, and APEX, pass', () => {
    const own = mounts(
      {
        mountPoint: '/product/overlay',
        type: 'overlay',
        device: 'overlay',
        options: ['ro', 'lowerdir=/mnt/vendor/mi_ext/product/overlay/:/product/overlay'],
      },
      { mountPoint: '/system/priv-app', type: 'overlay', device: 'overlay', options: ['ro', 'lowerdir=/prism/app:/system/priv-app'] },
      { mountPoint: '/apex', type: 'tmpfs', device: 'tmpfs' },
      { mountPoint: '/vendor/firmware_mnt', type: 'vfat', device: '/dev/block/sda1' },
    );
    expect(judge(systemOverlays, [props(MODERN), GENUINE, own])).toBe('pass');
  });
  test('an overlay without layers is weak; hostile text costs nothing', () => {
    expect(
      judge(systemOverlays, [
        props(MODERN),
        mounts({ mountPoint: '/system/<b>\u0000', type: 'overlay', device: '', options: ['lowerdir=', ''] }),
      ]),
    ).toEqual(['weak software']);
    expect(judge(systemOverlays, [props(MODERN), mounts()])).toBe('not-checked');
    expect(judge(writableSystem, [props(MODERN)])).toBe('not-checked');
  });
});

describe('files against the reference', () => {
  const fingerprint = MI4['ro.build.fingerprint'] ?? '';
  const known = {
    ...file({ path: '/system/lib/libandroid_runtime.so', sha256: 'aa' }),
    partition: 'system',
    size: 1,
    mode: '0644',
    uid: 0,
    gid: 0,
    context: null,
    capabilities: null,
    sha256: 'aa',
    target: null,
    type: 'file' as const,
  };
  const references = [reference(fingerprint, { files: [known] })];
  test('malware in the framework', () => {
    expect(judge(referenceFiles, [props(MI4), files({ path: known.path, sha256: 'BB' })], { references })).toEqual(['conclusive software']);
  });
  test('one more program', () => {
    expect(judge(referenceFiles, [props(MI4), files({ path: '/system/bin/libmtd' })], { references })).toEqual(['conclusive software']);
  });
  test('the maker’s own files pass, and a customer partition is not compared', () => {
    expect(
      judge(referenceFiles, [props(MI4), files({ path: known.path, sha256: 'AA' }, { path: '/cust/app/x.apk' })], { references }),
    ).toBe('pass');
  });
  test('nothing compared is nothing passed', () => {
    expect(judge(referenceFiles, [props(MI4), files({ path: known.path })], { references })).toBe('not-checked');
    expect(judge(referenceFiles, [props(MI4), files({ path: known.path, sha256: 'bb' })])).toBe('not-checked');
  });
});
