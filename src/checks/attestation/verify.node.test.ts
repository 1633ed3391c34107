import { expect, test } from 'vitest';
import type { SignatureScheme } from '../../bytes/index.ts';
import { attest, forgeWorld, honestDescription } from '../../forge/cert.ts';
import { nodeSigningKey } from '../../forge/node/sign.ts';
import { readCertificate } from '../../formats/x509/index.ts';
import { nodeHash, nodeVerify } from '../../platform/node/index.ts';
import { givenAnchor, verifyAttestation } from './index.ts';

const schemes: readonly [name: string, root: SignatureScheme][] = [
  ['RSA with SHA-256', { kind: 'rsa-pkcs1', hash: 'sha256' }],
  ['RSA with SHA-512', { kind: 'rsa-pkcs1', hash: 'sha512' }],
  ['P-384', { kind: 'ecdsa', hash: 'sha384' }],
  ['P-521', { kind: 'ecdsa', hash: 'sha512' }],
  ['Ed25519', { kind: 'ed25519' }],
  ['ML-DSA-44', { kind: 'ml-dsa', level: 44 }],
  ['ML-DSA-65', { kind: 'ml-dsa', level: 65 }],
  ['ML-DSA-87', { kind: 'ml-dsa', level: 87 }],
];

test.each(schemes)('a chain below a root of %s', { timeout: 60_000 }, async (_name, root) => {
  const world = await forgeWorld((scheme) => nodeSigningKey(scheme), { root, upper: root });
  const challenge = Uint8Array.of(1, 2, 3);
  const { batch, intermediate } = world.factory;
  const target = await attest(world, batch, honestDescription(challenge));
  const ask = (chain: readonly Uint8Array[]) =>
    verifyAttestation({
      chain: chain.map((der) => readCertificate(der).value),
      roots: [givenAnchor(readCertificate(world.root.der).value, 0)],
      status: undefined,
      at: '2025-06-01T00:00:00Z',
      challenge,
      verify: nodeVerify,
      hash: nodeHash,
    });
  const chain = [target, batch, intermediate, world.root].map(({ der }) => der);
  expect((await ask(chain)).rules.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
  const broken = intermediate.der.slice();
  broken[broken.length - 5] = (broken[broken.length - 5] ?? 0) ^ 1;
  expect((await ask(chain.map((der) => (der === intermediate.der ? broken : der)))).trusted).toBe(false);
});
