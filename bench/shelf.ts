/**
 * The shelf: identification, finding, what a further build costs, and opening, on synthetic families from a seed (test/support/made-builds.ts).
 * 100 families of 100 builds; each build changes a tenth of its files, and 15 % of a family's files occur in every family. `ASSAY_SHELF_FILES=N` sets the files of
 * each build (default 3,000: some 350 MB, and the longest of all benchmarks to make), `ASSAY_SHELF_FAMILIES=N` the families;
 * `ASSAY_SHELF_AT=FOLDER` asks a shelf that a run before made and left there, and makes it where there is none. Figures with a warm page cache, best of five; opening is a process of its own kind: a new connection.
 * The cost of a further build is measured apart, on a family of 6,000 files, as bytes of all files of the shelf before and after: the mean of four builds, since an index that was packed
 * splits pages for the first of them that the next ones fill. Keeping (verify, gc, export, import, rebuild) is measured on 40 and on 80 builds of four families: what grows faster than they
 * do would show.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeHash, nodeVerify } from '../src/platform/node/index.ts';
import { type KeptText, type Manifest, manifestDigest, type Provenance } from '../src/references/index.ts';
import { type DiskShelf, type NewBuild, openShelf } from '../src/store/shelf/index.ts';
import { openTexts } from '../src/store/shelf/texts.ts';
import { madeBuild } from '../test/support/made-builds.ts';

const FAMILIES = Number(process.env['ASSAY_SHELF_FAMILIES'] ?? 100);
const BUILDS = 100;
const FILES = Number(process.env['ASSAY_SHELF_FILES'] ?? 3000);
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
    furtherTexts(join(folder, 'texts'));
    await keeping(join(folder, 'keeping'), options);
    const path = process.env['ASSAY_SHELF_AT'] ?? join(folder, 'shelf');
    if (!existsSync(path)) await fill(path, options);
    await questions(path, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(path: string, options: { readonly config: string }): Promise<void> {
  const shelf = await openShelf(path, options);
  const start = performance.now();
  await shelf.putAll(allBuilds());
  const seconds = (performance.now() - start) / 1000;
  const count = FAMILIES * BUILDS;
  console.log(
    `${count} builds of ${FILES} files added in ${seconds.toFixed(0)} s (${((1000 * seconds) / count).toFixed(1)} ms each, flushed each), ${(bytesIn(path) / 2 ** 20).toFixed(0)} MiB`,
  );
  shelf.close();
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

const FURTHER = 4;

/** What one more build of a family of 6,000 files costs, by the share of files that it changes. */
async function furtherBuilds(path: string, options: { readonly config: string }): Promise<void> {
  for (const changed of [0.01, 0.1, 0.2, 0.5]) {
    const folder = `${path}-${changed}`;
    const shelf = await openShelf(folder, options);
    const build = (n: number) => madeBuild({ family: 1, files: 6000, changed, common: 0 }, n);
    const settled = async () => {
      await shelf.gc();
      shelf.close();
      return bytesIn(folder);
    };
    for (let n = 0; n < FURTHER; n++) await put(shelf, build(n));
    const bytes = await settled();
    for (let n = FURTHER; n < 2 * FURTHER; n++) await put(shelf, build(n));
    shelf.close();
    const raw = bytesIn(folder) - bytes;
    const packed = (await settled()) - bytes;
    const words = (total: number) => (total / FURTHER / 1000).toFixed(0);
    console.log(`a further build of 6,000 files, ${100 * changed} % changed: ${words(packed)} kB after gc, ${words(raw)} kB before`);
    rmSync(folder, { recursive: true });
  }
}

/** Keeping a shelf, by how many builds stand on it. */
async function keeping(path: string, options: { readonly config: string }): Promise<void> {
  for (const builds of [10, 20]) {
    const [folder, pack] = [`${path}-${builds}`, `${path}-${builds}.pack`];
    const shelf = await openShelf(folder, options);
    const made = function* (): Generator<NewBuild> {
      for (let number = 0; number < 4; number++)
        for (let n = 0; n < builds; n++) yield { manifest: madeBuild(family(number), n), provenance: PROVENANCE, writer: { by: 'here' } };
    };
    const figures: string[] = [];
    const timed = async (name: string, work: () => Promise<unknown>) => {
      const before = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(before);
      figures.push(`${name} ${((user + system) / 1000 / (4 * builds)).toFixed(1)}`);
    };
    await timed('add', () => shelf.putAll(made()));
    await timed('list', () => shelf.list());
    await timed('verify', () => shelf.verify());
    await timed('export', () => shelf.exportPack(pack, [], []));
    const other = await openShelf(`${folder}-other`, options);
    await timed('import', () => other.importPack(pack, { signers: [], verify: nodeVerify }));
    other.close();
    await timed('rebuild', () => shelf.rebuild());
    for (const [i, { digest }] of (await shelf.list()).entries()) if (i % 2 === 1) await shelf.remove(digest);
    await timed('gc of every other', () => shelf.gc());
    shelf.close();
    console.log(`${4 * builds} builds of ${FILES} files, ms of processor time for each: ${figures.join(', ')}`);
  }
}

/** What the texts of one more build cost: 1,200 of 120 lines, of which a share has another line. */
function furtherTexts(path: string): void {
  mkdirSync(path);
  const text = (number: number, version: number): KeptText => {
    const line = (i: number) =>
      `    <permission name="org.example.p${digestFor(`${number} ${i}`, i).slice(0, 12)}" granted="${i % 3 === 0}"/>`;
    const bytes = new TextEncoder().encode(
      `${Array.from({ length: 120 }, (_, i) => (i === 60 ? `<!-- ${version} -->` : line(i))).join('\n')}\n`,
    );
    const hasher = nodeHash('sha256');
    hasher.update(bytes);
    return { path: `/system/etc/permissions/p${number}.xml`, sha256: Buffer.from(hasher.digest()).toString('hex'), bytes };
  };
  const put = (version: (number: number) => number) => {
    const store = openTexts(path, 'write');
    store?.put(Array.from({ length: 1200 }, (_, number) => text(number, version(number))));
    store?.close();
    return bytesIn(path);
  };
  let before = put(() => 0);
  console.log(`texts of a first build, 1,200 of 9 kB: ${(before / 1000).toFixed(0)} kB`);
  for (const [version, share] of [0.05, 0.2].entries()) {
    const now = put((number) => (number % Math.round(1 / share) === 0 ? version + 1 : 0));
    console.log(`of a further one, ${100 * share} % changed: ${((now - before) / 1000).toFixed(0)} kB`);
    before = now;
  }
}

const digestFor = (sha256: string, salt: number) => {
  const hasher = nodeHash('sha256');
  hasher.update(new TextEncoder().encode(`${sha256} ${salt}`));
  return Buffer.from(hasher.digest()).toString('hex');
};
