/**
 * Whether Android would accept an APK's signature: at one API level, over a range of them, or on any.
 * Spec: the schemes' own pages; order of schemes, what each demands of the others and the names of issues as in AOSP tools/apksig ApkVerifier (2023-04).
 * The verdict is a function of the level: the same file can be refused on one, signed by A on the next and by B from 33 on.
 * Starts refused: `verified` becomes true in one place, where no scheme that the range's platforms look at left an error.
 */
import { FormatError, type Oddity, type Source } from '../../bytes/index.ts';
import { readZip, windowedSource, type ZipArchive, type ZipEntry } from '../archive/index.ts';
import { compareSigners, compareV4, mainCertificates, statedDigests } from './compare.ts';
import { type Begun, begin, digestEarly, digester } from './digester.ts';
import { verifyV4 } from './idsig.ts';
import { ANY_SDK, type ApkIssue, type ApkPorts, ApkRefusal, addError, type IssueLog, issueLog, type SdkRange } from './issue.ts';
import { type JarResult, jarErrors, jarWarnings, verifyJar } from './jar/verify.ts';
import type { Capability, LineageNode } from './lineage.ts';
import { jarDigests, type ManifestReading, manifestLevel, manifestReader } from './members.ts';
import { levelResolver } from './resource-level.ts';
import {
  type Found,
  type SchemeContext,
  type SchemeResult,
  schemeErrors,
  schemeWarnings,
  type V3Signer,
  verifyV2,
  verifyV3,
} from './schemes.ts';
import { schemeTargetOf, targetSandboxVersionOf } from './sdk.ts';
import { BLOCK_ID, pairValue, readSigningBlock, type SigningBlock } from './signing-block.ts';
import { certificateDigest, type SigningCertificate } from './signing-certificate.ts';
import { type SchemeDigests, STAMP_ENTRY, type StampResult, verifyStamp } from './stamp.ts';
import { type Trick, tricksOf } from './tricks.ts';
import { type ApkZip, checkDirectory, findEntry, openMember, readApkZip } from './zip-view.ts';

/** API levels that changed what is verified. */
const SDK = { N: 24, O: 26, P: 28, R: 30, T: 33 } as const;
const V2_NEEDED_FROM_TARGET = SDK.R;

export type SchemeName = 'v1' | 'v2' | 'v3' | 'v3.1' | 'v4';

/** A key of an APK's history. */
export interface LineageEntry {
  readonly sha256: string;
  readonly capabilities: readonly Capability[];
}

/** The verdict. */
export interface ApkVerification {
  readonly verified: boolean;
  /** The levels it is for. */
  readonly range: SdkRange;
  /** Schemes that were looked at and verified. */
  readonly schemes: readonly SchemeName[];
  /** SHA-256 of the certificates of those who signed it, as the range's newest platform sees them. Empty unless verified. */
  readonly signers: readonly string[];
  readonly lineage: readonly LineageEntry[];
  readonly issues: readonly ApkIssue[];
  readonly warnings: readonly ApkIssue[];
  /** Where Android's library would give up: its exception. */
  readonly refusal: { readonly exception: ApkRefusal['exception']; readonly because: string } | undefined;
  readonly stamp: StampResult | undefined;
  /** Certificates by scheme, whoever the verdict names: what each signer claims. */
  readonly claimedSigners: Readonly<Partial<Record<SchemeName, readonly string[]>>>;
  /** The lowest level of the v3.1 signers. */
  readonly rotationMinSdk: number | undefined;
  readonly tricks: readonly Trick[];
  readonly oddities: readonly Oddity[];
}

/** What to verify. */
export interface VerifyApkOptions {
  /** Undefined: the lowest level that the manifest names. */
  readonly minSdk: number | undefined;
  /** Undefined: no upper end. */
  readonly maxSdk: number | undefined;
  /** The `.idsig` beside the APK, where there is one. */
  readonly idsig?: Source;
}

/** Verifies an APK. Never throws on hostile bytes: what is wrong is in the answer. */
export async function verifyApk(source: Source, ports: ApkPorts, options: VerifyApkOptions): Promise<ApkVerification> {
  const state = newState(options);
  try {
    await verifyInto(state, source, ports, options);
  } catch (error) {
    if (error instanceof ApkRefusal) state.refusal = { exception: error.exception, because: error.message };
    else if (error instanceof FormatError) state.refusal = { exception: 'ApkFormatException', because: error.message };
    else throw error;
  }
  const errors = allErrors(state);
  const verified = state.accepted && errors.length === 0 && state.refusal === undefined;
  const digest = (certificate: SigningCertificate) => certificateDigest(ports.hash, certificate);
  const { refusal, stamp, oddities, range } = state;
  const schemes = [state.v31, state.v3, state.v2].filter((result) => result !== undefined);
  const { archive, jar } = state;
  const tricks = archive === undefined ? [] : await tricksOf({ source, firstAt: archive.firstAt, oddities, jar, schemes, ports });
  return {
    verified,
    range,
    schemes: schemesOf(state),
    signers: verified ? signersOf(state).map(digest) : [],
    lineage: (state.v31?.lineage ?? state.v3?.lineage ?? []).map((node: LineageNode) => ({
      sha256: digest(node.certificate),
      capabilities: node.capabilities,
    })),
    issues: errors,
    warnings: allWarnings(state),
    refusal,
    stamp,
    claimedSigners: claimedSigners(state, digest),
    rotationMinSdk: rotationMinSdkOf(state.v31),
    tricks,
    oddities,
  };
}

interface State {
  range: SdkRange;
  archive: ZipArchive | undefined;
  block: SigningBlock | undefined;
  readonly log: IssueLog;
  v31: SchemeResult<V3Signer> | undefined;
  v3: SchemeResult<V3Signer> | undefined;
  v2: SchemeResult | undefined;
  v4: { readonly verified: boolean; readonly log: IssueLog; readonly certificates: readonly SigningCertificate[] } | undefined;
  jar: JarResult | undefined;
  stamp: StampResult | undefined;
  refusal: ApkVerification['refusal'];
  accepted: boolean;
  readonly oddities: Oddity[];
}

function newState({ minSdk, maxSdk }: VerifyApkOptions): State {
  return {
    range: { minSdk: minSdk ?? 1, maxSdk: maxSdk ?? ANY_SDK },
    archive: undefined,
    block: undefined,
    log: issueLog(),
    v31: undefined,
    v3: undefined,
    v2: undefined,
    v4: undefined,
    jar: undefined,
    stamp: undefined,
    refusal: undefined,
    accepted: false,
    oddities: [],
  };
}

function allErrors({ log, v31, v3, v2, v4, jar }: State): readonly ApkIssue[] {
  return [
    ...log.errors,
    ...[v31, v3, v2].flatMap((result) => (result === undefined ? [] : schemeErrors(result))),
    ...(v4?.log.errors ?? []),
    ...(jar === undefined ? [] : jarErrors(jar)),
  ];
}

function allWarnings({ log, v31, v3, v2, v4, jar, stamp }: State): readonly ApkIssue[] {
  return [
    ...log.warnings,
    ...[v31, v3, v2].flatMap((result) => (result === undefined ? [] : schemeWarnings(result))),
    ...(v4?.log.warnings ?? []),
    ...(jar === undefined ? [] : jarWarnings(jar)),
    ...(stamp?.log.warnings ?? []),
  ];
}

function schemesOf({ jar, v2, v3, v31, v4 }: State): readonly SchemeName[] {
  const found: SchemeName[] = [];
  if (jar?.verified === true) found.push('v1');
  if (v2?.verified === true) found.push('v2');
  if (v3?.verified === true) found.push('v3');
  if (v31?.signersVerified === true) found.push('v3.1');
  if (v4?.verified === true) found.push('v4');
  return found;
}

/** Who signed, by the newest scheme: of v3 the last signer, who is for the newest platforms. */
function signersOf({ v31, v3, v2, jar }: State): readonly SigningCertificate[] {
  if (v31?.verified === true) return mainCertificates(v31.signers.slice(-1));
  if (v3?.verified === true) return mainCertificates(v3.signers.slice(-1));
  if (v2?.verified === true) return mainCertificates(v2.signers);
  return (jar?.signers ?? []).flatMap(({ certificate }) => (certificate === undefined ? [] : [certificate]));
}

function claimedSigners(
  { v31, v3, v2, jar, v4 }: State,
  digest: (certificate: SigningCertificate) => string,
): Partial<Record<SchemeName, readonly string[]>> {
  const claimed: Partial<Record<SchemeName, readonly string[]>> = {};
  if (jar !== undefined) claimed.v1 = jar.signers.flatMap(({ certificate }) => (certificate === undefined ? [] : [digest(certificate)]));
  if (v2 !== undefined) claimed.v2 = mainCertificates(v2.signers).map(digest);
  if (v3 !== undefined) claimed.v3 = mainCertificates(v3.signers).map(digest);
  if (v31 !== undefined) claimed['v3.1'] = mainCertificates(v31.signers).map(digest);
  if (v4 !== undefined) claimed.v4 = v4.certificates.map(digest);
  return claimed;
}

function rotationMinSdkOf(v31: SchemeResult<V3Signer> | undefined): number | undefined {
  return v31 === undefined || v31.signers.length === 0 ? undefined : Math.min(...v31.signers.map(({ minSdk }) => minSdk));
}

async function verifyInto(state: State, file: Source, ports: ApkPorts, options: VerifyApkOptions): Promise<void> {
  const begun: Begun = { work: new Set(), stops: [] };
  try {
    await verifyParts(state, { file, begun, ports: portsOver(file, ports) }, options);
  } finally {
    await Promise.allSettled([...begun.work, ...begun.stops.map((stop) => stop())]);
  }
}

/** The platform knows its own files, not our views of them. */
function portsOver(file: Source, ports: ApkPorts): ApkPorts {
  const { stretches } = ports;
  return stretches === undefined ? ports : { ...ports, stretches: (_view, algorithm, pieces) => stretches(file, algorithm, pieces) };
}

interface Parts {
  readonly file: Source;
  readonly begun: Begun;
  readonly ports: ApkPorts;
}

async function verifyParts(state: State, { file, begun, ports }: Parts, options: VerifyApkOptions): Promise<void> {
  const source = windowedSource(file);
  const ahead = (options.maxSdk ?? ANY_SDK) < SDK.N ? undefined : await digestEarly(source, ports);
  if (ahead !== undefined) begun.stops.push(() => ahead.work.stop());
  const { value: archive, oddities } = await readZip(source).catch((error: unknown) => {
    if (error instanceof FormatError) throw new ApkRefusal('ApkFormatException', `not a ZIP archive: ${error.message}`);
    throw error;
  });
  state.oddities.push(...oddities);
  state.archive = archive;
  const zip = await readApkZip(source, archive);
  const blockReading = await readSigningBlock(source, zip);
  // Android looks for the block only where the directory ends at the end record.
  state.block = archive.centralAt === zip.centralAt && zip.directoryEnd === zip.endAt ? blockReading.value : undefined;
  state.oddities.push(...blockReading.oddities);
  const manifest = manifestReader(zip, ports, state.oddities);
  const maxSdk = options.maxSdk ?? ANY_SDK;
  let minSdk = options.minSdk;
  if (minSdk === undefined) {
    await checkDirectory(zip);
    minSdk = await manifestLevel(zip, ports, await manifest());
  }
  // No platform is in such a range, and what none looks at verifies on none.
  if (minSdk > maxSdk || minSdk < 0) throw new ApkRefusal('ApkFormatException', `no level is from ${minSdk} to ${maxSdk}`);
  const range = { minSdk, maxSdk };
  state.range = range;
  const digests = new Map<number, SchemeDigests>();
  const found = new Set<number>();
  const supported = new Set(maxSdk >= SDK.P ? [2, 3] : maxSdk >= SDK.N ? [2] : []);
  const expected = schemesLookedAt(state.block, range, options.idsig !== undefined);
  const jarOf = (schemes: ReadonlySet<number>) => verifyJar(zip, { ports, range, supported, found: schemes });
  let early: Promise<JarResult> | undefined;
  const digestOf = digester(source, zip, {
    block: state.block,
    ports,
    begun,
    ahead,
    // While another thread digests the contents, this one reads what is said of the entries.
    meanwhile: () => {
      if (ports.stretches !== undefined && minSdk < SDK.N) early ??= begin(begun, jarOf(expected));
    },
  });
  const stop = await verifyBlockSchemes(state, {
    source,
    ports,
    range,
    digestOf,
    found: { supported, found },
    digests,
    idsig: options.idsig,
  });
  if (stop) return;
  if (maxSdk >= SDK.O) {
    await checkDirectory(zip);
    const document = await manifest();
    // What does not parse asks for nothing: whether Android would install it is another question than who signed it.
    const sandbox = document instanceof FormatError ? 1 : targetSandboxVersionOf(document);
    if (sandbox > 1 && found.size === 0) addError(state.log, 'NO_SIG_FOR_TARGET_SANDBOX_VERSION', String(sandbox));
  }
  await checkDirectory(zip);
  const stampEntry = findEntry(zip, STAMP_ENTRY);
  if (minSdk < SDK.N || found.size === 0) {
    state.jar = await (early !== undefined && found.size === expected.size ? early : jarOf(found));
    // Only a stamp signs the manifest's digest; where there are errors, a manifest that cannot be read is one more.
    if (stampEntry !== undefined || allErrors(state).length > 0) digests.set(1, await jarDigests(zip, ports));
  }
  if (allErrors(state).length > 0) return;
  if (stampEntry !== undefined) {
    const stamped = { zip, ports, range: { minSdk: Math.max(minSdk, SDK.R), maxSdk }, digests };
    state.stamp = await verifySourceStampIn(state, stampEntry, stamped);
  }
  compareSigners(state);
  await checkTarget(state, manifest, { zip, ports });
  // Everything that the range's platforms look at has been looked at, and nothing else sets this.
  state.accepted = allErrors(state).length === 0 && schemesOf(state).some((scheme) => scheme !== 'v4');
}

/** The schemes that will have been looked at when the block leaves no error: then `found` holds exactly these. */
function schemesLookedAt(block: SigningBlock | undefined, { minSdk, maxSdk }: SdkRange, idsig: boolean): ReadonlySet<number> {
  const found = new Set<number>();
  if (maxSdk < SDK.N) return found;
  if (maxSdk >= SDK.T && pairValue(block, BLOCK_ID.v31) !== undefined) found.add(31);
  if (maxSdk >= SDK.P && pairValue(block, BLOCK_ID.v3) !== undefined) found.add(3);
  if ((minSdk < SDK.P || found.size === 0) && pairValue(block, BLOCK_ID.v2) !== undefined) found.add(2);
  if (idsig) found.add(4);
  return found;
}

interface BlockContext {
  readonly source: Source;
  readonly digestOf: SchemeContext['digestOf'];
  readonly ports: ApkPorts;
  readonly range: SdkRange;
  readonly found: Found & { readonly found: Set<number> };
  readonly digests: Map<number, SchemeDigests>;
  readonly idsig: Source | undefined;
}

/** Verifies v3.1, v3, v2 and v4, newest first, as platforms from N on do. Answers whether an error ends the matter. */
async function verifyBlockSchemes(state: State, { source, digestOf, ports, range, found, digests, idsig }: BlockContext): Promise<boolean> {
  const { minSdk, maxSdk } = range;
  if (maxSdk < SDK.N) return false;
  const context: SchemeContext = { ports, range, digestOf, compareDigests: true };
  const v31Pair = maxSdk >= SDK.T ? pairValue(state.block, BLOCK_ID.v31) : undefined;
  if (v31Pair !== undefined) {
    state.v31 = await verifyV3(v31Pair, context, { block: 'v31', rotationMinSdk: undefined });
    found.found.add(31);
    if (allErrors(state).length > 0) return true;
  }
  if (maxSdk >= SDK.P) {
    const v3Pair = pairValue(state.block, BLOCK_ID.v3);
    if (v3Pair !== undefined) {
      state.v3 = await verifyV3(v3Pair, context, { block: 'v3', rotationMinSdk: rotationMinSdkOf(state.v31) });
      found.found.add(3);
      digests.set(3, statedDigests(state.v3));
    } else if (state.v31 !== undefined) addError(state.log, 'V31_BLOCK_FOUND_WITHOUT_V3_BLOCK');
    if (allErrors(state).length > 0) return true;
  }
  const v2Pair = minSdk < SDK.P || found.found.size === 0 ? pairValue(state.block, BLOCK_ID.v2) : undefined;
  if (v2Pair !== undefined) {
    const v2Range = { minSdk: Math.max(minSdk, SDK.N), maxSdk };
    state.v2 = await verifyV2(v2Pair, { ...context, range: v2Range }, found);
    found.found.add(2);
    digests.set(2, statedDigests(state.v2));
    if (allErrors(state).length > 0) return true;
  }
  if (idsig !== undefined) {
    const result = await verifyV4(source, idsig, ports);
    state.v4 = { ...result, certificates: result.signers.map(({ certificate }) => certificate) };
    found.found.add(4);
    if (allErrors(state).length === 0) compareV4(state, result.signers);
    if (allErrors(state).length > 0) return true;
  }
  return false;
}

interface StampIn {
  readonly zip: ApkZip;
  readonly ports: ApkPorts;
  readonly range: SdkRange;
  readonly digests: ReadonlyMap<number, SchemeDigests>;
}

async function verifySourceStampIn(
  state: State,
  entry: ZipEntry,
  { zip, ports, range, digests }: StampIn,
): Promise<StampResult | undefined> {
  const stated = await openMember(zip, entry, ports);
  const pair = pairValue(state.block, BLOCK_ID.sourceStampV2);
  if (pair === undefined) {
    state.log.warnings.push({ name: 'SOURCE_STAMP_SIG_MISSING', detail: STAMP_ENTRY });
    return undefined;
  }
  return verifyStamp(pair, { ports, range, certificateDigest: stated, digests });
}

/** Apps for API 30 and later need v2 or later, on platforms of that level and later. A bundle without a manifest is let off. */
async function checkTarget(
  state: State,
  manifest: () => Promise<ManifestReading>,
  { zip, ports }: Pick<StampIn, 'zip' | 'ports'>,
): Promise<void> {
  let document: ManifestReading;
  try {
    document = await manifest();
  } catch (error) {
    if (error instanceof ApkRefusal && error.exception !== 'IOException') return;
    throw error;
  }
  const target = document instanceof FormatError ? 1 : schemeTargetOf(document, await levelResolver(zip, ports, document));
  if (target < V2_NEEDED_FROM_TARGET || state.range.maxSdk < target) return;
  if (state.v2?.verified === true || state.v3?.verified === true || state.v31?.verified === true) return;
  addError(state.log, 'MIN_SIG_SCHEME_FOR_TARGET_SDK_NOT_MET', `target ${target} needs v2`);
}
