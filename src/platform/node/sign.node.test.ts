import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeSigningKey, nodeCosigner, nodeSigner } from './sign.ts';
import { nodeVerify } from './verify.ts';

test.each(['ed25519', 'ecdsa-p256'] as const)('what a %s key signs is verified, and a changed message is not', async (kind) => {
  const { scheme, spki, sign } = nodeSigner(makeSigningKey(kind));
  const data = Uint8Array.of(1, 2, 3);
  const signature = await sign(data);
  expect(await nodeVerify({ scheme, spki, data, signature })).toBe('valid');
  expect(await nodeVerify({ scheme, spki, data: Uint8Array.of(1, 2, 4), signature })).toBe('invalid');
});

test.each(['ed25519', 'ml-dsa-44'] as const)('a %s key cosigns', async (kind) => {
  const { scheme, spki, sign } = nodeCosigner(makeSigningKey(kind));
  const data = Uint8Array.of(1, 2, 3);
  expect(await nodeVerify({ scheme, spki, data, signature: await sign(data) })).toBe('valid');
});

test('a key of another kind or curve does not sign', () => {
  const pem = (curve: string) =>
    generateKeyPairSync('ec', { namedCurve: curve }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  expect(() => nodeSigner(pem('P-384'))).toThrow(TypeError);
  expect(() => nodeSigner('no key')).toThrow();
  expect(() => nodeSigner(makeSigningKey('ml-dsa-44'))).toThrow(TypeError);
  expect(() => nodeCosigner(makeSigningKey('ecdsa-p256'))).toThrow(TypeError);
});
