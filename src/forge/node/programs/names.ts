/** Names of the fixed user and group ids. Source: AOSP system/core/libcutils, android_filesystem_config.h. */
const NAMES: Readonly<Record<number, string>> = {
  0: 'root',
  1000: 'system',
  1001: 'radio',
  1002: 'bluetooth',
  1003: 'graphics',
  1004: 'input',
  1005: 'audio',
  1006: 'camera',
  1007: 'log',
  1008: 'compass',
  1009: 'mount',
  1010: 'wifi',
  1011: 'adb',
  1012: 'install',
  1013: 'media',
  1014: 'dhcp',
  1015: 'sdcard_rw',
  1016: 'vpn',
  1017: 'keystore',
  1018: 'usb',
  1019: 'drm',
  1020: 'mdnsr',
  1021: 'gps',
  1023: 'media_rw',
  1024: 'mtp',
  1026: 'drmrpc',
  1027: 'nfc',
  1028: 'sdcard_r',
  1031: 'package_info',
  1032: 'package_info',
  1036: 'logd',
  1041: 'audioserver',
  1047: 'cameraserver',
  1053: 'webview_zygote',
  2000: 'shell',
  2001: 'cache',
  2002: 'diag',
  3001: 'net_bt_admin',
  3002: 'net_bt',
  3003: 'inet',
  3004: 'net_raw',
  3005: 'net_admin',
  3006: 'net_bw_stats',
  3009: 'readproc',
  3011: 'uhid',
  9997: 'everybody',
  9998: 'misc',
  9999: 'nobody',
};

/** As in `u0_a12`: app ids begin at 10000, users are 100000 apart. */
export function userName(id: number): string {
  const fixed = NAMES[id];
  if (fixed !== undefined) return fixed;
  const app = id % 100_000;
  return app >= 10_000 ? `u${Math.floor(id / 100_000)}_a${app - 10_000}` : String(id);
}
