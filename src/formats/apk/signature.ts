/** One signature over bytes, answered in the terms of Android's verifier: a signature that cannot be one is another issue than one that is wrong. */
import { FormatError, type SignatureScheme, type VerifyPort } from '../../bytes/index.ts';
import { DER_TAG, derChildren, derIs, derTrail, type KeyKind, keyKindOf, readDer, readSpki } from '../x509/index.ts';

const RSA_PSS = '1.2.840.113549.1.1.10';

/** `exception`: the key cannot verify such a signature, or the bytes are no signature at all. `unsupported`: this machine cannot tell. */
export type SignatureOutcome = 'valid' | 'did-not-verify' | 'exception' | 'malformed-key' | 'unsupported';

/** A signature to verify. */
export interface SignatureCheck {
  readonly scheme: SignatureScheme;
  readonly spki: Uint8Array;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** Verifies a signature. */
export async function checkSignature(verify: VerifyPort, check: SignatureCheck): Promise<SignatureOutcome> {
  const key = keyOf(check.spki);
  if (key === undefined || !fits(check.scheme, key)) return 'malformed-key';
  if (!isSignatureShaped(check, key)) return 'exception';
  const answer = await verify(check);
  return answer === 'invalid' ? 'did-not-verify' : answer;
}

/** A key that says it is for RSA-PSS alone is none to platforms: their RSA keys say rsaEncryption, whatever they sign with. */
function keyOf(spki: Uint8Array): KeyKind | undefined {
  try {
    const info = readSpki(readDer(spki, derTrail('public key')), 'subjectPublicKeyInfo');
    return info.algorithm.oid === RSA_PSS ? undefined : keyKindOf(info);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function fits(scheme: SignatureScheme, key: KeyKind): boolean {
  switch (scheme.kind) {
    case 'rsa-pkcs1':
    case 'rsa-pss':
      return key.kind === 'rsa';
    case 'ecdsa':
      return key.kind === 'ec' || key.kind === 'unknown';
    case 'dsa':
      return key.kind === 'dsa';
    case 'ed25519':
    case 'ml-dsa':
      return key.kind === scheme.kind;
  }
}

const HASH_BYTES: Readonly<Record<string, number>> = { sha256: 32, sha512: 64 };

/** RSA signatures are as long as the modulus, and PSS needs room in it; DSA and ECDSA signatures are a sequence of two integers. */
function isSignatureShaped({ scheme, signature }: SignatureCheck, key: KeyKind): boolean {
  // RFC 8017, 9.1.2: a modulus of hash, salt and two bytes at least.
  if (
    key.kind === 'rsa' &&
    scheme.kind === 'rsa-pss' &&
    Math.ceil((key.bits - 1) / 8) < (HASH_BYTES[scheme.hash] ?? 0) + scheme.saltLength + 2
  )
    return false;
  if (key.kind === 'rsa') return signature.length === Math.ceil(key.bits / 8);
  if (key.kind !== 'ec' && key.kind !== 'dsa') return true;
  try {
    const parts = derChildren(readDer(signature, derTrail('signature')), 'signature');
    return parts.length === 2 && parts.every((part) => derIs(part, DER_TAG.integer));
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}
