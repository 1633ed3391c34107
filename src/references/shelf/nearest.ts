/** How builds are ranked by what they have in common with a phone. */
import type { ComponentMatch, ComponentName, NearBuild, ShelfBuild, ShelfQuery } from './types.ts';

/** Contents that are looked for; of more, an even sample tells builds apart as well. */
const SAMPLE_MAX = 2048;
/** Builds of an answer. */
export const LIMIT_DEFAULT = 10;

/** Properties that say which build or model this is, by what agreement on one is worth. A fingerprint names one build, a model names a hundred. */
const WEIGHTS: readonly (readonly [RegExp, number])[] = [
  [/^(?:[a-z_]+\.)?build\.fingerprint$/, 100],
  [/^build\.description$/, 50],
  [/^(?:[a-z_]+\.)?build\.version\.incremental$/, 40],
  [/^(?:[a-z_]+\.)?build\.date\.utc$/, 20],
  [/^build\.display\.id$/, 10],
  [/^(?:[a-z_]+\.)?build\.id$/, 5],
  [/^product\.(?:[a-z_]+\.)?(?:name|device)$/, 4],
  [/^product\.(?:[a-z_]+\.)?(?:model|brand|manufacturer)$/, 1],
];

/** What agreement on a property is worth; 0 where it does not tell builds apart. */
export const identityWeight = (key: string): number => WEIGHTS.find(([pattern]) => pattern.test(key))?.[1] ?? 0;

/** The distinct contents of a query, an even sample of many: sorted, every n-th, so that the same phone is always asked the same. */
export function sampleOf(files: ReadonlyMap<string, string> | undefined): readonly string[] {
  const all = [...new Set(files?.values())].toSorted();
  if (all.length <= SAMPLE_MAX) return all;
  return Array.from({ length: SAMPLE_MAX }, (_, i) => all[Math.floor((i * all.length) / SAMPLE_MAX)] ?? '');
}

/** Which properties agree. */
export function compareIdentity(
  asked: ShelfQuery['identity'],
  identity: ShelfBuild['identity'],
): Pick<NearBuild, 'sameIdentity' | 'otherIdentity'> {
  const known = Object.entries(asked ?? {}).filter(([key]) => identityWeight(key) > 0 && Object.hasOwn(identity, key));
  const keysOf = (isSame: boolean) => known.filter(([key, value]) => (identity[key] === value) === isSame).map(([key]) => key);
  return { sameIdentity: keysOf(true), otherIdentity: keysOf(false) };
}

/** What agreement of properties is worth together. */
const identityScore = (keys: readonly string[]): number => keys.reduce((sum, key) => sum + identityWeight(key), 0);

/** The best first; builds that are alike keep their order. */
export function rank<T extends Pick<NearBuild, 'sameFiles' | 'sameIdentity'>>(near: readonly T[], limit = LIMIT_DEFAULT): readonly T[] {
  return near
    .filter(({ sameFiles, sameIdentity }) => sameFiles > 0 || sameIdentity.length > 0)
    .map((one) => ({ one, score: identityScore(one.sameIdentity) }))
    .toSorted((a, b) => b.one.sameFiles - a.one.sameFiles || b.score - a.score)
    .slice(0, limit)
    .map(({ one }) => one);
}

/** Counts by component, largest first. */
export const componentMatches = (counts: ReadonlyMap<ComponentName, number>): readonly ComponentMatch[] =>
  [...counts].map(([name, sameFiles]) => ({ name, sameFiles })).toSorted((a, b) => b.sameFiles - a.sameFiles);
