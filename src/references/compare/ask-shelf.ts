/** What a shelf is asked of a phone: which builds to hold it against, and where else the files occur that differ from the one it names. */
import { type Claims, type Facts, factsOf } from '../../evidence/index.ts';
import type { Reference } from '../provenance.ts';
import type { ListedBuild, NearBuild, ShelfBuild, ShelfReader } from '../shelf/types.ts';
import { buildName, digestsOf, type ElsewhereFile, fingerprintsOf, yardsticksOf } from './yardstick.ts';

/** Builds that are taken off the shelf for one phone: the one it names, the one claimed, the likest as a whole and by component. */
const BUILDS_MAX = 6;
const NEAREST_MAX = 12;
/** Files that are looked for in other builds. */
const FIND_MAX = 4000;
/** Versions that are looked up. */
const VERSIONS_MAX = 16;

export interface ShelfAnswers {
  /** What the operator gave, and what the shelf has besides. */
  readonly references: readonly Reference[];
  /** By SHA-256; undefined where no shelf was asked. */
  readonly elsewhere: ReadonlyMap<string, ElsewhereFile> | undefined;
  /** Files on official lists with a version that the phone states; undefined where no list was imported. */
  readonly listed?: readonly ListedBuild[];
}

/** Chooses the builds to hold a phone against. The shelf says who vouches for each; what the operator gave besides keeps its own word. */
export async function askShelf(
  facts: Facts,
  claims: Claims,
  given: readonly Reference[],
  shelf: ShelfReader | undefined,
): Promise<ShelfAnswers> {
  if (shelf === undefined) return { references: given, elsewhere: undefined };
  const chosen = await chooseBuilds(facts, claims, shelf);
  const taken = await Promise.all(chosen.map(async (digest) => withBytes(await shelf.get(digest), given)));
  // The same build from the shelf, which knows who vouches for it, stands in for the one given.
  const references = [...given.filter(({ digest }) => !chosen.includes(digest)), ...taken];
  const listed = await shelf.listed?.(versionsIn(facts));
  return { references, elsewhere: await findElsewhere({ facts, claims, references }, shelf), ...(listed === undefined ? {} : { listed }) };
}

/** What can be read of a build whose firmware the operator gave is more than what a shelf keeps of it. */
function withBytes(taken: Reference, given: readonly Reference[]): Reference {
  const { policy, readFiles } = given.find(({ digest }) => digest === taken.digest) ?? {};
  return { ...taken, ...(policy === undefined ? {} : { policy }), ...(readFiles === undefined ? {} : { readFiles }) };
}

async function chooseBuilds(facts: Facts, claims: Claims, shelf: ShelfReader): Promise<readonly string[]> {
  const near = await shelf.nearest({ identity: identityIn(facts), files: digestsOf(facts), limit: NEAREST_MAX });
  const fingerprints = new Set(fingerprintsOf(facts));
  const said = near.filter(({ build }) => Object.values(build.identity).some((value) => fingerprints.has(value)));
  const claimed =
    claims.build === undefined
      ? []
      : await shelf.nearest({
          identity: Object.fromEntries(
            ['build.fingerprint', 'build.version.incremental', 'build.display.id', 'build.id'].map((key) => [key, claims.build ?? '']),
          ),
          limit: 2,
        });
  const order = [...said.slice(0, 2), ...claimed.slice(0, 1), ...near.slice(0, 2), ...bestByComponent(near), ...near];
  return [...new Set(order.map(({ build }) => build.digest))].slice(0, BUILDS_MAX);
}

/** For each component the build with the most of its files: a re-flashed vendor is another build's than the rest. */
function bestByComponent(near: readonly NearBuild[]): readonly NearBuild[] {
  const best = new Map<string, { readonly build: NearBuild; readonly sameFiles: number }>();
  for (const build of near)
    for (const { name, sameFiles } of build.components)
      if (sameFiles > (best.get(name)?.sameFiles ?? 0)) best.set(name, { build, sameFiles });
  return [...best.values()].map(({ build }) => build);
}

/** Properties without `ro.`, as identities have them; the running system's count first. */
function identityIn(facts: Facts): Readonly<Record<string, string>> {
  const order = factsOf(facts, 'properties').toSorted((a, b) => Number(b.value.layer === 'runtime') - Number(a.value.layer === 'runtime'));
  const found = new Map<string, string>();
  for (const { value } of order)
    for (const { key, value: text } of value.entries)
      if (key.startsWith('ro.') && text !== '' && !found.has(key)) found.set(key.slice(3), text);
  return Object.fromEntries(found);
}

/** Every version that the phone states: incrementals and build ids, of whatever partition. */
function versionsIn(facts: Facts): readonly string[] {
  const found = Object.entries(identityIn(facts)).filter(([key]) => /^(?:[a-z_]+\.)?build\.(?:version\.incremental|id)$/.test(key));
  return [...new Set(found.map(([, value]) => value))].slice(0, VERSIONS_MAX);
}

interface Comparable {
  readonly facts: Facts;
  readonly claims: Claims;
  readonly references: readonly Reference[];
}

async function findElsewhere({ facts, claims, references }: Comparable, shelf: ShelfReader): Promise<ReadonlyMap<string, ElsewhereFile>> {
  const found = new Map<string, ElsewhereFile>();
  const [first] = yardsticksOf(facts, claims, references);
  if (first === undefined) return found;
  /** Where on the phone each content lies. */
  const wanted = new Map<string, Set<string>>();
  for (const { change, after, path } of first.comparison.differences)
    if (
      change !== 'removed' &&
      after?.sha256 &&
      /^[0-9a-f]{64}$/.test(after.sha256) &&
      (wanted.size < FIND_MAX || wanted.has(after.sha256))
    )
      wanted.set(after.sha256, (wanted.get(after.sha256) ?? new Set()).add(path));
  if (wanted.size === 0) return found;
  const contents = await shelf.find([...wanted.keys()]);
  const named = [...new Set(contents.flatMap(({ places }) => places.flatMap(({ builds: digests }) => digests)))];
  const rows = await shelf.builds(named);
  const builds = new Map(named.map((digest, i) => [digest, rows[i]]));
  for (const { sha256, places } of contents) {
    const all = places.flatMap(({ path, builds: digests }) => digests.flatMap((digest) => placeOf(builds.get(digest), path)));
    const others = all.filter(({ build }) => build.digest !== first.reference.digest);
    // An official build says more than the first one that happens to have it, and one that has it at the same place more than another.
    const official = others.filter(({ build }) => build.vouched !== 'nobody');
    const best = official.find(({ path }) => wanted.get(sha256)?.has(path) === true) ?? official[0] ?? others[0];
    if (best !== undefined)
      found.set(sha256, { build: buildName(best.build), path: best.path, isOfficial: best.build.vouched !== 'nobody' });
  }
  return found;
}

const placeOf = (build: ShelfBuild | undefined, path: string) => (build === undefined ? [] : [{ build, path }]);
