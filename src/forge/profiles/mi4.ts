/**
 * Case zero: the phone of 2015 three times. The genuine Mi 4 LTE with an official build, the same re-flashed by a retailer, and the counterfeit.
 * What the story tells of each is in the case study; the rest is how phones of that model, and MediaTek phones of that year, answer.
 */
import { apk } from '../content.ts';
import type { VirtualPhone } from '../phone.ts';
import type { Board } from './board.ts';
import { oldCpuInfo } from './board.ts';
import { msm8974, mt6592 } from './boards-2014.ts';
import { testImei } from './identifiers.ts';
import {
  kitkatAdb,
  kitkatFeatures,
  kitkatFramework,
  kitkatLibraries,
  kitkatMounts,
  kitkatPackages,
  kitkatProcesses,
  kitkatPrograms,
  kitkatServices,
  kitkatSettings,
  kitkatShell,
} from './kitkat.ts';
import { makePhone, type PackageRow, type Rom, type Unit } from './rom.ts';
import { type Entries, file, folder, library, program, textFile } from './tree.ts';

/** An official stable build of the model, on the maker's list. */
const BUILD = 'V6.3.3.0.KXDCNBL';
const MIUI = { platform: 'xiaomi-platform', shared: 'xiaomi-shared', media: 'xiaomi-media', release: 'xiaomi-release' } as const;

const BUILD_KEYS = [
  'ro.build.id',
  'ro.build.display.id',
  'ro.build.version.incremental',
  'ro.build.version.sdk',
  'ro.build.version.codename',
  'ro.build.version.release',
  'ro.build.date',
  'ro.build.date.utc',
  'ro.build.type',
  'ro.build.user',
  'ro.build.host',
  'ro.build.tags',
  'ro.product.model',
  'ro.product.brand',
  'ro.product.name',
  'ro.product.device',
  'ro.product.board',
  'ro.product.cpu.abi',
  'ro.product.cpu.abi2',
  'ro.product.manufacturer',
  'ro.product.locale.language',
  'ro.product.locale.region',
  'ro.wifi.channels',
  'ro.board.platform',
  'ro.build.product',
  'ro.build.description',
  'ro.build.fingerprint',
  'ro.build.characteristics',
  'ro.product.mod_device',
  'ro.sf.lcd_density',
  'ro.opengles.version',
  'ro.miui.ui.version.code',
  'ro.miui.ui.version.name',
  'ro.mediatek.platform',
  'ro.mediatek.version.release',
  'ro.mediatek.chip_ver',
  'ro.custom.build.version',
  'ril.specific.mode',
  'dalvik.vm.heapsize',
] as const;
const DEFAULT_KEYS = [
  'ro.secure',
  'ro.allow.mock.location',
  'ro.debuggable',
  'ro.adb.secure',
  'persist.sys.usb.config',
  'ro.zygote',
] as const;

const IDENTIFIERS = {
  serial: 'f0rge001',
  imeis: [testImei('001004', 100_001)],
  androidId: '0011223344556677',
  wifiMac: '02:00:5e:10:00:01',
  bluetoothMac: '02:00:5e:10:00:02',
} as const;

function properties(serial: string): Readonly<Record<string, string>> {
  return {
    'ro.build.id': 'KTU84P',
    'ro.build.display.id': 'KTU84P',
    'ro.build.version.incremental': BUILD,
    'ro.build.version.sdk': '19',
    'ro.build.version.codename': 'REL',
    'ro.build.version.release': '4.4.4',
    'ro.build.date': 'Fri Jan 23 02:11:34 CST 2015',
    'ro.build.date.utc': '1421950294',
    'ro.build.type': 'user',
    'ro.build.user': 'builder',
    'ro.build.host': 'taishan',
    'ro.build.tags': 'release-keys',
    'ro.product.model': 'MI 4LTE',
    'ro.product.brand': 'Xiaomi',
    'ro.product.name': 'cancro_wc_lte',
    'ro.product.device': 'cancro',
    'ro.product.board': 'MSM8974',
    'ro.product.cpu.abi': 'armeabi-v7a',
    'ro.product.cpu.abi2': 'armeabi',
    'ro.product.manufacturer': 'Xiaomi',
    'ro.product.mod_device': 'cancro',
    'ro.product.locale.language': 'zh',
    'ro.product.locale.region': 'CN',
    'ro.board.platform': 'msm8974',
    'ro.build.product': 'cancro',
    'ro.build.description': `cancro_wc_lte-user 4.4.4 KTU84P ${BUILD} release-keys`,
    'ro.build.fingerprint': `Xiaomi/cancro_wc_lte/cancro:4.4.4/KTU84P/${BUILD}:user/release-keys`,
    'ro.build.characteristics': 'nosdcard',
    'ro.sf.lcd_density': '480',
    'ro.opengles.version': '196608',
    'ro.miui.ui.version.code': '4',
    'ro.miui.ui.version.name': 'V6',
    'ro.hardware': 'qcom',
    'ro.boot.hardware': 'qcom',
    'ro.boot.baseband': 'msm',
    'ro.baseband': 'msm',
    'ro.bootloader': 'unknown',
    'ro.bootmode': 'unknown',
    'ro.boot.serialno': serial,
    'ro.serialno': serial,
    'ro.boot.emmc': 'true',
    'ro.boot.hwversion': '3.4.0',
    'ro.secure': '1',
    'ro.debuggable': '0',
    'ro.adb.secure': '1',
    'ro.allow.mock.location': '0',
    'ro.runtime.firstboot': '1425254460',
    'ro.crypto.state': 'unencrypted',
    'gsm.version.baseband': 'MPSS.DI.3.1.c3-00005-M8974AAAAANAZM-1',
    'gsm.version.ril-impl': 'Qualcomm RIL 1.0',
    'gsm.network.type': 'LTE',
    'rild.libpath': '/vendor/lib/libril-qc-qmi-1.so',
    'persist.sys.usb.config': 'mtp,adb',
    'persist.sys.timezone': 'Asia/Shanghai',
    'persist.sys.dalvik.vm.lib': 'libdvm.so',
    'dalvik.vm.heapsize': '512m',
    'init.svc.adbd': 'running',
    'init.svc.zygote': 'running',
    'init.svc.surfaceflinger': 'running',
    'init.svc.qseecomd': 'running',
    'init.svc.ril-daemon': 'running',
    'init.svc.thermal-engine': 'running',
    'init.svc.mpdecision': 'running',
    'sys.boot_completed': '1',
    'selinux.reload_policy': '1',
  };
}

const MIUI_PACKAGES: readonly (readonly [name: string, file: string, signer: keyof typeof MIUI])[] = [
  ['miui', 'framework-miui-res', 'platform'],
  ['com.miui.home', 'MiuiHome', 'platform'],
  ['com.miui.securitycenter', 'SecurityCenter', 'platform'],
  ['com.miui.cloudservice', 'CloudService', 'platform'],
  ['com.xiaomi.account', 'XiaomiAccount', 'platform'],
  ['com.android.updater', 'Updater', 'platform'],
  ['com.miui.backup', 'Backup', 'platform'],
  ['com.miui.antispam', 'AntiSpam', 'platform'],
  ['com.miui.guardprovider', 'GuardProvider', 'release'],
  ['com.xiaomi.xmsf', 'XMSF', 'platform'],
  ['com.miui.player', 'Music', 'media'],
  ['com.miui.video', 'Video', 'release'],
  ['com.miui.notes', 'Notes', 'release'],
  ['com.miui.weather2', 'Weather', 'release'],
  ['com.miui.compass', 'Compass', 'release'],
  ['com.android.thememanager', 'ThemeManager', 'platform'],
  ['com.xiaomi.market', 'MiuiSuperMarket', 'platform'],
  ['com.xiaomi.gamecenter', 'GameCenter', 'release'],
  ['com.miui.yellowpage', 'YellowPage', 'platform'],
  ['com.miui.bugreport', 'MiuiBugReport', 'platform'],
  ['com.miui.networkassistant', 'NetworkAssistant', 'platform'],
  ['com.lbe.security.miui', 'LBESEC_MIUI', 'platform'],
  ['com.mi.vtalk', 'MiTalk', 'release'],
  ['com.android.fileexplorer', 'FileExplorer', 'release'],
];

function genuinePackages(signers: Readonly<Record<keyof typeof MIUI, string>>): readonly PackageRow[] {
  return [
    ...kitkatPackages(signers),
    ...MIUI_PACKAGES.map(
      ([name, fileName, signer]): PackageRow => ({
        name,
        file: fileName,
        signer: signers[signer],
        privileged: signer === 'platform' && name !== 'miui',
        ...(name === 'miui' ? { path: '/system/framework/framework-miui-res.apk', sharedUser: 'android.uid.system' } : {}),
      }),
    ),
    {
      name: 'com.tencent.mm',
      file: 'Weixin',
      signer: 'tencent',
      user: { installer: 'com.xiaomi.market', at: '2015-03-01 19:20:11' },
      version: [542, '6.1'],
    },
  ];
}

const SETTINGS = {
  ...kitkatSettings,
  secure: { ...kitkatSettings.secure, default_input_method: 'com.android.inputmethod.latin/.LatinIME' },
};

function genuineRom(): Rom {
  return {
    release: '4.4.4',
    sdk: 19,
    kernel: {
      release: '3.4.0-perf-gd853d22',
      version: '#1 SMP PREEMPT Fri Jan 23 02:03:04 CST 2015',
      machine: 'armv7l',
      builtBy: 'builder@taishan',
      compiler: 'gcc version 4.7 (GCC) ',
    },
    properties: properties(IDENTIFIERS.serial),
    propertyFiles: { '/system/build.prop': BUILD_KEYS, '/default.prop': DEFAULT_KEYS },
    packages: genuinePackages(MIUI),
    bootClasspath: [...kitkatFramework, 'framework-ext', 'miui', 'qcmediaplayer', 'WfdCommon'],
    programs: [
      ...kitkatPrograms,
      'qseecomd',
      'rmt_storage',
      'netmgrd',
      'qmuxd',
      'thermal-engine',
      'mpdecision',
      'time_daemon',
      'mm-qcamera-daemon',
      'adsprpcd',
      'rild',
      'shelld',
    ],
    libraries: [...kitkatLibraries, 'libmiuiclassproxy.so', 'libshell.so', 'libshell_jni.so'],
    processes: [
      ...kitkatProcesses,
      ['com.miui.home', 'u0_a22', 'u:r:untrusted_app:s0'],
      ['com.miui.securitycenter.remote', 'u0_a24', 'u:r:untrusted_app:s0'],
      ['com.xiaomi.xmsf', 'u0_a27', 'u:r:untrusted_app:s0'],
      ['/system/bin/shelld', 'root', 'u:r:shelld:s0'],
    ],
    services: [
      ...kitkatServices,
      ['miui.shell', 'android.os.IMiuiShell'],
      ['security', 'miui.security.ISecurityManager'],
      ['vold', 'android.os.IVold'],
      ['display.qservice', 'android.display.IQService'],
      ['dpmservice', 'com.android.internal.dpm.IDpmService'],
    ],
    mounts: kitkatMounts(
      '/dev/block/platform/msm_sdcc.1/by-name',
      { system: 'system', data: 'userdata', cache: 'cache' },
      { system: 640 * 2 ** 20, data: 12.4 * 2 ** 30 },
    ),
    apexes: [],
    features: [
      ...kitkatFeatures,
      'android.hardware.sensor.barometer',
      'android.hardware.sensor.stepcounter',
      'android.hardware.consumerir',
      'com.xiaomi.miui',
    ],
    sharedLibraries: [
      'android.test.runner',
      'com.android.location.provider',
      'com.android.media.remotedisplay',
      'com.qualcomm.location.izat',
      'javax.obex',
      'miui',
    ],
    settings: SETTINGS,
    extra: [
      ...textFile('/system/etc/firmware/wlan/prima/WCNSS_qcom_cfg.ini', 'gEnableImps=1\n'),
      ...textFile('/fstab.qcom', '/dev/block/platform/msm_sdcc.1/by-name/system /system ext4 ro,barrier=1 wait\n', {
        mode: 0o640,
        denied: 'read',
      }),
    ],
    builtAt: '2015-01-23 02:11:34',
    clockStart: 1_425_290_400,
    zone: ['CST', 480],
    shell: kitkatShell,
    adb: {
      ...kitkatAdb,
      banner: [
        ['ro.product.name', 'cancro_wc_lte'],
        ['ro.product.model', 'MI 4LTE'],
        ['ro.product.device', 'cancro'],
      ],
    },
  };
}

const DISPLAY = { width: 1080, height: 1920, density: 480, xDpi: 442.451, yDpi: 443.345, refreshRate: 60 } as const;

const usbOf = (serial: string): Unit['usb'] => [
  { mode: 'android', vendorId: 0x2717, productId: 0xff48, manufacturer: 'Xiaomi', product: 'MI 4LTE', serial },
  { mode: 'fastboot', vendorId: 0x18d1, productId: 0xd00d, manufacturer: 'Google', product: 'Android', serial },
];

function genuineUnit(): Unit {
  const { serial } = IDENTIFIERS;
  return {
    name: 'mi4-genuine',
    title: 'A genuine Mi 4 LTE with an official MIUI V6 build',
    identifiers: IDENTIFIERS,
    display: DISPLAY,
    usb: usbOf(serial),
    fastboot: [
      ['version', '0.5'],
      ['product', 'cancro'],
      ['serialno', serial],
      ['kernel', 'lk'],
      ['version-bootloader', 'MSM8974'],
      ['version-baseband', ''],
      ['secure', 'no'],
      ['unlocked', 'true'],
      ...msm8974.partitions
        .filter(([name]) => ['boot', 'system', 'userdata', 'cache', 'recovery'].includes(name))
        .flatMap(([name, size]) => [
          [`partition-type:${name}`, name === 'boot' || name === 'recovery' ? 'raw' : 'ext4'] as const,
          [`partition-size:${name}`, `0x${(size * 1024).toString(16)}`] as const,
        ]),
    ],
  };
}

/** Snapdragon 801, official build, owner's key prompt. */
export function mi4Genuine(): VirtualPhone {
  return makePhone(msm8974, genuineRom(), genuineUnit());
}

// ── the retailer's ───────────────────────────────────────────────────────────────────────────────────────────────────

/** The apps that the case names, and two of the kind that importers of that year added: six. */
const ADDED: readonly PackageRow[] = [
  {
    name: 'com.google.hfapservice',
    file: 'YtService',
    signer: 'unknown-hfap',
    privileged: true,
    granted: [
      'android.permission.INTERNET',
      'android.permission.INSTALL_PACKAGES',
      'android.permission.READ_PHONE_STATE',
      'android.permission.RECEIVE_BOOT_COMPLETED',
    ],
    handlers: [
      { kind: 'receiver', action: 'android.intent.action.BOOT_COMPLETED', component: '.BootReceiver' },
      { kind: 'service', action: 'com.google.hfapservice.START', component: '.YtService' },
    ],
    version: [12, '1.2'],
  },
  {
    name: 'com.egame.tonyCore.feicheng',
    file: 'PhoneGuardService',
    signer: 'unknown-egame',
    granted: [
      'android.permission.INTERNET',
      'android.permission.SEND_SMS',
      'android.permission.RECEIVE_SMS',
      'android.permission.READ_PHONE_STATE',
    ],
    handlers: [{ kind: 'receiver', action: 'android.provider.Telephony.SMS_RECEIVED', component: '.GuardReceiver' }],
    version: [3, '1.0.3'],
  },
  {
    name: 'org.zxl.appstats',
    file: 'AppStats',
    signer: 'unknown-zxl',
    granted: ['android.permission.INTERNET', 'android.permission.GET_TASKS', 'android.permission.READ_PHONE_STATE'],
    version: [2, '1.1'],
  },
  {
    name: 'com.sms.register.service',
    file: 'SMSreg',
    signer: 'unknown-smsreg',
    granted: ['android.permission.SEND_SMS', 'android.permission.READ_PHONE_STATE', 'android.permission.INTERNET'],
    version: [1, '1.0'],
  },
  {
    name: 'com.market.onekey.install',
    file: 'OneKeyMarket',
    signer: 'retailer',
    privileged: true,
    granted: ['android.permission.INSTALL_PACKAGES', 'android.permission.INTERNET'],
    version: [5, '2.0'],
  },
  {
    name: 'com.push.daemon.core',
    file: 'PushCore',
    signer: 'retailer',
    granted: ['android.permission.INTERNET', 'android.permission.RECEIVE_BOOT_COMPLETED', 'android.permission.SYSTEM_ALERT_WINDOW'],
    version: [7, '1.7'],
  },
];

/** Genuine hardware under a retailer's image: extra apps, some of the maker's re-signed, root, ADB without a prompt, properties of two builds. */
export function mi4Retailer(): VirtualPhone {
  const rom = genuineRom();
  const changed: Readonly<Record<string, string>> = {
    ...rom.properties,
    'ro.serialno': 'f0rge002',
    'ro.boot.serialno': 'f0rge002',
    // The image was put together from an older one: its API level and codename were left in, its name was not.
    'ro.build.version.sdk': '17',
    'ro.build.display.id': 'MIUI 4.12.5',
    'ro.build.version.incremental': '4.12.5',
    'ro.build.type': 'userdebug',
    'ro.build.tags': 'test-keys',
    'ro.build.user': 'root',
    'ro.build.host': 'ubuntu',
    'ro.build.date': 'Sat Feb  7 15:40:02 CST 2015',
    'ro.build.date.utc': '1423294802',
    'ro.secure': '0',
    'ro.debuggable': '1',
    'ro.adb.secure': '0',
  };
  const resigned = new Set(['com.android.settings', 'com.android.browser', 'com.xiaomi.market', 'com.android.updater', 'com.miui.home']);
  const retail: Rom = {
    ...rom,
    properties: changed,
    packages: [
      ...rom.packages
        .map((row) => (resigned.has(row.name) ? { ...row, signer: 'retailer' } : row))
        .filter((row) => row.name !== 'com.miui.guardprovider'),
      ...ADDED,
    ],
    processes: [
      ...rom.processes,
      ['com.google.hfapservice', 'u0_a71', 'u:r:untrusted_app:s0'],
      ['com.egame.tonyCore.feicheng', 'u0_a72', 'u:r:untrusted_app:s0'],
      ['com.push.daemon.core', 'u0_a76', 'u:r:untrusted_app:s0'],
      ['daemonsu:master', 'root', 'u:r:init:s0'],
    ],
    extra: [
      ...rom.extra,
      ...program('/system/xbin/su', 66_000).map(([path, su]) => [path, { ...su, mode: 0o6755, context: 'u:object_r:su_exec:s0' }] as const),
      ...program('/system/xbin/daemonsu', 66_000),
      ...file(
        '/system/app/Superuser.apk',
        apk({
          package: 'com.noshufou.android.su',
          versionCode: 46,
          versionName: '3.1.3',
          signer: 'superuser',
          seed: 'superuser',
          fill: 4000,
        }),
      ),
    ],
    settings: {
      ...rom.settings,
      secure: { ...rom.settings.secure, install_non_market_apps: '1' },
      global: { ...rom.settings.global, package_verifier_enable: '0' },
    },
    builtAt: '2015-02-07 15:40:02',
    shell: { ...rom.shell, su: 'grants' },
    adb: { ...rom.adb, authorisation: 'none' },
  };
  const unit = genuineUnit();
  const identifiers = {
    ...IDENTIFIERS,
    serial: 'f0rge002',
    imeis: [testImei('001004', 100_002)],
    wifiMac: '02:00:5e:10:00:03',
    bluetoothMac: '02:00:5e:10:00:04',
  };
  return {
    ...makePhone(msm8974, retail, {
      ...unit,
      name: 'mi4-retailer',
      title: 'A genuine Mi 4 LTE, re-flashed by a retailer: six added apps, root, ADB without a prompt',
      identifiers,
      usb: usbOf(identifiers.serial),
      fastboot: unit.fastboot.map(([name, value]) => [name, name === 'serialno' ? identifiers.serial : value]),
    }),
    release: '4.4.4',
  };
}

// ── the counterfeit ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Where the copies lie that the installer puts in place of what was asked for. */
export const HIDDEN_FOLDER = '/storage/emulated/legacy/.tfcache';
/** Checker apps and the doctored copies of them. */
const DOCTORED: readonly (readonly [name: string, file: string, version: readonly [code: number, name: string]])[] = [
  ['com.cpuid.cpu_z', 'cpuz.apk', [14, '1.14']],
  ['com.antutu.ABenchMark', 'antutu.apk', [5_060_000, '5.6']],
  ['com.xiaomi.miverify', 'antifake.apk', [2, '1.1']],
  ['com.miui.antifake', 'mi_identification.apk', [3, '1.2']],
];

/** The clone's kernel says Qualcomm where people look, and MediaTek everywhere else. */
const DISGUISED: Board = {
  ...mt6592,
  cpuinfo: oldCpuInfo({
    revision: 3,
    bogoMips: '26.00',
    cores: 8,
    implementer: '0x41',
    variant: '0x0',
    part: '0xc07',
    hardware: 'Qualcomm MSM8974PRO-AC',
    tail: ['Revision\t: 0000', 'Serial\t\t: 0000000000000000'],
  }),
  memoryTotalKiB: 2_965_312,
};

/** Another phone in a Mi 4's case: MT6592, a look-alike ROM, an installer that swaps checkers, the IMEI of a genuine one. */
export function mi4Counterfeit(): VirtualPhone {
  const genuine = genuineRom();
  const serial = '0123456789ABCDEF';
  const clone = { platform: 'clone-platform', shared: 'clone-platform', media: 'clone-platform', release: 'clone-release' } as const;
  const dropped = new Set([
    'com.miui.guardprovider',
    'com.lbe.security.miui',
    'com.xiaomi.account',
    'com.xiaomi.xmsf',
    'com.mi.vtalk',
    'com.miui.yellowpage',
  ]);
  const doctored: Entries = DOCTORED.flatMap(([name, fileName, [versionCode, versionName]]) =>
    file(
      `${HIDDEN_FOLDER}/${fileName}`,
      apk({ package: name, versionCode, versionName, signer: 'clone-release', seed: `doctored ${name}`, fill: 5000 }),
      { mode: 0o660, uid: 1000, gid: 1015 },
    ),
  );
  const rom: Rom = {
    ...genuine,
    kernel: {
      release: '3.4.67',
      version: '#2 SMP PREEMPT Sat Nov 15 17:22:08 CST 2014',
      machine: 'armv7l',
      builtBy: 'root@mtk-build',
      compiler: 'gcc version 4.7 (GCC) ',
    },
    properties: {
      ...genuine.properties,
      'ro.serialno': serial,
      'ro.boot.serialno': serial,
      'ro.hardware': 'mt6592',
      'ro.boot.hardware': 'mt6592',
      'ro.board.platform': 'mt6592',
      'ro.build.date': 'Sat Nov 15 17:31:40 CST 2014',
      'ro.build.date.utc': '1416043900',
      'ro.build.type': 'user',
      'ro.build.tags': 'test-keys',
      'ro.build.user': 'root',
      'ro.build.host': 'mtk-build',
      'ro.build.version.sdk': '17',
      'ro.build.version.release': '4.4.4',
      'ro.opengles.version': '131072',
      'ro.mediatek.platform': 'MT6592',
      'ro.mediatek.chip_ver': 'S01',
      'ro.mediatek.version.release': 'ALPS.KK1.MP7.V1',
      'ro.custom.build.version': 'hct_mi4_v12',
      'ro.secure': '1',
      'ro.adb.secure': '0',
      'ro.debuggable': '1',
      'gsm.version.baseband': 'MOLY.WR8.W1315.MD.WG.MP.V57.P5',
      'gsm.version.ril-impl': 'mtk gemini ril 1.0',
      'rild.libpath': 'mtk-ril.so',
      'ril.specific.mode': '1',
      'init.svc.qseecomd': 'stopped',
      'init.svc.mpdecision': 'stopped',
      'init.svc.nvram_daemon': 'running',
      'init.svc.ccci_mdinit': 'running',
      'persist.sys.usb.config': 'mass_storage,adb',
    },
    packages: [
      ...genuinePackages(clone).filter((row) => !dropped.has(row.name)),
      { name: 'com.cpuid.cpu_z', file: 'CPU-Z', signer: 'clone-release', version: [14, '1.14'] },
      { name: 'com.antutu.ABenchMark', file: 'AnTuTu', signer: 'clone-release', version: [5_060_000, '5.6'] },
      { name: 'com.miui.antifake', file: 'AntiFake', signer: 'clone-release', version: [3, '1.2'] },
      { name: 'com.mediatek.engineermode', file: 'EngineerMode', signer: 'clone-platform', sharedUser: 'android.uid.system' },
      { name: 'com.mediatek.mtklogger', file: 'MTKLogger', signer: 'clone-platform', sharedUser: 'android.uid.system' },
      { name: 'com.mediatek.batterywarning', file: 'BatteryWarning', signer: 'clone-platform' },
      ...ADDED,
    ],
    bootClasspath: [...kitkatFramework, 'mediatek-framework', 'mediatek-common', 'mediatek-telephony-common', 'miui'],
    programs: [...kitkatPrograms, 'ccci_mdinit', 'nvram_daemon', 'MtkCodecService', '6620_launcher', 'mtkrild', 'muxreport', 'pq', 'matv'],
    processes: [
      ...kitkatProcesses,
      ['com.miui.home', 'u0_a22', 'u:r:untrusted_app:s0'],
      ['com.mediatek.engineermode', 'system', 'u:r:system_app:s0'],
      ['com.google.hfapservice', 'u0_a71', 'u:r:untrusted_app:s0'],
    ],
    services: [
      ...kitkatServices,
      ['mtk-perfservice', 'com.mediatek.common.perfservice.IPerfService'],
      ['mtk-agpsnative', 'com.mediatek.agps'],
      ['audioprofile', 'com.mediatek.common.audioprofile.IAudioProfileService'],
      ['memory.dumper', 'android.IMemoryDumper'],
      ['program_binary', 'com.android.internal.os.IProgramBinaryService'],
    ],
    mounts: kitkatMounts('/emmc', { system: 'android', data: 'usrdata', cache: 'cache' }, { system: 1000 * 2 ** 20, data: 12.4 * 2 ** 30 }),
    features: kitkatFeatures,
    sharedLibraries: ['android.test.runner', 'com.android.location.provider', 'com.mediatek.effect', 'javax.obex', 'miui'],
    extra: [
      ...folder(HIDDEN_FOLDER, { mode: 0o770, uid: 1000, gid: 1015 }),
      ...doctored,
      ...library('/system/lib/libtfhook.so'),
      ...program('/system/xbin/su', 66_000).map(([path, su]) => [path, { ...su, mode: 0o6755 }] as const),
      ...textFile('/system/etc/mtk_clear_motion.cfg', '1\n'),
    ],
    builtAt: '2014-11-15 17:31:40',
    shell: { ...genuine.shell, su: 'grants' },
    adb: { ...genuine.adb, authorisation: 'none' },
  };
  const phone = makePhone(DISGUISED, rom, {
    name: 'mi4-counterfeit',
    title: 'A counterfeit Mi 4: MediaTek MT6592, a look-alike ROM, an installer that swaps checker apps, a cloned IMEI',
    // The IMEI is that of the genuine one: it was cloned.
    identifiers: { ...IDENTIFIERS, serial, wifiMac: '02:00:5e:10:00:05', bluetoothMac: '02:00:5e:10:00:06' },
    display: { ...DISPLAY, xDpi: 480, yDpi: 480 },
    usb: [
      { mode: 'android', vendorId: 0x0bb4, productId: 0x0c03, manufacturer: 'MediaTek', product: 'mt65xx android phone', serial },
      { mode: 'preloader', vendorId: 0x0e8d, productId: 0x2000, manufacturer: 'MediaTek', product: 'MT65xx Preloader', serial: undefined },
    ],
    fastboot: [
      ['version', '0.5'],
      ['product', 'hct6592_mi4'],
      ['kernel', 'lk'],
      ['version-preloader', '0.1.00'],
      ['partition-type:userdata', 'ext4'],
      ['partition-size:userdata', '0x180800000'],
    ],
  });
  return {
    ...phone,
    // What the ROM's own driver answers was changed too: the app that people look at asks for this string.
    gpu: { ...phone.gpu, vendor: 'Qualcomm', renderer: 'Adreno (TM) 330', version: 'OpenGL ES 2.0' },
    behaviours: {
      ...phone.behaviours,
      installSwaps: DOCTORED.map(([name, fileName]) => ({ package: name, with: `${HIDDEN_FOLDER}/${fileName}` })),
    },
  };
}
