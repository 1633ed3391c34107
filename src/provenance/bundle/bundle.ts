/**
 * One file that anybody can verify offline: statement, summary, subject's salt, log proof, the log policy its maker used, disclosed artefacts.
 * Format: `assay.bundle/1`, docs/formats/bundle.md. Limit: 16 MiB.
 */
import { z } from 'zod/mini';
import { FormatError, type HashPort, hashOf } from '../../bytes/index.ts';
import { logEntry } from '../log/index.ts';
import { disclosureSchema, type Envelope, envelopePayload, envelopeSchema, parseDocument, preAuthEncoding } from '../statement/index.ts';

export const BUNDLE_MAX = 16 << 20;

export const bundleSchema = z.strictObject({
  format: z.literal('assay.bundle/1'),
  statement: envelopeSchema,
  summary: envelopeSchema,
  subject: z.strictObject({
    salt: z.string(),
    /** Null where the bearer keeps them back: then nobody can tell which phone it is about. */
    identities: z.nullable(z.array(z.strictObject({ kind: z.string(), value: z.string() }))),
  }),
  /** A c2sp.org/tlog-proof@v1 file. */
  logProof: z.nullable(z.string()),
  /** The tlog-policy that the maker satisfied. A verifier brings its own; this one is a hint and trusted by nobody. */
  policy: z.nullable(z.string()),
  disclosed: z.array(disclosureSchema),
  /** A token of RFC 3161 over the digest that a log records too, in base64. */
  timestamp: z.optional(z.string()),
});
export type Bundle = z.infer<typeof bundleSchema>;

/** @throws FormatError */
export function parseBundle(bytes: Uint8Array): Bundle {
  if (bytes.length > BUNDLE_MAX) {
    throw new FormatError({ format: 'bundle', field: 'size', at: 0 }, 'too-large', `${bytes.length} bytes, and ${BUNDLE_MAX} is the most`);
  }
  return parseDocument('bundle', bundleSchema, bytes);
}

/** A bundle as the text of its file. */
export const formatBundle = (bundle: Bundle): string => `${JSON.stringify(bundle, null, 2)}\n`;

/**
 * What a log records of a statement: the digest of what was signed, and no more. It is over the PAE, not over the envelope, so that a second lab
 * can co-sign without a second entry.
 */
export const logEntryOf = (hash: HashPort, statement: Envelope): Uint8Array => logEntry('report', statementDigest(hash, statement));

/** The SHA-256 of what was signed: what logs record, and what time-stamping authorities stamp. */
export const statementDigest = (hash: HashPort, statement: Envelope): Uint8Array =>
  hashOf(hash, 'sha256', preAuthEncoding(statement.payloadType, envelopePayload(statement)));
