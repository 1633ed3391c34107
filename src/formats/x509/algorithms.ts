/**
 * Algorithm identifiers of signatures and public keys.
 * Spec: RFC 3279, RFC 4055 (PSS), RFC 5758 (SHA-2 with DSA and ECDSA), RFC 8410 (Ed25519), RFC 9881 (ML-DSA).
 * Does not read: explicit curve parameters (no phone has them, and they have been used to pass a forged curve for a known one).
 *
 *   AlgorithmIdentifier  ::=  SEQUENCE  { algorithm OBJECT IDENTIFIER, parameters ANY DEFINED BY algorithm OPTIONAL }
 */
import { FormatError, type HashAlgorithm, type SignatureScheme } from '../../bytes/index.ts';
import { DER_TAG, type DerElement, derBytes, derExpect, derExplicit, derFields, derIs, derTrail, readDer } from './der.ts';
import { readDerIntegerBytes, readDerNumber, readDerOid } from './der-values.ts';
import { writeDerNull, writeDerOid, writeDerSequence } from './der-write.ts';

export interface AlgorithmIdentifier {
  readonly oid: string;
  /** DER of the parameters, undefined where there are none. */
  readonly parameters: Uint8Array | undefined;
}

/** Reads an AlgorithmIdentifier. @throws FormatError */
export function readAlgorithmIdentifier(element: DerElement, field: string): AlgorithmIdentifier {
  const fields = derFields(derExpect(element, field, DER_TAG.sequence), field);
  const oid = readDerOid(fields.next('algorithm'), `${field}.algorithm`);
  const parameters = fields.peek();
  return { oid, parameters: parameters === undefined ? undefined : derBytes(parameters) };
}

export function writeAlgorithmIdentifier({ oid, parameters }: Pick<AlgorithmIdentifier, 'oid' | 'parameters'>): Uint8Array {
  return writeDerSequence([writeDerOid(oid), ...(parameters === undefined ? [] : [parameters])]);
}

const SCHEMES: ReadonlyMap<string, SignatureScheme> = new Map<string, SignatureScheme>([
  ['1.2.840.113549.1.1.4', { kind: 'rsa-pkcs1', hash: 'md5' }],
  ['1.2.840.113549.1.1.5', { kind: 'rsa-pkcs1', hash: 'sha1' }],
  ['1.2.840.113549.1.1.14', { kind: 'rsa-pkcs1', hash: 'sha224' }],
  ['1.2.840.113549.1.1.11', { kind: 'rsa-pkcs1', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { kind: 'rsa-pkcs1', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { kind: 'rsa-pkcs1', hash: 'sha512' }],
  ['1.2.840.10045.4.1', { kind: 'ecdsa', hash: 'sha1' }],
  ['1.2.840.10045.4.3.1', { kind: 'ecdsa', hash: 'sha224' }],
  ['1.2.840.10045.4.3.2', { kind: 'ecdsa', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { kind: 'ecdsa', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { kind: 'ecdsa', hash: 'sha512' }],
  ['1.2.840.10040.4.3', { kind: 'dsa', hash: 'sha1' }],
  ['2.16.840.1.101.3.4.3.1', { kind: 'dsa', hash: 'sha224' }],
  ['2.16.840.1.101.3.4.3.2', { kind: 'dsa', hash: 'sha256' }],
  ['1.3.101.112', { kind: 'ed25519' }],
  ['2.16.840.1.101.3.4.3.17', { kind: 'ml-dsa', level: 44 }],
  ['2.16.840.1.101.3.4.3.18', { kind: 'ml-dsa', level: 65 }],
  ['2.16.840.1.101.3.4.3.19', { kind: 'ml-dsa', level: 87 }],
]);

const RSA_PSS = '1.2.840.113549.1.1.10';

const HASHES: ReadonlyMap<string, HashAlgorithm> = new Map<string, HashAlgorithm>([
  ['1.2.840.113549.2.5', 'md5'],
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.4', 'sha224'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

/** The digest that an identifier names, undefined where we do not know it. */
export function hashAlgorithmOf(oid: string): HashAlgorithm | undefined {
  return HASHES.get(oid);
}

/** The scheme that a signature algorithm names, undefined where we do not know it or its parameters do not parse. */
export function signatureSchemeOf(algorithm: AlgorithmIdentifier): SignatureScheme | undefined {
  if (algorithm.oid !== RSA_PSS) return SCHEMES.get(algorithm.oid);
  try {
    return pssScheme(algorithm.parameters);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}

/** RSASSA-PSS-params ::= SEQUENCE { hash [0] DEFAULT sha1, mgf [1] DEFAULT mgf1SHA1, saltLength [2] DEFAULT 20, trailerField [3] DEFAULT 1 } */
function pssScheme(parameters: Uint8Array | undefined): SignatureScheme | undefined {
  if (parameters === undefined) return undefined;
  const fields = derFields(readDer(parameters, derTrail('rsa-pss parameters')), 'RSASSA-PSS-params');
  const hashElement = fields.optional('hashAlgorithm', 'context', 0);
  fields.optional('maskGenAlgorithm', 'context', 1);
  const salt = fields.optional('saltLength', 'context', 2);
  const hash = hashElement === undefined ? 'sha1' : HASHES.get(readAlgorithmIdentifier(derExplicit(hashElement, 'hash'), 'hash').oid);
  if (hash === undefined) return undefined;
  const saltLength = salt === undefined ? 20 : readDerNumber(derExplicit(salt, 'saltLength'), 'saltLength');
  return saltLength < 0 || saltLength > 1024 ? undefined : { kind: 'rsa-pss', hash, saltLength };
}

/** The identifier that names a scheme; undefined for PSS, which nobody here signs with. */
export function algorithmOf(scheme: SignatureScheme): Pick<AlgorithmIdentifier, 'oid' | 'parameters'> | undefined {
  for (const [oid, known] of SCHEMES) {
    if (JSON.stringify(known) === JSON.stringify(scheme))
      return { oid, parameters: scheme.kind === 'rsa-pkcs1' ? writeDerNull() : undefined };
  }
  return undefined;
}

/** What kind of key a SubjectPublicKeyInfo holds. */
export type KeyKind =
  | { readonly kind: 'rsa'; readonly bits: number; readonly exponent: number | undefined }
  | { readonly kind: 'ec'; readonly curve: 'P-224' | 'P-256' | 'P-384' | 'P-521'; readonly bits: number }
  | { readonly kind: 'ed25519' | 'x25519' }
  | { readonly kind: 'dsa' }
  | { readonly kind: 'ml-dsa'; readonly level: 44 | 65 | 87 }
  | { readonly kind: 'unknown'; readonly oid: string };

const CURVES = {
  '1.3.132.0.33': { curve: 'P-224', bits: 224 },
  '1.2.840.10045.3.1.7': { curve: 'P-256', bits: 256 },
  '1.3.132.0.34': { curve: 'P-384', bits: 384 },
  '1.3.132.0.35': { curve: 'P-521', bits: 521 },
} as const;

/** Tells a public key's kind and size. @throws FormatError when an RSA key inside does not parse */
export function keyKindOf(spki: { readonly algorithm: AlgorithmIdentifier; readonly key: Uint8Array }): KeyKind {
  const { oid, parameters } = spki.algorithm;
  switch (oid) {
    case '1.2.840.113549.1.1.1':
    case RSA_PSS: {
      const fields = derFields(readDer(spki.key, derTrail('rsa public key')), 'RSAPublicKey');
      const modulus = readDerIntegerBytes(fields.next('modulus'), 'modulus');
      const first = modulus.findIndex((byte) => byte !== 0);
      const bits = first < 0 ? 0 : (modulus.length - first) * 8 - Math.clz32(modulus[first] ?? 0) + 24;
      const exponent = fields.next('publicExponent');
      return {
        kind: 'rsa',
        bits,
        exponent: exponent.bodyEnd - exponent.bodyStart > 6 ? undefined : readDerNumber(exponent, 'publicExponent'),
      };
    }
    case '1.2.840.10045.2.1': {
      const curve = parameters === undefined ? undefined : curveOf(parameters);
      return curve === undefined ? { kind: 'unknown', oid } : { kind: 'ec', ...curve };
    }
    case '1.3.101.112':
      return { kind: 'ed25519' };
    case '1.3.101.110':
      return { kind: 'x25519' };
    case '1.2.840.10040.4.1':
      return { kind: 'dsa' };
    case '2.16.840.1.101.3.4.3.17':
      return { kind: 'ml-dsa', level: 44 };
    case '2.16.840.1.101.3.4.3.18':
      return { kind: 'ml-dsa', level: 65 };
    case '2.16.840.1.101.3.4.3.19':
      return { kind: 'ml-dsa', level: 87 };
    default:
      return { kind: 'unknown', oid };
  }
}

function curveOf(parameters: Uint8Array): (typeof CURVES)[keyof typeof CURVES] | undefined {
  const element = readDer(parameters, derTrail('ec parameters'));
  if (!derIs(element, DER_TAG.oid)) return undefined;
  // The text is any identifier; one that is no curve of ours finds nothing.
  return (CURVES as Readonly<Record<string, (typeof CURVES)[keyof typeof CURVES]>>)[readDerOid(element, 'namedCurve')];
}
