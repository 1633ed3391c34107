/** What facts about packages hold: the phone’s list, the APKs, what packages did, and what signers, logs and test suites say of them. */
import type { Place } from '../fact.ts';

export interface Package {
  readonly name: string;
  /** Android user; 0 is the owner. */
  readonly user: number;
  readonly uid: number | undefined;
  /** Paths of base and splits, as the phone says them. */
  readonly paths: readonly string[];
  readonly system: boolean | undefined;
  readonly enabled: boolean | undefined;
  /** Uninstalled for this user, with its data or its system copy kept. */
  readonly uninstalled: boolean | undefined;
  readonly installer: string | null | undefined;
  readonly versionCode: number | undefined;
  readonly versionName: string | undefined;
  readonly firstInstall: string | undefined;
  readonly lastUpdate: string | undefined;
  readonly sharedUser: string | undefined;
  /** SHA-256 of signing certificates, hex, as far as an artefact says. */
  readonly signers: readonly string[] | undefined;
  /** SHA-1 and MD5 of signing certificates where only those are known (androidqf of old). */
  readonly signersSha1: readonly string[] | undefined;
  readonly signersMd5: readonly string[] | undefined;
  /** SHA-256 of the APK files, hex, as far as an artefact says. */
  readonly sha256: readonly string[] | undefined;
  /** SHA-1 and MD5 of the APK files where an artefact says them too: older lists of bad files hold nothing else. */
  readonly sha1?: readonly string[] | undefined;
  readonly md5?: readonly string[] | undefined;
  readonly requestedPermissions: readonly string[] | undefined;
  readonly grantedPermissions: readonly string[] | undefined;
  /** Those of them that somebody chose on a screen, where the artefact says; the others came with the package. */
  readonly chosenPermissions?: readonly string[] | undefined;
  /** Installed in a privileged folder, where the artefact says. */
  readonly privileged?: boolean | undefined;
  /** `Signature.hashCode` of the signing certificates as `dumpsys package` prints it: 32 bits in hex. Equal for one certificate; it proves nothing more. */
  readonly signatureHashes?: readonly string[] | undefined;
  readonly place: Place;
}

export interface Packages {
  /** Users and profiles that were read; a user not read is said in the report. */
  readonly users: readonly number[];
  readonly packages: readonly Package[];
}

/** A pulled or imaged APK, as far as it was read. */
export interface ApkFact {
  readonly path: string;
  readonly package: string | undefined;
  readonly sha256: string;
  readonly sha1?: string | undefined;
  readonly md5?: string | undefined;
  readonly size: number;
  readonly signers: readonly string[] | undefined;
  readonly verified: boolean | undefined;
  readonly issues: readonly string[];
  /** What it says of itself, where its manifest could be read. */
  readonly app?: ApkApp | undefined;
}

/** An app by its own account: all of it is its author's word. */
export interface ApkApp {
  readonly label: string | undefined;
  readonly versionCode: number | undefined;
  readonly versionName: string | undefined;
  readonly minSdk: number | undefined;
  readonly targetSdk: number | undefined;
  readonly sharedUserId: string | undefined;
  readonly debuggable: boolean;
  /** Undefined: it does not say. */
  readonly cleartext: boolean | undefined;
  readonly permissions: readonly string[];
  /** Components that other apps may call, and how many of them without a permission. */
  readonly exported: number;
  readonly exportedOpen: number;
  readonly hasCode: boolean;
  readonly abis: readonly string[];
  readonly nativeLibraries: number;
  readonly schemes: readonly string[];
}

export interface AppOperation {
  readonly package: string;
  readonly uid: string;
  readonly operation: string;
  readonly mode: string | undefined;
  readonly lastAccess: string | undefined;
  readonly place: Place;
}

/** A component registered for an intent (resolver tables of `dumpsys package`). */
export interface IntentHandler {
  readonly intent: string;
  readonly component: string;
  readonly package: string;
  readonly kind: 'activity' | 'receiver';
  readonly place: Place;
}

/** `dumpsys batterystats --history`, daily log, dbinfo, platform_compat: traces of packages in time. */
export interface PackageTrace {
  readonly source: 'battery-daily' | 'battery-history' | 'dbinfo' | 'platform-compat' | 'usagestats' | 'tombstone' | 'logcat';
  readonly package: string;
  readonly event: string;
  /** As the artefact writes it. */
  readonly when: string | undefined;
  readonly detail: string | undefined;
  /** For `tombstone`: the uid that crashed. */
  readonly uid: number | undefined;
  /** For `battery-daily`: version before and after where it says both. */
  readonly versionBefore: number | undefined;
  readonly versionAfter: number | undefined;
  readonly place: Place;
}

/** Signing certificates of the package `android` and the like, where the phone says them. */
export interface PlatformSignature {
  readonly package: string;
  readonly signers: readonly string[];
  readonly place: Place;
}

/** A file of a package, to be looked up in a transparency log. SHA-256 in hex, lower case. */
export interface PackageQuestion {
  readonly package: string;
  readonly versionCode: number | undefined;
  readonly sha256: string;
  /** Where the phone has it. */
  readonly path: string;
}

/** What a transparency log says of a file of a package. Every answer rests on entries whose inclusion under the log's signature was proven. */
export interface LoggedPackage extends PackageQuestion {
  readonly log: string;
  /** Entries of the log when it was read. */
  readonly treeSize: number;
  /** `logged`: these bytes; `other-bytes`: this package in this version, and only with other bytes; `other-versions`: the package, in versions that the file is not. */
  readonly outcome: 'logged' | 'other-bytes' | 'other-versions';
  readonly index: number | undefined;
  /** Under which name and version the log has these bytes. */
  readonly as: { readonly package: string; readonly versionCode: number } | undefined;
  /** SHA-256 of what the log has instead. */
  readonly others: readonly string[];
}

/** A result of the Compatibility Test Suite that somebody brought. Names and numbers are the document's own. */
export interface CtsResult {
  readonly generation: 1 | 2;
  readonly suite: string | undefined;
  readonly version: string | undefined;
  readonly plan: string | undefined;
  readonly suiteBuild: string | undefined;
  readonly ended: string | undefined;
  readonly fingerprint: string | undefined;
  /** The build whose approval this one is held against, where the maker says one. */
  readonly referenceFingerprint: string | undefined;
  readonly model: string | undefined;
  readonly release: string | undefined;
  /** Tests as they stand in the document; `other`: ignored, skipped, assumption failed. */
  readonly counted: {
    readonly pass: number;
    readonly fail: number;
    readonly waived: number;
    readonly notRun: number;
    readonly other: number;
  };
  /** Totals as the document states them; `fail` with those that ran out of time. */
  readonly stated: { readonly pass: number; readonly fail: number; readonly notRun: number } | undefined;
  readonly modules: { readonly done: number; readonly total: number } | undefined;
  readonly failures: readonly { readonly test: string; readonly message: string }[];
}
