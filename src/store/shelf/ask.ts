/** What a shelf on disk answers: where contents lie, and which builds are likest. */
import {
  COMPONENT_NAMES,
  type ComponentName,
  checkDigests,
  compareIdentity,
  componentMatches,
  type FilePlace,
  type FoundFile,
  identityWeight,
  LIMIT_DEFAULT,
  type NearBuild,
  rank,
  type ShelfQuery,
  sampleOf,
} from '../../references/index.ts';
import { type BuildRow, buildByNumber, type ReadingTrust, shelfBuild } from './builds.ts';
import { type IndexFile, prefixOf } from './index-file.ts';

const ALIVE = Number.MAX_SAFE_INTEGER;
/** Chapters whose builds are counted exactly. */
const CHAPTERS_NEAR = 12;
/** Contents by which those chapters are chosen. */
const CHAPTER_SAMPLE = 128;
/** Builds that agreement of properties alone puts forward. */
const CANDIDATES = 64;
/** Properties that weigh less are a whole maker's: by them alone nobody is put forward while there is anybody else. */
const WEIGHT_TELLING = 4;

type Lifetime = readonly [chapter: number, place: number, birth: number, death: number | null];

/** In which builds contents occur. */
export function findContents(index: IndexFile, sha256: readonly string[]): readonly FoundFile[] {
  checkDigests(sha256);
  const lifetimes = index.statement('select chapter, place, birth, death from content where prefix = ?');
  const path = index.statement('select partition, path from place where id = ?');
  const paths = new Map<number, readonly [string, string]>();
  const pathOf = (place: number): readonly [string, string] => {
    const id = Math.floor(place / COMPONENT_NAMES.length);
    const known = paths.get(id) ?? (path.all(id)[0] as unknown as readonly [string, string]); // a strict table, and contents name places that are there
    paths.set(id, known);
    return known;
  };
  const chapters = chapterReader(index);
  return sha256.map((one) => {
    const rows = lifetimes.all(prefixOf(one)) as unknown as readonly Lifetime[]; // a strict table
    const found = new Map<number, (readonly string[])[]>();
    for (const [chapter, place, birth, death] of rows) {
      const builds = chapters.between(chapter, birth, death ?? ALIVE);
      const before = found.get(place);
      if (builds.length === 0) continue;
      if (before === undefined) found.set(place, [builds]);
      else before.push(builds);
    }
    return { sha256: one, places: placesOf([...found].map(([place, builds]) => [pathOf(place), builds] as const)) };
  });
}

/** Places with their builds; one path that stands in two components is one. */
function placesOf(found: readonly (readonly [readonly [string, string], readonly (readonly string[])[]])[]): readonly FilePlace[] {
  const places = Map.groupBy(found, ([[partition, path]]) => `${partition}\0${path}`);
  return [...places]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, [first, ...others]]) => {
      if (first === undefined) return [];
      const [[partition, path], lists] = first;
      const [only, ...more] = others.length === 0 ? lists : [lists, ...others.map(([, builds]) => builds)].flat();
      return [{ partition, path, builds: more.length === 0 ? (only ?? []) : [only ?? [], ...more].flat() }];
    });
}

interface ChapterReader {
  /** Digests of the builds from one place to before another. The same question has the same list for its answer. */
  readonly between: (chapter: number, birth: number, death: number) => readonly string[];
}

function chapterReader(index: IndexFile): ChapterReader {
  const builds = index.statement('select place, digest from build where chapter = ? and shown = 1 order by place');
  const chapters = new Map<
    number,
    { readonly places: readonly number[]; readonly digests: readonly string[]; readonly answers: Map<string, readonly string[]> }
  >();
  return {
    between(chapter, birth, death) {
      let known = chapters.get(chapter);
      if (known === undefined) {
        const rows = builds.all(chapter) as unknown as readonly (readonly [number, Uint8Array])[]; // a strict table
        known = {
          places: rows.map(([place]) => place),
          digests: rows.map(([, digest]) => Buffer.from(digest).toString('hex')),
          answers: new Map(),
        };
        chapters.set(chapter, known);
      }
      const key = `${birth} ${death}`;
      let answer = known.answers.get(key);
      if (answer === undefined) {
        answer = known.digests.slice(firstFrom(known.places, birth), firstFrom(known.places, death));
        known.answers.set(key, answer);
      }
      return answer;
    },
  };
}

/** Where the first number of a sorted list stands that is not below `least`. */
function firstFrom(sorted: readonly number[], least: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The builds that are likest. */
export function nearestBuilds(index: IndexFile, query: ShelfQuery, trust: ReadingTrust): readonly NearBuild[] {
  checkDigests([...(query.files?.values() ?? [])]);
  const contents = sampleOf(query.files);
  const counted = countBuilds(index, contents);
  const numbers = new Set([...likest(counted, query.limit), ...byIdentity(index, query.identity)]);
  const near: (Omit<NearBuild, 'build'> & { readonly row: BuildRow })[] = [];
  for (const number of numbers) {
    const row = buildByNumber(index, number);
    if (row === undefined) continue;
    const { all = 0, ...components } = Object.fromEntries(counted.get(number) ?? []);
    near.push({
      row,
      ...compareIdentity(query.identity, row.summary.identity),
      sameFiles: all,
      comparedFiles: contents.length,
      components: componentMatches(
        new Map(COMPONENT_NAMES.flatMap((name) => (components[name] === undefined ? [] : [[name, components[name]] as const]))),
      ),
    });
  }
  return rank(near, query.limit).map(({ row, ...rest }) => ({ build: shelfBuild(index, row, trust), ...rest }));
}

/** The builds with most of the contents: as many as are asked for, and those that have as many as the last of them. */
function likest(counted: ReadonlyMap<number, Counts>, limit = LIMIT_DEFAULT): readonly number[] {
  const sorted = [...counted].map(([number, counts]) => ({ number, all: counts.get('all') ?? 0 })).toSorted((a, b) => b.all - a.all);
  const least = sorted[Math.min(limit, sorted.length) - 1]?.all ?? 0;
  return sorted
    .filter(({ all }) => all >= least)
    .slice(0, Math.max(limit, CANDIDATES))
    .map(({ number }) => number);
}

type Counts = Map<ComponentName | 'all', number>;

/** How many of the contents each build of the likest chapters has, in all and by component. */
function countBuilds(index: IndexFile, contents: readonly string[]): Map<number, Counts> {
  const found = new Map<number, Counts>();
  if (contents.length === 0) return found;
  const prefixes = contents.map(prefixOf);
  const chapters = likestChapters(index, prefixes);
  if (chapters.length === 0) return found;
  const rows = index
    .statement(
      `select prefix, chapter, place, birth, death from content where prefix in (${marks(prefixes)}) and chapter in (${marks(chapters)}) order by prefix, chapter`,
    )
    .all(...prefixes, ...chapters) as unknown as readonly (readonly [Uint8Array, ...Lifetime])[]; // a strict table
  for (const chapter of chapters) {
    const builds = index
      .statement('select number, place from build where chapter = ? and shown = 1 order by place')
      .all(chapter) as unknown as readonly (readonly [number, number])[]; // a strict table
    const counter = spanCounter((builds.at(-1)?.[1] ?? 0) + 1);
    for (const [prefix, at, place, birth, death] of rows)
      if (at === chapter) counter.take(prefix, COMPONENT_NAMES[place % COMPONENT_NAMES.length] ?? 'firmware', [birth, death ?? ALIVE]);
    const sums = counter.sums();
    for (const [number, place] of builds) {
      const counts: Counts = new Map(
        [...sums].map(([name, perPlace]) => [name, perPlace[place] ?? 0] as const).filter(([, count]) => count > 0),
      );
      if (counts.size > 0) found.set(number, counts);
    }
  }
  return found;
}

/** Counts, for each place of a chapter, the contents whose lifetimes cover it: each once, under however many paths it lies. */
function spanCounter(places: number) {
  const edges = new Map<ComponentName | 'all', Int32Array>();
  /** Up to where the content that is being taken has been counted, by component. */
  let current: Uint8Array | undefined;
  let spans: [ComponentName, number, number][] = [];
  const flush = () => {
    for (const name of new Set(spans.map(([component]) => component)))
      countUnion(
        edgesOf(name),
        spans.filter(([component]) => component === name),
      );
    countUnion(edgesOf('all'), spans);
    spans = [];
  };
  const edgesOf = (name: ComponentName | 'all') => {
    const known = edges.get(name) ?? new Int32Array(places + 1);
    edges.set(name, known);
    return known;
  };
  return {
    /** Lifetimes of one content come together. */
    take(prefix: Uint8Array, component: ComponentName, [birth, death]: readonly [number, number]) {
      if (current === undefined || Buffer.compare(current, prefix) !== 0) flush();
      current = prefix;
      spans.push([component, Math.min(birth, places), Math.min(death, places)]);
    },
    sums(): ReadonlyMap<ComponentName | 'all', Int32Array> {
      flush();
      for (const column of edges.values())
        for (let at = 1; at < column.length; at++) column[at] = (column[at] ?? 0) + (column[at - 1] ?? 0);
      return edges;
    },
  };
}

/** Adds one for every place that any of the spans covers. */
function countUnion(edges: Int32Array, spans: readonly (readonly [unknown, number, number])[]): void {
  let end = -1;
  for (const [, from, to] of spans.length > 1 ? spans.toSorted((a, b) => a[1] - b[1]) : spans) {
    const start = Math.max(from, end);
    if (to <= start) continue;
    edges[start] = (edges[start] ?? 0) + 1;
    edges[to] = (edges[to] ?? 0) - 1;
    end = to;
  }
}

/** The chapters with most of a few of the contents. */
function likestChapters(index: IndexFile, prefixes: readonly Uint8Array[]): readonly number[] {
  const step = Math.max(1, Math.floor(prefixes.length / CHAPTER_SAMPLE));
  const few = prefixes.filter((_, i) => i % step === 0);
  const rows = index
    .statement(
      `select chapter, count(distinct prefix) same from content where prefix in (${marks(few)}) group by chapter order by same desc, chapter desc limit ${CHAPTERS_NEAR}`,
    )
    .all(...few) as unknown as readonly (readonly [number])[]; // two numbers
  return rows.map(([chapter]) => chapter);
}

/** Builds that agree with properties, those that agree on most first. */
function byIdentity(index: IndexFile, identity: ShelfQuery['identity']): readonly number[] {
  const asked = Object.entries(identity ?? {}).filter(([key]) => identityWeight(key) > 0);
  const pair = index.statement('select build, weight from fact where value = ? and key = ?');
  const look = (pairs: typeof asked) => {
    const scores = new Map<number, number>();
    for (const [key, value] of pairs)
      for (const [build, weight] of pair.all(value, key) as unknown as readonly (readonly [number, number])[]) // a strict table
        scores.set(build, (scores.get(build) ?? 0) + weight);
    return [...scores]
      .toSorted(([a, left], [b, right]) => right - left || a - b)
      .slice(0, CANDIDATES)
      .map(([build]) => build);
  };
  const telling = look(asked.filter(([key]) => identityWeight(key) >= WEIGHT_TELLING));
  return telling.length > 0 ? telling : look(asked);
}

const marks = (values: readonly unknown[]) => values.map(() => '?').join(',');
