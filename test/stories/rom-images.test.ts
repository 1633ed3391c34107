/** Firmware without a phone: the maker's build, its update, a retailer's version, parts of two builds, and boot images patched for root. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type ForgedRom, forgeRom, makeRomKeys, type RomKeys } from '../../src/forge/node/index.ts';
import { compareManifests, type Reference } from '../../src/references/index.ts';
import { reportSchema } from '../../src/report/index.ts';
import { labPolicy, ownerPolicy } from '../../src/verdict/index.ts';
import { counted, type Images, inspectImages, referenceOf, romTools, verdictOf } from '../support/judge-rom.ts';

const inspect = inspectImages;
describe.skipIf(!romTools)('skipped where mkfs.erofs or mke2fs is not installed', { timeout: 120_000 }, () => {
  let keys: RomKeys;
  const roms = new Map<string, ForgedRom>();
  const images = (name: string): Images => roms.get(name)?.images ?? new Map();
  let maker: Reference;
  let update: Reference;
  beforeAll(async () => {
    keys = makeRomKeys();
    for (const version of ['maker', 'update', 'retailer'] as const)
      roms.set(version, await forgeRom('payload-2025', version, keys, { fill: 10, imagesOnly: true }));
    for (const patch of ['magisk', 'kernelsu', 'apatch'] as const)
      roms.set(patch, await forgeRom('payload-2025', 'maker', keys, { fill: 10, imagesOnly: true, patch }));
    roms.set('maker 2015', await forgeRom('fastboot-2015', 'maker', keys));
    roms.set('retailer 2015', await forgeRom('fastboot-2015', 'retailer', keys));
    maker = await referenceOf(images('maker'));
    update = await referenceOf(images('update'));
  }, 120_000);

  test('the maker’s own build is genuine, byte for byte, and may be installed', async () => {
    const report = await inspect(images('maker'), [update, maker]);
    expect(verdictOf(report)).toEqual(['genuine', null, 'accept']);
    expect(reportSchema.safeParse(report).success).toBe(true);
    expect(report.subject.kind).toBe('image');
    expect(report.verdict.reason).toContain('byte for byte');
  });

  test('its apps are seen as those are that were pulled from a phone', async () => {
    const { packages } = await inspect(images('maker'), [maker]);
    expect(packages?.rows.length).toBeGreaterThan(0);
    for (const row of packages?.rows ?? []) expect(row).toMatchObject({ schemes: ['v2'], exported: 0, exportedOpen: 0, abis: [] });
  });

  test('a reference that nobody vouches for clears nothing', async () => {
    expect(verdictOf(await inspect(images('maker'), [{ ...maker, vouched: 'nobody' }]))).toEqual(['unproven', null, 'hold']);
    expect(verdictOf(await inspect(images('maker'), []))).toEqual(['unproven', null, 'hold']);
  });

  test('the maker’s update against an old reference is not an alteration', async () => {
    const report = await inspect(images('update'), [maker]);
    expect(verdictOf(report)).toEqual(['unproven', null, 'hold']);
    expect(counted(report)).toEqual([]);
    const { groups, identity } = compareManifests(maker.manifest, update.manifest);
    expect(groups.map(({ change, name }) => `${change} ${name}`)).toContain('changed /system/lib64/libandroid_runtime.so');
    expect(identity.map(({ key }) => key)).toContain('build.fingerprint');
  });

  test('a retailer’s version names the maker’s build, and holds two apps more under another key', async () => {
    const report = await inspect(images('retailer'), [maker]);
    expect(verdictOf(report)).toEqual(['altered', 'modified', 'reject']);
    expect(counted(report)).toEqual(expect.arrayContaining(['boot.reference-files', 'image.signer', 'packages.reference']));
    const [first] = report.comparisons;
    expect(first?.reasons).toEqual(['said', 'nearest']);
    expect(first?.groups.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'app com.android.systemupdateservice',
      'app com.seller.appcenter',
    ]);
  });

  test('a vendor partition of the update under the old system is mixed', async () => {
    const mixed = new Map([...images('maker'), ['vendor', images('update').get('vendor') ?? new Uint8Array(0)]]);
    const report = await inspect(mixed, [maker, update]);
    expect(report.verdict.software).toBe('altered');
    expect(counted(report)).toEqual(expect.arrayContaining(['image.avb-chain', 'reference.mixed-build']));
    expect(report.findings.find(({ check }) => check === 'reference.mixed-build')?.observed).toContain('OS2.0.3.0.VQRCNXM');
  });

  test.each([
    ['magisk', 'Magisk', /its configuration.*its payload.*kept aside/],
    ['kernelsu', 'KernelSU', /init replaced.*kernelsu\.ko/],
    ['apatch', 'KernelPatch', /jumps into/],
  ])('a boot image patched by %s is recognised by how it is made, without a reference', async (patch, tool, words) => {
    const report = await inspect(images(patch), []);
    expect(verdictOf(report)).toEqual(['altered', 'modified', 'reject']);
    const found = report.findings.find(({ check }) => check === 'image.patched-boot');
    expect(found?.because).toContain(tool);
    expect(found?.observed).toMatch(words);
  });

  test('against the maker’s build a patched boot shows file by file, even where the tool is renamed', async () => {
    const report = await inspect(images('kernelsu'), [maker]);
    const names = report.comparisons[0]?.groups.map(({ change, name }) => `${change} ${name}`);
    expect(names).toEqual(expect.arrayContaining(['added /ramdisk/init_boot/kernelsu.ko', 'changed /ramdisk/init_boot/init']));
  });

  test('a retailer’s ROM of 2015 that names a build of its own convicts nobody by that alone, and every difference is told', async () => {
    const report = await inspect(images('retailer 2015'), [await referenceOf(images('maker 2015'))]);
    const names = report.comparisons[0]?.groups.map(({ name }) => name);
    expect(report.comparisons[0]?.reasons).toEqual(['nearest']);
    expect(names?.slice(0, 4)).toEqual([
      '/system/lib/libandroid_runtime.so',
      '/system/xbin/su',
      '/boot-image/boot/ramdisk',
      '/system/etc/hosts',
    ]);
    expect(report.verdict.decision).toBe('hold');
  });

  test('the lab rejects what the owner only holds, and neither accepts a changed image', async () => {
    for (const policy of [labPolicy, ownerPolicy])
      expect((await inspect(images('retailer'), [maker], policy)).verdict.decision).toBe('reject');
  });

  test('a partition that cannot be read clears nothing', async () => {
    const broken = new Map([...images('maker'), ['product', (images('maker').get('product') ?? new Uint8Array(0)).slice(0, 5000)]]);
    expect((await inspect(broken, [maker])).verdict.software).not.toBe('genuine');
  });
});
