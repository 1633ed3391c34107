/** One file for `assay attest verify`: a chain in any form that tools write, a WebAuthn response, or a transcript of ours out of a capture. */
import { bytesSource, FormatError, type Instant } from '../bytes/index.ts';
import { type Anchors, type AttestationResult, type StatusList, verifyAttestation, verifyWebauthn } from '../checks/attestation/index.ts';
import { type AttestationAnswer, factsOf, readFacts } from '../evidence/index.ts';
import { AttestationSchema } from '../evidence/own/index.ts';
import { readAttestationObject, readCertificate, readChainFile } from '../formats/x509/index.ts';
import { nodeHash, nodeVerify } from '../platform/node/index.ts';
import { UsageError } from './exit.ts';

export interface VerifySettings {
  readonly roots: Anchors;
  readonly status: StatusList;
  /** When the chain was captured. */
  readonly at: Instant;
  readonly challenge: Uint8Array | undefined;
  readonly origin: string | undefined;
}

const ports = { verify: nodeVerify, hash: nodeHash };

/** @throws FormatError where the file holds nothing to verify, UsageError for an origin that is none */
export async function verifySource(bytes: Uint8Array, settings: VerifySettings): Promise<AttestationResult> {
  const answer = await transcriptAnswer(bytes);
  if (answer !== undefined) return verifyAnswer(answer, settings);
  const { challenge, origin, ...rest } = settings;
  const { certificates, webauthn: object, clientData } = readChainFile(bytes).value;
  if (object === undefined) return verifyAttestation({ chain: certificates, challenge, ...rest, ...ports });
  const relyingParty = origin === undefined ? undefined : hostOf(origin);
  return verifyWebauthn({ object, clientData, nonce: challenge, origin, relyingParty, ...rest, ...ports });
}

function hostOf(origin: string): string {
  if (!URL.canParse(origin)) throw new UsageError(`--origin wants an address as http://localhost:8000; this is "${origin}"`);
  return new URL(origin).hostname;
}

/** The answer in a transcript (`attestation-CARRIER.json`) that holds a chain; undefined where the file is none of ours. @throws FormatError where it holds no chain */
async function transcriptAnswer(bytes: Uint8Array): Promise<AttestationAnswer | undefined> {
  const start = new TextDecoder().decode(bytes.subarray(0, 64));
  if (!/^\s*\{\s*"format"\s*:\s*"assay\.attestation\//.test(start)) return undefined;
  const fail = (because: string) => new FormatError({ format: 'attestation transcript', field: 'answer', at: 0 }, 'bad-value', because);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw fail(error instanceof Error ? error.message : 'no JSON');
  }
  const document = AttestationSchema.safeParse(value);
  if (!document.success) throw fail(document.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  const facts = await readFacts({
    trust: 'bearer',
    origin: 'transcript',
    takenAt: undefined,
    artefacts: [{ name: 'transcript', kind: `attestation/${document.data.carrier}`, origin: undefined, source: bytesSource(bytes) }],
    items: [],
    changes: [],
    claims: {},
    unused: [],
  });
  const answers = factsOf(facts, 'attestation').map(({ value }) => value);
  const found = answers.find(({ chain, webauthn }) => chain.length > 0 || webauthn !== undefined);
  if (found !== undefined) return found;
  const reasons = [
    ...answers.map(({ label, refusal }) => `${label}: ${refusal ?? 'nothing'}`),
    ...facts.unread.map(({ because }) => because),
  ];
  throw fail(`it holds no chain: ${reasons.join('; ')}`);
}

/** A transcript says itself which nonce was asked: its chain is held against that, and is fresh only if the operator names the same. */
async function verifyAnswer({ nonce, chain, webauthn }: AttestationAnswer, settings: VerifySettings): Promise<AttestationResult> {
  const { challenge = nonce, origin: given, ...rest } = settings;
  const result =
    webauthn === undefined
      ? await verifyAttestation({ chain: chain.map((der) => readCertificate(der).value), challenge, ...rest, ...ports })
      : await verifyWebauthn({
          object: readAttestationObject(webauthn.attestationObject).value,
          clientData: webauthn.clientData,
          nonce: challenge,
          origin: given ?? webauthn.origin,
          relyingParty: given === undefined ? webauthn.relyingParty : hostOf(given),
          ...rest,
          ...ports,
        });
  return settings.challenge === undefined ? { ...result, standing: { ...result.standing, fresh: false } } : result;
}
