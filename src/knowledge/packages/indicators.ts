/** Pre-installed malware from 2015 on, root tools and hooking frameworks, by name, path and digest. A name is what its author chose: alone it identifies nothing. */
import type { Indicator } from '../types.ts';
import { firmwareFamilies } from './firmware-families.ts';
import { SOURCES } from './sources.ts';

type Family = readonly [family: string, kind: Indicator['class'], source: string];

const rows = ([family, kind, source]: Family, type: Indicator['type'], values: readonly string[]): readonly Indicator[] =>
  values.map((value) => ({ type, value, family, class: kind, sources: [source] }));

const malware: readonly Indicator[] = [
  ...rows(['DarthPusher (Yt Service, 2015)', 'adware', `${SOURCES.bluebox}; ${SOURCES.xda2015}`], 'package', ['com.google.hfapservice']),
  ...rows(['PhoneGuardService (2015)', 'malware', SOURCES.xda2015], 'package', ['com.egame.tonyCore.feicheng']),
  ...rows(['AppStats (2015)', 'riskware', SOURCES.xda2015], 'package', ['org.zxl.appstats']),
  ...rows(['Adups', 'malware', `${SOURCES.drwebAdups}; ${SOURCES.kryptowire}`], 'package', [
    'com.adups.fota',
    'com.adups.fota.sysoper',
    'com.fw.upgrade.sysoper',
  ]),
  ...rows(['Adups', 'malware', SOURCES.drwebAdups], 'sha1', [
    'cc832d04b6b7fd5f3fcf7265fc2f091a426a3351',
    '2f01be010f04cd7f7744932b1d30cfbfe000ad09',
  ]),
  ...rows(['Cosiloon', 'adware', SOURCES.avast], 'package', [
    'com.google.eMediaService',
    'com.google.eMusic1Service',
    'com.google.ePlay3Service',
    'com.google.eVideo2Service',
  ]),
  ...rows(['Vo1d', 'malware', `${SOURCES.drweb} Android.Vo1d @b9ce4ff3`], 'package', ['com.google.android.services']),
  ...rows(['Vo1d', 'malware', `${SOURCES.drweb} Android.Vo1d @b9ce4ff3`], 'path', [
    '/system/xbin/vo1d',
    '/system/xbin/wd',
    '/data/google/daemon',
  ]),
  ...rows(['Vo1d', 'malware', `${SOURCES.drweb} Android.Vo1d @b9ce4ff3`], 'sha1', [
    'f3732871371819532416cf2ec03ea103a3d61802',
    '637c491d29eb87a30d22a7db1ccb38ad447c8de8',
    '42def5b7eb8b1bcc727739cca98efe42c022a3f6',
    '8399c41b0d24c30391d7fba6b634ba29c0440007',
    'e5b16486eebd6c6f7c45197f530e854a4f1373dd',
    '51bd967bd7d59a8a9db8083094603a9d10e61ded',
    '0b3c8113e996ac4e08552761731f9f97b8f0f6a2',
    '0d51c034a6deda4d2db21c5852b8ceb8a1e1c68b',
    '9dcc109ac2c5f873ece422aed0687ba21d594e9b',
    'e5406ae7482c0062cedafbd118a493ab8b7fe530',
    'e34c6a13ccbecf7560d4cb8a32872b8aabd5f8db',
    '3e21821a1e6edb684f3931d685b908d4a8df3f19',
    'b1cf85aaf1a355677534ea12c19b034c656804ec',
    'ed975255eba30345de74936e24b9b3090f26ed7e',
    '3ce81fbb1d968e01e970c4c673a7eeb61c247c85',
    '0c7f9f33a40a6028dbef416b2385876c87f1bd48',
    '6e06d0decf5e211183a751b206dd533f91c13b22',
    '7f87f9f059a58eb830d59af5bcb29c612b2a6ccf',
    '9fcdfb9cadabe12283a002755a27a4a68a101949',
    '25f93476cb8dc6a7f727a88ece0c5a0c19157c0b',
    '3a4d90b9911e7e582cf3279b15f2f822a5bb2823',
    'b315be9d64e22960f6072aac60538b13d50da054',
    '618b98eb97f38ffa7b384b0932fd4b92c8877f60',
    'b474c279da7b08fd64f92b0781e2663bf6cbb4b6',
  ]),
  ...rows(['Vo1d', 'malware', `${SOURCES.drweb} Android.Vo1d @b9ce4ff3`], 'domain', [
    'meiboot.com',
    'bitemores.com',
    '6f33933ce4a5c0e1b32fea736a61351a.com',
    'catmos99.com',
  ]),
  ...rows(['BackDoor.3104', 'malware', `${SOURCES.drweb} Android.BackDoor.3104 @ca0a1c8d`], 'path', [
    '/system/lib/libmtd.so',
    '/system/priv-app/ThirdPartyFOTA.apk',
    '/data/data/com.whatsapp/files/.art/PrivteProvide.jar',
    '/data/data/com.android.settings/files/.art/PrivteProvide.jar',
  ]),
  ...rows(['BackDoor.3104', 'malware', `${SOURCES.drweb} Android.BackDoor.3104 @ca0a1c8d`], 'sha1', [
    'b4bf9edf011e35fd049c2862e898a492bc76dc7d',
    'e96da20cfad50842ab59781f051fda590d231cc9',
    'ac633643a7130c5ced5672841dbc91ff92737ae6',
    'c747a3a901f3076c504dc513bfcf64e8d29600ac',
  ]),
  ...rows(['BackDoor.3104', 'riskware', `${SOURCES.drweb} Android.BackDoor.3104 @ca0a1c8d`], 'package', ['com.fota.wirelessupdate']),
  ...rows(['BackDoor.3104', 'malware', `${SOURCES.drweb} Android.BackDoor.3104 @ca0a1c8d`], 'domain', [
    'api.genetence.com',
    'api.matriature.com',
    'api.miretic.com',
    'api.sensfaction.com',
    'statistics.flurrydata.com',
    'app.fota.digitimetech.com',
    's1.fotaservice.com',
  ]),
  ...rows(['Keenadu', 'malware', SOURCES.kaspersky], 'path', [
    '/data/dalvik-cache/arm/system@framework@vndx_10x.jar@classes.jar',
    '/data/dalvik-cache/arm64/system@framework@vndx_10x.jar@classes.jar',
  ]),
  ...rows(['Keenadu', 'malware', SOURCES.kaspersky], 'md5', ['ca98ae7ab25ce144927a46b7fee6bd21']),
  ...rows(['Keenadu', 'riskware', SOURCES.kaspersky], 'package', ['com.abfota.systemUpdate']),
  ...rows(['Keenadu', 'malware', SOURCES.kaspersky], 'domain', ['keepgo123.com', 'gsonx.com', 'zcnewy.com']),
  // A value that ends in a dot names every package below it.
  ...rows(['xHelper', 'malware', SOURCES.malwarebytes], 'package', ['com.mufc.']),
  ...rows(['Redstone', 'riskware', SOURCES.uad], 'package', ['com.redstone.ota.ui']),
  ...rows(['wagd', 'riskware', SOURCES.uad], 'package', ['com.wagd.']),
  ...rows(['LSPatch messenger trojan (2025)', 'malware', SOURCES.drweb2025], 'package', ['com.whatsHook.apk']),
];

const root: readonly Indicator[] = [
  ...rows(['Superuser', 'root', SOURCES.mvt], 'package', [
    'com.noshufou.android.su',
    'com.noshufou.android.su.elite',
    'com.koushikdutta.superuser',
    'com.thirdparty.superuser',
    'com.yellowes.su',
    'me.phh.superuser',
    'com.koushikdutta.rommanager',
    'com.koushikdutta.rommanager.license',
  ]),
  ...rows(['SuperSU', 'root', SOURCES.mvt], 'package', ['eu.chainfire.supersu', 'eu.chainfire.supersu.pro']),
  ...rows(['Magisk', 'root', SOURCES.mvt], 'package', ['com.topjohnwu.magisk']),
  ...rows(['Magisk fork', 'root', SOURCES.projects], 'package', ['io.github.huskydg.magisk', 'io.github.vvb2060.magisk']),
  ...rows(['KernelSU', 'root', SOURCES.projects], 'package', ['me.weishu.kernelsu', 'com.rifsxd.ksunext', 'com.sukisu.ultra']),
  ...rows(['APatch', 'root', SOURCES.projects], 'package', ['me.bmax.apatch']),
  ...rows(['KingRoot', 'root', `${SOURCES.mvt}; ${SOURCES.uad}`], 'package', [
    'com.kingouser.com',
    'com.kingroot.kinguser',
    'com.kingo.root',
  ]),
  ...rows(['root hider', 'root', SOURCES.mvt], 'package', [
    'com.devadvance.rootcloak',
    'com.devadvance.rootcloakplus',
    'com.zachspong.temprootremovejb',
    'com.amphoras.hidemyroot',
    'com.amphoras.hidemyrootadfree',
    'com.formyhm.hiderootPremium',
    'com.formyhm.hideroot',
  ]),
  ...rows(['app patcher', 'root', SOURCES.mvt], 'package', [
    'com.dimonvideo.luckypatcher',
    'com.chelpus.lackypatch',
    'com.ramdroid.appquarantine',
    'com.ramdroid.appquarantinepro',
  ]),
  ...rows(['Magisk', 'root', SOURCES.projects], 'process', ['magiskd', 'zygiskd', 'zygiskd32', 'zygiskd64']),
  ...rows(['KernelSU', 'root', SOURCES.projects], 'process', ['ksud']),
  ...rows(['APatch', 'root', SOURCES.projects], 'process', ['apd']),
  ...rows(['SuperSU', 'root', SOURCES.projects], 'process', ['daemonsu', 'daemonsu:master', 'daemonsu:0']),
  ...rows(['Magisk', 'root', SOURCES.projects], 'path', [
    '/data/adb/magisk',
    '/sbin/.magisk',
    '/debug_ramdisk/.magisk',
    '/cache/magisk.log',
    '/data/adb/magisk.db',
  ]),
  ...rows(['KernelSU', 'root', SOURCES.projects], 'path', ['/data/adb/ksu', '/data/adb/ksud']),
  ...rows(['APatch', 'root', SOURCES.projects], 'path', ['/data/adb/ap', '/data/adb/apd']),
  ...rows(['SuperSU', 'root', SOURCES.projects], 'path', [
    '/system/xbin/daemonsu',
    '/system/etc/init.d/99SuperSUDaemon',
    '/system/app/Superuser.apk',
    '/system/app/SuperSU.apk',
    '/system/bin/.ext/.su',
    '/su/bin/su',
  ]),
];

const hooking: readonly Indicator[] = [
  ...rows(['Xposed', 'hooking', SOURCES.mvt], 'package', ['de.robv.android.xposed.installer']),
  ...rows(['LSPosed', 'hooking', SOURCES.projects], 'package', [
    'org.lsposed.manager',
    'org.meowcat.edxposed.manager',
    'com.solohsu.android.edxp.manager',
  ]),
  ...rows(['LSPatch', 'hooking', SOURCES.projects], 'package', ['org.lsposed.lspatch']),
  ...rows(['Cydia Substrate', 'hooking', SOURCES.mvt], 'package', ['com.saurik.substrate']),
  ...rows(['TaiChi', 'hooking', SOURCES.projects], 'package', ['me.weishu.exp']),
  ...rows(['Frida', 'hooking', SOURCES.projects], 'process', [
    'frida-server',
    're.frida.server',
    'frida-helper-32',
    'frida-helper-64',
    'hluda-server',
    'frida-inject',
  ]),
  ...rows(['LSPosed', 'hooking', SOURCES.projects], 'process', ['lspd']),
  ...rows(['Frida', 'hooking', SOURCES.projects], 'path', ['/data/local/tmp/frida-server', '/data/local/tmp/re.frida.server']),
  ...rows(['Xposed', 'hooking', SOURCES.projects], 'path', [
    '/system/framework/XposedBridge.jar',
    '/system/bin/app_process32_xposed',
    '/system/bin/app_process64_xposed',
    '/system/bin/app_process.orig',
    '/system/lib/libxposed_art.so',
    '/system/lib64/libxposed_art.so',
    '/system/xposed.prop',
  ]),
  ...rows(['Riru', 'hooking', SOURCES.projects], 'path', ['/system/lib/libriru.so', '/system/lib64/libriru.so', '/data/adb/riru']),
];

/** Every indicator that comes with the program. */
export const indicators: readonly Indicator[] = [...malware, ...firmwareFamilies, ...root, ...hooking];
