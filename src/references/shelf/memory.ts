/** A shelf in memory: for a few references that are at hand, and the plain answer that every other shelf is tested against. */
import type { HashPort } from '../../bytes/index.ts';
import type { ManifestFile } from '../manifest.ts';
import type { Reference } from '../provenance.ts';
import { shelfBuildOf } from './build.ts';
import { apexPathsOf, componentOf } from './components.ts';
import { compareIdentity, componentMatches, rank, sampleOf } from './nearest.ts';
import type { ComponentName, FoundFile, NearBuild, Shelf, ShelfBuild, ShelfQuery } from './types.ts';

interface Held {
  readonly build: ShelfBuild;
  readonly reference: Reference;
  readonly byContent: ReadonlyMap<string, readonly ManifestFile[]>;
  readonly apexPaths: ReadonlyMap<string, string>;
}

const SHA256 = /^[0-9a-f]{64}$/;

/** @throws RangeError for what is no SHA-256 in lower-case hex */
export function checkDigests(digests: readonly string[]): void {
  const wrong = digests.find((digest) => !SHA256.test(digest));
  if (wrong !== undefined) throw new RangeError(`"${wrong.slice(0, 80)}" is no SHA-256 in lower-case hex`);
}

/** A shelf that is gone when the program ends. Who vouches for a reference is what its maker here says: give it only references that were decided upon. */
export function memoryShelf(hash: HashPort, references: readonly Reference[] = []): Shelf {
  const held = new Map<string, Held>();
  const add = (reference: Reference) => {
    if (!held.has(reference.digest)) held.set(reference.digest, hold(reference, hash));
    return reference.digest;
  };
  references.forEach(add);
  return {
    add: async (reference) => add(reference),
    list: async () => [...held.values()].map(({ build }) => build),
    builds: async (digests) => digests.map((digest) => held.get(digest)?.build),
    async get(digest) {
      const found = held.get(digest);
      if (found === undefined) throw new RangeError(`no build ${digest.slice(0, 80)} on this shelf`);
      return found.reference;
    },
    async find(sha256) {
      checkDigests(sha256);
      return sha256.map((one) => findOne([...held.values()], one));
    },
    async nearest(query) {
      checkDigests([...(query.files?.values() ?? [])]);
      const contents = sampleOf(query.files);
      return rank(
        [...held.values()].map((one) => nearOf(one, query, contents)),
        query.limit,
      );
    },
  };
}

function hold(reference: Reference, hash: HashPort): Held {
  const byContent = new Map<string, ManifestFile[]>();
  for (const file of reference.manifest.files) {
    if (file.sha256 === null) continue;
    const same = byContent.get(file.sha256);
    if (same === undefined) byContent.set(file.sha256, [file]);
    else same.push(file);
  }
  return { build: shelfBuildOf(reference, hash), reference, byContent, apexPaths: apexPathsOf(reference.manifest) };
}

function findOne(held: readonly Held[], sha256: string): FoundFile {
  const places = new Map<string, { readonly partition: string; readonly path: string; readonly builds: string[] }>();
  for (const { build, byContent } of held)
    for (const { partition, path } of byContent.get(sha256) ?? []) {
      const key = `${partition}\0${path}`;
      const place = places.get(key);
      if (place === undefined) places.set(key, { partition, path, builds: [build.digest] });
      else place.builds.push(build.digest);
    }
  return { sha256, places: [...places].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place) };
}

function nearOf({ build, byContent, apexPaths }: Held, query: ShelfQuery, contents: readonly string[]): NearBuild {
  const counts = new Map<ComponentName, number>();
  let sameFiles = 0;
  for (const content of contents) {
    const files = byContent.get(content);
    if (files === undefined) continue;
    sameFiles++;
    for (const name of new Set(files.map(({ partition }) => componentOf(partition, apexPaths))))
      counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return {
    build,
    ...compareIdentity(query.identity, build.identity),
    sameFiles,
    comparedFiles: contents.length,
    components: componentMatches(counts),
  };
}
