import { describe, expect, test } from 'vitest';
import { concatBytes, FormatError, parseHex, toBase64, toHex } from '../../bytes/index.ts';
import { keyKindOf, signatureSchemeOf } from './algorithms.ts';
import { basicConstraintsOf, extensionOf, mayCertSign, readCertificate } from './certificate.ts';
import { createCertificateCache } from './certificate-cache.ts';
import { readChainFile } from './chain-file.ts';
import { nameText } from './name.ts';
import { parsePem, writePem } from './pem.ts';
import { isPkcs7, readPkcs7Certificates, writePkcs7Certificates } from './pkcs7.ts';
import { SAMPLE_CERTIFICATE } from './samples.ts';

const hex = (text: string) => parseHex(text) ?? new Uint8Array(0);

/** What `openssl req -new -x509` of OpenSSL 3.0.19 wrote: P-256, serial 0xf0000000000001, CA with one level below, keyCertSign. */
const OPENSSL = hex(
  '308201da30820180a003020102020800f0000000000001300a06082a8648ce3d040302303f310b30090603550406130255533110300e060355040a0c07457861' +
    '6d706c65310f300d06035504030c06566563746f72310d300b0603550405130430306666301e170d3236313132333136333433325a170d333631313230313633' +
    '3433325a303f310b30090603550406130255533110300e060355040a0c074578616d706c65310f300d06035504030c06566563746f72310d300b060355040513' +
    '04303066663059301306072a8648ce3d020106082a8648ce3d03010703420004fbd999fccf89ab3d833757c8905ecefeed530e81c660b6ec6a8e609ed2aa7b5c' +
    '5ff5d3c62b9ca3f396daeedfa840b0c2f14033a55d33b081f2b42ca6f3fbeb19a3663064301d0603551d0e04160414bdf77438cc501408cf216c243a8820529b' +
    '028f8e301f0603551d23041830168014bdf77438cc501408cf216c243a8820529b028f8e30120603551d130101ff040830060101ff020101300e0603551d0f01' +
    '01ff040403020204300a06082a8648ce3d0403020348003045022100abd00fdc8ed6125da03683c62862b9e3f85f509902646e31f8a6c0b7b19dd35e02201020' +
    'aae3031872bafbdfb1f3133c71e31729cb11c25dc45cb9b42b5509148aa4',
);

/** The same certificate as `openssl crl2pkcs7 -nocrl` wraps it. */
const OPENSSL_PKCS7 = concatBytes([
  hex('3082020906092a864886f70d010702a08201fa308201f60201013100300b06092a864886f70d010701a08201de'),
  OPENSSL,
  hex('3100'),
]);

test('reads what openssl wrote', () => {
  const { value, oddities } = readCertificate(OPENSSL);
  expect(oddities).toEqual([]);
  expect(value).toMatchObject({
    version: 3,
    serial: 'f0000000000001',
    notBefore: '2026-11-23T16:34:32Z',
    notAfter: '2036-11-20T16:34:32Z',
  });
  expect(nameText(value.subject)).toBe('C=US, O=Example, CN=Vector, serialNumber=00ff');
  expect(keyKindOf(value.spki)).toEqual({ kind: 'ec', curve: 'P-256', bits: 256 });
  expect(signatureSchemeOf(value.signatureAlgorithm)).toEqual({ kind: 'ecdsa', hash: 'sha256' });
  expect(basicConstraintsOf(value)).toEqual({ ca: true, pathLength: 1 });
  expect(mayCertSign(value)).toBe(true);
  expect(extensionOf(value, '2.5.29.14')?.at).toBe(OPENSSL.indexOf(0xbd) - 2);
  expect(toHex(value.tbs.subarray(0, 4))).toBe('30820180');
});

test('reads what is written', () => {
  const { value, oddities } = readCertificate(SAMPLE_CERTIFICATE);
  expect(oddities).toEqual([]);
  expect(value).toMatchObject({ serial: 'c35747a084470c3135aeefe2b8d40cd6', notAfter: '2106-02-07T06:28:15Z' });
  expect(basicConstraintsOf(value)).toEqual({ ca: true, pathLength: 2 });
});

describe('malformed', () => {
  test('truncated at every byte: refused, never short', () => {
    for (let length = 0; length < OPENSSL.length; length++) expect(() => readCertificate(OPENSSL.subarray(0, length))).toThrow(FormatError);
  });

  test('every byte changed: read or refused, never anything else', () => {
    for (let at = 0; at < OPENSSL.length; at++) {
      for (const value of [0, 0x80, 0xff]) {
        const changed = OPENSSL.slice();
        changed[at] = value;
        try {
          readCertificate(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }
    }
  });

  test('a date that no calendar has is absent, not an error', () => {
    const changed = OPENSSL.slice();
    changed.set(new TextEncoder().encode('991332'), findText(OPENSSL, '361120'));
    const { value, oddities } = readCertificate(changed);
    expect(value.notAfter).toBeUndefined();
    expect(oddities.map(({ code }) => code)).toEqual(['malformed-time']);
  });

  test('a quarter of a megabyte is no certificate', () => {
    expect(() => readCertificate(new Uint8Array(300_000))).toThrow('262144 is the most');
  });
});

function findText(bytes: Uint8Array, text: string): number {
  return String.fromCharCode(...bytes).indexOf(text);
}

describe('the cache of certificates', () => {
  test('gives the same certificate for the same bytes, and none other for others', () => {
    const cache = createCertificateCache(2);
    const first = cache.read(OPENSSL);
    expect(cache.read(OPENSSL.slice())).toBe(first);
    const changed = OPENSSL.slice();
    changed[20] = 0x11; // the serial number; length and signature stay
    expect(cache.read(changed).value.serial).not.toBe(first.value.serial);
  });

  test('holds a copy: bytes that change later change nothing in it', () => {
    const cache = createCertificateCache(2);
    const buffer = OPENSSL.slice();
    cache.read(buffer);
    buffer.fill(0);
    expect(cache.read(OPENSSL).value.serial).toBe('f0000000000001');
    expect(cache.size()).toBe(1);
  });

  test('is bounded', () => {
    const cache = createCertificateCache(1);
    cache.read(OPENSSL);
    cache.read(SAMPLE_CERTIFICATE);
    expect(cache.size()).toBe(1);
  });
});

describe('PEM', () => {
  const pem = writePem('CERTIFICATE', OPENSSL);

  test('is read as it is written', () => {
    expect(parsePem(pem).value.map(({ label, bytes }) => [label, toHex(bytes)])).toEqual([['CERTIFICATE', toHex(OPENSSL)]]);
  });

  test.each([
    ['an END and a BEGIN on one line', pem.trimEnd() + pem, 2],
    ['CRLF', pem.replaceAll('\n', '\r\n'), 1],
    ['no line breaks', pem.replaceAll('\n', ''), 1],
    ['text around', `subject=CN\n${pem}more`, 1],
    ['RFC 1421 headers', pem.replace('\n', '\nProc-Type: 4\nX: y\n\n'), 1],
    ['nothing', '', 0],
  ])('%s', (_name, text, count) => {
    const blocks = parsePem(text).value;
    expect(blocks).toHaveLength(count);
    for (const { bytes } of blocks) expect(toHex(bytes)).toBe(toHex(OPENSSL));
  });

  test.each([
    ['no END', pem.slice(0, 200), 'no END'],
    ['an END that is cut', pem.slice(0, -8), 'the END line is cut'],
    ['no base64', pem.replace('MII', 'M%%'), 'not base64'],
    ['a BEGIN line without an end', '-----BEGIN CERTIFICATE', 'the BEGIN line has no end'],
    ['ten thousand blocks', '-----BEGIN A-----\n-----END A-----\n'.repeat(10_000), 'more than 1024 blocks'],
  ])('%s is refused', (_name, text, says) => {
    expect(() => parsePem(text)).toThrow(says);
  });

  test('another label at the end is an oddity', () => {
    expect(parsePem(pem.replace('END CERTIFICATE', 'END KEY')).oddities.map(({ code }) => code)).toEqual(['label']);
  });
});

describe('PKCS#7', () => {
  test('reads what openssl wrapped', () => {
    expect(isPkcs7(OPENSSL_PKCS7)).toBe(true);
    expect(isPkcs7(OPENSSL)).toBe(false);
    const { value, oddities } = readPkcs7Certificates(OPENSSL_PKCS7);
    expect(value.map(({ bytes }) => toHex(bytes))).toEqual([toHex(OPENSSL)]);
    expect([value[0]?.at, oddities]).toEqual([45, []]);
  });

  test('reads what is written', () => {
    const bag = readPkcs7Certificates(writePkcs7Certificates([OPENSSL, SAMPLE_CERTIFICATE])).value;
    expect(bag.map(({ bytes }) => toHex(bytes)).toSorted()).toEqual([toHex(OPENSSL), toHex(SAMPLE_CERTIFICATE)].toSorted());
  });

  test('truncated at every byte: refused', () => {
    for (let length = 0; length < OPENSSL_PKCS7.length; length++)
      expect(() => readPkcs7Certificates(OPENSSL_PKCS7.subarray(0, length))).toThrow(FormatError);
  });
});

describe('chain files', () => {
  const base64 = toBase64(OPENSSL);
  const read = (content: string | Uint8Array) =>
    readChainFile(typeof content === 'string' ? new TextEncoder().encode(content) : content).value;

  test.each([
    ['PEM', writePem('CERTIFICATE', OPENSSL), 'pem', 1],
    ['DER', OPENSSL, 'der', 1],
    ['DER end to end', concatBytes([OPENSSL, SAMPLE_CERTIFICATE]), 'der', 2],
    ['PKCS#7', OPENSSL_PKCS7, 'pkcs7', 1],
    ['PKCS#7 in PEM', writePem('PKCS7', OPENSSL_PKCS7), 'pkcs7', 1],
    ['a JSON array of base64', JSON.stringify([base64, base64]), 'json', 2],
    ['a JSON array of PEM', JSON.stringify([writePem('CERTIFICATE', OPENSSL)]), 'json', 1],
    ['a JSON object', JSON.stringify({ chain: { certificates: [toHex(OPENSSL)] } }), 'json', 1],
    ['an x5c', JSON.stringify({ x5c: [base64] }), 'json', 1],
    ['base64 alone', base64, 'der', 1],
  ])('%s', (_name, content, kind, count) => {
    const file = read(content);
    expect([file.kind, file.certificates.length]).toEqual([kind, count]);
    expect(toHex(file.certificates[0]?.bytes ?? new Uint8Array(0))).toBe(toHex(OPENSSL));
  });

  test.each([
    ['an empty file', ''],
    ['spaces', '  \n'],
    ['prose', 'this is no certificate'],
    ['JSON without certificates', '{"a":1}'],
    ['an empty array', '[]'],
    ['JSON that is cut', '["MII'],
    ['an array of numbers', '[1]'],
    ['a hundred certificates', JSON.stringify(Array.from({ length: 100 }, () => base64))],
    ['a prototype', '{"__proto__":{"x5c":["AA"]}}'],
  ])('%s is refused', (_name, content) => {
    expect(() => read(content)).toThrow(FormatError);
  });

  test('ten thousand certificates in DER are refused after the first few', () => {
    expect(() => read(concatBytes(Array.from({ length: 8000 }, () => OPENSSL)))).toThrow('24 is the most');
  });
});
