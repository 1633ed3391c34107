import { equalBytes, FormatError, parseBase64 } from '../../bytes/index.ts';
import { type Certificate, parsePem, readCertificate, readChainFile } from '../../formats/x509/index.ts';
import { ATTESTATION_ROOTS, type AttestationRoot } from '../../knowledge/attestation/index.ts';
import type { Anchor, Anchors } from './types.ts';

const ROOTS_MAX = 256;

/** The roots of the table as anchors. */
export function builtinAnchors(): Anchors {
  const [first, ...rest] = ATTESTATION_ROOTS;
  return [anchorOf(first), ...rest.map(anchorOf)];
}

function anchorOf({ id, name, kind, spki, subject, certificates }: AttestationRoot): Anchor {
  const key = parseBase64(spki);
  if (key === undefined) throw new RangeError(`the key of ${id} is no base64`);
  return { id, name, kind, spki: key, subject, certificates: certificates.map(({ sha256 }) => sha256) };
}

/** An anchor that the operator gives as a certificate. Software roots stay software roots whoever gives them. */
export function givenAnchor(certificate: Certificate, index: number): Anchor {
  const known = builtinAnchors().find(({ spki }) => equalBytes(spki, certificate.spki.bytes));
  if (known !== undefined) return { ...known, subject: certificate.subject.attributes };
  return {
    id: `given-${index}`,
    name: 'root given by the operator',
    kind: 'given',
    spki: certificate.spki.bytes,
    subject: certificate.subject.attributes,
    certificates: [],
  };
}

/** Reads a file of roots: PEM, or Google's JSON array of PEM. @throws FormatError, also where it holds none */
export function parseAnchors(bytes: Uint8Array): Anchors {
  const text = new TextDecoder().decode(bytes);
  const certificates = /^\s*\[/.test(text)
    ? readChainFile(bytes).value.certificates
    : parsePem(text).value.map(({ bytes: der }) => readCertificate(der).value);
  const fail = (code: 'too-large' | 'short-read', detail: string) =>
    new FormatError({ format: 'attestation roots', field: 'roots', at: 0 }, code, detail);
  if (certificates.length > ROOTS_MAX) throw fail('too-large', `${certificates.length} roots, ${ROOTS_MAX} is the most`);
  const [first, ...rest] = certificates.map(givenAnchor);
  if (first === undefined) throw fail('short-read', 'the file holds no certificate');
  return [first, ...rest];
}
