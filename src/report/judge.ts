/** The way through, from a capture to a report, in one page. */
import { type CodecPort, type HashPort, type Instant, type Source, toHex, type VerifyPort } from '../bytes/index.ts';
import type { AnswerTrust } from '../checks/attestation/index.ts';
import { accountOf, allChecks, type Check, type CheckContext, packageView, patchQueries, runChecks } from '../checks/index.ts';
import {
  type AskLogs,
  type Capture,
  type Facts,
  factsOf,
  type History,
  type OpenScanner,
  property,
  readFacts,
  withApkFacts,
  withLoggedFacts,
  withMarkerFacts,
  withScanFacts,
} from '../evidence/index.ts';
import { type Knowledge, knowledgeAt, resolveModel } from '../knowledge/index.ts';
import { askShelf, textsOf, type Yardstick } from '../references/compare/index.ts';
import type { Reference, ShelfReader } from '../references/index.ts';
import { decide, type Policy } from '../verdict/index.ts';
import { buildReport } from './build.ts';
import { identifiersOf, redactReport } from './redact.ts';
import type { Report } from './schema.ts';

/** What a judgement rests on besides the capture. All of it is said in the report. */
export interface Bench {
  readonly knowledge: Knowledge;
  readonly references: readonly Reference[];
  /** Where further builds stand; those that the phone names, that are claimed and that are likest are taken from it. */
  readonly shelf?: ShelfReader;
  readonly history: History;
  readonly policy: Policy;
  readonly hash: HashPort;
  readonly verify: VerifyPort;
  readonly codec: CodecPort;
  readonly version: string;
  /** The moment to judge at where the capture does not state one. */
  readonly asOf: Instant;
  readonly checks?: readonly Check[];
  /** Transparency logs of packages, where the operator has a copy or allows the network. */
  readonly askLogs?: AskLogs;
  /** YARA rules for pulled files; nothing is scanned where undefined, and the report says so. */
  readonly openScanner?: OpenScanner;
  /** What chains of the secure world are verified with; default: the published roots, and the revocation list that ships with assay. */
  readonly attestation?: AnswerTrust;
}

export interface JudgeOptions {
  /** What the operator called the source. */
  readonly source: string;
  readonly redact: boolean;
}

/** Reads facts, runs every check, weighs the findings and builds the report. */
export async function judge(capture: Capture, bench: Bench, options: JudgeOptions): Promise<Report> {
  const { hash, verify, codec } = bench;
  const apkFacts = await withApkFacts(await readFacts(capture), capture, { hash, verify, codec });
  const markedFacts = await withMarkerFacts(apkFacts, capture, patchQueries, codec);
  const loggedFacts = bench.askLogs === undefined ? markedFacts : await withLoggedFacts(markedFacts, bench.askLogs);
  const facts = bench.openScanner === undefined ? loggedFacts : await withScanFacts(loggedFacts, capture, bench.openScanner, codec);
  const asOf = capture.takenAt ?? bench.asOf;
  const { history } = bench;
  const knowledge = knowledgeAt(bench.knowledge, asOf);
  const { references, elsewhere, listed } = await askShelf(facts, capture.claims, bench.references, bench.shelf);
  const attestations = await answersOf(facts, bench, asOf);
  const context: CheckContext = {
    facts,
    claims: capture.claims,
    trust: capture.trust,
    knowledge,
    references,
    history,
    asOf,
    attestations,
    ...(elsewhere === undefined ? {} : { elsewhere }),
    ...(listed === undefined ? {} : { listed }),
  };
  const results = runChecks(bench.checks ?? allChecks, context);
  const claimedModel = capture.claims.model ?? saidModel(facts);
  const attests = claimedModel === undefined ? undefined : attestsOf(claimedModel, knowledge);
  const verdict = decide(results, bench.policy, {
    trust: capture.trust,
    asOf,
    attests,
    isAsked: factsOf(facts, 'attestation').length > 0,
    claimedModel,
  });
  const { yardsticks } = accountOf(context);
  const report = buildReport({
    source: options.source,
    capture,
    facts,
    results,
    verdict,
    asOf,
    yardsticks,
    texts: await textsAgainst(yardsticks[0], capture),
    elsewhere,
    packages: packageView(context),
    digests: await digestsOf(capture, bench.hash),
    versions: { assay: bench.version, knowledge: knowledge.version, references: references.map(({ digest }) => digest) },
  });
  return options.redact ? redactReport(report, identifiersOf(facts, capture.claims)) : report;
}

/** What differs in the phone's texts from the first of the builds, where bytes of both are at hand. */
async function textsAgainst(first: Yardstick | undefined, capture: Capture): Promise<Awaited<ReturnType<typeof textsOf>>> {
  if (first === undefined || first.comparison.differences.length === 0) return [];
  const { phoneFiles } = await import('../references/index.ts');
  return textsOf(first.comparison.differences, first.reference.readFiles, phoneFiles(capture));
}

/** Chains are verified before the checks run, which do not wait. The verifier is loaded only where there is one. */
export async function answersOf(
  facts: Facts,
  { attestation, hash, verify }: Pick<Bench, 'attestation' | 'hash' | 'verify'>,
  asOf: Instant,
): Promise<NonNullable<CheckContext['attestations']>> {
  if (factsOf(facts, 'attestation').length === 0) return [];
  const { verifyAnswers } = await import('../checks/attestation/index.ts');
  return verifyAnswers(facts, attestation ?? {}, { hash, verify }, asOf);
}

/** Whether a model was launched with key attestation; undefined where it is not known, or where the models of that name differ. */
function attestsOf(model: string, knowledge: Knowledge): boolean | undefined {
  const answers = new Set(resolveModel(model, knowledge)?.models.map(({ attests }) => attests));
  return answers.size === 1 ? [...answers][0] : undefined;
}

function saidModel(facts: Facts): string | undefined {
  for (const { value } of factsOf(facts, 'properties')) {
    const model = property(value, 'ro.product.model')?.value;
    if (model !== undefined && model !== '') return model;
  }
  return undefined;
}

/** Bytes hashed at once: memory stays small whatever an artefact's size. */
const HASH_STEP = 4 << 20;

async function digestsOf(capture: Capture, hash: HashPort): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const { name, source } of capture.artefacts) digests.set(name, await sha256Of(source, hash));
  return digests;
}

async function sha256Of(source: Source, hash: HashPort): Promise<string> {
  const hasher = hash('sha256');
  for (let at = 0; at < source.size; at += HASH_STEP) hasher.update(await source.read(at, Math.min(HASH_STEP, source.size - at)));
  return toHex(hasher.digest());
}
