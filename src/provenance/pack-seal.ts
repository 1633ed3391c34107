/** A signature over a knowledge pack, beside it in a file of its own: a DSSE envelope whose payload names the pack by its digest, so that a pack of any size is signed. */
import { z } from 'zod/mini';
import { FormatError, type HashPort, hashOf, toHex, type VerifyPort } from '../bytes/index.ts';
import type { SignPort } from './sign.ts';
import { envelopePayload, envelopeSchema, signEnvelope, type TrustedSigner, verifyEnvelope } from './statement/index.ts';

const SEAL_TYPE = 'application/vnd.assay.knowledge-digest+json';
const SEAL_MAX = 64 << 10;

const digestSchema = z.strictObject({ format: z.literal('assay.knowledge-digest/1'), sha256: z.string() });

const sha256Of = (hash: HashPort, pack: Uint8Array) => toHex(hashOf(hash, 'sha256', pack));

/** Signs a pack; answers the bytes of the file beside it. */
export async function sealPack(hash: HashPort, pack: Uint8Array, signer: SignPort): Promise<Uint8Array> {
  const payload = new TextEncoder().encode(JSON.stringify({ format: 'assay.knowledge-digest/1', sha256: sha256Of(hash, pack) }));
  return new TextEncoder().encode(`${JSON.stringify(await signEnvelope(hash, SEAL_TYPE, payload, [signer]), null, 2)}\n`);
}

/** Who of the trusted signed this very pack. @throws FormatError where nobody did, with the reason */
export async function packSigner(
  sealed: { readonly pack: Uint8Array; readonly seal: Uint8Array },
  signers: readonly [TrustedSigner, ...TrustedSigner[]],
  ports: { readonly hash: HashPort; readonly verify: VerifyPort },
): Promise<string> {
  const refuse = (field: string, detail: string) => new FormatError({ format: 'knowledge seal', field, at: 0 }, 'bad-value', detail);
  if (sealed.seal.length > SEAL_MAX) throw refuse('size', `${sealed.seal.length} bytes, and ${SEAL_MAX} is the most`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(sealed.seal));
  } catch {
    throw refuse('json', 'no JSON');
  }
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success) throw refuse('envelope', 'no DSSE envelope');
  if (envelope.data.payloadType !== SEAL_TYPE) throw refuse('payloadType', 'it signs something else than a pack');
  const { signedBy, invalid } = await verifyEnvelope(envelope.data, signers, ports);
  const [signer] = signedBy;
  if (signer === undefined)
    throw refuse('signatures', invalid.length > 0 ? 'the signature under a trusted key is not good' : 'no trusted key signed it');
  // Only what was signed is read.
  const payload = digestSchema.safeParse(JSON.parse(new TextDecoder().decode(envelopePayload(envelope.data))));
  if (!payload.success || payload.data.sha256 !== sha256Of(ports.hash, sealed.pack))
    throw refuse('sha256', 'it signs another pack than this one');
  return signer.name;
}
