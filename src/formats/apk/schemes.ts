/**
 * APK Signature Schemes v2, v3 and v3.1 over a whole APK: every signer, the contents' digests, and what the schemes demand of each other.
 * Spec: source.android.com "APK Signature Scheme v2", "v3", "v3.1"; order and names of issues as in AOSP tools/apksig (2023-04).
 */
import { Cursor, equalBytes, FormatError, toHex } from '../../bytes/index.ts';
import { algorithmById, type ContentDigest } from './algorithms.ts';
import { type ApkPorts, addError, addWarning, type IssueLog, issueLog, type SdkRange } from './issue.ts';
import { type LineageNode, lineageIndex, mergeLineages, readLineage } from './lineage.ts';
import { prefixed, prefixedElements } from './prefixed.ts';
import { readSigner, type SchemeKind, type SchemeSigner } from './signer.ts';
import { type BlockPair, hexId } from './signing-block.ts';

const STRIPPING_PROTECTION = 0xbeeff00d;
const PROOF_OF_ROTATION = 0x3ba06f8c;
const ROTATION_MIN_SDK = 0x559f8b02;
const ROTATION_ON_DEV_RELEASE = 0xc2a6b3ba;
const POR_ISSUES = {
  'did-not-verify': 'V3_SIG_POR_DID_NOT_VERIFY',
  mismatch: 'V3_SIG_POR_CERT_MISMATCH',
  empty: 'V3_SIG_POR_CERT_MISMATCH',
  malformed: 'V3_SIG_MALFORMED_LINEAGE',
} as const;
const SIGNERS_MAX = 10;
const SDK_V31 = 33;
const SDK_V3 = 28;

/** A v3 signer with its history. */
export interface V3Signer extends SchemeSigner {
  readonly lineage: readonly LineageNode[] | undefined;
}

/** What one scheme says of an APK. `verified` is set in one place, and only where there is no error. */
export interface SchemeResult<S extends SchemeSigner = SchemeSigner> {
  readonly verified: boolean;
  /** As `verified`, but for the contents' digests: the reference verifier compares those of v3.1 and then lists the scheme whatever they say. */
  readonly signersVerified: boolean;
  readonly signers: readonly S[];
  readonly log: IssueLog;
  /** The history that its signers tell together, where they agree. */
  readonly lineage: readonly LineageNode[] | undefined;
}

/** The digest of the contents, worked out once a kind however many signers state it. */
export type DigestOf = (kind: ContentDigest) => Promise<Uint8Array | undefined>;

/** What verifying a scheme takes. */
export interface SchemeContext {
  readonly ports: ApkPorts;
  readonly range: SdkRange;
  readonly digestOf: DigestOf;
  /** Undefined where digests are not to be compared, as for a source stamp alone. */
  readonly compareDigests: boolean;
}

/** Every error of a scheme and of its signers, in order. */
export function schemeErrors({ log, signers }: Pick<SchemeResult, 'log' | 'signers'>): IssueLog['errors'] {
  return [...log.errors, ...signers.flatMap((signer) => signer.log.errors)];
}

/** Every warning likewise. */
export function schemeWarnings({ log, signers }: SchemeResult): IssueLog['warnings'] {
  return [...log.warnings, ...signers.flatMap((signer) => signer.log.warnings)];
}

/** The schemes that a platform knows and that were found: what the stripping protection is about. */
export interface Found {
  readonly supported: ReadonlySet<number>;
  readonly found: ReadonlySet<number>;
}

/** Verifies a v2 block. */
export async function verifyV2(pair: BlockPair, context: SchemeContext, { supported, found }: Found): Promise<SchemeResult> {
  const log = issueLog();
  const signers = await readSigners(pair, { prefix: 'V2_SIG', range: context.range }, { context, log });
  if (signers.length > SIGNERS_MAX) addError(log, 'V2_SIG_MAX_SIGNATURES_EXCEEDED', `${signers.length} signers`);
  for (const signer of signers) {
    const expected = expectedSchemes(signer, supported);
    for (const scheme of expected) if (!found.has(scheme)) addError(signer.log, 'V2_SIG_MISSING_APK_SIG_REFERENCED', `scheme v${scheme}`);
  }
  return finish({ signers, log, lineage: undefined }, 'V2_SIG', context);
}

/** The schemes that a v2 signer says are there too; none where its attributes do not parse. */
function expectedSchemes({ attributes, log }: SchemeSigner, supported: ReadonlySet<number>): ReadonlySet<number> {
  const expected = new Set<number>();
  for (const { id, value } of attributes) {
    if (id !== STRIPPING_PROTECTION) {
      addWarning(log, 'V2_SIG_UNKNOWN_ADDITIONAL_ATTRIBUTE', hexId(id));
      continue;
    }
    if (value.left < 4) {
      addError(log, 'V2_SIG_MALFORMED_ADDITIONAL_ATTRIBUTE', hexId(id));
      return new Set();
    }
    const scheme = value.u32('scheme');
    if (supported.has(scheme)) expected.add(scheme);
    else addWarning(log, 'V2_SIG_UNKNOWN_APK_SIG_SCHEME_ID', String(scheme));
  }
  return expected;
}

/** Which of the v3 blocks is verified, and at which level rotation begins where a v3.1 block was found beside it. */
export interface V3Kind {
  readonly block: 'v3' | 'v31';
  readonly rotationMinSdk: number | undefined;
}

/** Verifies a v3 or v3.1 block. */
export async function verifyV3(
  pair: BlockPair,
  context: SchemeContext,
  { block, rotationMinSdk }: V3Kind,
): Promise<SchemeResult<V3Signer>> {
  const log = issueLog();
  const { maxSdk } = context.range;
  // v3.1 may target any later level, as v3 covers what lies below.
  const minSdk = block === 'v3' ? Math.max(context.range.minSdk, SDK_V3) : maxSdk;
  const read = await readSigners(pair, { prefix: 'V3_SIG', range: { minSdk, maxSdk } }, { context, log });
  const signers: V3Signer[] = [];
  for (const signer of read) {
    signers.push({ ...signer, lineage: await readV3Attributes(signer, context, { block, rotationMinSdk }) });
  }
  const result = await finish({ signers, log, lineage: undefined }, 'V3_SIG', context);
  if (!result.signersVerified) return result;
  const lineage = checkV3Ranges(signers, { minSdk, maxSdk: rotationMinSdk === undefined ? maxSdk : rotationMinSdk - 1 }, log);
  return { signers, log, lineage, verified: schemeErrors({ signers, log }).length === 0, signersVerified: log.errors.length === 0 };
}

async function readSigners(
  pair: BlockPair,
  kind: SchemeKind,
  { context, log }: { readonly context: SchemeContext; readonly log: IssueLog },
): Promise<readonly SchemeSigner[]> {
  const { prefix } = kind;
  const signers: SchemeSigner[] = [];
  let elements: Cursor;
  try {
    elements = prefixed(new Cursor(pair.value, { format: `apk ${prefix.slice(0, 2).toLowerCase()} block`, base: pair.at }), 'signers');
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    addError(log, `${prefix}_MALFORMED_SIGNERS`, error.message);
    return signers;
  }
  if (elements.left === 0) addError(log, `${prefix}_NO_SIGNERS`);
  try {
    for (const element of prefixedElements(elements, 'signer')) {
      const signer = await readSigner(element, signers.length, kind, context.ports);
      signers.push(signer);
      if (signer.log.errors.some(({ name }) => name === `${prefix}_MALFORMED_SIGNER`)) break;
      // Ten are allowed; a thousand, each with a 16384-bit key, would only cost time.
      if (signers.length > 10 * SIGNERS_MAX) break;
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    addError(log, `${prefix}_MALFORMED_SIGNER`, error.message);
  }
  return signers;
}

/** Reads the attributes of a v3 signer; answers its lineage. */
async function readV3Attributes(signer: SchemeSigner, context: SchemeContext, kind: V3Kind): Promise<readonly LineageNode[] | undefined> {
  const { log, attributes, certificates } = signer;
  let lineage: readonly LineageNode[] | undefined;
  let rotationFound = false;
  for (const { id, value } of attributes) {
    if (id === PROOF_OF_ROTATION) {
      const reading = await readLineage(value, context.ports);
      if (reading.kind === 'lineage') {
        const [main] = certificates;
        const at = main === undefined ? -1 : lineageIndex(reading.nodes, main);
        if (at !== reading.nodes.length - 1) addError(log, 'V3_SIG_POR_CERT_MISMATCH', 'the lineage does not end in the signer');
        lineage = reading.nodes;
      } else addError(log, POR_ISSUES[reading.kind], reading.because);
    } else if (id === ROTATION_MIN_SDK) {
      rotationFound = true;
      if (context.range.maxSdk < SDK_V31 || !context.compareDigests) continue;
      if (value.left < 4) {
        addError(log, 'V3_SIG_MALFORMED_ADDITIONAL_ATTRIBUTE', hexId(id));
        break;
      }
      const stated = value.i32('rotation_min_sdk');
      if (kind.rotationMinSdk === undefined) addError(log, 'V31_BLOCK_MISSING', `rotation from ${stated} on, and no v3.1 block`);
      else if (stated !== kind.rotationMinSdk)
        addError(log, 'V31_ROTATION_MIN_SDK_MISMATCH', `${stated}, the v3.1 block says ${kind.rotationMinSdk}`);
    } else if (id === ROTATION_ON_DEV_RELEASE) {
      if (kind.block !== 'v31') addWarning(log, 'V31_ROTATION_TARGETS_DEV_RELEASE_ATTR_ON_V3_SIGNER');
    } else addWarning(log, 'V3_SIG_UNKNOWN_ADDITIONAL_ATTRIBUTE', hexId(id));
  }
  if (kind.rotationMinSdk !== undefined && !rotationFound && context.compareDigests) {
    addWarning(log, 'V31_ROTATION_MIN_SDK_ATTR_MISSING', `rotation from ${kind.rotationMinSdk} on`);
  }
  return lineage;
}

/** v3 signers must cover the range without overlap or hole, and later ones may not forget what earlier ones know. */
function checkV3Ranges(signers: readonly V3Signer[], range: SdkRange, log: IssueLog): readonly LineageNode[] | undefined {
  const byMax = new Map<number, V3Signer>();
  for (const signer of signers) byMax.set(signer.maxSdk, signer);
  let firstMin = 0;
  let lastMax = 0;
  const lineages: (readonly LineageNode[])[] = [];
  for (const signer of [...byMax.values()].sort((a, b) => a.maxSdk - b.maxSdk)) {
    const devRelease = signer.attributes.some(({ id }) => id === ROTATION_ON_DEV_RELEASE);
    if (firstMin === 0) firstMin = signer.minSdk;
    else if (signer.minSdk !== lastMax + 1 && !(signer.minSdk === lastMax && devRelease)) {
      addError(log, 'V3_INCONSISTENT_SDK_VERSIONS', `a signer from ${signer.minSdk} on follows one up to ${lastMax}`);
      break;
    }
    lastMax = signer.maxSdk;
    if (signer.lineage === undefined) continue;
    if (signer.lineage.length < (lineages.at(-1)?.length ?? 0)) {
      addError(log, 'V3_INCONSISTENT_LINEAGES', `the lineage up to ${signer.maxSdk} is shorter than an earlier one`);
      break;
    }
    lineages.push(signer.lineage);
  }
  if (firstMin > range.minSdk || lastMax < range.maxSdk) {
    addError(log, 'V3_MISSING_SDK_VERSIONS', `signers for ${firstMin} to ${lastMax}, wanted ${range.minSdk} to ${range.maxSdk}`);
  }
  const [first, ...others] = lineages;
  let history = first;
  for (const lineage of others) {
    const merged = history === undefined ? undefined : mergeLineages(history, lineage);
    if (merged === undefined) addError(log, 'V3_INCONSISTENT_LINEAGES', 'two lineages tell different histories');
    history = merged;
    if (merged === undefined) break;
  }
  return history;
}

/** Compares the contents' digests, where nothing was wrong before. The one place that sets `verified`. */
async function finish<S extends SchemeSigner>(
  parts: Omit<SchemeResult<S>, 'verified' | 'signersVerified'>,
  prefix: SchemeKind['prefix'],
  context: SchemeContext,
): Promise<SchemeResult<S>> {
  const refused = { ...parts, verified: false, signersVerified: false };
  if (schemeErrors(refused).length > 0 || parts.signers.length === 0) return refused;
  if (!context.compareDigests) return refused;
  const kinds = new Set(parts.signers.flatMap((signer) => [...signer.verifiedDigests]));
  for (const signer of parts.signers) {
    for (const { algorithmId, digest } of signer.digests) {
      const kind = algorithmById(algorithmId)?.digest;
      if (kind === undefined || !kinds.has(kind)) continue;
      const actual = await context.digestOf(kind);
      if (actual === undefined || !equalBytes(actual, digest)) {
        const found = actual === undefined ? 'cannot be worked out' : `is ${toHex(actual)}`;
        addError(signer.log, `${prefix}_APK_DIGEST_DID_NOT_VERIFY`, `${kind} ${found}, stated ${toHex(digest)}`);
      }
    }
  }
  return { ...parts, verified: schemeErrors(parts).length === 0, signersVerified: true };
}
