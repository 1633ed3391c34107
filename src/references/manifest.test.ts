import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hash } from '../../test/support/ports.ts';
import { FormatError } from '../bytes/index.ts';
import type { Manifest, ManifestFile } from './manifest.ts';
import { manifestDigest, readManifest, readReference, writeManifest, writeReference } from './manifest-bytes.ts';

const FILE: ManifestFile = {
  partition: 'system',
  path: '/system/app/Calendar.apk',
  type: 'file',
  size: 3,
  mode: '0644',
  uid: 0,
  gid: 0,
  context: 'u:object_r:system_file:s0',
  capabilities: null,
  sha256: '11'.repeat(32),
  target: null,
};
const MANIFEST: Manifest = {
  format: 'assay.manifest/1',
  identity: { 'build.fingerprint': 'Xiaomi/cancro/cancro:4.4.4/KTU84P/V6.3.3.0.KXDCNBL:user/release-keys', 'build.id': 'KTU84P' },
  partitions: [{ name: 'system', size: 4096, sha256: '22'.repeat(32), rootDigest: null, over: 'files', kind: 'ext', avb: null }],
  files: [FILE, { ...FILE, path: '/system/app', type: 'directory', size: 0, mode: '0755', sha256: null }],
  apks: [{ partition: 'system', path: FILE.path, package: 'a.b', versionCode: 1, versionName: null, signers: [], sha256: '11'.repeat(32) }],
  properties: [
    { path: '/system/build.prop', key: 'ro.b', value: '1' },
    { path: '/system/build.prop', key: 'ro.a', value: '2' },
  ],
};
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test('the same rows in another order, and keys in another order, are the same bytes', () => {
  const { format, ...rest } = MANIFEST;
  const other: Manifest = {
    ...rest,
    files: MANIFEST.files.toReversed(),
    identity: Object.fromEntries(Object.entries(MANIFEST.identity).toReversed()),
    format,
  };
  expect(manifestDigest(other, hash)).toBe(manifestDigest(MANIFEST, hash));
  expect(readManifest(bytes(other)).files.map(({ path }) => path)).toEqual(['/system/app', '/system/app/Calendar.apk']);
});

test('the order of properties in a file is kept: the last one counts', () => {
  expect(readManifest(writeManifest(MANIFEST)).properties?.map(({ key }) => key)).toEqual(['ro.b', 'ro.a']);
});

test('any change of a file is another digest', () => {
  const of = (file: Partial<ManifestFile>) => manifestDigest({ ...MANIFEST, files: [{ ...FILE, ...file }] }, hash);
  const digests = [
    of({}),
    of({ mode: '4755' }),
    of({ uid: 1 }),
    of({ context: null }),
    of({ sha256: '33'.repeat(32) }),
    of({ path: '/system/a' }),
  ];
  expect(new Set(digests).size).toBe(digests.length);
});

test('writing and reading come back equal', () => {
  const name = fc.string({ maxLength: 20, unit: 'grapheme' });
  fc.assert(
    fc.property(fc.array(fc.record({ path: name, partition: name, size: fc.nat(), uid: fc.nat() }), { maxLength: 20 }), (list) => {
      const written = writeManifest({ ...MANIFEST, files: list.map((file) => ({ ...FILE, ...file })) });
      expect(writeManifest(readManifest(written))).toEqual(written);
    }),
  );
});

test('a reference keeps its provenance, and its digest is its manifest’s alone', () => {
  const provenance = { made: 'image', sources: [], signatures: [], vouched: 'official-list', label: 'engineering' } as const;
  const digest = manifestDigest(MANIFEST, hash);
  const whole = { ...provenance, sources: [], signatures: [] };
  const read = readReference(
    writeReference({ manifest: MANIFEST, digest, vouched: 'official-list', label: 'engineering', provenance: whole }),
    hash,
  );
  expect(read).toMatchObject({ digest, vouched: 'official-list', label: 'engineering', provenance });
});

test('a manifest without provenance is vouched for by nobody', () => {
  expect(readReference(writeManifest(MANIFEST), hash)).toMatchObject({ vouched: 'nobody', digest: manifestDigest(MANIFEST, hash) });
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['another format', { ...MANIFEST, format: 'assay.manifest/2' }],
  ['a key that is not known', { ...MANIFEST, vouched: 'maker-signature' }],
  ['a digest that is none', { ...MANIFEST, files: [{ ...FILE, sha256: 'abc' }] }],
  ['a size that is negative', { ...MANIFEST, files: [{ ...FILE, size: -1 }] }],
  ['a mode that is decimal', { ...MANIFEST, files: [{ ...FILE, mode: '0698' }] }],
  ['a path of megabytes', { ...MANIFEST, files: [{ ...FILE, path: 'a'.repeat(1 << 20) }] }],
  ['a reference without provenance', { format: 'assay.reference/1', manifest: MANIFEST }],
])('refused: %s', (_name, value) => {
  expect(() => readReference(value === undefined ? new Uint8Array(0) : bytes(value), hash)).toThrow(FormatError);
});
