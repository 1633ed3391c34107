import { expect, test } from 'vitest';
import { hash } from '../../../test/support/ports.ts';
import type { Manifest, ManifestFile } from '../manifest.ts';
import { canonicalManifest, manifestDigest } from '../manifest-bytes.ts';
import type { Reference } from '../provenance.ts';
import { memoryShelf } from './memory.ts';

const sha = (digit: string) => digit.repeat(64);
const file = (path: string, sha256: string, partition = 'system'): ManifestFile => ({
  partition,
  path,
  type: 'file',
  size: 3,
  mode: '0644',
  uid: 0,
  gid: 0,
  context: null,
  capabilities: null,
  sha256,
  target: null,
});

function reference(incremental: string, files: readonly ManifestFile[]): Reference {
  const made: Manifest = {
    format: 'assay.manifest/1',
    identity: {
      'build.fingerprint': `Example/one/one:14/UP1A/${incremental}:user/release-keys`,
      'build.version.incremental': incremental,
      'product.name': 'one',
    },
    partitions: [{ name: 'system', size: 1, sha256: null, rootDigest: null }],
    files,
    apks: [],
  };
  const manifest = canonicalManifest(made);
  const provenance = { made: 'image' as const, sources: [], signatures: [], vouched: 'nobody' as const, label: 'release' as const };
  return { manifest, digest: manifestDigest(manifest, hash), vouched: 'nobody', label: 'release', provenance };
}

const first = reference('1', [file('/system/a', sha('a')), file('/system/b', sha('b')), file('/vendor/v', sha('e'), 'vendor')]);
const second = reference('2', [file('/system/a', sha('a')), file('/system/c', sha('b')), file('/vendor/v', sha('f'), 'vendor')]);
const shelf = memoryShelf(hash, [first, second]);

test('a content is found in every build and under every path that has it', async () => {
  expect(await shelf.find([sha('b'), sha('a'), sha('0')])).toEqual([
    {
      sha256: sha('b'),
      places: [
        { partition: 'system', path: '/system/b', builds: [first.digest] },
        { partition: 'system', path: '/system/c', builds: [second.digest] },
      ],
    },
    { sha256: sha('a'), places: [{ partition: 'system', path: '/system/a', builds: [first.digest, second.digest] }] },
    { sha256: sha('0'), places: [] },
  ]);
  await expect(shelf.find(['A'.repeat(64)])).rejects.toThrow(RangeError);
});

test('files outrank what a phone says it is, and components are matched alone', async () => {
  const files = new Map([
    ['/system/a', sha('a')],
    ['/vendor/v', sha('f')],
  ]);
  const [best, next] = await shelf.nearest({ identity: { ...first.manifest.identity, 'no.such': 'x' }, files });
  expect(best).toMatchObject({
    build: { digest: second.digest },
    sameFiles: 2,
    comparedFiles: 2,
    sameIdentity: ['product.name'],
    otherIdentity: ['build.fingerprint', 'build.version.incremental'],
    components: [
      { name: 'system', sameFiles: 1 },
      { name: 'vendor', sameFiles: 1 },
    ],
  });
  expect(next).toMatchObject({ build: { digest: first.digest }, sameFiles: 1, otherIdentity: [] });
});

test('without files the identity decides, and what has nothing in common is left out', async () => {
  expect((await shelf.nearest({ identity: { 'build.version.incremental': '2' } })).map(({ build }) => build.digest)).toEqual([
    second.digest,
  ]);
  expect(await shelf.nearest({ identity: { 'product.name': 'two' } })).toEqual([]);
  expect(await shelf.nearest({})).toEqual([]);
});

test('a component that two builds share has one digest', async () => {
  const third = reference('3', [file('/system/a', sha('a')), file('/vendor/v', sha('e'), 'vendor')]);
  const digests = async (name: string) =>
    (await memoryShelf(hash, [first, second, third]).list()).map(
      ({ components }) => components.find((component) => component.name === name)?.digest,
    );
  const vendors = await digests('vendor');
  expect(vendors[0]).toBe(vendors[2]);
  expect(vendors[0]).not.toBe(vendors[1]);
  expect(new Set(await digests('system')).size).toBe(3);
});

test('a reference that is not there is refused', async () => {
  await expect(shelf.get(sha('0'))).rejects.toThrow(RangeError);
  expect(await shelf.get(first.digest)).toBe(first);
});
