import { describe, expect, test } from 'vitest';
import type { Canary } from '../../evidence/index.ts';
import { fact, files, judge, KEYS, MI4, packages, place, props } from '../boot/made-facts.ts';
import { canary } from './canary.ts';
import { checkerCopies } from './checker-copies.ts';
import { hiddenCheckers } from './hidden-checkers.ts';

const SENT = 'aa'.repeat(32);
const OTHER = 'bb'.repeat(32);
const canaries = (...list: readonly Partial<Canary>[]) =>
  fact(
    'canaries',
    list.map((item) => ({
      package: 'com.xiaomi.antifake',
      role: 'checker-name',
      outcome: 'installed',
      sentSha256: SENT,
      pulledSha256: SENT,
      shellSha256: SENT,
      installedSigners: undefined,
      sentSigners: undefined,
      removed: true,
      place,
      ...item,
    })),
  );

describe('install canary', () => {
  test('the installer of 2015 swaps the checker', () => {
    const list = canaries({ role: 'random', package: 'a.random' }, { pulledSha256: OTHER, shellSha256: OTHER });
    expect(judge(canary, [props(MI4), list])).toEqual(['conclusive software']);
  });
  test('two reads that differ', () =>
    expect(judge(canary, [props(MI4), canaries({ shellSha256: OTHER })])).toEqual(['conclusive software']));
  test('the same bytes under another signer', () => {
    expect(judge(canary, [props(MI4), canaries({ sentSigners: ['aa'], installedSigners: ['bb'] })])).toEqual(['conclusive software']);
  });
  test('what was sent is what was installed', () => {
    expect(judge(canary, [props(MI4), canaries({ pulledSha256: SENT.toUpperCase(), sentSigners: ['AA'], installedSigners: ['aa'] })])).toBe(
      'pass',
    );
    expect(judge(canary, [props(MI4), canaries({ shellSha256: undefined })])).toBe('pass');
  });
  test('a refused installation is not examined, never a finding', () => {
    expect(judge(canary, [props(MI4), canaries({ outcome: 'refused', pulledSha256: OTHER })])).toBe('not-checked');
    expect(judge(canary, [props(MI4), canaries({ pulledSha256: undefined, shellSha256: undefined })])).toBe('not-checked');
    expect(judge(canary, [props(MI4)])).toBe('not-checked');
  });
});

describe('doctored checkers', () => {
  const cpuz = (path: string, signer?: string) => ({
    name: 'com.cpuid.cpu_z',
    paths: [path],
    signers: signer === undefined ? undefined : [signer],
  });
  const system = '/system/app/CPUZ.apk';
  test.each([
    ['under a published key', KEYS.test],
    ['under the key of the platform', KEYS.xiaomi],
  ])('CPU-Z %s in the system', (_, signer) => {
    const platform = fact('platform-signatures', [{ package: 'android', signers: [KEYS.xiaomi], place }]);
    expect(judge(checkerCopies, [props(MI4), platform, packages(cpuz(system, signer))])).toEqual(['conclusive software']);
  });
  test('CPU-Z and AnTuTu under one key', () => {
    const antutu = { name: 'com.antutu.ABenchMark', paths: ['/system/app/AnTuTu.apk'], signers: [KEYS.stranger] };
    expect(judge(checkerCopies, [props(MI4), packages(cpuz(system, KEYS.stranger), antutu)])).toEqual([
      'conclusive software',
      'conclusive software',
    ]);
  });
  test('AnTuTu’s own apps may share one', () => {
    const list = packages(
      ...['com.antutu.ABenchMark', 'com.antutu.tester'].map((name) => ({
        name,
        paths: ['/data/app/x/base.apk'],
        signers: [KEYS.stranger],
      })),
    );
    expect(judge(checkerCopies, [props(MI4), list])).toBe('pass');
  });
  test('CPU-Z under the key of the adware beside it', () => {
    const adware = { name: 'com.google.hfapservice', paths: ['/system/app/Yt.apk'], signers: [KEYS.stranger] };
    expect(judge(checkerCopies, [props(MI4), packages(cpuz(system, KEYS.stranger), adware)])).toEqual(['conclusive software']);
  });
  test('Mi Verification under another key than Xiaomi’s', () => {
    const antifake = (signer: string) => packages({ name: 'com.xiaomi.antifake3', paths: ['/data/app/a/base.apk'], signers: [signer] });
    expect(judge(checkerCopies, [props(MI4), antifake(KEYS.stranger)])).toEqual(['conclusive posture']);
    expect(judge(checkerCopies, [props(MI4), antifake(KEYS.antifake)])).toBe('pass');
  });
  test('an unchanged copy that an owner installed passes; one in the system is weak', () => {
    expect(judge(checkerCopies, [props(MI4), packages(cpuz('/data/app/c/base.apk', KEYS.stranger))])).toBe('pass');
    expect(judge(checkerCopies, [props(MI4), packages(cpuz(system))])).toEqual(['weak software']);
    expect(judge(checkerCopies, [props(MI4)])).toBe('not-checked');
  });
});

describe('copies kept in storage', () => {
  test.each([
    ['a hidden folder of the shared storage', '/sdcard/.data/.cache/antutu_v5.apk', ['weak software']],
    ['a folder of the system that holds no apps', '/system/media/x/Mi_Verification.apk', ['weak software']],
    ['an owner’s downloads', '/sdcard/Download/CPU-Z.apk', ['note posture']],
    ['an installed app', '/data/app/com.cpuid.cpu_z-1/base.apk', 'pass'],
    ['the folder of system apps', '/system/app/AnTuTu/AnTuTu.apk', 'pass'],
    ['a picture', '/sdcard/antutu.png', 'pass'],
    ['markup in a name', '/sdcard/.x/<img src=x>antutu.APK', ['weak software']],
  ])('%s', (_, path, expected) => expect(judge(hiddenCheckers, [props(MI4), files({ path })])).toEqual(expected));
  test('unread is not examined', () => expect(judge(hiddenCheckers, [props(MI4)])).toBe('not-checked'));
});
