/**
 * Suspects that the data cannot tell apart: on every inspected phone each was passed as often as the other, before the same inspections. No inspection already
 * made speaks for one against the other; whether one could be made is told too (identifiability in Boolean network tomography, Bartolini et al. 2020).
 */
import type { Problem } from './compile.ts';
import type { Way } from './model.ts';

export interface AlikeSet {
  readonly suspects: readonly number[];
  /** Whether phones that were not inspected pass some of them and not the others: then they can still be told apart. */
  readonly separable: boolean;
}

/** For each suspect one text that two share exactly when they lie on the same ways. */
function columns(rows: readonly (readonly Way[])[], suspects: number): readonly string[] {
  const parts: string[][] = Array.from({ length: suspects }, () => []);
  for (const [row, ways] of rows.entries()) {
    const times = new Map<number, string>();
    for (const [at, way] of ways.entries()) {
      for (let step = 0; step < way.suspects.length; step++) {
        const suspect = way.suspects[step] ?? -1;
        times.set(suspect, `${times.get(suspect) ?? ''}${at}.${way.segments[step] ?? 0} `);
      }
    }
    for (const [suspect, text] of times) parts[suspect]?.push(`${row}:${text}`);
  }
  return parts.map((texts) => texts.join(';'));
}

/** The sets of two and more suspects with weight that some inspected phone passed and that are alike on all of them. */
export function alikeSets({
  observations,
  routes,
  suspects,
  weights,
}: Pick<Problem, 'observations' | 'routes' | 'suspects' | 'weights'>): readonly AlikeSet[] {
  const byColumn = new Map<string, number[]>();
  for (const [suspect, column] of columns(
    observations.map(({ ways }) => ways),
    suspects.length,
  ).entries()) {
    if (column === '' || !((weights[suspect] ?? 0) > 0)) continue;
    byColumn.set(column, [...(byColumn.get(column) ?? []), suspect]);
  }
  const sets = [...byColumn.values()].filter((set) => set.length > 1);
  if (sets.length === 0) return [];
  const ofFleet = columns([...new Set(routes)], suspects.length);
  return sets.map((set) => ({ suspects: set, separable: new Set(set.map((suspect) => ofFleet[suspect])).size > 1 }));
}
