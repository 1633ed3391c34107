/**
 * What genuine units of a model were measured to do: least, middle and most of each figure, and over how many units.
 * An envelope is a row of a pack: it is signed, versioned and imported as every other knowledge is. One owner's key is one unit, since nothing in a record tells whose phone it is.
 */
import { z } from 'zod/mini';

/** Units of different owners that an envelope wants before anything timed may refute. */
export const ENVELOPE_UNITS = 5;

const text = z.string().check(z.minLength(1), z.maxLength(300));
const amount = z.number().check(z.gte(0), z.lte(1e15));
const digest = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const distinct = <T>(all: readonly T[]) => new Set(all).size === all.length;

export const envelopeRowSchema = z
  .strictObject({
    /** As `ro.product.model` and `ro.product.brand` of the units say. */
    model: text,
    brand: text,
    /** The build's fingerprint; null: over all builds that units ran. */
    build: z.nullable(text),
    /** SHA-256 of the keys of the owners who signed, each one unit. */
    signers: z.array(digest).check(z.minLength(ENVELOPE_UNITS), z.maxLength(10_000)),
    /** SHA-256 of the records. */
    records: z.array(digest).check(z.minLength(ENVELOPE_UNITS), z.maxLength(10_000)),
    /** By the name that records give them, in the unit that it ends with. */
    figures: z.record(
      z.string().check(z.regex(/^[a-z][a-zA-Z0-9.]{0,60}$/)),
      z.strictObject({ n: z.int().check(z.gte(ENVELOPE_UNITS)), min: amount, median: amount, max: amount }),
    ),
  })
  .check(
    z.refine(({ signers, records }) => distinct(signers) && distinct(records), 'a signer or record is counted twice'),
    z.refine(
      ({ signers, figures }) =>
        Object.values(figures).every(({ n, min, median, max }) => n <= signers.length && min <= median && median <= max),
      'a figure of more units than there are, or out of order',
    ),
  );

export type Envelope = z.infer<typeof envelopeRowSchema>;
