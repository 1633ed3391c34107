import { writeDerSequence, writeDerUnsigned } from '../formats/x509/index.ts';
import type { KeyMaker } from './cert.ts';

/** P-256 keys by WebCrypto, which Node and Chromium both have, whatever scheme is asked for. */
export const webKeys: KeyMaker = async (scheme) => {
  const { subtle } = globalThis.crypto;
  const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  return {
    scheme,
    spki: new Uint8Array(await subtle.exportKey('spki', pair.publicKey)),
    async sign(data) {
      const raw = new Uint8Array(await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, new Uint8Array(data)));
      return writeDerSequence([writeDerUnsigned(raw.subarray(0, 32)), writeDerUnsigned(raw.subarray(32))]);
    },
  };
};
