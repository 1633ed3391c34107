import { describe, expect, test } from 'vitest';
import type { LoggedPackage } from '../../evidence/index.ts';
import { apk, context, fact, judge, KEYS, MI4, MODERN, packages, place, props, reference } from '../boot/made-facts.ts';
import { googleImpostor } from './google-impostor.ts';
import { googleLogs } from './google-logs.ts';
import { inventory } from './inventory.ts';
import { makerDisclaimer } from './maker-disclaimer.ts';
import { platformKey } from './platform-key.ts';
import { referencePackages } from './reference-packages.ts';
import { repackaged } from './repackaged.ts';
import { sharedUser } from './shared-user.ts';
import { testKeys } from './test-keys.ts';

const platform = (signer: string) => fact('platform-signatures', [{ package: 'android', signers: [signer], place }], 'told');
const SAMSUNG = { ...MI4, 'ro.product.brand': 'samsung' };

describe('who signed the platform', () => {
  test.each([
    ['the published test key on a Mi 4', MI4, KEYS.testPlatform, ['conclusive software']],
    ['the published test key on any certified maker’s release', MODERN, KEYS.testPlatform, ['conclusive software']],
    ['Samsung’s key on a Mi 4', MI4, KEYS.samsung, ['conclusive software']],
    ['Xiaomi’s key on a Samsung', SAMSUNG, KEYS.xiaomi, ['conclusive software']],
    ['an unknown key on a Mi 4', MI4, KEYS.stranger, ['weak software']],
    ['an unknown key of a maker whose key is not known', MODERN, KEYS.stranger, 'pass'],
    ['the test key of a small maker', { ...MI4, 'ro.product.brand': 'noname' }, KEYS.testPlatform, ['weak software']],
    ['the test key of a maker that says test-keys', { ...MI4, 'ro.build.tags': 'test-keys' }, KEYS.testPlatform, ['weak software']],
    ['the test key of CyanogenMod', { ...MI4, 'ro.cm.version': '12.1' }, KEYS.testPlatform, ['weak software']],
    ['Samsung’s own key, though it leaked', SAMSUNG, KEYS.samsung, ['note posture']],
    ['Xiaomi’s own key', MI4, KEYS.xiaomi, 'pass'],
  ])('%s', (_, properties, key, expected) => expect(judge(platformKey, [props(properties), platform(key)])).toEqual(expected));
  test('is read from framework-res.apk too, but not from a signature that does not verify', () => {
    const pulled = (verified: boolean) =>
      fact('apks', [apk({ path: '/system/framework/framework-res.apk', signers: [KEYS.testPlatform.toUpperCase()], verified })]);
    expect(judge(platformKey, [props(MI4), pulled(true)])).toEqual(['conclusive software']);
    expect(judge(platformKey, [props(MI4), pulled(false)])).toBe('not-checked');
  });
  test('unread is not examined', () => expect(judge(platformKey, [props(MI4)])).toBe('not-checked'));
});

describe('packages that run as the system', () => {
  const settings = (signer: string) =>
    packages({ name: 'com.x', sharedUser: 'android.uid.system', signers: [signer], paths: ['/system/app/x.apk'] });
  test('under another key than the platform', () => {
    expect(judge(sharedUser, [props(MI4), platform(KEYS.xiaomi), settings(KEYS.stranger)])).toEqual(['conclusive software']);
    expect(judge(sharedUser, [props(MODERN), platform(KEYS.xiaomi), settings(KEYS.stranger)])).toEqual(['weak software']);
  });
  test('under the same passes; unread is not examined', () => {
    expect(judge(sharedUser, [props(MI4), platform(KEYS.xiaomi), settings(KEYS.xiaomi)])).toBe('pass');
    expect(judge(sharedUser, [props(MI4), settings(KEYS.stranger)])).toBe('not-checked');
  });
});

describe('published keys', () => {
  test('a system package under the test key is weak; the shim of the compatibility tests is none', () => {
    const item = (name: string) => packages({ name, paths: ['/system/app/x.apk'], signers: [KEYS.test] });
    expect(judge(testKeys, [props(MI4), item('com.vendor.tool')])).toEqual(['weak software']);
    expect(judge(testKeys, [props(MI4), item('com.android.cts.ctsshim')])).toBe('not-checked');
    expect(judge(testKeys, [props(MI4), packages({ name: 'com.user', paths: ['/data/app/x.apk'], signers: [KEYS.test] })])).toBe(
      'not-checked',
    );
  });
});

describe('packages in Google’s name', () => {
  const gms = (signer: string) => packages({ name: 'com.google.android.gms', paths: ['/system/priv-app/Gms/Gms.apk'], signers: [signer] });
  test('Play services under another key', () =>
    expect(judge(googleImpostor, [props(MI4), gms(KEYS.stranger)])).toEqual(['conclusive software']));
  test('Google’s own passes; microG on LineageOS is a note', () => {
    expect(judge(googleImpostor, [props(MI4), gms(KEYS.google)])).toBe('pass');
    const microg = gms('9bd06727e62796c0130eb6dab39b73157451582cbd138e86c468acc395d14165');
    expect(judge(googleImpostor, [props({ ...MI4, 'ro.lineage.version': '20' }), microg])).toEqual(['note software']);
  });
  test('a maker’s overlay passes; one whose key signs other people’s packages too is weak', () => {
    const overlay = (signer: string) =>
      packages(
        { name: 'com.google.android.overlay.gms', paths: ['/product/overlay/o.apk'], signers: [signer] },
        { name: 'com.game.lobby', paths: ['/system/app/g.apk'], signers: [KEYS.stranger] },
      );
    expect(judge(googleImpostor, [props(MI4), platform(KEYS.xiaomi), overlay(KEYS.xiaomi)])).toBe('pass');
    expect(judge(googleImpostor, [props(MI4), platform(KEYS.xiaomi), overlay(KEYS.stranger)])).toEqual(['weak software']);
    // Google has more keys than we know: one that signs nothing else is not suspicious.
    expect(judge(googleImpostor, [props(MI4), platform(KEYS.xiaomi), overlay('ee'.repeat(32))])).toBe('pass');
  });
  test('without signers nothing is passed', () => {
    expect(judge(googleImpostor, [props(MI4), packages({ name: 'com.google.android.gms' })])).toBe('not-checked');
  });
});

describe('known apps under another’s key', () => {
  const whatsapp = (path: string, signers: readonly string[]) => packages({ name: 'com.whatsapp', paths: [path], signers });
  test('a messenger signed with the test key in the system', () => {
    expect(judge(repackaged, [props(MODERN), whatsapp('/system/app/W/W.apk', [KEYS.test])])).toEqual(['conclusive software']);
  });
  test('another key is weak, and an owner’s own choice is posture', () => {
    expect(judge(repackaged, [props(MODERN), whatsapp('/system/app/W/W.apk', [KEYS.stranger])])).toEqual(['weak software']);
    expect(judge(repackaged, [props(MODERN), whatsapp('/data/app/W/base.apk', [KEYS.test])])).toEqual(['weak posture']);
  });
  test('the developer’s own passes; in the system with an unread signer it is a note', () => {
    expect(judge(repackaged, [props(MODERN), whatsapp('/system/app/W/W.apk', [KEYS.whatsapp])])).toBe('pass');
    expect(judge(repackaged, [props(MODERN), whatsapp('/system/app/W/W.apk', [])])).toEqual(['note software']);
    expect(judge(repackaged, [props(MODERN), packages({ name: 'com.other' })])).toBe('not-checked');
  });
  test('a template’s name in the system', () => {
    expect(judge(repackaged, [props(MODERN), packages({ name: 'com.example.demo', paths: ['/vendor/app/d.apk'] })])).toEqual([
      'weak software',
    ]);
  });
});

describe('what the maker disowned', () => {
  const appStats = (path: string) => packages({ name: 'org.zxl.appstats', paths: [path] });
  test('AppStats in the system of a Mi 4', () => {
    expect(judge(makerDisclaimer, [props(MI4), appStats('/system/app/AppStats.apk')])).toEqual(['conclusive software']);
  });
  test('what a box claims counts as a claim', () => {
    const other = { ...MI4, 'ro.product.brand': 'alps' };
    expect(judge(makerDisclaimer, [props(other), appStats('/system/app/AppStats.apk')], { claims: { brand: 'Xiaomi' } })).toEqual([
      'conclusive software',
    ]);
  });
  test('installed by a user, or on another maker’s phone, it says nothing of the build', () => {
    expect(judge(makerDisclaimer, [props(MI4), appStats('/data/app/a/base.apk')])).toBe('pass');
    expect(judge(makerDisclaimer, [props(MODERN), appStats('/system/app/AppStats.apk')])).toBe('not-checked');
    expect(judge(makerDisclaimer, [props(MI4)])).toBe('not-checked');
  });
});

describe('packages against the reference', () => {
  const known = { path: '/system/app/Browser.apk', package: 'com.android.browser', versionCode: 1, signers: [], sha256: 'aa' };
  const references = [reference(MI4['ro.build.fingerprint'] ?? '', { apks: [known] })];
  const browser = (path: string, sha256: string) => packages({ name: 'com.android.browser', paths: [path], sha256: [sha256] });
  test('retailer’s apps in the system', () => {
    const list = packages({ name: 'com.shop', paths: ['/system/app/Shop.apk'] });
    expect(judge(referencePackages, [props(MI4), list], { references })).toEqual(['conclusive software']);
  });
  test('a changed app; the maker’s own; an update in data; a customer partition', () => {
    expect(judge(referencePackages, [props(MI4), browser(known.path, 'BB')], { references })).toEqual(['conclusive software']);
    expect(judge(referencePackages, [props(MI4), browser(known.path, 'AA')], { references })).toBe('pass');
    expect(judge(referencePackages, [props(MI4), browser('/data/app/b/base.apk', 'BB')], { references })).toBe('not-checked');
    expect(judge(referencePackages, [props(MI4), browser('/cust/app/b.apk', 'BB')], { references })).toBe('not-checked');
    expect(judge(referencePackages, [props(MI4), browser(known.path, 'BB')])).toBe('not-checked');
  });
});

describe('packages that are the maker’s own, beside the reference', () => {
  const known = { path: '/system/app/Browser.apk', package: 'com.android.browser', versionCode: 1, signers: [], sha256: 'aa' };
  const references = [reference(MI4['ro.build.fingerprint'] ?? '', { apks: [known] })];
  test('a hot update, whose file is another official build’s, is named and not alarmed', () => {
    const list = packages({ name: 'com.android.browser', paths: [known.path], sha256: ['bb'] });
    const at = (isOfficial: boolean, path = known.path) => new Map([['bb', { build: 'V6.3.4.0', path, isOfficial }]]);
    expect(judge(referencePackages, [props(MI4), list], { references, elsewhere: at(true) })).toEqual(['weak software']);
    expect(judge(referencePackages, [props(MI4), list], { references, elsewhere: at(false) })).toEqual(['conclusive software']);
    expect(judge(referencePackages, [props(MI4), list], { references, elsewhere: at(true, '/system/app/Other.apk') })).toEqual([
      'conclusive software',
    ]);
  });
});

describe('the inventory', () => {
  test('puts lists, dumps and APKs together, each user apart', () => {
    const facts = [
      packages({ name: 'a.b', system: true }, { name: 'a.b', user: 10 }),
      packages({ name: 'a.b', paths: ['/system/app/a.apk'], installer: null }),
      fact('apks', [apk({ path: '/system/app/a.apk', package: 'another.name', signers: [KEYS.test], sha1: 'CC' })]),
    ];
    const all = inventory(context(facts));
    expect(all).toHaveLength(2);
    expect(all[0]).toMatchObject({ name: 'a.b', user: 0, inSystem: true, installer: null, signers: [KEYS.test], sha1: ['cc'] });
    expect(all[1]).toMatchObject({ user: 10, signers: [], inSystem: false });
  });
  test('a package named __proto__ is a package', () => {
    expect(inventory(context([packages({ name: '__proto__' })]))).toHaveLength(1);
  });
});

describe('Google’s packages in Google’s logs', () => {
  const path = '/data/app/com.google.android.gms/base.apk';
  const gms = (signer: string) => packages({ name: 'com.google.android.gms', paths: [path], signers: [signer] });
  const said = (value: Partial<LoggedPackage>) =>
    fact(
      'logged-packages',
      [
        {
          package: 'com.google.android.gms',
          versionCode: 7,
          sha256: 'ab'.repeat(32),
          path,
          log: 'product-apk-2026-01',
          treeSize: 9,
          index: 3,
          outcome: 'logged',
          as: { package: 'com.google.android.gms', versionCode: 7 },
          others: [],
          ...value,
        },
      ],
      'signed',
    );
  test('the bytes that Google logged pass, and clear nothing', () =>
    expect(judge(googleLogs, [props(MI4), gms(KEYS.google), said({})])).toBe('pass'));
  test('a version that is logged with other bytes, under another key', () =>
    expect(
      judge(googleLogs, [props(MI4), gms(KEYS.stranger), said({ outcome: 'other-bytes', as: undefined, others: ['cd'.repeat(32)] })]),
    ).toEqual(['weak software']));
  test('the same under Google’s own key is only noted: Google may log some forms of a version', () =>
    expect(
      judge(googleLogs, [props(MI4), gms(KEYS.google), said({ outcome: 'other-bytes', as: undefined, others: ['cd'.repeat(32)] })]),
    ).toEqual(['note software']));
  test('logged bytes that run under another name', () =>
    expect(
      judge(googleLogs, [props(MI4), gms(KEYS.stranger), said({ as: { package: 'com.google.android.apps.maps', versionCode: 1 } })]),
    ).toEqual(['weak software']));
  test('another log that has the very bytes settles it', () =>
    expect(
      judge(googleLogs, [
        props(MI4),
        gms(KEYS.google),
        said({ outcome: 'other-bytes', as: undefined, others: ['cd'.repeat(32)] }),
        said({ log: 'product-apk-2026-02' }),
      ]),
    ).toBe('pass'));
  test('other versions, and no answer at all, are not examined', () => {
    expect(judge(googleLogs, [props(MI4), gms(KEYS.google), said({ outcome: 'other-versions', as: undefined })])).toBe('not-checked');
    expect(judge(googleLogs, [props(MI4), gms(KEYS.google)])).toBe('not-checked');
  });
});
