import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apkRow, digestOf, fileRow, manifestOf } from '../../../test/support/made-manifest.ts';
import type { Manifest } from '../manifest.ts';
import { compareManifests } from './compare.ts';
import type { Group } from './group.ts';

const RUNTIME = '/system/lib/libandroid_runtime.so';
const line = ({ change, kind, name, differences }: Group) => `${change} ${kind} ${name} (${differences.length})`;
const lines = (before: Manifest, after: Manifest) => compareManifests(before, after).groups.map(line);

const MAKER = [
  fileRow(RUNTIME, 'runtime'),
  fileRow('/system/bin/app_process', 'app_process', { mode: '0755', gid: 2000 }),
  fileRow('/system/etc/hosts', '127.0.0.1 localhost'),
  fileRow('/system/app/Calendar.apk', 'calendar'),
  ...Array.from({ length: 20 }, (_, index) => fileRow(`/system/media/theme/icon${index}.png`, `icon ${index}`)),
];

test('a build against itself differs in nothing', () => {
  const comparison = compareManifests(manifestOf(MAKER), manifestOf(MAKER));
  expect(comparison.groups).toEqual([]);
  expect(comparison.counts).toEqual({ added: 0, removed: 0, changed: 0, moved: 0 });
  expect(comparison.partitions).toEqual([{ name: 'system', outcome: 'same', because: 'the same digest' }]);
});

test('a retailer’s version: the changed runtime is the headline, su next, the app one line with its signer, icons last and as one', () => {
  const sold = manifestOf(
    [
      ...MAKER.map((row) =>
        row.path === RUNTIME || row.path.endsWith('.png')
          ? { ...row, sha256: digestOf(`${row.path} changed`), size: (row.size ?? 0) + 9 }
          : row,
      ),
      fileRow('/system/xbin/su', 'su', { mode: '6755' }),
      fileRow('/system/app/AppCenter/AppCenter.apk', 'center'),
      fileRow('/system/app/AppCenter/lib/arm/libpush.so', 'push'),
      fileRow('/system/app/AppCenter', '', { type: 'directory', size: 0, sha256: null }),
    ],
    { apks: [apkRow('/system/app/AppCenter/AppCenter.apk', 'com.seller.appcenter', 'retailer')] },
  );
  const { groups } = compareManifests(manifestOf(MAKER), sold, {
    signerName: (sha256) => (sha256 === digestOf('retailer') ? 'a retailer in our list' : undefined),
  });
  expect(groups.map(line)).toEqual([
    `changed file ${RUNTIME} (1)`,
    'added file /system/xbin/su (1)',
    'added app com.seller.appcenter (2)',
    'changed folder /system/media/theme/ (20)',
  ]);
  expect(groups[0]?.details).toEqual(['other content, 7 → 16 bytes']);
  expect(groups[2]?.details).toEqual(['/system/app/AppCenter', 'version 1.0', 'signed by a retailer in our list']);
});

test('an extracted tree against another, or against an image: what one of them lacks is a difference, as all of its folders were read', () => {
  const folder = (path: string) => fileRow(path, '', { type: 'directory', size: 0, sha256: null });
  const tree = (...more: readonly string[]) => ({
    ...manifestOf([...MAKER, folder('/system/bin'), folder('/system/etc'), ...more.map((path) => fileRow(path, path))]),
    partitions: [],
  });
  expect(lines(tree(), tree('/system/bin/su', '/system/build.prop'))).toEqual([
    'added file /system/bin/su (1)',
    'added file /system/build.prop (1)',
  ]);
  expect(lines(tree('/system/bin/su'), tree())).toEqual(['removed file /system/bin/su (1)']);
  expect(lines(manifestOf([...MAKER]), tree('/system/bin/su'))).toEqual(['added file /system/bin/su (1)']);
  expect(compareManifests(tree(), tree()).partitions).toEqual([
    { name: 'system', outcome: 'same', because: 'every file that both name is the same' },
  ]);
  expect(compareManifests(tree(), tree('/system/bin/su')).partitions).toMatchObject([{ name: 'system', outcome: 'different' }]);
});

test('a list of digests: what it does not name may be there, so only what both name differs', () => {
  const list = (names: readonly string[], content = '') => ({
    ...manifestOf([]),
    files: names.map((name) => fileRow(name, name + content)),
    partitions: [],
  });
  const [a, b, c] = ['/system/bin/a', '/system/bin/b', '/vendor/c'];
  const comparison = compareManifests(list([a, b]), list([a, c]));
  expect(comparison.groups).toEqual([]);
  expect(comparison.partitions).toEqual([
    { name: 'system', outcome: 'same', because: 'every file that both name is the same; what a list does not name is not known' },
    { name: 'vendor', outcome: 'only-after', because: 'the first one does not hold it' },
  ]);
  expect(lines(list([a, b]), list([a], ' other'))).toEqual(['changed file /system/bin/a (1)']);
  // Against an image, only the image's silence counts.
  expect(lines(list([a]), manifestOf([fileRow(a, a), fileRow(b, b)]))).toEqual([]);
  expect(lines(list([a, b]), manifestOf([fileRow(a, a)]))).toEqual(['removed file /system/bin/b (1)']);
});

test('a version that changes its number and not its name', () => {
  const app = (versionCode: number) =>
    manifestOf([fileRow('/system/app/Mi/Mi.apk', `${versionCode}`)], {
      apks: [{ ...apkRow('/system/app/Mi/Mi.apk', 'com.mi', 'maker'), versionCode, versionName: '4.4.4' }],
    });
  expect(compareManifests(app(19), app(20)).groups[0]?.details).toContain('version 4.4.4, number 19 → 20');
});

test('an app under another signer is said to be, and one under the same is an update', () => {
  const app = (signer: string, versionCode: number) =>
    manifestOf([fileRow('/system/app/Mi/Mi.apk', `${signer} ${versionCode}`)], {
      apks: [{ ...apkRow('/system/app/Mi/Mi.apk', 'com.mi', signer), versionCode, versionName: String(versionCode) }],
    });
  const [update] = compareManifests(app('maker', 1), app('maker', 2)).groups;
  expect([update?.otherSigner, update?.details]).toEqual([false, ['/system/app/Mi', 'version 1 → 2', 'same signer']]);
  const [swapped] = compareManifests(app('maker', 1), app('retailer', 1)).groups;
  expect(swapped?.otherSigner).toBe(true);
  expect(swapped?.details.join()).toContain('before by the certificate');
});

test('an update of a module is one line, whatever is in it', () => {
  const module = (version: number) =>
    manifestOf(
      [
        fileRow('/system/apex/com.android.art.apex', `art ${version}`),
        ...['libart.so', 'libdexfile.so'].map((name) =>
          fileRow(`/apex/com.android.art/lib64/${name}`, `${name} ${version}`, { partition: 'apex/com.android.art' }),
        ),
      ],
      {
        apexes: [
          {
            path: '/system/apex/com.android.art.apex',
            name: 'com.android.art',
            version,
            compressed: false,
            signers: [],
            payloadKeySha256: digestOf('google'),
            rootDigest: null,
            sha256: digestOf(`art ${version}`),
          },
        ],
      },
    );
  const { groups } = compareManifests(module(1), module(2));
  expect(groups.map(line)).toEqual(['changed apex com.android.art (3)']);
  expect(groups[0]?.details).toEqual(['version 1 → 2', 'under the same key']);
});

test('a file elsewhere with the same content has moved; empty files have not', () => {
  const at = (path: string, content: string) => manifestOf([fileRow(path, content), fileRow('/system/x', 'x')]);
  expect(lines(at('/system/lib/a.so', 'a'), at('/system/lib64/a.so', 'a'))).toEqual(['moved file /system/lib64/a.so (1)']);
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  const hollow = (path: string) => manifestOf([fileRow(path, '', { sha256: empty }), fileRow('/system/x', 'x')]);
  expect(lines(hollow('/system/a'), hollow('/system/b'))).toEqual(['added file /system/b (1)', 'removed file /system/a (1)']);
});

test.each([
  ['mode', { mode: '4755' }, 'mode 0755 → 4755'],
  ['owner', { uid: 1000 }, 'owner 0:0 → 1000:0'],
  ['label', { context: 'u:object_r:su_exec:s0' }, 'label u:object_r:system_file:s0 → u:object_r:su_exec:s0'],
  ['capabilities', { capabilities: '0100' }, 'capabilities none → 0100'],
  ['type', { type: 'link', target: '/data/x' } as const, 'file → link'],
])('a program whose %s is another, its content the same', (_name, change, words) => {
  const program = (more: object) => manifestOf([fileRow('/system/bin/ping', 'ping', { mode: '0755', ...more })]);
  const { groups } = compareManifests(program({}), program(change));
  expect(groups[0]?.details).toEqual([words]);
});

test('a program that now takes its owner’s rights weighs as a way to become root', () => {
  const program = (mode: string) => manifestOf([fileRow('/system/bin/ping', 'ping', { mode })]);
  expect(compareManifests(program('0755'), program('4755')).groups[0]?.weight.id).toBe('root');
});

test('a partition that one side does not hold is named, and its files are not called removed', () => {
  const both = manifestOf([fileRow('/system/a', 'a'), fileRow('/vendor/b', 'b')]);
  const comparison = compareManifests(both, manifestOf([fileRow('/system/a', 'a')]));
  expect(comparison.groups).toEqual([]);
  expect(comparison.partitions.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['system', 'same'],
    ['vendor', 'only-before'],
  ]);
});

test('another kernel under the same ramdisk, and a vbmeta under another key', () => {
  const image = (name: string, kind: string, sha256: string, keySha256: string | null) => ({
    name,
    size: 8,
    sha256: digestOf(sha256),
    rootDigest: null,
    over: 'bytes' as const,
    kind,
    avb: {
      by: 'root' as const,
      in: null,
      outcome: 'intact' as const,
      because: '',
      keySha256: keySha256 === null ? null : digestOf(keySha256),
      rollbackIndex: null,
    },
  });
  const build = (kernel: string, key: string) =>
    manifestOf([], { partitions: [image('boot', 'boot', kernel, null), image('vbmeta', 'vbmeta', key, key)] });
  const { groups } = compareManifests(build('maker', 'maker'), build('KernelSU', 'maker'));
  expect(groups.map(({ name, details }) => [name, details[0]])).toEqual([
    ['boot', 'no file of its ramdisk differs: the kernel does, or the header'],
  ]);
  const [signed] = compareManifests(build('maker', 'maker'), build('maker', 'retailer')).groups;
  expect([signed?.name, signed?.otherSigner, signed?.weight.id]).toEqual(['vbmeta', true, 'boot']);
});

test('properties: which file, which key, from what to what; doors and identity first', () => {
  const properties = (secure: string) => [
    { path: '/system/build.prop', key: 'a.colour', value: secure },
    { path: '/system/build.prop', key: 'ro.secure', value: secure },
  ];
  const build = (secure: string) => manifestOf([fileRow('/system/build.prop', secure)], { properties: properties(secure) });
  expect(compareManifests(build('1'), build('0')).properties).toEqual([
    { path: '/system/build.prop', key: 'ro.secure', before: '1', after: '0', matters: true },
    { path: '/system/build.prop', key: 'a.colour', before: '1', after: '0', matters: false },
  ]);
});

test('what packages of one build have or not by where they come from is expected, with its reason', () => {
  const { groups } = compareManifests(
    manifestOf([
      ...MAKER,
      fileRow('/system/recovery-from-boot.p', 'patch'),
      fileRow('/system/lost+found', '', { type: 'directory', sha256: null }),
    ]),
    manifestOf(MAKER),
  );
  expect(groups.every(({ expected }) => expected !== undefined)).toBe(true);
  // A script that the same package brings runs as root at every start: it is never expected.
  const [script] = compareManifests(manifestOf([...MAKER, fileRow('/system/bin/install-recovery.sh', 'x')]), manifestOf(MAKER)).groups;
  expect([script?.expected, script?.weight.id]).toEqual([undefined, 'boot']);
});

test('an update of the whole framework is a few lines, not hundreds', () => {
  const framework = (version: number) =>
    manifestOf(Array.from({ length: 300 }, (_, index) => fileRow(`/system/framework/part${index}.jar`, `${index} ${version}`)));
  expect(lines(framework(1), framework(2))).toEqual(['changed folder /system/framework/ (300)']);
});

test('an update of many apps under the signers that they had is one line; the one under another stands alone', () => {
  const build = (version: number, signer: string) =>
    manifestOf(
      Array.from({ length: 30 }, (_, index) => fileRow(`/system/app/A${index}/A${index}.apk`, `${index} ${version}`)),
      {
        apks: Array.from({ length: 30 }, (_, index) => ({
          ...apkRow(`/system/app/A${index}/A${index}.apk`, `a${index}`, index === 7 ? signer : 'maker'),
          versionCode: version,
        })),
      },
    );
  expect(lines(build(1, 'maker'), build(2, 'retailer'))).toEqual([
    'changed app 29 apps of the signers that they had (29)',
    'changed app a7 (1)',
  ]);
});

test('whatever two trees are: every difference is in exactly one group, and turning them round turns added and removed round', () => {
  const path = fc
    .tuple(fc.constantFrom('/system/app/A', '/system/bin', '/system/media/x', '/system'), fc.constantFrom('a', 'b.apk', 'c.so'))
    .map((parts) => parts.join('/'));
  const tree = fc
    .dictionary(path, fc.constantFrom('1', '2', '3'), { maxKeys: 10 })
    .map((files) =>
      manifestOf([fileRow('/system/same', 'same'), ...Object.entries(files).map(([at, content]) => fileRow(at, `${content}${at.length}`))]),
    );
  fc.assert(
    fc.property(tree, tree, (a, b) => {
      const there = compareManifests(a, b);
      const back = compareManifests(b, a);
      const total = Object.values(there.counts).reduce((sum, count) => sum + count, 0);
      expect(there.groups.reduce((sum, { differences }) => sum + differences.length, 0)).toBe(total);
      expect([there.counts.added, there.counts.changed, there.counts.moved]).toEqual([
        back.counts.removed,
        back.counts.changed,
        back.counts.moved,
      ]);
    }),
    { numRuns: 200 },
  );
});
