/**
 * PKCS#7 SignedData as APKs carry it beside a signature file: BER or DER, signer infos with or without signed attributes.
 * Spec: RFC 2315 section 9, RFC 5652 section 5. Limits: `SIGNERS_MAX`, `CERTIFICATES_MAX`, and those of DER.
 * Does not read: CRLs, unsigned attributes, attribute certificates.
 *
 *   SignedData ::= SEQUENCE {                                SignerInfo ::= SEQUENCE {
 *     version INTEGER,                                         version INTEGER,
 *     digestAlgorithms SET OF AlgorithmIdentifier,             sid IssuerAndSerialNumber or [0] SubjectKeyIdentifier,
 *     encapContentInfo SEQUENCE { eContentType OID, … },       digestAlgorithm AlgorithmIdentifier,
 *     certificates [0] IMPLICIT SET OF Certificate OPTIONAL,   signedAttrs [0] IMPLICIT SET OF Attribute OPTIONAL,
 *     crls [1] IMPLICIT SET OPTIONAL,                          signatureAlgorithm AlgorithmIdentifier,
 *     signerInfos SET OF SignerInfo }                          signature OCTET STRING,
 *                                                              unsignedAttrs [1] IMPLICIT SET OF Attribute OPTIONAL }
 */
import { equalBytes, type Oddity, type Reading, toHex } from '../../../bytes/index.ts';
import {
  type Certificate,
  certificateOf,
  DER_TAG,
  type DerElement,
  type DistinguishedName,
  derBytes,
  derChildren,
  derError,
  derExpect,
  derExplicit,
  derFields,
  derIs,
  derTrail,
  extensionOf,
  readDer,
  readDerImplicitOctets,
  readDerIntegerBytes,
  readDerOctets,
  readDerOid,
  readName,
} from '../../x509/index.ts';

const FORMAT = 'pkcs7 signed data';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SUBJECT_KEY_ID = '2.5.29.14';
/** Real blocks hold one signer and at most a handful of certificates. */
const SIGNERS_MAX = 64;
const CERTIFICATES_MAX = 128;

/** The certificate that a signer info points to. */
export type SignerId =
  | { readonly kind: 'issuer-and-serial'; readonly issuer: DistinguishedName; readonly serial: Uint8Array }
  | { readonly kind: 'key-id'; readonly keyId: Uint8Array };

/** Signed attributes that matter, and the bytes that are signed: a SET where the block writes [0]. */
export interface SignedAttributes {
  readonly signedBytes: Uint8Array;
  readonly contentType: string | undefined;
  readonly messageDigest: Uint8Array | undefined;
  /** What makes them unusable: an attribute twice, or one with several values. */
  readonly fault: string | undefined;
}

/** One signer info. */
export interface SignerInfo {
  readonly sid: SignerId;
  readonly digestOid: string;
  readonly signatureOid: string;
  readonly signedAttributes: SignedAttributes | undefined;
  readonly signature: Uint8Array;
}

/** A block. */
export interface SignedData {
  readonly contentType: string;
  /** Elements of the bag that are certificates; one that does not parse is where Android stops. */
  readonly certificates: readonly Certificate[];
  readonly signers: readonly SignerInfo[];
}

/** Reads a block. @throws FormatError where it is none, or beyond the ceilings */
export function readSignedData(bytes: Uint8Array, base = 0): Reading<SignedData> {
  const oddities: Oddity[] = [];
  const trail = derTrail(FORMAT, base, oddities);
  const info = derFields(derExpect(readDer(bytes, trail, 'ContentInfo'), 'ContentInfo', DER_TAG.sequence), 'ContentInfo');
  const type = info.next('contentType');
  const oid = readDerOid(type, 'contentType');
  if (oid !== SIGNED_DATA) throw derError(type, 'contentType', 'bad-value', `${oid}, not signedData`);
  const body = derExplicit(info.next('content'), 'content');
  const fields = derFields(derExpect(body, 'SignedData', DER_TAG.sequence), 'SignedData');
  fields.next('version');
  fields.next('digestAlgorithms');
  const content = derFields(fields.next('encapContentInfo'), 'encapContentInfo');
  const contentType = readDerOid(content.next('eContentType'), 'eContentType');
  const bag = fields.optional('certificates', 'context', 0);
  fields.optional('crls', 'context', 1);
  const infos = derChildren(derExpect(fields.next('signerInfos'), 'signerInfos', DER_TAG.set), 'signerInfos');
  if (infos.length > SIGNERS_MAX) throw derError(body, 'signerInfos', 'too-large', `${infos.length} signers, ${SIGNERS_MAX} is the most`);
  const certificates = bag === undefined ? [] : readBag(bag);
  return { value: { contentType, certificates, signers: infos.map(readSignerInfo) }, oddities };
}

function readBag(bag: DerElement): readonly Certificate[] {
  const elements = derChildren(bag, 'certificates');
  if (elements.length > CERTIFICATES_MAX) {
    throw derError(bag, 'certificates', 'too-large', `${elements.length} certificates, ${CERTIFICATES_MAX} is the most`);
  }
  return elements.filter((element) => derIs(element, DER_TAG.sequence)).map(certificateOf);
}

function readSignerInfo(element: DerElement, index: number): SignerInfo {
  const field = `signerInfos[${index}]`;
  const fields = derFields(derExpect(element, field, DER_TAG.sequence), field);
  fields.next('version');
  const sid = readSignerId(fields.next('sid'), field);
  const digestOid = readAlgorithmOid(fields.next('digestAlgorithm'), `${field}.digestAlgorithm`);
  const attributes = fields.optional('signedAttrs', 'context', 0);
  const signatureOid = readAlgorithmOid(fields.next('signatureAlgorithm'), `${field}.signatureAlgorithm`);
  const signature = readDerOctets(fields.next('signature'), `${field}.signature`);
  return {
    sid,
    digestOid,
    signatureOid,
    signature,
    signedAttributes: attributes === undefined ? undefined : readAttributes(attributes, `${field}.signedAttrs`),
  };
}

function readAlgorithmOid(element: DerElement, field: string): string {
  return readDerOid(derFields(derExpect(element, field, DER_TAG.sequence), field).next('algorithm'), field);
}

function readSignerId(element: DerElement, field: string): SignerId {
  if (derIs(element, 0, 'context')) return { kind: 'key-id', keyId: readDerImplicitOctets(element, `${field}.sid`) };
  const fields = derFields(derExpect(element, `${field}.sid`, DER_TAG.sequence), `${field}.sid`);
  const issuer = readName(fields.next('issuer'), `${field}.sid.issuer`);
  return { kind: 'issuer-and-serial', issuer, serial: readDerIntegerBytes(fields.next('serialNumber'), `${field}.sid.serialNumber`) };
}

function readAttributes(element: DerElement, field: string): SignedAttributes {
  const signedBytes = new Uint8Array(derBytes(element));
  // Android only puts the SET's tag in front; it does not encode the attributes anew.
  signedBytes[0] = 0x31;
  const values = new Map<string, readonly DerElement[]>();
  let fault: string | undefined;
  for (const [index, attribute] of derChildren(element, field).entries()) {
    const parts = derFields(derExpect(attribute, `${field}[${index}]`, DER_TAG.sequence), `${field}[${index}]`);
    const oid = readDerOid(parts.next('attrType'), `${field}[${index}].attrType`);
    if (values.has(oid)) fault ??= `signed attribute ${oid} occurs twice`;
    values.set(oid, derChildren(parts.next('attrValues'), `${field}[${index}].attrValues`));
  }
  const single = (oid: string): DerElement | undefined => {
    const found = values.get(oid);
    if (found !== undefined && found.length > 1) fault ??= `signed attribute ${oid} has ${found.length} values`;
    return found?.[0];
  };
  const type = single(CONTENT_TYPE);
  const digest = single(MESSAGE_DIGEST);
  return {
    signedBytes,
    contentType: type === undefined ? undefined : readDerOid(type, `${field}.contentType`),
    messageDigest: digest === undefined ? undefined : readDerOctets(digest, `${field}.messageDigest`),
    fault,
  };
}

/** The certificate that a signer info points to: by issuer and serial, or by key id. */
export function findCertificate(certificates: readonly Certificate[], sid: SignerId): Certificate | undefined {
  if (sid.kind === 'key-id') {
    // The extension's value wraps the key id in an OCTET STRING of its own.
    return certificates.find((certificate) => {
      const value = extensionOf(certificate, SUBJECT_KEY_ID)?.value;
      return value !== undefined && equalBytes(value.subarray(2), sid.keyId);
    });
  }
  const serial = toHex(sid.serial).replace(/^0+(?=.)/, '');
  return certificates.find((certificate) => certificate.serial === serial && sameIssuer(certificate.issuer, sid.issuer));
}

/** As the platform compares names: case, and how many spaces there are, make no difference. */
function sameIssuer(a: DistinguishedName, b: DistinguishedName): boolean {
  const plain = (value: string) => value.trim().replace(/\s+/g, ' ').toLowerCase();
  return (
    equalBytes(a.bytes, b.bytes) ||
    (a.attributes.length === b.attributes.length &&
      a.attributes.every(
        ({ oid, value }, index) => oid === b.attributes[index]?.oid && plain(value) === plain(b.attributes[index]?.value ?? ''),
      ))
  );
}
