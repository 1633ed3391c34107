/** From answers as they were received to answers whose chains are verified. The one part of judging an attestation that waits: checks are synchronous. */
import { equalBytes, FormatError, type HashPort, hashOf, type Instant, toHex, type VerifyPort } from '../../bytes/index.ts';
import { type AttestationAnswer, type AttestationCarrier, type Facts, factsOf } from '../../evidence/index.ts';
import { type Certificate, readAttestationObject, readCertificate } from '../../formats/x509/index.ts';
import { builtinAnchors } from './anchors.ts';
import { statementOf } from './statement.ts';
import { bundledStatusList, type StatusList } from './status-list.ts';
import type { Anchors, AttestationQuestion, VerifiedAnswer } from './types.ts';
import { verifyAttestation } from './verify.ts';
import { verifyWebauthn } from './webauthn.ts';

/** What answers are verified with. */
export interface AnswerTrust {
  /** Default: Google's and Samsung's published roots. */
  readonly roots?: Anchors;
  /** Default: the list that ships with assay, which is old and says so. */
  readonly status?: StatusList;
  /** Carriers to count as proven on real phones besides those that are: for tests and the positive control, never for a phone. */
  readonly provenCarriers?: readonly AttestationCarrier[];
}

export interface AnswerPorts {
  readonly hash: HashPort;
  readonly verify: VerifyPort;
}

/** More answers than any carrier gives; each costs signatures. */
const ANSWERS_MAX = 32;

/**
 * Verifies every chain among the facts. A chain that does not parse is no answer here: its reader, or the check of refusals, says so.
 * `asOf`: the moment of the capture, for chains that do not state theirs.
 */
export async function verifyAnswers(
  facts: Facts,
  trust: AnswerTrust,
  ports: AnswerPorts,
  asOf: Instant,
): Promise<readonly VerifiedAnswer[]> {
  const answers: VerifiedAnswer[] = [];
  for (const fact of factsOf(facts, 'attestation').slice(0, ANSWERS_MAX)) {
    const { value } = fact;
    const common = {
      roots: trust.roots ?? builtinAnchors(),
      status: trust.status ?? bundledStatusList(),
      at: value.answeredAt ?? asOf,
      ...ports,
    };
    try {
      const verified =
        value.webauthn === undefined ? await ofChain(value, common) : await ofCredential(value.webauthn, value.nonce, common);
      const [target] = verified?.chain ?? [];
      if (verified === undefined || target === undefined) continue;
      const { chain, result, challenge } = verified;
      const statement = statementOf(target);
      // The first key above the statement that carries none itself.
      const issuer = chain.find((certificate, index) => index > 0 && statementOf(certificate) === undefined);
      answers.push({
        fact,
        result,
        statement: statement instanceof FormatError ? undefined : statement?.value,
        challenge,
        issuerKey: issuer === undefined ? undefined : toHex(hashOf(ports.hash, 'sha256', issuer.spki.bytes)),
        proven: value.triedOn.length > 0 || trust.provenCarriers?.includes(value.carrier) === true,
      });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return answers;
}

type Common = Omit<AttestationQuestion, 'chain' | 'challenge' | 'cache'>;
type Verified = Pick<VerifiedAnswer, 'result' | 'challenge'> & { readonly chain: readonly Certificate[] };

/** The chain alone first: whether it answers us is another question than whether it is authentic. */
async function ofChain({ chain: ders, nonce }: AttestationAnswer, common: Common): Promise<Verified | undefined> {
  const chain = ders.map((der) => readCertificate(der).value);
  const [target] = chain;
  if (target === undefined) return undefined;
  const result = await verifyAttestation({ ...common, chain, challenge: undefined });
  const statement = statementOf(target);
  const held = statement instanceof FormatError ? undefined : statement?.value.attestationChallenge;
  return { chain, result, challenge: nonce === undefined ? 'none' : held !== undefined && equalBytes(held, nonce) ? 'ours' : 'other' };
}

/** A browser's credential: its own rules come first, the nonce stands in its client data. */
async function ofCredential(
  { attestationObject, clientData, origin, relyingParty }: NonNullable<AttestationAnswer['webauthn']>,
  nonce: Uint8Array | undefined,
  common: Common,
): Promise<Verified> {
  const object = readAttestationObject(attestationObject).value;
  const question = { ...common, object, clientData, origin, relyingParty };
  const result = await verifyWebauthn({ ...question, nonce: undefined });
  const asked = nonce === undefined ? undefined : await verifyWebauthn({ ...question, nonce });
  return {
    chain: object.x5c.map((der) => readCertificate(der).value),
    result,
    challenge: asked === undefined ? 'none' : asked.standing.fresh ? 'ours' : 'other',
  };
}
