import { describe, expect, test } from 'vitest';
import type { CtsResult } from '../../evidence/index.ts';
import { adb, context, fact, judge, MODERN, place, props } from '../boot/made-facts.ts';
import { runChecks } from '../run.ts';
import { buildParameters } from './build-parameters.ts';
import { definitionOf } from './cdd.ts';
import { ctsResult } from './cts-result.ts';
import { encryption } from './encryption.ts';
import { compatibilityChecks } from './index.ts';
import { nativeAbis } from './native-abis.ts';
import { permissiveDomains } from './permissive-domains.ts';
import { screenDensity } from './screen-density.ts';
import { secureAdb } from './secure-adb.ts';
import { selinuxEnforcing } from './selinux-enforcing.ts';
import { userAuthorities } from './user-authorities.ts';
import { verifiedBoot } from './verified-boot.ts';
import { versionString } from './version-string.ts';

const on = (release: string, more: Readonly<Record<string, string>> = {}) => props({ 'ro.build.version.release': release, ...more });
const NOTE = ['note posture'];

test('which definition a release is judged by', () =>
  expect(
    ['4.3.1', '4.4.4', '5.0.2', '5.1.1', '6.0', '6.0.1', '7.0', '7.1.2', '8.0.0', '8.1.0', '9', '10', '13', '14', '16', 'Q', ''].map(
      definitionOf,
    ),
  ).toEqual([
    undefined,
    '4.4',
    '5.0',
    '5.1',
    '6.0',
    '6.0',
    '7.0',
    '7.1',
    '8.0',
    '8.1',
    '9',
    '10',
    '13',
    '14',
    undefined,
    undefined,
    undefined,
  ]));

test('a release that no definition here covers is said once, and judged by none; of 14 and 15 one clause is known', () => {
  const judged = (release: string) => {
    const facts = [on(release, { 'ro.crypto.state': 'unencrypted', 'ro.product.brand': 'a b' })];
    const { notExamined, findings, passed } = runChecks(compatibilityChecks, context(facts));
    expect(notExamined.filter(({ because }) => because.includes('4.4 to 13'))).toHaveLength(1);
    return [findings, passed].map((list) => list.map(({ check }) => check));
  };
  expect(judged('16')).toEqual([[], []]);
  expect(judged('14')).toEqual([[], ['compatibility.cdd-version-string']]);
  expect(judged('15.1')).toEqual([['compatibility.cdd-version-string'], []]);
});

describe('each clause: kept, broken, not read', () => {
  test('3.2.2: the forms of the build parameters', () => {
    expect(judge(buildParameters, [on('10', { 'ro.product.brand': 'Example', 'ro.build.id': 'QP1A.190711.020' })])).toBe('pass');
    expect(judge(buildParameters, [on('10', { 'ro.product.brand': 'Ex ample' })])).toEqual(NOTE);
    expect(judge(buildParameters, [on('10', { 'ro.product.device': 'a/../b\u202e' })])).toEqual(NOTE);
    expect(judge(buildParameters, [on('10')])).toBe('not-checked');
  });
  test('3.2.2: the version is one that Android has', () => {
    for (const release of ['4.4.4', '5.0.2', '5.1.1', '9', '10', '11', '12', '14', '15'])
      expect([release, judge(versionString, [on(release)])]).toEqual([release, 'pass']);
    for (const release of ['4.4.5', '5.1.2', '10.0', '14.1', '15 (V)'])
      expect([release, judge(versionString, [on(release)])]).toEqual([release, NOTE]);
    // What the pages of these say, no phone says: Google's own builds of 8.0 state 8.0.0.
    for (const release of ['6.0.1', '7.1.2', '8.0.0', '8.1.0', '13', '16'])
      expect([release, judge(versionString, [on(release)])]).toEqual([release, 'not-checked']);
  });
  test('3.3.1: ABIs', () => {
    expect(judge(nativeAbis, [on('11', { 'ro.product.cpu.abilist': 'arm64-v8a,armeabi-v7a,armeabi' })])).toBe('pass');
    expect(judge(nativeAbis, [on('11', { 'ro.product.cpu.abilist': 'arm64-v8a,arm128' })])).toEqual(NOTE);
    expect(judge(nativeAbis, [on('11')])).toBe('not-checked');
  });
  test('Android 7.1 numbers nothing: what it demands of every phone is held against it, what it demands of some is not', () => {
    const { findings, notExamined } = runChecks(
      compatibilityChecks,
      context([
        on('7.1.2', {
          'ro.product.brand': 'a b',
          'ro.build.tags': 'a tag',
          'ro.crypto.state': 'unencrypted',
          'ro.boot.verifiedbootstate': 'orange',
        }),
      ]),
    );
    expect(findings.map(({ check, because }) => [check, because.includes('Android 7.1 demands in 3.2.2 [unnumbered]')])).toEqual([
      ['compatibility.cdd-build-parameters', true],
    ]);
    expect(notExamined.every(({ because }) => !because.includes('4.4 to 13'))).toBe(true);
  });
  test('Android 4.4: two ABIs, its own densities, three domains that enforce, no patch level', () => {
    const mi4 = {
      'ro.build.version.sdk': '19',
      'ro.product.brand': 'Xiaomi',
      'ro.product.device': 'cancro',
      'ro.product.cpu.abi': 'armeabi-v7a',
      'ro.product.cpu.abi2': 'armeabi',
      'ro.sf.lcd_density': '480',
      'ro.build.tags': 'release-keys',
    };
    const policy = (...permissive: readonly number[]) =>
      fact('selinux-policy', {
        from: 'live',
        path: '/sepolicy',
        policy: { permissive, types: ['init', 'untrusted_app', 'netd'] },
      } as never);
    const passed = runChecks(compatibilityChecks, context([on('4.4.4', mi4), policy(1)])).passed.map(({ check }) => check);
    expect(passed.toSorted()).toEqual([
      'compatibility.cdd-build-parameters',
      'compatibility.cdd-native-abis',
      'compatibility.cdd-permissive-domains',
      'compatibility.cdd-screen-density',
      'compatibility.cdd-version-string',
    ]);
    const altered = { ...mi4, 'ro.build.version.sdk': '23', 'ro.product.cpu.abi': 'armeabi', 'ro.sf.lcd_density': '440' };
    const { findings } = runChecks(compatibilityChecks, context([on('4.4.4', altered), policy(1, 2)]));
    expect(findings.map(({ check, because }) => [check, because.replace(/.* demands in /, '').replace(/\].*/, ']')])).toEqual([
      ['compatibility.cdd-build-parameters', '3.2.2 [unnumbered]'],
      ['compatibility.cdd-native-abis', '3.3.1 [unnumbered]'],
      ['compatibility.cdd-screen-density', '7.1.1 [unnumbered]'],
      ['compatibility.cdd-permissive-domains', '9.7 [unnumbered]'],
    ]);
  });
  test('what was new in Android 6 is asked only of phones that were launched with it', () => {
    const plain = { 'ro.crypto.state': 'unencrypted', 'ro.boot.verifiedbootstate': 'red' };
    for (const check of [encryption, verifiedBoot]) {
      expect(judge(check, [on('6.0.1', plain)])).toBe('not-checked');
      expect(judge(check, [on('7.1', { ...plain, 'ro.product.first_api_level': '19' })])).toBe('not-checked');
      expect(judge(check, [on('7.0', { ...plain, 'ro.product.first_api_level': '23' })])).toEqual(NOTE);
      expect(runChecks([check], context([on('5.1', plain)]))).toMatchObject({ findings: [], passed: [], notExamined: [] });
    }
  });
  test('before Android 8 tags and type take one of a few values', () => {
    expect(judge(buildParameters, [on('5.1.1', { 'ro.build.tags': 'release-keys', 'ro.build.type': 'user' })])).toBe('pass');
    expect(judge(buildParameters, [on('5.1.1', { 'ro.build.tags': 'my-keys' })])).toEqual(NOTE);
    expect(judge(buildParameters, [on('6.0', { 'ro.build.type': 'release' })])).toEqual(NOTE);
    expect(judge(buildParameters, [on('5.0', { 'ro.build.version.security_patch': 'soon', 'ro.build.id': 'LRX21M' })])).toBe('pass');
    expect(judge(buildParameters, [on('6.0', { 'ro.build.version.security_patch': 'soon' })])).toEqual(NOTE);
    expect(judge(buildParameters, [on('12', { 'ro.build.version.sdk': '32' })])).toBe('pass');
  });
  test('6.1: adb asks', () => {
    expect(judge(secureAdb, [on('11'), adb({ authorisation: 'prompt' })])).toBe('pass');
    expect(judge(secureAdb, [on('11'), adb({ authorisation: 'none' })])).toEqual(NOTE);
    expect(judge(secureAdb, [on('11'), adb({ authorisation: 'known' })])).toBe('not-checked');
    expect(judge(secureAdb, [on('11')])).toBe('not-checked');
  });
  test('7.1.1.3: density, from Android 10', () => {
    expect(judge(screenDensity, [on('12', { 'ro.sf.lcd_density': '440' })])).toBe('pass');
    expect(judge(screenDensity, [on('12', { 'ro.sf.lcd_density': '441' })])).toEqual(NOTE);
    expect(runChecks([screenDensity], context([on('9', { 'ro.sf.lcd_density': '441' })]))).toMatchObject({
      findings: [],
      passed: [],
      notExamined: [],
    });
  });
  test('9.7: enforcing, and no permissive domain', () => {
    const selinux = (mode: 'enforcing' | 'permissive') => fact('selinux', { mode, policySha256: undefined });
    expect(judge(selinuxEnforcing, [on('13'), selinux('enforcing')])).toBe('pass');
    expect(judge(selinuxEnforcing, [on('13'), selinux('enforcing'), selinux('permissive')])).toEqual(NOTE);
    expect(judge(selinuxEnforcing, [on('13')])).toBe('not-checked');
    expect(judge(permissiveDomains, [on('13')])).toBe('not-checked');
  });
  test('9.8.4: the user’s store', () => {
    const authorities = (...paths: readonly string[]) =>
      fact(
        'authorities',
        paths.map((path) => ({ path, subject: undefined, sha256: undefined, place })),
      );
    expect(judge(userAuthorities, [on('9'), authorities()])).toBe('pass');
    expect(judge(userAuthorities, [on('9'), authorities('/data/misc/user/0/cacerts-added/1.0')])).toEqual(NOTE);
    expect(judge(userAuthorities, [on('9')])).toBe('not-checked');
    expect(judge(userAuthorities, [on('7.0'), authorities('/data/misc/user/0/cacerts-added/1.0')])).toEqual(NOTE);
  });
  test('9.9 and 9.10', () => {
    expect(judge(encryption, [on('10', { 'ro.crypto.state': 'encrypted' })])).toBe('pass');
    expect(judge(encryption, [on('10', { 'ro.crypto.state': 'unencrypted' })])).toEqual(NOTE);
    expect(judge(verifiedBoot, [on('10', { 'ro.boot.verifiedbootstate': 'green' })])).toBe('pass');
    // Huawei writes it so; an unlocked phone breaks no clause; one that starts what does not verify does.
    expect(judge(verifiedBoot, [on('8.0.0', { 'ro.boot.verifiedbootstate': 'GREEN' })])).toBe('pass');
    expect(judge(verifiedBoot, [on('10', { 'ro.boot.verifiedbootstate': 'orange' })])).toBe('not-checked');
    expect(judge(verifiedBoot, [on('10', { 'ro.boot.verifiedbootstate': 'red' })])).toEqual(NOTE);
    expect(judge(verifiedBoot, [on('10', { 'ro.boot.verifiedbootstate': 'green', 'ro.boot.veritymode': 'disabled' })])).toEqual(NOTE);
    expect(judge(verifiedBoot, [on('10')])).toBe('not-checked');
  });
});

describe('the claim to pass all tests', () => {
  const own = MODERN['ro.build.fingerprint'] ?? '';
  const result = (more: Partial<CtsResult> = {}) =>
    fact(
      'cts',
      {
        generation: 2,
        suite: 'CTS',
        version: '13_r1',
        plan: 'cts',
        suiteBuild: '1',
        ended: undefined,
        fingerprint: own,
        referenceFingerprint: undefined,
        model: undefined,
        release: '13',
        counted: { pass: 10, fail: 0, waived: 0, notRun: 0, other: 0 },
        stated: { pass: 10, fail: 0, notRun: 0 },
        modules: { done: 2, total: 2 },
        failures: [],
        ...more,
      },
      'told',
    );
  test('a whole result of this build without failures passes, and clears nothing', () => {
    expect(own).toMatch(/:user\/release-keys$/);
    expect(judge(ctsResult, [props(MODERN), result()])).toBe('pass');
  });
  test.each([
    ['another build', { fingerprint: 'a/b/c:13/X/2:user/release-keys' }],
    ['an engineering build', { fingerprint: 'a/b/c:13/X/2:userdebug/test-keys' }],
    [
      'failures',
      {
        counted: { pass: 9, fail: 1, waived: 0, notRun: 0, other: 0 },
        stated: { pass: 9, fail: 1, notRun: 0 },
        failures: [{ test: 'a#b', message: '' }],
      },
    ],
    [
      'a summary that was edited',
      { counted: { pass: 9, fail: 0, waived: 1, notRun: 0, other: 0 }, stated: { pass: 10, fail: 0, notRun: 0 } },
    ],
    ['modules that were not run', { modules: { done: 1, total: 2 } }],
    ['a part of the suite', { plan: 'AndroidO_plan2' }],
    ['a result of another suite', { suite: 'VTS', plan: 'vts' }],
    ['a suite of another Android', { version: '12_r3' }],
    ['tests that were not run', { stated: { pass: 10, fail: 0, notRun: 4 } }],
    ['tests that stand there as not run', { counted: { pass: 10, fail: 0, waived: 0, notRun: 4, other: 0 } }],
    ['no tests', { counted: { pass: 0, fail: 0, waived: 0, notRun: 0, other: 0 }, stated: undefined }],
  ])('%s is said', (_, more) => expect(judge(ctsResult, [props(MODERN), result(more)])).toContain('note posture'));
  test('failures that were waived are no failures', () =>
    expect(
      judge(ctsResult, [
        props(MODERN),
        result({ counted: { pass: 9, fail: 0, waived: 1, notRun: 0, other: 0 }, stated: { pass: 9, fail: 1, notRun: 0 } }),
      ]),
    ).toBe('pass'));
  test('the Verifier’s result is of the whole claim too, and 12.1 is a suite of Android 12', () => {
    expect(judge(ctsResult, [props(MODERN), result({ suite: 'CTS_VERIFIER', plan: 'verifier' })])).toBe('pass');
    const twelve = { ...MODERN, 'ro.build.version.release': '12' };
    expect(judge(ctsResult, [props(twelve), result({ version: '12.1_r1' })])).toBe('pass');
    expect(judge(ctsResult, [props({ ...MODERN, 'ro.build.version.release': '8.1.0' }), result({ version: '8.0_r3' })])).toContain(
      'note posture',
    );
  });
  test('without a document, or without a build in it, it is not examined', () => {
    expect(judge(ctsResult, [props(MODERN)])).toBe('not-checked');
    expect(judge(ctsResult, [props(MODERN), result({ fingerprint: undefined })])).toBe('not-checked');
  });
});
