/**
 * What locating starts from: custodians, phones with the paths they took, and what inspections of them said.
 * Format: `assay.flow/1`, docs/formats/flow.schema.json. Limits below; all are checked before anything is allocated for them.
 */
import { z } from 'zod/mini';
import { FormatError } from '../../bytes/index.ts';
import { issueWords } from '../issue.ts';

export const CUSTODIANS_MAX = 100_000;
export const PHONES_MAX = 1_000_000;
export const HANDLINGS_MAX = 64;
export const INSPECTIONS_MAX = 16;

/** RFC 3339 in UTC with seconds, so that two compare as text. */
const instant = z.string().check(z.regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?Z$/));
const id = z.string().check(z.minLength(1), z.maxLength(200));
const probability = z.number().check(z.gt(0), z.lt(1));

export const custodianSchema = z.strictObject({
  id,
  name: z.optional(z.string().check(z.maxLength(200))),
  role: z.optional(z.enum(['maker', 'distributor', 'retailer', 'carrier', 'repairer', 'other'])),
  /** Whether the brand authorised it; absent where nobody knows. */
  authorised: z.optional(z.boolean()),
  /** Cases that were resolved against it. */
  casesUpheld: z.optional(z.int().check(z.gte(0), z.lte(1000))),
  /** False: it cannot have done it (for instance because it never opens a box). */
  suspect: z.optional(z.boolean()),
});
export type Custodian = z.infer<typeof custodianSchema>;

/** One stay of a phone with a custodian, or `gap`: somebody held it and no event says who. */
export const handlingSchema = z.union([
  z.strictObject({ custodian: id, from: z.optional(instant), to: z.optional(instant) }),
  z.strictObject({ gap: z.literal(true) }),
]);
export type Handling = z.infer<typeof handlingSchema>;

export const inspectionSchema = z.strictObject({
  outcome: z.enum(['altered', 'clean', 'inconclusive']),
  at: z.optional(instant),
  /** How many handlings of the path had been made by then; absent: what `at` says, else all. */
  after: z.optional(z.int().check(z.gte(0), z.lte(HANDLINGS_MAX))),
  /** Family of checks, whose sensitivity `calibration` gives. */
  check: z.optional(id),
  /** Digest of what was found on it: the ROM, the malware. Two phones with one digest were altered by one hand, or by two that share a tool. */
  signature: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
  /** `complaint`: the phone came to us because somebody noticed; `chosen`: we asked for it without knowing. */
  because: z.enum(['complaint', 'chosen']),
  /** `phone`: read by us from the phone. A recording counts only where a known operator signed the capture, named in `operator`. */
  subject: z.enum(['phone', 'recording']),
  operator: z.optional(id),
  /** Path of the signed bundle that says so, for `assay custody locate --key`. */
  bundle: z.optional(z.string()),
});
export type Inspection = z.infer<typeof inspectionSchema>;

export const phoneSchema = z.strictObject({
  id,
  path: z.array(handlingSchema).check(z.maxLength(HANDLINGS_MAX)),
  inspections: z.optional(z.array(inspectionSchema).check(z.maxLength(INSPECTIONS_MAX))),
  /** False: it can no longer be inspected. */
  available: z.optional(z.boolean()),
});
export type Phone = z.infer<typeof phoneSchema>;

export const calibrationSchema = z.strictObject({ sensitivity: probability, falsePositive: probability });
export type Calibration = z.infer<typeof calibrationSchema>;

export const flowSchema = z.strictObject({
  format: z.literal('assay.flow/1'),
  custodians: z.array(custodianSchema).check(z.maxLength(CUSTODIANS_MAX)),
  phones: z.array(phoneSchema).check(z.maxLength(PHONES_MAX)),
  /** Sensitivity and false-positive rate by family of checks. Families that are not listed count as `default`. */
  calibration: z.optional(z.record(z.string(), calibrationSchema)),
  /** What a custodian answers. Printed as it is, beside what would be said of it. */
  replies: z.optional(
    z.array(z.strictObject({ custodian: id, at: instant, text: z.string().check(z.maxLength(4000)) })).check(z.maxLength(1000)),
  ),
  /** Operators whose signed captures count. */
  operators: z.optional(z.array(id)),
});
export type Flow = z.infer<typeof flowSchema>;

const refuse = (field: string, detail: string) => new FormatError({ format: 'flow', field, at: 0 }, 'bad-value', detail);

/** Checks a flow's document: its schema, and that what it names is there. @throws FormatError that names the first field that is wrong */
export function parseFlow(document: unknown): Flow {
  const parsed = z.safeParse(flowSchema, document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refuse(issue?.path.map(String).join('.') || 'document', issueWords(issue));
  }
  checkFlow(parsed.data);
  return parsed.data;
}

/** What a schema cannot say: ids occur once, paths name custodians that are listed, and time goes forward along a path. @throws FormatError */
export function checkFlow({ custodians, phones }: Flow): void {
  const known = new Set<string>();
  for (const [at, custodian] of custodians.entries()) {
    if (known.has(custodian.id)) throw refuse(`custodians[${at}].id`, `"${custodian.id}" occurs twice`);
    known.add(custodian.id);
  }
  const seen = new Set<string>();
  for (const [at, { id: phone, path }] of phones.entries()) {
    if (seen.has(phone)) throw refuse(`phones[${at}].id`, `"${phone}" occurs twice`);
    seen.add(phone);
    let last: string | undefined;
    for (const [step, handling] of path.entries()) {
      if ('gap' in handling) continue;
      if (!known.has(handling.custodian))
        throw refuse(`phones[${at}].path[${step}].custodian`, `"${handling.custodian}" is no custodian of this flow`);
      for (const time of [handling.from, handling.to]) {
        if (time === undefined) continue;
        if (last !== undefined && time < last)
          throw refuse(`phones[${at}].path[${step}]`, `${time} is before ${last}: a path goes forward in time`);
        last = time;
      }
    }
  }
}
