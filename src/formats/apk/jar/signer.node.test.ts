import { expect, test } from 'vitest';
import { makeApkSigner } from '../../../forge/node/sign-apk.ts';
import { nodeCodec, nodeHash, nodeVerify } from '../../../platform/node/index.ts';
import type { ZipEntry } from '../../archive/index.ts';
import { readCertificate } from '../../x509/index.ts';
import { issueLog } from '../issue.ts';
import { readSignedData } from './pkcs7.ts';
import { writeSignedData } from './pkcs7-write.ts';
import { type JarSigner, verifyBlock } from './signer.ts';

const ports = { hash: nodeHash, verify: nodeVerify, codec: nodeCodec };

async function issuesOf(block: Uint8Array, file: Uint8Array): Promise<readonly string[]> {
  const entry = { name: 'META-INF/X.RSA' } as ZipEntry;
  const signer: JarSigner = {
    blockEntry: entry,
    fileEntry: entry,
    load: async () => [block, file],
    log: issueLog(),
    file: new Uint8Array(0),
    certificate: undefined,
    chain: [],
    entryNames: new Set(),
    ignored: false,
  };
  await verifyBlock(signer, { ports, range: { minSdk: 24, maxSdk: 24 } });
  return signer.log.errors.map(({ name }) => name);
}

test('a certificate named by its key id, as openssl cms -keyid writes it, is none to any platform', async () => {
  const signer = await makeApkSigner({ kind: 'rsa', name: 'Bank' });
  const { value: certificate } = readCertificate(signer.certificate);
  const file = new TextEncoder().encode('Signature-Version: 1.0\r\n\r\n');
  const block = writeSignedData({
    certificates: [signer.certificate],
    signer: certificate,
    digestOid: '2.16.840.1.101.3.4.2.1',
    signatureOid: '1.2.840.113549.1.1.1',
    signature: await signer.sign({ kind: 'rsa-pkcs1', hash: 'sha256' }, file),
  });
  expect(await issuesOf(block, file)).toEqual([]);
  // [0] instead of SEQUENCE, before the last of the issuer's names in the block.
  const named = block.slice();
  const issuerAt = Buffer.from(block).lastIndexOf(certificate.issuer.bytes);
  named[issuerAt - 2] = 0x80;
  expect(readSignedData(named).value.signers[0]?.sid.kind).toBe('key-id');
  expect(await issuesOf(named, file)).toEqual(['JAR_SIG_PARSE_EXCEPTION']);
});
