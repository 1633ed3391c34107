/**
 * The shelf: identification, finding, what a further build costs, and opening, on synthetic families from a seed (test/support/made-builds.ts).
 * 100 families of 100 builds; each build changes a tenth of its files, and 15 % of a family's files occur in every family. `ASSAY_SHELF_FILES=N` sets the files of
 * each build (default 400), `ASSAY_SHELF_FAMILIES=N` the families. Figures with a warm page cache, best of five; opening is a process of its own kind: a new connection.
 * The cost of a further build is measured apart, on a family of 6,000 files, as bytes of all files of the shelf before and after.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeHash } from '../src/platform/node/index.ts';
import { canonicalManifest, type Manifest, manifestDigest, type Provenance } from '../src/references/index.ts';
import { type DiskShelf, type NewBuild, openShelf } from '../src/store/shelf/index.ts';
import { madeBuild } from '../test/support/made-builds.ts';

const FAMILIES = Number(process.env['ASSAY_SHELF_FAMILIES'] ?? 100);
const BUILDS = 100;
const FILES = Number(process.env['ASSAY_SHELF_FILES'] ?? 400);
const ASKED = 10_000;
const PROVENANCE: Provenance = { made: 'image', sources: [], signatures: [], vouched: 'nobody', label: 'release' };
const family = (number: number) => ({ family: number, files: FILES, changed: 0.1, common: 0.15 });

const put = (shelf: DiskShelf, manifest: Manifest) => shelf.put({ manifest, provenance: PROVENANCE, writer: { by: 'here' } });
const bytesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, found) => sum + (found.isFile() ? found.size : 0), 0);

async function best(times: number, work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < times; at++) {
    const start = performance.now();
    await work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-shelf-'));
  const options = { config: join(folder, 'config') };
  try {
    await furtherBuilds(join(folder, 'large'), options);
    const path = join(folder, 'shelf');
    const shelf = await openShelf(path, options);
    const start = performance.now();
    await shelf.putAll(allBuilds());
    const seconds = (performance.now() - start) / 1000;
    const count = FAMILIES * BUILDS;
    console.log(
      `${count} builds of ${FILES} files added in ${seconds.toFixed(0)} s (${((1000 * seconds) / count).toFixed(1)} ms each, flushed each), ${(bytesIn(path) / 2 ** 20).toFixed(0)} MiB`,
    );
    await questions(path, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function questions(path: string, options: { readonly config: string }): Promise<void> {
  const phone = madeBuild(family(Math.floor(FAMILIES / 2)), 57);
  const files = new Map(phone.files.map(({ path: name, sha256 }) => [name, sha256 ?? '']));
  const digests: string[] = [];
  for (let i = 0; digests.length < ASKED; i++) {
    const { files: rows } = madeBuild(family((i * 37) % FAMILIES), (i * 61) % BUILDS);
    for (let j = i % 7; j < rows.length && digests.length < ASKED; j += 7) digests.push(rows[j]?.sha256 ?? '');
  }
  const first = async () => {
    const opened = await openShelf(path, options);
    const [near] = await opened.nearest({ identity: phone.identity, files });
    opened.close();
    return near;
  };
  console.log(`opening and the first identification: ${(await best(3, first)).toFixed(1)} ms`);
  const shelf = await openShelf(path, options);
  const [near] = await shelf.nearest({ identity: phone.identity, files });
  const isRight = near?.build.digest === manifestDigest(phone, nodeHash);
  const byFiles = await best(5, () => shelf.nearest({ files }));
  const both = await best(5, () => shelf.nearest({ identity: phone.identity, files }));
  const byIdentity = await best(5, () => shelf.nearest({ identity: phone.identity }));
  console.log(
    `identification by ${files.size} files and properties: ${both.toFixed(1)} ms (${isRight ? 'the right build' : 'another build'}); by files alone ${byFiles.toFixed(1)} ms, by properties alone ${byIdentity.toFixed(1)} ms`,
  );
  const found = await shelf.find(digests);
  const places = found.reduce((sum, one) => sum + one.places.length, 0);
  const builds = found.reduce((sum, one) => sum + one.places.reduce((total, place) => total + place.builds.length, 0), 0);
  console.log(
    `find of ${digests.length} hashes: ${(await best(5, () => shelf.find(digests))).toFixed(0)} ms (${places} places, ${builds} occurrences in builds); list: ${(await best(3, () => shelf.list())).toFixed(0)} ms; get: ${(await best(3, () => shelf.get(manifestDigest(phone, nodeHash)))).toFixed(0)} ms`,
  );
  shelf.close();
}

function* allBuilds(): Generator<NewBuild> {
  for (let number = 0; number < FAMILIES; number++)
    for (let n = 0; n < BUILDS; n++) yield { manifest: madeBuild(family(number), n), provenance: PROVENANCE, writer: { by: 'here' } };
}

/** What one more build of a family of 6,000 files costs, by the share of files that it changes. */
async function furtherBuilds(path: string, options: { readonly config: string }): Promise<void> {
  const shelf = await openShelf(path, options);
  const large = (n: number, changed: number) => madeBuild({ family: 1, files: 6000, changed, common: 0 }, n);
  const settled = async () => {
    await shelf.gc();
    return bytesIn(path);
  };
  for (let n = 0; n < 4; n++) await put(shelf, large(n, 0.2));
  for (const changed of [0.01, 0.1, 0.2, 0.5]) {
    const before = large(4, 0.2);
    await put(shelf, before);
    const bytes = await settled();
    const period = Math.round(1 / changed);
    const files = before.files.map((file, i) => (i % period === 0 ? { ...file, sha256: digestFor(file.sha256 ?? '', period) } : file));
    const after = canonicalManifest({ ...before, identity: { ...before.identity, 'build.version.incremental': `V4.${period}` }, files });
    await put(shelf, after);
    shelf.close();
    const raw = bytesIn(path) - bytes;
    const packed = (await settled()) - bytes;
    await shelf.remove(manifestDigest(after, nodeHash));
    console.log(
      `a further build of 6,000 files, ${100 * changed} % changed: ${(packed / 1000).toFixed(0)} kB after gc, ${(raw / 1000).toFixed(0)} kB before`,
    );
  }
  shelf.close();
}

const digestFor = (sha256: string, salt: number) => {
  const hasher = nodeHash('sha256');
  hasher.update(new TextEncoder().encode(`${sha256} ${salt}`));
  return Buffer.from(hasher.digest()).toString('hex');
};
