import { ed25519 } from '@noble/curves/ed25519.js';
import type { HashAlgorithm, SignatureAnswer, SignatureQuestion, VerifyPort } from '../../bytes/index.ts';
import { plainVerify } from './plain-verify.ts';

const HASHES: Partial<Record<HashAlgorithm, string>> = { sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' };
/** Curves by the last bytes of their object identifiers in a SubjectPublicKeyInfo. */
const CURVES: readonly { readonly oid: readonly number[]; readonly name: string; readonly size: number }[] = [
  { oid: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07], name: 'P-256', size: 32 },
  { oid: [0x2b, 0x81, 0x04, 0x00, 0x22], name: 'P-384', size: 48 },
  { oid: [0x2b, 0x81, 0x04, 0x00, 0x23], name: 'P-521', size: 66 },
];
const ED25519_PREFIX = 12;
/** Browsers differ above this: Chromium takes RSA keys to 16,384 bits in some builds, and to 8,192 in others. */
const WEBCRYPTO_BYTES = 1024;

/** Signatures by WebCrypto, Ed25519 by noble, and what old APKs carry besides by plain-verify.ts. ML-DSA is `unsupported`, never a guess. */
export const webVerify: VerifyPort = async (question) => {
  const { scheme } = question;
  try {
    if (scheme.kind === 'ed25519') {
      const key = question.spki.subarray(ED25519_PREFIX);
      return key.length === 32 && question.signature.length === 64 && ed25519.verify(question.signature, question.data, key)
        ? 'valid'
        : 'invalid';
    }
    if (scheme.kind === 'ml-dsa') return 'unsupported';
    const hash = HASHES[scheme.hash];
    if (scheme.kind === 'dsa' || hash === undefined || (scheme.kind === 'rsa-pkcs1' && question.signature.length > WEBCRYPTO_BYTES))
      return plainVerify(question);
    return await byWebCrypto(question, hash);
  } catch {
    // WebCrypto throws at keys that do not parse; a key that is none makes no signature valid.
    return 'invalid';
  }
};

async function byWebCrypto({ scheme, spki, data, signature }: SignatureQuestion, hash: string): Promise<SignatureAnswer> {
  const { subtle } = globalThis.crypto;
  const key = new Uint8Array(spki);
  const message = new Uint8Array(data);
  if (scheme.kind === 'ecdsa') {
    const curve = CURVES.find(({ oid }) => includes(spki, oid));
    if (curve === undefined) return 'unsupported';
    const raw = rawSignature(signature, curve.size);
    if (raw === undefined) return 'invalid';
    const imported = await subtle.importKey('spki', key, { name: 'ECDSA', namedCurve: curve.name }, false, ['verify']);
    return (await subtle.verify({ name: 'ECDSA', hash }, imported, raw, message)) ? 'valid' : 'invalid';
  }
  const name = scheme.kind === 'rsa-pss' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5';
  const imported = await subtle.importKey('spki', key, { name, hash }, false, ['verify']);
  const parameters = scheme.kind === 'rsa-pss' ? { name, saltLength: scheme.saltLength } : { name };
  return (await subtle.verify(parameters, imported, new Uint8Array(signature), message)) ? 'valid' : 'invalid';
}

function includes(bytes: Uint8Array, wanted: readonly number[]): boolean {
  for (let at = 0; at + wanted.length <= Math.min(bytes.length, 64); at++)
    if (wanted.every((value, index) => bytes[at + index] === value)) return true;
  return false;
}

/** r and s of a DER ECDSA-Sig-Value, each padded to the curve's size, as WebCrypto wants them. Undefined where it is no such value. */
function rawSignature(der: Uint8Array, size: number): Uint8Array<ArrayBuffer> | undefined {
  const raw = new Uint8Array(2 * size);
  let at = der[0] === 0x30 ? ((der[1] ?? 0) & 0x80 ? 2 + ((der[1] ?? 0) & 0x7f) : 2) : der.length;
  for (const slot of [0, 1]) {
    const length = der[at + 1] ?? 0;
    if (der[at] !== 0x02 || length === 0 || at + 2 + length > der.length) return undefined;
    let value = der.subarray(at + 2, at + 2 + length);
    while (value.length > size && value[0] === 0) value = value.subarray(1);
    if (value.length > size) return undefined;
    raw.set(value, (slot + 1) * size - value.length);
    at += 2 + length;
  }
  return raw;
}
