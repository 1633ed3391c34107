import { expect, test } from 'vitest';
import { apkRow, digestOf, fileRow, manifestOf } from '../../../test/support/made-manifest.ts';
import type { Facts, ListedFile } from '../../evidence/index.ts';
import { comparePhone } from './phone.ts';
import { phoneTree } from './phone-tree.ts';

const place = { artefact: 'files_system.txt', at: 0, length: 1 };
const listed = (path: string, more: Partial<ListedFile> = {}): ListedFile => ({
  path,
  type: 'file',
  size: undefined,
  mode: undefined,
  uid: undefined,
  gid: undefined,
  context: undefined,
  sha256: undefined,
  target: undefined,
  modified: undefined,
  ...more,
});
/** As `stat` shows it. */
const seen = (path: string, more: Partial<ListedFile> = {}) =>
  listed(path, { mode: '0644', uid: 0, gid: 0, context: 'u:object_r:system_file:s0', ...more });
const hashed = (path: string, content: string) => listed(path, { sha256: digestOf(content) });

const phone = (...lists: readonly { readonly files: readonly ListedFile[]; readonly isWhole?: boolean }[]): Facts => ({
  list: lists.map(({ files, isWhole = true }) => ({
    kind: 'files',
    value: { roots: ['/system'], files, isWhole },
    standing: 'shown',
    place,
    oddities: [],
  })),
  unread: [],
});

const BUILD = manifestOf([
  fileRow('/system/lib/libc.so', 'libc'),
  fileRow('/system/bin/sh', 'sh', { context: 'u:object_r:shell_exec:s0' }),
  fileRow('/system/bin/netd', 'netd', { context: 'u:object_r:netd_exec:s0' }),
  fileRow('/vendor/lib/hw.so', 'hw', { context: 'u:object_r:vendor_file:s0' }),
]);
const names = (facts: Facts) => comparePhone(facts, BUILD).groups.map(({ change, name }) => `${change} ${name}`);

test('a phone that shows the build’s digests differs in nothing, and what it did not show is counted by partition', () => {
  const { groups, coverage, same } = comparePhone(
    phone(
      { files: [seen('/system/lib/libc.so'), seen('/system/bin/sh', { context: 'u:object_r:shell_exec:s0' })] },
      { files: [hashed('/system/lib/libc.so', 'libc')] },
    ),
    BUILD,
  );
  expect(groups).toEqual([]);
  expect(same).toBe(1);
  expect(
    coverage.map(({ partition, files, withDigest, withoutDigest, notSeen }) => [partition, files, withDigest, withoutDigest, notSeen]),
  ).toEqual([
    ['system', 3, 1, 1, 1],
    ['vendor', 1, 0, 0, 1],
  ]);
  expect(coverage[0]?.because).toContain('1 could not be seen');
  expect(coverage[1]?.because).toContain('/vendor was not listed');
});

test('a changed library, by the digest that the phone’s own tool gives', () => {
  expect(names(phone({ files: [hashed('/system/lib/libc.so', 'libc with a backdoor')] }))).toEqual(['changed /system/lib/libc.so']);
});

test('a file that SELinux hides from the shell is not removed: no file of its label was seen', () => {
  // netd is labelled netd_exec, of which nothing was seen; sh is seen, and so is its folder.
  expect(names(phone({ files: [seen('/system/bin/sh', { context: 'u:object_r:shell_exec:s0' })] }))).toEqual([]);
});

test('a file of a label that the phone shows elsewhere is removed, where its folder was listed to the end', () => {
  const files = [seen('/system/lib/other.so'), seen('/system/bin/sh', { context: 'u:object_r:shell_exec:s0' })];
  const build = manifestOf([...BUILD.files, fileRow('/system/lib/other.so', 'other')]);
  const removed = (facts: Facts) => comparePhone(facts, build).groups.map(({ change, name }) => `${change} ${name}`);
  expect(removed(phone({ files }))).toEqual(['removed /system/lib/libc.so']);
  // The same list, cut by a timeout.
  expect(removed(phone({ files, isWhole: false }))).toEqual([]);
});

test('a folder that is gone takes what was in it along, and an app that was moved is told as moved', () => {
  const folder = (path: string) => fileRow(path, '', { type: 'directory', sha256: null, mode: '0755', size: 0 });
  const build = manifestOf([
    folder('/system'),
    folder('/system/app'),
    folder('/system/priv-app'),
    folder('/system/priv-app/Set'),
    fileRow('/system/priv-app/Set/Set.apk', 'settings'),
    folder('/system/app/Cal'),
    fileRow('/system/app/Cal/Cal.apk', 'calendar'),
    fileRow('/system/priv-app/B.apk', 'b'),
  ]);
  const shown = (...paths: readonly string[]) => [
    ...['/system', '/system/app', '/system/priv-app'].map((path) => seen(path, { type: 'directory', mode: '0755' })),
    ...['/system/priv-app/B.apk', ...paths].map((path) => seen(path)),
  ];
  const told = (files: readonly ListedFile[], ...more: readonly ListedFile[]) =>
    comparePhone(phone({ files }, { files: more }), build).differences.map(({ change, path, from }) => `${change} ${path} ${from ?? ''}`);
  expect(told(shown('/system/app/Set.apk'), hashed('/system/app/Set.apk', 'settings'))).toEqual([
    'removed /system/app/Cal ',
    'removed /system/app/Cal/Cal.apk ',
    'moved /system/app/Set.apk /system/priv-app/Set/Set.apk',
    'removed /system/priv-app/Set ',
  ]);
  // The folder is there, and nobody was let see what is in it.
  const hidden = seen('/system/app/Cal', { type: 'directory', mode: '0755' });
  expect(told([...shown('/system/app/Set.apk'), hidden])).not.toContain('removed /system/app/Cal/Cal.apk ');
});

test('what lies in a partition that the build does not hold is no difference; what lies beside its files is', () => {
  const files = [seen('/cust/app/Offers.apk'), seen('/data/local/tmp/x'), seen('/system/xbin/su', { mode: '6755' }), seen('/odm/lib/x.so')];
  expect(names(phone({ files }))).toEqual(['added /system/xbin/su']);
});

test('against a list of digests, or another phone, what those do not name is no difference; against an extracted tree it is', () => {
  const facts = phone({ files: [seen('/system/xbin/su', { mode: '6755' })] });
  const bare = { ...BUILD, partitions: [], files: BUILD.files.filter(({ type }) => type === 'file') };
  const folder = fileRow('/system/xbin', '', { type: 'directory', size: 0, sha256: null });
  const added = (manifest: typeof BUILD, made: 'image' | 'list' | 'phone' | 'tree') =>
    comparePhone(facts, manifest, { made }).groups.flatMap(({ change, name }) => (change === 'added' ? [name] : []));
  for (const made of ['list', 'phone'] as const) expect(added({ ...bare }, made)).toEqual([]);
  expect(added({ ...bare, files: [...bare.files, folder] }, 'tree')).toEqual(['/system/xbin/su']);
  expect(added({ ...bare }, 'image')).toEqual(['/system/xbin/su']);
});

test('an app that was put into the system is one line with its package and signer, from the package list', () => {
  const facts: Facts = {
    list: [
      ...phone({ files: [seen('/system/app/Center/Center.apk'), seen('/system/app/Center/lib/arm/libpush.so')] }).list,
      {
        kind: 'packages',
        value: {
          users: [0],
          packages: [
            // Only what the comparison looks at.
            {
              name: 'com.seller.center',
              user: 0,
              paths: ['/system/app/Center/Center.apk'],
              signers: [digestOf('retailer')],
              sha256: [digestOf('center')],
              versionCode: 3,
              place,
            } as never,
          ],
        },
        standing: 'told',
        place,
        oddities: [],
      },
    ],
    unread: [],
  };
  const [app] = comparePhone(facts, BUILD).groups;
  expect([app?.kind, app?.name, app?.change, app?.differences.length]).toEqual(['app', 'com.seller.center', 'added', 2]);
  expect(app?.details.join()).toContain(digestOf('retailer').slice(0, 16));
});

test('an APK’s digest from the package list counts like one from the file list', () => {
  const build = manifestOf([fileRow('/system/app/Cal/Cal.apk', 'maker')], {
    apks: [apkRow('/system/app/Cal/Cal.apk', 'com.cal', 'maker', 'maker')],
  });
  const facts = (content: string): Facts => ({
    list: [
      {
        kind: 'apks',
        value: [
          {
            path: '/system/app/Cal/Cal.apk',
            package: 'com.cal',
            sha256: digestOf(content),
            size: content.length,
            signers: [],
            verified: true,
            issues: [],
          },
        ],
        standing: 'shown',
        place,
        oddities: [],
      },
    ],
    unread: [],
  });
  expect(comparePhone(facts('maker'), build).groups).toEqual([]);
  expect(comparePhone(facts('retailer'), build).groups.map(({ change }) => change)).toEqual(['changed']);
});

test('two answers for one file are kept: a hook that is not everywhere', () => {
  const facts = phone({ files: [hashed('/system/lib/libc.so', 'libc')] }, { files: [hashed('/system/lib/libc.so', 'other')] });
  expect(comparePhone(facts, BUILD).groups).toEqual([]);
  expect(phoneTree(facts).conflicts.map(({ path, digests }) => [path, digests])).toEqual([
    ['/system/lib/libc.so', [digestOf('libc'), digestOf('other')]],
  ]);
});

test('properties of a property file against those of the build’s file', () => {
  const build = manifestOf(BUILD.files, { properties: [{ path: '/system/build.prop', key: 'ro.debuggable', value: '0' }] });
  const facts: Facts = {
    list: [
      {
        kind: 'properties',
        value: { layer: 'system', entries: [{ key: 'ro.debuggable', value: '1', place }] },
        standing: 'shown',
        place,
        oddities: [],
      },
    ],
    unread: [],
  };
  expect(comparePhone(facts, build).properties).toEqual([
    { path: '/system/build.prop', key: 'ro.debuggable', before: '0', after: '1', matters: true },
  ]);
});

test('hostile paths are names, nothing more', () => {
  const files = [
    '/system/../data/x',
    '/system/\u0000',
    '/system/lib/__proto__',
    '/system/lib/constructor',
    `/system/${'a'.repeat(8000)}`,
  ].map((path) => seen(path));
  expect(comparePhone(phone({ files }), BUILD).counts.added).toBe(5);
});
