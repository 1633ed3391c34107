import { describe, expect, test } from 'vitest';
import { digestOf, fileRow } from '../../../test/support/made-manifest.ts';
import type { ManifestFile } from '../../references/index.ts';
import { context, fact, file, files, judge, MI4, MODERN, props, reference } from '../boot/made-facts.ts';
import { referenceFiles } from '../boot/reference-files.ts';
import type { Check, CheckContext } from '../define.ts';
import { runChecks } from '../run.ts';
import { accountOf, referenceChecks } from './index.ts';
import { mixedBuild } from './mixed-build.ts';
import { serverNames } from './server-names.ts';
import { twoAnswers } from './two-answers.ts';
import { updateKeys } from './update-keys.ts';
import { vbmetaDigest } from './vbmeta-digest.ts';
import { yardstick } from './yardstick.ts';

const FINGERPRINT = MI4['ro.build.fingerprint'] ?? '';
const rows = (version: string): readonly ManifestFile[] => [
  ...Array.from({ length: 50 }, (_, index) => fileRow(`/system/lib/lib${index}.so`, `system ${version} ${index}`)),
  ...Array.from({ length: 12 }, (_, index) => fileRow(`/vendor/lib/hw${index}.so`, `vendor ${version} ${index}`)),
  fileRow('/system/etc/hosts', 'localhost'),
  fileRow('/system/etc/security/otacerts.zip', 'maker'),
];
const MAKER = reference(FINGERPRINT, { files: rows('1') });
const seen = (list: readonly ManifestFile[]) =>
  files(...list.map(({ path, sha256 }) => ({ path, ...(sha256 === null ? {} : { sha256 }) })));
const findings = (check: Check, list: Parameters<typeof context>[0], more: Partial<CheckContext>) =>
  runChecks([check], context(list, more)).findings;

describe('the phone against the build that it names', () => {
  // These want a boot state, a list, an earlier inspection, an updater: each has tests of its own.
  const OTHERS = /^reference\.(?:vbmeta-digest|build-listed|older-build|update-in-progress)$/;
  const withFiles = referenceChecks.filter(({ id }) => !OTHERS.test(id));
  test.each(withFiles.map((check) => [check.id, check] as const))('the maker’s own files: %s accuses nobody', (_id, check) => {
    const other = reference('Xiaomi/cancro/cancro:6.0/X/9:user/release-keys', { files: rows('2') });
    expect(judge(check, [props(MI4), seen(rows('1'))], { references: [MAKER, other] })).toBe('pass');
  });
  test.each(referenceChecks.map((check) => [check.id, check] as const))(
    'nothing read, or no reference: %s passes nothing',
    (_id, check) => {
      expect(judge(check, [props(MI4)], { references: [] })).toBe('not-checked');
      expect(judge(check, [])).toBe('not-checked');
    },
  );

  test('a changed library, a hosts file and keys of updates are one finding each, by the check that knows them', () => {
    const changed = rows('1').map((row) => (/lib7\.so|hosts|otacerts/.test(row.path) ? { ...row, sha256: digestOf('retailer') } : row));
    const list = [props(MI4), seen(changed)];
    const references = [MAKER];
    expect(findings(referenceFiles, list, { references }).map(({ observed }) => observed)).toEqual([
      'changed: /system/lib/lib7.so (other content, 10 → 1 bytes)',
    ]);
    expect(judge(serverNames, list, { references })).toEqual(['conclusive software']);
    expect(judge(updateKeys, list, { references })).toEqual(['conclusive software']);
  });

  test('a build that nobody vouches for gives weak findings only', () => {
    const changed = seen(rows('1').map((row) => ({ ...row, sha256: digestOf('other') })));
    for (const check of [referenceFiles, ...referenceChecks]) {
      const strengths = findings(check, [props(MI4), changed], { references: [reference(FINGERPRINT, { files: rows('1') }, 'nobody')] });
      expect(strengths.every(({ strength }) => strength === 'weak' || strength === 'note')).toBe(true);
    }
  });

  test('hardly a file is the build’s: another system, in one finding, and not a list of changes', () => {
    const [only, second] = findings(referenceFiles, [props(MI4), seen(rows('9'))], { references: [MAKER] });
    expect(second).toBeUndefined();
    expect([only?.nature, only?.strength]).toEqual(['foreign', 'conclusive']);
  });

  test('files that are all found in other official builds, as a hot update leaves them, are weak', () => {
    const changed = rows('1').map((row) => (row.path.endsWith('/lib7.so') ? { ...row, sha256: digestOf('newer') } : row));
    const elsewhere = new Map([[digestOf('newer'), { build: 'V6.3.4.0', path: '/system/lib/lib7.so', isOfficial: true }]]);
    const [found] = findings(referenceFiles, [props(MI4), seen(changed)], { references: [MAKER], elsewhere });
    expect([found?.strength, found?.nature]).toEqual(['weak', 'mixed']);
    expect(found?.because).toContain('/system/lib/lib7.so of V6.3.4.0, an official build');
    // The maker's own file, where he never put it.
    const misplaced = new Map([[digestOf('newer'), { build: 'V6.3.4.0', path: '/system/bin/su', isOfficial: true }]]);
    expect(judge(referenceFiles, [props(MI4), seen(changed)], { references: [MAKER], elsewhere: misplaced })).toEqual([
      'conclusive software',
    ]);
  });

  test('the maker’s own app where it has more rights convicts, where it has fewer it does not; so does one more in a partition of the maker’s', () => {
    const list = (path: string) => fact('files', { roots: ['/'], files: [file({ path, sha256: digestOf('app') })], isWhole: true });
    const build = (...paths: readonly string[]) =>
      reference(FINGERPRINT, { files: paths.map((path) => fileRow(path, 'app', { context: null })) });
    const strength = (now: string, ...was: readonly string[]) =>
      findings(referenceFiles, [props(MI4), list(now), list('/system/priv-app/B.apk'), list('/system/app/B.apk')], {
        references: [build(...was, '/system/priv-app/B.apk', '/system/app/B.apk')],
      }).map((found) => found.strength);
    expect(strength('/system/priv-app/A.apk', '/system/app/A.apk')).toEqual(['conclusive']);
    expect(strength('/system/app/A.apk', '/system/priv-app/A.apk')).toEqual(['weak']);
    expect(strength('/system/product/app/C/C.apk')).toEqual(['conclusive']);
    expect(strength('/my_product/app/C/C.apk', '/my_product/app/D/D.apk', '/my_product/etc/x')).toContain('conclusive');
    // Which of these a phone has is up to its region and carrier.
    for (const part of ['my_region', 'my_carrier', 'mi_ext'])
      expect(strength(`/${part}/app/C/C.apk`, `/${part}/app/D/D.apk`, `/${part}/etc/x`)).not.toContain('conclusive');
  });

  test('what is missing, and other rights alone, are weak; a program that became setuid is not', () => {
    const whole = fact('files', { roots: ['/system'], files: [file({ path: '/system/lib/lib0.so' })], isWhole: true });
    const build = [
      fileRow('/system/lib/lib0.so', 'a', { context: null }),
      fileRow('/system/lib/gone.so', 'b', { context: null }),
      fileRow('/system/bin/ping', 'c', { mode: '0755' }),
      fileRow('/system/bin/app_process64', 'd', { mode: '0755' }),
    ];
    const strengths = (list: Parameters<typeof context>[0]) =>
      findings(referenceFiles, list, { references: [reference(FINGERPRINT, { files: build })] }).map(
        ({ strength, observed }) => `${strength} ${observed.split(' (')[0]}`,
      );
    expect(strengths([props(MI4), whole, files({ path: '/system/lib/lib0.so', sha256: digestOf('a') })])).toEqual([
      'weak missing: /system/lib/gone.so',
    ]);
    expect(strengths([props(MI4), files({ path: '/system/bin/ping', mode: '0751', sha256: digestOf('c') })])).toEqual([
      'weak changed: /system/bin/ping',
    ]);
    expect(strengths([props(MI4), files({ path: '/system/bin/ping', mode: '4755', sha256: digestOf('c') })])).toEqual([
      'conclusive changed: /system/bin/ping',
    ]);
    // It weighs more than a way to become root, and is one now.
    expect(strengths([props(MI4), files({ path: '/system/bin/app_process64', mode: '4755', sha256: digestOf('d') })])).toEqual([
      'conclusive changed: /system/bin/app_process64',
    ]);
  });
});

describe('parts of several builds', () => {
  const other = reference('Xiaomi/cancro/cancro:4.4.4/KTU84P/V6.5:user/release-keys', { files: rows('2') });
  const vendorOf = (version: string) => [
    ...rows('1').filter(({ partition }) => partition !== 'vendor'),
    ...rows(version).filter(({ partition }) => partition === 'vendor'),
  ];

  test('a vendor that is wholly another official build’s is mixed, and its files are no list of changes', () => {
    const list = [props(MI4), seen(vendorOf('2'))];
    const [mixed] = findings(mixedBuild, list, { references: [MAKER, other] });
    expect([mixed?.nature, mixed?.strength, mixed?.names]).toEqual(['mixed', 'conclusive', 'a build that does not name itself']);
    expect(judge(referenceFiles, list, { references: [MAKER, other] })).toBe('pass');
  });
  test('a vendor that is nobody’s is a change, not a mixture', () => {
    const list = [props(MI4), seen(vendorOf('9'))];
    expect(judge(mixedBuild, list, { references: [MAKER, other] })).toBe('pass');
    expect(judge(referenceFiles, list, { references: [MAKER, other] })).toEqual(['conclusive software']);
  });
  test('with one build known nothing can be told to be another’s', () => {
    expect(judge(mixedBuild, [props(MI4), seen(vendorOf('2'))], { references: [MAKER] })).toBe('not-checked');
  });
});

describe('which yardstick', () => {
  const update = reference('Xiaomi/cancro/cancro:4.4.4/KTU84P/V6.5.0.0.KXDCNBL:user/release-keys', {
    files: rows('2'),
    identity: { 'build.fingerprint': 'Xiaomi/cancro/cancro:4.4.4/KTU84P/V6.5.0.0.KXDCNBL:user/release-keys' },
  });

  test('a genuine update against an old reference accuses nobody: the phone names a build that is not here, and that is said weakly', () => {
    const updated = props({ ...MI4, 'ro.build.fingerprint': 'Xiaomi/cancro/cancro:4.4.4/KTU84P/V6.7.1.0.KXDCNBL:user/release-keys' });
    for (const check of [referenceFiles, ...referenceChecks])
      for (const { strength } of findings(
        check,
        [updated, seen(rows('1').map((row, at) => (at % 3 === 0 ? { ...row, sha256: digestOf(`new ${at}`) } : row)))],
        { references: [MAKER] },
      ))
        expect(['weak', 'note']).toContain(strength);
  });
  test('the phone names one build, and its files are another’s', () => {
    const [found] = findings(yardstick, [props(MI4), seen(rows('2'))], { references: [MAKER, update] });
    expect(found?.observed).toContain('likest to Xiaomi/cancro/cancro:4.4.4/KTU84P/V6.5.0.0.KXDCNBL');
  });
  test('the build that is claimed is another than the one named, and both are known', () => {
    const found = findings(yardstick, [props(MI4), seen(rows('1'))], {
      references: [MAKER, update],
      claims: { build: 'Xiaomi/cancro/cancro:4.4.4/KTU84P/V6.5.0.0.KXDCNBL:user/release-keys' },
    });
    expect(found.map(({ strength }) => strength)).toEqual(['weak']);
  });
  test('the same build with its fingerprint spelled otherwise is a note, and its differences are weak', () => {
    const spelled = props({ ...MI4, 'ro.build.fingerprint': FINGERPRINT.replace('cancro/cancro', 'cancro_wc_lte/cancro') });
    const own = reference(FINGERPRINT, { files: rows('1'), identity: { 'build.fingerprint': FINGERPRINT } });
    expect(judge(yardstick, [spelled, seen(rows('1'))], { references: [own] })).toEqual(['note software']);
    const [changed] = findings(
      referenceFiles,
      [spelled, seen(rows('1').map((row, at) => (at === 3 ? { ...row, sha256: digestOf('x') } : row)))],
      { references: [own] },
    );
    expect(changed?.strength).toBe('weak');
  });
});

test('one file, two contents: the tool’s answer and the bytes that came over the cable', () => {
  const pulled = fact('apks', [
    { path: '/system/app/A/A.apk', package: 'a', sha256: digestOf('doctored'), size: 1, signers: [], verified: true, issues: [] },
  ]);
  expect(judge(twoAnswers, [files({ path: '/system/app/A/A.apk', sha256: digestOf('maker') }), pulled])).toEqual(['weak software']);
  expect(judge(twoAnswers, [files({ path: '/system/app/A/A.apk', sha256: digestOf('doctored') }), pulled])).toBe('pass');
});

describe('the digest over all vbmeta images', () => {
  const fingerprint = MODERN['ro.build.fingerprint'] ?? '';
  const phone = (digest: string) => [props({ ...MODERN, 'ro.boot.vbmeta.digest': digest })];
  const references = [reference(fingerprint, { vbmetaDigest: digestOf('maker') })];
  test('the build’s own passes, another one convicts, and a reference without its images says nothing', () => {
    expect(judge(vbmetaDigest, phone(digestOf('maker')), { references })).toBe('pass');
    expect(judge(vbmetaDigest, phone(digestOf('retailer')), { references })).toEqual(['conclusive software']);
    expect(judge(vbmetaDigest, phone(digestOf('maker')), { references: [reference(fingerprint)] })).toBe('not-checked');
    expect(judge(vbmetaDigest, phone('<script>'), { references })).toBe('not-checked');
  });
});

test('a vendor of an older build, as genuine phones have, does not make that build the one that is named', () => {
  const identity = { 'build.fingerprint': FINGERPRINT, 'vendor.build.fingerprint': 'Xiaomi/cancro/cancro:4.4.2/OLD/1:user/release-keys' };
  const own = reference(FINGERPRINT, { files: rows('1'), identity });
  const older = reference('x', { files: rows('2'), identity: { 'build.fingerprint': identity['vendor.build.fingerprint'] } });
  const phone = props({ ...MI4, 'ro.vendor.build.fingerprint': identity['vendor.build.fingerprint'] });
  const [first, second] = accountOf(context([phone, seen(rows('1'))], { references: [older, own] })).yardsticks;
  expect([first?.reference, first?.reasons, second?.reasons]).toEqual([own, ['said', 'nearest'], ['given']]);
});
