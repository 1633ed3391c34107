import type { Signer } from '../types.ts';
import { SOURCES } from './sources.ts';

/** Keys that sign a maker's updates: the certificate in `otacerts.zip` of its genuine builds. A table of its own, since a key may sign apps as well: Xiaomi's does. */
export const updateKeys: readonly Signer[] = [
  {
    sha256: 'd45f076fe23a1a5b7f486e3ff41547a2023dbfe1fe73353b1e48ebdfed72cc6f',
    sha1: 'b3d1ce9c2c6403e9685324bcd57f677b13a53174',
    owner: 'Xiaomi',
    role: 'ota',
    packages: [],
    sources: [SOURCES.rolex],
  },
];
