/** What varies on genuine phones, as whole phones: it convicts nothing on hardware and is never called modified. */
import { describe, expect, test } from 'vitest';
import type { Fact } from '../../evidence/index.ts';
import { bootChecks } from '../boot/index.ts';
import { adb, context, fact, files, KEYS, MI4, MODERN, mount, packages, place, props } from '../boot/made-facts.ts';
import { packageChecks } from '../packages/index.ts';
import { runChecks } from '../run.ts';
import { behaviourChecks } from './index.ts';

const all = [...bootChecks, ...packageChecks, ...behaviourChecks];
const platform = (signer: string): Fact => fact('platform-signatures', [{ package: 'android', signers: [signer], place }], 'told');
const selinux = (mode: 'enforcing' | 'permissive'): Fact => fact('selinux', { mode, policySha256: undefined });
const mounted = (...options: readonly string[]): Fact => fact('mounts', [mount({ mountPoint: '/', options })]);

const VARIANTS: readonly (readonly [name: string, facts: readonly Fact[]])[] = [
  ['the genuine Mi 4', [props(MI4), adb({}), platform(KEYS.xiaomi), mounted('ro')]],
  ['a locked modern phone', [props(MODERN), adb({}), selinux('enforcing'), mounted('ro')]],
  [
    'a regional SKU',
    [props({ ...MODERN, 'ro.product.brand': 'samsung', 'ro.boot.hardware.sku': 'SM-G960U' }), adb({}), platform(KEYS.samsung)],
  ],
  ['carrier parts', [props(MODERN), packages({ name: 'com.carrier.app', paths: ['/product/app/C/C.apk'], system: true, installer: null })]],
  [
    'mid-OTA',
    [
      props({ ...MODERN, 'ro.boot.slot_suffix': '_b' }),
      fact('slots', { current: '_b', updateEngine: 'UPDATE_STATUS_UPDATED_NEED_REBOOT', otherBootable: true, snapshotState: 'merging' }),
    ],
  ],
  ['a tripped Knox', [props({ ...MODERN, 'ro.product.brand': 'samsung', 'ro.boot.warranty_bit': '1' }), adb({})]],
  [
    'an unlocked phone with the maker’s system',
    [
      props({ ...MODERN, 'ro.boot.verifiedbootstate': 'orange', 'ro.boot.vbmeta.device_state': 'unlocked', 'ro.boot.flash.locked': '0' }),
      adb({}),
    ],
  ],
  [
    'an engineering unit',
    [
      props({
        ...MODERN,
        'ro.build.type': 'userdebug',
        'ro.build.tags': 'dev-keys',
        'ro.debuggable': '1',
        'ro.adb.secure': '0',
        'ro.boot.verifiedbootstate': 'orange',
        'ro.boot.vbmeta.device_state': 'unlocked',
        'ro.boot.flash.locked': '0',
      }),
      adb({ authorisation: 'none', shellUid: 0 }),
      selinux('permissive'),
      mounted('rw'),
      files({ path: '/system/xbin/su', mode: '6755' }),
      platform(KEYS.testPlatform),
    ],
  ],
  [
    'a test-key maker',
    [props({ ...MODERN, 'ro.product.brand': 'noname', 'ro.build.tags': 'test-keys' }), adb({}), platform(KEYS.testPlatform)],
  ],
  [
    'a certified maker that says test-keys',
    [props({ ...MODERN, 'ro.product.brand': 'HUAWEI', 'ro.build.tags': 'test-keys' }), adb({}), selinux('enforcing')],
  ],
  [
    'a managed phone',
    [
      props(MODERN),
      adb({}),
      fact('device-policy', {
        deviceOwner: 'com.employer/.Admin',
        profileOwners: [],
        activeAdmins: [{ value: 'com.employer/.Admin', place }],
      }),
      fact('authorities', [{ path: '/data/misc/user/0/cacerts-added/1.0', subject: 'CN=Employer', sha256: undefined, place }]),
      packages(
        { name: 'com.android.updater', enabled: false, paths: ['/system/app/U.apk'] },
        { name: 'com.employer', installer: 'com.employer.store', system: false },
      ),
    ],
  ],
  [
    'an owner’s display and guard settings',
    [
      props(MODERN),
      adb({}),
      fact('settings', {
        namespace: 'secure',
        entries: [
          { key: 'display_density_forced', value: '320', place },
          { key: 'accessibility_enabled', value: '1', place },
        ],
      }),
    ],
  ],
  [
    'Android Go',
    [
      props({ ...MODERN, 'ro.config.low_ram': 'true' }),
      packages({ name: 'com.google.android.gms', paths: ['/product/priv-app/G.apk'], signers: [KEYS.google] }),
    ],
  ],
  [
    'LineageOS that says so, rooted by its owner',
    [
      props({ ...MI4, 'ro.cm.version': '12.1-20151128', 'ro.build.type': 'userdebug', 'ro.build.tags': 'test-keys' }),
      adb({ shellUid: 0 }),
      platform(KEYS.testPlatform),
      files({ path: '/system/xbin/su', mode: '6755' }, { path: '/data/adb/magisk/x' }),
      packages(
        { name: 'com.topjohnwu.magisk', paths: ['/system/app/M.apk'] },
        {
          name: 'com.google.android.gms',
          paths: ['/system/app/G.apk'],
          signers: ['9bd06727e62796c0130eb6dab39b73157451582cbd138e86c468acc395d14165'],
        },
      ),
      fact('hosts', { entries: [{ address: '0.0.0.0', host: 'ads.example', place }] }),
    ],
  ],
  [
    'a system image beside the installed one (DSU)',
    [props({ ...MODERN, 'ro.gsid.image_running': '1' }), selinux('permissive'), mounted('rw')],
  ],
  [
    'a generic system image',
    [props({ ...MODERN, 'ro.build.flavor': 'gsi_arm64-userdebug', 'ro.build.type': 'userdebug' }), adb({ shellUid: 0 })],
  ],
];

const findingsOf = (facts: readonly Fact[]) => runChecks(all, context(facts)).findings;

describe('genuine phones that differ', () => {
  test.each(VARIANTS)('%s: nothing of the hardware, and no conviction but for what it says it is', (_, facts) => {
    const findings = findingsOf(facts);
    expect(findings.filter(({ axis }) => axis === 'hardware' || axis === 'custody')).toEqual([]);
    const heavy = findings.filter(({ axis, strength }) => axis === 'software' && (strength === 'conclusive' || strength === 'strong'));
    expect(heavy.filter(({ nature }) => nature !== 'foreign').map(({ check, observed }) => `${check}: ${observed}`)).toEqual([]);
    expect(findings.filter(({ flag }) => flag !== undefined)).toEqual([]);
  });
  test('the foreign ones are convicted as foreign, and named', () => {
    const named = VARIANTS.flatMap(([name, facts]) => {
      const found = findingsOf(facts).find(({ check, strength }) => check === 'boot.foreign-system' && strength === 'conclusive');
      return found === undefined ? [] : [`${name.split(' ')[0]}: ${found.names}`];
    });
    expect(named).toEqual([
      'LineageOS: CyanogenMod 12.1-20151128',
      'a: a system image that runs beside the installed one (DSU)',
      'a: a generic system image',
    ]);
  });
  test('the counterfeit of 2015 is convicted of its software several times over', () => {
    const facts = [
      props(MI4),
      adb({ authorisation: 'none' }),
      platform(KEYS.testPlatform),
      files({ path: '/system/xbin/su', mode: '6755' }, { path: '/sdcard/.fake/antifake.apk' }),
      packages({ name: 'com.google.hfapservice', paths: ['/system/app/Yt.apk'], signers: [KEYS.stranger] }),
    ];
    const conclusive = findingsOf(facts).filter(({ strength }) => strength === 'conclusive');
    expect(conclusive.map(({ check }) => check).toSorted()).toEqual([
      'boot.adb-without-prompt',
      'boot.su-binary',
      'packages.known-malware',
      'packages.maker-disclaimer',
      'packages.platform-key',
    ]);
  });
  test('its own word convicts a recording too, at the standing of a recording', () => {
    const { findings } = runChecks(bootChecks, context([props(MI4), adb({ authorisation: 'none' })], { trust: 'bearer' }));
    expect(findings.map(({ standing }) => standing)).toEqual(['told']);
  });
});

describe('every check', () => {
  test('that may be conclusive argues why that is impossible, and only those', () => {
    expect(
      all.filter(({ strength, impossible }) => (strength === 'conclusive') !== (impossible !== undefined)).map(({ id }) => id),
    ).toEqual([]);
  });
  test('has an id of its family, once', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.every(({ id }) => /^(boot|packages|behaviour)\.[a-z-]+$/.test(id))).toBe(true);
  });
  test('examines nothing, and passes nothing, where nothing was read', () => {
    const { findings, passed, notExamined } = runChecks(all, context([]));
    expect(findings).toEqual([]);
    expect(passed).toEqual([]);
    expect(notExamined).toHaveLength(all.length);
    expect(notExamined.every(({ settledBy }) => settledBy !== '')).toBe(true);
  });
});
