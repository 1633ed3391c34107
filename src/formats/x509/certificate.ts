/**
 * X.509 certificates, version 1 to 3.
 * Spec: RFC 5280 section 4; algorithm identifiers of RFC 3279, 4055, 5758, 8410, 9881.
 * Limits: `CERTIFICATE_BYTES_MAX`, and those of DER. Does not read: the insides of extensions other than those asked for by name.
 * A malformed time is an oddity and absent, not an error: phones write leaf dates that no calendar has, and nobody may rely on them.
 *
 *   Certificate  ::=  SEQUENCE  {                       TBSCertificate  ::=  SEQUENCE  {
 *     tbsCertificate       TBSCertificate,                version         [0]  EXPLICIT Version DEFAULT v1,
 *     signatureAlgorithm   AlgorithmIdentifier,           serialNumber         INTEGER,
 *     signatureValue       BIT STRING  }                  signature            AlgorithmIdentifier,
 *                                                         issuer               Name,
 *   Extension  ::=  SEQUENCE  {                           validity             SEQUENCE { notBefore Time, notAfter Time },
 *     extnID      OBJECT IDENTIFIER,                      subject              Name,
 *     critical    BOOLEAN DEFAULT FALSE,                  subjectPublicKeyInfo SubjectPublicKeyInfo,
 *     extnValue   OCTET STRING  }                         issuerUniqueID  [1]  IMPLICIT BIT STRING OPTIONAL,
 *                                                         subjectUniqueID [2]  IMPLICIT BIT STRING OPTIONAL,
 *                                                         extensions      [3]  EXPLICIT SEQUENCE OF Extension OPTIONAL }
 */
import { FormatError, type Instant, type Oddity, type Reading, toHex } from '../../bytes/index.ts';
import { type AlgorithmIdentifier, readAlgorithmIdentifier, writeAlgorithmIdentifier } from './algorithms.ts';
import {
  DER_TAG,
  type DerElement,
  type DerTrail,
  derAt,
  derBytes,
  derChildren,
  derError,
  derExpect,
  derExplicit,
  derFields,
  derIs,
  derOddity,
  derTrail,
  readDer,
} from './der.ts';
import { readDerBits, readDerBoolean, readDerIntegerBytes, readDerNumber, readDerOctets, readDerOid, readDerTime } from './der-values.ts';
import {
  writeDerBits,
  writeDerBoolean,
  writeDerContext,
  writeDerInteger,
  writeDerOctets,
  writeDerOid,
  writeDerSequence,
  writeDerTime,
  writeDerUnsigned,
} from './der-write.ts';
import { type DistinguishedName, type NameAttribute, readName, writeName } from './name.ts';

const FORMAT = 'x509 certificate';
/** Ten times the largest certificate seen in an attestation chain, with room for ML-DSA-87 keys and signatures. */
const CERTIFICATE_BYTES_MAX = 1 << 18;
const EXTENSIONS_MAX = 256;

/** A public key as a certificate carries it. */
export interface SubjectPublicKeyInfo {
  readonly algorithm: AlgorithmIdentifier;
  /** The key inside: an EC point, a PKCS#1 RSAPublicKey … */
  readonly key: Uint8Array;
  /** The whole DER: what a verify port takes. */
  readonly bytes: Uint8Array;
}

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
  /** Where the value lies in the outermost Source. */
  readonly at: number;
}

/** A certificate. Byte arrays are views of what was read. */
export interface Certificate {
  readonly bytes: Uint8Array;
  /** The bytes that are signed. */
  readonly tbs: Uint8Array;
  readonly version: number;
  /** Lower-case hex without leading zeros, as revocation lists write it; of a negative number, its two's complement. */
  readonly serial: string;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Undefined where the bytes name no moment. */
  readonly notBefore: Instant | undefined;
  readonly notAfter: Instant | undefined;
  readonly spki: SubjectPublicKeyInfo;
  readonly extensions: readonly Extension[];
  /** Outside the signed bytes, and the one inside them: they must agree. */
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly tbsSignatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  /** Where the certificate lies in the outermost Source. */
  readonly at: number;
}

/** Reads one DER certificate. `base` is where it lies in the outermost Source. @throws FormatError */
export function readCertificate(bytes: Uint8Array, base = 0): Reading<Certificate> {
  if (bytes.length > CERTIFICATE_BYTES_MAX) {
    throw new FormatError(
      { format: FORMAT, field: 'certificate', at: base },
      'too-large',
      `${bytes.length} bytes, ${CERTIFICATE_BYTES_MAX} is the most`,
    );
  }
  const oddities: Oddity[] = [];
  const trail = derTrail(FORMAT, base, oddities);
  const root = derExpect(readDer(bytes, trail, 'certificate'), 'certificate', DER_TAG.sequence);
  return { value: certificateOf(root), oddities };
}

/** Reads a certificate that lies inside another document, such as a PKCS#7 bag. @throws FormatError */
export function certificateOf(root: DerElement): Certificate {
  const outer = derFields(derExpect(root, 'certificate', DER_TAG.sequence), 'certificate');
  const tbs = derExpect(outer.next('tbsCertificate'), 'tbsCertificate', DER_TAG.sequence);
  const signatureAlgorithm = readAlgorithmIdentifier(outer.next('signatureAlgorithm'), 'signatureAlgorithm');
  const signature = readDerBits(outer.next('signatureValue'), 'signatureValue').bytes;
  const inner = derFields(tbs, 'tbsCertificate');
  const version = inner.optional('version', 'context', 0);
  const serialElement = inner.next('serialNumber');
  const serialBytes = readDerIntegerBytes(serialElement, 'serialNumber');
  if ((serialBytes[0] ?? 0) >= 0x80) {
    derOddity(root.trail, serialElement.start, 'serialNumber', { code: 'negative-serial', detail: 'the serial number is negative' });
  }
  const tbsSignatureAlgorithm = readAlgorithmIdentifier(inner.next('signature'), 'signature');
  const issuer = readName(inner.next('issuer'), 'issuer');
  const validity = derFields(derExpect(inner.next('validity'), 'validity', DER_TAG.sequence), 'validity');
  const notBefore = tolerantTime(validity.next('notBefore'), 'validity.notBefore');
  const notAfter = tolerantTime(validity.next('notAfter'), 'validity.notAfter');
  const subject = readName(inner.next('subject'), 'subject');
  const spki = readSpki(inner.next('subjectPublicKeyInfo'), 'subjectPublicKeyInfo');
  inner.optional('issuerUniqueID', 'context', 1);
  inner.optional('subjectUniqueID', 'context', 2);
  const extensions = inner.optional('extensions', 'context', 3);
  const [left] = inner.rest();
  if (left !== undefined) derOddity(root.trail, left.start, 'tbsCertificate', { code: 'trailing', detail: 'fields after the extensions' });
  return {
    bytes: derBytes(root),
    tbs: derBytes(tbs),
    version: version === undefined ? 1 : readDerNumber(derExplicit(version, 'version'), 'version') + 1,
    serial: toHex(serialBytes).replace(/^0+(?=.)/, ''),
    issuer,
    subject,
    notBefore,
    notAfter,
    spki,
    extensions: extensions === undefined ? [] : readExtensions(derExplicit(extensions, 'extensions')),
    signatureAlgorithm,
    tbsSignatureAlgorithm,
    signature,
    at: derAt(root),
  };
}

function tolerantTime(element: DerElement, field: string): Instant | undefined {
  try {
    return readDerTime(element, field);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    derOddity(element.trail, element.start, field, { code: 'malformed-time', detail: error.message });
    return undefined;
  }
}

/** Reads a SubjectPublicKeyInfo. @throws FormatError */
export function readSpki(element: DerElement, field: string): SubjectPublicKeyInfo {
  const fields = derFields(derExpect(element, field, DER_TAG.sequence), field);
  const algorithm = readAlgorithmIdentifier(fields.next('algorithm'), `${field}.algorithm`);
  return { algorithm, key: readDerBits(fields.next('subjectPublicKey'), `${field}.subjectPublicKey`).bytes, bytes: derBytes(element) };
}

function readExtensions(list: DerElement): Extension[] {
  const seen = new Set<string>();
  const elements = derChildren(derExpect(list, 'extensions', DER_TAG.sequence), 'extensions');
  if (elements.length > EXTENSIONS_MAX)
    throw derError(list, 'extensions', 'too-large', `${elements.length} extensions, ${EXTENSIONS_MAX} is the most`);
  return elements.map((element, index) => {
    const field = `extensions[${index}]`;
    const fields = derFields(derExpect(element, field, DER_TAG.sequence), field);
    const oid = readDerOid(fields.next('extnID'), `${field}.extnID`);
    const critical = fields.optional('critical', 'universal', DER_TAG.boolean);
    const value = fields.next('extnValue');
    if (seen.has(oid)) derOddity(list.trail, element.start, field, { code: 'duplicate-extension', detail: `${oid} occurs twice` });
    seen.add(oid);
    return {
      oid,
      critical: critical !== undefined && readDerBoolean(critical, `${field}.critical`),
      value: readDerOctets(value, `${field}.extnValue`),
      at: list.trail.base + value.bodyStart,
    };
  });
}

/** The first extension of this kind, undefined where there is none. */
export function extensionOf(certificate: Certificate, oid: string): Extension | undefined {
  return certificate.extensions.find((extension) => extension.oid === oid);
}

/** RFC 5280 4.2.1.9. */
export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLength: number | undefined;
}

/** Undefined where the certificate has no such extension. @throws FormatError */
export function basicConstraintsOf(certificate: Certificate): BasicConstraints | undefined {
  const extension = extensionOf(certificate, '2.5.29.19');
  if (extension === undefined) return undefined;
  const fields = derFields(readDer(extension.value, extensionTrail(extension, 'basicConstraints')), 'basicConstraints');
  const ca = fields.optional('cA', 'universal', DER_TAG.boolean);
  const length = fields.optional('pathLenConstraint', 'universal', DER_TAG.integer);
  return {
    ca: ca !== undefined && readDerBoolean(ca, 'basicConstraints.cA'),
    pathLength: length === undefined ? undefined : readDerNumber(length, 'basicConstraints.pathLenConstraint'),
  };
}

/** Whether KeyUsage lets the key sign certificates; undefined where the certificate has no such extension. @throws FormatError */
export function mayCertSign(certificate: Certificate): boolean | undefined {
  const extension = extensionOf(certificate, '2.5.29.15');
  if (extension === undefined) return undefined;
  const { bytes } = readDerBits(readDer(extension.value, extensionTrail(extension, 'keyUsage')), 'keyUsage');
  return ((bytes[0] ?? 0) & 0x04) !== 0; // keyCertSign is bit 5, counted from the left
}

function extensionTrail(extension: Extension, name: string): DerTrail {
  return derTrail(`${FORMAT} ${name}`, extension.at);
}

/** Whether the bytes begin as a DER certificate does. */
export function isCertificate(element: DerElement): boolean {
  if (!derIs(element, DER_TAG.sequence) || !element.constructed) return false;
  const [tbs, algorithm, signature] = derChildren(element, 'certificate');
  return (
    tbs !== undefined &&
    algorithm !== undefined &&
    signature !== undefined &&
    derIs(tbs, DER_TAG.sequence) &&
    derIs(algorithm, DER_TAG.sequence) &&
    derIs(signature, DER_TAG.bitString)
  );
}

/** What `writeTbsCertificate` takes. */
export interface CertificateParts {
  /** Hex, positive. */
  readonly serial: string;
  readonly issuer: readonly NameAttribute[];
  readonly subject: readonly NameAttribute[];
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** Identifier of the algorithm that will sign. */
  readonly signatureAlgorithm: Pick<AlgorithmIdentifier, 'oid' | 'parameters'>;
  readonly extensions: readonly Pick<Extension, 'oid' | 'critical' | 'value'>[];
}

/** Writes the bytes that an issuer signs. */
export function writeTbsCertificate(parts: CertificateParts): Uint8Array {
  const serial = parts.serial.length % 2 === 0 ? parts.serial : `0${parts.serial}`;
  return writeDerSequence([
    writeDerContext(0, [writeDerInteger(2)]),
    writeDerUnsigned(Uint8Array.from(serial.match(/../g) ?? ['00'], (pair) => Number.parseInt(pair, 16))),
    writeAlgorithmIdentifier(parts.signatureAlgorithm),
    writeName(parts.issuer),
    writeDerSequence([writeDerTime(parts.notBefore), writeDerTime(parts.notAfter)]),
    writeName(parts.subject),
    parts.spki,
    ...(parts.extensions.length === 0 ? [] : [writeDerContext(3, [writeDerSequence(parts.extensions.map(writeExtension))])]),
  ]);
}

function writeExtension({ oid, critical, value }: Pick<Extension, 'oid' | 'critical' | 'value'>): Uint8Array {
  return writeDerSequence([writeDerOid(oid), ...(critical ? [writeDerBoolean(true)] : []), writeDerOctets(value)]);
}

/** Puts signed bytes, algorithm and signature together. */
export function writeCertificate(
  tbs: Uint8Array,
  algorithm: Pick<AlgorithmIdentifier, 'oid' | 'parameters'>,
  signature: Uint8Array,
): Uint8Array {
  return writeDerSequence([tbs, writeAlgorithmIdentifier(algorithm), writeDerBits(signature)]);
}

/** The extension that says a key may sign certificates (or may not). */
export function writeBasicConstraints(constraints: {
  readonly ca: boolean;
  readonly pathLength?: number;
}): Pick<Extension, 'oid' | 'critical' | 'value'> {
  const value = writeDerSequence([
    ...(constraints.ca ? [writeDerBoolean(true)] : []),
    ...(constraints.pathLength === undefined ? [] : [writeDerInteger(constraints.pathLength)]),
  ]);
  return { oid: '2.5.29.19', critical: true, value };
}

/** KeyUsage with exactly one of the two uses that attestation chains know. */
export function writeKeyUsage(use: 'sign' | 'certify'): Pick<Extension, 'oid' | 'critical' | 'value'> {
  const value = use === 'sign' ? writeDerBits(Uint8Array.of(0x80), 7) : writeDerBits(Uint8Array.of(0x04), 2);
  return { oid: '2.5.29.15', critical: true, value };
}
