import { describe, expect, test } from 'vitest';
import { type ApkFact, type Fact, makeFact, type Package } from '../../evidence/index.ts';
import { inventory } from './inventory.ts';

const place = { artefact: 'dumpsys_package.txt', at: 0, length: 1 };
const item = (name: string, hash: string | undefined): Package => ({
  name,
  user: 0,
  uid: 10_001,
  paths: [`/system/app/${name}.apk`],
  system: true,
  enabled: true,
  uninstalled: false,
  installer: null,
  versionCode: 1,
  versionName: '1',
  firstInstall: undefined,
  lastUpdate: undefined,
  sharedUser: undefined,
  signers: undefined,
  signersSha1: undefined,
  signersMd5: undefined,
  signatureHashes: hash === undefined ? undefined : [hash],
  sha256: undefined,
  requestedPermissions: undefined,
  grantedPermissions: undefined,
  place,
});
const apk = (name: string, signer: string): ApkFact => ({
  path: `/system/app/${name}.apk`,
  package: name,
  sha256: 'ab'.repeat(32),
  size: 1,
  signers: [signer.repeat(32)],
  verified: true,
  issues: [],
});
const facts = (packages: readonly Package[], apks: readonly ApkFact[]) => {
  const list: readonly Fact[] = [
    makeFact('packages', { users: [0], packages }, { standing: 'told', place }),
    makeFact('apks', apks, { standing: 'shown', place }),
  ];
  return { facts: { list, unread: [] } };
};
const signersOf = (packages: readonly Package[], apks: readonly ApkFact[]) =>
  Object.fromEntries(inventory(facts(packages, apks)).map(({ name, signers }) => [name, signers.map((text) => text.slice(0, 2))]));

describe('signers of packages whose APK was not pulled', () => {
  test('are those of a pulled one that the package manager says has the same signature', () => {
    expect(signersOf([item('a', 'b378e95c'), item('b', 'b378e95c'), item('c', '11111111')], [apk('a', 'aa')])).toEqual({
      a: ['aa'],
      b: ['aa'],
      c: [],
    });
  });

  test('are unknown where two pulled APKs with one hash have different signers', () => {
    expect(signersOf([item('a', 'b378e95c'), item('b', 'b378e95c'), item('c', 'b378e95c')], [apk('a', 'aa'), apk('b', 'bb')])).toEqual({
      a: ['aa'],
      b: ['bb'],
      c: [],
    });
  });

  test('are unknown where the dump gives no hash', () => {
    expect(signersOf([item('a', undefined), item('b', undefined)], [apk('a', 'aa')])).toEqual({ a: ['aa'], b: [] });
  });

  test('an APK whose signature does not verify gives nobody a signer', () => {
    expect(signersOf([item('a', 'b378e95c'), item('b', 'b378e95c')], [{ ...apk('a', 'aa'), verified: false }])).toEqual({ a: [], b: [] });
  });
});
