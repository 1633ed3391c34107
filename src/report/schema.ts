/** The report (design, Contracts: `assay.report/1`), as a schema: the border of every program that reads one. `docs/formats/report.schema.json` is generated from it. */
import { z } from 'zod/mini';
import { yardstickSchema } from './comparison-schema.ts';
import { packagesSchema } from './packages-schema.ts';

const axis = z.enum(['hardware', 'software', 'custody', 'posture']);
const standing = z.enum(['told', 'shown', 'measured', 'signed']);
const strength = z.enum(['conclusive', 'strong', 'weak', 'note']);
const reach = z.nullable(z.enum(['app', 'framework', 'kernel', 'bootloader']));
const place = z.strictObject({ artefact: z.string(), at: z.int(), length: z.int() });

const rate = z.strictObject({
  /** Genuine phones on which the rule fired, of `n` on which it could run. */
  fails: z.int(),
  n: z.int(),
  /** Upper end of the 95 % interval, 0 to 1; 1 where nothing was measured. */
  upper: z.number(),
});

const finding = z.strictObject({
  check: z.string(),
  title: z.string(),
  axis,
  strength,
  standing,
  claimed: z.string(),
  observed: z.string(),
  because: z.string(),
  evidence: z.array(place),
  benign: z.array(z.string()),
  falsePositiveRate: rate,
  confirm: z.string(),
  /** Digests that the same hand would leave on other phones; missing where there is none. */
  toolmarks: z.optional(z.array(z.strictObject({ kind: z.enum(['build', 'signer', 'file']), sha256: z.string() }))),
});

export const reportSchema = z.strictObject({
  format: z.literal('assay.report/1'),
  subject: z.strictObject({
    kind: z.enum(['phone', 'recording', 'image']),
    /** Where it came from, as in `androidqf` or a phone's transport. */
    origin: z.string(),
    /** The file, folder or device that was named on the command line. */
    source: z.string(),
    takenAt: z.nullable(z.string()),
    judgedAsOf: z.string(),
    /** What box, seller and operator say. */
    claims: z.record(z.string(), z.union([z.string(), z.number()])),
    /** What the phone says of itself. */
    says: z.strictObject({
      model: z.nullable(z.string()),
      brand: z.nullable(z.string()),
      device: z.nullable(z.string()),
      android: z.nullable(z.string()),
      build: z.nullable(z.string()),
      fingerprint: z.nullable(z.string()),
      patchLevel: z.nullable(z.string()),
    }),
  }),
  verdict: z.strictObject({
    hardware: z.enum(['genuine', 'counterfeit', 'unproven']),
    software: z.enum(['genuine', 'altered', 'unproven']),
    custody: z.enum(['authorised', 'broken', 'unproven']),
    nature: z.nullable(z.enum(['modified', 'foreign', 'mixed', 'downgraded'])),
    /** For each axis that is unproven: the strongest adversary that the checks made would have caught; null where none would have caught anything. */
    reach: z.strictObject({ hardware: reach, software: reach, custody: reach }),
    decision: z.enum(['accept', 'hold', 'reject']),
    policy: z.string(),
    reason: z.string(),
    nextStep: z.string(),
    /** The checks whose findings decided an axis against the phone. */
    decidedBy: z.array(z.string()),
  }),
  posture: z.array(z.strictObject({ what: z.string(), observed: z.string(), strength, check: z.string() })),
  findings: z.array(finding),
  /** The phone against builds that are known, the build that counts most first. */
  comparisons: z.array(yardstickSchema),
  /** What is installed; missing where no package was read. */
  packages: z.optional(packagesSchema),
  passed: z.array(z.strictObject({ check: z.string(), standing })),
  notExamined: z.array(z.strictObject({ what: z.string(), because: z.string(), settledBy: z.string() })),
  evidence: z.array(
    z.strictObject({
      artefact: z.string(),
      sha256: z.string(),
      bytes: z.int(),
      command: z.nullable(z.string()),
      outcome: z.nullable(z.string()),
    }),
  ),
  /** What we changed, or may have changed, on the phone. */
  changes: z.array(z.strictObject({ what: z.string(), undone: z.boolean(), undo: z.nullable(z.string()) })),
  expires: z.string(),
  versions: z.strictObject({ assay: z.string(), knowledge: z.string(), references: z.array(z.string()) }),
});

export type Report = z.infer<typeof reportSchema>;
