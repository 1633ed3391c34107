/** Installed packages, put together from every list, dump and pulled APK of a capture. A system flag is no proof of innocence: nothing here is left out for it. */
import { type Facts, factsOf, type Package, type Place, type Standing, weaker } from '../../evidence/index.ts';
import { isSystemPath } from '../boot/index.ts';
import type { CheckContext } from '../define.ts';

export interface Installed {
  readonly name: string;
  readonly user: number;
  readonly paths: readonly string[];
  /** Whether it lies in the maker's software, by its path; where no path is known, by its flag. */
  readonly inSystem: boolean;
  readonly system: boolean | undefined;
  readonly enabled: boolean | undefined;
  readonly uninstalled: boolean | undefined;
  readonly installer: string | null | undefined;
  readonly sharedUser: string | undefined;
  readonly versionCode: number | undefined;
  readonly versionName: string | undefined;
  readonly firstInstall: string | undefined;
  /** SHA-256 of signing certificates, lower case; empty: not known. */
  readonly signers: readonly string[];
  /** The package manager's short hashes of signatures: they tell signers apart on one phone, and name nobody. */
  readonly signatureHashes?: readonly string[] | undefined;
  readonly signersSha1: readonly string[];
  readonly sha256: readonly string[];
  readonly sha1: readonly string[];
  readonly md5: readonly string[];
  readonly granted: readonly string[];
  /** Those of `granted` that somebody chose on a screen. */
  readonly chosen: readonly string[];
  readonly place: Place;
  /** The weakest standing of what was put together. */
  readonly standing: Standing;
}

const cache = new WeakMap<Facts, readonly Installed[]>();

/** Every package of every user that was read, once for each user. */
export function inventory({ facts }: Pick<CheckContext, 'facts'>): readonly Installed[] {
  const before = cache.get(facts);
  if (before !== undefined) return before;
  const merged = new Map<string, Installed>();
  for (const fact of factsOf(facts, 'packages'))
    for (const item of fact.value.packages) {
      const key = `${item.user}\0${item.name}`;
      const known = merged.get(key);
      merged.set(key, known === undefined ? first(item, fact.standing) : both(known, item, fact.standing));
    }
  const all = withSharedSigners([...merged.values()].map((item) => withApks(item, facts)));
  cache.set(facts, all);
  return all;
}

/**
 * One APK for each signer is pulled, not all: packages that the phone's own package manager says have the same signature get that APK's certificates.
 * That is the phone's word, so it is at most `told`; a hash that two pulled APKs with different signers share says nothing.
 */
function withSharedSigners(items: readonly Installed[]): readonly Installed[] {
  const signersOf = new Map<string, ReadonlySet<string>>();
  for (const { signatureHashes, signers } of items) {
    const [hash, second] = signatureHashes ?? [];
    if (hash !== undefined && second === undefined && signers.length === 1)
      signersOf.set(hash, new Set([...(signersOf.get(hash) ?? []), ...signers]));
  }
  return items.map((item) => {
    const [hash, second] = item.signatureHashes ?? [];
    const shared = hash === undefined || second !== undefined ? undefined : signersOf.get(hash);
    if (item.signers.length > 0 || shared?.size !== 1) return item;
    return { ...item, signers: [...shared], standing: weaker(item.standing, 'told') };
  });
}

const onceCache = new WeakMap<readonly Installed[], readonly Installed[]>();

/** Every package once, as the first user has it who has it at all, with what any user let it do. */
export function packagesOnce(context: Pick<CheckContext, 'facts'>): readonly Installed[] {
  const all = inventory(context);
  const before = onceCache.get(all);
  if (before !== undefined) return before;
  const seen = new Map<string, Installed>();
  for (const item of all) {
    const known = seen.get(item.name);
    if (known === undefined) seen.set(item.name, item);
    else {
      const base = known.uninstalled === true && item.uninstalled !== true ? item : known;
      // What one user let it do, it may do, in that user's space.
      seen.set(item.name, { ...base, granted: union(known.granted, item.granted), chosen: union(known.chosen, item.chosen) });
    }
  }
  const once = [...seen.values()];
  onceCache.set(all, once);
  return once;
}

const lower = (values: readonly string[] | undefined): readonly string[] => (values ?? []).map((value) => value.toLowerCase());
const union = (one: readonly string[], other: readonly string[]): readonly string[] =>
  other.length === 0 ? one : [...new Set([...one, ...other])];

function first(item: Package, standing: Standing): Installed {
  return {
    ...item,
    inSystem: placed(item.paths, item.system),
    signers: lower(item.signers),
    signersSha1: lower(item.signersSha1),
    sha256: lower(item.sha256),
    sha1: lower(item.sha1),
    md5: lower(item.md5),
    granted: item.grantedPermissions ?? [],
    chosen: item.chosenPermissions ?? [],
    standing,
  };
}

function both(known: Installed, item: Package, standing: Standing): Installed {
  const paths = union(known.paths, item.paths);
  const system = known.system ?? item.system;
  return {
    ...known,
    paths,
    system,
    inSystem: placed(paths, system),
    enabled: known.enabled ?? item.enabled,
    uninstalled: known.uninstalled ?? item.uninstalled,
    installer: known.installer === undefined ? item.installer : known.installer,
    sharedUser: known.sharedUser ?? item.sharedUser,
    versionCode: known.versionCode ?? item.versionCode,
    versionName: known.versionName ?? item.versionName,
    firstInstall: known.firstInstall ?? item.firstInstall,
    signers: union(known.signers, lower(item.signers)),
    signatureHashes: known.signatureHashes ?? item.signatureHashes,
    signersSha1: union(known.signersSha1, lower(item.signersSha1)),
    sha256: union(known.sha256, lower(item.sha256)),
    sha1: union(known.sha1, lower(item.sha1)),
    md5: union(known.md5, lower(item.md5)),
    granted: union(known.granted, item.grantedPermissions ?? []),
    chosen: union(known.chosen, item.chosenPermissions ?? []),
    standing: weaker(known.standing, standing),
  };
}

const placed = (paths: readonly string[], system: boolean | undefined): boolean =>
  paths.length > 0 ? paths.some(isSystemPath) : system === true;

/** Adds what pulled APKs say of it: by path, because a name in an APK is its author's choice. */
function withApks(item: Installed, facts: Facts): Installed {
  let found = item;
  for (const fact of factsOf(facts, 'apks'))
    for (const apk of fact.value) {
      if (!item.paths.includes(apk.path)) continue;
      found = {
        ...found,
        // Certificates of a signature that does not verify belong to nobody.
        signers: apk.verified === false ? found.signers : union(found.signers, lower(apk.signers)),
        sha256: union(found.sha256, [apk.sha256.toLowerCase()]),
        sha1: union(found.sha1, apk.sha1 === undefined ? [] : [apk.sha1.toLowerCase()]),
        md5: union(found.md5, apk.md5 === undefined ? [] : [apk.md5.toLowerCase()]),
      };
    }
  return found;
}

/** A certificate that signs the platform itself, with who says so. */
export interface PlatformSigner {
  readonly sha256: string;
  readonly place: Place;
  readonly standing: Standing;
}

/** The signers of the package `android`, from whatever says them; strongest standing first. */
export function platformSigners(context: Pick<CheckContext, 'facts'>): readonly PlatformSigner[] {
  const found: PlatformSigner[] = [];
  for (const fact of factsOf(context.facts, 'apks'))
    for (const apk of fact.value)
      if (apk.verified !== false && (apk.package === 'android' || apk.path.endsWith('/framework-res.apk')))
        for (const sha256 of lower(apk.signers)) found.push({ sha256, place: fact.place, standing: fact.standing });
  for (const fact of factsOf(context.facts, 'platform-signatures'))
    for (const item of fact.value)
      if (item.package === 'android')
        for (const sha256 of lower(item.signers)) found.push({ sha256, place: item.place, standing: fact.standing });
  for (const item of packagesOnce(context))
    if (item.name === 'android') for (const sha256 of item.signers) found.push({ sha256, place: item.place, standing: item.standing });
  return found.filter(({ sha256 }, index) => found.findIndex((other) => other.sha256 === sha256) === index);
}

/** The first places of several packages, for `evidence`: a finding names many and proves with some. */
export function placesOfPackages(items: readonly Installed[]): readonly [Place, ...Place[]] | undefined {
  const [head, ...rest] = items.slice(0, 20).map(({ place }) => place);
  return head === undefined ? undefined : [head, ...rest];
}

/** Some names of many, for a sentence. */
export function someNames(names: readonly string[], most = 6): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
