import { expect, test } from 'vitest';
import { digestOf, fileRow, manifestOf } from '../../../test/support/made-manifest.ts';
import { hash } from '../../../test/support/ports.ts';
import type { Facts, ListedFile } from '../../evidence/index.ts';
import { manifestDigest } from '../manifest-bytes.ts';
import type { Reference } from '../provenance.ts';
import { memoryShelf } from '../shelf/memory.ts';
import { askShelf } from './ask-shelf.ts';

const fingerprint = (version: string) => `Acme/steel/steel:4.4.4/KTU84P/${version}:user/release-keys`;
function build(version: string, files: readonly (readonly [string, string])[], vouched: Reference['vouched'] = 'official-list'): Reference {
  const manifest = manifestOf(
    files.map(([path, content]) => fileRow(path, content)),
    { identity: { 'build.fingerprint': fingerprint(version), 'build.version.incremental': version } },
  );
  const provenance = { made: 'image' as const, sources: [], signatures: [], vouched, label: 'release' as const };
  return { manifest, digest: manifestDigest(manifest, hash), vouched, label: 'release', provenance };
}
const system = (version: string) =>
  Array.from({ length: 20 }, (_, index) => [`/system/lib/lib${index}.so`, `${version} ${index}`] as const);
const vendor = (version: string) =>
  Array.from({ length: 9 }, (_, index) => [`/vendor/lib/hw${index}.so`, `${version} hw ${index}`] as const);
const place = { artefact: 'x', at: 0, length: 1 };
function phone(version: string, files: readonly (readonly [string, string])[]): Facts {
  const rows = files.map(
    ([path, content]): ListedFile => ({
      path,
      type: 'file',
      size: undefined,
      mode: undefined,
      uid: undefined,
      gid: undefined,
      context: undefined,
      sha256: digestOf(content),
      target: undefined,
      modified: undefined,
    }),
  );
  return {
    list: [
      {
        kind: 'properties',
        value: { layer: 'runtime', entries: [{ key: 'ro.build.fingerprint', value: fingerprint(version), place }] },
        standing: 'told',
        place,
        oddities: [],
      },
      { kind: 'files', value: { roots: ['/'], files: rows }, standing: 'shown', place, oddities: [] },
    ],
    unread: [],
  };
}
const V1 = build('V1', [...system('V1'), ...vendor('V1')]);
const V2 = build('V2', [...system('V2'), ...vendor('V2')]);
const OTHER = build('V9', [['/system/lib/x.so', 'x']]);
const versions = (references: readonly Reference[]) => references.map(({ manifest }) => manifest.identity['build.version.incremental']);

test('the build that the phone names, the one claimed and the likest are taken off the shelf', async () => {
  const shelf = memoryShelf(hash, [OTHER, V1, V2]);
  const { references } = await askShelf(phone('V1', system('V2')), {}, [], shelf);
  expect(versions(references).slice(0, 2)).toEqual(['V1', 'V2']);
  expect(versions((await askShelf(phone('unknown', []), { build: 'V9' }, [], shelf)).references)).toContain('V9');
});

test('a component’s own build comes along, though the whole is another’s', async () => {
  const { references } = await askShelf(phone('V1', [...system('V1'), ...vendor('V2')]), {}, [], memoryShelf(hash, [V1, V2]));
  expect(versions(references)).toEqual(expect.arrayContaining(['V1', 'V2']));
});

test('an unknown file that is in another official build of the maker is said to be', async () => {
  const files = system('V1').map(([path, content], index) => [path, index === 3 ? 'V2 3' : content] as const);
  const { elsewhere } = await askShelf(phone('V1', files), {}, [], memoryShelf(hash, [V1, V2]));
  expect(elsewhere?.get(digestOf('V2 3'))).toEqual({ build: fingerprint('V2'), path: '/system/lib/lib3.so', isOfficial: true });
});

test('of the places where official builds have it, the one where the phone has it is told', async () => {
  const twice = build('V3', [...system('V3'), ['/system/lib/aa.so', 'twin'], ['/system/lib/lib3.so', 'twin']]);
  const files = system('V1').map(([path, content], index) => [path, index === 3 ? 'twin' : content] as const);
  const { elsewhere } = await askShelf(phone('V1', files), {}, [], memoryShelf(hash, [V1, twice]));
  expect(elsewhere?.get(digestOf('twin'))?.path).toBe('/system/lib/lib3.so');
});

test('what the operator gave stays, unless the shelf has the very same build and knows who vouches for it', async () => {
  const given = { ...V1, vouched: 'nobody' } as const;
  expect((await askShelf(phone('V1', system('V1')), {}, [given], memoryShelf(hash, [V1]))).references).toEqual([V1]);
  expect((await askShelf(phone('V1', system('V1')), {}, [given], undefined)).references).toEqual([given]);
  expect((await askShelf(phone('V1', system('V1')), {}, [given], memoryShelf(hash))).references).toEqual([given]);
});

test('properties and digests of a hostile phone are only looked up', async () => {
  const facts = phone('__proto__', [['/system/constructor', 'x']]);
  await expect(askShelf(facts, { build: '__proto__' }, [], memoryShelf(hash, [V1]))).resolves.toBeDefined();
});
