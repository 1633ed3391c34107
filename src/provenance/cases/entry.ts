/**
 * One entry of a case: who says what, when, about which earlier entries, on which sources. Entries are signed and chained and never rewritten; a correction is an
 * entry. Format: `assay.case-entry/1` as DSSE payload, docs/formats/case.md. Limits: 64 KiB an entry, 10,000 entries a case.
 */
import { z } from 'zod/mini';
import { type HashPort, hashOf, type Instant, instantMs, isInstant, toHex } from '../../bytes/index.ts';
import { hmacSha256, parseDocument, SALT_SIZE } from '../statement/index.ts';

export const ENTRY_MAX = 64 << 10;
export const ENTRIES_MAX = 10_000;
export const CASE_PAYLOAD = 'application/vnd.assay.case-entry+json';

const instant = z.custom<Instant>((value) => typeof value === 'string' && isInstant(value), 'no instant as 2026-01-31T12:00:00Z');
/** When something happened: an instant, or a day where the hour is not known. */
const moment = z.string().check(z.regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?Z)?$/));
const words = z.string().check(z.minLength(1), z.maxLength(8000));
const short = z.string().check(z.minLength(1), z.maxLength(300));
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

const sourceSchema = z.strictObject({
  title: short,
  /** Where it was published, in words or as an address; nothing is fetched. */
  where: z.optional(short),
  /** Of a file that the source is: a report, a bundle, a photo. */
  sha256: z.optional(sha256),
});

const common = {
  format: z.literal('assay.case-entry/1'),
  index: z.int().check(z.gte(0)),
  /** SHA-256 of what was signed before this one (its PAE); null for the first. */
  previous: z.nullable(sha256),
  /** When it was entered. Never before the entry before it. */
  at: instant,
  /** When it happened, where that is another time. */
  happened: z.optional(moment),
  /** Who says it, and in what role. */
  by: z.strictObject({ name: short, role: z.enum(['claimant', 'maker', 'seller', 'lab', 'registry', 'observer']) }),
  text: words,
  sources: z.array(sourceSchema).check(z.maxLength(64)),
  /** What the entry withholds: a label that the text shows as {label}, and a commitment to the value, so that it can be disclosed later and to some. */
  withheld: z
    .array(z.strictObject({ label: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,39}$/)), commitment: sha256 }))
    .check(z.maxLength(32)),
};
const about = z.int().check(z.gte(0));

export const entrySchema = z.discriminatedUnion('kind', [
  /** The first entry: what the case is about. */
  z.strictObject({ ...common, kind: z.literal('opening'), title: short }),
  /** Somebody claims something. */
  z.strictObject({ ...common, kind: z.literal('claim') }),
  /** Somebody contradicts a claim. */
  z.strictObject({ ...common, kind: z.literal('rebuttal'), about }),
  /** Evidence for or against a claim. */
  z.strictObject({ ...common, kind: z.literal('evidence'), about, speaks: z.enum(['for', 'against']) }),
  /** Somebody promises an answer by a time. */
  z.strictObject({ ...common, kind: z.literal('promise'), about: z.optional(about), due: instant }),
  /** The answer to a promise. */
  z.strictObject({ ...common, kind: z.literal('answer'), about }),
  /** How a claim ended, and who agreed. */
  z.strictObject({
    ...common,
    kind: z.literal('resolution'),
    about,
    outcome: z.enum(['upheld', 'refuted', 'withdrawn', 'undecided']),
    agreed: z.array(short).check(z.maxLength(32)),
  }),
  /** An earlier entry was wrong. It stays, and this stands beside it. */
  z.strictObject({ ...common, kind: z.literal('correction'), about }),
]);
export type CaseEntry = z.infer<typeof entrySchema>;
export type EntryKind = CaseEntry['kind'];

/** What somebody adds: the chain gives index, previous and format. */
export type NewEntry = CaseEntry extends infer Each
  ? Each extends CaseEntry
    ? Omit<Each, 'format' | 'index' | 'previous'>
    : never
  : never;

/** @throws FormatError */
export const parseEntry = (bytes: Uint8Array): CaseEntry => parseDocument('case entry', entrySchema, bytes);

/** A withheld value with what proves it: kept by whoever wrote the entry. */
export interface Secret {
  readonly entry: number;
  readonly label: string;
  readonly salt: string;
  readonly value: string;
}

/** The commitment to a withheld value: HMAC-SHA256 under 32 random bytes, so that an IMEI cannot be found by trying all. */
export function commitValue(hash: HashPort, salt: Uint8Array, { label, value }: Pick<Secret, 'label' | 'value'>): string {
  if (salt.length !== SALT_SIZE) throw new RangeError(`a salt of ${salt.length} bytes; it has ${SALT_SIZE}`);
  return toHex(hmacSha256(hash, salt, new TextEncoder().encode(`assay.case-value/1\n${label}\n${value}`)));
}

/** Milliseconds of a moment: of a day, its end, so that an answer of the same day is not called late. */
export const momentMs = (text: string): number => (isInstant(text) ? instantMs(text) : instantMs(`${text}T23:59:59Z` as Instant));

/** When an entry counts as said. */
export const saidAt = ({ happened, at }: Pick<CaseEntry, 'happened' | 'at'>): string => happened ?? at;

export const digestOf = (hash: HashPort, bytes: Uint8Array): string => toHex(hashOf(hash, 'sha256', bytes));
