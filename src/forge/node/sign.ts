import { constants, createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { SignatureScheme } from '../../bytes/index.ts';
import type { SigningKey } from '../cert.ts';

const generate = promisify(generateKeyPair);

/** What else a key needs: sizes and curves are no part of a scheme. */
export interface KeyOptions {
  /** Default 2048. */
  readonly rsaBits?: number;
  /** Default by the hash: P-256 for SHA-256, P-384 for SHA-384, P-521 for SHA-512. */
  readonly curve?: 'P-256' | 'P-384' | 'P-521';
}

/** Makes a key with Node's OpenSSL. */
export async function nodeSigningKey(scheme: SignatureScheme, options: KeyOptions = {}): Promise<SigningKey> {
  const privateKey = await makeKey(scheme, options);
  return nodeKeySigner(scheme, privateKey);
}

/** Signs with a key that is there already. */
function nodeKeySigner(scheme: SignatureScheme, privateKey: KeyObject): SigningKey {
  return {
    scheme,
    spki: new Uint8Array(createPublicKey(privateKey).export({ format: 'der', type: 'spki' })),
    sign: async (data) => new Uint8Array(signWith(scheme, privateKey, data)),
  };
}

function signWith(scheme: SignatureScheme, key: KeyObject, data: Uint8Array): Uint8Array {
  switch (scheme.kind) {
    case 'rsa-pkcs1':
      return sign(scheme.hash, data, { key, padding: constants.RSA_PKCS1_PADDING });
    case 'rsa-pss':
      return sign(scheme.hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: scheme.saltLength });
    case 'ecdsa':
    case 'dsa':
      return sign(scheme.hash, data, { key, dsaEncoding: 'der' });
    case 'ed25519':
    case 'ml-dsa':
      return sign(null, data, key);
  }
}

async function makeKey(scheme: SignatureScheme, { rsaBits = 2048, curve }: KeyOptions): Promise<KeyObject> {
  switch (scheme.kind) {
    case 'rsa-pkcs1':
    case 'rsa-pss':
      return (await generate('rsa', { modulusLength: rsaBits })).privateKey;
    case 'ecdsa':
      return (
        await generate('ec', { namedCurve: curve ?? (scheme.hash === 'sha384' ? 'P-384' : scheme.hash === 'sha512' ? 'P-521' : 'P-256') })
      ).privateKey;
    case 'dsa':
      return (await generate('dsa', { modulusLength: 2048, divisorLength: 256 })).privateKey;
    case 'ed25519':
      return (await generate('ed25519')).privateKey;
    case 'ml-dsa':
      switch (scheme.level) {
        case 44:
          return (await generate('ml-dsa-44')).privateKey;
        case 65:
          return (await generate('ml-dsa-65')).privateKey;
        case 87:
          return (await generate('ml-dsa-87')).privateKey;
      }
  }
}
