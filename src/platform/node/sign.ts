import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SignPort } from '../../provenance/index.ts';

/** A signer from a private key in PKCS#8 PEM: Ed25519 or ECDSA P-256. @throws TypeError for any other key */
export function nodeSigner(pem: string): SignPort {
  const key = createPrivateKey({ key: pem, format: 'pem' });
  const spki = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }));
  if (key.asymmetricKeyType === 'ed25519') {
    return { scheme: { kind: 'ed25519' }, spki, sign: async (data) => new Uint8Array(sign(null, data, key)) };
  }
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') {
    return {
      scheme: { kind: 'ecdsa', hash: 'sha256' },
      spki,
      sign: async (data) => new Uint8Array(sign('sha256', data, { key, dsaEncoding: 'der' })),
    };
  }
  throw new TypeError(`a key of the kind ${key.asymmetricKeyType ?? 'unknown'}; Ed25519 and ECDSA P-256 sign here`);
}

/** A signer from a key file. */
export const openSigner = async (path: string): Promise<SignPort> => nodeSigner(await readFile(path, 'utf8'));

/** A new private key in PKCS#8 PEM. */
export function makeSigningKey(kind: 'ed25519' | 'ecdsa-p256'): string {
  const { privateKey } = kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}
