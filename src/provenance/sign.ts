/** The port for signing: keys may be files, tokens or remote; this room never sees a private key. */
import type { SignatureScheme } from '../bytes/index.ts';

/** A key that can sign. */
export interface SignPort {
  readonly scheme: Extract<SignatureScheme, { readonly kind: 'ed25519' | 'ecdsa' }>;
  /** DER SubjectPublicKeyInfo of the public half. */
  readonly spki: Uint8Array;
  /** Signs the whole message; ECDSA answers DER. */
  readonly sign: (data: Uint8Array) => Promise<Uint8Array>;
}

/** A key that can cosign checkpoints (tlog-cosignature). */
export interface CosignPort {
  readonly scheme: Extract<SignatureScheme, { readonly kind: 'ed25519' | 'ml-dsa' }>;
  readonly spki: Uint8Array;
  readonly sign: (data: Uint8Array) => Promise<Uint8Array>;
}
