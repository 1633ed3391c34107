import { describe, expect, test } from 'vitest';
import type { ApkApp } from '../../evidence/index.ts';
import { makeFact } from '../../evidence/index.ts';
import type { Reference } from '../../references/index.ts';
import { apk, context, packages, props as properties } from '../boot/made-facts.ts';
import { packageView } from './package-view.ts';

const PLATFORM = 'a1'.repeat(32);
const SHARED = 'a2'.repeat(32);
const STRANGER = 'a3'.repeat(32);
const GOOGLE = 'f0fd6c5b410f25cb25c3b53346c8972fae30f8ee7411df910480ad6b2d60db83';
const TEST_KEY = 'a40da80a59d170caa950cf15c18c454d47a39b26989d8b640ecd745ba71bf5dc';
const place = { artefact: 'x', at: 0, length: 1 };
const APP: ApkApp = {
  label: 'Shop',
  versionCode: 3,
  versionName: '1.0',
  minSdk: 21,
  targetSdk: 27,
  sharedUserId: undefined,
  debuggable: true,
  cleartext: undefined,
  permissions: [],
  exported: 3,
  exportedOpen: 2,
  hasCode: true,
  abis: ['arm64-v8a'],
  nativeLibraries: 1,
  schemes: ['v1'],
};
const props = properties({
  'ro.build.version.sdk': '30',
  'ro.product.brand': 'Xiaomi',
  'ro.build.fingerprint': 'Xiaomi/x/x:11/A/1:user/release-keys',
});
const SYSTEM = packages(
  { name: 'android', paths: ['/system/framework/framework-res.apk'], signers: [PLATFORM] },
  { name: 'com.android.contacts', paths: ['/system/app/Contacts.apk'], signers: [SHARED] },
  { name: 'com.maker.notes', paths: ['/system/app/Notes.apk'], signers: [SHARED] },
  {
    name: 'com.maker.spy',
    paths: ['/system/priv-app/Spy.apk'],
    signers: [STRANGER],
    grantedPermissions: ['android.permission.INSTALL_PACKAGES', 'android.permission.READ_SMS'],
  },
  { name: 'com.google.android.gms', paths: ['/system/priv-app/Gms.apk'], signers: [GOOGLE] },
  {
    name: 'com.xiaomi.market',
    paths: ['/system/app/Market.apk'],
    signers: ['c9009d01ebf9f5d0302bc71b2fe9aa9a47a432bba17308a3111b75d7b2149025'],
  },
  { name: 'com.whatsapp', paths: ['/system/app/WhatsApp.apk'], signers: [STRANGER] },
  { name: 'com.verizon.mips', paths: ['/system/app/Mips.apk'], signers: [STRANGER] },
  { name: 'com.cust.app', paths: ['/cust/app/App.apk'], signers: [STRANGER] },
  { name: 'com.player', paths: ['/system/app/Player.apk'], signers: [TEST_KEY] },
  {
    name: 'com.game',
    paths: ['/data/app/com.game/base.apk'],
    signers: [STRANGER],
    installer: 'com.android.vending',
    firstInstall: '2024-01-02 03:04:05',
  },
  { name: 'com.side', paths: ['/data/app/com.side/base.apk'], signers: [STRANGER], installer: null },
);
const APKS = makeFact('apks', [apk({ path: '/data/app/com.side/base.apk', package: 'com.side', signers: [STRANGER], app: APP })], {
  standing: 'shown',
  place,
});
const rowOf = (view: ReturnType<typeof packageView>, name: string) => view.rows.find((row) => row.name === name);

describe('who added it, without the maker’s build', () => {
  const view = packageView(context([props, SYSTEM, APKS]));
  test.each([
    ['android', 'system-signed', 'unknown'],
    ['com.android.contacts', 'system-signed', 'unknown'],
    ['com.maker.notes', 'system-signed', 'unknown'],
    ['com.google.android.gms', 'google', 'own'],
    ['com.verizon.mips', 'carrier', 'unknown'],
    ['com.cust.app', 'carrier', 'unknown'],
    ['com.xiaomi.market', 'maker-signed', 'own'],
    // Nobody is accused of what the maker may have done.
    ['com.maker.spy', 'unknown', 'unknown'],
    ['com.whatsapp', 'unknown', 'other'],
    ['com.player', 'unknown', 'public test key'],
    ['com.game', 'user', 'unknown'],
    ['com.side', 'user', 'unknown'],
  ])('%s: %s, signer %s', (name, by, signer) => {
    expect(rowOf(view, name)).toMatchObject({ addedBy: by, signer });
  });

  test('a genuine system weighs nothing; a swapped messenger and a silent installer come first', () => {
    for (const name of ['android', 'com.android.contacts', 'com.maker.notes', 'com.google.android.gms'])
      expect(rowOf(view, name)?.risk).toBe(0);
    expect(view.rows.slice(0, 2).map(({ name }) => name)).toEqual(['com.whatsapp', 'com.player']);
    expect(rowOf(view, 'com.maker.spy')?.because.map(({ what }) => what)).toContain('installs apps without asking');
  });

  test('what its APK says of itself is beside it', () => {
    expect(rowOf(view, 'com.side')).toMatchObject({
      label: 'Shop',
      version: '1.0',
      exported: 3,
      exportedOpen: 2,
      abis: ['arm64-v8a'],
      schemes: ['v1'],
    });
    expect(rowOf(view, 'com.side')?.because.map(({ what }) => what)).toEqual([
      'debuggable: any app on the cable reads its data',
      '2 components that any app may call',
      'came by no store',
    ]);
    expect(rowOf(view, 'com.game')).toMatchObject({ exported: undefined, firstSeen: '2024-01-02 03:04:05' });
  });
});

describe('what came with the phone, and what its owner did since', () => {
  const granted = ['android.permission.READ_SMS', 'android.permission.CAMERA', 'android.permission.RECORD_AUDIO'];
  const spy = (chosenPermissions: readonly string[]) =>
    packages({
      name: 'com.maker.spy',
      paths: ['/system/priv-app/Spy.apk'],
      signers: [STRANGER],
      grantedPermissions: granted,
      chosenPermissions,
    });
  const said = (chosen: readonly string[]) =>
    rowOf(packageView(context([props, spy(chosen)])), 'com.maker.spy')?.because.map(({ what }) => what);
  test('what somebody chose on a screen was not granted before', () => {
    expect(said([])).toEqual(['3 permissions, granted before anybody saw them']);
    expect(said(granted.slice(0, 1))).toEqual(['3 permissions, 2 of them granted before anybody saw them']);
    expect(said(granted)).toEqual(['3 permissions, chosen by its user']);
    expect(rowOf(packageView(context([props, spy(granted.slice(0, 1))])), 'com.maker.spy')).toMatchObject({ chosen: granted.slice(0, 1) });
  });
  test('what is known of a package weighs: a sample, a name, a rule that its code meets, a trick', () => {
    const path = '/data/app/x/base.apk';
    const sha = 'e5618997bc25d9e19f71b97cf86bea69cd4a39be2577b3b13681272c310798f3';
    const of = (one: { readonly name: string; readonly sha256?: readonly string[] }, ...more: Parameters<typeof context>[0]) =>
      packageView(context([props, packages({ paths: [path], installer: 'com.android.vending', ...one }), ...more])).rows[0];
    expect(of({ name: 'any.name', sha256: [sha] })).toMatchObject({ risk: 100, because: [{ what: 'a published sample of Triada' }] });
    expect(of({ name: 'com.egame.tonyCore.feicheng' })).toMatchObject({
      risk: 50,
      because: [{ what: 'its name is that of PhoneGuardService (2015)' }],
    });
    const scans = makeFact(
      'scans',
      [{ path, bytes: 1, left: [], matches: [{ member: 'classes.dex', source: 'assay', rule: 'r', meta: { family: 'F' }, at: 0 }] }],
      { standing: 'shown', place },
    );
    expect(of({ name: 'a.b' }, scans)).toMatchObject({ risk: 60, because: [{ what: 'its code meets a rule for F' }] });
    const janus = makeFact('apks', [apk({ path, package: 'a.b', issues: ['janus'], signers: [STRANGER] })], { standing: 'shown', place });
    expect(
      of({ name: 'a.b' }, janus)
        ?.because.map(({ what }) => what)
        .join(),
    ).toContain('Janus');
    expect(of({ name: 'a.b' })).toMatchObject({ risk: 0 });
  });
  test('a part of the system that the store updated was not added by its user', () => {
    const updated = (name: string, signer: string) =>
      packages({ name, paths: [`/data/app/${name}-1/base.apk`], system: true, installer: 'com.android.vending', signers: [signer] });
    const row = (name: string, signer: string) => rowOf(packageView(context([props, SYSTEM, updated(name, signer)])), name);
    expect(row('com.google.android.youtube', GOOGLE)).toMatchObject({
      addedBy: 'google',
      addedBecause: 'signed by Google; updated afterwards',
    });
    expect(row('com.maker.calc', SHARED)).toMatchObject({ addedBy: 'system-signed' });
    expect(row('com.maker.other', STRANGER)).toMatchObject({ addedBy: 'unknown' });
  });
  test('users who have it, and what any of them lets it do', () => {
    const view = packageView(
      context([
        props,
        packages(
          { name: 'a', user: 0, uninstalled: true },
          { name: 'a', user: 10, uninstalled: false, grantedPermissions: ['android.permission.READ_SMS'] },
          { name: 'b', user: 0, uninstalled: true },
        ),
      ]),
    );
    expect(rowOf(view, 'a')).toMatchObject({ users: [10], granted: ['android.permission.READ_SMS'] });
    expect(rowOf(view, 'b')).toMatchObject({ users: [] });
  });
});

describe('who added it, with the maker’s build', () => {
  const digest = 'dd'.repeat(32);
  const reference = (vouched: Reference['vouched']) =>
    ({
      vouched,
      manifest: {
        identity: { 'build.fingerprint': 'Xiaomi/x/x:11/A/1:user/release-keys' },
        apks: [{ path: '/system/app/Notes.apk', sha256: digest }],
      },
      // The view asks for nothing else of it.
    }) as unknown as Reference;
  const items = packages(
    { name: 'com.maker.notes', paths: ['/system/app/Notes.apk'], signers: [STRANGER], sha256: [digest] },
    { name: 'com.maker.spy', paths: ['/system/priv-app/Spy.apk'], signers: [STRANGER] },
  );
  const by = (vouched: Reference['vouched']) =>
    Object.fromEntries(
      packageView(context([props, items], { references: [reference(vouched)] })).rows.map((row) => [row.name, row.addedBy]),
    );

  test('listed with its digest: the maker; not listed: whoever changed the system', () => {
    expect(by('official-list')).toEqual({ 'com.maker.notes': 'maker', 'com.maker.spy': 'retailer' });
  });

  test('a reference that nobody vouches for accuses nobody', () => {
    expect(by('nobody')).toEqual({ 'com.maker.notes': 'unknown', 'com.maker.spy': 'unknown' });
  });
});

describe('missing and hostile', () => {
  test('no packages, no rows', () => {
    expect(packageView(context([props]))).toEqual({ rows: [], preload: undefined });
  });

  test('hostile names are data', () => {
    const names = ['__proto__', 'constructor', '', '\u202eevil', 'a'.repeat(10_000)];
    const view = packageView(context([packages(...names.map((name) => ({ name })))]));
    expect(view.rows.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    expect(view.rows.every(({ addedBy, risk }) => addedBy === 'unknown' && risk === 0)).toBe(true);
  });

  test('one package of two users is one row', () => {
    const view = packageView(context([packages({ name: 'a', user: 0 }, { name: 'a', user: 10 })]));
    expect(view.rows.map(({ users }) => users)).toEqual([[0, 10]]);
  });
});
