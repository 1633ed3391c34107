/** Facts made in a test: nothing of a real phone. Used by tests of boot, packages and behaviour only. */
import {
  type AdbConnection,
  type ApkFact,
  type Fact,
  type FactKind,
  type Facts,
  type FactValues,
  type ListedFile,
  type Mount,
  makeFact,
  type Package,
  type Place,
  type Standing,
} from '../../evidence/index.ts';
import { checkers, indicators, signers } from '../../knowledge/packages/index.ts';
import type { Reference } from '../../references/index.ts';
import type { Check, CheckContext } from '../define.ts';
import { runChecks } from '../run.ts';

export const place: Place = { artefact: 'made.txt', at: 0, length: 1 };

export const fact = <K extends FactKind>(kind: K, value: FactValues[K], standing: Standing = 'shown'): Fact =>
  makeFact(kind, value, { standing, place });

/** A getprop with these properties. */
export const props = (entries: Readonly<Record<string, string>>): Fact =>
  fact('properties', { layer: 'runtime', entries: Object.entries(entries).map(([key, value]) => ({ key, value, place })) }, 'told');

/** What a sold Mi 4 of 2015 says of itself. */
export const MI4: Readonly<Record<string, string>> = {
  'ro.product.brand': 'Xiaomi',
  'ro.product.device': 'cancro',
  'ro.build.type': 'user',
  'ro.build.tags': 'release-keys',
  'ro.build.version.release': '4.4.4',
  'ro.build.version.sdk': '19',
  'ro.build.version.incremental': 'V6.3.3.0.KXDCNBL',
  'ro.build.fingerprint': 'Xiaomi/cancro/cancro:4.4.4/KTU84P/V6.3.3.0.KXDCNBL:user/release-keys',
  'ro.adb.secure': '1',
  'ro.debuggable': '0',
  'ro.secure': '1',
};

/** What a locked phone of 2021 says of itself. */
export const MODERN: Readonly<Record<string, string>> = {
  'ro.product.brand': 'motorola',
  'ro.build.type': 'user',
  'ro.build.tags': 'release-keys',
  'ro.build.version.release': '13',
  'ro.build.version.sdk': '33',
  'ro.build.fingerprint': 'motorola/berlin/berlin:13/T1RGS33/1:user/release-keys',
  'ro.boot.verifiedbootstate': 'green',
  'ro.boot.vbmeta.device_state': 'locked',
  'ro.boot.flash.locked': '1',
  'ro.boot.veritymode': 'enforcing',
  'ro.adb.secure': '1',
  'ro.debuggable': '0',
};

export const adb = (value: Partial<AdbConnection>): Fact =>
  fact('adb', { transport: 'usb', banner: [], features: [], authorisation: 'prompt', keyIsNew: true, shellUid: 2000, ...value });

export const mount = (value: Partial<Mount> & { readonly mountPoint: string }): Mount => ({
  device: '/dev/block/dm-1',
  type: 'ext4',
  options: ['ro', 'seclabel', 'relatime'],
  root: undefined,
  deviceNumber: undefined,
  place,
  ...value,
});

export const file = (value: Partial<ListedFile> & { readonly path: string }): ListedFile => ({
  type: 'file',
  size: 1,
  mode: '0644',
  uid: 0,
  gid: 0,
  context: undefined,
  sha256: undefined,
  target: undefined,
  modified: undefined,
  ...value,
});

export const files = (...list: readonly (Partial<ListedFile> & { readonly path: string })[]): Fact =>
  fact('files', { roots: ['/'], files: list.map(file) });

const pkg = (value: Partial<Package> & { readonly name: string }): Package => ({
  user: 0,
  uid: undefined,
  paths: [],
  system: undefined,
  enabled: undefined,
  uninstalled: undefined,
  installer: undefined,
  versionCode: undefined,
  versionName: undefined,
  firstInstall: undefined,
  lastUpdate: undefined,
  sharedUser: undefined,
  signers: undefined,
  signersSha1: undefined,
  signersMd5: undefined,
  sha256: undefined,
  requestedPermissions: undefined,
  grantedPermissions: undefined,
  place,
  ...value,
});

export const packages = (...list: readonly (Partial<Package> & { readonly name: string })[]): Fact =>
  fact('packages', { users: [0], packages: list.map(pkg) }, 'told');

export const apk = (value: Partial<ApkFact> & { readonly path: string }): ApkFact => ({
  package: undefined,
  sha256: '11'.repeat(32),
  size: 1,
  signers: undefined,
  verified: true,
  issues: [],
  ...value,
});

export const context = (list: readonly Fact[], more: Partial<CheckContext> = {}): CheckContext => ({
  facts: { list, unread: [] } satisfies Facts,
  claims: {},
  trust: 'live',
  knowledge: {
    version: 'test',
    socs: [],
    models: [],
    tacs: [],
    signers,
    indicators,
    patterns: [],
    rules: [],
    vulnerabilities: [],
    kernelLevels: [],
    checkers,
  },
  references: [],
  history: { sightings: [] },
  asOf: '2026-01-31T12:00:00Z',
  ...more,
});

/** A reference that its maker vouches for, of the build with this fingerprint. */
export const reference = (
  fingerprint: string,
  parts: Partial<Reference['manifest']> = {},
  vouched: Reference['vouched'] = 'maker-signature',
): Reference => ({
  manifest: { format: 'assay.manifest/1', identity: { fingerprint }, partitions: [], files: [], apks: [], ...parts },
  digest: '00'.repeat(32),
  vouched,
  label: 'release',
});

/** What one check makes of these facts: `pass`, `not-checked`, or its findings as `strength axis`. */
export function judge(check: Check, list: readonly Fact[], more: Partial<CheckContext> = {}): 'pass' | 'not-checked' | readonly string[] {
  const { findings, passed } = runChecks([check], context(list, more));
  if (findings.length > 0) return findings.map(({ strength, axis }) => `${strength} ${axis}`);
  return passed.length > 0 ? 'pass' : 'not-checked';
}

export const KEYS = {
  xiaomi: 'c9009d01ebf9f5d0302bc71b2fe9aa9a47a432bba17308a3111b75d7b2149025',
  samsung: '34df0e7a9f1cf1892e45c056b4973cd81ccf148a4050d11aea4ac5a65f900a42',
  testPlatform: 'c8a2e9bccf597c2fb6dc66bee293fc13f2fc47ec77bc6b2b0d52c11f51192ab8',
  test: 'a40da80a59d170caa950cf15c18c454d47a39b26989d8b640ecd745ba71bf5dc',
  google: 'f0fd6c5b410f25cb25c3b53346c8972fae30f8ee7411df910480ad6b2d60db83',
  antifake: 'd45f076fe23a1a5b7f486e3ff41547a2023dbfe1fe73353b1e48ebdfed72cc6f',
  whatsapp: '3987d043d10aefaf5a8710b3671418fe57e0e19b653c9df82558feb5ffce5d44',
  stranger: 'ab'.repeat(32),
} as const;
