/** Public keys in PEM, as a person pastes them: what this page trusts. */
import { equalBytes, parseBase64, type SignatureScheme } from '../../bytes/index.ts';
import type { TrustedSigner } from '../../provenance/index.ts';

/** SubjectPublicKeyInfo of the keys that sign here, up to the key itself: Ed25519 (RFC 8410), P-256 (RFC 5480). */
const FORMS: readonly { readonly prefix: Uint8Array; readonly size: number; readonly scheme: SignatureScheme }[] = [
  { prefix: Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00), size: 44, scheme: { kind: 'ed25519' } },
  {
    prefix: Uint8Array.of(
      0x30,
      0x59,
      0x30,
      0x13,
      0x06,
      0x07,
      0x2a,
      0x86,
      0x48,
      0xce,
      0x3d,
      0x02,
      0x01,
      0x06,
      0x08,
      0x2a,
      0x86,
      0x48,
      0xce,
      0x3d,
      0x03,
      0x01,
      0x07,
      0x03,
      0x42,
      0x00,
    ),
    size: 91,
    scheme: { kind: 'ecdsa', hash: 'sha256' },
  },
];

/** The keys of a text, named by their order; undefined for a block that is no key that signs here. */
export function trustedKeys(text: string): readonly (TrustedSigner | undefined)[] {
  return [...text.matchAll(/-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]{40,4000})-----END PUBLIC KEY-----/g)].map(
    ([, body = ''], index) => {
      const spki = parseBase64(body.replaceAll(/\s/g, ''));
      const form = FORMS.find(({ prefix, size }) => spki?.length === size && equalBytes(spki.subarray(0, prefix.length), prefix));
      return spki === undefined || form === undefined ? undefined : { name: `key ${index + 1}`, scheme: form.scheme, spki };
    },
  );
}
