/** Every package of a phone in one row: what it is, whose, where, what it may do, who added it, and what weighs against it. A view, no finding: checks judge. */
import { type ApkApp, type ApkFact, factsOf } from '../../evidence/index.ts';
import type { Signer } from '../../knowledge/index.ts';
import { DANGEROUS_PERMISSIONS, PRIVILEGED_PERMISSIONS } from '../../knowledge/packages/index.ts';
import { claimsOf, said } from '../boot/index.ts';
import type { CheckContext } from '../define.ts';
import { type AddedBy, addedBy, type Provenance } from './added-by.ts';
import { type Installed, inventory, platformSigners } from './inventory.ts';
import { PLAIN, pointsOf, type Suspicions, suspicionsOf } from './package-points.ts';
import { type PreloadRisk, preloadRisk } from './preload-risk.ts';

/** Whether the signer is the one that this package's owner uses: `other` convicts only in a check. */
export type SignerAnswer = 'own' | 'other' | 'public test key' | 'not verified' | 'unknown';

export interface PackageRow {
  readonly name: string;
  readonly label: string | undefined;
  readonly version: string | undefined;
  readonly users: readonly number[];
  readonly paths: readonly string[];
  readonly inSystem: boolean;
  readonly signers: readonly { readonly sha256: string; readonly owner: string | undefined }[];
  readonly signer: SignerAnswer;
  readonly schemes: readonly string[];
  readonly addedBy: AddedBy;
  readonly addedBecause: string;
  /** Granted, and worth saying. */
  readonly granted: readonly string[];
  /** Those of `granted` that somebody chose on a screen. The others came with the package: of one in the system, before anybody saw the phone. */
  readonly chosen: readonly string[];
  readonly exported: number | undefined;
  readonly exportedOpen: number | undefined;
  readonly sharedUser: string | undefined;
  readonly installer: string | null | undefined;
  readonly firstSeen: string | undefined;
  readonly abis: readonly string[] | undefined;
  readonly targetSdk: number | undefined;
  /** 0 to 100. */
  readonly risk: number;
  /** What the risk is made of. */
  readonly because: readonly { readonly points: number; readonly what: string }[];
}

export interface PackageView {
  readonly rows: readonly PackageRow[];
  /** Undefined: no baseline of this Android release. */
  readonly preload: PreloadRisk | undefined;
}

/** The packages of every user, each once, the weightiest first. */
export function packageView(context: CheckContext): PackageView {
  const claims = claimsOf(context);
  const test = new Set(context.knowledge.signers.filter(({ role }) => role === 'test').map(({ sha256 }) => sha256));
  const platform = new Set(platformSigners(context).map(({ sha256 }) => sha256));
  const bearing: Bearing = {
    signers: context.knowledge.signers,
    platform: new Set([...platform].filter((sha256) => !test.has(sha256))),
    house: claims.house,
    reference: referenceOf(context),
    systemKeys: systemKeysOf(context, test),
    test,
    suspicions: suspicionsOf(context.facts, context.knowledge),
  };
  const apks = new Map<string, ApkFact>();
  for (const { value } of factsOf(context.facts, 'apks')) for (const apk of value) if (!apks.has(apk.path)) apks.set(apk.path, apk);
  const byName = new Map<string, Installed[]>();
  for (const item of inventory(context)) {
    const known = byName.get(item.name);
    if (known === undefined) byName.set(item.name, [item]);
    else known.push(item);
  }
  const rows = [...byName.values()].map((items) => rowOf(items, apkOf(items, apks), bearing));
  const built = [...byName.values()].flatMap(([item]) =>
    item !== undefined && (item.inSystem || item.system === true) ? [preloadOf(item, apkOf([item], apks)?.app)] : [],
  );
  return {
    rows: rows.toSorted((a, b) => b.risk - a.risk || (a.name < b.name ? -1 : 1)),
    preload: preloadRisk(built, platform, claims.sdk),
  };
}

interface Bearing extends Provenance {
  readonly test: ReadonlySet<string>;
  readonly suspicions: Suspicions;
}

function systemKeysOf(context: CheckContext, test: ReadonlySet<string>): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const { name, inSystem, signers } of inventory(context))
    if (inSystem && PLAIN.has(name)) for (const signer of signers) if (!test.has(signer) && !keys.has(signer)) keys.set(signer, name);
  return keys;
}

function referenceOf(context: CheckContext): ReadonlyMap<string, string> | undefined {
  const fingerprint = (said(context, 'ro.system.build.fingerprint') ?? said(context, 'ro.build.fingerprint'))?.value;
  const reference = context.references.find(
    ({ manifest, vouched }) => vouched !== 'nobody' && fingerprint !== undefined && Object.values(manifest.identity).includes(fingerprint),
  );
  return reference === undefined ? undefined : new Map(reference.manifest.apks.map(({ path, sha256 }) => [path, sha256]));
}

const apkOf = (items: readonly Installed[], apks: ReadonlyMap<string, ApkFact>): ApkFact | undefined => {
  for (const { paths } of items) for (const path of paths) if (apks.has(path)) return apks.get(path);
  return undefined;
};

const preloadOf = (item: Installed, app: ApkApp | undefined) => ({
  name: item.name,
  signers: item.signers,
  sharedUser: item.sharedUser,
  hasCode: app?.hasCode,
  granted: item.granted,
  cleartext: app?.cleartext ?? (app?.targetSdk === undefined ? undefined : app.targetSdk < 28),
});

function rowOf(items: readonly Installed[], apk: ApkFact | undefined, bearing: Bearing): PackageRow {
  // As the first user has it who has it at all.
  const item = items.find(({ uninstalled }) => uninstalled !== true) ?? items[0];
  if (item === undefined) throw new Error('a row has a package');
  const { by, because: addedBecause } = addedBy(item, bearing);
  const signer = signerAnswer(item, apk, bearing);
  const granted = [...new Set(items.flatMap((one) => one.granted))];
  const chosen = new Set(items.flatMap((one) => one.chosen));
  const points = pointsOf({ item, apk, signer, by, granted, chosen, suspicions: bearing.suspicions });
  const isWorthSaying = (name: string) => DANGEROUS_PERMISSIONS.includes(name) || PRIVILEGED_PERMISSIONS.includes(name);
  return {
    name: item.name,
    label: apk?.app?.label,
    version: item.versionName ?? apk?.app?.versionName ?? (item.versionCode === undefined ? undefined : String(item.versionCode)),
    users: items.filter(({ uninstalled }) => uninstalled !== true).map(({ user }) => user),
    paths: item.paths,
    inSystem: item.inSystem,
    signers: item.signers.map((sha256) => ({ sha256, owner: ownerOf(sha256, bearing) })),
    signer,
    schemes: apk?.app?.schemes ?? [],
    addedBy: by,
    addedBecause,
    granted: granted.filter(isWorthSaying),
    chosen: granted.filter((name) => chosen.has(name) && isWorthSaying(name)),
    exported: apk?.app?.exported,
    exportedOpen: apk?.app?.exportedOpen,
    sharedUser: item.sharedUser ?? apk?.app?.sharedUserId,
    installer: item.installer,
    firstSeen: item.firstInstall,
    abis: apk?.app?.abis,
    targetSdk: apk?.app?.targetSdk,
    risk: Math.min(100, Math.round(points.reduce((sum, one) => sum + one.points, 0))),
    because: points,
  };
}

function ownerOf(sha256: string, { signers, platform }: Bearing): string | undefined {
  const known = signers.find((signer) => signer.sha256 === sha256);
  if (known !== undefined) return known.role === 'leaked' ? `${known.owner} (this key leaked)` : known.owner;
  return platform.has(sha256) ? "this phone's platform key" : undefined;
}

function signerAnswer(item: Installed, apk: ApkFact | undefined, { signers, test }: Bearing): SignerAnswer {
  if (apk?.verified === false) return 'not verified';
  if (item.signers.length === 0) return 'unknown';
  if (item.signers.some((sha256) => test.has(sha256))) return 'public test key';
  const own = signers.filter(({ packages, role }) => role !== 'test' && packages.includes(item.name));
  if (own.some(({ sha256 }) => item.signers.includes(sha256))) return 'own';
  if (item.name !== 'android' && own.some(({ role }) => role === 'app')) return 'other';
  return signers.some(
    ({ sha256, packages, role }: Signer) => (packages.length === 0 || role === 'platform') && item.signers.includes(sha256),
  )
    ? 'own'
    : 'unknown';
}
