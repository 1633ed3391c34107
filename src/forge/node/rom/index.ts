/** ROMs of recipes: the same build in every container that its maker might have shipped it in. */
import { gzipSync } from 'node:zlib';
import { cpioEntry, writeBoot, writeBootV0, writeCpio } from '../../../formats/android/index.ts';
import { nodeHash } from '../../../platform/node/index.ts';
import { type ApkSigner, forgeApk, forgeApp } from '../../apk.ts';
import { type ApkMaker, contentBytes, seededBytes } from '../../content.ts';
import { type RomFamily, type RomFile, type RomOptions, type RomRecipe, type RomVersion, romRecipe } from '../../rom/rom.ts';
import { makeApkSigner } from '../sign-apk.ts';
import { type AvbKey, addHash, addHashtree, makeAvbKey, rootVbmeta } from './avb.ts';
import { fileOta } from './file-ota.ts';
import { erofsImage, ext4Image } from './images.ts';
import { fastbootTgz, type Images, otaZip, payloadOf, sparse, sparseSuper } from './packages.ts';

/** A forged ROM. */
export interface ForgedRom {
  readonly recipe: RomRecipe;
  /** Raw images by partition: what a dump of a phone with this build holds. */
  readonly images: Images;
  /** File name → bytes: the packages of the build. */
  readonly packages: ReadonlyMap<string, Uint8Array>;
}

/** Keys that several ROMs are signed with: those of a maker and of whoever else. */
export interface RomKeys {
  readonly apk: (name: string) => Promise<ApkSigner>;
  readonly avb: (name: string) => AvbKey;
}

/** Keys made when they are asked for; the same name is the same key. */
export function makeRomKeys(): RomKeys {
  const apks = new Map<string, Promise<ApkSigner>>();
  const avbs = new Map<string, AvbKey>();
  return {
    apk(name) {
      const found = apks.get(name) ?? makeApkSigner({ kind: 'rsa', name });
      apks.set(name, found);
      return found;
    },
    avb(name) {
      const found = avbs.get(name) ?? makeAvbKey();
      avbs.set(name, found);
      return found;
    },
  };
}

/** Makes a ROM. Needs `mkfs.erofs`, `mke2fs` and `debugfs` on the PATH. */
export async function forgeRom(
  family: RomFamily,
  version: RomVersion,
  keys: RomKeys,
  options: RomOptions & ForgeRomOptions = {},
): Promise<ForgedRom> {
  const recipe = romRecipe(family, version, options);
  const makeApk = await apkMaker(recipe, keys);
  const key = keys.avb(options.avbKey ?? (version === 'retailer' ? 'retailer' : 'maker'));
  return family === 'fastboot-2015' ? forge2015(recipe, makeApk) : forge2025(recipe, makeApk, { ...options, key });
}

/** How a build of 2025 is packed. */
export interface ForgeRomOptions {
  /** The name of the key that signs vbmeta; by default the maker's, or the retailer's own. */
  readonly avbKey?: string;
  /** Files of equal content share their blocks. */
  readonly shareBlocks?: true;
  /** No packages are made of the images: they take most of the time. */
  readonly imagesOnly?: true;
}

/** APKs are signed beforehand: recipes are filled in without waiting. */
async function apkMaker({ trees }: RomRecipe, keys: RomKeys): Promise<ApkMaker> {
  const made = new Map<string, Uint8Array>();
  for (const { content } of [...trees.values()].flat()) {
    if (content.kind !== 'apk') continue;
    const { apk } = content;
    const signer = await keys.apk(apk.signer);
    const parts = forgeApp(
      {
        packageName: apk.package,
        versionCode: apk.versionCode,
        versionName: apk.versionName,
        minSdk: 19,
        targetSdk: 28,
        files: [{ name: 'assets/filling', data: seededBytes(apk.seed, apk.fill) }],
      },
      nodeHash,
    );
    made.set(apk.seed, await forgeApk(parts, { v1: { signers: [signer] }, v2: [signer] }, nodeHash));
  }
  return ({ seed }) => made.get(seed) ?? new Uint8Array(0);
}

function cpioOf(files: readonly RomFile[], makeApk: ApkMaker): Uint8Array {
  const folders = new Set(
    files.flatMap(({ path }) =>
      path
        .split('/')
        .slice(1, -1)
        .map((_, index, names) => names.slice(0, index + 1).join('/')),
    ),
  );
  return writeCpio([
    ...[...folders].map((name) => cpioEntry(name, 0o040755, new Uint8Array(0))),
    ...files.map(({ path, mode, content }) =>
      content.kind === 'link'
        ? cpioEntry(path.slice(1), 0o120777, new TextEncoder().encode(content.target))
        : cpioEntry(path.slice(1), 0o100000 | mode, contentBytes(content, makeApk)),
    ),
  ]);
}

async function forge2015(recipe: RomRecipe, makeApk: ApkMaker): Promise<ForgedRom> {
  const images = new Map<string, Uint8Array>();
  for (const [name, files] of recipe.trees) images.set(name, await ext4Image(files, makeApk));
  images.set(
    'boot',
    writeBootV0({
      kernel: recipe.kernel,
      ramdisk: new Uint8Array(gzipSync(cpioOf(recipe.ramdisk, makeApk))),
      cmdline: 'console=null',
    }),
  );
  for (const [name, bytes] of recipe.firmware) images.set(name, bytes);
  const files = new Map(
    [...images].map(([partition, data]) => {
      const name = recipe.firmware.has(partition) ? (partition === 'modem' ? 'NON-HLOS.bin' : `${partition}.mbn`) : `${partition}.img`;
      return [name, { partition, data: recipe.trees.has(partition) ? sparse(data) : data }] as const;
    }),
  );
  return {
    recipe,
    images,
    packages: new Map([
      ['fastboot.tgz', fastbootTgz('steel_images_V6.3.3.0.KXDCNBL', files)],
      ['ota.zip', fileOta(recipe, images, makeApk)],
    ]),
  };
}

async function forge2025(
  recipe: RomRecipe,
  makeApk: ApkMaker,
  { key, shareBlocks, imagesOnly }: ForgeRomOptions & { readonly key: AvbKey },
): Promise<ForgedRom> {
  const logical = new Map<string, Uint8Array>();
  const bound = [];
  for (const [name, files] of recipe.trees) {
    const made = await addHashtree(name, await erofsImage(files, makeApk, shareBlocks));
    bound.push(made);
    logical.set(name, made.image);
  }
  const ramdisk = new Uint8Array(gzipSync(cpioOf(recipe.ramdisk, makeApk)));
  const boot = await addHash(
    'boot',
    writeBoot({ version: 4, kernel: new Uint8Array(gzipSync(recipe.kernel)), ramdisk: new Uint8Array(0) }),
    1 << 20,
  );
  const initBoot = await addHash('init_boot', writeBoot({ version: 4, kernel: new Uint8Array(0), ramdisk }), 1 << 20);
  const abl = await addHash('abl', recipe.firmware.get('abl') ?? new Uint8Array(0), 1 << 18);
  const physical = new Map([
    ['boot', boot.image],
    ['init_boot', initBoot.image],
    ['abl', abl.image],
    ['vbmeta', await rootVbmeta([...bound, boot, initBoot, abl], key)],
  ]);
  const images = new Map([...logical, ...physical]);
  if (imagesOnly) return { recipe, images, packages: new Map() };
  const files = new Map<string, { readonly partition: string; readonly data: Uint8Array }>();
  for (const [partition, data] of physical) files.set(`${partition}.img`, { partition: `${partition}_ab`, data });
  files.set('super.img', { partition: 'super', data: sparseSuper(logical) });
  const packages = new Map([
    ['ota.zip', otaZip(await payloadOf(images))],
    ['fastboot.tgz', fastbootTgz('quartz_images_OS2.0.1.0.VQRCNXM', files)],
  ]);
  return { recipe, images, packages };
}
