import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { madeBuild } from '../../../test/support/made-builds.ts';
import { nodeHash } from '../../platform/node/index.ts';
import {
  type Manifest,
  manifestDigest,
  memoryShelf,
  type NearBuild,
  type Provenance,
  type Reference,
  writeManifest,
} from '../../references/index.ts';
import { openShelf } from './shelf.ts';

const folder = await mkdtemp(join(tmpdir(), 'assay-shelf-'));
afterAll(() => rm(folder, { recursive: true }));
let count = 0;
const newShelf = (config = join(folder, 'config')) => openShelf(join(folder, `shelf-${count++}`), { config });
const again = ({ folder: path }: { readonly folder: string }, config = join(folder, 'config')) => openShelf(path, { config });

function reference(manifest: Manifest, provenance: Partial<Provenance> = {}): Reference {
  const whole: Provenance = { made: 'image', sources: [], signatures: [], vouched: 'nobody', label: 'release', ...provenance };
  return { manifest, digest: manifestDigest(manifest, nodeHash), vouched: whole.vouched, label: whole.label, provenance: whole };
}

const SIZES = { files: 60, changed: 0.2, common: 0.3 };
const FAMILY = { family: 1, ...SIZES };
const builds = [0, 1, 2, 3, 4].map((n) => madeBuild(FAMILY, n));
const others = [0, 1, 2].map((n) => madeBuild({ family: 2, ...SIZES }, n));
const all = [...builds, ...others].map((manifest) => reference(manifest));
const text = (manifest: Manifest) => new TextDecoder().decode(writeManifest(manifest));

describe('a shelf on disk', () => {
  test('every build comes back byte for byte, whatever order they came in', async () => {
    const shelf = await newShelf();
    expect(await shelf.list()).toEqual([]);
    expect(await shelf.find(['0'.repeat(64)])).toEqual([{ sha256: '0'.repeat(64), places: [] }]);
    const mixed = [3, 0, 6, 4, 1, 7, 2, 5].flatMap((n) => all[n] ?? []);
    for (const one of mixed) expect(await shelf.add(one)).toBe(one.digest);
    const opened = await again(shelf);
    for (const one of all) expect(text((await opened.get(one.digest)).manifest)).toBe(text(one.manifest));
    expect((await opened.list()).map(({ digest }) => digest)).toEqual(mixed.map(({ digest }) => digest));
    await expect(opened.get('0'.repeat(64))).rejects.toThrow(RangeError);
  });

  test('some builds are asked for without the others, by digest or by how one begins', async () => {
    const shelf = await newShelf();
    const [one, two] = [all[0]?.digest ?? '', all[5]?.digest ?? ''];
    expect(await shelf.builds([one])).toEqual([undefined]);
    expect(await shelf.digestsFrom('')).toEqual([]);
    for (const each of all) await shelf.add(each);
    const list = new Map((await shelf.list()).map((build) => [build.digest, build]));
    expect(await shelf.builds([two, 'f'.repeat(64), one])).toEqual([list.get(two), undefined, list.get(one)]);
    for (const length of [0, 1, 6, 7, 63, 64]) {
      const beginning = one.slice(0, length);
      expect(await shelf.digestsFrom(beginning)).toEqual([...list.keys()].filter((digest) => digest.startsWith(beginning)).toSorted());
    }
    await shelf.remove(one);
    expect(await shelf.digestsFrom(one)).toEqual([]);
    expect(await shelf.builds([one])).toEqual([undefined]);
  });

  test('it answers as a shelf in memory does', async () => {
    const shelf = await newShelf();
    const memory = memoryShelf(nodeHash, all);
    for (const one of all) await shelf.add(one);
    const contents = [...new Set(all.flatMap(({ manifest }) => manifest.files.flatMap(({ sha256 }) => sha256 ?? [])))];
    const sorted = (found: Awaited<ReturnType<typeof shelf.find>>) =>
      found.map(({ sha256, places }) => ({ sha256, places: places.map((place) => ({ ...place, builds: place.builds.toSorted() })) }));
    expect(sorted(await shelf.find([...contents, 'f'.repeat(64)]))).toEqual(sorted(await memory.find([...contents, 'f'.repeat(64)])));
    const plain = (near: readonly NearBuild[]) =>
      near.map(({ build, components, ...rest }) => ({
        digest: build.digest,
        ...rest,
        components: components.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      }));
    for (const { manifest } of all) {
      const files = new Map(manifest.files.slice(5, 45).map(({ path, sha256 }) => [path, sha256 ?? '']));
      const query = { files, identity: builds[0]?.identity ?? {}, limit: 100 };
      expect(plain(await shelf.nearest(query))).toEqual(plain(await memory.nearest(query)));
      expect((await shelf.nearest({ files }))[0]?.build.digest).toBe(manifestDigest(manifest, nodeHash));
    }
    const byName = await shelf.nearest({ identity: { 'product.name': 'made2' } });
    expect(new Set(byName.map(({ build }) => build.digest))).toEqual(new Set(all.slice(5).map(({ digest }) => digest)));
    expect((await shelf.nearest({ identity: { 'product.brand': 'Example' }, limit: 3 })).length).toBe(3);
    expect(await shelf.nearest({ identity: { 'product.brand': 'Nobody' } })).toEqual([]);
  });

  test('the same build again adds where it came from, and nothing else', async () => {
    const shelf = await newShelf();
    const [first] = all;
    if (first === undefined) throw new Error('no build');
    await shelf.add(first);
    const source = { name: 'a.zip', size: 1, sha256: null, kind: 'zip' };
    expect(
      await shelf.put({
        manifest: first.manifest,
        provenance: { ...reference(first.manifest).provenance, sources: [source] } as Provenance,
        writer: { by: 'here' },
      }),
    ).toEqual({ digest: first.digest, isKnown: true });
    expect((await shelf.list()).length).toBe(1);
  });

  test('an older build of a family is superseded', async () => {
    const shelf = await newShelf();
    for (const one of all.slice(0, 3)) await shelf.add(one);
    expect((await shelf.list()).map(({ label }) => label)).toEqual(['superseded', 'superseded', 'release']);
  });
});

describe('who vouches', () => {
  const signed = (signer: string): Partial<Provenance> => ({ signatures: [{ over: 'ota zip', outcome: 'valid', signer, because: '' }] });
  const XIAOMI = 'd45f076fe23a1a5b7f486e3ff41547a2023dbfe1fe73353b1e48ebdfed72cc6f';
  const TESTKEY = 'a40da80a59d170caa950cf15c18c454d47a39b26989d8b640ecd745ba71bf5dc';
  const manifest = builds[0] ?? madeBuild(FAMILY, 0);
  const vouched = async (provenance: Partial<Provenance>, config?: string) => {
    const shelf = await newShelf();
    const digest = await shelf.add(reference(manifest, provenance));
    return (await (await again(shelf, config)).get(digest)).vouched;
  };

  test('a maker’s signature over the package that this operator verified', async () => {
    expect(await vouched(signed(XIAOMI))).toBe('maker-signature');
  });
  test.each<[string, Partial<Provenance>]>([
    ['a document’s own word', { vouched: 'maker-signature' }],
    ['a test key', signed(TESTKEY)],
    ['a key that nobody knows', signed('00'.repeat(32))],
    ['a signature that does not hold', { signatures: [{ over: 'ota zip', outcome: 'invalid', signer: XIAOMI, because: '' }] }],
    ['a signature over something else', { signatures: [{ over: 'payload metadata', outcome: 'valid', signer: XIAOMI, because: '' }] }],
    ['a phone that was believed genuine', { made: 'phone', ...signed(XIAOMI) }],
    ['a list of digests', { made: 'list', ...signed(XIAOMI) }],
    ['an extracted tree', { made: 'tree', ...signed(XIAOMI) }],
  ])('not: %s', async (_name, provenance) => {
    expect(await vouched(provenance)).toBe('nobody');
  });
  test('not: the same shelf in another operator’s hands', async () => {
    expect(await vouched(signed(XIAOMI), join(folder, 'another'))).toBe('nobody');
  });
});
