/** Alterations of the software axis: what is installed (story: master table rows 11, 12, 15, 17, 18, 20). */
import { seeded, text } from '../content.ts';
import type { AlterationEntry } from './catalogue.ts';
import { all, hasPackage, systemApp, withFile, withPackageFields, withProcess, withRuntimeProperties, withSigner } from './edit.ts';

const CHECKERS = ['com.antutu.ABenchMark', 'com.cpuid.cpu_z', 'com.xiaomi.antifake'] as const;

export const appAlterations: readonly AlterationEntry[] = [
  {
    id: 'installer-swaps-checkers',
    title: 'The 2015 installer: whoever installs a checker gets the doctored copy from a hidden folder',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    wantsCanary: true,
    apply: (phone) => {
      const copies = CHECKERS.map((name) => ({ name, path: `/data/media/0/.hid/${name}.apk` }));
      const planted = copies.reduce(
        (altered, { name, path }) =>
          withFile(path, {
            context: 'u:object_r:media_rw_data_file:s0',
            content: {
              kind: 'apk',
              apk: { package: name, versionCode: 1, versionName: '1.0', signer: 'retailer', seed: `${name}/doctored`, fill: 9000 },
            },
          })(altered),
        phone,
      );
      return {
        ...planted,
        behaviours: { ...planted.behaviours, installSwaps: copies.map(({ name, path }) => ({ package: name, with: path })) },
      };
    },
  },
  {
    id: 'doctored-cpu-z',
    title: 'CPU-Z under another key, in the system',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: systemApp('com.cpuid.cpu_z', 'retailer'),
  },
  {
    id: 'doctored-antutu',
    title: 'AnTuTu under another key, in the system and not removable',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: systemApp('com.antutu.ABenchMark', 'retailer'),
  },
  {
    id: 'retailer-apps',
    title: 'A retailer’s ROM: six more apps in the system, among them known malware',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: all(
      systemApp('com.google.hfapservice', 'retailer', {
        privileged: true,
        granted: ['android.permission.INSTALL_PACKAGES', 'android.permission.INTERNET'],
      }),
      systemApp('com.egame.tonyCore.feicheng', 'retailer', { granted: ['android.permission.SEND_SMS', 'android.permission.INTERNET'] }),
      systemApp('org.zxl.appstats', 'retailer'),
      systemApp('com.example.launcherhelper', 'retailer'),
      systemApp('cn.opda.store', 'retailer'),
      systemApp('com.game.lobby', 'retailer'),
    ),
  },
  {
    id: 'platform-test-key',
    title: 'The platform signed with the public test key',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    fits: hasPackage('android'),
    apply: withSigner('android', 'aosp-platform-test'),
  },
  {
    id: 'framework-trojan',
    title: 'A backdoor library beside a changed libcutils (Android.BackDoor.3104)',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: all(
      withFile('/system/lib/libmtd.so', { content: seeded('libmtd', 90_000) }),
      withFile('/system/lib/libcutils.so', { content: seeded('libcutils-changed', 70_000) }),
    ),
  },
  {
    id: 'vo1d',
    title: 'The Vo1d backdoor in the system',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: all(
      withFile('/system/xbin/vo1d', { mode: 0o755, content: seeded('vo1d', 100_000) }),
      withFile('/system/xbin/wd', { mode: 0o755, content: seeded('wd', 50_000) }),
      withProcess({ user: 'root', name: '/system/xbin/vo1d', label: 'u:r:su:s0' }),
    ),
  },
  {
    id: 'impostor-google',
    title: 'A package that poses as Google under a stranger’s key',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: systemApp('com.google.eMediaService', 'retailer', {
      privileged: true,
      granted: ['android.permission.INSTALL_PACKAGES', 'android.permission.READ_SMS'],
    }),
  },
  {
    id: 'gms-resigned',
    title: 'Google Play services under a stranger’s key',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    fits: hasPackage('com.google.android.gms'),
    apply: withSigner('com.google.android.gms', 'retailer'),
  },
  {
    id: 'lineage-disguised',
    title: 'A LineageOS that calls itself the maker’s build',
    level: 'framework',
    axis: 'software',
    nature: 'foreign',
    apply: all(
      withRuntimeProperties({ 'ro.lineage.build.version': '21.0', 'ro.lineage.device': 'generic' }),
      systemApp('org.lineageos.platform', 'lineage'),
      systemApp('org.lineageos.updater', 'lineage', { privileged: true }),
    ),
  },
  {
    id: 'hosts-hijack',
    title: 'Update servers redirected in the hosts file',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: withFile('/system/etc/hosts', {
      content: text('127.0.0.1 localhost\n203.0.113.7 update.miui.com\n203.0.113.7 android.googleapis.com\n'),
    }),
  },
  {
    id: 'updater-removed',
    title: 'The maker’s updater and the package verifier switched off',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    fits: hasPackage('com.android.vending'),
    apply: all(
      withPackageFields('com.android.vending', { disabledFor: [0] }),
      withPackageFields('com.android.updater', { disabledFor: [0] }),
      systemApp('com.fw.upgrade.sysoper', 'retailer', { privileged: true }),
    ),
  },
];
