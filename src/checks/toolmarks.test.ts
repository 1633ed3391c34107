import { describe, expect, test } from 'vitest';
import { apk, context, fact, files, KEYS, MI4, MODERN, packages, place, props, reference } from './boot/made-facts.ts';
import { rootDigest } from './boot/root-digest.ts';
import type { Check, CheckContext } from './define.ts';
import { canary } from './packages/canary.ts';
import { checkerCopies } from './packages/checker-copies.ts';
import { googleImpostor } from './packages/google-impostor.ts';
import { knownMalware } from './packages/known-malware.ts';
import { referencePackages } from './packages/reference-packages.ts';
import { vbmetaDigest } from './reference/vbmeta-digest.ts';
import { runChecks } from './run.ts';
import { toolmarksOf } from './toolmarks.ts';

const VO1D = 'f3732871371819532416cf2ec03ea103a3d61802';
const FILE = 'cd'.repeat(32);
const OTHER = 'ef'.repeat(32);
const marks = (check: Check, list: Parameters<typeof context>[0], more: Partial<CheckContext> = {}) =>
  runChecks([check], context(list, more)).findings.flatMap(({ toolmarks }) => toolmarks.map(({ kind, sha256 }) => `${kind} ${sha256}`));
const build = MODERN['ro.build.fingerprint'] ?? '';

describe('what no hand left is no toolmark', () => {
  const signer = (sha256: string, list = [props(MI4)]) => toolmarksOf(context(list), 'signer', [sha256]).length;
  test.each([
    ['a published test key', KEYS.testPlatform],
    ['the key of a maker', KEYS.xiaomi],
    ['the key of another maker, which leaked', KEYS.samsung],
    ['the key of a known developer', KEYS.whatsapp],
    ['the key of a checker’s developer', KEYS.antifake],
    ['microG’s key', '9bd06727e62796c0130eb6dab39b73157451582cbd138e86c468acc395d14165'],
    ['a key that comes with AVB', '22de3994532196f61c039e90260d78a93a4c57362c7e789be928036e80b77c8c'],
    ['zeros', '00'.repeat(32)],
    ['no digest', 'abc'],
  ])('%s', (_what, key) => expect(signer(key)).toBe(0));
  test('a stranger’s key is one, unless the system says which project it is of', () => {
    expect(signer(KEYS.stranger.toUpperCase())).toBe(1);
    expect(signer(KEYS.stranger, [props({ ...MI4, 'ro.lineage.version': '14.1' })])).toBe(0);
  });
  test('what a reference or the shelf has', () => {
    const has = reference(build, {
      vbmetaDigest: OTHER,
      apks: [{ path: '/system/app/A/A.apk', package: 'a', versionCode: null, signers: [KEYS.stranger], sha256: FILE }],
    });
    const more = { references: [has] };
    expect(toolmarksOf(context([], more), 'signer', [KEYS.stranger])).toEqual([]);
    expect(toolmarksOf(context([], more), 'file', [FILE])).toEqual([]);
    expect(toolmarksOf(context([], more), 'build', [OTHER])).toEqual([]);
    const elsewhere = new Map([[FILE, { build: 'another', path: '/system/app/A/A.apk', isOfficial: true }]]);
    expect(toolmarksOf(context([], { elsewhere }), 'file', [FILE, OTHER])).toEqual([{ kind: 'file', sha256: OTHER }]);
  });
});

describe('checks leave', () => {
  test('the sample of malware in the system, and none among an owner’s apps, by name, or of what is sold', () => {
    const sample = (path: string) => marks(knownMalware, [fact('apks', [apk({ path, sha1: VO1D, sha256: FILE })])]);
    expect(sample('/system/app/a.apk')).toEqual([`file ${FILE}`]);
    expect(sample('/data/app/a.apk')).toEqual([]);
    expect(marks(knownMalware, [packages({ name: 'any.name', sha1: [VO1D], sha256: [FILE], paths: ['/system/app/a.apk'] })])).toEqual([
      `file ${FILE}`,
    ]);
    expect(
      marks(knownMalware, [packages({ name: 'any.name', sha1: [VO1D], sha256: [FILE, OTHER], paths: ['/system/app/a.apk'] })]),
    ).toEqual([]);
    expect(marks(knownMalware, [packages({ name: 'com.adups.fota', sha256: [FILE], paths: ['/system/app/Fota.apk'] })])).toEqual([]);
    expect(marks(knownMalware, [files({ path: '/system/bin/x', sha256: FILE })])).toEqual([]);
  });
  test('key and digest of a doctored checker in the system', () => {
    const copy = (path: string, signer: string) =>
      marks(checkerCopies, [props(MI4), packages({ name: 'com.xiaomi.antifake3', paths: [path], signers: [signer], sha256: [FILE] })]);
    expect(copy('/system/app/A.apk', KEYS.stranger)).toEqual([`signer ${KEYS.stranger}`, `file ${FILE}`]);
    expect(copy('/system/app/A.apk', KEYS.test)).toEqual([`file ${FILE}`]);
    expect(copy('/data/app/A.apk', KEYS.stranger)).toEqual([]);
  });
  test('what an installer has ready for a checker’s name', () => {
    const swapped = (shellSha256: string) =>
      fact('canaries', [
        {
          package: 'com.xiaomi.antifake',
          role: 'checker-name',
          outcome: 'installed',
          sentSha256: FILE,
          pulledSha256: OTHER,
          shellSha256,
          installedSigners: undefined,
          sentSigners: undefined,
          removed: true,
          place,
        },
      ]);
    expect(marks(canary, [props(MI4), swapped(OTHER)])).toEqual([`file ${OTHER}`]);
    expect(marks(canary, [props(MI4), swapped(KEYS.stranger)])).toEqual([]);
    expect(marks(canary, [props(MI4), swapped(FILE)])).toEqual([]);
  });
  test('the key of Play services that are not Google’s, never where the finding is weak', () => {
    const gms = (said: Readonly<Record<string, string>>) =>
      marks(googleImpostor, [
        props(said),
        packages({ name: 'com.google.android.gms', paths: ['/system/priv-app/G.apk'], signers: [KEYS.stranger] }),
      ]);
    expect(gms(MI4)).toEqual([`signer ${KEYS.stranger}`]);
    expect(gms({ ...MI4, 'ro.build.type': 'userdebug' })).toEqual([]);
  });
  test('of a system app that was signed anew key and digest; nothing of one that was added, or that its maker signed', () => {
    const path = '/system/app/A/A.apk';
    const own = reference(build, { apks: [{ path, package: 'a', versionCode: null, signers: [KEYS.antifake], sha256: OTHER }] });
    const found = (at: string, signers: readonly string[]) =>
      marks(referencePackages, [props(MODERN), packages({ name: 'a', paths: [at], signers: [...signers], sha256: [FILE] })], {
        references: [own],
      });
    expect(found(path, [KEYS.stranger])).toEqual([`signer ${KEYS.stranger}`, `file ${FILE}`]);
    expect(found(path, [KEYS.antifake])).toEqual([]);
    expect(found(path, [])).toEqual([]);
    expect(found('/system/app/B/B.apk', [KEYS.stranger])).toEqual([]);
  });
  test('the digests of what booted, and not those of a build that is known', () => {
    const said = props({ ...MODERN, 'partition.system.verified.root_digest': FILE, 'ro.boot.vbmeta.digest': FILE });
    const partition = { name: 'system', size: 1, sha256: null, rootDigest: OTHER };
    const own = reference(build, { partitions: [partition], vbmetaDigest: OTHER });
    const another = reference('another', { partitions: [{ ...partition, rootDigest: FILE }], vbmetaDigest: FILE });
    for (const check of [rootDigest, vbmetaDigest]) {
      expect(marks(check, [said], { references: [own] })).toEqual([`build ${FILE}`]);
      expect(marks(check, [said], { references: [own, another] })).toEqual([]);
      expect(marks(check, [said], { references: [{ ...own, vouched: 'nobody' }] })).toEqual([]);
    }
  });
});
