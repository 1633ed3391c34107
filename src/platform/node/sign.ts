import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { CosignPort, SignPort } from '../../provenance/index.ts';

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

/** A cosigner from a private key in PKCS#8 PEM: Ed25519 or ML-DSA-44. @throws TypeError for any other key */
export function nodeCosigner(pem: string): CosignPort {
  const key = createPrivateKey({ key: pem, format: 'pem' });
  const scheme = key.asymmetricKeyType === 'ed25519' ? ED25519 : key.asymmetricKeyType === 'ml-dsa-44' ? ML_DSA_44 : undefined;
  if (scheme === undefined) throw new TypeError(`a key of the kind ${key.asymmetricKeyType ?? 'unknown'}; Ed25519 and ML-DSA-44 cosign`);
  const spki = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }));
  return { scheme, spki, sign: async (data) => new Uint8Array(sign(null, data, key)) };
}
const ED25519 = { kind: 'ed25519' } as const;
const ML_DSA_44 = { kind: 'ml-dsa', level: 44 } as const;

/** A cosigner from a key file. */
export const openCosigner = async (path: string): Promise<CosignPort> => nodeCosigner(await readFile(path, 'utf8'));

/** A new private key in PKCS#8 PEM. */
export function makeSigningKey(kind: 'ed25519' | 'ecdsa-p256' | 'ml-dsa-44'): string {
  const { privateKey } =
    kind === 'ecdsa-p256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : kind === 'ed25519'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ml-dsa-44');
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}
