import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeApkSigner, signOta } from '../forge/node/index.ts';
import { writeZip } from '../formats/archive/index.ts';
import { openReference, type VouchingInputs } from './references.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-references-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const utf8 = new TextEncoder();
const ROM = writeZip(
  [
    ['system/build.prop', 'ro.build.fingerprint=Example/one/one:4.4/A/1:user/release-keys\n'],
    ['system/bin/sh', 'a shell'],
    [
      'META-INF/com/google/android/updater-script',
      'format("ext4", "EMMC", "x", "0", "/system"); package_extract_dir("system", "/system");',
    ],
  ].map(([name = '', text = '']) => ({ name, data: utf8.encode(text) })),
);
const maker = await makeApkSigner({ kind: 'rsa', name: 'maker' });
const other = await makeApkSigner({ kind: 'rsa', name: 'maker' });
const sha256 = createHash('sha256').update(maker.certificate).digest('hex');
const known: VouchingInputs = { signers: [{ sha256, owner: 'Example', role: 'ota', packages: [], sources: ['a test'] }] };

async function vouched(rom: Uint8Array, inputs: VouchingInputs): Promise<string> {
  const path = join(folder, 'rom.zip');
  writeFileSync(path, rom);
  const { vouched: who, provenance } = await openReference(path, inputs);
  expect(provenance?.vouched).toBe(who);
  return who;
}

test('a package that its maker signed', async () => expect(await vouched(await signOta(ROM, maker), known)).toBe('maker-signature'));

test('the same with a byte changed behind the signature', async () => {
  const rom = await signOta(ROM, maker);
  const at = Buffer.from(rom).indexOf('a shell');
  rom[at] = 0x41;
  expect(await vouched(rom, known)).toBe('nobody');
});

test('a certificate of one’s own, whatever it calls itself', async () =>
  expect(await vouched(await signOta(ROM, other), known)).toBe('nobody'));

test('the maker’s certificate where it is not known', async () => expect(await vouched(await signOta(ROM, maker), {})).toBe('nobody'));

test('nothing', async () => expect(await vouched(ROM, known)).toBe('nobody'));

test('an official list, by a digest of the whole file', async () => {
  const digest = createHash('sha256').update(ROM).digest('hex');
  expect(await vouched(ROM, { listed: ({ sha256: of }) => (of === digest ? 'a list' : undefined) })).toBe('official-list');
});

test('a document’s own word is nobody’s', async () => {
  const path = join(folder, 'reference.json');
  const manifest = { format: 'assay.manifest/1', identity: {}, partitions: [], files: [], apks: [] };
  const provenance = {
    made: 'image',
    sources: [],
    signatures: [{ over: 'ota zip', outcome: 'valid', signer: sha256, because: '' }],
    vouched: 'maker-signature',
    label: 'release',
  };
  writeFileSync(path, JSON.stringify({ format: 'assay.reference/1', manifest, provenance }));
  expect((await openReference(path, known)).vouched).toBe('nobody');
});
