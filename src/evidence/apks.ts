/** Pulled APKs as facts: what they are, and who truly signed them, read from their bytes and not from the phone's word. */
import { FormatError, type HashAlgorithm, type Source, toHex } from '../bytes/index.ts';
import type { ApkPorts, ApkVerification, AppInfo } from '../formats/apk/index.ts';
import type { Artefact, Capture } from './capture.ts';
import { type Fact, type Facts, factsOf, weaker } from './fact.ts';
import { property } from './properties.ts';
import { makeFact } from './reader.ts';
import type { ApkApp, ApkFact } from './values/index.ts';

/** Bytes hashed at once: memory stays small whatever an APK's size. */
const STEP = 1 << 20;

/**
 * Verifies every APK of a capture at the phone's own API level and adds what they are to its facts. One that cannot be read costs itself.
 * Its bytes came through the phone, so they are `shown`: authentic bytes prove who made them, not that they run.
 */
export async function withApkFacts(facts: Facts, capture: Capture, ports: ApkPorts): Promise<Facts> {
  const apks = capture.artefacts.filter(({ kind }) => kind === 'apk');
  if (apks.length === 0) return facts;
  const level = apiLevelOf(facts);
  const list: Fact[] = [...facts.list];
  const unread = [...facts.unread];
  for (const artefact of apks) {
    try {
      const place = { artefact: artefact.name, at: 0, length: artefact.source.size };
      list.push(
        makeFact('apks', [await readApk(artefact, level, ports)], {
          standing: capture.trust === 'bearer' ? weaker('shown', 'told') : 'shown',
          place,
        }),
      );
    } catch (error) {
      unread.push({ artefact: artefact.name, because: error instanceof Error ? error.message : String(error) });
    }
  }
  return { list, unread };
}

function apiLevelOf(facts: Facts): number | undefined {
  for (const { value } of factsOf(facts, 'properties')) {
    const level = Number(property(value, 'ro.build.version.sdk')?.value);
    if (Number.isInteger(level) && level > 0) return level;
  }
  return undefined;
}

async function readApk(artefact: Artefact, level: number | undefined, ports: ApkPorts): Promise<ApkFact> {
  // Imported when there is an APK: most recordings hold none, and start faster without it.
  const { readApp, verifyApk } = await import('../formats/apk/index.ts');
  const { source } = artefact;
  const digests = await digestsOf(source, ports);
  const verification = await verifyApk(source, ports, { minSdk: level, maxSdk: level });
  const app = await readApp(source, ports).catch((error: unknown) => {
    if (error instanceof FormatError) return undefined;
    throw error;
  });
  return {
    path: artefact.origin ?? artefact.name,
    package: app?.value.packageName,
    ...digests,
    size: source.size,
    // Certificates of a signature that does not verify belong to nobody.
    signers: verification.verified ? verification.signers : undefined,
    verified: verification.verified,
    issues: [...verification.issues.map(({ name }) => name), ...verification.tricks.map(({ name }) => name)],
    app: app === undefined ? undefined : summaryOf(app.value, verification),
  };
}

function summaryOf(app: AppInfo, { verified, schemes }: ApkVerification): ApkApp {
  const exported = app.components.filter((component) => component.exported);
  return {
    label: app.label,
    versionCode: app.versionCode,
    versionName: app.versionName,
    minSdk: app.minSdk,
    targetSdk: app.targetSdk,
    sharedUserId: app.sharedUserId,
    debuggable: app.debuggable,
    cleartext: app.usesCleartextTraffic,
    permissions: app.usesPermissions,
    exported: exported.length,
    exportedOpen: exported.filter(({ permission }) => permission === undefined).length,
    hasCode: app.dexFiles.length > 0,
    abis: [...new Set(app.nativeLibraries.map(({ abi }) => abi))],
    nativeLibraries: app.nativeLibraries.length,
    schemes: verified ? schemes : [],
  };
}

async function digestsOf(
  source: Source,
  { hash }: ApkPorts,
): Promise<{ readonly sha256: string; readonly sha1: string; readonly md5: string }> {
  const names = ['sha256', 'sha1', 'md5'] as const satisfies readonly HashAlgorithm[];
  const hashers = names.map((name) => hash(name));
  for (let at = 0; at < source.size; at += STEP) {
    const bytes = await source.read(at, Math.min(STEP, source.size - at));
    for (const hasher of hashers) hasher.update(bytes);
  }
  const [sha256, sha1, md5] = hashers.map((hasher) => toHex(hasher.digest()));
  return { sha256: sha256 ?? '', sha1: sha1 ?? '', md5: md5 ?? '' };
}
