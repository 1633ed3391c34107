/** One JAR signer: its PKCS#7 block against its signature file. Spec and order of issues: see `verify.ts`. */
import { equalBytes, FormatError, hashOf } from '../../../bytes/index.ts';
import type { ZipEntry } from '../../archive/index.ts';
import { type Certificate, sameName } from '../../x509/index.ts';
import { type ApkPorts, addError, type IssueLog, type SdkRange } from '../issue.ts';
import { checkSignature } from '../signature.ts';
import { certificateRefusal, type SigningCertificate, signingCertificateOf } from '../signing-certificate.ts';
import { coversLevels, jarAlgorithm } from './algorithms.ts';
import { findCertificate, readSignedData, type SignedData, type SignerInfo } from './pkcs7.ts';

const KITKAT = 19;
const N = 24;

/** A signer while it is verified, and after. */
export interface JarSigner {
  readonly blockEntry: ZipEntry;
  readonly fileEntry: ZipEntry;
  /** Reads the block and the signature file. */
  readonly load: () => Promise<readonly [block: Uint8Array, file: Uint8Array]>;
  readonly log: IssueLog;
  /** The signature file, once read. */
  file: Uint8Array;
  /** Who signed, once verified. */
  certificate: SigningCertificate | undefined;
  /** The certificate and those that name themselves its issuers: by name only, as old platforms believed. Never evidence. */
  chain: readonly Certificate[];
  /** Entries that its signature file names. */
  entryNames: { has(name: string): boolean };
  ignored: boolean;
}

/** Verifies a signer's block over its signature file; what is wrong goes to its log. @throws ApkRefusal where an entry cannot be read */
export async function verifyBlock(
  signer: JarSigner,
  { ports, range }: { readonly ports: ApkPorts; readonly range: SdkRange },
): Promise<void> {
  const [block, file] = await signer.load();
  signer.file = file;
  const name = signer.blockEntry.name;
  let data: SignedData;
  try {
    data = readSignedData(block).value;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return addError(signer.log, 'JAR_SIG_PARSE_EXCEPTION', `${name}: ${error.message}`);
  }
  if (data.signers.length === 0) return addError(signer.log, 'JAR_SIG_NO_SIGNERS', name);
  // No platform takes a certificate named by its key id, though RFC 5652 does: they read a SEQUENCE there, or nothing.
  if (data.signers.some(({ sid }) => sid.kind === 'key-id')) {
    return addError(signer.log, 'JAR_SIG_PARSE_EXCEPTION', `${name}: a certificate is named by its key id`);
  }
  // Before N only the first signer info is tried; from N on the first that verifies counts, but every one must be well-formed.
  const candidates = range.minSdk < N ? data.signers.slice(0, 1) : data.signers;
  for (const info of candidates) {
    const outcome = await verifyInfo(info, { data, file, ports, range });
    if (outcome.kind === 'issue') return addError(signer.log, outcome.name, `${name}: ${outcome.because}`);
    if (outcome.kind === 'verified' && signer.certificate === undefined) {
      signer.certificate = outcome.certificate;
      signer.chain = chainByName(data.certificates, outcome.certificate.certificate);
    }
  }
  if (signer.certificate === undefined) addError(signer.log, 'JAR_SIG_DID_NOT_VERIFY', name);
}

type Outcome =
  | { readonly kind: 'verified'; readonly certificate: SigningCertificate }
  | { readonly kind: 'not-verified' }
  | {
      readonly kind: 'issue';
      readonly name: 'JAR_SIG_VERIFY_EXCEPTION' | 'JAR_SIG_PARSE_EXCEPTION' | 'JAR_SIG_UNSUPPORTED_SIG_ALG';
      readonly because: string;
    };

const exception = (because: string): Outcome => ({ kind: 'issue', name: 'JAR_SIG_VERIFY_EXCEPTION', because });

interface InfoContext {
  readonly data: SignedData;
  readonly file: Uint8Array;
  readonly ports: ApkPorts;
  readonly range: SdkRange;
}

async function verifyInfo(info: SignerInfo, { data, file, ports, range }: InfoContext): Promise<Outcome> {
  const algorithm = jarAlgorithm(info.digestOid, info.signatureOid);
  if (algorithm === undefined || !coversLevels(algorithm.levels, range)) {
    const because = `digest ${info.digestOid} with signature ${info.signatureOid} is not taken by every platform of the range`;
    return { kind: 'issue', name: 'JAR_SIG_UNSUPPORTED_SIG_ALG', because };
  }
  const found = findCertificate(data.certificates, info.sid);
  if (found === undefined) return exception('the certificate that the signer names is not in the block');
  let certificate: SigningCertificate;
  try {
    certificate = signingCertificateOf(found);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return exception(error.message);
  }
  const refusal = certificateRefusal(certificate);
  if (refusal !== undefined) return exception(refusal);
  let signed = file;
  if (info.signedAttributes !== undefined) {
    const { signedBytes, contentType, messageDigest, fault } = info.signedAttributes;
    // Before KitKat the digest in the attributes was never compared: such an APK protects nothing there, so it counts as unsigned.
    if (range.minSdk < KITKAT) return exception('signed attributes protect nothing before API 19');
    if (fault !== undefined) return { kind: 'issue', name: 'JAR_SIG_PARSE_EXCEPTION', because: fault };
    if (range.maxSdk >= N) {
      if (contentType === undefined) return exception('no content type in the signed attributes');
      if (contentType !== data.contentType) return { kind: 'not-verified' };
    }
    if (messageDigest === undefined) return exception('no digest in the signed attributes');
    if (!equalBytes(messageDigest, hashOf(ports.hash, algorithm.digest, file))) return { kind: 'not-verified' };
    signed = signedBytes;
  }
  const question = { scheme: algorithm.scheme, spki: certificate.spki, data: signed, signature: info.signature };
  const outcome = await checkSignature(ports.verify, question);
  if (outcome === 'valid') return { kind: 'verified', certificate };
  return outcome === 'did-not-verify' ? { kind: 'not-verified' } : exception(outcome);
}

/** The chain that platforms before the FakeID fix built: each next certificate is one whose subject has the name of the issuer. */
function chainByName(certificates: readonly Certificate[], leaf: Certificate): readonly Certificate[] {
  const chain: Certificate[] = [leaf];
  const left = new Set(certificates);
  left.delete(leaf);
  for (let last = leaf; !sameName(last.subject, last.issuer); ) {
    const issuer = [...left].find((certificate) => sameName(certificate.subject, last.issuer));
    if (issuer === undefined) break;
    left.delete(issuer);
    chain.push(issuer);
    last = issuer;
  }
  return chain;
}
