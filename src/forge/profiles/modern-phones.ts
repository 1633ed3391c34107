/** Genuine phones of 2020 to 2023: one by Google, one by Xiaomi whose system is newer than its vendor image, one by Samsung. */
import type { VirtualPhone } from '../phone.ts';
import type { Board } from './board.ts';
import { exynos9611, parrot, zuma } from './boards-2023.ts';
import { testImei } from './identifiers.ts';
import {
  bootProperties,
  fingerprintOf,
  modernAdb,
  modernApexes,
  modernFeatures,
  modernFramework,
  modernLibraries,
  modernMounts,
  modernPackages,
  modernProcesses,
  modernPrograms,
  modernSettings,
  modernShell,
  type PartitionBuild,
  partitionProperties,
  systemProperties,
} from './modern.ts';
import { modernServices } from './modern-services.ts';
import { makePhone, type PackageRow, type Rom, type Unit } from './rom.ts';
import { textFile } from './tree.ts';

interface Model {
  readonly unit: Omit<Unit, 'identifiers' | 'usb'>;
  readonly serial: string;
  readonly imeis: readonly string[];
  readonly mac: string;
  readonly usb: Unit['usb'];
  readonly board: Board;
  readonly system: PartitionBuild;
  readonly vendor: PartitionBuild;
  readonly odm?: PartitionBuild;
  readonly patch: string;
  readonly vendorPatch: string;
  readonly builder: readonly [user: string, host: string];
  readonly kernel: Rom['kernel'];
  readonly signers: Parameters<typeof modernPackages>[0];
  readonly packages: readonly PackageRow[];
  readonly properties: Readonly<Record<string, string>>;
  readonly mounts: Parameters<typeof modernMounts>[0];
  readonly features: readonly string[];
  readonly processes: Rom['processes'];
  readonly services: Rom['services'];
  readonly programs: readonly string[];
  readonly builtAt: string;
  readonly clockStart: number;
}

/** Keys that stand in the file of a partition. */
const keysOf = (properties: Readonly<Record<string, string>>, partition: string): readonly string[] =>
  Object.keys(properties).filter((key) => key.startsWith(`ro.product.${partition}.`) || key.startsWith(`ro.${partition}.build.`));

function romOf(model: Model): Rom {
  const sdk = Number(model.system.sdk);
  const properties: Readonly<Record<string, string>> = {
    ...bootProperties(model.serial, model.unit.name),
    ...systemProperties(model.system, {
      patch: model.patch,
      vendorPatch: model.vendorPatch,
      display: model.system.id,
      user: model.builder[0],
      host: model.builder[1],
    }),
    ...partitionProperties('system', model.system),
    ...partitionProperties('system_ext', model.system),
    ...partitionProperties('product', model.system),
    ...partitionProperties('vendor', model.vendor),
    ...partitionProperties('odm', model.odm ?? model.vendor),
    'ro.bootimage.build.fingerprint': fingerprintOf(model.vendor),
    'ro.bootimage.build.date': model.vendor.date[0],
    'ro.bootimage.build.date.utc': model.vendor.date[1],
    ...model.properties,
  };
  const apexes = modernApexes(sdk);
  const systemKeys = Object.keys(properties).filter((key) => key.startsWith('ro.build.'));
  return {
    release: model.system.release,
    sdk,
    kernel: model.kernel,
    properties,
    propertyFiles: {
      '/system/build.prop': [...keysOf(properties, 'system'), ...systemKeys],
      '/system_ext/etc/build.prop': keysOf(properties, 'system_ext'),
      '/product/etc/build.prop': keysOf(properties, 'product'),
      '/vendor/build.prop': [...keysOf(properties, 'vendor'), 'ro.board.platform', 'ro.product.board', 'ro.vendor.build.security_patch'],
      '/odm/etc/build.prop': keysOf(properties, 'odm'),
    },
    packages: [...modernPackages(model.signers), ...model.packages],
    bootClasspath: modernFramework,
    programs: [...modernPrograms, ...model.programs],
    libraries: modernLibraries,
    processes: [...modernProcesses, ...model.processes],
    services: [...modernServices(sdk), ...model.services],
    mounts: modernMounts({ ...model.mounts, apexes }),
    apexes,
    features: [...modernFeatures, ...model.features],
    sharedLibraries: [
      'android.ext.shared',
      'android.hidl.base-V1.0-java',
      'android.test.base',
      'android.test.runner',
      'com.android.location.provider',
      'com.google.android.maps',
      'javax.obex',
      'org.apache.http.legacy',
    ],
    settings: modernSettings('0123456789abcdef'),
    extra: textFile('/vendor/etc/vintf/manifest.xml', '<manifest version="2.0" type="device" target-level="7"></manifest>\n'),
    builtAt: '2009-01-01 00:00:00',
    clockStart: model.clockStart,
    zone: ['CEST', 120],
    shell: modernShell(),
    adb: {
      ...modernAdb(sdk),
      banner: [
        ['ro.product.name', model.system.name],
        ['ro.product.model', model.system.model],
        ['ro.product.device', model.system.device],
      ],
    },
  };
}

function phoneOf(model: Model): VirtualPhone {
  return makePhone(model.board, romOf(model), {
    ...model.unit,
    identifiers: {
      serial: model.serial,
      imeis: model.imeis,
      androidId: '0123456789abcdef',
      wifiMac: model.mac,
      bluetoothMac: model.mac.replace(/.$/, 'f'),
    },
    usb: model.usb,
  });
}

const common = (board: Board, names: readonly string[]) =>
  board.partitions
    .filter(([name]) => names.includes(name))
    .flatMap(([name, size]) => [[`partition-size:${name}`, `0x${(size * 1024).toString(16)}`] as const]);

/** Tensor G3, Android 14, slot a, everything of one build. */
export function pixel(): VirtualPhone {
  const build: PartitionBuild = {
    brand: 'google',
    manufacturer: 'Google',
    name: 'husky',
    device: 'husky',
    model: 'Pixel 8 Pro',
    release: '14',
    sdk: '34',
    id: 'AP2A.240605.024.A1',
    incremental: '11940202',
    date: ['Thu May 30 18:17:37 UTC 2024', '1717093057'],
  };
  return phoneOf({
    unit: {
      name: 'pixel-14',
      title: 'A genuine Pixel 8 Pro with an official build of Android 14, locked',
      display: { width: 1344, height: 2992, density: 480, xDpi: 489.398, yDpi: 489.085, refreshRate: 120 },
      fastboot: [
        ['product', 'husky'],
        ['serialno', 'F0RGEPX0001'],
        ['version-bootloader', 'ripcurrent-14.5-11677881'],
        ['version-baseband', 'g5300i-240308-240517-B-11857457'],
        ['secure', 'yes'],
        ['unlocked', 'no'],
        ['slot-count', '2'],
        ['current-slot', 'a'],
        ['slot-successful:a', 'yes'],
        ['hw-revision', 'MP1.0'],
        ['is-userspace', 'no'],
        ...common(zuma, ['boot_a', 'init_boot_a', 'vbmeta_a', 'super', 'userdata']),
      ],
    },
    serial: 'F0RGEPX0001',
    imeis: [testImei('001005', 200_001), testImei('001005', 200_002)],
    mac: '02:00:5e:20:00:01',
    usb: [
      { mode: 'android', vendorId: 0x18d1, productId: 0x4ee7, manufacturer: 'Google', product: 'Pixel 8 Pro', serial: 'F0RGEPX0001' },
      { mode: 'fastboot', vendorId: 0x18d1, productId: 0x4ee0, manufacturer: 'Google', product: 'Pixel 8 Pro', serial: 'F0RGEPX0001' },
    ],
    board: zuma,
    system: build,
    vendor: build,
    patch: '2024-06-05',
    vendorPatch: '2024-06-05',
    builder: ['android-build', 'r-0123456789abcdef-wxyz'],
    kernel: {
      release: '5.15.137-android14-11-gbf4f9bc41c3b-ab11664771',
      version: '#1 SMP PREEMPT Fri Apr 5 21:43:18 UTC 2024',
      machine: 'aarch64',
      builtBy: 'kleaf@build-host',
      compiler: 'Android (10087095, +pgo, +bolt, +lto, -mlgo, based on r487747c) clang version 17.0.2, LLD 17.0.2',
    },
    signers: {
      platform: 'pixel-platform',
      shared: 'pixel-shared',
      media: 'pixel-media',
      networkStack: 'google-networkstack',
      release: 'pixel-release',
    },
    packages: [
      { name: 'com.google.android.GoogleCamera', file: 'GoogleCamera', signer: 'google-apps', partition: '/product' },
      {
        name: 'com.google.android.apps.nexuslauncher',
        file: 'NexusLauncherRelease',
        signer: 'pixel-platform',
        partition: '/system_ext',
        privileged: true,
      },
      { name: 'com.google.android.euicc', file: 'EuiccGoogle', signer: 'google-apps', partition: '/product', privileged: true },
      { name: 'com.google.edgetpu.dba', file: 'EdgeTpuDba', signer: 'pixel-platform', partition: '/vendor' },
      { name: 'com.google.android.apps.tips', file: 'TipsPrebuilt', signer: 'google-apps', partition: '/product' },
    ],
    properties: {
      'ro.board.platform': 'zuma',
      'ro.product.board': 'husky',
      'ro.hardware': 'husky',
      'ro.boot.hardware': 'husky',
      'ro.boot.hardware.revision': 'MP1.0',
      'ro.boot.hardware.platform': 'zuma',
      'ro.boot.slot_suffix': '_a',
      'ro.boot.bootloader': 'ripcurrent-14.5-11677881',
      'ro.bootloader': 'ripcurrent-14.5-11677881',
      'ro.build.ab_update': 'true',
      'ro.virtual_ab.enabled': 'true',
      'ro.soc.manufacturer': 'Google',
      'ro.soc.model': 'Tensor G3',
      'ro.hardware.egl': 'mali',
      'ro.hardware.vulkan': 'mali',
      'ro.sf.lcd_density': '480',
      'ro.vndk.version': '34',
      'ro.product.first_api_level': '34',
      'ro.board.first_api_level': '34',
      'ro.vendor.api_level': '34',
      'ro.com.google.gmsversion': '14_202402',
      'ro.com.google.clientidbase': 'android-google',
      'gsm.version.baseband': 'g5300i-240308-240517-B-11857457',
      'ro.boot.ddr_size': '12GB',
      'ro.zygote': 'zygote64',
      'ro.product.cpu.abilist': 'arm64-v8a',
      'ro.product.cpu.abilist32': '',
    },
    mounts: {
      type: 'ext4',
      partitions: ['system_ext', 'product', 'vendor', 'vendor_dlkm', 'system_dlkm'],
      data: { device: '/dev/block/dm-44', type: 'f2fs', bytes: 105e9 },
      slot: '_a',
      apexes: [],
    },
    features: [
      'com.google.android.feature.PIXEL_EXPERIENCE',
      'com.google.android.feature.PIXEL_2023_EXPERIENCE',
      'android.hardware.strongbox_keystore=300',
      'android.hardware.uwb',
    ],
    processes: [['com.google.android.apps.nexuslauncher', 'u0_a188', 'u:r:platform_app:s0:c512,c768']],
    services: [
      ['android.hardware.security.keymint.IKeyMintDevice/strongbox', 'android.hardware.security.keymint.IKeyMintDevice'],
      ['com.google.edgetpu.IEdgeTpuAppService/default', 'com.google.edgetpu.IEdgeTpuAppService'],
      ['com.google.input.ITouchContextService/default', 'com.google.input.ITouchContextService'],
    ],
    programs: ['snapuserd'],
    builtAt: '2009-01-01 00:00:00',
    clockStart: 1_718_000_000,
  });
}

/** Snapdragon 7s Gen 2: a system of Android 14 on a vendor image of Android 13, as an official update left it. */
export function redmi(): VirtualPhone {
  const build: PartitionBuild = {
    brand: 'Redmi',
    manufacturer: 'Xiaomi',
    name: 'garnet_global',
    device: 'garnet',
    model: '2312DRA50G',
    release: '14',
    sdk: '34',
    id: 'UKQ1.231003.002',
    incremental: 'V816.0.9.0.UNRMIXM',
    date: ['Wed Apr 10 11:32:05 UTC 2024', '1712748725'],
  };
  const vendor: PartitionBuild = { ...build, release: '13', sdk: '33', id: 'TKQ1.230404.001' };
  return phoneOf({
    unit: {
      name: 'redmi-14',
      title: 'A genuine Redmi Note 13 Pro 5G with an official build, whose system is newer than its vendor image, locked',
      display: { width: 1220, height: 2712, density: 480, xDpi: 445.6, yDpi: 446.1, refreshRate: 120 },
      fastboot: [
        ['product', 'garnet'],
        ['serialno', 'f0rgerd1'],
        ['secure', 'yes'],
        ['unlocked', 'no'],
        ['anti', '1'],
        ['slot-count', '2'],
        ['current-slot', 'a'],
        ['version-bootloader', ''],
        ['is-userspace', 'no'],
        ['token', 'VQEBHgEQAAAAAAAAAAAAAAAAAAAAAAAA'],
        ...common(parrot, ['boot_a', 'init_boot_a', 'vbmeta_a', 'super', 'userdata', 'xbl_a', 'abl_a', 'tz_a']),
      ],
    },
    serial: 'f0rgerd1',
    imeis: [testImei('001006', 300_001), testImei('001006', 300_002)],
    mac: '02:00:5e:30:00:01',
    usb: [
      { mode: 'android', vendorId: 0x2717, productId: 0xff08, manufacturer: 'Xiaomi', product: 'Redmi Note 13 Pro 5G', serial: 'f0rgerd1' },
      { mode: 'fastboot', vendorId: 0x18d1, productId: 0xd00d, manufacturer: 'Xiaomi', product: 'Android', serial: 'f0rgerd1' },
    ],
    board: parrot,
    system: build,
    vendor,
    patch: '2024-04-01',
    vendorPatch: '2024-04-01',
    builder: ['builder', 'non-pangu-pod-xm7kb'],
    kernel: {
      release: '5.10.198-android12-9-00085-g226a9632f13d-ab11136126',
      version: '#1 SMP PREEMPT Wed Nov 22 14:16:37 UTC 2023',
      machine: 'aarch64',
      builtBy: 'build-user@build-host',
      compiler: 'Android (7284624, based on r416183b) clang version 12.0.5, LLD 12.0.5',
    },
    signers: {
      platform: 'xiaomi-platform',
      shared: 'xiaomi-shared',
      media: 'xiaomi-media',
      networkStack: 'google-networkstack',
      release: 'xiaomi-release',
    },
    packages: [
      { name: 'com.miui.home', file: 'MiuiHome', signer: 'xiaomi-platform', partition: '/product', privileged: true },
      { name: 'com.miui.securitycenter', file: 'SecurityCenter', signer: 'xiaomi-platform', partition: '/product', privileged: true },
      { name: 'com.android.updater', file: 'Updater', signer: 'xiaomi-platform', privileged: true },
      { name: 'com.miui.guardprovider', file: 'GuardProvider', signer: 'xiaomi-release', partition: '/product' },
      { name: 'com.xiaomi.xmsf', file: 'XMSF', signer: 'xiaomi-platform', partition: '/product', privileged: true },
      { name: 'com.miui.cloudservice', file: 'MiuiCloudService', signer: 'xiaomi-platform', partition: '/product', privileged: true },
      { name: 'com.xiaomi.account', file: 'XiaomiAccount', signer: 'xiaomi-platform', partition: '/product', privileged: true },
      { name: 'com.xiaomi.mipicks', file: 'GetApps', signer: 'xiaomi-platform', partition: '/product', privileged: true },
      { name: 'com.miui.gallery', file: 'MIUIGallery', signer: 'xiaomi-platform', partition: '/product', privileged: true },
      { name: 'com.android.camera', file: 'MiuiCamera', signer: 'xiaomi-platform', partition: '/product', privileged: true },
      { name: 'com.qualcomm.qti.qms.service.telemetry', file: 'QmsService', signer: 'xiaomi-platform', partition: '/system_ext' },
    ],
    properties: {
      'ro.board.platform': 'parrot',
      'ro.product.board': 'garnet',
      'ro.hardware': 'qcom',
      'ro.boot.hardware': 'qcom',
      'ro.boot.hwc': 'GLOBAL',
      'ro.boot.hwname': 'garnet',
      'ro.boot.hwversion': '7.9.0',
      'ro.boot.slot_suffix': '_a',
      'ro.boot.bootloader': 'unknown',
      'ro.bootloader': 'unknown',
      'ro.build.ab_update': 'true',
      'ro.virtual_ab.enabled': 'true',
      'ro.soc.manufacturer': 'QTI',
      'ro.soc.model': 'SM7435',
      'ro.hardware.egl': 'adreno',
      'ro.hardware.vulkan': 'adreno',
      'ro.sf.lcd_density': '480',
      'ro.vndk.version': '33',
      'ro.product.first_api_level': '33',
      'ro.board.first_api_level': '31',
      'ro.vendor.api_level': '31',
      'ro.product.mod_device': 'garnet_global',
      'ro.product.marketname': 'Redmi Note 13 Pro 5G',
      'ro.miui.ui.version.code': '816',
      'ro.miui.ui.version.name': 'V816',
      'ro.miui.build.region': 'global',
      'ro.mi.os.version.name': 'OS1.0',
      'ro.mi.os.version.incremental': 'OS1.0.9.0.UNRMIXM',
      'ro.com.google.gmsversion': '14_202402',
      'ro.com.google.clientidbase': 'android-xiaomi',
      'ro.secureboot.lockstate': 'locked',
      'ro.secureboot.devicelock': '1',
      'ro.boot.secureboot': '1',
      'gsm.version.baseband': '1.0.c1-00149-PARROT_GEN_PACK-1',
    },
    mounts: {
      type: 'erofs',
      partitions: ['system_ext', 'product', 'vendor', 'odm', 'mi_ext', 'vendor_dlkm', 'system_dlkm'],
      data: { device: '/dev/block/dm-48', type: 'f2fs', bytes: 226e9 },
      slot: '_a',
      apexes: [],
    },
    features: ['com.xiaomi.miui', 'android.hardware.consumerir', 'android.hardware.sensor.stepcounter'],
    processes: [
      ['com.miui.home', 'u0_a90', 'u:r:priv_app:s0:c512,c768'],
      ['com.miui.securitycenter.remote', 'system', 'u:r:system_app:s0'],
      ['com.xiaomi.xmsf', 'u0_a104', 'u:r:priv_app:s0:c512,c768'],
    ],
    services: [
      ['MiuiInit', 'miui.content.pm.IMiuiInit'],
      ['security', 'miui.security.ISecurityManager'],
      ['ProcessManager', 'miui.IProcessManager'],
      ['vendor.qti.hardware.qteeconnector', 'vendor.qti.hardware.qteeconnector'],
      ['display.qservice', 'android.display.IQService'],
    ],
    programs: ['snapuserd'],
    builtAt: '2009-01-01 00:00:00',
    clockStart: 1_718_000_000,
  });
}

/** Exynos 9611, Android 13, no slots, Knox untripped. */
export function samsung(): VirtualPhone {
  const build: PartitionBuild = {
    brand: 'samsung',
    manufacturer: 'samsung',
    name: 'a51nsxx',
    device: 'a51',
    model: 'SM-A515F',
    release: '13',
    sdk: '33',
    id: 'TP1A.220624.014',
    incremental: 'A515FXXU8HWK1',
    date: ['Fri Nov 10 14:21:06 KST 2023', '1699593666'],
  };
  const vendor: PartitionBuild = { ...build, release: '11', sdk: '30', id: 'RP1A.200720.012' };
  return phoneOf({
    unit: {
      name: 'samsung-13',
      title: 'A genuine Galaxy A51 with an official build of Android 13, Knox untripped, locked',
      display: { width: 1080, height: 2400, density: 420, xDpi: 403.411, yDpi: 404.042, refreshRate: 60 },
      fastboot: [],
    },
    serial: 'R0FORGE0001',
    imeis: [testImei('001007', 400_001), testImei('001007', 400_002)],
    mac: '02:00:5e:40:00:01',
    usb: [
      { mode: 'android', vendorId: 0x04e8, productId: 0x6860, manufacturer: 'SAMSUNG', product: 'SAMSUNG_Android', serial: 'R0FORGE0001' },
    ],
    board: exynos9611,
    system: build,
    vendor,
    patch: '2023-11-01',
    vendorPatch: '2023-11-01',
    builder: ['dpi', 'SWDK6521'],
    kernel: {
      release: '4.14.113-27236186',
      version: '#1 SMP PREEMPT Fri Nov 10 14:28:23 KST 2023',
      machine: 'aarch64',
      builtBy: 'dpi@SWDK6521',
      compiler: 'Android (6443078 based on r383902) clang version 11.0.1',
    },
    signers: {
      platform: 'samsung-platform',
      shared: 'samsung-shared',
      media: 'samsung-media',
      networkStack: 'google-networkstack',
      release: 'samsung-release',
    },
    packages: [
      { name: 'com.sec.android.app.launcher', file: 'TouchWizHome_2017', signer: 'samsung-platform', privileged: true },
      { name: 'com.samsung.android.messaging', file: 'SamsungMessages_11', signer: 'samsung-platform', privileged: true },
      { name: 'com.samsung.android.lool', file: 'SmartManager_v6_DeviceSecurity', signer: 'samsung-platform', privileged: true },
      { name: 'com.samsung.android.sm.devicesecurity', file: 'SmartManager_v6_DeviceSecurity_DeviceCare', signer: 'samsung-platform' },
      {
        name: 'com.samsung.android.knox.containercore',
        file: 'KnoxCore',
        signer: 'samsung-platform',
        privileged: true,
        sharedUser: 'android.uid.system',
      },
      {
        name: 'com.samsung.android.kgclient',
        file: 'KnoxGuard',
        signer: 'samsung-platform',
        privileged: true,
        sharedUser: 'android.uid.system',
      },
      { name: 'com.wssyncmldm', file: 'FotaAgent', signer: 'samsung-platform', privileged: true },
      { name: 'com.sec.android.soagent', file: 'SOAgent7', signer: 'samsung-platform', privileged: true },
      { name: 'com.sec.android.app.samsungapps', file: 'GalaxyApps_OPEN', signer: 'samsung-apps', privileged: true },
      { name: 'com.samsung.android.spay', file: 'SamsungPay', signer: 'samsung-apps', privileged: true },
    ],
    properties: {
      'ro.board.platform': 'universal9611',
      'ro.product.board': 'exynos9611',
      'ro.hardware': 'exynos9611',
      'ro.boot.hardware': 'exynos9611',
      'ro.hardware.chipname': 'exynos9611',
      'ro.soc.manufacturer': 'Samsung',
      'ro.soc.model': 'Exynos 9611',
      'ro.boot.bootloader': 'A515FXXU8HWK1',
      'ro.bootloader': 'A515FXXU8HWK1',
      'ro.boot.em.did': '2000000000000001',
      'ro.boot.em.model': 'SM-A515F',
      'ro.boot.warranty_bit': '0',
      'ro.warranty_bit': '0',
      'ro.boot.sb.debug0': '0x0',
      'ro.boot.other.locked': '1',
      'ro.build.PDA': 'A515FXXU8HWK1',
      'ro.build.changelist': '27236186',
      'ro.csc.sales_code': 'DBT',
      'ril.official_cscver': 'A515FOXM8HWK1',
      'ril.sw_ver': 'A515FXXU8HWK1',
      'ro.config.knox': 'v30',
      'ro.hardware.egl': 'mali',
      'ro.hardware.vulkan': 'mali',
      'ro.sf.lcd_density': '420',
      'ro.vndk.version': '30',
      'ro.product.first_api_level': '29',
      'ro.vendor.api_level': '29',
      'ro.com.google.gmsversion': '13_202304',
      'ro.com.google.clientidbase': 'android-samsung-ss',
      'gsm.version.baseband': 'A515FXXU8HWK1,A515FXXU8HWK1',
      'ro.boot.dynamic_partitions_retrofit': 'true',
    },
    mounts: {
      type: 'ext4',
      partitions: ['vendor', 'product', 'odm', 'prism', 'optics'],
      data: { device: '/dev/block/dm-36', type: 'f2fs', bytes: 108e9 },
      slot: '',
      apexes: [],
    },
    features: ['com.samsung.feature.SAMSUNG_EXPERIENCE', 'com.samsung.android.knox.knoxsdk', 'com.sec.feature.fingerprint_manager_service'],
    processes: [
      ['com.sec.android.app.launcher', 'u0_a120', 'u:r:platform_app:s0:c512,c768'],
      ['com.samsung.android.kgclient', 'system', 'u:r:system_app:s0'],
      ['com.wssyncmldm', 'u0_a95', 'u:r:system_app:s0'],
    ],
    services: [
      ['knoxguard_service', 'com.samsung.android.knoxguard.IKnoxGuardManager'],
      ['SatsService', 'android.os.ISatsService'],
      ['CustomFrequencyManagerService', 'android.os.ICustomFrequencyManager'],
      ['semclipboard', 'android.sec.clipboard.IClipboardService'],
    ],
    programs: ['vaultkeeperd', 'emservice'],
    builtAt: '2009-01-01 00:00:00',
    clockStart: 1_718_000_000,
  });
}
