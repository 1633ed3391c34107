/** The record of an inspection: the blob from which its rows in the index follow. Format: `assay.inspection/1`. */
import { z } from 'zod/mini';
import { type Instant, isInstant } from '../bytes/index.ts';

const instant = z.custom<Instant>((value) => typeof value === 'string' && isInstant(value));

const recordSchema = z.strictObject({
  format: z.literal('assay.inspection/1'),
  /** SHA-256 of the report's bytes. */
  report: z.string(),
  /** SHA-256 of the capture's list, a blob; null where the capture is not kept. */
  capture: z.nullable(z.string()),
  verdict: z.strictObject({ hardware: z.string(), software: z.string(), custody: z.string(), decision: z.string() }),
  judgedAsOf: instant,
  sighting: z.strictObject({
    at: instant,
    source: z.string(),
    trust: z.enum(['live', 'operator', 'bearer']),
    imeis: z.array(z.string()),
    serials: z.array(z.string()),
    brand: z.nullable(z.string()),
    model: z.nullable(z.string()),
    fingerprint: z.nullable(z.string()),
  }),
});
export type InspectionRecord = z.infer<typeof recordSchema>;

/** @throws Error where the bytes are no record */
export const parseRecord = (bytes: Uint8Array): InspectionRecord => z.parse(recordSchema, JSON.parse(new TextDecoder().decode(bytes)));
export const recordBytes = (record: InspectionRecord): Uint8Array => new TextEncoder().encode(JSON.stringify(record));
