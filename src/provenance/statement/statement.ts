/**
 * What a signer says of a phone: an in-toto Statement v1 with our predicate, and the SVR v0.2 summary that follows from it.
 * Spec: in-toto attestation v1 (statement.md), predicate "Simple Verification Result" v0.2.
 * SVR lists only properties that passed, so a report against a phone has an empty list there; what speaks against is in our predicate.
 */
import { z } from 'zod/mini';
import { FormatError, type HashPort, hashOf, type Instant, isInstant, toHex } from '../../bytes/index.ts';
import { issueWords } from '../issue.ts';
import { commitTo, type Identity } from './commitment.ts';
import { type EvidenceRoot, evidenceRootSchema } from './evidence-index.ts';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
/** Names in our own documents: a random UUID, since we own no host that a name could stand on (docs/decisions/0006). */
const OURS = 'urn:uuid:f0bc6990-9adb-4e81-9e86-40a8312bd2c3';
export const REPORT_TYPE = `${OURS}#report/v1` as const;
export const SUMMARY_TYPE = 'https://in-toto.io/attestation/svr/v0.2';
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
/** The digest's name for a salted commitment in a subject. */
const COMMITMENT = 'hmac-sha256';

const instant = z.custom<Instant>((value) => typeof value === 'string' && isInstant(value));
const verdictSchema = z.strictObject({
  hardware: z.enum(['genuine', 'counterfeit', 'unproven']),
  software: z.enum(['genuine', 'altered', 'unproven']),
  custody: z.enum(['authorised', 'broken', 'unproven']),
  decision: z.enum(['accept', 'hold', 'reject']),
  policy: z.string(),
  reason: z.string(),
});
/** `assay.report/1`, `toolmarks` of a finding. */
const toolmarkSchema = z.strictObject({ kind: z.enum(['build', 'signer', 'file']), sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)) });
const findingSchema = z.strictObject({
  check: z.string(),
  axis: z.string(),
  strength: z.string(),
  standing: z.string(),
  claimed: z.string(),
  observed: z.string(),
  because: z.string(),
  toolmarks: z.optional(z.array(toolmarkSchema)),
});
const notExaminedSchema = z.strictObject({ what: z.string(), because: z.string(), settledBy: z.string() });
const loose = <Shape extends z.core.$ZodShape>({ shape }: { readonly shape: Shape }) => z.object(shape);

/** Of a report (`assay.report/1`), what a statement repeats. The rest of a report is read past, and bound by its digest. */
export const reportPartSchema = z.object({
  format: z.literal('assay.report/1'),
  subject: z.object({ kind: z.enum(['phone', 'recording']), judgedAsOf: instant }),
  verdict: loose(verdictSchema),
  findings: z.array(loose(findingSchema)),
  notExamined: z.array(loose(notExaminedSchema)),
  evidence: z.array(z.object({ artefact: z.string(), sha256: z.string(), bytes: z.int() })),
  expires: instant,
  versions: z.object({ assay: z.string(), knowledge: z.string(), references: z.array(z.string()) }),
});
export type ReportPart = z.infer<typeof reportPartSchema>;

const subjectSchema = z.strictObject({ name: z.string(), digest: z.record(z.string(), z.string()) });

export const predicateSchema = z.strictObject({
  kind: z.enum(['phone', 'recording']),
  judgedAsOf: instant,
  issued: instant,
  expires: instant,
  verdict: verdictSchema,
  findings: z.array(findingSchema),
  notExamined: z.array(notExaminedSchema),
  evidence: evidenceRootSchema,
  tool: z.strictObject({ name: z.literal('assay'), version: z.string() }),
  knowledge: z.string(),
  references: z.array(z.string()),
});

export const statementSchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(subjectSchema),
  predicateType: z.literal(REPORT_TYPE),
  predicate: predicateSchema,
});
export type Statement = z.infer<typeof statementSchema>;

export const summarySchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(subjectSchema),
  predicateType: z.literal(SUMMARY_TYPE),
  predicate: z.strictObject({
    verifier: z.strictObject({ id: z.string() }),
    timeCreated: instant,
    policies: z.array(z.strictObject({ uri: z.string() })),
    properties: z.array(z.string()),
  }),
});
export type Summary = z.infer<typeof summarySchema>;

/** What a statement is made of besides the report. */
export interface StatementOptions {
  readonly hash: HashPort;
  readonly issued: Instant;
  /** 32 random bytes. */
  readonly salt: Uint8Array;
  readonly identities: readonly Identity[];
  readonly evidence: EvidenceRoot;
}

/** The statement of a report's bytes. @throws FormatError where the bytes are no report */
export function statementOf(reportBytes: Uint8Array, options: StatementOptions): Statement {
  const report = parseReportPart(reportBytes);
  return {
    _type: STATEMENT_TYPE,
    subject: [
      { name: report.subject.kind, digest: { [COMMITMENT]: toHex(commitTo(options.hash, options.salt, options.identities)) } },
      { name: 'report', digest: { sha256: toHex(hashOf(options.hash, 'sha256', reportBytes)) } },
    ],
    predicateType: REPORT_TYPE,
    predicate: {
      kind: report.subject.kind,
      judgedAsOf: report.subject.judgedAsOf,
      issued: options.issued,
      expires: report.expires,
      verdict: report.verdict,
      findings: report.findings,
      notExamined: report.notExamined,
      evidence: options.evidence,
      tool: { name: 'assay', version: report.versions.assay },
      knowledge: report.versions.knowledge,
      references: report.versions.references,
    },
  };
}

/** The summary that follows from a statement: the same subjects, and the axes that are clear. A recording clears nothing. */
export function summaryOf({ subject, predicate }: Statement): Summary {
  const { verdict, kind } = predicate;
  const clear = [
    ...(verdict.hardware === 'genuine' ? ['ASSAY_HARDWARE_GENUINE'] : []),
    ...(verdict.software === 'genuine' ? ['ASSAY_SOFTWARE_GENUINE'] : []),
    ...(verdict.custody === 'authorised' ? ['ASSAY_CUSTODY_AUTHORISED'] : []),
    ...(verdict.decision === 'accept' ? ['ASSAY_ACCEPTED'] : []),
  ];
  return {
    _type: STATEMENT_TYPE,
    subject,
    predicateType: SUMMARY_TYPE,
    predicate: {
      verifier: { id: `${OURS}#assay/${predicate.tool.version}` },
      timeCreated: predicate.issued,
      policies: [{ uri: `${OURS}#policy/${encodeURIComponent(verdict.policy)}` }],
      properties: kind === 'phone' ? clear : [],
    },
  };
}

/** The commitment that a statement names as its subject, in hex; undefined where it names none. */
export const commitmentOf = ({ subject, predicate }: Statement): string | undefined =>
  subject.find(({ name }) => name === predicate.kind)?.digest[COMMITMENT];

/** A statement's bytes, as they are signed. */
export const statementBytes = (statement: Statement | Summary): Uint8Array => new TextEncoder().encode(JSON.stringify(statement));

/** @throws FormatError */
export const parseStatement = (bytes: Uint8Array): Statement => parseDocument('statement', statementSchema, bytes);
/** @throws FormatError */
export const parseSummary = (bytes: Uint8Array): Summary => parseDocument('summary', summarySchema, bytes);
/** @throws FormatError */
export const parseReportPart = (bytes: Uint8Array): ReportPart => parseDocument('report', reportPartSchema, bytes);

/** Bytes as JSON that meets a schema. @throws FormatError that names the first field that does not */
export function parseDocument<T>(format: string, schema: z.ZodMiniType<T>, bytes: Uint8Array): T {
  const refuse = (field: string, detail: string) => new FormatError({ format, field, at: 0 }, 'bad-value', detail);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw refuse('json', 'no JSON in UTF-8');
  }
  const parsed = z.safeParse(schema, json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refuse(issue?.path.map(String).join('.') || 'document', issueWords(issue));
}
