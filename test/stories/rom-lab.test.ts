/** The adversary's hand on firmware: every alteration of `ROM_ALTERATIONS` against the maker's build, judged without a phone. */
import { beforeAll, describe, expect, test } from 'vitest';
import { forgeRom, makeRomKeys, ROM_ALTERATIONS, type RomAlteration, type RomKeys } from '../../src/forge/node/index.ts';
import type { Reference } from '../../src/references/index.ts';
import { renderTerminal, reportSchema } from '../../src/report/index.ts';
import { counted, type Images, inspectImages, referenceOf, romTools, verdictOf } from '../support/judge-rom.ts';

const FILES = 'boot.reference-files';
/** Alteration → checks that count against it, with the maker's own build as reference. */
const CAUGHT: Readonly<Record<string, readonly string[]>> = {
  'rom-retailer-app': ['image.signer', FILES],
  'rom-magisk': ['image.patched-boot', 'image.signer', FILES],
  'rom-kernelsu': ['image.patched-boot', 'image.signer', FILES],
  'rom-apatch': ['image.patched-boot', 'image.signer', FILES],
  'rom-otacerts': ['image.signer', 'reference.update-keys'],
  'rom-no-updater': ['image.signer'],
  'rom-trojan': ['image.signer', FILES],
  'rom-mixed': ['image.signer', 'reference.mixed-build'],
  'rom-own-key': ['image.signer'],
  'rom-hosts': ['image.signer', 'reference.server-names'],
  'rom-authority': ['image.signer'],
  'rom-keylayout': ['image.signer', 'reference.key-layouts'],
};

describe.skipIf(!romTools)('skipped where mkfs.erofs or mke2fs is not installed', { timeout: 120_000 }, () => {
  let keys: RomKeys;
  let maker: Reference;
  let update: Reference;
  const forge = async ({
    apply,
    patch,
    key,
    shareBlocks,
  }: Pick<RomAlteration, 'apply' | 'patch' | 'key' | 'shareBlocks'>): Promise<Images> =>
    (
      await forgeRom('payload-2025', 'maker', keys, {
        fill: 4,
        imagesOnly: true,
        avbKey: key,
        alter: apply,
        ...(patch === undefined ? {} : { patch }),
        ...(shareBlocks === undefined ? {} : { shareBlocks }),
      })
    ).images;
  const original: Pick<RomAlteration, 'apply' | 'key'> = { apply: (recipe) => recipe, key: 'maker' };
  beforeAll(async () => {
    keys = makeRomKeys();
    maker = await referenceOf(await forge(original));
    update = await referenceOf((await forgeRom('payload-2025', 'update', keys, { fill: 4, imagesOnly: true })).images);
  }, 120_000);

  test('every altered row is expected to be caught, or is known to be only held', () => {
    const rows = ROM_ALTERATIONS.filter(({ kind, id }) => kind === 'altered' && id !== 'rom-extra-digits').map(({ id }) => id);
    expect(Object.keys(CAUGHT)).toEqual(rows);
  });

  const altered = ROM_ALTERATIONS.filter(({ id }) => CAUGHT[id] !== undefined);
  test.each(altered.map((row) => [row.title, row] as const))('%s: rejected', async (_title, row) => {
    const report = await inspectImages(await forge(row), [maker, update]);
    expect([report.verdict.software, report.verdict.decision]).toEqual(['altered', 'reject']);
    expect(counted(report)).toEqual(expect.arrayContaining([...(CAUGHT[row.id] ?? [])]));
  });

  test('a version with digits of the seller’s behind it names no build that is known: held, and what differs is told', async () => {
    const row = ROM_ALTERATIONS.find(({ id }) => id === 'rom-extra-digits');
    const report = await inspectImages(row === undefined ? new Map() : await forge(row), [maker]);
    expect(verdictOf(report)).toEqual(['unproven', null, 'hold']);
    expect(report.comparisons[0]?.groups.map(({ name }) => name)).toContain('/system/build.prop');
    expect(report.comparisons[0]?.properties).toContainEqual(
      expect.objectContaining({ key: 'ro.build.version.incremental', before: 'OS2.0.1.0.VQRCNXM', after: 'OS2.0.1.0.VQRCNXM.88' }),
    );
  });

  test('what differs in a text is shown, on the terminal too', async () => {
    const row = ROM_ALTERATIONS.find(({ id }) => id === 'rom-hosts');
    const report = await inspectImages(row === undefined ? new Map() : await forge(row), [maker]);
    expect(report.comparisons[0]?.texts).toEqual([
      { path: '/system/etc/hosts', changes: [{ sign: '+', line: 2, text: '10.0.0.1 update.acme.example' }], left: null },
    ]);
    expect(reportSchema.safeParse(report).success).toBe(true);
    expect(renderTerminal(report, { width: 100, colour: false, height: 200 })).toContain('+ 10.0.0.1 update.acme.example');
  });

  // What the maker made convicts nobody; without a reference of its own it is unknown, and with one it is genuine.
  const benign = ROM_ALTERATIONS.filter(({ kind }) => kind === 'benign');
  test.each(benign.map((row) => [row.title, row] as const))(
    '%s: never altered, and genuine once its own build is known',
    async (_title, row) => {
      const images = await forge(row);
      const unknown = await inspectImages(images, [maker]);
      expect(counted(unknown)).toEqual([]);
      expect(verdictOf(unknown)).toEqual(['unproven', null, 'hold']);
      expect(verdictOf(await inspectImages(images, [maker, await referenceOf(images)]))).toEqual(['genuine', null, 'accept']);
    },
  );
});
