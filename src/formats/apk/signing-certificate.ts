/**
 * A signing certificate as APK verification sees it: an identity by its exact bytes, and a key. Nothing else in it counts, least of all its dates
 * or issuer: a reader who believed the issuer's name let FakeID in.
 */
import { FormatError, type HashPort, hashOf, toHex } from '../../bytes/index.ts';
import {
  type Certificate,
  derFields,
  derTrail,
  extensionOf,
  type KeyKind,
  keyKindOf,
  readCertificate,
  readDer,
  readDerBits,
  readDerIntegerBytes,
  writeDerBits,
  writeDerNull,
  writeDerOid,
  writeDerSequence,
  writeDerUnsigned,
} from '../x509/index.ts';

const KEY_USAGE = '2.5.29.15';
/** Critical extensions that the platform's certificate class knows; any other makes the certificate unusable for a JAR signature. */
const KNOWN_CRITICAL: ReadonlySet<string> = new Set([
  KEY_USAGE,
  ...[14, 16, 17, 18, 19, 20, 27, 28, 30, 31, 32, 33, 35, 36, 37, 46, 54].map((arc) => `2.5.29.${arc}`),
  '2.16.840.1.113730.1.1',
  '1.3.6.1.5.5.7.1.1',
  '1.3.6.1.5.5.7.1.11',
]);

/** A certificate that signs. */
export interface SigningCertificate {
  /** Exactly as it lies in the APK: the identity is a digest over these bytes. */
  readonly bytes: Uint8Array;
  readonly certificate: Certificate;
  /** The key to verify with: what the certificate holds, or that with a negative RSA modulus made positive, as the platform repairs it. */
  readonly spki: Uint8Array;
  readonly key: KeyKind;
}

/**
 * Reads a certificate of a signing block, or answers why it cannot be one. Its identity is the whole field: platforms read a certificate at its start and keep all of it
 * (android.util.apk.VerbatimX509Certificate), so bytes behind the certificate make another signer.
 */
export function readSigningCertificate(bytes: Uint8Array, at: number): SigningCertificate | FormatError {
  try {
    return { ...signingCertificateOf(readCertificate(bytes, at).value), bytes };
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}

/** Makes a signing certificate of one that was read inside another document. @throws FormatError when its key does not parse */
export function signingCertificateOf(certificate: Certificate): SigningCertificate {
  const key = keyKindOf(certificate.spki);
  return { bytes: certificate.bytes, certificate, spki: positiveSpki(certificate, key), key };
}

/** An RSA modulus without its leading zero reads as negative; old signing tools wrote such certificates, and platforms install what they signed. */
function positiveSpki({ spki }: Certificate, key: KeyKind): Uint8Array {
  if (key.kind !== 'rsa') return spki.bytes;
  const fields = derFields(readDer(spki.key, derTrail('rsa public key')), 'RSAPublicKey');
  const modulus = readDerIntegerBytes(fields.next('modulus'), 'modulus');
  if ((modulus[0] ?? 0) < 0x80) return spki.bytes;
  const exponent = readDerIntegerBytes(fields.next('publicExponent'), 'publicExponent');
  const body = writeDerSequence([writeDerUnsigned(modulus), writeDerUnsigned(exponent)]);
  return writeDerSequence([writeDerSequence([writeDerOid(spki.algorithm.oid), writeDerNull()]), writeDerBits(body)]);
}

/** Why the platform would not use the certificate for a JAR signature, or undefined. */
export function certificateRefusal({ certificate }: SigningCertificate): string | undefined {
  const unknown = certificate.extensions.find(({ oid, critical }) => critical && !KNOWN_CRITICAL.has(oid));
  if (unknown !== undefined) return `critical extension ${unknown.oid} is not known`;
  const usage = extensionOf(certificate, KEY_USAGE);
  if (usage === undefined) return undefined;
  try {
    const { bytes } = readDerBits(readDer(usage.value, derTrail('keyUsage', usage.at)), 'keyUsage');
    // digitalSignature is bit 0, nonRepudiation bit 1, counted from the left.
    return ((bytes[0] ?? 0) & 0xc0) === 0 ? 'its key usage allows no signatures' : undefined;
  } catch (error) {
    if (error instanceof FormatError) return 'its key usage does not parse';
    throw error;
  }
}

/** The SHA-256 of the certificate's bytes in hex: how a signer is named. */
export function certificateDigest(hash: HashPort, certificate: Pick<SigningCertificate, 'bytes'>): string {
  return toHex(hashOf(hash, 'sha256', certificate.bytes));
}
