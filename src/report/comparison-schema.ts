/** Comparisons as documents: within a report (`comparisons`), and of two builds (`assay.comparison/1`). `docs/formats/comparison.schema.json` is generated from it. */
import { z } from 'zod/mini';

const change = z.enum(['added', 'removed', 'changed', 'moved', 'mixed']);
const counts = z.strictObject({ added: z.int(), removed: z.int(), changed: z.int(), moved: z.int() });

const groupSchema = z.strictObject({
  kind: z.enum(['file', 'folder', 'app', 'apex', 'partition']),
  change,
  /** A path, a folder with `/` at its end, a package, a module or a partition. */
  name: z.string(),
  /** What kind of file it is, and what somebody gains by changing it. */
  weight: z.string(),
  title: z.string(),
  means: z.string(),
  aspects: z.array(z.enum(['type', 'content', 'target', 'mode', 'owner', 'context', 'capabilities'])),
  details: z.array(z.string()),
  /** Paths in it, and the first of them. */
  files: z.int(),
  paths: z.array(z.string()),
  /** An app or image whose signer is another than before. */
  otherSigner: z.boolean(),
  /** Why phones and packages that nobody altered show it; null where nothing expects it. */
  expected: z.nullable(z.string()),
  /** In which other build the same content occurs; null: in none that is known, or none was asked for. */
  elsewhere: z.nullable(z.string()),
});

const propertySchema = z.strictObject({
  path: z.string(),
  key: z.string(),
  before: z.nullable(z.string()),
  after: z.nullable(z.string()),
  /** Whether it opens or closes a door, or says what the build is. */
  matters: z.boolean(),
});

const textSchema = z.strictObject({
  path: z.string(),
  changes: z.array(z.strictObject({ sign: z.enum(['-', '+']), line: z.int(), text: z.string() })),
  /** Lines that are not shown, or why none is. */
  left: z.nullable(z.string()),
});

/** What both kinds of comparison have in common. */
const common = {
  compared: z.int(),
  counts,
  groups: z.array(groupSchema),
  /** Groups beyond the ceiling. */
  groupsLeft: z.int(),
  properties: z.array(propertySchema),
  propertiesLeft: z.int(),
  texts: z.array(textSchema),
};

const buildSchema = z.strictObject({
  /** SHA-256 of its manifest. */
  digest: z.string(),
  /** What it calls itself: its fingerprint, where it has one. */
  name: z.string(),
  vouched: z.enum(['maker-signature', 'official-list', 'nobody']),
  label: z.enum(['release', 'engineering', 'superseded']),
});

export const yardstickSchema = z.strictObject({
  reference: buildSchema,
  /** Why it is held against this build: the phone names it (`said`; `spelling`: spelled otherwise), box or seller call for it, its files are the likest, or the operator gave it. */
  reasons: z.array(z.enum(['said', 'spelling', 'claimed', 'nearest', 'given'])),
  /** Files whose content is the build's. */
  same: z.int(),
  coverage: z.array(
    z.strictObject({
      partition: z.string(),
      files: z.int(),
      withDigest: z.int(),
      withoutDigest: z.int(),
      notSeen: z.int(),
      /** Why not all of it. */
      because: z.string(),
    }),
  ),
  ...common,
});

export const comparisonSchema = z.strictObject({
  format: z.literal('assay.comparison/1'),
  before: buildSchema,
  after: buildSchema,
  identity: z.array(z.strictObject({ key: z.string(), before: z.nullable(z.string()), after: z.nullable(z.string()) })),
  partitions: z.array(
    z.strictObject({
      name: z.string(),
      outcome: z.enum(['same', 'different', 'only-before', 'only-after', 'not-comparable']),
      because: z.string(),
    }),
  ),
  ...common,
});

export type YardstickReport = z.infer<typeof yardstickSchema>;
export type ComparisonReport = z.infer<typeof comparisonSchema>;
export type GroupReport = z.infer<typeof groupSchema>;
