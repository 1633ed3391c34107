import { constants, createPublicKey, createVerify, type KeyObject, verify } from 'node:crypto';
import type { SignatureQuestion, VerifyPort, VerifyStreamPort } from '../../bytes/index.ts';

/** Signatures by Node's OpenSSL. A key that does not parse, or is not of the scheme's kind, is `invalid`. */
export const nodeVerify: VerifyPort = async (question) => {
  const { scheme } = question;
  let key: KeyObject;
  try {
    key = importKey(question.spki);
  } catch (error) {
    return isUnsupported(error) ? 'unsupported' : 'invalid';
  }
  if (!keyTypes(question).includes(key.asymmetricKeyType ?? '')) return 'invalid';
  const { data, signature } = question;
  try {
    switch (scheme.kind) {
      // Of an RSA key PKCS #1 is Node's default, of the others DER. Saying so in an object around the key takes half as long again (measured).
      case 'rsa-pkcs1':
      case 'ecdsa':
      case 'dsa':
        return answer(verify(scheme.hash, data, key, signature));
      case 'rsa-pss':
        return answer(
          verify(scheme.hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: scheme.saltLength }, signature),
        );
      case 'ed25519':
      case 'ml-dsa':
        return answer(verify(null, data, key, signature));
    }
  } catch (error) {
    return isUnsupported(error) ? 'unsupported' : 'invalid';
  }
};

/** Signatures over streams: RSA PKCS #1 v1.5 and ECDSA. */
export const nodeVerifyStream: VerifyStreamPort = async ({ scheme, spki, signature }, data) => {
  if (scheme.kind !== 'rsa-pkcs1' && scheme.kind !== 'ecdsa') return 'unsupported';
  let key: KeyObject;
  try {
    key = importKey(spki);
  } catch (error) {
    return isUnsupported(error) ? 'unsupported' : 'invalid';
  }
  if (key.asymmetricKeyType !== (scheme.kind === 'ecdsa' ? 'ec' : 'rsa')) return 'invalid';
  const verifying = createVerify(scheme.hash);
  for await (const piece of data) verifying.update(piece);
  try {
    return answer(
      verifying.verify(scheme.kind === 'ecdsa' ? { key, dsaEncoding: 'der' } : { key, padding: constants.RSA_PKCS1_PADDING }, signature),
    );
  } catch (error) {
    return isUnsupported(error) ? 'unsupported' : 'invalid';
  }
};

/** Importing a key costs about as much as checking a signature with it, and issuers come again: the newest are kept, by all their bytes. */
const keys = new Map<string, KeyObject>();
const KEYS_MAX = 1024;

function importKey(spki: Uint8Array): KeyObject {
  const bytes = Buffer.from(spki.buffer, spki.byteOffset, spki.byteLength);
  const name = bytes.toString('latin1');
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: bytes, format: 'der', type: 'spki' });
  const oldest = keys.size >= KEYS_MAX ? keys.keys().next().value : undefined;
  if (oldest !== undefined) keys.delete(oldest);
  keys.set(name, key);
  return key;
}

const answer = (good: boolean) => (good ? 'valid' : 'invalid');

/** The key types, by Node's names, that may answer for a scheme: a scheme never verifies under a key of another kind. */
function keyTypes({ scheme }: SignatureQuestion): readonly string[] {
  switch (scheme.kind) {
    case 'rsa-pkcs1':
      return ['rsa'];
    case 'rsa-pss':
      return ['rsa', 'rsa-pss'];
    case 'ecdsa':
      return ['ec'];
    case 'dsa':
      return ['dsa'];
    case 'ed25519':
      return ['ed25519'];
    case 'ml-dsa':
      return [`ml-dsa-${scheme.level}`];
  }
}

function isUnsupported(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ERR_OSSL_EVP_UNSUPPORTED' || error.code === 'ERR_OSSL_UNSUPPORTED' || error.code === 'ERR_CRYPTO_INVALID_DIGEST')
  );
}
