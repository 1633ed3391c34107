/**
 * How Uraniborg weighs what makers put into a build (github.com/android/security-certification-resources, risk scoring metrics 2020-08): permissions by
 * what they let an app do, and how much each of five measures adds. Figures are theirs; the text is not.
 */
export const RISKY_PERMISSIONS: readonly (readonly [points: number, names: readonly string[]])[] = [
  [100, ['android.permission.INSTALL_PACKAGES']],
  [
    10,
    [
      'android.permission.CAMERA',
      'android.permission.COPY_PROTECTED_DATA',
      'android.permission.DUMP',
      'android.permission.GRANT_RUNTIME_PERMISSIONS',
      'android.permission.MANAGE_APP_OPS_MODES',
      'android.permission.MANAGE_CA_CERTIFICATES',
      'android.permission.MANAGE_PROFILE_AND_DEVICE_OWNERS',
      'android.permission.MOUNT_UNMOUNT_FILESYSTEMS',
      'android.permission.READ_FRAME_BUFFER',
      'android.permission.SYSTEM_CAMERA',
      'android.permission.WRITE_SECURE_SETTINGS',
    ],
  ],
  [
    7.5,
    [
      'android.permission.ACCESS_BACKGROUND_LOCATION',
      'android.permission.ACCESS_FINE_LOCATION',
      'android.permission.ACCESS_NOTIFICATIONS',
      'android.permission.ACCESS_WIFI_STATE',
      'android.permission.BIND_ACCESSIBILITY_SERVICE',
      'android.permission.BLUETOOTH_PRIVILEGED',
      'android.permission.CAPTURE_AUDIO_OUTPUT',
      'android.permission.GET_PASSWORD',
      'android.permission.INSTALL_GRANT_RUNTIME_PERMISSIONS',
      'android.permission.INTERACT_ACROSS_USERS_FULL',
      'android.permission.INTERNAL_SYSTEM_WINDOW',
      'android.permission.LOCATION_HARDWARE',
      'android.permission.READ_LOGS',
      'android.permission.READ_PRIVILEGED_PHONE_STATE',
      'android.permission.READ_SMS',
      'android.permission.RECEIVE_MMS',
      'android.permission.RECEIVE_SMS',
      'android.permission.RECORD_AUDIO',
      'android.permission.SEND_SMS_NO_CONFIRMATION',
      'android.permission.WRITE_SMS',
      'com.android.voicemail.permission.READ_VOICEMAIL',
    ],
  ],
  [
    5,
    [
      'android.permission.ACCESS_COARSE_LOCATION',
      'android.permission.ACCESS_MEDIA_LOCATION',
      'android.permission.BLUETOOTH_ADMIN',
      'android.permission.BODY_SENSORS',
      'android.permission.CHANGE_COMPONENT_ENABLED_STATE',
      'android.permission.CONNECTIVITY_INTERNAL',
      'android.permission.INTERACT_ACROSS_USERS',
      'android.permission.MANAGE_USERS',
      'android.permission.READ_CALENDAR',
      'android.permission.READ_CALL_LOG',
      'android.permission.READ_CONTACTS',
      'android.permission.READ_EXTERNAL_STORAGE',
      'android.permission.SYSTEM_ALERT_WINDOW',
      'android.permission.WRITE_CALL_LOG',
      'android.permission.WRITE_CONTACTS',
      'android.permission.WRITE_EXTERNAL_STORAGE',
    ],
  ],
  [
    2.5,
    [
      'android.permission.BLUETOOTH',
      'android.permission.DELETE_PACKAGES',
      'android.permission.DEVICE_POWER',
      'android.permission.DOWNLOAD_WITHOUT_NOTIFICATION',
      'android.permission.GET_PACKAGE_SIZE',
      'android.permission.MASTER_CLEAR',
      'android.permission.PACKAGE_USAGE_STATS',
    ],
  ],
];

/** The most that each measure adds. Their sum is the worst that a build can have. */
export const PRELOAD_WEIGHTS = {
  'platform-signature': 6,
  'shared-users': 6,
  permissions: 3,
  cleartext: 1,
  installers: 2.5,
} as const;

/** Never counted: every phone has it. */
export const PRELOAD_EXCLUDED: readonly string[] = ['android', 'com.uraniborg.hubble'];

/** Package names that begin so are matched by their ends: makers rename `com.android.settings` to `com.maker.settings`. */
export const PRELOAD_PREFIXES: readonly string[] = ['com.android.', 'android.'];

/** The stores that makers' builds are expected to have, with their signers. */
export const PRELOAD_STORES: readonly (readonly [name: string, signer: string])[] = [
  ['com.android.vending', 'f0fd6c5b410f25cb25c3b53346c8972fae30f8ee7411df910480ad6b2d60db83'],
  ['com.sec.android.app.samsungapps', 'fba3af4e7757d9016e953fb3ee4671ca2bd9af725f9a53d52ed4a38eaaa08901'],
  ['com.huawei.appmarket', 'ffe391e0ea186d0734ed601e4e70e3224b7309d48e2075bac46d8c667eae7212'],
];

/** Packages of carriers and of who installs for them, by how their names begin. Facts: carriers' own published apps. */
export const CARRIER_PREFIXES: readonly string[] = [
  'com.aetherpal.',
  'com.att.',
  'com.claro.',
  'com.dti.',
  'com.ironsrc.appcloud.',
  'com.LogiaGroup.',
  'com.orange.',
  'com.sprint.',
  'com.telefonica.',
  'com.tmobile.',
  'com.vcast.',
  'com.verizon.',
  'com.vodafone.',
  'com.vzw.',
  'de.telekom.',
  'jp.au.',
  'jp.co.nttdocomo.',
  'jp.softbank.',
  'uk.co.ee.',
];

/** Folders in which makers keep what carriers and sales regions add. */
export const CARRIER_FOLDERS: readonly string[] = [
  '/carrier/',
  '/cust/',
  '/oem/',
  '/prism/',
  '/omr/',
  '/system/carrier/',
  '/hw_product/',
  '/my_carrier/',
  '/my_region/',
];
