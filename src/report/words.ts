/** The words that every form of the report uses for the same thing. */
import type { Report } from './schema.ts';

type Verdict = Report['verdict'];
type Finding = Report['findings'][number];

/** `for`: proven; `against`: convicted; `open`: neither. Colour is never the only sign: the words say it too. */
export type Tone = 'for' | 'against' | 'open';

export interface AxisLine {
  readonly axis: 'Hardware' | 'Software' | 'Custody';
  readonly answer: string;
  readonly tone: Tone;
  readonly explanation: string;
}

const REACH: Readonly<Record<'app' | 'framework' | 'kernel' | 'bootloader', string>> = {
  app: 'nothing found; a changed app would have been caught, a changed system would not',
  framework: 'nothing found; a changed app or framework would have been caught, a changed kernel would not',
  kernel: 'nothing found; even a changed kernel would have been caught, a changed bootloader would not',
  bootloader: 'nothing found; even a changed bootloader would have been caught',
};

const NATURE: Readonly<Record<'modified' | 'foreign' | 'mixed' | 'downgraded', string>> = {
  modified: "the maker's build with changes that are not the maker's",
  foreign: "another system than the maker's",
  mixed: 'parts of several builds that no official package combines',
  downgraded: 'an older build than this phone ran before',
};

const AGAINST = {
  hardware: 'the silicon is not that of the model claimed',
  custody: 'its identity or its path contradicts itself',
} as const;
const FOR = {
  hardware: 'shown by evidence that the phone cannot fake',
  software: "the maker's own build, unaltered, by evidence that the phone cannot fake",
  custody: 'it came by an authorised path',
} as const;

/** The three axes in words. */
export function axisLines(verdict: Verdict, kind: Report['subject']['kind']): readonly AxisLine[] {
  const open = (axis: 'hardware' | 'software' | 'custody') => {
    if (kind === 'image' && axis !== 'software')
      return axis === 'hardware' ? 'an image has no hardware' : 'an image has no identity of its own';
    if (kind === 'image') return 'nothing that counts was found, and nothing here shows whose build it is';
    const reach = verdict.reach[axis];
    return reach === null ? 'not enough was examined to say anything' : REACH[reach];
  };
  return [
    {
      axis: 'Hardware',
      answer: verdict.hardware,
      tone: verdict.hardware === 'genuine' ? 'for' : verdict.hardware === 'counterfeit' ? 'against' : 'open',
      explanation: verdict.hardware === 'counterfeit' ? AGAINST.hardware : verdict.hardware === 'genuine' ? FOR.hardware : open('hardware'),
    },
    {
      axis: 'Software',
      answer: verdict.software === 'altered' && verdict.nature !== null ? `altered (${verdict.nature})` : verdict.software,
      tone: verdict.software === 'genuine' ? 'for' : verdict.software === 'altered' ? 'against' : 'open',
      explanation:
        verdict.software === 'altered'
          ? NATURE[verdict.nature ?? 'modified']
          : verdict.software === 'genuine'
            ? FOR.software
            : open('software'),
    },
    {
      axis: 'Custody',
      answer: verdict.custody,
      tone: verdict.custody === 'authorised' ? 'for' : verdict.custody === 'broken' ? 'against' : 'open',
      explanation: verdict.custody === 'broken' ? AGAINST.custody : verdict.custody === 'authorised' ? FOR.custody : open('custody'),
    },
  ];
}

export const DECISION_TONE: Readonly<Record<Verdict['decision'], Tone>> = { accept: 'for', hold: 'open', reject: 'against' };

/** What a finding's strength means, for a reader who is no engineer. */
export const STRENGTH_WORDS: Readonly<Record<Finding['strength'], string>> = {
  conclusive: 'cannot happen on an unmodified phone',
  strong: 'no innocent cause is known',
  weak: 'seen on genuine phones too; does not count',
  note: 'for context',
};

/** What a standing means. */
export const STANDING_WORDS: Readonly<Record<Finding['standing'], string>> = {
  told: 'told: a text that anyone with the phone can edit',
  shown: "shown: bytes and behaviour, read through the phone's own system",
  measured: 'measured: by our clock, or by code that nobody can replace',
  signed: "signed: by a key that the phone's software cannot hold",
};

/** The measured false-positive rate in words. */
export function rateWords({ fails, n, upper }: Finding['falsePositiveRate']): string {
  if (n === 0) return 'not measured on genuine phones';
  const percent = (upper * 100).toFixed(upper < 0.1 ? 1 : 0);
  return `${fails} of ${n} genuine phones (95 % upper bound ${percent} %)`;
}

/** What the phone calls itself, its maker once. */
export function selfName({ says }: Report['subject']): string | undefined {
  if (says.model === null) return undefined;
  return says.brand === null || says.model.toLowerCase().startsWith(says.brand.toLowerCase()) ? says.model : `${says.brand} ${says.model}`;
}

/** The name of the phone for a headline: what it is claimed to be, else what it calls itself. */
export function phoneName(subject: Report['subject']): string {
  const claimed = subject.claims['model'];
  if (claimed !== undefined) return String(claimed);
  return subject.kind === 'image'
    ? (selfName(subject) ?? subject.says.fingerprint ?? 'Unnamed image')
    : (selfName(subject) ?? 'Unnamed phone');
}
