/**
 * DSSE envelopes: a payload, its type, and signatures over both.
 * Spec: secure-systems-lab/dsse protocol.md and envelope.md, v1.0.2. A signature is over PAE(type, payload), never over the JSON around it.
 * Limits: 4 MiB of payload, 32 signatures. Not read: the URL-safe alphabet, which we would accept but never write.
 */
import { z } from 'zod/mini';
import {
  concatBytes,
  FormatError,
  type HashPort,
  hashOf,
  parseBase64,
  type SignatureScheme,
  toBase64,
  toHex,
  type VerifyPort,
} from '../../bytes/index.ts';
import type { SignPort } from '../sign.ts';

export const PAYLOAD_MAX = 4 << 20;
const SIGNATURES_MAX = 32;
const utf8 = new TextEncoder();

export const envelopeSchema = z.strictObject({
  payloadType: z.string(),
  payload: z.string(),
  signatures: z.array(z.strictObject({ keyid: z.string(), sig: z.string() })),
});

export type Envelope = z.infer<typeof envelopeSchema>;

/** A public key whose signatures somebody trusts, under a name for people. */
export interface TrustedSigner {
  readonly name: string;
  readonly scheme: SignatureScheme;
  readonly spki: Uint8Array;
}

/** Pre-authentication encoding: the bytes that are signed. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8.encode(payloadType);
  return concatBytes([utf8.encode(`DSSEv1 ${type.length} `), type, utf8.encode(` ${payload.length} `), payload]);
}

/** The name of a key in an envelope: SHA-256 of its SubjectPublicKeyInfo. A hint only; trust never follows from it. */
export const signerKeyId = (hash: HashPort, spki: Uint8Array): string => toHex(hashOf(hash, 'sha256', spki));

/** The payload's bytes. @throws FormatError */
export function envelopePayload(envelope: Envelope): Uint8Array {
  const place = { format: 'dsse envelope', field: 'payload', at: 0 };
  const payload = envelope.payload.length > 2 * PAYLOAD_MAX ? undefined : parseBase64(envelope.payload);
  if (payload === undefined) throw new FormatError(place, 'bad-value', 'no base64, or too long for it');
  if (payload.length > PAYLOAD_MAX) throw new FormatError(place, 'too-large', `${payload.length} bytes, and ${PAYLOAD_MAX} is the most`);
  return payload;
}

/** A new envelope with one signature for each signer. */
export async function signEnvelope(
  hash: HashPort,
  payloadType: string,
  payload: Uint8Array,
  signers: readonly [SignPort, ...SignPort[]],
): Promise<Envelope> {
  let envelope: Envelope = { payloadType, payload: toBase64(payload), signatures: [] };
  for (const signer of signers) envelope = await cosignEnvelope(hash, envelope, signer);
  return envelope;
}

/** The envelope with one more signature, as when a second lab agrees. What was signed stays as it was. */
export async function cosignEnvelope(hash: HashPort, envelope: Envelope, signer: SignPort): Promise<Envelope> {
  const sig = await signer.sign(preAuthEncoding(envelope.payloadType, envelopePayload(envelope)));
  return { ...envelope, signatures: [...envelope.signatures, { keyid: signerKeyId(hash, signer.spki), sig: toBase64(sig) }] };
}

/** What verifying an envelope found: which trusted keys signed, and which lines claim a trusted key and are not good. */
export interface EnvelopeSignatures {
  readonly signedBy: readonly TrustedSigner[];
  readonly invalid: readonly TrustedSigner[];
  readonly unsupported: readonly TrustedSigner[];
}

/** Verifies every signature that names a trusted key; signatures by other keys are ignored. @throws FormatError for an envelope that is none */
export async function verifyEnvelope(
  envelope: Envelope,
  signers: readonly TrustedSigner[],
  ports: { readonly hash: HashPort; readonly verify: VerifyPort },
): Promise<EnvelopeSignatures> {
  if (envelope.signatures.length > SIGNATURES_MAX) {
    throw new FormatError(
      { format: 'dsse envelope', field: 'signatures', at: 0 },
      'too-large',
      `${envelope.signatures.length} signatures, and ${SIGNATURES_MAX} is the most`,
    );
  }
  const data = preAuthEncoding(envelope.payloadType, envelopePayload(envelope));
  const found = { valid: new Set<TrustedSigner>(), invalid: new Set<TrustedSigner>(), unsupported: new Set<TrustedSigner>() };
  for (const { keyid, sig } of envelope.signatures) {
    const signer = signers.find(({ spki }) => signerKeyId(ports.hash, spki) === keyid);
    if (signer === undefined) continue;
    const signature = parseBase64(sig);
    const answer = signature === undefined ? 'invalid' : await ports.verify({ scheme: signer.scheme, spki: signer.spki, data, signature });
    found[answer].add(signer);
  }
  return { signedBy: [...found.valid], invalid: [...found.invalid], unsupported: [...found.unsupported] };
}
