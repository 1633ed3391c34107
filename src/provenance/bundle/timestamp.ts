/**
 * When a statement was there at the latest, by the word of an authority that others know: a token of RFC 3161 over the digest that a log records too.
 * Chain: RFC 5280 6 as far as an authority's own chain goes (signatures, names, dates at the moment of the token, basic constraints, key usage). Does not check: revocation.
 */
import { equalBytes, FormatError, type HashPort, hashOf, type Instant, instantMs, type VerifyPort } from '../../bytes/index.ts';
import {
  basicConstraintsOf,
  type Certificate,
  isOnlyForTimestamps,
  mayCertSign,
  parsePem,
  readCertificate,
  readTimestampToken,
  signatureSchemeOf,
  type TimestampToken,
} from '../../formats/x509/index.ts';

export type TimestampFailure =
  | 'timestamp-missing'
  | 'timestamp-malformed'
  | 'timestamp-of-other'
  | 'timestamp-signature-invalid'
  | 'timestamp-untrusted'
  | 'timestamp-contradicts';

export type TimestampAnswer =
  | { readonly at: Instant; readonly by: string }
  | { readonly failure: TimestampFailure; readonly because: string };

/** Longer than any authority's chain. */
const CHAIN_MAX = 8;
/** Digests that are still a proof of what was stamped. */
const STRONG = new Set(['sha256', 'sha384', 'sha512']);

interface Ports {
  readonly hash: HashPort;
  readonly verify: VerifyPort;
}

/** Verifies a token over a SHA-256 under roots that the verifier trusts. It starts refused and accepts in one place. */
export async function verifyTimestamp(
  token: Uint8Array,
  sha256: Uint8Array,
  roots: readonly [Certificate, ...Certificate[]],
  ports: Ports,
): Promise<TimestampAnswer> {
  const refuse = (failure: TimestampFailure, because: string) => ({ failure, because });
  try {
    const read = readTimestampToken(token);
    const { imprint, signer, certificates, at } = read;
    if (imprint.algorithm !== 'sha256' || !equalBytes(imprint.digest, sha256))
      return refuse('timestamp-of-other', 'it is over something else than this statement');
    if (!STRONG.has(signer.digestAlgorithm)) return refuse('timestamp-signature-invalid', `it rests on ${signer.digestAlgorithm}`);
    if (!equalBytes(hashOf(ports.hash, signer.digestAlgorithm, signer.content), signer.messageDigest))
      return refuse('timestamp-signature-invalid', 'its content is not what was signed');
    const { algorithm, digest } = signer.certificate;
    const own = [...certificates, ...roots].find(({ bytes }) => equalBytes(hashOf(ports.hash, algorithm, bytes), digest));
    if (own === undefined) return refuse('timestamp-untrusted', 'the certificate of its signer is not in it');
    if (signer.scheme === undefined) return refuse('timestamp-signature-invalid', 'the scheme of its signature is not known here');
    const question = { scheme: signer.scheme, spki: own.spki.bytes, data: signer.signedBytes, signature: signer.signature };
    if ((await ports.verify(question)) !== 'valid') return refuse('timestamp-signature-invalid', 'the signature is not its signer’s');
    if (!isOnlyForTimestamps(own)) return refuse('timestamp-untrusted', 'its signer’s certificate is not for time-stamping alone');
    const problem = await chainProblem(own, read, roots, ports);
    return problem === undefined ? { at, by: nameOf(own) } : refuse('timestamp-untrusted', problem);
  } catch (error) {
    if (error instanceof FormatError) return refuse('timestamp-malformed', error.message);
    throw error;
  }
}

/** Why a signer's certificate does not lead to a trusted root at the token's time; undefined where it does. */
async function chainProblem(
  own: Certificate,
  { certificates, at }: TimestampToken,
  roots: readonly Certificate[],
  ports: Ports,
): Promise<string | undefined> {
  let current = own;
  for (let depth = 0; depth < CHAIN_MAX; depth++) {
    const { notBefore, notAfter } = current;
    if (notBefore === undefined || notAfter === undefined || instantMs(at) < instantMs(notBefore) || instantMs(at) > instantMs(notAfter))
      return `${nameOf(current)} was not valid at ${at}`;
    const root = roots.find(({ bytes }) => equalBytes(bytes, current.bytes));
    if (root !== undefined) return undefined;
    const issuer = await issuerOf(current, depth, [...roots, ...certificates], ports);
    if (issuer === undefined) return `nothing that is trusted vouches for ${nameOf(current)}`;
    current = issuer;
  }
  return 'its chain is too long';
}

async function issuerOf(
  child: Certificate,
  below: number,
  candidates: readonly Certificate[],
  ports: Ports,
): Promise<Certificate | undefined> {
  const scheme = signatureSchemeOf(child.signatureAlgorithm);
  if (scheme === undefined || child.signatureAlgorithm.oid !== child.tbsSignatureAlgorithm.oid) return undefined;
  for (const candidate of candidates) {
    if (candidate === child || !equalBytes(candidate.subject.bytes, child.issuer.bytes)) continue;
    const constraints = basicConstraintsOf(candidate);
    // A root of version 1 has no extensions, and is named by the verifier.
    if (candidate.version === 3 && (constraints?.ca !== true || mayCertSign(candidate) === false)) continue;
    if (constraints?.pathLength !== undefined && constraints.pathLength < below) continue;
    const question = { scheme, spki: candidate.spki.bytes, data: child.tbs, signature: child.signature };
    if ((await ports.verify(question)) === 'valid') return candidate;
  }
  return undefined;
}

const nameOf = ({ subject }: Certificate): string => subject.attributes.at(-1)?.value ?? 'a certificate without a name';

/** The certificates of a PEM text, as roots of authorities. @throws FormatError where there is none, or one is malformed */
export function timestampRoots(text: string): readonly [Certificate, ...Certificate[]] {
  const [first, ...others] = parsePem(text)
    .value.filter(({ label }) => label === 'CERTIFICATE')
    .map(({ bytes }) => readCertificate(bytes).value);
  if (first === undefined) throw new FormatError({ format: 'timestamp roots', field: 'pem', at: 0 }, 'bad-value', 'no certificate in PEM');
  return [first, ...others];
}
