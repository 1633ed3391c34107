/**
 * What synthetic ROMs consist of, as values: two families, each as its maker built it and as a retailer sold it. `forge/node/rom` makes images and packages of them with the
 * distribution's tools. Names of phones are made up.
 */

import type { ApkRecipe, Content } from '../content.ts';
import { hash32, seededBytes, text } from '../content.ts';
import { arm64Kernel, type BootPatch, patchKernel, patchRamdisk } from './patch-boot.ts';

export const ROM_FAMILIES = ['fastboot-2015', 'payload-2025'] as const;
/** A 2015-style fastboot archive of ext4 images, and a 2025-style full payload of EROFS images with AVB. */
export type RomFamily = (typeof ROM_FAMILIES)[number];

export const ROM_VERSIONS = ['maker', 'update', 'retailer'] as const;
/** As its maker built it, the maker's next build, and what a retailer made of the first. */
export type RomVersion = (typeof ROM_VERSIONS)[number];

/** An entry of a partition's tree. */
export interface RomFile {
  /** From the partition's root, as in `/app/Settings.apk`. */
  readonly path: string;
  readonly content: Content | { readonly kind: 'link'; readonly target: string };
  /** Permissions; directories are 0755 of root. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly context: string;
}

export interface RomRecipe {
  readonly family: RomFamily;
  readonly version: RomVersion;
  readonly fingerprint: string;
  /** By partition. */
  readonly trees: ReadonlyMap<string, readonly RomFile[]>;
  /** Root of the boot ramdisk. */
  readonly ramdisk: readonly RomFile[];
  /** The kernel, unpacked. */
  readonly kernel: Uint8Array;
  /** Partitions of firmware: opaque bytes. */
  readonly firmware: ReadonlyMap<string, Uint8Array>;
}

export interface RomOptions {
  /** Libraries of 256 KiB in each partition besides what a test needs: 0 for tests, hundreds for benchmarks. */
  readonly fill?: number;
  /** A tool that patched its boot image. */
  readonly patch?: BootPatch;
  /** What else was done to it. */
  readonly alter?: (recipe: RomRecipe) => RomRecipe;
}

/** Makes a ROM's recipe: the same one every time. */
export function romRecipe(family: RomFamily, version: RomVersion, options: RomOptions = {}): RomRecipe {
  const made = family === 'fastboot-2015' ? fastboot2015(version, options.fill ?? 0) : payload2025(version, options.fill ?? 0);
  const recipe = options.alter?.(made) ?? made;
  const { patch } = options;
  if (patch === undefined) return recipe;
  return {
    ...recipe,
    ramdisk: patchRamdisk(recipe.ramdisk, patch),
    kernel: patch === 'apatch' ? patchKernel(recipe.kernel) : recipe.kernel,
  };
}

/** A file of root's, 0644, with the label of the system. */
export const romFile = (path: string, content: RomFile['content'], more: Partial<RomFile> = {}): RomFile => ({
  path,
  content,
  mode: 0o644,
  uid: 0,
  gid: 0,
  context: 'u:object_r:system_file:s0',
  ...more,
});
const file = romFile;
const program = (path: string, seed: string, size = 20_000): RomFile => file(path, filling(seed, size), { mode: 0o755, gid: 2000 });
/** An app; its signer is a name. */
export const romApp = (path: string, recipe: Omit<ApkRecipe, 'fill' | 'seed'>): RomFile =>
  file(path, { kind: 'apk', apk: { ...recipe, seed: path, fill: 3000 } });
const app = romApp;
const props = (lines: Readonly<Record<string, string>>): Content =>
  text(
    Object.entries(lines)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );

/** Bytes that pack about as well as code does: words out of a small vocabulary between bytes that do not repeat. */
function filling(seed: string, size: number): Content {
  const bytes = seededBytes(seed, size);
  const words = seededBytes('words of all libraries', 4096);
  for (let at = 64; at + 24 < size; at += 32) {
    const from = (hash32(`${seed}${at >> 9}`) + (bytes[at] ?? 0) * 16) % 4000;
    bytes.set(words.subarray(from, from + 20), at);
  }
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  return { kind: 'bytes', bytes };
}

/** The same for other files. */
export const romBytes = filling;

const libraries = (folder: string, count: number): readonly RomFile[] =>
  Array.from({ length: count }, (_, index) => file(`${folder}/libfill${index}.so`, filling(`${folder}${index}`, 256 << 10)));

/** What sellers do: their apps into the system, under a key of their own; a superuser's program; the updater's servers closed. */
const RETAILER_APPS: readonly RomFile[] = [
  app('/app/AppCenter.apk', { package: 'com.seller.appcenter', versionCode: 3, versionName: '1.3', signer: 'retailer' }),
  app('/app/SystemUpdateService.apk', { package: 'com.android.systemupdateservice', versionCode: 9, versionName: '9', signer: 'retailer' }),
];

function fastboot2015(version: RomVersion, fill: number): RomRecipe {
  const sold = version === 'retailer';
  const next = version === 'update' ? ' of the next build' : '';
  const incremental = sold ? 'V6.3.3.0.KXDCNBL.88' : version === 'update' ? 'V6.5.1.0.KXDCNBL' : 'V6.3.3.0.KXDCNBL';
  const fingerprint = `Acme/steel/steel:4.4.4/KTU84P/${incremental}:user/${sold ? 'test-keys' : 'release-keys'}`;
  const system: RomFile[] = [
    file(
      '/build.prop',
      props({
        'ro.build.id': 'KTU84P',
        'ro.build.version.incremental': incremental,
        'ro.build.version.release': '4.4.4',
        'ro.build.version.sdk': '19',
        'ro.build.type': 'user',
        'ro.build.tags': sold ? 'test-keys' : 'release-keys',
        'ro.build.fingerprint': fingerprint,
        'ro.product.brand': 'Acme',
        'ro.product.model': 'Steel 4',
        'ro.product.device': 'steel',
      }),
    ),
    program('/bin/app_process', `app_process${next}`),
    program('/bin/toolbox', 'toolbox'),
    file('/bin/ls', { kind: 'link', target: 'toolbox' }, { mode: 0o777 }),
    file('/lib/libandroid_runtime.so', filling(sold ? 'runtime changed' : `runtime${next}`, 90_000)),
    file('/etc/hosts', text(sold ? '127.0.0.1 localhost\n127.0.0.1 update.acme.example\n' : '127.0.0.1 localhost\n')),
    file('/etc/init/netd.rc', text('service netd /system/bin/netd\n')),
    app('/priv-app/Settings.apk', { package: 'com.android.settings', versionCode: 19, versionName: '4.4.4', signer: 'platform-2015' }),
    app('/app/Calendar.apk', {
      package: 'com.android.calendar',
      versionCode: version === 'update' ? 20 : 19,
      versionName: '4.4.4',
      signer: 'platform-2015',
    }),
    ...(sold ? [...RETAILER_APPS, file('/xbin/su', filling('su', 30_000), { mode: 0o6755, context: 'u:object_r:su_exec:s0' })] : []),
    ...libraries('/lib', fill),
  ];
  return {
    family: 'fastboot-2015',
    version,
    fingerprint,
    trees: new Map([
      ['system', system],
      ['cust', [file('/app/customized/Offers.apk', text('not an app')), ...libraries('/lib', Math.ceil(fill / 4))]],
    ]),
    ramdisk: [
      file('/init', filling('init 2015', 40_000), { mode: 0o750 }),
      file('/init.rc', text('on boot\n    setprop ro.secure 1\n')),
      file('/default.prop', text(`ro.secure=${sold ? 0 : 1}\nro.debuggable=${sold ? 1 : 0}\n`)),
      file('/sepolicy', seededContent('sepolicy 2015', 9000)),
    ],
    kernel: seededBytes('kernel 3.4', 200_000),
    firmware: new Map([
      ['tz', seededBytes('trust zone 2015', 50_000)],
      ['modem', seededBytes('modem 2015', 80_000)],
    ]),
  };
}

const seededContent = (seed: string, size: number): Content => ({ kind: 'seeded', seed, size });

function payload2025(version: RomVersion, fill: number): RomRecipe {
  const sold = version === 'retailer';
  const next = version === 'update' ? ' of the next build' : '';
  const incremental = version === 'update' ? 'OS2.0.3.0.VQRCNXM' : 'OS2.0.1.0.VQRCNXM';
  const fingerprint = `Acme/quartz/quartz:15/AP3A.240905.015/${incremental}:user/release-keys`;
  const build = (part: string) => ({
    [`ro.${part}build.fingerprint`]: fingerprint,
    [`ro.${part}build.id`]: 'AP3A.240905.015',
    [`ro.${part}build.version.incremental`]: incremental,
    [`ro.${part}build.version.release`]: '15',
    [`ro.${part}build.version.sdk`]: '35',
    [`ro.${part}build.tags`]: 'release-keys',
    [`ro.${part}build.type`]: 'user',
  });
  const vendor = { context: 'u:object_r:vendor_file:s0' };
  return {
    family: 'payload-2025',
    version,
    fingerprint,
    trees: new Map([
      [
        'system',
        [
          file('/init', filling('init 2025', 60_000), { mode: 0o755, context: 'u:object_r:init_exec:s0' }),
          file('/system/build.prop', props({ ...build(''), ...build('system.'), 'ro.build.version.security_patch': '2025-01-05' })),
          program('/system/bin/app_process64', 'app_process64'),
          file('/system/lib64/libandroid_runtime.so', filling(`runtime 2025${next}`, 200_000)),
          file('/system/etc/init/hw/init.rc', text('import /system/etc/init/hw/init.usb.rc\n')),
          file('/system/etc/hosts', text('127.0.0.1 localhost\n')),
          file('/system/etc/security/otacerts.zip', seededContent('otacerts 2025', 1400)),
          file('/system/etc/security/cacerts/00673b5b.0', seededContent('an authority', 1200)),
          file('/system/usr/keylayout/Generic.kl', text('key 114 VOLUME_DOWN\nkey 116 POWER\n')),
          program('/system/bin/update_engine', 'update_engine', 30_000),
          app('/system/priv-app/Updater/Updater.apk', {
            package: 'com.acme.updater',
            versionCode: 5,
            versionName: '5.0',
            signer: 'platform-2025',
          }),
          file('/system/etc/selinux/plat_sepolicy.cil', text('(allow init self (process (fork)))\n')),
          app('/system/priv-app/Settings/Settings.apk', {
            package: 'com.android.settings',
            versionCode: 35,
            versionName: '15',
            signer: 'platform-2025',
          }),
          ...libraries('/system/lib64', fill),
        ],
      ],
      [
        'vendor',
        [
          file('/build.prop', props(build('vendor.')), vendor),
          file('/lib64/hw/camera.so', filling(`camera${next}`, 150_000), vendor),
          ...libraries('/lib64', Math.ceil(fill / 2)),
        ],
      ],
      [
        'product',
        [
          file('/etc/build.prop', props(build('product.'))),
          app('/app/Browser/Browser.apk', { package: 'com.acme.browser', versionCode: 7, versionName: '7.0', signer: 'acme-apps' }),
          ...(sold ? RETAILER_APPS : []),
          ...libraries('/lib64', Math.ceil(fill / 4)),
        ],
      ],
    ]),
    ramdisk: [
      file('/init', filling('first stage', 30_000), { mode: 0o750 }),
      file('/first_stage_ramdisk/fstab.quartz', text('system /system erofs ro wait,logical,first_stage_mount,avb\n')),
    ],
    kernel: arm64Kernel('kernel 6.6', 300_000),
    firmware: new Map([['abl', seededBytes('abl 2025', 60_000)]]),
  };
}
