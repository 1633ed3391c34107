import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { HashAlgorithm, SignatureScheme } from '../../bytes/index.ts';
import { nodeVerify } from '../node/verify.ts';
import { webVerify } from './verify.ts';

/** What a browser answers to OpenSSL's signatures, beside what OpenSSL does. */
const data = new TextEncoder().encode('META-INF/CERT.SF');
const answers = async (scheme: SignatureScheme, publicKey: KeyObject, signature: Uint8Array, message = data) => {
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  const question = { scheme, spki, data: message, signature };
  return [await webVerify(question), await nodeVerify(question)];
};
const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const dsa = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
const HASHES: readonly HashAlgorithm[] = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];

describe('in a browser as by OpenSSL', () => {
  test.each(HASHES)('RSA PKCS #1 over %s', async (hash) => {
    const scheme = { kind: 'rsa-pkcs1', hash } as const;
    const signature = new Uint8Array(sign(hash, data, rsa.privateKey));
    expect(await answers(scheme, rsa.publicKey, signature)).toEqual(['valid', 'valid']);
    expect(await answers(scheme, rsa.publicKey, flipped(signature, 60))).toEqual(['invalid', 'invalid']);
    expect(await answers(scheme, rsa.publicKey, signature, flipped(data, 3))).toEqual(['invalid', 'invalid']);
    expect(await answers(scheme, rsa.publicKey, signature.subarray(1))).toEqual(['invalid', 'invalid']);
  });
  test.each(HASHES.filter((hash) => hash !== 'md5'))('DSA over %s', async (hash) => {
    const scheme = { kind: 'dsa', hash } as const;
    const signature = new Uint8Array(sign(hash, data, dsa.privateKey));
    expect(await answers(scheme, dsa.publicKey, signature)).toEqual(['valid', 'valid']);
    expect(await answers(scheme, dsa.publicKey, flipped(signature, signature.length - 1))).toEqual(['invalid', 'invalid']);
    expect(await answers(scheme, dsa.publicKey, signature, flipped(data, 3))).toEqual(['invalid', 'invalid']);
  });
  test.each(['P-256', 'P-384', 'P-521'])('ECDSA of %s over SHA-224 and MD5', async (namedCurve) => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
    for (const hash of ['sha224', 'md5'] as const) {
      const signature = new Uint8Array(sign(hash, data, privateKey));
      expect(await answers({ kind: 'ecdsa', hash }, publicKey, signature), hash).toEqual(['valid', 'valid']);
      expect(await answers({ kind: 'ecdsa', hash }, publicKey, signature, flipped(data, 3)), hash).toEqual(['invalid', 'invalid']);
    }
  });
  test('keys and signatures of another kind, and bytes that are none', async () => {
    const signature = new Uint8Array(sign('md5', data, rsa.privateKey));
    for (const scheme of [
      { kind: 'dsa', hash: 'sha1' },
      { kind: 'ecdsa', hash: 'sha224' },
    ] as const)
      expect((await answers(scheme, rsa.publicKey, signature))[0]).toBe('invalid');
    expect((await answers({ kind: 'rsa-pkcs1', hash: 'md5' }, dsa.publicKey, signature))[0]).toBe('invalid');
    const asked = (spki: Uint8Array, given: Uint8Array) =>
      webVerify({ scheme: { kind: 'dsa', hash: 'sha1' }, spki, data, signature: given });
    const key = new Uint8Array(dsa.publicKey.export({ format: 'der', type: 'spki' }));
    for (const bytes of [new Uint8Array(0), Uint8Array.of(0x30, 0x80), new Uint8Array(4096).fill(0xff)]) {
      expect(await asked(bytes, signature)).toBe('invalid');
      expect(await asked(key, bytes)).toBe('invalid');
    }
    // r and s of zero, and of one: no signature.
    for (const one of [0, 1]) expect(await asked(key, Uint8Array.of(0x30, 6, 2, 1, one, 2, 1, one))).toBe('invalid');
  });
});
