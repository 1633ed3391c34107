/** The record of an inspection: the blob from which its rows in the index follow. Format: `assay.inspection/1`. */
import { z } from 'zod/mini';
import { type Instant, isInstant } from '../bytes/index.ts';
import type { AttestedSighting, Sighting } from '../evidence/index.ts';

const instant = z.custom<Instant>((value) => typeof value === 'string' && isInstant(value));

export const nonceSchema = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/** What an inspection leaves for the next of the same attested ID (`provenance/clones/tail.ts`). */
export const tailSchema = z.strictObject({
  identity: z.string(),
  nonce: nonceSchema,
  /** The nonce of the inspection before, for which the phone answered; null for the first. */
  answers: z.nullable(nonceSchema),
});
export type KeptTail = z.infer<typeof tailSchema>;

const recordSchema = z.strictObject({
  format: z.literal('assay.inspection/1'),
  /** SHA-256 of the report's bytes. */
  report: z.string(),
  /** SHA-256 of the capture's list, a blob; null where the capture is not kept. */
  capture: z.nullable(z.string()),
  verdict: z.strictObject({ hardware: z.string(), software: z.string(), custody: z.string(), decision: z.string() }),
  judgedAsOf: instant,
  tail: z.optional(tailSchema),
  /** What its findings leave to compare other phones with; absent where there is none. */
  toolmarks: z.optional(z.array(z.strictObject({ kind: z.enum(['build', 'signer', 'file']), sha256: nonceSchema }))),
  sighting: z.strictObject({
    at: instant,
    source: z.string(),
    trust: z.enum(['live', 'operator', 'bearer']),
    imeis: z.array(z.string()),
    serials: z.array(z.string()),
    brand: z.nullable(z.string()),
    model: z.nullable(z.string()),
    fingerprint: z.nullable(z.string()),
    /** Counters against older software that its bootloader stated; absent where it stated none. */
    rollback: z.optional(z.array(z.tuple([z.string(), z.string().check(z.regex(/^\d{1,20}$/))]))),
    /** Where it was inspected; absent where nobody said. */
    place: z.optional(z.string()),
    /** What its secure world swore to, of chains that verified; absent where none did. */
    attested: z.optional(
      z.array(
        z.strictObject({
          issuerKey: z.string(),
          brand: z.nullable(z.string()),
          ids: z.array(z.string()),
          securityLevel: z.enum(['SOFTWARE', 'TRUSTED_ENVIRONMENT', 'STRONG_BOX']),
          attestationVersion: z.number(),
          verifiedBootState: z.nullable(z.string()),
          verifiedBootKey: z.nullable(z.string()),
          osVersion: z.nullable(z.number()),
          osPatchLevel: z.nullable(z.number()),
          vendorPatchLevel: z.nullable(z.number()),
          bootPatchLevel: z.nullable(z.number()),
        }),
      ),
    ),
  }),
});
export type InspectionRecord = z.infer<typeof recordSchema>;

/** @throws Error where the bytes are no record */
export const parseRecord = (bytes: Uint8Array): InspectionRecord => z.parse(recordSchema, JSON.parse(new TextDecoder().decode(bytes)));
export const recordBytes = (record: InspectionRecord): Uint8Array => new TextEncoder().encode(JSON.stringify(record));

/** A sighting as a record holds it: JSON has no undefined. */
export function recordedSighting({ brand, model, fingerprint, rollback, attested, ...seen }: Sighting): InspectionRecord['sighting'] {
  return {
    ...seen,
    imeis: [...seen.imeis],
    serials: [...seen.serials],
    brand: brand ?? null,
    model: model ?? null,
    fingerprint: fingerprint ?? null,
    ...(rollback === undefined ? {} : { rollback: rollback.map(([name, value]) => [name, value]) }),
    ...(attested === undefined
      ? {}
      : {
          attested: attested.map((one) => ({
            ...one,
            ids: [...one.ids],
            brand: one.brand ?? null,
            verifiedBootState: one.verifiedBootState ?? null,
            verifiedBootKey: one.verifiedBootKey ?? null,
            osVersion: one.osVersion ?? null,
            osPatchLevel: one.osPatchLevel ?? null,
            vendorPatchLevel: one.vendorPatchLevel ?? null,
            bootPatchLevel: one.bootPatchLevel ?? null,
          })),
        }),
  };
}

/** The sighting that a record holds. */
export function sightingOfRecord({
  brand,
  model,
  fingerprint,
  rollback,
  place,
  attested,
  ...seen
}: InspectionRecord['sighting']): Sighting {
  return {
    ...seen,
    brand: brand ?? undefined,
    model: model ?? undefined,
    fingerprint: fingerprint ?? undefined,
    ...(rollback === undefined ? {} : { rollback }),
    ...(place === undefined ? {} : { place }),
    ...(attested === undefined
      ? {}
      : {
          attested: attested.map(
            (one): AttestedSighting => ({
              ...one,
              brand: one.brand ?? undefined,
              verifiedBootState: one.verifiedBootState ?? undefined,
              verifiedBootKey: one.verifiedBootKey ?? undefined,
              osVersion: one.osVersion ?? undefined,
              osPatchLevel: one.osPatchLevel ?? undefined,
              vendorPatchLevel: one.vendorPatchLevel ?? undefined,
              bootPatchLevel: one.bootPatchLevel ?? undefined,
            }),
          ),
        }),
  };
}
