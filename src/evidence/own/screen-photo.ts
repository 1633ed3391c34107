/** What a photograph of a pattern shows, as measured where the picture was: the picture is not kept, since it may show more than a screen. */
import * as z from 'zod/mini';
import { type ArtefactReader, makeFact, wholeOf } from '../reader.ts';
import { parseDocument } from './json.ts';

/** More than the widest picture, and more than any ratio of ours comes to. */
const pixels = z.int().check(z.gte(1), z.lte(1_000_000));
const amount = z.number().check(z.gte(0), z.lte(1000));
const value = z.number().check(z.gte(0), z.lte(255));

export const ScreenPhotoSchema = z.strictObject({
  format: z.literal('assay.screen-photo/1'),
  picture: z.strictObject({ width: pixels, height: pixels, sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)) }),
  nonce: z.nullable(z.string().check(z.regex(/^[0-9a-f]{32}$/))),
  problem: z.nullable(z.string().check(z.maxLength(400))),
  patches: z
    .array(
      z.strictObject({
        axis: z.enum(['columns', 'rows']),
        stripe: z.int().check(z.gte(1), z.lte(64)),
        scale: amount,
        slant: z.number().check(z.gte(0), z.lte(45)),
        sharpness: amount,
        contrast: amount,
        elsewhere: z.strictObject({ period: z.nullable(amount), contrast: amount }),
        black: value,
        white: value,
        clipped: z.number().check(z.gte(0), z.lte(1)),
      }),
    )
    .check(z.maxLength(64)),
});
export type ScreenPhotoDocument = z.infer<typeof ScreenPhotoSchema>;

export const screenPhotoReader: ArtefactReader = {
  kinds: ['screen-photo'],
  read(artefact) {
    const { picture, nonce, problem, patches } = parseDocument(artefact, ScreenPhotoSchema);
    const photo = {
      ...picture,
      nonce: nonce ?? undefined,
      problem: problem ?? undefined,
      patches: patches.map((patch) => ({ ...patch, elsewhere: { ...patch.elsewhere, period: patch.elsewhere.period ?? undefined } })),
    };
    // Somebody took the picture and brought it: a claim, whatever it shows.
    return { facts: [makeFact('screen-photo', photo, { standing: 'told', place: wholeOf(artefact) })], unread: [] };
  },
};
