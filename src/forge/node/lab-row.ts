/** One row of the lab's matrix (design, Contracts), and what an alteration is expected to come to. */
import type { Report } from '../../report/index.ts';
import { alterations } from '../alterations/index.ts';
import { ROM_ALTERATIONS } from '../rom/alterations.ts';

export interface LabRow {
  readonly phone: string;
  /** `sign`: something that is noticed and convicts nobody. */
  readonly kind: 'unaltered' | 'benign' | 'altered' | 'sign';
  readonly alteration: string | null;
  readonly level: string | null;
  /** The axis attacked. */
  readonly axis: 'hardware' | 'software' | 'custody' | null;
  readonly verdict: Report['verdict'];
  /** Checks that fired with conclusive or strong findings, and the others in brackets. */
  readonly checks: readonly string[];
}

/** The checks of a report as a row has them. */
export function checksOf({ findings }: Pick<Report, 'findings'>): readonly string[] {
  const fired = (counts: boolean) =>
    findings
      .filter(
        ({ strength, axis }) =>
          axis !== 'posture' && strength !== 'note' && (strength === 'conclusive' || strength === 'strong') === counts,
      )
      .map(({ check }) => check);
  const counted = [...new Set(fired(true))];
  return [...counted, ...[...new Set(fired(false))].filter((check) => !counted.includes(check)).map((check) => `(${check})`)];
}

/** What rows say of an alteration: of a phone's, or of a ROM's. */
export interface LabAlteration {
  readonly id: string;
  readonly level: string;
  readonly axis: NonNullable<LabRow['axis']>;
  readonly nature?: Report['verdict']['nature'];
  /** Why nothing that can be had convicts it. */
  readonly beyondUs?: string;
}

export const labAlterations: readonly LabAlteration[] = [
  ...alterations,
  ...ROM_ALTERATIONS.flatMap(({ kind, id, level, nature, beyondUs }): readonly LabAlteration[] =>
    kind === 'altered' ? [{ id, level, axis: 'software', nature, ...(beyondUs === undefined ? {} : { beyondUs }) }] : [],
  ),
];
