/** Comparisons → documents. Pure. Lists have ceilings, and what lies beyond them is counted. */
import {
  buildName,
  type Comparison,
  type ElsewhereFile,
  type Group,
  type TextDifference,
  type Yardstick,
} from '../references/compare/index.ts';
import type { Reference } from '../references/index.ts';
import type { ComparisonReport, GroupReport, YardstickReport } from './comparison-schema.ts';

const GROUPS_MAX = 400;
const PATHS_MAX = 20;
const PROPERTIES_MAX = 300;
const LINES_MAX = 60;

type Elsewhere = ReadonlyMap<string, ElsewhereFile> | undefined;

/** One yardstick of a phone. */
export function yardstickReport(
  { reference, reasons, comparison }: Yardstick,
  elsewhere: Elsewhere,
  texts: readonly (readonly [path: string, difference: TextDifference])[] = [],
): YardstickReport {
  const { same, coverage } = comparison;
  return {
    reference: buildOf(reference),
    reasons: [...reasons],
    same,
    coverage: coverage.map((row) => ({ ...row })),
    ...commonOf(comparison, elsewhere),
    texts: texts.flatMap(([path, difference]) => textOf(path, difference)),
  };
}

/** Two builds, with the differences of the texts that could be read. */
export function comparisonReport(
  sides: { readonly before: Reference; readonly after: Reference },
  comparison: Comparison,
  texts: readonly (readonly [path: string, difference: TextDifference])[] = [],
): ComparisonReport {
  return {
    format: 'assay.comparison/1',
    before: buildOf(sides.before),
    after: buildOf(sides.after),
    identity: comparison.identity.map(({ key, before, after }) => ({ key, before: before ?? null, after: after ?? null })),
    partitions: comparison.partitions.map((row) => ({ ...row })),
    ...commonOf(comparison, undefined),
    texts: texts.flatMap(([path, difference]) => textOf(path, difference)),
  };
}

const buildOf = ({ manifest, digest, vouched, label }: Reference) => ({ digest, name: buildName(manifest), vouched, label });

function commonOf(
  { compared, counts, groups, properties }: Pick<Comparison, 'compared' | 'counts' | 'groups' | 'properties'>,
  elsewhere: Elsewhere,
) {
  return {
    compared,
    counts: { ...counts },
    groups: groups.slice(0, GROUPS_MAX).map((group) => groupOf(group, elsewhere)),
    groupsLeft: Math.max(0, groups.length - GROUPS_MAX),
    properties: properties
      .slice(0, PROPERTIES_MAX)
      .map(({ before, after, ...row }) => ({ ...row, before: before ?? null, after: after ?? null })),
    propertiesLeft: Math.max(0, properties.length - PROPERTIES_MAX),
  };
}

function groupOf(
  { kind, change, name, weight, aspects, details, differences, otherSigner, expected }: Group,
  elsewhere: Elsewhere,
): GroupReport {
  return {
    kind,
    change,
    name,
    weight: weight.id,
    title: weight.title,
    means: weight.means,
    aspects: [...aspects],
    details: [...details],
    files: differences.length,
    paths: differences.slice(0, PATHS_MAX).map(({ path }) => path),
    otherSigner,
    expected: expected?.because ?? null,
    elsewhere:
      differences
        .map(({ after }) => (after?.sha256 ? elsewhere?.get(after.sha256) : undefined))
        .filter((found) => found !== undefined)
        .map(({ build, path, isOfficial }) => `${path} of ${build}${isOfficial ? ', an official build' : ''}`)[0] ?? null,
  };
}

function textOf(path: string, difference: TextDifference): ComparisonReport['texts'] {
  if (difference.kind === 'same') return [];
  if (difference.kind !== 'changed') return [{ path, changes: [], left: difference.because }];
  const { changes } = difference;
  const left = changes.length > LINES_MAX ? `${changes.length - LINES_MAX} changed lines more` : null;
  return [{ path, changes: changes.slice(0, LINES_MAX).map((row) => ({ ...row })), left }];
}
