import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codec, hash } from '../../../test/support/ports.ts';
import { FormatError } from '../../bytes/index.ts';
import type { Manifest, ManifestFile } from '../manifest.ts';
import { canonicalManifest, manifestDigest, writeManifest } from '../manifest-bytes.ts';
import { readColumn, writeColumn } from './columns.ts';
import { decodeManifest, decodeParts, type EncodedManifest, encodeManifest, readObject, writeObject } from './object.ts';

const sha256 = fc.nat({ max: 40 }).map((n) => n.toString(16).padStart(2, '0').repeat(32));
/** Few names, so that two builds have many in common; with what breaks naive codecs: NUL, halves of surrogate pairs, names that begin alike. */
const name = fc.oneof(
  fc.constantFrom('a', 'ab', 'abc', '', 'a\0b', '\ud83d\ude00x', '\ud83d\ude01y', '\ud83d', '__proto__'),
  fc.string({ maxLength: 3 }),
);
const file: fc.Arbitrary<ManifestFile> = fc.record({
  partition: fc.constantFrom('system', 'vendor', 'a', 'a\0'),
  path: fc.array(name, { maxLength: 3 }).map((names) => `/${names.join('/')}`),
  type: fc.constantFrom('file', 'directory', 'link', 'fifo', 'socket', 'character device', 'block device'),
  size: fc.oneof(fc.nat(), fc.constantFrom(Number.MAX_SAFE_INTEGER, undefined)),
  mode: fc.constantFrom('0644', '4755', '0000', '7777', undefined),
  uid: fc.constantFrom(0, 0xffff_ffff, undefined),
  gid: fc.oneof(fc.nat({ max: 3 }), fc.constant(undefined)),
  context: fc.oneof(fc.option(name), fc.constant(undefined)),
  capabilities: fc.option(fc.constantFrom('00', '01000002', undefined)),
  sha256: fc.option(sha256),
  target: fc.option(name),
});
const manifest: fc.Arbitrary<Manifest> = fc
  .record({
    identity: fc.dictionary(fc.constantFrom('build.id', 'product.name'), name),
    files: fc.array(file, { maxLength: 30 }),
    selinux: fc.array(fc.record({ partition: fc.constantFrom('system', 'vendor'), path: fc.constantFrom('/a', '/ab'), sha256 }), {
      maxLength: 4,
    }),
    properties: fc.array(fc.record({ path: fc.constantFrom('/x', '/y'), key: name, value: name }), { maxLength: 8 }),
    vbmetaDigest: fc.option(sha256),
  })
  .map((parts) => canonicalManifest({ format: 'assay.manifest/1', partitions: [], apks: [], ...parts }));

const digestOf = (value: Manifest) => manifestDigest(value, hash);
const partsOf = ({ body, digests }: EncodedManifest) => decodeParts(body, { version: 2, digests }, undefined);
const text = (value: Manifest) => new TextDecoder().decode(writeManifest(value));

test('any manifest comes back byte for byte, alone and against any other', () => {
  fc.assert(
    fc.property(manifest, manifest, (base, one) => {
      const alone = encodeManifest(base);
      expect(
        text(decodeManifest(alone.body, { version: 2, manifest: digestOf(base), digests: alone.digests }, { hash, base: undefined })),
      ).toBe(text(base));
      const { body, digests } = encodeManifest(one, base);
      expect(text(decodeManifest(body, { version: 2, manifest: digestOf(one), digests }, { hash, base: partsOf(alone) }))).toBe(text(one));
    }),
  );
});

test('what is born and what died turns the contents of the one into those of the other', () => {
  const contents = (files: readonly ManifestFile[]) =>
    files.filter((one) => one.sha256 !== null).map((one) => `${one.partition}\0${one.path}\0${one.sha256}`);
  fc.assert(
    fc.property(manifest, manifest, (base, one) => {
      const { born, died } = encodeManifest(one, base);
      const left = contents(base.files);
      for (const row of contents(died)) left.splice(left.indexOf(row), 1);
      expect([...left, ...contents(born)].toSorted()).toEqual(contents(one.files).toSorted());
    }),
  );
});

test('the same build again costs nothing', () => {
  fc.assert(
    fc.property(manifest, (one) => {
      const { digests, born, died } = encodeManifest(one, one);
      const keys = new Set(one.files.map(({ partition, path }) => `${partition}\0${path}`));
      // Rows that share a path are dropped and added: nothing says which is which.
      fc.pre(keys.size === one.files.length);
      expect([digests.length, born, died]).toEqual([0, [], []]);
    }),
  );
});

test('numbers come back, in no more bytes than they need', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 127, 128, 2 ** 53 - 1))), (numbers) => {
      const writer = writeColumn();
      numbers.forEach(writer.number);
      const reader = readColumn('test', writer.bytes());
      expect(numbers.map(() => reader.number())).toEqual(numbers);
      reader.end();
    }),
  );
  expect(() => readColumn('test', new Uint8Array([0x80, 0x00])).number()).toThrow(FormatError);
  expect(() => readColumn('test', new Uint8Array([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])).number()).toThrow(FormatError);
  expect(() => readColumn('test', new Uint8Array([0x80])).number()).toThrow(FormatError);
  expect(() => writeColumn().number(-1)).toThrow(RangeError);
  expect(() => writeColumn().number(0.5)).toThrow(RangeError);
});

const ROW: ManifestFile = {
  partition: 'system',
  path: '/system/a',
  type: 'file',
  size: 1,
  mode: '0644',
  uid: 0,
  gid: 0,
  context: 'u:object_r:system_file:s0',
  capabilities: null,
  sha256: '11'.repeat(32),
  target: null,
};
const BASE = canonicalManifest({
  format: 'assay.manifest/1',
  identity: {},
  partitions: [],
  apks: [],
  files: [ROW, { ...ROW, path: '/system/b' }],
});
const NEXT = canonicalManifest({
  ...BASE,
  files: [
    { ...ROW, sha256: '22'.repeat(32) },
    { ...ROW, path: '/system/c' },
  ],
});
const encoded = encodeManifest(NEXT, BASE);
const whole = writeObject(
  {
    manifest: digestOf(NEXT),
    base: digestOf(BASE),
    depth: 1,
    bodySize: encoded.body.length,
    digests: encoded.digests,
    packed: encoded.body,
  },
  hash,
);

test('an object says what it is of, and every byte of it is under its checksum', () => {
  const head = readObject(whole, hash);
  expect(head).toMatchObject({ manifest: digestOf(NEXT), base: digestOf(BASE), depth: 1, bodySize: encoded.body.length });
  expect(head.packed).toEqual(encoded.body);
  for (let at = 0; at < whole.length; at++) {
    const bent = whole.slice();
    bent[at] = (bent[at] ?? 0) ^ 0x40;
    expect(() => readObject(bent, hash)).toThrow(FormatError);
  }
  for (let length = 0; length < whole.length; length++) expect(() => readObject(whole.subarray(0, length), hash)).toThrow(FormatError);
});

/** Objects whose checksum is right and whose words are not. */
const head = readObject(whole, hash);
test.each([
  ['a depth without a base', { base: undefined, depth: 3 }],
  ['a base without a depth', { depth: 0 }],
  ['a chain of thousands', { depth: 5000 }],
  ['a body that unpacks to gigabytes', { bodySize: 0xffff_ffff }],
])('refused: %s', (_name, change) => {
  expect(() => readObject(writeObject({ ...head, ...change }, hash), hash)).toThrow(FormatError);
});

test('a count of digests beyond the end is refused before anything is made of it', () => {
  const bent = whole.slice();
  new DataView(bent.buffer).setUint32(80, 0xffff_ffff, true);
  expect(() => readObject(bent, hash)).toThrow(FormatError);
});

test('a body under another name, against another base, cut or longer is refused', () => {
  const base = partsOf(encodeManifest(BASE));
  const { body, digests } = encoded;
  const named = { version: 2 as const, manifest: digestOf(NEXT), digests };
  expect(decodeManifest(body, named, { hash, base })).toEqual(NEXT);
  expect(() => decodeManifest(body, { ...named, manifest: digestOf(BASE) }, { hash, base })).toThrow(/it holds/);
  expect(() => decodeManifest(body, named, { hash, base: undefined })).toThrow(FormatError);
  expect(() => decodeManifest(body, { ...named, digests: digests.subarray(32) }, { hash, base })).toThrow(FormatError);
  expect(() => decodeManifest(body, { ...named, digests: new Uint8Array([...digests, ...digests]) }, { hash, base })).toThrow(FormatError);
  expect(() => decodeManifest(new Uint8Array([...body, 0]), named, { hash, base })).toThrow(FormatError);
  for (let length = 0; length < body.length; length++)
    expect(() => decodeManifest(body.subarray(0, length), named, { hash, base })).toThrow(FormatError);
});

/** As version 1 wrote it: three rows, one of them without a label, one with capabilities. */
const VERSION_1 =
  'QVNIRUxGMQro4mXdD+I84ECz+AauGirYXOgaZT4RO/YQguR+rML7QgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEcBAAACAAAAERERERER' +
  'EREREREREREREREREREREREREREREREREREiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiItoAAAA9jkFOwzAQRZ2ElO5YcIO/tmhg6V2l3gJVlUMG' +
  'NMV1InuCUlW5TQ/EFTgAd0COAVvyf/M0+rJS+VTpWa9TFDerFGVZLlItUdf1Sil1rb7vr1X2KonPu3SrpSH7eukqilypbr+UUhcITRJhnrGJ5yh02lhoZITG' +
  'aPr2SC9yCCa7wys7MrGBRguN5rF5goaDhsVeI1AUmAu4Iy8s58TtyK574A4GW8waH+2JxO74bdn1o3Magw3Cwr1PX9lr2OH9n2iiXx5CP1AQ/psjOfbjlAf2' +
  'LJlGH8h2ief5B6/2X3UqYBIiUfTYeP+dgz2UXKkm00Kd6vDsIF6+efxl';

test('an object of version 1 is read, and one of this version may stand on it', async () => {
  const bytes = Uint8Array.from(atob(VERSION_1), (character) => character.charCodeAt(0));
  const old = readObject(bytes, hash);
  expect(old.version).toBe(1);
  const body = await codec('deflate-raw', old.packed, old.bodySize);
  const manifest = decodeManifest(body, old, { hash, base: undefined });
  expect(
    manifest.files.map(({ path, mode, gid, context, capabilities, target }) => [path, mode, gid, context, capabilities, target]),
  ).toEqual([
    ['/system/a', '0644', 2000, 'u:object_r:system_file:s0', null, null],
    ['/system/b', '4755', 2000, null, '0102', null],
    ['/system/l', '0644', 2000, 'u:object_r:system_file:s0', null, 'a'],
  ]);
  const next = canonicalManifest({
    ...manifest,
    files: manifest.files.map(({ path, partition, type, sha256: own, target }) => ({ path, partition, type, sha256: own, target })),
  });
  const { body: changed, digests } = encodeManifest(next, manifest);
  const base = decodeParts(body, old, undefined);
  expect(decodeManifest(changed, { version: 2, manifest: digestOf(next), digests }, { hash, base })).toEqual(next);
  expect(() => decodeParts(body, { version: 2, digests: old.digests }, undefined)).toThrow(FormatError);
});
