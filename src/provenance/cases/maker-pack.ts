/**
 * The *ask the maker* pack: everything that a maker needs to answer, in one document, and the questions that only it can answer, each with why we cannot.
 * In 2015 this was e-mail and a dozen photos. Format: `assay.ask-maker/1`.
 */
import { z } from 'zod/mini';
import { parseDocument } from '../statement/index.ts';

/** What a photo is to show. The order is that in which a person takes them. */
export const PHOTOS = [
  'front',
  'back',
  'screen-imei',
  'box-label',
  'box-imei',
  'receipt',
  'board-front',
  'board-back',
  'battery',
  'chips',
] as const;
export type PhotoSlot = (typeof PHOTOS)[number];

export const PHOTO_WORDS: Readonly<Record<PhotoSlot, string>> = {
  front: 'the front, switched on',
  back: 'the back, with every print on it',
  'screen-imei': 'the screen after *#06#',
  'box-label': 'the whole label of the box',
  'box-imei': 'the IMEI on the box, readable',
  receipt: 'the receipt, with shop and date',
  'board-front': 'the main board, front, shields off where that breaks nothing',
  'board-back': 'the main board, back',
  battery: 'the battery with its print',
  chips: 'the marks on chips that can be read',
};

const answerable = z.object({
  subject: z.object({
    claims: z.record(z.string(), z.unknown()),
    says: z.object({ model: z.nullable(z.string()), build: z.nullable(z.string()), fingerprint: z.nullable(z.string()) }),
  }),
  findings: z.array(
    z.object({
      check: z.string(),
      title: z.string(),
      axis: z.string(),
      strength: z.string(),
      claimed: z.string(),
      observed: z.string(),
      because: z.string(),
    }),
  ),
});

const photoSchema = z.strictObject({
  slot: z.enum(PHOTOS),
  shows: z.string(),
  file: z.nullable(z.string()),
  sha256: z.nullable(z.string()),
});
export const makerPackSchema = z.strictObject({
  format: z.literal('assay.ask-maker/1'),
  made: z.string(),
  from: z.string(),
  identities: z.array(z.strictObject({ kind: z.string(), value: z.string(), saidBy: z.string() })),
  findings: z.array(
    z.strictObject({
      check: z.string(),
      title: z.string(),
      strength: z.string(),
      claimed: z.string(),
      observed: z.string(),
      because: z.string(),
    }),
  ),
  photos: z.array(photoSchema),
  questions: z.array(z.strictObject({ id: z.string(), question: z.string(), because: z.string(), answers: z.string() })),
});
export type MakerPack = z.infer<typeof makerPackSchema>;

export interface MakerPackOptions {
  readonly made: string;
  readonly from: string;
  /** Identities beyond those of the report's claims, as `imei`, with where they were read. */
  readonly identities: readonly { readonly kind: string; readonly value: string; readonly saidBy: string }[];
  readonly photos: readonly { readonly slot: PhotoSlot; readonly file: string; readonly sha256: string }[];
}

/** Builds the pack from a report (`assay.report/1`). @throws FormatError where the bytes are no report */
export function makerPack(reportBytes: Uint8Array, { made, from, identities, photos }: MakerPackOptions): MakerPack {
  const { subject, findings } = parseDocument('report', answerable, reportBytes);
  const claimed = Object.entries(subject.claims).flatMap(([kind, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => ({ kind, value: String(one), saidBy: 'claimed of the phone' })),
  );
  const said = Object.entries(subject.says).flatMap(([kind, value]) =>
    value === null ? [] : [{ kind, value: String(value), saidBy: 'the phone itself' }],
  );
  const counted = findings.filter(({ strength, axis }) => axis !== 'posture' && (strength === 'conclusive' || strength === 'strong'));
  return {
    format: 'assay.ask-maker/1',
    made,
    from,
    identities: [...claimed, ...said, ...identities],
    findings: counted.map(({ check, title, strength, claimed: says, observed, because }) => ({
      check,
      title,
      strength,
      claimed: says,
      observed,
      because,
    })),
    photos: PHOTOS.map((slot) => {
      const photo = photos.find((one) => one.slot === slot);
      return { slot, shows: PHOTO_WORDS[slot], file: photo?.file ?? null, sha256: photo?.sha256 ?? null };
    }),
    questions: QUESTIONS.map((question) => ({ ...question })),
  };
}

const QUESTIONS: MakerPack['questions'] = [
  {
    id: 'allocated',
    question: 'Did you give this serial number and these IMEIs to one phone, of which model, variant and colour, and when?',
    because:
      'Only the maker has the list of what it made. Whoever clones an identity copies one that is on it, so “it exists” is no answer.',
    answers: 'yes or no, model and variant, month of making',
  },
  {
    id: 'seen-before',
    question: 'Were these IMEIs or this serial number seen before: in after-sales, on other phones, on counterfeits?',
    because: 'A clone shows by being in two places. We see one of them.',
    answers: 'how often, since when, in which countries; no names of customers',
  },
  {
    id: 'board',
    question: 'Is the board in the photos one of yours, and of which revision?',
    because: 'Prints and layout can be copied well enough for whoever has no genuine board beside it.',
    answers: 'yes, no or cannot tell; what differs, by photo',
  },
  {
    id: 'build',
    question: 'Did you release this build for this variant, and does its digest differ from yours?',
    because: 'Without your digest we can say that the parts contradict each other, not what they should have been.',
    answers: 'released or not; SHA-256 of vbmeta or of the package',
  },
  {
    id: 'keys',
    question: 'Are the certificates that signed the system and its applications yours?',
    because: 'A signer that is not known to us may be one of your suppliers’.',
    answers: 'for each SHA-256: ours, a supplier’s, not ours',
  },
  {
    id: 'channel',
    question: 'Was the shop on the receipt allowed to sell your phones on that day, and did this phone go to it?',
    because: 'What a shop says of itself is a claim.',
    answers: 'yes or no; to whom it was shipped last, as far as you may say',
  },
];
