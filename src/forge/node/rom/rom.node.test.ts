import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesSource } from '../../../bytes/index.ts';
import { verifyImages } from '../../../platform/node/images/index.ts';
import { nodeCodec, nodeHash, nodeInflate, nodeStream, nodeVerify, openPartitionPool, openSpool } from '../../../platform/node/index.ts';
import { findPartitions, type Manifest, makeManifest, manifestDigest } from '../../../references/index.ts';
import { type ForgedRom, forgeRom, makeRomKeys, type RomKeys } from './index.ts';
import { sparse } from './packages.ts';

const has = (tool: string) => spawnSync('which', [tool]).status === 0;
const tools = has('mkfs.erofs') && has('mke2fs') && has('debugfs');
const spool = openSpool();
const pool = openPartitionPool(2);
const ports = { hash: nodeHash, codec: nodeCodec, verify: nodeVerify, inflate: nodeInflate, stream: nodeStream, spool: spool.spool };

async function manifestOf(rom: Uint8Array, name: string): Promise<Manifest> {
  const contents = await findPartitions(bytesSource(rom), ports, name);
  const { manifest } = await makeManifest(contents, {
    ports,
    runner: (image, question, report) => pool.examine(image, question, report),
    together: 2,
  });
  return manifest;
}
const digests = (manifest: Manifest) => Object.fromEntries(manifest.partitions.map(({ name, sha256 }) => [name, sha256]));
const file = (manifest: Manifest, path: string) => manifest.files.find((row) => row.path === path);

let keys: RomKeys;
const roms = new Map<string, ForgedRom>();
const rom = (name: string): ForgedRom => {
  const found = roms.get(name);
  if (found === undefined) throw new Error(name);
  return found;
};
const packed = (name: string, file_: string) => rom(name).packages.get(file_) ?? new Uint8Array(0);

beforeAll(async () => {
  if (!tools) return;
  keys = makeRomKeys();
  for (const family of ['fastboot-2015', 'payload-2025'] as const)
    for (const version of ['maker', 'retailer'] as const) roms.set(`${family} ${version}`, await forgeRom(family, version, keys));
}, 60_000);
afterAll(async () => {
  await pool.close();
  await spool.close();
});

describe.skipIf(!tools)('skipped where mkfs.erofs or mke2fs is not installed', () => {
  test('the same build from a full OTA, a fastboot archive and raw dumps has the same digest for every partition', async () => {
    const ota = await manifestOf(packed('payload-2025 maker', 'ota.zip'), 'ota.zip');
    const fastboot = await manifestOf(packed('payload-2025 maker', 'fastboot.tgz'), 'fastboot.tgz');
    expect(ota.unread).toEqual([]);
    expect(ota.partitions.map(({ name, kind, avb }) => [name, kind, avb?.outcome])).toEqual([
      ['abl', null, 'intact'],
      ['boot', 'boot', 'intact'],
      ['init_boot', 'boot', 'intact'],
      ['product', 'erofs', 'intact'],
      ['system', 'erofs', 'intact'],
      ['vbmeta', 'vbmeta', 'intact'],
      ['vendor', 'erofs', 'intact'],
    ]);
    expect(manifestDigest(fastboot, nodeHash)).toBe(manifestDigest(ota, nodeHash));
    for (const [name, image] of rom('payload-2025 maker').images)
      for (const wrapped of [image, sparse(image)]) {
        // A dump of a partition is as long as the partition: the footer lies at its end, an image without one is padded.
        const { partitions, files } = await manifestOf(wrapped, `${name}_a.img`);
        expect(partitions[0]?.sha256).toBe(digests(ota)[name]);
        expect(files).toEqual(ota.files.filter(({ partition }) => partition === name));
      }
  }, 60_000);

  test('a dump with the padding of its partition has the digest of the image', async () => {
    const image = rom('fastboot-2015 maker').images.get('boot') ?? new Uint8Array(0);
    const dump = new Uint8Array(image.length + 1_000_000);
    dump.set(image);
    expect(digests(await manifestOf(dump, 'boot.img'))).toEqual(digests(await manifestOf(image, 'boot.img')));
  });

  test('identity, apps with their signers, labels, init scripts and policy', async () => {
    const manifest = await manifestOf(packed('payload-2025 maker', 'ota.zip'), 'ota.zip');
    expect(manifest.identity).toMatchObject({
      'build.fingerprint': rom('payload-2025 maker').recipe.fingerprint,
      'vendor.build.id': 'AP3A.240905.015',
    });
    const settings = manifest.apks.find((row) => row.package === 'com.android.settings');
    expect(settings).toMatchObject({ path: '/system/priv-app/Settings/Settings.apk', versionCode: 35, schemes: ['v1', 'v2'] });
    expect(settings?.signers).toHaveLength(1);
    expect(file(manifest, '/init')).toMatchObject({ partition: 'system', context: 'u:object_r:init_exec:s0', mode: '0755' });
    expect(file(manifest, '/vendor/lib64/hw/camera.so')?.context).toBe('u:object_r:vendor_file:s0');
    expect(manifest.init?.map(({ path }) => path)).toEqual(['/system/etc/init/hw/init.rc']);
    expect(manifest.selinux?.map(({ path }) => path)).toEqual(['/system/etc/selinux/plat_sepolicy.cil']);
    expect(file(manifest, '/ramdisk/init_boot/init')).toMatchObject({ mode: '0750' });
  });

  test('a retailer’s version of a payload: two apps more under another key, and another key under the vbmeta', async () => {
    const maker = await manifestOf(packed('payload-2025 maker', 'ota.zip'), 'ota.zip');
    const sold = await manifestOf(packed('payload-2025 retailer', 'ota.zip'), 'ota.zip');
    const changed = maker.partitions.filter(({ name, sha256 }) => digests(sold)[name] !== sha256).map(({ name }) => name);
    expect(changed).toEqual(['product', 'vbmeta']);
    const known = new Set(maker.apks.map(({ path }) => path));
    expect(sold.apks.filter(({ path }) => !known.has(path)).map((row) => row.package)).toEqual([
      'com.seller.appcenter',
      'com.android.systemupdateservice',
    ]);
    const key = ({ partitions }: Manifest) => partitions.find(({ name }) => name === 'vbmeta')?.avb?.keySha256;
    expect(key(sold)).not.toBe(key(maker));
  });

  test('verify: signed and intact, and the block that was changed', async () => {
    const { images } = rom('payload-2025 maker');
    const sources = new Map([...images].map(([name, image]) => [name, bytesSource(image)]));
    expect((await verifyImages(sources, pool)).verified).toBe(true);
    const changed = (images.get('vendor') ?? new Uint8Array(0)).slice();
    changed[2 * 4096 + 5] = (changed[2 * 4096 + 5] ?? 0) ^ 1;
    const result = await verifyImages(new Map([...sources, ['vendor', bytesSource(changed)]]), pool);
    expect(result.verified).toBe(false);
    expect(result.partitions).toContainEqual(expect.objectContaining({ partition: 'vendor', outcome: 'altered', firstDifferingBlock: 2 }));
    const manifest = await manifestOf(changed, 'vendor.img');
    expect(manifest.partitions[0]).toMatchObject({ rootDigest: null, avb: { outcome: 'altered' } });
  });

  test('a fastboot archive of 2015: firmware by its script, digests by its list, a superuser’s program of the retailer', async () => {
    const contents = await findPartitions(bytesSource(packed('fastboot-2015 maker', 'fastboot.tgz')), ports, 'fastboot.tgz');
    expect([...contents.partitions.keys()].toSorted()).toEqual(['boot', 'cust', 'modem', 'system', 'tz']);
    expect(contents.stated).toHaveLength(5);
    const maker = await manifestOf(packed('fastboot-2015 maker', 'fastboot.tgz'), 'fastboot.tgz');
    const sold = await manifestOf(packed('fastboot-2015 retailer', 'fastboot.tgz'), 'fastboot.tgz');
    expect(file(maker, '/init.rc')).toMatchObject({ partition: 'boot' });
    expect(file(maker, '/default.prop')?.sha256).not.toBe(file(sold, '/default.prop')?.sha256);
    expect(digests(maker)['tz']).toBe(digests(sold)['tz']);
  });

  test('a file-based OTA is the same build as the ext4 images: every digest, and every file but the folder that mke2fs makes', async () => {
    const ota = await manifestOf(packed('fastboot-2015 maker', 'ota.zip'), 'ota.zip');
    const fastboot = await manifestOf(packed('fastboot-2015 maker', 'fastboot.tgz'), 'fastboot.tgz');
    expect(ota.unread).toEqual([]);
    expect(digests(ota)).toEqual(digests(fastboot));
    expect(ota.files).toEqual(fastboot.files.filter(({ path }) => !path.endsWith('/lost+found')));
    expect([ota.apks, ota.properties, ota.init]).toEqual([fastboot.apks, fastboot.properties, fastboot.init]);
    const sold = await manifestOf(packed('fastboot-2015 retailer', 'ota.zip'), 'ota.zip');
    expect(file(sold, '/system/xbin/su')).toMatchObject({ mode: '6755', context: 'u:object_r:su_exec:s0' });
    expect(digests(sold)['system']).not.toBe(digests(ota)['system']);
  });

  test('a payload whose data was changed costs the partition its digest, and says so', async () => {
    const ota = packed('payload-2025 maker', 'ota.zip').slice();
    // The last operation's data lies at the end of the payload, before the zip's directory.
    ota[ota.length - 2000] = (ota[ota.length - 2000] ?? 0) ^ 1;
    const manifest = await manifestOf(ota, 'ota.zip');
    expect(manifest.unread?.every(({ because }) => because.includes('the data has another SHA-256'))).toBe(true);
    expect(manifest.partitions.filter(({ sha256 }) => sha256 === null)).toHaveLength(1);
  });
});
