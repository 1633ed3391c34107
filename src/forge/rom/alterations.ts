/** What is done to firmware, as values over the maker's build of 2025: by sellers and rooters, and what looks like it and is the maker's own. */
import { text } from '../content.ts';
import type { BootPatch } from './patch-boot.ts';
import { type RomFile, type RomRecipe, romApp, romBytes, romFile, romRecipe } from './rom.ts';

export interface RomAlteration {
  readonly id: string;
  readonly kind: 'altered' | 'benign';
  /** How far its maker gets into the phone that runs it. */
  readonly level: 'framework' | 'kernel' | 'bootloader';
  /** The nature that the verdict should name. */
  readonly nature: 'modified';
  /** As a row: what was done. */
  readonly title: string;
  readonly apply: (recipe: RomRecipe) => RomRecipe;
  /** A tool that patches the boot image besides. */
  readonly patch?: BootPatch;
  /** Whose key signs vbmeta: nobody else has the maker's. */
  readonly key: 'maker' | 'retailer';
  /** Files of equal content share their blocks: the same files in another image. */
  readonly shareBlocks?: true;
  /** Why no evidence that can be had convicts it: `unproven` is then the right answer, and the row of the lab stays a miss. */
  readonly beyondUs?: string;
}

type Change = (files: readonly RomFile[]) => readonly RomFile[];
/** Changes the tree of one partition. */
const inTree =
  (partition: string, change: Change) =>
  (recipe: RomRecipe): RomRecipe => ({
    ...recipe,
    trees: new Map([...recipe.trees].map(([name, files]) => [name, name === partition ? change(files) : files])),
  });
const add =
  (...more: readonly RomFile[]): Change =>
  (files) => [...files, ...more];
const remove =
  (pattern: RegExp): Change =>
  (files) =>
    files.filter(({ path }) => !pattern.test(path));
const replace =
  (path: string, content: RomFile['content']): Change =>
  (files) =>
    files.map((file) => (file.path === path ? { ...file, content } : file));
const same = (recipe: RomRecipe): RomRecipe => recipe;

/** Property files with one text in place of another. */
const reword =
  (from: string, to: string) =>
  (recipe: RomRecipe): RomRecipe => ({
    ...recipe,
    fingerprint: recipe.fingerprint.replace(from, to),
    trees: new Map(
      [...recipe.trees].map(([name, files]) => [
        name,
        files.map((file) =>
          file.content.kind === 'text' ? { ...file, content: { ...file.content, text: file.content.text.replaceAll(from, to) } } : file,
        ),
      ]),
    ),
  });

const altered = (id: string, title: string, apply: RomAlteration['apply'], more: Partial<RomAlteration> = {}): RomAlteration => ({
  id,
  kind: 'altered',
  level: 'framework',
  nature: 'modified',
  title,
  apply,
  key: 'retailer',
  ...more,
});
const benign = (id: string, title: string, apply: RomAlteration['apply'], more: Partial<RomAlteration> = {}): RomAlteration => ({
  id,
  kind: 'benign',
  level: 'framework',
  nature: 'modified',
  title,
  apply,
  key: 'maker',
  ...more,
});

const nextVendor = romRecipe('payload-2025', 'update').trees.get('vendor') ?? [];

export const ROM_ALTERATIONS: readonly RomAlteration[] = [
  altered(
    'rom-retailer-app',
    'a retailer’s app in the system',
    inTree(
      'system',
      add(
        romApp('/system/app/Cleaner/Cleaner.apk', { package: 'com.seller.cleaner', versionCode: 2, versionName: '2', signer: 'retailer' }),
      ),
    ),
  ),
  altered('rom-magisk', 'a boot image patched by Magisk', same, { patch: 'magisk', level: 'kernel' }),
  altered('rom-kernelsu', 'a boot image patched by KernelSU', same, { patch: 'kernelsu', level: 'kernel' }),
  altered('rom-apatch', 'a kernel patched by APatch', same, { patch: 'apatch', level: 'kernel' }),
  altered(
    'rom-otacerts',
    'the keys of updates replaced',
    inTree('system', replace('/system/etc/security/otacerts.zip', text('a key of the seller’s'))),
  ),
  altered('rom-no-updater', 'the updater removed', inTree('system', remove(/\/Updater\/|\/update_engine$/))),
  altered(
    'rom-trojan',
    'a library that every app loads',
    inTree('system', replace('/system/lib64/libandroid_runtime.so', romBytes('runtime with a loader', 200_000))),
  ),
  // Nobody but the maker could sign the mixture as his: it is signed anew, which is a modification, and that nature comes first.
  altered(
    'rom-mixed',
    'the vendor’s part of the next build under the system of this one',
    inTree('vendor', (files) => files.map((file) => nextVendor.find(({ path }) => path === file.path) ?? file)),
  ),
  altered('rom-own-key', 'nothing but the key that signs vbmeta', same, { level: 'bootloader' }),
  altered(
    'rom-hosts',
    'names of servers led elsewhere',
    inTree('system', replace('/system/etc/hosts', text('127.0.0.1 localhost\n10.0.0.1 update.acme.example\n'))),
  ),
  altered(
    'rom-authority',
    'an authority of one’s own among those trusted',
    inTree('system', add(romFile('/system/etc/security/cacerts/5ed36f99.0', text('-----BEGIN CERTIFICATE-----\n')))),
  ),
  altered(
    'rom-keylayout',
    'a key that does something else',
    inTree('system', replace('/system/usr/keylayout/Generic.kl', text('key 114 POWER\n'))),
  ),
  altered('rom-extra-digits', 'a version with digits of the seller’s behind it', reword('OS2.0.1.0.VQRCNXM', 'OS2.0.1.0.VQRCNXM.88'), {
    beyondUs:
      'it is nobody’s build that is known, under a key that nobody knows: so is a maker’s build that stands on no shelf. It is held, and what differs from the build it is like is told',
  }),
  benign('rom-next-build', 'the maker’s next build', () => romRecipe('payload-2025', 'update')),
  benign('rom-carrier', 'the same build for a carrier', (recipe) =>
    inTree(
      'product',
      add(romApp('/app/Carrier/Carrier.apk', { package: 'com.carrier.services', versionCode: 1, versionName: '1', signer: 'acme-apps' })),
    )(reword('Acme/quartz/quartz', 'Acme/quartz_cc/quartz')(recipe)),
  ),
  benign('rom-shared-blocks', 'the same files, those of equal content on the same blocks', same, { shareBlocks: true }),
];
