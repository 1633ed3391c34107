/** Signs an OTA package as signapk does with `-w`: a PKCS #7 block in the archive's comment, over everything before it. */
import { concatBytes } from '../../bytes/index.ts';
import { writeSignedData } from '../../formats/apk/index.ts';
import { readCertificate } from '../../formats/x509/index.ts';
import type { ApkSigner } from '../apk.ts';

/** `zip` has no comment yet. */
export async function signOta(zip: Uint8Array, key: ApkSigner, message = 'signed by SignApk'): Promise<Uint8Array> {
  const content = zip.subarray(0, zip.length - 2);
  const block = writeSignedData({
    certificates: [key.certificate],
    signer: readCertificate(key.certificate).value,
    digestOid: '2.16.840.1.101.3.4.2.1',
    signatureOid: '1.2.840.113549.1.1.1',
    signature: await key.sign({ kind: 'rsa-pkcs1', hash: 'sha256' }, content),
  });
  const text = new TextEncoder().encode(`${message}\0`);
  const length = text.length + block.length + 6;
  const u16 = (value: number) => Uint8Array.of(value & 255, value >> 8);
  return concatBytes([content, u16(length), text, block, u16(block.length + 6), Uint8Array.of(255, 255), u16(length)]);
}
