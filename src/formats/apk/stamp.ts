/**
 * Source stamps: a store's signature over the digests that the signature schemes state, in a pair of the signing block.
 * Spec: AOSP tools/apksig SourceStampVerifier, V2SourceStampVerifier (2023-04). A stamp that fails is a warning, never a refusal.
 *
 *   length-prefixed block: length-prefixed certificate,
 *     schemes: (u32 scheme, signatures: (u32 algorithm, signature)), each over the sequence of (u32 digest kind, digest) sorted by kind,
 *     since v2 also: attributes and signatures over them; 0x9d6303f7 lineage, 0xe43c5946 u64 time in seconds
 */
import { Cursor, equalBytes, FormatError, hashOf, toHex } from '../../bytes/index.ts';
import { algorithmById, type ContentDigest, type SupportedSignature, signaturesToVerify } from './algorithms.ts';
import { type ApkPorts, addWarning, type IssueLog, issueLog, type SdkRange } from './issue.ts';
import { lineageIndex, readLineage } from './lineage.ts';
import { prefixed, prefixedBytes, prefixedElements, writeIdPairs } from './prefixed.ts';
import { checkSignature } from './signature.ts';
import { type BlockPair, hexId } from './signing-block.ts';
import { certificateDigest, readSigningCertificate, type SigningCertificate } from './signing-certificate.ts';

/** The entry that holds the SHA-256 of the stamp's certificate. */
export const STAMP_ENTRY = 'stamp-cert-sha256';
const FORMAT = 'apk source stamp';
const LINEAGE_ATTRIBUTE = 0x9d6303f7;
const TIME_ATTRIBUTE = 0xe43c5946;

/** Digest kinds as stamps number them; `sha256` is over a JAR manifest. */
const DIGEST_KINDS: Readonly<Record<ContentDigest | 'sha256', number>> = {
  'chunked-sha256': 1,
  'chunked-sha512': 2,
  'verity-sha256': 3,
  sha256: 4,
};

/** The digests that one scheme states, by kind. */
export type SchemeDigests = ReadonlyMap<ContentDigest | 'sha256', Uint8Array>;

/** What a stamp comes to. Its signer counts only while `verified`. */
export interface StampResult {
  readonly verified: boolean;
  /** SHA-256 of the stamp's certificate, once read. */
  readonly signer: string | undefined;
  /** SHA-256 of the certificates of its lineage. */
  readonly lineage: readonly string[];
  /** Seconds since 1970, as the stamp states it. */
  readonly timestamp: number | undefined;
  readonly log: IssueLog;
}

/** What verifying a stamp takes. */
export interface StampContext {
  readonly ports: ApkPorts;
  readonly range: SdkRange;
  /** The content of `stamp-cert-sha256`. */
  readonly certificateDigest: Uint8Array;
  /** By scheme: 1 JAR, 2, 3. */
  readonly digests: ReadonlyMap<number, SchemeDigests>;
}

/** Verifies a stamp of version 2. Never throws on hostile bytes. */
export async function verifyStamp(pair: BlockPair, context: StampContext): Promise<StampResult> {
  const draft: Draft = { certificate: undefined, lineage: [], timestamp: undefined };
  const log = issueLog();
  try {
    await readStamp(prefixed(new Cursor(pair.value, { format: FORMAT, base: pair.at }), 'stamp'), { draft, context, log });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    addWarning(log, 'SOURCE_STAMP_MALFORMED_SIGNATURE', error.message);
  }
  const { certificate, lineage, timestamp } = draft;
  const { hash } = context.ports;
  return {
    verified: certificate !== undefined && log.warnings.length === 0,
    signer: certificate === undefined ? undefined : certificateDigest(hash, certificate),
    lineage: lineage.map((entry) => certificateDigest(hash, entry)),
    timestamp,
    log,
  };
}

interface Draft {
  certificate: SigningCertificate | undefined;
  lineage: readonly SigningCertificate[];
  timestamp: number | undefined;
}

interface Reading {
  readonly draft: Draft;
  readonly context: StampContext;
  readonly log: IssueLog;
}

async function readStamp(cursor: Cursor, reading: Reading): Promise<void> {
  const { draft, context, log } = reading;
  const certificateBytes = prefixed(cursor, 'certificate');
  const certificate = readSigningCertificate(certificateBytes.bytes, certificateBytes.base);
  if (certificate instanceof FormatError) return addWarning(log, 'SOURCE_STAMP_MALFORMED_CERTIFICATE', certificate.message);
  draft.certificate = certificate;
  const digest = hashOf(context.ports.hash, 'sha256', certificate.bytes);
  if (!equalBytes(digest, context.certificateDigest)) {
    const detail = `${toHex(digest)} in the block, ${toHex(context.certificateDigest.subarray(0, 64))} in ${STAMP_ENTRY}`;
    return addWarning(log, 'SOURCE_STAMP_CERTIFICATE_MISMATCH_BETWEEN_SIGNATURE_BLOCK_AND_APK', detail);
  }
  const schemes = new Map<number, Cursor>();
  for (const element of prefixedElements(prefixed(cursor, 'schemes'), 'scheme')) {
    schemes.set(element.u32('id'), prefixed(element, 'signatures'));
  }
  for (const [scheme, digests] of [...context.digests].sort(([a], [b]) => a - b)) {
    const signatures = schemes.get(scheme);
    if (signatures === undefined) return addWarning(log, 'SOURCE_STAMP_NO_SIGNATURE', `none over scheme v${scheme}`);
    await checkStampSignatures(stampedDigests(digests), signatures, certificate, reading);
    if (log.warnings.length > 0) return;
  }
  if (cursor.left === 0) return;
  const attributes = prefixed(cursor, 'attributes');
  await checkStampSignatures(attributes.bytes, prefixed(cursor, 'attribute_signatures'), certificate, reading);
  if (log.warnings.length === 0) await readAttributes(prefixed(attributes, 'attributes'), certificate, reading);
}

/** The bytes that a stamp signs for one scheme. */
export function stampedDigests(digests: SchemeDigests): Uint8Array {
  const pairs = [...digests].map(([kind, value]) => ({ id: DIGEST_KINDS[kind], value }));
  return writeIdPairs(pairs.sort((a, b) => a.id - b.id));
}

async function checkStampSignatures(
  data: Uint8Array,
  signatures: Cursor,
  certificate: SigningCertificate,
  { context, log }: Reading,
): Promise<void> {
  const supported: SupportedSignature[] = [];
  try {
    for (const element of prefixedElements(signatures, 'signature')) {
      const algorithm = algorithmById(element.u32('algorithm'));
      const signature = prefixedBytes(element, 'value');
      if (algorithm !== undefined) supported.push({ algorithm, signature });
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return addWarning(log, 'SOURCE_STAMP_MALFORMED_SIGNATURE', error.message);
  }
  if (supported.length === 0) return addWarning(log, 'SOURCE_STAMP_NO_SIGNATURE');
  const chosen = signaturesToVerify(supported, context.range, 'jcaMinSdk');
  if (chosen === undefined) return addWarning(log, 'SOURCE_STAMP_NO_SUPPORTED_SIGNATURE');
  for (const { algorithm, signature } of chosen) {
    const question = { scheme: algorithm.scheme, spki: certificate.spki, data, signature };
    const outcome = await checkSignature(context.ports.verify, question);
    if (outcome === 'did-not-verify') return addWarning(log, 'SOURCE_STAMP_DID_NOT_VERIFY', algorithm.name);
    if (outcome !== 'valid') addWarning(log, 'SOURCE_STAMP_VERIFY_EXCEPTION', `${algorithm.name}: ${outcome}`);
  }
}

async function readAttributes(attributes: Cursor, certificate: SigningCertificate, { draft, context, log }: Reading): Promise<void> {
  try {
    for (const element of prefixedElements(attributes, 'attribute')) {
      const id = element.u32('id');
      if (id === LINEAGE_ATTRIBUTE) await readStampLineage(element, certificate, { draft, context, log });
      else if (id === TIME_ATTRIBUTE) {
        const seconds = element.i64('time');
        if (seconds <= 0n) addWarning(log, 'SOURCE_STAMP_INVALID_TIMESTAMP', String(seconds));
        else draft.timestamp = Number(seconds);
      } else addInfo(log, hexId(id));
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    addWarning(log, 'SOURCE_STAMP_MALFORMED_ATTRIBUTE', error.message);
  }
}

/** An attribute nobody knows is worth saying and no reason to doubt the stamp, so it is kept apart from the warnings. */
function addInfo(log: IssueLog, detail: string): void {
  log.errors.push({ name: 'SOURCE_STAMP_UNKNOWN_ATTRIBUTE', detail });
}

async function readStampLineage(element: Cursor, certificate: SigningCertificate, { draft, context, log }: Reading): Promise<void> {
  const reading = await readLineage(element, context.ports);
  if (reading.kind === 'lineage') {
    draft.lineage = [...draft.lineage, ...reading.nodes.map((node) => node.certificate)];
    if (lineageIndex(reading.nodes, certificate) !== reading.nodes.length - 1) addWarning(log, 'SOURCE_STAMP_POR_CERT_MISMATCH');
  } else if (reading.kind === 'did-not-verify') addWarning(log, 'SOURCE_STAMP_POR_DID_NOT_VERIFY', reading.because);
  else if (reading.kind === 'mismatch') addWarning(log, 'SOURCE_STAMP_POR_CERT_MISMATCH', reading.because);
  else addWarning(log, 'SOURCE_STAMP_MALFORMED_LINEAGE', reading.because);
}
