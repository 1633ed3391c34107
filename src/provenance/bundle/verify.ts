/**
 * Verifies a bundle, in the order of docs/formats/bundle.md. It starts refused and is verified in one place; every step says what it found.
 * Trust, time and the phone in hand are arguments. Nothing in the bundle adds to what is trusted.
 */
import { equalBytes, FormatError, type HashPort, type Instant, instantMs, parseBase64, toHex, type VerifyPort } from '../../bytes/index.ts';
import type { Certificate } from '../../formats/x509/index.ts';
import { type LogPolicy, verifyLogProof } from '../log/index.ts';
import {
  commitmentOf,
  commitTo,
  type Envelope,
  envelopePayload,
  type Identity,
  PAYLOAD_TYPE,
  parseStatement,
  parseSummary,
  type Statement,
  statementBytes,
  summaryOf,
  type TrustedSigner,
  verifyDisclosure,
  verifyEnvelope,
} from '../statement/index.ts';
import { type Bundle, logEntryOf, statementDigest } from './bundle.ts';
import { type TimestampFailure, verifyTimestamp } from './timestamp.ts';

/** How far two good clocks may be apart. */
const CLOCKS_APART_MS = 5 * 60_000;

/** Why a bundle is refused: stable, for programs. */
export type BundleFailure =
  | 'signature-invalid'
  | 'signature-unsupported'
  | 'signers-too-few'
  | 'statement-malformed'
  | 'log-proof-missing'
  | 'log-proof-malformed'
  | 'checkpoint-signature-invalid'
  | 'log-untrusted'
  | 'quorum-not-met'
  | 'not-in-log'
  | 'not-yet-valid'
  | 'expired'
  | 'summary-mismatch'
  | 'subject-mismatch'
  | 'subject-withheld'
  | 'other-phone'
  | 'disclosure-mismatch'
  | TimestampFailure;

export type BundleStep = 'signatures' | 'statement' | 'log' | 'inclusion' | 'timestamp' | 'time' | 'summary' | 'subject' | 'evidence';

export interface BundleFinding {
  readonly step: BundleStep;
  readonly outcome: 'pass' | 'fail' | 'not-checked';
  readonly failure: BundleFailure | undefined;
  readonly because: string;
}

/** What a verifier trusts and knows. An empty list of signers is a type error. */
export interface BundleTrust {
  readonly signers: readonly [TrustedSigner, ...TrustedSigner[]];
  /** How many of them must have signed: at least 1. */
  readonly signersNeeded: number;
  /** The logs and witnesses trusted, or that this verifier does not ask for a log. */
  readonly log: LogPolicy | 'not-asked';
  /** Roots of time-stamping authorities that are trusted, or that this verifier does not ask for a time by others. */
  readonly timestamps: readonly [Certificate, ...Certificate[]] | 'not-asked';
  readonly at: Instant;
  /** Identities read off the phone in hand; undefined where there is none. */
  readonly phone: readonly Identity[] | undefined;
}

export interface BundleResult {
  readonly verified: boolean;
  readonly steps: readonly BundleFinding[];
  /** The statement, where trusted keys signed it; undefined otherwise, so that nobody shows what nobody vouches for. */
  readonly statement: Statement | undefined;
  readonly signedBy: readonly string[];
}

interface Ports {
  readonly hash: HashPort;
  readonly verify: VerifyPort;
}

type Answer = Pick<BundleFinding, 'outcome' | 'failure' | 'because'>;
const pass = (because: string): Answer => ({ outcome: 'pass', failure: undefined, because });
const fail = (failure: BundleFailure, because: string): Answer => ({ outcome: 'fail', failure, because });
const skip = (because: string): Answer => ({ outcome: 'not-checked', failure: undefined, because });
const reasonOf = (error: unknown): string => {
  if (error instanceof FormatError) return error.message;
  throw error;
};

/** Verifies a bundle that was parsed. @throws RangeError for a trust that asks for no signer */
export async function verifyBundle(bundle: Bundle, trust: BundleTrust, ports: Ports): Promise<BundleResult> {
  if (!Number.isInteger(trust.signersNeeded) || trust.signersNeeded < 1) throw new RangeError('at least one signer is needed');
  const steps: BundleFinding[] = [];
  const add = (step: BundleStep, answer: Answer) => {
    steps.push({ step, ...answer });
    return answer.outcome === 'pass';
  };
  const signed = await checkSignatures(bundle.statement, trust, ports);
  const signedBy = signed.by.map(({ name }) => name);
  if (!add('signatures', signed.answer)) return { verified: false, steps, statement: undefined, signedBy };
  const { answer, statement } = readStatement(bundle.statement);
  add('statement', answer);
  if (statement === undefined) return { verified: false, steps, statement, signedBy };
  const log = await checkLog(bundle, trust.log, ports);
  add('log', log.log);
  add('inclusion', log.inclusion);
  add('timestamp', await checkTimestamp(bundle, statement, trust.timestamps, ports));
  add('time', checkTime(statement, trust.at));
  add('summary', await checkSummary(bundle, statement, trust, ports));
  add('subject', checkSubject(bundle, statement, trust.phone, ports.hash));
  add('evidence', checkEvidence(bundle, statement, ports.hash));
  const isOptional = ({ step }: BundleFinding) =>
    (trust.log === 'not-asked' && (step === 'log' || step === 'inclusion')) ||
    (trust.timestamps === 'not-asked' && step === 'timestamp') ||
    (trust.phone === undefined && step === 'subject') ||
    step === 'evidence';
  // The one place that accepts: every step passed, or was not asked for.
  const verified = steps.every((found) => found.outcome === 'pass' || (found.outcome === 'not-checked' && isOptional(found)));
  return { verified, steps, statement, signedBy };
}

async function checkSignatures(
  envelope: Envelope,
  trust: BundleTrust,
  ports: Ports,
): Promise<{ readonly answer: Answer; readonly by: readonly TrustedSigner[] }> {
  try {
    const { signedBy, invalid, unsupported } = await verifyEnvelope(envelope, trust.signers, ports);
    const names = (signers: readonly TrustedSigner[]) => signers.map(({ name }) => name).join(', ');
    if (invalid.length > 0) return { answer: fail('signature-invalid', `not valid: ${names(invalid)}`), by: [] };
    // Two names for one key are one signer.
    const keys = new Set(signedBy.map(({ spki }) => toHex(spki)));
    if (keys.size >= trust.signersNeeded) return { answer: pass(`signed by ${names(signedBy)}`), by: signedBy };
    if (unsupported.length > 0) return { answer: fail('signature-unsupported', `cannot be checked here: ${names(unsupported)}`), by: [] };
    return { answer: fail('signers-too-few', `${keys.size} trusted signers, and ${trust.signersNeeded} are needed`), by: signedBy };
  } catch (error) {
    return { answer: fail('statement-malformed', reasonOf(error)), by: [] };
  }
}

function readStatement(envelope: Envelope): { readonly answer: Answer; readonly statement: Statement | undefined } {
  if (envelope.payloadType !== PAYLOAD_TYPE)
    return { answer: fail('statement-malformed', `payload type "${envelope.payloadType}"`), statement: undefined };
  try {
    return { answer: pass('in-toto Statement v1 with our predicate'), statement: parseStatement(envelopePayload(envelope)) };
  } catch (error) {
    return { answer: fail('statement-malformed', reasonOf(error)), statement: undefined };
  }
}

async function checkLog(
  bundle: Bundle,
  policy: LogPolicy | 'not-asked',
  ports: Ports,
): Promise<{ readonly log: Answer; readonly inclusion: Answer }> {
  const without = (log: Answer) => ({ log, inclusion: skip('no checkpoint to be included in') });
  if (policy === 'not-asked') return without(skip('this verifier does not ask for a log'));
  if (bundle.logProof === null) return without(fail('log-proof-missing', 'the bundle has no log proof'));
  const answer = await verifyLogProof(bundle.logProof, logEntryOf(ports.hash, bundle.statement), policy, ports);
  if (answer.failure === 'not-in-log') return { log: pass('a trusted checkpoint'), inclusion: fail(answer.failure, answer.because) };
  if (answer.failure !== undefined) return without(fail(answer.failure, answer.because));
  const { origin, size, index } = answer;
  return { log: pass(`checkpoint of ${origin} at ${size} entries`), inclusion: pass(`entry ${index}`) };
}

async function checkTimestamp(
  { timestamp, statement: envelope }: Bundle,
  { predicate }: Statement,
  roots: BundleTrust['timestamps'],
  ports: Ports,
): Promise<Answer> {
  if (roots === 'not-asked') return skip('this verifier does not ask an authority for the time');
  if (timestamp === undefined) return fail('timestamp-missing', 'the bundle has no token of an authority');
  const token = parseBase64(timestamp);
  if (token === undefined) return fail('timestamp-malformed', 'no base64');
  const answer = await verifyTimestamp(token, statementDigest(ports.hash, envelope), roots, ports);
  if ('failure' in answer) return fail(answer.failure, answer.because);
  // The signer's own clock and the authority's are held against each other; a few minutes are two clocks.
  if (instantMs(answer.at) < instantMs(predicate.issued) - CLOCKS_APART_MS)
    return fail('timestamp-contradicts', `stamped ${answer.at}, and issued ${predicate.issued} by its own word`);
  return pass(`there at ${answer.at} at the latest, by ${answer.by}`);
}

function checkTime({ predicate }: Statement, at: Instant): Answer {
  if (instantMs(at) < instantMs(predicate.issued)) return fail('not-yet-valid', `issued ${predicate.issued}, and it is ${at}`);
  if (instantMs(at) >= instantMs(predicate.expires)) return fail('expired', `expired ${predicate.expires}, and it is ${at}`);
  return pass(`valid until ${predicate.expires}`);
}

/** The summary is derived: it must be exactly what follows from the statement, signed by as many. */
async function checkSummary(bundle: Bundle, statement: Statement, trust: BundleTrust, ports: Ports): Promise<Answer> {
  const signed = await checkSignatures(bundle.summary, trust, ports);
  if (signed.answer.outcome !== 'pass') return fail('summary-mismatch', signed.answer.because);
  try {
    const summary = parseSummary(envelopePayload(bundle.summary));
    const isSame = equalBytes(statementBytes(summary), statementBytes(summaryOf(statement)));
    return isSame && bundle.summary.payloadType === PAYLOAD_TYPE
      ? pass('follows from the statement')
      : fail('summary-mismatch', 'does not follow from the statement');
  } catch (error) {
    return fail('summary-mismatch', reasonOf(error));
  }
}

function checkSubject({ subject }: Bundle, statement: Statement, phone: readonly Identity[] | undefined, hash: HashPort): Answer {
  const { identities } = subject;
  if (identities === null)
    return phone === undefined
      ? skip('the bearer keeps the identities back')
      : fail('subject-withheld', 'which phone it is about is kept back');
  const salt = parseBase64(subject.salt);
  if (salt?.length !== 32 || toHex(commitTo(hash, salt, identities)) !== commitmentOf(statement))
    return fail('subject-mismatch', 'the identities are not those that were signed');
  if (phone === undefined) return skip('the identities are those that were signed; no phone was compared');
  const has = (wanted: Identity) => identities.some(({ kind, value }) => kind === wanted.kind && value === wanted.value);
  if (phone.length === 0 || !phone.every(has)) return fail('other-phone', 'the phone in hand has an identity that was not signed');
  return pass('every identity of the phone in hand was signed');
}

function checkEvidence({ disclosed }: Bundle, { predicate }: Statement, hash: HashPort): Answer {
  if (disclosed.length === 0) return skip('no artefact is disclosed');
  const wrong = disclosed.find((disclosure) => !verifyDisclosure(hash, predicate.evidence, disclosure));
  return wrong === undefined
    ? pass(`${disclosed.length} artefacts are in the evidence index`)
    : fail('disclosure-mismatch', `${wrong.artefact} is not in the evidence index`);
}
