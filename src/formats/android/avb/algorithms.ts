/**
 * AVB's algorithms and its own public key formats.
 * Spec: AOSP external/avb libavb/avb_crypto.h, avb_rsa.c, avb_mldsa.h. RSA keys have the exponent 65537, which is not stored.
 * ML-DSA is verified as FIPS 204 pure signature with an empty context over the signed bytes.
 *
 *   AvbRSAPublicKeyHeader { u32 key_num_bits; u32 n0inv; } n[key_num_bits / 8], rr[key_num_bits / 8]
 *   AvbMLDSAPublicKeyHeader { u32 key_num_bytes; } key
 */
import { Cursor, equalBytes, FormatError, type HashPort, hashOf, type SignatureScheme, type VerifyPort } from '../../../bytes/index.ts';
import {
  writeAlgorithmIdentifier,
  writeDerBits,
  writeDerInteger,
  writeDerNull,
  writeDerSequence,
  writeDerUnsigned,
} from '../../x509/index.ts';
import type { Vbmeta } from './vbmeta.ts';

const ALGORITHMS = [
  'NONE',
  'SHA256_RSA2048',
  'SHA256_RSA4096',
  'SHA256_RSA8192',
  'SHA512_RSA2048',
  'SHA512_RSA4096',
  'SHA512_RSA8192',
  'MLDSA65',
  'MLDSA87',
] as const;

/** By avbtool's names. */
export type AvbAlgorithm = (typeof ALGORITHMS)[number];

export const algorithmOfType = (type: number): AvbAlgorithm | undefined => ALGORITHMS[type];
export const algorithmType = (algorithm: AvbAlgorithm): number => ALGORITHMS.indexOf(algorithm);

/** The digest that stands beside an RSA signature. */
export const hashName = (algorithm: AvbAlgorithm): 'sha256' | 'sha512' => (algorithm.startsWith('SHA512') ? 'sha512' : 'sha256');

const MLDSA = {
  MLDSA65: { oid: '2.16.840.1.101.3.4.3.18', level: 65, key: 1952 },
  MLDSA87: { oid: '2.16.840.1.101.3.4.3.19', level: 87, key: 2592 },
} as const;

/** The SubjectPublicKeyInfo of a key in AVB's format. @throws FormatError when it is not one of that algorithm */
export function avbKeySpki(algorithm: Exclude<AvbAlgorithm, 'NONE'>, key: Uint8Array): Uint8Array {
  const cursor = new Cursor(key, { format: 'avb public key', bigEndian: true });
  if (algorithm === 'MLDSA65' || algorithm === 'MLDSA87') {
    const { oid, key: size } = MLDSA[algorithm];
    const stated = cursor.u32('key_num_bytes');
    if (stated !== size) throw cursor.error('key_num_bytes', 'bad-value', `${stated}, where ${algorithm} has ${size}`, 0);
    const raw = cursor.take('key', size);
    cursor.end('key');
    return writeDerSequence([writeAlgorithmIdentifier({ oid, parameters: undefined }), writeDerBits(raw)]);
  }
  const bits = Number(algorithm.slice(-4));
  const stated = cursor.u32('key_num_bits');
  if (stated !== bits) throw cursor.error('key_num_bits', 'bad-value', `${stated}, where ${algorithm} has ${bits}`, 0);
  cursor.u32('n0inv');
  const modulus = cursor.take('n', bits / 8);
  cursor.take('rr', bits / 8);
  cursor.end('rr');
  const rsa = writeDerSequence([writeDerUnsigned(modulus), writeDerInteger(65_537)]);
  return writeDerSequence([writeAlgorithmIdentifier({ oid: '1.2.840.113549.1.1.1', parameters: writeDerNull() }), writeDerBits(rsa)]);
}

/** Writes an RSA key in AVB's format from its modulus: n0inv and rr are what libavb's Montgomery arithmetic wants. */
export function writeAvbRsaKey(modulus: Uint8Array): Uint8Array {
  const first = modulus.findIndex((byte) => byte !== 0);
  const n = modulus.subarray(Math.max(first, 0));
  let value = 0n;
  for (const byte of n) value = (value << 8n) | BigInt(byte);
  const bits = BigInt(n.length * 8);
  const r = 1n << 32n;
  let inverse = 1n;
  // Newton's iteration doubles the correct bits of the inverse modulo 2^32; a modulus is odd.
  for (let i = 0; i < 5; i++) inverse = (inverse * (2n - value * inverse)) & (r - 1n);
  const n0inv = (r - inverse) & (r - 1n);
  let rr = (1n << (2n * bits)) % value;
  const out = new Uint8Array(8 + 2 * n.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, n.length * 8);
  view.setUint32(4, Number(n0inv));
  out.set(n, 8);
  for (let at = out.length - 1; rr > 0n; at--, rr >>= 8n) out[at] = Number(rr & 0xffn);
  return out;
}

/** Writes an ML-DSA key in AVB's format. */
export function writeAvbMlDsaKey(key: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + key.length);
  new DataView(out.buffer).setUint32(0, key.length);
  out.set(key, 4);
  return out;
}

export type AvbSignatureAnswer = { readonly answer: 'valid' | 'invalid' | 'unsigned' | 'unsupported'; readonly because: string };

/** Verifies a vbmeta under the key that it carries: says that it is whole, not whose it is. */
export async function verifyVbmetaSignature(
  vbmeta: Vbmeta,
  ports: { readonly verify: VerifyPort; readonly hash: HashPort },
): Promise<AvbSignatureAnswer> {
  const { algorithm, publicKey, signed, signature } = vbmeta;
  if (algorithm === 'NONE') return { answer: 'unsigned', because: 'algorithm NONE: nobody signed it' };
  let spki: Uint8Array;
  try {
    spki = avbKeySpki(algorithm, publicKey);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { answer: 'invalid', because: error.message };
  }
  let scheme: SignatureScheme;
  if (algorithm === 'MLDSA65' || algorithm === 'MLDSA87') scheme = { kind: 'ml-dsa', level: MLDSA[algorithm].level };
  else {
    const hash = hashName(algorithm);
    if (!equalBytes(hashOf(ports.hash, hash, signed), vbmeta.hash))
      return { answer: 'invalid', because: 'the digest beside the signature is not that of the image' };
    scheme = { kind: 'rsa-pkcs1', hash };
  }
  const answer = await ports.verify({ scheme, spki, data: signed, signature });
  const because = {
    valid: `signed with ${algorithm}`,
    invalid: `the ${algorithm} signature does not verify`,
    unsupported: `this machine cannot verify ${algorithm}`,
  }[answer];
  return { answer, because };
}
