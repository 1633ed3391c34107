import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { SignatureQuestion, VerifyPort } from '../../bytes/index.ts';

/** Signatures by Node's OpenSSL. A key that does not parse, or is not of the scheme's kind, is `invalid`. */
export const nodeVerify: VerifyPort = async (question) => {
  const { scheme } = question;
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(question.spki), format: 'der', type: 'spki' });
  } catch (error) {
    return isUnsupported(error) ? 'unsupported' : 'invalid';
  }
  if (!keyTypes(question).includes(key.asymmetricKeyType ?? '')) return 'invalid';
  const { data, signature } = question;
  try {
    switch (scheme.kind) {
      case 'rsa-pkcs1':
        return answer(verify(scheme.hash, data, { key, padding: constants.RSA_PKCS1_PADDING }, signature));
      case 'rsa-pss':
        return answer(
          verify(scheme.hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: scheme.saltLength }, signature),
        );
      case 'ecdsa':
      case 'dsa':
        return answer(verify(scheme.hash, data, { key, dsaEncoding: 'der' }, signature));
      case 'ed25519':
      case 'ml-dsa':
        return answer(verify(null, data, key, signature));
    }
  } catch (error) {
    return isUnsupported(error) ? 'unsupported' : 'invalid';
  }
};

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
