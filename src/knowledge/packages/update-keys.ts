import type { Signer } from '../types.ts';
import { SOURCES } from './sources.ts';

/**
 * Motorola has a certificate for each family of phones, `CN=MAP5 OTA 466-6-NUMBER`, all under one issuer, `CN=MAP4 OTA 466-6`. These were read as they lie in recovery trees of unrelated
 * authors, and verified under the issuer's key; others of the same name stand in trees of which only one was seen, or were not verified, and are left out.
 */
const MOTOROLA: readonly (readonly [sha256: string, sha1: string])[] = [
  ['1cb104155c16e1e62d5f7dec8cf3e6cc3e7152a1b0248fce1f8fd71e6bc97c2d', 'b89c25bcf00068fe00ef1ccda74830c3bb295a27'], // 248
  ['89728106fa25ccf88968ec760207b633366dbb8c4b025fd871d16ab219c51d91', '0b4b7907d77da73fb1b6f9b989bc0c1ceec3e1b4'], // 253
  ['7494b69f6b3e8589096d340804246e89646a110dce77db5b014b14e83526ef12', '4b6b1726ee02f60bb1e97cbe0b9383285ebec8ee'], // 254
  ['44520747616b13d20ab4cb089e557344661eae3dd6ad6ed55cc280b9e70152e9', 'd187882f202e5c69b7bc53caa993e7a90ae8b8f9'], // 274
  ['ba79c22561eb3d4cd7c30e96e7234a40c3196f58543f951dc37f32271bfefeea', '45c4e561dace3234384298d151ebe4cb270d3c6d'], // 280
];

/** Keys that sign a maker's updates: the certificate in `otacerts.zip` of its genuine builds. A table of its own, since a key may sign apps as well: Xiaomi's does. */
export const updateKeys: readonly Signer[] = [
  {
    sha256: 'd45f076fe23a1a5b7f486e3ff41547a2023dbfe1fe73353b1e48ebdfed72cc6f',
    sha1: 'b3d1ce9c2c6403e9685324bcd57f677b13a53174',
    owner: 'Xiaomi',
    role: 'ota',
    packages: [],
    sources: [SOURCES.rolex, SOURCES.rubens],
  },
  ...MOTOROLA.map(
    ([sha256, sha1]): Signer => ({ sha256, sha1, owner: 'Motorola', role: 'ota', packages: [], sources: [SOURCES.motorolaOta] }),
  ),
];
