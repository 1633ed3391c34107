/** The words that terminal and page use for the same thing about a location. */
import type { LocationReport } from '../../provenance/locate/index.ts';
import { upperRate } from '../../provenance/locate/index.ts';

type Ledger = NonNullable<LocationReport['suspects'][number]['ledger']>;
type Relation = Ledger['lines'][number]['relation'];

export const percent = (p: number): string => (p >= 0.995 ? '> 99 %' : p < 0.01 ? '< 1 %' : `${Math.round(100 * p)} %`);

const phones = (count: number): string => `${count} ${count === 1 ? 'phone' : 'phones'}`;

const RELATION: Readonly<Record<Relation, (count: string) => string>> = {
  'through-altered': (count) => `${count} that came through it, altered`,
  'through-clean': (count) => `${count} that came through it, clean`,
  'beside-clean': (count) => `${count} from the same suppliers, not through it, clean`,
  'beside-altered': (count) => `${count} from the same suppliers, not through it, altered`,
  'elsewhere-clean': (count) => `${count} from elsewhere, clean`,
  'elsewhere-altered': (count) => `${count} from elsewhere, altered`,
};

/** A ledger as rows that add up: what speaks for it is positive, what speaks against it negative, in decibans. */
export interface LedgerRow {
  readonly words: string;
  readonly decibans: number;
  readonly kind: 'prior' | 'evidence' | 'sum';
}

export function ledgerRows({ prior, lines, rest, posterior }: Ledger): readonly LedgerRow[] {
  return [
    { words: 'before any phone was inspected', decibans: prior, kind: 'prior' },
    ...lines.map(
      ({ relation, phones: count, decibans }): LedgerRow => ({ words: RELATION[relation](phones(count)), decibans, kind: 'evidence' }),
    ),
    ...(Math.abs(rest) < 0.05 ? [] : [{ words: 'who else would be in it', decibans: rest, kind: 'evidence' as const }]),
    { words: 'together', decibans: posterior, kind: 'sum' },
  ];
}

export const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;

/** How often this is wrong, in one or two sentences. */
export function wrongWords({ threshold, worlds }: LocationReport['wrong']): string {
  const [main] = worlds;
  if (main === undefined) return 'How often this accuses an innocent was not measured for this version.';
  const rate = (count: number, of: number) =>
    `${count} of ${of} (at most ${(100 * upperRate(count, of)).toFixed(1)} % with 95 % confidence)`;
  const worst = worlds.slice(1).toSorted((a, b) => b.accused / b.runs - a.accused / a.runs)[0];
  const other =
    worst === undefined || worst.accused / worst.runs <= main.accused / main.runs
      ? ''
      : ` In the worst world that was tried (${worst.what}) it was ${rate(worst.accused, worst.runs)}.`;
  return `In simulated searches an innocent custodian stood at ${percent(threshold)} or more in ${rate(main.accused, main.runs)}.${other}`;
}

export const FORM_WORDS: Readonly<Record<LocationReport['form'], string>> = {
  public: 'Custodians below the threshold are not named.',
  'working-paper': 'WORKING PAPER, NOT TO BE PASSED ON: it names custodians that most likely did nothing.',
};

/** What phones share, and what that is taken for. */
export const sharedWords = ({ signature, phones }: LocationReport['shared'][number]): string =>
  `${phones} phones carry the same alteration (${signature}): taken for one hand’s work, or for that of two who share a tool.`;

/** Assumptions in words, for the end of the page. */
export function assumptionLines({ assumptions, calibration, method, disagreement, shared }: LocationReport): readonly string[] {
  const of = (key: string) => {
    const value = assumptions[key];
    return typeof value === 'number' ? value : Number.NaN;
  };
  return [
    `Before any phone: nobody in the chain did it with probability ${percent(of('outside'))}; each further hand is ${percent(of('anotherHand'))} as probable as the one before.`,
    `Phones are altered outside the chain at a rate of ${(100 * of('leak')).toFixed(1)} %. A link between two custodians is suspected ${percent(of('linkWeight'))} as much as a custodian.`,
    ...Object.entries(calibration).map(
      ([check, { sensitivity, falsePositive }]) =>
        `Inspections of the kind “${check}” find ${percent(sensitivity)} of altered phones and call ${(100 * falsePositive).toFixed(1)} % of clean ones altered.`,
    ),
    ...shared.map(sharedWords),
    method === 'exact'
      ? 'Computed exactly, for up to two hands.'
      : `Sampled, for any number of hands; two samplers differ by at most ${percent(disagreement ?? 1)}.`,
  ];
}
