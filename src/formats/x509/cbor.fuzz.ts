import { FormatError } from '../../bytes/index.ts';
import { readCborPrefix, writeCbor } from './cbor.ts';
import { readEatDescription } from './eat.ts';
import { readAttestationObject, readAuthenticatorData, writeAttestationObject, writeAuthenticatorData } from './webauthn.ts';

export const name = 'cbor';

const authData = writeAuthenticatorData({
  rpIdHash: new Uint8Array(32),
  signCount: 1,
  credentialId: Uint8Array.of(1, 2),
  point: new Uint8Array(65),
});

export const seeds: readonly Uint8Array[] = [
  writeAttestationObject({ format: 'android-key', algorithm: -7, signature: Uint8Array.of(1), x5c: [Uint8Array.of(0x30, 0)], authData }),
  authData,
  writeCbor({
    kind: 'map',
    entries: [
      [-82004, 3],
      [-82005, 41],
      [-76002, 3],
      [-75008, Uint8Array.of(1)],
      [-76000, { kind: 'map', entries: [['tee', { kind: 'map', entries: [[-80002, 3]] }]] }],
    ],
  }),
  Uint8Array.of(0x9f, 0x5f, 0x41, 0x01, 0xff, 0xf9, 0x3c, 0x00, 0xff),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  for (const read of [
    (input: Uint8Array) => writeCbor(readCborPrefix(input, 'fuzz').value),
    readAttestationObject,
    readAuthenticatorData,
    readEatDescription,
  ]) {
    try {
      read(bytes);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
}
