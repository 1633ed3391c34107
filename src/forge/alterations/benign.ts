/** Genuine phones that look unusual (design: what is known to vary is modelled, not alarmed). */
import { text } from '../content.ts';
import type { VirtualPhone } from '../phone.ts';
import { attests, swearing } from './attestation.ts';
import type { BenignEntry } from './catalogue.ts';
import { all, systemAppPath, withFile, withPackage, withProperties, withRuntimeProperties, withSerial, withUpdate } from './edit.ts';

/** Changes every property that holds a text, and the files that state it: how another build of the same tree differs. */
const everywhere =
  (from: string, to: string) =>
  (phone: VirtualPhone): VirtualPhone =>
    withProperties(
      Object.fromEntries(
        Object.entries(phone.properties).flatMap(([key, value]) =>
          value.replace(from, to) === value ? [] : [[key, value.replaceAll(from, to)]],
        ),
      ),
    )(phone);

/** Another official build than the base's: a carrier's, a region's. Its incremental differs wherever it stands. */
const otherBuild =
  (suffix: string) =>
  (phone: VirtualPhone): VirtualPhone => {
    const incremental = phone.properties['ro.build.version.incremental'] ?? '';
    return incremental === '' ? phone : everywhere(incremental, `${incremental}${suffix}`)(phone);
  };

const isNew = (phone: VirtualPhone) => phone.sdk >= 26;

/** A public key in adb's form: 524 bytes that belong to nobody. */
const TRUSTED_KEY = `${'QAAAA'.padEnd(699, 'A')}= developer@workstation`;

export const benignVariants: readonly BenignEntry[] = [
  {
    id: 'regional-sku',
    title: 'A variant for another region, with a name of its own',
    apply: all(otherBuild('IN'), withProperties({ 'ro.boot.hwc': 'India', 'ro.product.locale.region': 'IN' })),
  },
  {
    id: 'carrier-parts',
    title: 'A carrier’s apps and settings in the product partition',
    apply: (phone) =>
      withPackage({
        name: 'com.carrier.selfcare',
        path: phone.sdk >= 26 ? '/product/app/SelfCare/SelfCare.apk' : systemAppPath(phone, 'SelfCare'),
        signer: 'carrier',
        system: true,
      })(
        all(
          otherBuild('CR'),
          withRuntimeProperties({ 'ro.carrier': 'carrier', 'ro.com.google.clientidbase.ms': 'android-carrier' }),
        )(phone),
      ),
  },
  {
    id: 'mid-ota',
    title: 'An update is being merged: slots and snapshots in between',
    fits: isNew,
    apply: withRuntimeProperties({ 'ro.boot.slot_suffix': '_b', 'init.svc.snapuserd': 'running', 'ota.warm_reset': '1' }),
  },
  {
    id: 'replaced-board',
    title: 'A workshop replaced the board: another serial, same model',
    apply: withSerial('RPLBOARD77'),
  },
  {
    id: 'tripped-knox',
    title: 'A Samsung whose Knox fuse was blown years ago',
    fits: (phone) => phone.silicon.maker === 'Samsung',
    apply: withRuntimeProperties({ 'ro.boot.warranty_bit': '1', 'ro.warranty_bit': '1' }),
  },
  {
    id: 'lineage-honest',
    title: 'An owner’s LineageOS that says so',
    nature: 'foreign',
    fits: isNew,
    apply: (phone) => {
      const device = phone.properties['ro.product.device'] ?? 'device';
      return all(
        withProperties({
          'ro.build.display.id': `lineage_${device}-userdebug 14 UQ1A.240205.004 1707000000 test-keys`,
          'ro.build.flavor': `lineage_${device}-userdebug`,
          'ro.build.type': 'userdebug',
          'ro.build.tags': 'test-keys',
        }),
        withRuntimeProperties({
          'ro.lineage.version': `21.0-20240210-NIGHTLY-${device}`,
          'ro.lineage.device': device,
          'ro.boot.verifiedbootstate': 'orange',
          'ro.boot.flash.locked': '0',
          'ro.boot.vbmeta.device_state': 'unlocked',
        }),
        withPackage({
          name: 'org.lineageos.updater',
          path: '/system/priv-app/Updater/Updater.apk',
          signer: 'lineage',
          system: true,
          privileged: true,
        }),
      )(phone);
    },
  },
  {
    id: 'gsi',
    title: 'A Generic System Image under Dynamic System Updates',
    nature: 'foreign',
    fits: isNew,
    apply: all(
      withRuntimeProperties({
        'ro.gsid.image_running': '1',
        'ro.product.system.name': 'gsi_arm64',
        'ro.product.system.device': 'generic_arm64',
        'ro.product.system.model': 'GSI on ARM64',
      }),
      withRuntimeProperties({
        'ro.boot.verifiedbootstate': 'orange',
        'ro.boot.vbmeta.device_state': 'unlocked',
        'ro.boot.flash.locked': '0',
      }),
    ),
  },
  {
    id: 'android-go',
    title: 'Android Go on little memory',
    apply: withRuntimeProperties({ 'ro.config.low_ram': 'true', 'ro.com.google.gmsversion': '14_202405_go' }),
  },
  {
    id: 'test-key-maker',
    title: 'A maker whose released builds say test-keys',
    apply: everywhere('release-keys', 'test-keys'),
  },
  {
    id: 'engineering-unit',
    title: 'An engineering unit that says so',
    apply: all(
      everywhere(':user/', ':userdebug/'),
      everywhere('-user ', '-userdebug '),
      withProperties({ 'ro.build.type': 'userdebug', 'ro.debuggable': '1' }),
      withRuntimeProperties({
        'ro.boot.verifiedbootstate': 'orange',
        'ro.boot.flash.locked': '0',
        'ro.boot.vbmeta.device_state': 'unlocked',
      }),
    ),
  },
  {
    id: 'managed-phone',
    title: 'A company’s phone: device owner, its certificate, its apps',
    apply: (phone) => {
      const managed = withPackage({
        name: 'com.company.mdm',
        path: '/data/app/com.company.mdm-1/base.apk',
        signer: 'company',
        system: false,
        installer: 'com.android.vending',
      })(phone);
      return {
        ...withFile('/data/misc/user/0/cacerts-added/5ed36f99.0', {
          content: text('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'),
          context: 'u:object_r:misc_user_data_file:s0',
        })(managed),
        deviceOwner: 'com.company.mdm',
        activeAdmins: [...phone.activeAdmins, 'com.company.mdm/.Admin'],
      };
    },
  },
  {
    id: 'owners-display',
    title: 'An owner who set another display size and density',
    apply: (phone) => ({ ...phone, display: { ...phone.display, overrideSize: [720, 1560] as const, overrideDensity: 300 } }),
  },
  {
    id: 'developer-phone',
    title: 'A developer’s phone: USB debugging, a trusted host, sideloaded apps',
    apply: (phone) => ({
      ...withPackage({
        name: 'com.example.debugapp',
        path: '/data/app/com.example.debugapp-1/base.apk',
        signer: 'android-debug',
        system: false,
        installer: null,
      })(phone),
      trustedAdbKeys: [...phone.trustedAdbKeys, { key: TRUSTED_KEY, user: 'developer@workstation', lastConnection: 1_425_000_000 }],
      settings: { ...phone.settings, global: { ...phone.settings.global, adb_enabled: '1', development_settings_enabled: '1' } },
    }),
  },
  {
    id: 'other-language',
    title: 'A phone in another language',
    apply: withRuntimeProperties({ 'persist.sys.locale': 'zh-Hans-CN', 'persist.sys.timezone': 'Asia/Shanghai' }),
  },
  {
    id: 'placeholder-serial',
    title: 'A small maker’s phone with the serial of its chip maker’s reference software',
    apply: withSerial('0123456789ABCDEF'),
  },
  {
    id: 'rotated-key',
    title: 'A system app’s update under its developer’s new key, for which the older key vouches',
    fits: (phone) => phone.sdk >= 28,
    apply: (phone) => {
      const before = phone.packages.find(({ name }) => name === 'com.android.htmlviewer')?.signer;
      return withUpdate('com.android.htmlviewer', {
        trick: 'rotated-key',
        signer: `${before}-next`,
        ...(before === undefined ? {} : { other: before }),
      })(phone);
    },
  },
  {
    id: 'packed-by-developer',
    title: 'A system app’s update that its developer put through a packer',
    apply: withUpdate('com.android.htmlviewer', { trick: 'packed-encrypted' }),
  },
  {
    id: 'v1-only',
    title: 'A system app’s update signed with v1 alone, as old tools do',
    apply: withUpdate('com.android.htmlviewer', { trick: 'v1-only' }),
  },
  {
    id: 'attested',
    title: 'The phone as its maker sold it, its secure world and its bootloader asked, its radios off',
    fits: attests,
    apply: swearing(),
    wantsAttestation: true,
  },
  {
    id: 'attested-batch-mates',
    title: 'A phone under a factory’s batch key, as twenty of its brand that were inspected before',
    fits: attests,
    apply: swearing({ issuer: 'factory' }),
    wantsAttestation: true,
    keySeenBefore: 'own brand',
  },
  {
    id: 'attested-unlocked',
    title: 'Unlocked by its owner, who hides nothing: system, secure world and bootloader say so',
    fits: attests,
    apply: (phone) => ({
      ...withRuntimeProperties({
        'ro.boot.verifiedbootstate': 'orange',
        'ro.boot.flash.locked': '0',
        'ro.boot.vbmeta.device_state': 'unlocked',
      })(phone),
      ...swearingUnlocked(phone),
    }),
    wantsAttestation: true,
  },
];

const swearingUnlocked = (phone: VirtualPhone): Pick<VirtualPhone, 'secureWorld' | 'fastboot'> => {
  const { secureWorld } = swearing({ verifiedBootState: 'UNVERIFIED', deviceLocked: false, verifiedBootKey: '00'.repeat(32) })(phone);
  return {
    ...(secureWorld === undefined ? {} : { secureWorld }),
    fastboot: phone.fastboot.map(([name, value]) => (name === 'unlocked' ? ['unlocked', 'yes'] : [name, value])),
  };
};
