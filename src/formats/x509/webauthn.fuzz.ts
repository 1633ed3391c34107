import { FormatError } from '../../bytes/index.ts';
import {
  coseEcPoint,
  coseRsaKey,
  readAttestationObject,
  readAuthenticatorData,
  readChainFile,
  writeAttestationObject,
  writeAuthenticatorData,
} from './index.ts';
import { SAMPLE_CERTIFICATE } from './samples.ts';

export const name = 'webauthn';

const authData = writeAuthenticatorData({
  rpIdHash: new Uint8Array(32),
  signCount: 1,
  credentialId: Uint8Array.of(1, 2),
  point: new Uint8Array(65).fill(4),
});

export const seeds: readonly Uint8Array[] = [
  authData,
  writeAttestationObject({ format: 'android-key', algorithm: -7, signature: Uint8Array.of(1), x5c: [SAMPLE_CERTIFICATE], authData }),
  new TextEncoder().encode('{"response":{"attestationObject":"o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVgl","clientDataJSON":"e30"}}'),
];

/** Reads hostile bytes as each thing that a browser sends: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  for (const read of [readAttestationObject, readAuthenticatorData, readChainFile]) {
    try {
      const { value } = read(bytes);
      const data = 'authData' in value ? value.authData : 'rpIdHash' in value ? value : value.webauthn?.authData;
      const key = data?.credential?.publicKey;
      if (key !== undefined) [coseEcPoint(key), coseRsaKey(key)].some((found) => found === undefined);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
}
