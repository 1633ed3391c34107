/**
 * One signer of APK Signature Scheme v2 or v3: signed data, signatures over it, and a public key; verified before anything in it is believed.
 * Spec: source.android.com "APK Signature Scheme v2 Block", "v3 Block"; order of checks as in AOSP tools/apksig V2SchemeVerifier, V3SchemeVerifier.
 *
 *   signer (each field length-prefixed unless it is a u32)      signed data
 *     signed data                                                 digests: (u32 algorithm, digest)
 *     v3: u32 minSDK, u32 maxSDK                                  certificates: DER
 *     signatures: (u32 algorithm, signature)                      v3: u32 minSDK, u32 maxSDK
 *     public key: DER SubjectPublicKeyInfo                        additional attributes: (u32 id, value)
 */
import { type Cursor, equalBytes, FormatError } from '../../bytes/index.ts';
import { algorithmById, type ContentDigest, type SupportedSignature, signaturesToVerify } from './algorithms.ts';
import { type ApkPorts, addError, addWarning, type IssueLog, issueLog, type SdkRange } from './issue.ts';
import { prefixed, prefixedBytes, prefixedElements } from './prefixed.ts';
import { checkSignature } from './signature.ts';
import { hexId } from './signing-block.ts';
import { readSigningCertificate, type SigningCertificate } from './signing-certificate.ts';

/** A digest that a signer states, by its signature algorithm. */
interface StatedDigest {
  readonly algorithmId: number;
  readonly digest: Uint8Array;
}

/** An attribute of the signed data: view and place. */
interface SignerAttribute {
  readonly id: number;
  readonly value: Cursor;
}

/** What a signer states, and what is wrong with it. Nothing counts while `log` holds an error. */
export interface SchemeSigner {
  readonly index: number;
  readonly log: IssueLog;
  readonly minSdk: number;
  readonly maxSdk: number;
  readonly certificates: readonly SigningCertificate[];
  readonly digests: readonly StatedDigest[];
  readonly attributes: readonly SignerAttribute[];
  /** The digests that the verified signatures vouch for. */
  readonly verifiedDigests: ReadonlySet<ContentDigest>;
}

/** Which scheme's block is read. */
export interface SchemeKind {
  readonly prefix: 'V2_SIG' | 'V3_SIG';
  /** For v2 the range asked about; v3 signers state their own. */
  readonly range: SdkRange;
}

/** While it is read, a signer. */
interface Draft {
  minSdk: number;
  maxSdk: number;
  readonly certificates: SigningCertificate[];
  readonly digests: StatedDigest[];
  readonly attributes: SignerAttribute[];
  readonly verifiedDigests: Set<ContentDigest>;
}

/** Reads and verifies a signer. Never throws on hostile bytes. */
export async function readSigner(signer: Cursor, index: number, kind: SchemeKind, ports: ApkPorts): Promise<SchemeSigner> {
  const log = issueLog();
  const draft: Draft = { minSdk: 0, maxSdk: 0, certificates: [], digests: [], attributes: [], verifiedDigests: new Set() };
  try {
    await readInto(draft, signer, { kind, ports, log });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    addError(log, `${kind.prefix}_MALFORMED_SIGNER`, error.message);
  }
  return { index, log, ...draft };
}

interface Reading {
  readonly kind: SchemeKind;
  readonly ports: ApkPorts;
  readonly log: IssueLog;
}

async function readInto(draft: Draft, signer: Cursor, { kind, ports, log }: Reading): Promise<void> {
  const { prefix } = kind;
  const v3 = prefix === 'V3_SIG';
  const signedData = prefixed(signer, 'signed_data');
  let range = kind.range;
  if (v3) {
    draft.minSdk = signer.i32('min_sdk');
    draft.maxSdk = signer.i32('max_sdk');
    range = draft;
    if (draft.minSdk < 0 || draft.minSdk > draft.maxSdk) addError(log, 'V3_SIG_INVALID_SDK_VERSIONS', `${draft.minSdk} to ${draft.maxSdk}`);
  }
  const signaturesField = prefixed(signer, 'signatures');
  const spki = prefixedBytes(signer, 'public_key');

  const signatures = readSignatures(signaturesField, prefix, log);
  if (signatures === undefined) return;
  if (signatures.ids.length === 0) return addError(log, `${prefix}_NO_SIGNATURES`);
  const chosen = signaturesToVerify(signatures.supported, range);
  if (chosen === undefined) return addError(log, `${prefix}_NO_SUPPORTED_SIGNATURES`, signatures.ids.map(hexId).join(', '));
  for (const { algorithm, signature } of chosen) {
    const outcome = await checkSignature(ports.verify, { scheme: algorithm.scheme, spki, data: signedData.bytes, signature });
    if (outcome === 'malformed-key') return addError(log, `${prefix}_MALFORMED_PUBLIC_KEY`, algorithm.name);
    if (outcome === 'did-not-verify') return addError(log, `${prefix}_DID_NOT_VERIFY`, algorithm.name);
    if (outcome !== 'valid') return addError(log, `${prefix}_VERIFY_EXCEPTION`, `${algorithm.name}: ${outcome}`);
    draft.verifiedDigests.add(algorithm.digest);
  }

  // The signatures verified, so what they sign may be read.
  const digests = prefixed(signedData, 'digests');
  const certificates = prefixed(signedData, 'certificates');
  if (v3) compareSdk(signedData, draft, log);
  const attributes = prefixed(signedData, 'attributes');
  if (!readCertificates(certificates, draft.certificates, { prefix, log })) return;
  const [main] = draft.certificates;
  if (main === undefined) return addError(log, `${prefix}_NO_CERTIFICATES`);
  if (!equalBytes(main.spki, spki)) {
    return addError(log, `${prefix}_PUBLIC_KEY_MISMATCH_BETWEEN_CERTIFICATE_AND_SIGNATURES_RECORD`);
  }
  if (!readDigests(digests, draft.digests, { prefix, log })) return;
  const stated = draft.digests.map(({ algorithmId }) => algorithmId);
  if (stated.length !== signatures.ids.length || stated.some((id, at) => id !== signatures.ids[at])) {
    const detail = `${signatures.ids.map(hexId).join(', ')} and ${stated.map(hexId).join(', ')}`;
    return addError(log, `${prefix}_SIG_ALG_MISMATCH_BETWEEN_SIGNATURES_AND_DIGESTS_RECORDS`, detail);
  }
  readAttributes(attributes, draft.attributes, { prefix, log });
}

interface Named {
  readonly prefix: SchemeKind['prefix'];
  readonly log: IssueLog;
}

function compareSdk(signedData: Cursor, draft: Draft, log: IssueLog): void {
  const minSdk = signedData.i32('signed.min_sdk');
  const maxSdk = signedData.i32('signed.max_sdk');
  if (minSdk !== draft.minSdk)
    addError(log, 'V3_MIN_SDK_VERSION_MISMATCH_BETWEEN_SIGNER_AND_SIGNED_DATA_RECORD', `${draft.minSdk}, ${minSdk}`);
  if (maxSdk !== draft.maxSdk)
    addError(log, 'V3_MAX_SDK_VERSION_MISMATCH_BETWEEN_SIGNER_AND_SIGNED_DATA_RECORD', `${draft.maxSdk}, ${maxSdk}`);
}

function readSignatures(
  field: Cursor,
  prefix: SchemeKind['prefix'],
  log: IssueLog,
): { readonly ids: readonly number[]; readonly supported: readonly SupportedSignature[] } | undefined {
  const ids: number[] = [];
  const supported: SupportedSignature[] = [];
  try {
    for (const element of prefixedElements(field, 'signature')) {
      const id = element.u32('algorithm');
      const signature = prefixedBytes(element, 'value');
      ids.push(id);
      const algorithm = algorithmById(id);
      if (algorithm === undefined) addWarning(log, `${prefix}_UNKNOWN_SIG_ALGORITHM`, hexId(id));
      else supported.push({ algorithm, signature });
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    addError(log, `${prefix}_MALFORMED_SIGNATURE`, error.message);
    return undefined;
  }
  return { ids, supported };
}

function readCertificates(field: Cursor, into: SigningCertificate[], { prefix, log }: Named): boolean {
  for (const element of prefixedElements(field, 'certificate')) {
    const certificate = readSigningCertificate(element.bytes, element.base);
    if (certificate instanceof FormatError) {
      addError(log, `${prefix}_MALFORMED_CERTIFICATE`, certificate.message);
      return false;
    }
    into.push(certificate);
  }
  return true;
}

function readDigests(field: Cursor, into: StatedDigest[], { prefix, log }: Named): boolean {
  try {
    for (const element of prefixedElements(field, 'digest')) {
      into.push({ algorithmId: element.u32('algorithm'), digest: prefixedBytes(element, 'value') });
    }
    return true;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    addError(log, `${prefix}_MALFORMED_DIGEST`, error.message);
    return false;
  }
}

function readAttributes(field: Cursor, into: SignerAttribute[], { prefix, log }: Named): void {
  try {
    for (const element of prefixedElements(field, 'attribute')) {
      into.push({ id: element.u32('id'), value: element.sub('value', element.left) });
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    addError(log, `${prefix}_MALFORMED_ADDITIONAL_ATTRIBUTE`, error.message);
  }
}
