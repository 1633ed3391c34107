import { expect, test } from 'vitest';
import { bytesSource } from '../../../bytes/index.ts';
import { makeApkSigner, signOta } from '../../../forge/node/index.ts';
import { nodeHash, nodeVerifyStream } from '../../../platform/node/index.ts';
import { writeZip } from '../../archive/index.ts';
import { verifyOtaSignature } from './ota-signature.ts';

const ports = { hash: nodeHash, verifyStream: nodeVerifyStream };
const key = await makeApkSigner({ kind: 'rsa', name: 'ota' });

const signed = (zip: Uint8Array, message?: string) => signOta(zip, key, message);
const ZIP = writeZip([{ name: 'payload.bin', data: new Uint8Array(5000).fill(3) }]);
const outcome = async (bytes: Uint8Array) => (await verifyOtaSignature(bytesSource(bytes), ports)).outcome;

test('a signed package, and who signed it', async () => {
  const answer = await verifyOtaSignature(bytesSource(await signed(ZIP)), ports);
  expect(answer).toMatchObject({ outcome: 'valid', because: `rsa-pkcs1 with sha256 over ${ZIP.length - 2} bytes` });
  expect(answer.certificateSha256).toMatch(/^[0-9a-f]{64}$/);
});

test('unsigned, and with a comment of its own', async () => {
  expect(await outcome(ZIP)).toBe('unsigned');
});

test('any byte before the comment changed', async () => {
  for (const at of [0, 1000, ZIP.length - 10]) {
    const changed = await signed(ZIP);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(await outcome(changed)).toBe('invalid');
  }
});

test('a second end of the central directory in the comment', async () => {
  expect(await outcome(await signed(ZIP, 'PK\u0005\u0006'))).toBe('invalid');
});

test.each([
  ['a block that begins behind the footer', 6, 0],
  ['a block larger than the comment', 255, 255],
])('%s', async (_name, low, high) => {
  const bytes = await signed(ZIP);
  bytes[bytes.length - 6] = low;
  bytes[bytes.length - 5] = high;
  expect(await outcome(bytes)).toBe('invalid');
});
