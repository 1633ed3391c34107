import { describe, expect, test } from 'vitest';
import { adbRootShell } from './adb-root-shell.ts';
import { adbWithoutPrompt } from './adb-without-prompt.ts';
import { adb, fact, judge, MI4, MODERN, place, props } from './made-facts.ts';
import { trustedAdbKeys } from './trusted-adb-keys.ts';

describe('debugging without asking', () => {
  test('the counterfeit of 2015 lets a never-seen key in', () => {
    expect(judge(adbWithoutPrompt, [props(MI4), adb({ authorisation: 'none' })])).toEqual(['conclusive software']);
    expect(judge(adbWithoutPrompt, [props(MI4), adb({ authorisation: 'known' })])).toEqual(['conclusive software']);
  });

  test('a property set to 0 excuses no certified maker’s consumer build', () => {
    expect(judge(adbWithoutPrompt, [props({ ...MI4, 'ro.adb.secure': '0' }), adb({ authorisation: 'none' })])).toEqual([
      'conclusive software',
    ]);
    expect(
      judge(adbWithoutPrompt, [props({ ...MI4, 'ro.product.brand': 'noname', 'ro.adb.secure': '0' }), adb({ authorisation: 'none' })]),
    ).toEqual(['weak software']);
  });

  test('a genuine phone asks', () => {
    expect(judge(adbWithoutPrompt, [props(MODERN), adb({ authorisation: 'prompt' })])).toBe('pass');
  });

  test.each([
    ['a userdebug build', { ...MODERN, 'ro.build.type': 'userdebug' }, ['weak posture']],
    ['a factory test mode', { ...MODERN, 'ro.bootmode': 'ftm' }, ['weak software']],
    ['Trade-in Mode of Android 16', { ...MODERN, 'ro.build.version.sdk': '36', 'persist.adb.tradeinmode': '1' }, ['weak software']],
    [
      'LineageOS without the property',
      { ...MODERN, 'ro.adb.secure': '', 'ro.lineage.version': '20', 'ro.build.type': 'userdebug' },
      ['weak posture'],
    ],
    ['Android 4.2.1', { ...MI4, 'ro.build.version.release': '4.2.1', 'ro.build.version.sdk': '17' }, 'not-checked'],
  ])('%s is not convicted', (_, properties, expected) => {
    expect(judge(adbWithoutPrompt, [props(properties), adb({ authorisation: 'none' })])).toEqual(expected);
  });

  test.each([
    ['a key that the phone may know', { authorisation: 'known', keyIsNew: false }],
    ['a key that may be known to the phone', { authorisation: 'known', keyIsNew: undefined }],
    ['a server between', { authorisation: 'unknown', keyIsNew: true }],
  ] as const)('%s proves nothing', (_, connection) => {
    expect(judge(adbWithoutPrompt, [props(MI4), adb(connection)])).toBe('not-checked');
  });

  test('without a connection nothing is passed', () => expect(judge(adbWithoutPrompt, [props(MI4)])).toBe('not-checked'));

  test('a phone that says nothing of its build is not convicted', () => {
    expect(judge(adbWithoutPrompt, [adb({ authorisation: 'none' })])).toEqual(['weak posture']);
  });
});

describe('debugging shell as root', () => {
  test('root on a consumer build', () =>
    expect(judge(adbRootShell, [props(MODERN), adb({ shellUid: 0 })])).toEqual(['conclusive software']));
  test('root that the properties admit', () => {
    expect(judge(adbRootShell, [props({ ...MODERN, 'ro.debuggable': '1' }), adb({ shellUid: 0 })])).toEqual(['weak software']);
  });
  test('an engineering unit gives root by design', () => {
    expect(judge(adbRootShell, [props({ ...MODERN, 'ro.build.type': 'eng' }), adb({ shellUid: 0 })])).toEqual(['weak posture']);
  });
  test('shell is shell', () => expect(judge(adbRootShell, [props(MODERN), adb({})])).toBe('pass'));
  test('an unread user is not examined', () =>
    expect(judge(adbRootShell, [props(MODERN), adb({ shellUid: undefined })])).toBe('not-checked'));
});

describe('trusted computers', () => {
  const key = { fingerprintMd5: 'aa', user: 'a@b', lastConnection: undefined, valid: true };
  test('another’s key is a note, a broken one weak', () => {
    expect(judge(trustedAdbKeys, [fact('adb-keys', [key])])).toEqual(['note posture']);
    expect(judge(trustedAdbKeys, [fact('adb-keys', [key, { ...key, user: '<script>', valid: false }])])).toEqual(['weak posture']);
  });
  test('none passes, unread is not examined', () => {
    expect(judge(trustedAdbKeys, [fact('adb-keys', [])])).toBe('pass');
    expect(judge(trustedAdbKeys, [])).toBe('not-checked');
    expect(place.length).toBe(1);
  });
});
