/**
 * Time-stamp requests and tokens. Spec: RFC 3161 2.4 (as updated by RFC 5816), RFC 5652 5 (CMS SignedData), RFC 2634 5.4 and RFC 5035 (signing certificate).
 * Limits: one signer, as RFC 3161 wants; a token has at most `TOKEN_MAX` bytes. Does not read: CRLs, unsigned attributes, extensions of TSTInfo.
 * Reading verifies nothing: `provenance/bundle/timestamp.ts` does.
 *
 *   TimeStampReq ::= SEQUENCE { version INTEGER (1), messageImprint, reqPolicy OID OPTIONAL, nonce INTEGER OPTIONAL, certReq BOOLEAN DEFAULT FALSE, [0] extensions }
 *   TimeStampResp ::= SEQUENCE { status SEQUENCE { status INTEGER, … }, timeStampToken ContentInfo OPTIONAL }
 *   TSTInfo ::= SEQUENCE { version INTEGER (1), policy OID, messageImprint, serialNumber INTEGER, genTime GeneralizedTime, accuracy SEQUENCE OPTIONAL,
 *                          ordering BOOLEAN DEFAULT FALSE, nonce INTEGER OPTIONAL, tsa [0] OPTIONAL, extensions [1] OPTIONAL }
 *   MessageImprint ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier, hashedMessage OCTET STRING }
 *   SignerInfo ::= SEQUENCE { version INTEGER, sid, digestAlgorithm, signedAttrs [0] SET OF, signatureAlgorithm, signature OCTET STRING, [1] unsignedAttrs }
 */
import { FormatError, type HashAlgorithm, type Instant, type SignatureScheme } from '../../bytes/index.ts';
import { hashAlgorithmOf, readAlgorithmIdentifier, signatureSchemeOf, writeAlgorithmIdentifier } from './algorithms.ts';
import type { Certificate } from './certificate.ts';
import {
  DER_TAG,
  type DerElement,
  derBytes,
  derChildren,
  derError,
  derExpect,
  derExplicit,
  derFields,
  derIs,
  derTrail,
  readDer,
} from './der.ts';
import { readDerNumber, readDerOctets, readDerOid, readDerTime } from './der-values.ts';
import { writeDerBoolean, writeDerInteger, writeDerNull, writeDerOctets, writeDerSequence } from './der-write.ts';
import { readPkcs7Certificates } from './pkcs7.ts';

const FORMAT = 'timestamp';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const SHA256 = '2.16.840.1.101.3.4.2.1';
export const TOKEN_MAX = 1 << 18;

/** A token, as its bytes say. */
export interface TimestampToken {
  readonly policy: string;
  readonly imprint: { readonly algorithm: HashAlgorithm; readonly digest: Uint8Array };
  /** To the second; a fraction is cut off. */
  readonly at: Instant;
  /** How far off the time may be, in seconds, rounded up; 0 where the authority does not say. */
  readonly accuracySeconds: number;
  readonly signer: {
    /** The content, whose digest must be that of the signed attributes. */
    readonly content: Uint8Array;
    readonly digestAlgorithm: HashAlgorithm;
    readonly messageDigest: Uint8Array;
    /** The bytes that are signed: the attributes as a SET OF. */
    readonly signedBytes: Uint8Array;
    readonly scheme: SignatureScheme | undefined;
    readonly signature: Uint8Array;
    /** The digest of the signer's certificate, under the signature. */
    readonly certificate: { readonly algorithm: HashAlgorithm; readonly digest: Uint8Array };
  };
  readonly certificates: readonly Certificate[];
}

/** A request for a token over a SHA-256, asking for the authority's certificates. Without a nonce: a token that is older than the question is no less true. */
export function writeTimestampRequest(sha256: Uint8Array): Uint8Array {
  const algorithm = writeAlgorithmIdentifier({ oid: SHA256, parameters: writeDerNull() });
  return writeDerSequence([writeDerInteger(1), writeDerSequence([algorithm, writeDerOctets(sha256)]), writeDerBoolean(true)]);
}

/** The token in an authority's response; a token on its own is given back. @throws FormatError where the authority refused, or it is neither */
export function tokenOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length > TOKEN_MAX)
    throw new FormatError({ format: FORMAT, field: 'size', at: 0 }, 'too-large', `${bytes.length} bytes, and ${TOKEN_MAX} is the most`);
  const root = derExpect(readDer(bytes, derTrail(FORMAT), 'TimeStampResp'), 'TimeStampResp', DER_TAG.sequence);
  const [first] = derChildren(root, 'TimeStampResp');
  if (first !== undefined && derIs(first, DER_TAG.oid)) return bytes;
  const fields = derFields(root, 'TimeStampResp');
  const status = derFields(derExpect(fields.next('status'), 'status', DER_TAG.sequence), 'status').next('status');
  const number = readDerNumber(status, 'status.status');
  // 0 granted, 1 granted with modifications.
  if (number > 1) throw derError(status, 'status.status', 'bad-value', `the authority refused: status ${number}`);
  return derBytes(fields.next('timeStampToken'));
}

/** Reads a token. Nothing is verified. @throws FormatError */
export function readTimestampToken(bytes: Uint8Array): TimestampToken {
  if (bytes.length > TOKEN_MAX)
    throw new FormatError({ format: FORMAT, field: 'size', at: 0 }, 'too-large', `${bytes.length} bytes, and ${TOKEN_MAX} is the most`);
  const info = derFields(derExpect(readDer(bytes, derTrail(FORMAT), 'ContentInfo'), 'ContentInfo', DER_TAG.sequence), 'ContentInfo');
  expectOid(info.next('contentType'), 'contentType', SIGNED_DATA);
  const data = derFields(derExpect(derExplicit(info.next('content'), 'content'), 'SignedData', DER_TAG.sequence), 'SignedData');
  data.next('version');
  data.next('digestAlgorithms');
  const encap = derFields(derExpect(data.next('encapContentInfo'), 'encapContentInfo', DER_TAG.sequence), 'encapContentInfo');
  expectOid(encap.next('eContentType'), 'eContentType', TST_INFO);
  const content = readDerOctets(derExplicit(encap.next('eContent'), 'eContent'), 'eContent');
  data.optional('certificates', 'context', 0);
  data.optional('crls', 'context', 1);
  const signers = derExpect(data.next('signerInfos'), 'signerInfos', DER_TAG.set);
  const [signer, another] = derChildren(signers, 'signerInfos');
  if (signer === undefined || another !== undefined) throw derError(signers, 'signerInfos', 'bad-value', 'not one signer');
  return { ...readTstInfo(content), signer: readSigner(signer, content), certificates: readPkcs7Certificates(bytes).value };
}

function readTstInfo(content: Uint8Array): Pick<TimestampToken, 'policy' | 'imprint' | 'at' | 'accuracySeconds'> {
  const info = derFields(derExpect(readDer(content, derTrail(`${FORMAT} TSTInfo`), 'TSTInfo'), 'TSTInfo', DER_TAG.sequence), 'TSTInfo');
  const version = info.next('version');
  if (readDerNumber(version, 'version') !== 1) throw derError(version, 'version', 'unsupported-version', 'not version 1');
  const policy = readDerOid(info.next('policy'), 'policy');
  const imprint = derFields(derExpect(info.next('messageImprint'), 'messageImprint', DER_TAG.sequence), 'messageImprint');
  const algorithm = readHash(imprint.next('hashAlgorithm'), 'messageImprint.hashAlgorithm');
  const digest = readDerOctets(imprint.next('hashedMessage'), 'messageImprint.hashedMessage');
  derExpect(info.next('serialNumber'), 'serialNumber', DER_TAG.integer);
  const time = derExpect(info.next('genTime'), 'genTime', DER_TAG.generalizedTime);
  const accuracy = info.optional('accuracy', 'universal', DER_TAG.sequence);
  return {
    policy,
    imprint: { algorithm, digest },
    at: readDerTime(time, 'genTime'),
    accuracySeconds: accuracy === undefined ? 0 : readAccuracy(accuracy),
  };
}

/** Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] INTEGER OPTIONAL, micros [1] INTEGER OPTIONAL } */
function readAccuracy(element: DerElement): number {
  const fields = derFields(element, 'accuracy');
  const seconds = fields.optional('seconds', 'universal', DER_TAG.integer);
  const whole = seconds === undefined ? 0 : readDerNumber(seconds, 'accuracy.seconds');
  if (whole < 0 || whole > 86_400) throw derError(element, 'accuracy.seconds', 'bad-value', `${whole} seconds`);
  return whole + (fields.rest().length > 0 ? 1 : 0);
}

function readSigner(element: DerElement, content: Uint8Array): TimestampToken['signer'] {
  const fields = derFields(derExpect(element, 'SignerInfo', DER_TAG.sequence), 'SignerInfo');
  fields.next('version');
  // Which certificate it is follows from the attribute that is signed, not from this name of it.
  fields.next('sid');
  const digestAlgorithm = readHash(fields.next('digestAlgorithm'), 'digestAlgorithm');
  const attributes = derExpect(fields.next('signedAttrs'), 'signedAttrs', 0, 'context');
  const algorithm = readAlgorithmIdentifier(fields.next('signatureAlgorithm'), 'signatureAlgorithm');
  const signature = readDerOctets(fields.next('signature'), 'signature');
  // RFC 5652 5.4: signed is the DER of the SET OF, not of the [0] that stands there.
  const signedBytes = Uint8Array.from(derBytes(attributes));
  signedBytes[0] = 0x31;
  const values = new Map<string, DerElement>();
  for (const attribute of derChildren(attributes, 'signedAttrs')) {
    const pair = derFields(derExpect(attribute, 'signedAttrs', DER_TAG.sequence), 'signedAttrs');
    const type = pair.next('attrType');
    const oid = readDerOid(type, 'attrType');
    const [value, more] = derChildren(derExpect(pair.next('attrValues'), oid, DER_TAG.set), oid);
    // One each, RFC 5652 11: a second one could say something else.
    if (value === undefined || more !== undefined || values.has(oid)) throw derError(type, oid, 'bad-value', 'not one value');
    values.set(oid, value);
  }
  const attribute = (oid: string, name: string): DerElement => {
    const value = values.get(oid);
    if (value === undefined) throw derError(attributes, 'signedAttrs', 'bad-value', `no ${name}`);
    return value;
  };
  expectOid(attribute(CONTENT_TYPE, 'content type'), 'contentType', TST_INFO);
  const own = values.get(SIGNING_CERTIFICATE_V2);
  return {
    content,
    digestAlgorithm,
    messageDigest: readDerOctets(attribute(MESSAGE_DIGEST, 'message digest'), 'messageDigest'),
    signedBytes,
    // With RSA the digest often stands in the field of its own only.
    scheme: algorithm.oid === RSA_ENCRYPTION ? { kind: 'rsa-pkcs1', hash: digestAlgorithm } : signatureSchemeOf(algorithm),
    signature,
    certificate: own === undefined ? certificateId(attribute(SIGNING_CERTIFICATE, 'signing certificate'), 1) : certificateId(own, 2),
  };
}

/** SigningCertificate(V2) ::= SEQUENCE { certs SEQUENCE OF ESSCertID(v2), … }, ESSCertIDv2 ::= SEQUENCE { hashAlgorithm DEFAULT sha256, certHash OCTET STRING, … }, ESSCertID without the algorithm, which is SHA-1 */
function certificateId(element: DerElement, version: 1 | 2): TimestampToken['signer']['certificate'] {
  const list = derFields(derExpect(element, 'signingCertificate', DER_TAG.sequence), 'signingCertificate').next('certs');
  const [first] = derChildren(derExpect(list, 'signingCertificate.certs', DER_TAG.sequence), 'signingCertificate.certs');
  if (first === undefined) throw derError(list, 'signingCertificate.certs', 'short-read', 'no certificate is named');
  const fields = derFields(derExpect(first, 'ESSCertID', DER_TAG.sequence), 'ESSCertID');
  const named = version === 2 ? fields.optional('hashAlgorithm', 'universal', DER_TAG.sequence) : undefined;
  const algorithm = version === 1 ? 'sha1' : named === undefined ? 'sha256' : readHash(named, 'ESSCertIDv2.hashAlgorithm');
  return { algorithm, digest: readDerOctets(fields.next('certHash'), 'ESSCertID.certHash') };
}

function readHash(element: DerElement, field: string): HashAlgorithm {
  const { oid } = readAlgorithmIdentifier(element, field);
  const hash = hashAlgorithmOf(oid);
  if (hash === undefined) throw derError(element, field, 'unsupported-feature', `the digest ${oid}`);
  return hash;
}

function expectOid(element: DerElement, field: string, wanted: string): void {
  const oid = readDerOid(element, field);
  if (oid !== wanted) throw derError(element, field, 'bad-value', `${oid}, where ${wanted} was expected`);
}

/** Whether a certificate is for time-stamping and for nothing else, as RFC 3161 2.3 wants: the extension is there, critical, and names one purpose. @throws FormatError */
export function isOnlyForTimestamps({ extensions }: Pick<Certificate, 'extensions'>): boolean {
  const usage = extensions.find(({ oid }) => oid === '2.5.29.37');
  if (usage?.critical !== true) return false;
  const purposes = derChildren(readDer(usage.value, derTrail(`${FORMAT} extKeyUsage`, usage.at)), 'extKeyUsage');
  return purposes.length === 1 && purposes.every((one) => readDerOid(one, 'extKeyUsage') === '1.3.6.1.5.5.7.3.8');
}
