import { describe, expect, test } from 'vitest';
import { concatBytes, FormatError, toBase64, toHex } from '../../bytes/index.ts';
import { readChainFile } from './chain-file.ts';
import { SAMPLE_CERTIFICATE } from './samples.ts';
import { coseEcPoint, readAttestationObject, readAuthenticatorData, writeAttestationObject, writeAuthenticatorData } from './webauthn.ts';

const point = Uint8Array.from({ length: 65 }, (_, index) => (index === 0 ? 4 : index));
const authData = writeAuthenticatorData({
  rpIdHash: new Uint8Array(32).fill(1),
  signCount: 7,
  credentialId: Uint8Array.of(1, 2, 3),
  point,
});
const object = writeAttestationObject({
  format: 'android-key',
  algorithm: -7,
  signature: Uint8Array.of(9),
  x5c: [SAMPLE_CERTIFICATE, SAMPLE_CERTIFICATE],
  authData,
});

test('reads what is written', () => {
  const { value, oddities } = readAttestationObject(object);
  expect(oddities).toEqual([]);
  expect(value).toMatchObject({ format: 'android-key', algorithm: -7, signature: Uint8Array.of(9) });
  expect(value.x5c).toHaveLength(2);
  expect(value.authData).toMatchObject({ userPresent: true, userVerified: true, backupState: false, signCount: 7 });
  const { credential } = value.authData;
  expect(toHex(credential?.id ?? new Uint8Array(0))).toBe('010203');
  expect(credential === undefined ? '' : toHex(coseEcPoint(credential.publicKey) ?? new Uint8Array(0))).toBe(toHex(point));
});

describe('as a chain file', () => {
  test.each([
    ['CBOR', object],
    [
      'a registration response',
      new TextEncoder().encode(
        JSON.stringify({
          id: 'x',
          response: { attestationObject: toBase64(object).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') },
        }),
      ),
    ],
  ])('%s', (_name, bytes) => {
    const { value } = readChainFile(bytes);
    expect([value.kind, value.certificates.length, value.webauthn?.format]).toEqual(['webauthn', 2, 'android-key']);
  });
});

describe('malformed', () => {
  test('truncated at every byte: refused', () => {
    for (let length = 0; length < object.length; length += length < 700 ? 7 : 1)
      expect(() => readAttestationObject(object.subarray(0, length))).toThrow(FormatError);
    for (let length = 0; length < authData.length; length++)
      expect(() => readAuthenticatorData(authData.subarray(0, length))).toThrow(FormatError);
  });

  test('bytes left over are refused, in the object and in its authenticator data', () => {
    expect(() => readAttestationObject(concatBytes([object, Uint8Array.of(0)]))).toThrow('1 bytes left over');
    expect(() => readAuthenticatorData(concatBytes([authData, Uint8Array.of(0)]))).toThrow('1 bytes left over');
  });

  test('a credential id longer than any is refused before it is taken', () => {
    const changed = authData.slice();
    changed.set([0xff, 0xff], 53);
    expect(() => readAuthenticatorData(changed)).toThrow('65535 is above 1023');
  });

  test('a thousand certificates are refused', () => {
    const many = writeAttestationObject({
      format: 'x',
      algorithm: -7,
      signature: new Uint8Array(0),
      x5c: Array.from({ length: 1000 }, () => new Uint8Array(1)),
      authData,
    });
    expect(() => readAttestationObject(many)).toThrow('32 is the most');
  });
});
