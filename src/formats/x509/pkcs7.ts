/**
 * PKCS#7 as a bag of certificates: what certificate exporters write (`.p7b`), with or without signatures.
 * Spec: RFC 2315 9.1, RFC 5652 5.1. Limits: `CERTIFICATES_MAX`. Does not read: signer infos (APK v1 signatures have their own reader), CRLs, attribute certificates.
 *
 *   ContentInfo ::= SEQUENCE {                     SignedData ::= SEQUENCE {
 *     contentType OBJECT IDENTIFIER,                 version INTEGER, digestAlgorithms SET, encapContentInfo SEQUENCE,
 *     content     [0] EXPLICIT ANY OPTIONAL }        certificates [0] IMPLICIT SET OF Certificate OPTIONAL,
 *                                                    crls [1] OPTIONAL, signerInfos SET }
 */
import { FormatError, type Reading } from '../../bytes/index.ts';
import { type Certificate, certificateOf } from './certificate.ts';
import { DER_TAG, derChildren, derError, derExpect, derExplicit, derFields, derIs, derOddity, derTrail, readDer } from './der.ts';
import { readDerOid } from './der-values.ts';
import { writeDerContext, writeDerInteger, writeDerOid, writeDerSequence, writeDerSet } from './der-write.ts';

const FORMAT = 'pkcs7 certificates';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const DATA = '1.2.840.113549.1.7.1';
const CERTIFICATES_MAX = 256;

/** The certificates of a bag, in the order of its bytes: it is a set, so the order means nothing. @throws FormatError */
export function readPkcs7Certificates(bytes: Uint8Array, base = 0): Reading<readonly Certificate[]> {
  const trail = derTrail(FORMAT, base);
  const info = derFields(derExpect(readDer(bytes, trail, 'ContentInfo'), 'ContentInfo', DER_TAG.sequence), 'ContentInfo');
  const type = info.next('contentType');
  const oid = readDerOid(type, 'contentType');
  if (oid !== SIGNED_DATA) throw derError(type, 'contentType', 'unsupported-feature', `${oid} is not signedData`);
  const data = derFields(derExplicit(info.next('content'), 'content'), 'SignedData');
  data.next('version');
  data.next('digestAlgorithms');
  data.next('encapContentInfo');
  const bag = data.optional('certificates', 'context', 0);
  if (bag === undefined) return { value: [], oddities: trail.oddities };
  const elements = derChildren(bag, 'certificates');
  if (elements.length > CERTIFICATES_MAX) {
    throw derError(bag, 'certificates', 'too-large', `${elements.length} certificates, ${CERTIFICATES_MAX} is the most`);
  }
  const value: Certificate[] = [];
  for (const [index, element] of elements.entries()) {
    if (derIs(element, DER_TAG.sequence)) value.push(certificateOf(element));
    else
      derOddity(trail, element.start, `certificates[${index}]`, {
        code: 'not-a-certificate',
        detail: 'an element of the bag is no certificate',
      });
  }
  return { value, oddities: trail.oddities };
}

/** Whether bytes begin as a PKCS#7 signedData does. */
export function isPkcs7(bytes: Uint8Array): boolean {
  try {
    const [type] = derChildren(readDer(bytes, derTrail(FORMAT)), 'ContentInfo');
    return type !== undefined && derIs(type, DER_TAG.oid) && readDerOid(type, 'contentType') === SIGNED_DATA;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

/** Writes a bag without signatures around DER certificates. A SET OF is sorted, so a chain loses its order. */
export function writePkcs7Certificates(certificates: readonly Uint8Array[]): Uint8Array {
  const sorted = writeDerSet(certificates);
  const body = readDer(sorted, derTrail(FORMAT));
  return writeDerSequence([
    writeDerOid(SIGNED_DATA),
    writeDerContext(0, [
      writeDerSequence([
        writeDerInteger(1),
        writeDerSet([]),
        writeDerSequence([writeDerOid(DATA)]),
        writeDerContext(0, [sorted.subarray(body.bodyStart)]),
        writeDerSet([]),
      ]),
    ]),
  ]);
}
