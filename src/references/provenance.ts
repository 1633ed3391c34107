/** Where a manifest came from and who stands behind it: the other half of a reference. */
import { z } from 'zod/mini';
import { type Manifest, manifestSchema } from './manifest.ts';

const TEXT_MAX = 4096;
const text = z.string().check(z.maxLength(TEXT_MAX));
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

export const provenanceSchema = z.strictObject({
  /** How the manifest was made. Only `image` can clear: the others can find differences. */
  made: z.enum(['image', 'phone', 'tree', 'list']),
  /** The files it was made from; the name is what they were called, never a path. */
  sources: z
    .array(
      z.strictObject({
        name: text,
        size: z.number().check(z.gte(0), z.lte(Number.MAX_SAFE_INTEGER)),
        /** Null where it was read by ranges and never whole. */
        sha256: z.nullable(sha256),
        /** Of the same bytes, as lists of builds before 2020 state it. */
        md5: z.optional(z.nullable(z.string().check(z.regex(/^[0-9a-f]{32}$/)))),
        /** The container's kind, as in `zip` or `payload`. */
        kind: text,
      }),
    )
    .check(z.maxLength(64)),
  /** Signatures over the package that were verified or tried. */
  signatures: z
    .array(
      z.strictObject({
        over: z.enum(['ota zip', 'payload metadata', 'payload', 'vbmeta']),
        outcome: z.enum(['valid', 'invalid', 'unsigned', 'not-checked']),
        /** SHA-256 of the signer's certificate, or of its key where there is no certificate. */
        signer: z.nullable(sha256),
        because: text,
      }),
    )
    .check(z.maxLength(64)),
  /** Who vouches for it: the maker's signature by a key that is known as the maker's, an official list of builds, or nobody. */
  vouched: z.enum(['maker-signature', 'official-list', 'nobody']),
  label: z.enum(['release', 'engineering', 'superseded']),
});

export type Provenance = z.infer<typeof provenanceSchema>;

/** What a reference is as a document. */
export const referenceSchema = z.strictObject({
  format: z.literal('assay.reference/1'),
  manifest: manifestSchema,
  provenance: provenanceSchema,
});

/** A manifest and who vouches for it. Only `maker-signature` and `official-list` can clear; the others find differences. */
export interface Reference {
  readonly manifest: Manifest;
  /** SHA-256 of the manifest's canonical bytes. */
  readonly digest: string;
  readonly vouched: Provenance['vouched'];
  readonly label: Provenance['label'];
  /** Undefined only for references made up in tests. */
  readonly provenance?: Provenance;
  /** The SELinux policy that its init loads, where the firmware itself was at hand; a manifest holds only its digest. */
  readonly policy?: { readonly path: string; readonly rules: ReadonlySet<string> };
  /** Reads files of it, where the firmware itself can be opened again: by path, what is larger or not there left out. */
  readonly readFiles?: ReadFilesPort;
}

/** Reads files of a build by partition and path, up to `limit` bytes each. */
export type ReadFilesPort = (
  wanted: readonly { readonly partition: string; readonly path: string }[],
  limit: number,
) => Promise<ReadonlyMap<string, Uint8Array>>;
