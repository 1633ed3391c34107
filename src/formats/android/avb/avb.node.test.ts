import { expect, test } from 'vitest';
import { hashOf, type SignatureScheme } from '../../../bytes/index.ts';
import { nodeSigningKey } from '../../../forge/node/sign.ts';
import { nodeHash, nodeVerify } from '../../../platform/node/index.ts';
import { derFields, derTrail, readDer, readDerIntegerBytes, readSpki } from '../../x509/index.ts';
import { type AvbAlgorithm, avbKeySpki, hashName, verifyVbmetaSignature, writeAvbMlDsaKey, writeAvbRsaKey } from './algorithms.ts';
import { readVbmeta, writeVbmeta } from './vbmeta.ts';

const algorithms: readonly [algorithm: Exclude<AvbAlgorithm, 'NONE'>, scheme: SignatureScheme, bits: number][] = [
  ['SHA256_RSA2048', { kind: 'rsa-pkcs1', hash: 'sha256' }, 2048],
  ['SHA512_RSA2048', { kind: 'rsa-pkcs1', hash: 'sha512' }, 2048],
  ['SHA256_RSA4096', { kind: 'rsa-pkcs1', hash: 'sha256' }, 4096],
  ['MLDSA65', { kind: 'ml-dsa', level: 65 }, 0],
  ['MLDSA87', { kind: 'ml-dsa', level: 87 }, 0],
];

test.each(algorithms)(
  '%s: what is signed verifies, and one changed byte does not',
  { timeout: 60_000 },
  async (algorithm, scheme, bits) => {
    const key = await nodeSigningKey(scheme, { rsaBits: bits });
    const { key: raw } = readSpki(readDer(key.spki, derTrail('spki')), 'spki');
    const publicKey =
      scheme.kind === 'ml-dsa'
        ? writeAvbMlDsaKey(raw)
        : writeAvbRsaKey(readDerIntegerBytes(derFields(readDer(raw, derTrail('rsa')), 'key').next('modulus'), 'modulus'));
    expect([...avbKeySpki(algorithm, publicKey)]).toEqual([...key.spki]);
    const image = await writeVbmeta(
      { algorithm, publicKey, descriptors: [], rollbackIndex: 1n, releaseString: 'assay' },
      async (signed) => ({
        hash: scheme.kind === 'ml-dsa' ? new Uint8Array(0) : hashOf(nodeHash, hashName(algorithm), signed),
        signature: await key.sign(signed),
      }),
    );
    const ports = { verify: nodeVerify, hash: nodeHash };
    expect(await verifyVbmetaSignature(readVbmeta(image).value, ports)).toMatchObject({ answer: 'valid' });
    const changed = image.slice();
    changed[119] = 2; // the rollback index
    expect(await verifyVbmetaSignature(readVbmeta(changed).value, ports)).toMatchObject({ answer: 'invalid' });
  },
);
