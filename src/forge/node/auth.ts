/**
 * How adbd knows a host: the host signs a token with RSA-2048, the phone checks it against keys in Android's own form.
 * Spec: AOSP system/core/libcrypto_utils/android_pubkey.cpp. Limits: 2048-bit keys. Does not read: the Montgomery fields, which follow from the modulus.
 *
 *   struct RSAPublicKey { uint32_t modulus_size_words, n0inv; uint8_t modulus[256], rr[256]; uint32_t exponent; }  // little endian; sent as base64, a space, user@host, NUL
 */
import { constants, createPublicKey, publicDecrypt } from 'node:crypto';

export const TOKEN_SIZE = 20;
const MODULUS_SIZE = 256;
const KEY_SIZE = 4 + 4 + MODULUS_SIZE + MODULUS_SIZE + 4;
/** DigestInfo of SHA-1 in PKCS #1 v1.5: the token stands where the digest would. */
const SHA1_PREFIX = Buffer.from('3021300906052b0e03021a05000414', 'hex');

/** A host's key as it was sent: `base64 user@host`. */
export interface HostKey {
  readonly text: string;
  readonly user: string;
  readonly modulus: Buffer;
  readonly exponent: number;
}

/** Reads a key in Android's form; undefined where it is none. */
export function parseHostKey(text: string): HostKey | undefined {
  const [base64 = '', ...user] = text.replaceAll('\0', '').trim().split(' ');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length !== KEY_SIZE || bytes.readUInt32LE(0) !== MODULUS_SIZE / 4) return undefined;
  const modulus = Buffer.from(bytes.subarray(8, 8 + MODULUS_SIZE)).reverse();
  return { text: `${base64} ${user.join(' ')}`.trim(), user: user.join(' '), modulus, exponent: bytes.readUInt32LE(KEY_SIZE - 4) };
}

/** Whether `signature` is this key's over `token`. */
export function isSignedBy(key: HostKey, token: Uint8Array, signature: Uint8Array): boolean {
  const exponent = Buffer.alloc(4);
  exponent.writeUInt32BE(key.exponent);
  const publicKey = createPublicKey({
    key: {
      kty: 'RSA',
      n: key.modulus.toString('base64url'),
      e: exponent.subarray(exponent.findIndex((byte) => byte !== 0)).toString('base64url'),
    },
    format: 'jwk',
  });
  try {
    const info = publicDecrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, signature);
    return info.equals(Buffer.concat([SHA1_PREFIX, token]));
  } catch {
    // A signature that does not decrypt is somebody else's: that is the answer, not an error.
    return false;
  }
}
