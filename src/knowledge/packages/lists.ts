/** Lists that checks read: makers, settings, permissions, installers, packages whose absence matters. */
import { SOURCES } from './sources.ts';

/** Names that a maker said publicly are in none of its builds. Found in the system of a phone that names that maker, they contradict the maker. */
export interface Disclaimer {
  readonly brand: string;
  readonly packages: readonly string[];
  readonly saying: string;
  readonly sources: readonly string[];
}

export const disclaimers: readonly Disclaimer[] = [
  {
    brand: 'xiaomi',
    packages: ['com.google.hfapservice', 'com.egame.tonyCore.feicheng', 'org.zxl.appstats'],
    saying: 'Xiaomi said on 6 March 2015 that it does not pre-install YT Service, PhoneGuardService and AppStats',
    sources: [SOURCES.barra],
  },
];

/**
 * Brands whose phones are sold with Google's certification in large numbers, lower case; brands of one house share an entry. What the compatibility tests forbid cannot be
 * on their unmodified user builds; of other makers nothing of the kind is known. Source: Google Play device catalogue, 2025-12-14.
 */
export const CERTIFIED_BRANDS: ReadonlyMap<string, string> = new Map([
  ['xiaomi', 'xiaomi'],
  ['redmi', 'xiaomi'],
  ['poco', 'xiaomi'],
  ['samsung', 'samsung'],
  ['google', 'google'],
  ['motorola', 'motorola'],
  ['oppo', 'oppo'],
  ['realme', 'oppo'],
  ['oneplus', 'oppo'],
  ['vivo', 'vivo'],
  ['iqoo', 'vivo'],
  ['sony', 'sony'],
  ['lge', 'lge'],
  ['lg', 'lge'],
  ['nokia', 'hmd'],
  ['hmd', 'hmd'],
  ['honor', 'honor'],
  ['huawei', 'huawei'],
  ['htc', 'htc'],
  ['asus', 'asus'],
  ['nothing', 'nothing'],
]);

/** Which house's name the owner of a platform key carries. */
export const OWNER_OF_HOUSE: ReadonlyMap<string, string> = new Map([
  ['xiaomi', 'Xiaomi'],
  ['samsung', 'Samsung'],
]);

/** Packages that only Google signs; every copy of them is delivered to makers with Google's signature on it. */
export const GOOGLE_CORE_PACKAGES: readonly string[] = ['com.google.android.gms', 'com.google.android.gsf', 'com.android.vending'];

/** Free replacements of Google's services, which carry its package names openly. Signers by SHA-256. Source: microg.org, github.com/microg. */
export const MICROG_SIGNERS: readonly string[] = ['9bd06727e62796c0130eb6dab39b73157451582cbd138e86c468acc395d14165'];

export const SECURITY_PACKAGES: readonly string[] = [
  'com.policydm',
  'com.samsung.android.app.omcagent',
  'com.samsung.android.securitylogagent',
  'com.sec.android.soagent',
  'com.miui.securitycenter',
  'com.miui.guardprovider',
  'com.google.android.apps.security.securityhub',
];

export const UPDATE_PACKAGES: readonly string[] = [
  'com.android.updater',
  'com.google.android.gms',
  'com.huawei.android.hwouc',
  'com.hihonor.ouc',
  'com.lge.lgdmsclient',
  'com.motorola.ccc.ota',
  'com.oneplus.opbackup',
  'com.oppo.ota',
  'com.oplus.ota',
  'com.transsion.systemupdate',
  'com.wssyncmldm',
  'com.bbk.updater',
  'com.sonyericsson.updatecenter',
];

/** Installers by what they say of a package. */
export const STORE_INSTALLERS: readonly string[] = [
  'com.android.vending',
  'com.google.android.feedback',
  'com.sec.android.app.samsungapps',
  'com.xiaomi.market',
  'com.xiaomi.mipicks',
  'com.xiaomi.discover',
  'com.huawei.appmarket',
  'com.hihonor.appmarket',
  'com.heytap.market',
  'com.oppo.market',
  'com.bbk.appstore',
  'com.vivo.appstore',
  'com.amazon.venezia',
  'com.lenovo.leos.appstore',
  'com.meizu.mstore',
  'com.transsnet.store',
];
export const FREE_STORE_INSTALLERS: readonly string[] = [
  'com.aurora.store',
  'org.fdroid.fdroid',
  'org.fdroid.fdroid.privileged',
  'com.looker.droidify',
  'app.accrescent.client',
];
export const HAND_INSTALLERS: readonly string[] = [
  'com.google.android.packageinstaller',
  'com.android.packageinstaller',
  'com.miui.packageinstaller',
  'com.samsung.android.packageinstaller',
];

/** Settings whose other values lower the guard. Source: names in mvt-project/mvt artifacts/settings.py. */
export const GUARDED_SETTINGS: readonly {
  readonly key: string;
  readonly safe: string;
  readonly says: string;
  readonly untilSdk?: number;
}[] = [
  { key: 'verifier_verify_adb_installs', safe: '1', says: 'apps installed over ADB are not scanned' },
  { key: 'package_verifier_enable', safe: '1', says: 'app scanning is off' },
  { key: 'package_verifier_state', safe: '1', says: 'app scanning is off' },
  { key: 'package_verifier_user_consent', safe: '1', says: 'app scanning was refused' },
  { key: 'upload_apk_enable', safe: '1', says: 'unknown apps are not sent for scanning' },
  { key: 'adb_install_need_confirm', safe: '1', says: 'apps installed over ADB need no confirmation' },
  { key: 'send_security_reports', safe: '1', says: 'security reports are not sent' },
  { key: 'samsung_errorlog_agree', safe: '1', says: 'crash logs are not sent to the maker' },
  { key: 'send_action_app_error', safe: '1', says: 'app errors are not reported' },
  { key: 'accessibility_enabled', safe: '0', says: 'an accessibility service is on' },
  // From Android 8 on each app asks for itself, and this setting says 1 everywhere (Settings.Secure.INSTALL_NON_MARKET_APPS, deprecated in O; mvt-project/mvt issue 459).
  { key: 'install_non_market_apps', safe: '0', says: 'apps of unknown origin may be installed', untilSdk: 25 },
  { key: 'adb_wifi_enabled', safe: '0', says: 'debugging over Wi-Fi is on' },
  { key: 'http_proxy', safe: ':0', says: 'web traffic goes through a proxy' },
  { key: 'lock_screen_lock_after_timeout_disabled', safe: '0', says: 'the screen does not lock' },
];

/** Permissions that only the platform's signature or a privileged place in the system grants. Source: AOSP core/res/AndroidManifest.xml (signature|privileged). */
export const PRIVILEGED_PERMISSIONS: readonly string[] = [
  'android.permission.INSTALL_PACKAGES',
  'android.permission.DELETE_PACKAGES',
  'android.permission.MASTER_CLEAR',
  'android.permission.MODIFY_PHONE_STATE',
  'android.permission.READ_PRIVILEGED_PHONE_STATE',
  'android.permission.REBOOT',
  'android.permission.GRANT_RUNTIME_PERMISSIONS',
  'android.permission.MANAGE_USERS',
  'android.permission.INJECT_EVENTS',
];

/** Permissions that reach a person's life. Source: names in mvt-project/mvt utils.py. */
export const DANGEROUS_PERMISSIONS: readonly string[] = [
  'android.permission.ACCESS_COARSE_LOCATION',
  'android.permission.ACCESS_FINE_LOCATION',
  'android.permission.AUTHENTICATE_ACCOUNTS',
  'android.permission.CAMERA',
  'android.permission.DISABLE_KEYGUARD',
  'android.permission.PROCESS_OUTGOING_CALLS',
  'android.permission.READ_CALENDAR',
  'android.permission.READ_CALL_LOG',
  'android.permission.READ_CONTACTS',
  'android.permission.READ_PHONE_STATE',
  'android.permission.READ_SMS',
  'android.permission.RECEIVE_MMS',
  'android.permission.RECEIVE_SMS',
  'android.permission.RECEIVE_WAP_PUSH',
  'android.permission.RECORD_AUDIO',
  'android.permission.SEND_SMS',
  'android.permission.SYSTEM_ALERT_WINDOW',
  'android.permission.USE_CREDENTIALS',
  'android.permission.USE_SIP',
  'com.android.browser.permission.READ_HISTORY_BOOKMARKS',
];

/** Consumer messengers and shops that the trojan of 2025 hid in; in a system folder they deserve a look. Source: Doctor Web, 2025-04. */
export const MESSENGERS_IN_SYSTEM: readonly string[] = [
  'com.whatsapp',
  'com.whatsapp.w4b',
  'org.telegram.messenger',
  'com.zhiliaoapp.musically',
  'com.twitter.android',
  'com.netflix.mediaclient',
];
