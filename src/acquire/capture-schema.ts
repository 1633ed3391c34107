/** The documents of a capture, as schemas: `capture.json` and `hashes.json` (design, Contracts: Capture). */
import * as z from 'zod/mini';
import { isInstant } from '../bytes/index.ts';

/** More artefacts than any plan has. */
const ARTEFACTS_MAX = 20_000;
const TEXT_MAX = 64 * 1024;

const text = z.string().check(z.maxLength(TEXT_MAX));
const count = z.number().check(z.gte(0), z.lte(Number.MAX_SAFE_INTEGER));
const instant = z.string().check(z.refine(isInstant, 'not an RFC 3339 time in UTC'));

/** Names that are safe as file names everywhere: made by us, never by the phone. */
export const ARTEFACT_NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,119}$/;
const artefactName = z.string().check(z.regex(ARTEFACT_NAME));

const claims = z.strictObject({
  model: z.optional(text),
  brand: z.optional(text),
  imei: z.optional(text),
  imei2: z.optional(text),
  serial: z.optional(text),
  storageBytes: z.optional(count),
  memoryBytes: z.optional(count),
  batteryMilliampHours: z.optional(count),
  screenInches: z.optional(z.number().check(z.gt(0), z.lt(100))),
  ruler: z.optional(z.string().check(z.regex(/^\d{2,3}(\.\d)?x\d{2,3}(\.\d)?$/))),
  region: z.optional(text),
  build: z.optional(text),
  radios: z.optional(z.literal('off')),
});

export const CaptureSchema = z.strictObject({
  format: z.literal('assay.capture/1'),
  /** Version of the program that wrote it. */
  tool: text,
  /** Who held the phone, where that was said. */
  operator: z.nullable(text),
  /** Host time at the start. */
  takenAt: instant,
  /** Whether the plan was gone through to its end; a capture that was stopped is valid too, and can be resumed. */
  complete: z.boolean(),
  /** The phone's clock minus ours, in milliseconds, to about a second. Null where it did not say. */
  clockOffsetMs: z.nullable(z.number()),
  transport: z.enum(['usb', 'tcp', 'server', 'fastboot', 'rom', 'browser']),
  plan: z.enum(['quick', 'full', 'trade-in', 'fastboot', 'rom', 'browser']),
  /** Digest over the phone's serial number and fingerprint: a capture is resumed on the same phone only. */
  subject: z.nullable(z.string().check(z.regex(/^[0-9a-f]{64}$/))),
  claims,
  items: z
    .array(
      z.strictObject({
        id: text,
        artefact: z.nullable(artefactName),
        command: text,
        outcome: z.enum(['done', 'failed', 'timed out', 'flooded', 'disconnected', 'refused', 'skipped']),
        exitStatus: z.nullable(z.int()),
        startMs: count,
        durationMs: count,
        bytes: count,
        note: z.nullable(text),
      }),
    )
    .check(z.maxLength(ARTEFACTS_MAX)),
  artefacts: z.array(z.strictObject({ name: artefactName, kind: text, origin: z.nullable(text) })).check(z.maxLength(ARTEFACTS_MAX)),
  changes: z.array(z.strictObject({ what: text, undone: z.boolean(), undo: z.nullable(text) })).check(z.maxLength(1000)),
  notRead: z.array(z.strictObject({ what: text, because: text })).check(z.maxLength(1000)),
});
export type CaptureDocument = z.infer<typeof CaptureSchema>;

export const HashesSchema = z.strictObject({
  format: z.literal('assay.hashes/1'),
  /** SHA-256 in hex of each file of the capture but this one. */
  sha256: z.record(artefactName, z.string().check(z.regex(/^[0-9a-f]{64}$/))),
});
export type HashesDocument = z.infer<typeof HashesSchema>;
