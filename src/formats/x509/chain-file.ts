/**
 * Files that hold a certificate chain, whatever tool saved them.
 * Reads: PEM (certificates, or one PKCS#7), DER certificates end to end, PKCS#7, WebAuthn attestation objects (CBOR), and JSON:
 * an array of PEM, base64 or hex texts; an object with such an array under a name that tools use; a WebAuthn registration response.
 * Limits: `FILE_BYTES_MAX`, `CHAIN_MAX` certificates. The chain comes leaf first; a PKCS#7 set is put in that order by its names.
 */
import { FormatError, type Oddity, parseBase64, parseHex, type Reading } from '../../bytes/index.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { DER_TAG, derIs, derTrail, readDerPrefix } from './der.ts';
import { KEY_DESCRIPTION_OID } from './key-description.ts';
import { sameName } from './name.ts';
import { isPem, parsePem } from './pem.ts';
import { isPkcs7, readPkcs7Certificates } from './pkcs7.ts';
import { type AttestationObject, readAttestationObject } from './webauthn.ts';

const FORMAT = 'certificate chain';
const FILE_BYTES_MAX = 1 << 22;
/** Attestation chains have 3 to 6 certificates. */
const CHAIN_MAX = 24;
const CHAIN_KEYS = ['certificates', 'certificateChain', 'certificate_chain', 'chain', 'x5c', 'attestationCertificateChain'] as const;
const OBJECT_KEYS = ['attestationObject', 'attestation_object'] as const;
const CLIENT_KEYS = ['clientDataJSON', 'client_data_json'];
const JSON_DEPTH_MAX = 4;

export interface ChainFile {
  readonly kind: 'pem' | 'der' | 'pkcs7' | 'json' | 'webauthn';
  /** Leaf first. */
  readonly certificates: readonly Certificate[];
  /** Where the chain came in a WebAuthn object. */
  readonly webauthn: AttestationObject | undefined;
  /** `clientDataJSON` beside it, where the file holds a whole registration response. */
  readonly clientData: Uint8Array | undefined;
}

/** Reads a chain. @throws FormatError when it is none of the forms, or one of them is malformed */
export function readChainFile(bytes: Uint8Array): Reading<ChainFile> {
  if (bytes.length > FILE_BYTES_MAX) throw fail('file', 'too-large', `${bytes.length} bytes, ${FILE_BYTES_MAX} is the most`);
  const first = bytes.find((byte) => byte > 0x20);
  if (bytes.length === 0 || first === undefined) throw fail('file', 'short-read', 'the file is empty');
  if (bytes[0] === 0x30) return isPkcs7(bytes) ? bagChain(bytes) : derChain(bytes);
  if ((bytes[0] ?? 0) >> 5 === 5) return webauthnChain(bytes, undefined);
  const text = new TextDecoder().decode(bytes);
  if (first === 0x5b || first === 0x7b) return jsonChain(text);
  if (isPem(text)) return pemChain(text);
  const plain = parseText(text);
  if (plain === undefined) throw fail('file', 'bad-magic', 'neither PEM, DER, PKCS#7, JSON, base64 nor a WebAuthn object');
  return readChainFile(plain);
}

function fail(field: string, code: 'too-large' | 'short-read' | 'bad-magic' | 'bad-value', detail: string, at = 0): FormatError {
  return new FormatError({ format: FORMAT, field, at }, code, detail);
}

function collect(kind: ChainFile['kind'], pieces: readonly { readonly bytes: Uint8Array; readonly at: number }[]): Reading<ChainFile> {
  if (pieces.length > CHAIN_MAX) throw fail('certificates', 'too-large', `${pieces.length} certificates, ${CHAIN_MAX} is the most`);
  if (pieces.length === 0) throw fail('certificates', 'short-read', 'no certificate');
  const oddities: Oddity[] = [];
  const certificates = pieces.map(({ bytes, at }) => {
    const read = readCertificate(bytes, at);
    oddities.push(...read.oddities);
    return read.value;
  });
  return { value: { kind, certificates, webauthn: undefined, clientData: undefined }, oddities };
}

function derChain(bytes: Uint8Array): Reading<ChainFile> {
  const pieces: { bytes: Uint8Array; at: number }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const element = readDerPrefix(bytes.subarray(at), derTrail(FORMAT, at), `certificates[${pieces.length}]`);
    if (!derIs(element, DER_TAG.sequence)) throw fail(`certificates[${pieces.length}]`, 'bad-value', 'no certificate', at);
    pieces.push({ bytes: bytes.subarray(at, at + element.end), at });
    if (pieces.length > CHAIN_MAX) break;
    at += element.end;
  }
  return collect('der', pieces);
}

function pemChain(text: string): Reading<ChainFile> {
  const { value: blocks, oddities } = parsePem(text);
  const bag = blocks.find(({ label }) => label === 'PKCS7' || label === 'CMS');
  if (bag !== undefined) return bagChain(bag.bytes);
  const read = collect(
    'pem',
    // An offset inside base64 names no byte, so errors count from the block's own first byte.
    blocks.filter(({ label }) => label.endsWith('CERTIFICATE')).map(({ bytes }) => ({ bytes, at: 0 })),
  );
  return { value: read.value, oddities: [...oddities, ...read.oddities] };
}

function bagChain(bytes: Uint8Array): Reading<ChainFile> {
  const { value, oddities } = readPkcs7Certificates(bytes);
  if (value.length > CHAIN_MAX) throw fail('certificates', 'too-large', `${value.length} certificates, ${CHAIN_MAX} is the most`);
  if (value.length === 0) throw fail('certificates', 'short-read', 'no certificate');
  return { value: { kind: 'pkcs7', certificates: leafFirst(value), webauthn: undefined, clientData: undefined }, oddities };
}

function webauthnChain(bytes: Uint8Array, clientData: Uint8Array | undefined): Reading<ChainFile> {
  const { value, oddities } = readAttestationObject(bytes);
  const pieces = value.x5c.map((certificate) => ({ bytes: certificate, at: certificate.byteOffset - bytes.byteOffset }));
  // Formats without certificates are named by whoever verifies; they are no malformed file.
  const read = pieces.length === 0 ? undefined : collect('webauthn', pieces);
  const certificates = read?.value.certificates ?? [];
  return { value: { kind: 'webauthn', certificates, webauthn: value, clientData }, oddities: [...oddities, ...(read?.oddities ?? [])] };
}

function jsonChain(text: string): Reading<ChainFile> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw fail('json', 'bad-value', error instanceof Error ? error.message : 'no JSON');
  }
  const object = findText(document, OBJECT_KEYS, 0);
  if (object !== undefined) {
    const bytes = parseText(object);
    if (bytes === undefined) throw fail('attestationObject', 'bad-value', 'no base64');
    const clientText = findText(document, CLIENT_KEYS, 0);
    const clientData = clientText === undefined ? undefined : parseText(clientText);
    if (clientText !== undefined && clientData === undefined) throw fail('clientDataJSON', 'bad-value', 'no base64');
    return webauthnChain(bytes, clientData);
  }
  const list = findList(document, 0);
  if (list === undefined) throw fail('json', 'bad-value', `no array of certificates under ${CHAIN_KEYS.join(', ')}`);
  const pieces = list.slice(0, CHAIN_MAX + 1).flatMap((item, index) => {
    if (isPem(item)) return parsePem(item).value.map(({ bytes }) => ({ bytes, at: 0 }));
    const bytes = parseText(item);
    if (bytes === undefined) throw fail(`certificates[${index}]`, 'bad-value', 'neither PEM, base64 nor hex');
    return [{ bytes, at: 0 }];
  });
  return collect('json', pieces);
}

function findText(value: unknown, keys: readonly string[], depth: number): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth > JSON_DEPTH_MAX) return undefined;
  for (const [name, item] of Object.entries(value)) {
    if (keys.includes(name) && typeof item === 'string') return item;
    const inner = name === 'response' || name === 'credential' ? findText(item, keys, depth + 1) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function findList(value: unknown, depth: number): readonly string[] | undefined {
  if (Array.isArray(value)) return value.length > 0 && value.every((item) => typeof item === 'string') ? value : undefined;
  if (typeof value !== 'object' || value === null || depth > JSON_DEPTH_MAX) return undefined;
  for (const key of CHAIN_KEYS) {
    const item: unknown = Object.hasOwn(value, key) ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;
    if (typeof item === 'string' && isPem(item)) return [item];
    const list = findList(item, depth + 1);
    if (list !== undefined) return list;
  }
  return undefined;
}

function parseText(text: string): Uint8Array | undefined {
  const plain = text.replaceAll(/\s+/g, '');
  if (plain === '') return undefined;
  return parseHex(plain) ?? parseBase64(plain);
}

/** Puts a set of certificates in a chain's order by their names: from the one that issued no other, upwards. What does not fit comes last. */
function leafFirst(certificates: readonly Certificate[]): readonly Certificate[] {
  const inOrder = certificates.every((certificate, index) => {
    const next = certificates[index + 1];
    return next === undefined || sameName(certificate.issuer, next.subject);
  });
  const attests = (certificate: Certificate) => certificate.extensions.some(({ oid }) => oid === KEY_DESCRIPTION_OID);
  if (inOrder && certificates[0] !== undefined && attests(certificates[0])) return certificates;
  const left = [...certificates];
  const issues = (candidate: Certificate) =>
    certificates.some(
      (other) => other !== candidate && sameName(other.issuer, candidate.subject) && !sameName(other.subject, other.issuer),
    );
  const start = Math.max(
    0,
    left.findIndex((certificate) => attests(certificate) && !issues(certificate)),
  );
  const chain = left.splice(start, 1);
  for (let last = chain[0]; last !== undefined && left.length > 0; last = chain.at(-1)) {
    const { issuer } = last;
    const index = left.findIndex((candidate) => sameName(candidate.subject, issuer));
    if (index < 0) break;
    chain.push(...left.splice(index, 1));
  }
  return [...chain, ...left];
}
