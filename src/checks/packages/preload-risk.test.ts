import { describe, expect, test } from 'vitest';
import { baselineOf, inBaseline, type PreloadPackage, permissionPoints, preloadRisk } from './preload-risk.ts';

const PLATFORM = 'aa'.repeat(32);
const OTHER = 'bb'.repeat(32);
const one = (name: string, more: Partial<PreloadPackage> = {}): PreloadPackage => ({
  name,
  signers: [OTHER],
  sharedUser: undefined,
  hasCode: true,
  granted: [],
  cleartext: false,
  ...more,
});

describe('the baselines give the base scores that Uraniborg states for them', () => {
  test.each([
    [25, 38, 17],
    [27, 42, 19],
    [28, 41, 17],
    [29, 49, 23],
    [30, 49, 24],
  ])('API %i: %i packages with code and the platform key, %i members of shared users', (sdk, platform, shared) => {
    const baseline = baselineOf(sdk);
    const signed = [...(baseline?.platform ?? [])].filter((name) => name !== 'android' && baseline?.noCode.has(name) !== true);
    expect(signed).toHaveLength(platform);
    expect(baseline?.sharedUsers.size).toBe(shared);
  });

  test('a release without one, and no level at all', () => {
    expect(baselineOf(19)).toBeUndefined();
    expect(baselineOf(undefined)).toBeUndefined();
    expect(preloadRisk([one('a')], new Set(), 19)).toBeUndefined();
    expect(preloadRisk([], new Set(), 30)).toBeUndefined();
  });
});

describe('measures', () => {
  test('a plain build adds nothing but the chance that a single installer is hostile', () => {
    const plain = [...(baselineOf(30)?.platform ?? [])].map((name) =>
      one(name, { signers: [PLATFORM], granted: ['android.permission.VIBRATE'] }),
    );
    const risk = preloadRisk(plain, new Set([PLATFORM]), 30);
    expect(risk?.total).toBeCloseTo(0.625);
    expect(risk?.most).toBe(18.5);
    expect(risk?.scores.flatMap(({ added }) => added)).toEqual([]);
  });

  test('without granted permissions nothing is said of what goes by them', () => {
    const risk = preloadRisk([one('com.x', { signers: [PLATFORM] })], new Set([PLATFORM]), 30);
    expect([risk?.total, risk?.most, risk?.scores.map(({ measure }) => measure)]).toEqual([6, 12, ['platform-signature', 'shared-users']]);
  });

  test('each measure is the share of what was added, times its weight', () => {
    const risk = preloadRisk(
      [
        one('com.android.settings', { signers: [PLATFORM], sharedUser: 'android.uid.system' }),
        one('com.maker.spy', { signers: [PLATFORM], sharedUser: 'android.uid.system' }),
        one('com.retailer.shop', {
          granted: ['android.permission.INSTALL_PACKAGES', 'android.permission.INTERNET'],
          cleartext: true,
        }),
      ],
      new Set([PLATFORM]),
      30,
    );
    const scoreOf = (measure: string) => risk?.scores.find((score) => score.measure === measure);
    expect(scoreOf('platform-signature')).toEqual({ measure: 'platform-signature', score: 3, most: 6, added: ['com.maker.spy'] });
    expect(scoreOf('shared-users')?.score).toBe(3);
    expect(scoreOf('permissions')).toEqual({ measure: 'permissions', score: 3, most: 3, added: ['com.retailer.shop'] });
    expect(scoreOf('cleartext')?.score).toBe(1);
    expect(scoreOf('installers')).toEqual({ measure: 'installers', score: 0.625, most: 2.5, added: ['com.retailer.shop'] });
  });

  test('an APK that was not read counts as code, and not as cleartext', () => {
    const unread = one('com.x', {
      signers: [PLATFORM],
      hasCode: undefined,
      cleartext: undefined,
      granted: ['android.permission.INTERNET'],
    });
    const risk = preloadRisk([unread], new Set([PLATFORM]), 30);
    expect(risk?.scores.map(({ measure, score }) => [measure, score])).toEqual([
      ['platform-signature', 6],
      ['shared-users', 0],
      ['permissions', 0],
      ['cleartext', 0],
      ['installers', 0.625],
    ]);
  });

  test('of location and of messages only the gravest counts', () => {
    expect(permissionPoints(['android.permission.ACCESS_COARSE_LOCATION', 'android.permission.ACCESS_FINE_LOCATION'])).toBe(7.5);
    expect(permissionPoints(['android.permission.READ_SMS', 'android.permission.RECEIVE_SMS', 'android.permission.CAMERA'])).toBe(17.5);
    expect(permissionPoints(['made.up', '', '__proto__', 'constructor'])).toBe(0);
  });

  test('renamed by its maker is still the baseline’s; a longer name that ends alike is not', () => {
    const names = new Set(['com.android.settings', 'android.ext.services']);
    expect(inBaseline('com.miui.settings', names)).toBe(true);
    expect(inBaseline('com.google.android.ext.services', names)).toBe(true);
    expect(inBaseline('com.evilsettings', names)).toBe(false);
    expect(inBaseline('', names)).toBe(false);
  });
});
