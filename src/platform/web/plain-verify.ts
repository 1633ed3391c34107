/**
 * Signatures that WebCrypto does not verify and Android does: RSA PKCS #1 v1.5 over MD5 and SHA-224 and with moduli beyond WebCrypto's, ECDSA over these digests, and DSA.
 * Specs: RFC 8017 8.2.2 (the encoded message is made and compared whole, so no parser can be led astray), FIPS 186-4 4.7 for DSA; ECDSA is noble's.
 * Verification alone: no secret is touched, so that times may show what they like. Limits: 16,384 bits of RSA with an exponent of 64, 4,096 bits of DSA.
 */
import { p256, p384, p521 } from '@noble/curves/nist.js';
import type { HashAlgorithm, SignatureAnswer, SignatureQuestion } from '../../bytes/index.ts';
import { hashOf } from '../../bytes/index.ts';
import { derFields, derTrail, keyKindOf, readDer, readDerInteger, readSpki } from '../../formats/x509/index.ts';
import { webHash } from './hash.ts';

const RSA_BITS_MAX = 16_384;
const EXPONENT_MAX = 1n << 64n;
const DSA_BITS_MAX = 4096;
const CURVES = { 'P-256': p256, 'P-384': p384, 'P-521': p521 } as const;

/** DigestInfo up to the digest, RFC 8017 9.2 note 1. */
const DIGEST_INFO: Readonly<Record<HashAlgorithm, string>> = {
  md5: '3020300c06082a864886f70d020505000410',
  sha1: '3021300906052b0e03021a05000414',
  sha224: '302d300d06096086480165030402040500041c',
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

/** Verifies RSA PKCS #1 v1.5, DSA or ECDSA. @throws what DER readers throw at keys that are none */
export function plainVerify({ scheme, spki, data, signature }: SignatureQuestion): SignatureAnswer {
  if (scheme.kind !== 'rsa-pkcs1' && scheme.kind !== 'dsa' && scheme.kind !== 'ecdsa') return 'unsupported';
  const info = readSpki(readDer(spki, derTrail('public key')), 'spki');
  const key = keyKindOf(info);
  const digest = hashOf(webHash, scheme.hash, data);
  const answer = (isValid: boolean): SignatureAnswer => (isValid ? 'valid' : 'invalid');
  if (scheme.kind === 'rsa-pkcs1')
    return key.kind !== 'rsa' || key.bits > RSA_BITS_MAX
      ? 'invalid'
      : answer(rsa(info.key, key.bits, { signature, hash: scheme.hash, digest }));
  // Nobody has DSA over MD5, neither Android nor OpenSSL.
  if (scheme.kind === 'dsa' && scheme.hash === 'md5') return 'invalid';
  if (scheme.kind === 'dsa')
    return key.kind !== 'dsa' || info.algorithm.parameters === undefined ? 'invalid' : answer(dsa(info, signature, digest));
  if (key.kind !== 'ec') return 'invalid';
  const curve = key.curve === 'P-224' ? undefined : CURVES[key.curve];
  if (curve === undefined) return 'unsupported';
  return answer(curve.verify(signature, digest, info.key, { prehash: false, lowS: false, format: 'der' }));
}

interface RsaSignature {
  readonly signature: Uint8Array;
  readonly hash: HashAlgorithm;
  readonly digest: Uint8Array;
}

function rsa(key: Uint8Array, bits: number, { signature, hash, digest }: RsaSignature): boolean {
  const fields = derFields(readDer(key, derTrail('rsa public key')), 'RSAPublicKey');
  const modulus = readDerInteger(fields.next('modulus'), 'modulus');
  const exponent = readDerInteger(fields.next('publicExponent'), 'publicExponent');
  const length = Math.ceil(bits / 8);
  const number = toNumber(signature);
  if (signature.length !== length || exponent < 3n || exponent > EXPONENT_MAX || modulus <= 0n || number >= modulus) return false;
  const tail = `${DIGEST_INFO[hash]}${hexOf(digest)}`;
  const padding = length - 3 - tail.length / 2;
  // RFC 8017 wants eight bytes of padding at least.
  if (padding < 8) return false;
  return power(number, exponent, modulus) === BigInt(`0x0001${'ff'.repeat(padding)}00${tail}`);
}

function dsa({ algorithm, key }: ReturnType<typeof readSpki>, signature: Uint8Array, digest: Uint8Array): boolean {
  const { parameters } = algorithm;
  if (parameters === undefined) return false;
  const domain = derFields(readDer(parameters, derTrail('dsa parameters')), 'Dss-Parms');
  const [p, q, g] = ['p', 'q', 'g'].map((name) => readDerInteger(domain.next(name), name));
  const y = readDerInteger(readDer(key, derTrail('dsa public key')), 'y');
  const pair = derFields(readDer(signature, derTrail('dsa signature')), 'Dss-Sig-Value');
  const [r, s] = ['r', 's'].map((name) => readDerInteger(pair.next(name), name));
  if (p === undefined || q === undefined || g === undefined || r === undefined || s === undefined) return false;
  if (p.toString(2).length > DSA_BITS_MAX || q <= 1n || p <= q || r <= 0n || r >= q || s <= 0n || s >= q) return false;
  if (g <= 1n || g >= p || y <= 1n || y >= p) return false;
  const inverse = inverseOf(s, q);
  if (inverse === undefined) return false;
  // The leftmost bits of the digest, as many as q has.
  const over = Math.max(0, digest.length * 8 - q.toString(2).length);
  const z = toNumber(digest) >> BigInt(over);
  const u1 = (z * inverse) % q;
  const u2 = (r * inverse) % q;
  return ((power(g, u1, p) * power(y, u2, p)) % p) % q === r;
}

const hexOf = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const toNumber = (bytes: Uint8Array) => (bytes.length === 0 ? 0n : BigInt(`0x${hexOf(bytes)}`));

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** By Euclid; undefined where there is none, as of an order that is no prime. */
function inverseOf(value: bigint, modulus: bigint): bigint | undefined {
  let [a, b, x, next] = [value % modulus, modulus, 1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, next] = [next, x - quotient * next];
  }
  return a === 1n ? ((x % modulus) + modulus) % modulus : undefined;
}
