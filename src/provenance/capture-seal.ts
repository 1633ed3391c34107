/**
 * An operator's signature over a capture: a DSSE envelope in `operator.json` whose payload is `hashes.json`, byte for byte.
 * It says that these artefacts are what that operator's computer read; whether the phone told the truth is the checks' business.
 */
import { FormatError, type HashPort, type VerifyPort } from '../bytes/index.ts';
import type { CaptureSeal } from '../evidence/index.ts';
import type { SignPort } from './sign.ts';
import { envelopePayload, envelopeSchema, signEnvelope, type TrustedSigner, verifyEnvelope } from './statement/index.ts';

const SEAL_TYPE = 'application/vnd.assay.capture-hashes+json';
/** Bytes of an envelope around a list of hashes. */
const SEAL_MAX = 16 << 20;

/** Signs a capture by its `hashes.json`; answers the bytes of `operator.json`. */
export async function sealCapture(hash: HashPort, hashes: Uint8Array, signer: SignPort): Promise<Uint8Array> {
  const envelope = await signEnvelope(hash, SEAL_TYPE, hashes, [signer]);
  return new TextEncoder().encode(`${JSON.stringify(envelope, null, 2)}\n`);
}

/** Whether a known operator vouches for a capture, or why not. Starts refused. */
export type SealAnswer = { readonly signedBy: string } | { readonly refused: string };

/** Checks a seal under the keys of known operators. Never throws: what is malformed is refused with its reason. */
export async function checkSeal(
  seal: CaptureSeal,
  operators: readonly [TrustedSigner, ...TrustedSigner[]],
  ports: { readonly hash: HashPort; readonly verify: VerifyPort },
): Promise<SealAnswer> {
  try {
    if (seal.envelope.length > SEAL_MAX) return { refused: `more than ${SEAL_MAX} bytes` };
    const parsed = envelopeSchema.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(seal.envelope)));
    if (!parsed.success) return { refused: 'no DSSE envelope' };
    const envelope = parsed.data;
    if (envelope.payloadType !== SEAL_TYPE) return { refused: 'it signs something else than a capture' };
    const payload = envelopePayload(envelope);
    if (payload.length !== seal.hashes.length || !payload.every((byte, at) => byte === seal.hashes[at]))
      return { refused: 'it signs another hashes.json than this one' };
    const { signedBy, invalid } = await verifyEnvelope(envelope, operators, ports);
    const [signer] = signedBy;
    if (signer !== undefined) return { signedBy: signer.name };
    return { refused: invalid.length > 0 ? 'the signature under a known operator’s key is not good' : 'no known operator signed it' };
  } catch (error) {
    if (error instanceof FormatError || error instanceof SyntaxError || error instanceof TypeError) return { refused: error.message };
    throw error;
  }
}
