/** Entries: where a build came from and who wrote that down, one document for each time it was added from somewhere else. */
import { createHash } from 'node:crypto';
import { z } from 'zod/mini';
import { FormatError } from '../../bytes/index.ts';
import { isBoundWhole, type Manifest, type Provenance, provenanceSchema, type Writer } from '../../references/index.ts';
import { isSealed, sealOf } from './seal.ts';

const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/** Who wrote it: this assay, which read the files itself, or the maker of a pack, by the digest of his public key where the operator trusted it when he imported. */
const writerSchema = z.union([
  z.strictObject({ by: z.literal('here') }),
  z.strictObject({ by: z.literal('pack'), signer: z.nullable(sha256), name: z.string().check(z.maxLength(1024)) }),
]);
export type EntryWriter = z.infer<typeof writerSchema>;

const statedSchema = z.strictObject({
  format: z.literal('assay.shelf-entry/1'),
  manifest: sha256,
  provenance: provenanceSchema,
  /** Whether a vbmeta binds every partition that has files. */
  isBound: z.boolean(),
  writer: writerSchema,
});
const entrySchema = z.strictObject({ stated: statedSchema, seal: z.string() });
export type Entry = z.infer<typeof entrySchema>;

/** A new entry under the operator's seal. Who vouches stands in none: it is decided when it is asked. */
export function writeEntry(
  key: Uint8Array,
  { manifest, digest }: EntrySubject,
  written: { readonly provenance: Provenance; readonly writer: EntryWriter },
): string {
  const provenance = { ...written.provenance, vouched: 'nobody' as const };
  const isBound = isBoundWhole(manifest);
  // Through the schema, so that its keys stand in the order in which reading will put them.
  const stated = statedSchema.parse({ format: 'assay.shelf-entry/1', manifest: digest, provenance, isBound, writer: written.writer });
  return JSON.stringify({ stated, seal: sealOf(key, JSON.stringify(stated)) });
}

export interface EntrySubject {
  readonly manifest: Manifest;
  readonly digest: string;
}

/** Its file's name: the build's digest and its own. */
export const entryName = (digest: string, document: string): string =>
  `${digest}.${createHash('sha256').update(document).digest('hex')}.json`;

/** @throws FormatError */
export function parseEntry(document: string): Entry {
  let value: unknown;
  try {
    value = JSON.parse(document);
  } catch {
    throw new FormatError({ format: 'shelf entry', field: 'json', at: 0 }, 'bad-value', 'no JSON');
  }
  const parsed = entrySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new FormatError(
    { format: 'shelf entry', field: issue?.path.map(String).join('.') || 'document', at: 0 },
    'bad-value',
    issue?.message ?? 'refused',
  );
}

/** Whether the one who wrote an entry is known. Starts unknown. */
export function writerOf({ stated, seal }: Entry, key: Uint8Array | undefined): Writer {
  if (!isSealed(key, JSON.stringify(stated), seal))
    return { known: false, because: 'it was not this operator who wrote down where it came from' };
  if (stated.writer.by === 'here') return { known: true, name: 'this operator' };
  if (stated.writer.signer !== null) return { known: true, name: stated.writer.name };
  return { known: false, because: 'it came in a pack that nobody signed whom the operator trusts' };
}
