/**
 * What a file can do to the phone and its owner, by where it lies: the order in which differences are told.
 * Sources: AOSP system/core/init (what is run before everything else), frameworks/base cmds/app_process (what every app is forked from), Doctor Web on Android.Triada.231
 * (libandroid_runtime.so, 2018) and on libmtd behind libcutils.so (2022), Bluebox and G DATA on retailers' apps (2015).
 */
import type { Row } from './row.ts';

export interface Weight {
  readonly id: WeightId;
  /** Higher comes first. */
  readonly rank: number;
  /** As a heading: what kind of file. */
  readonly title: string;
  /** One sentence: what somebody gains by changing it. */
  readonly means: string;
}

/** Heaviest first. */
const TABLE = [
  [
    'every-app',
    'Code in every app',
    'It is loaded into every app before the app’s own code: what is changed here sees and does all that any app can.',
  ],
  ['root', 'Ways to become root', 'It gives whoever calls it all rights on the phone.'],
  ['boot', 'Kernel, ramdisk and init', 'It runs before everything that could check it, with all rights.'],
  ['framework', 'The framework', 'It runs in the system’s own process, or in every app that uses it.'],
  ['policy', 'Security policy', 'It says which program may do what: a wall is opened here without changing a program.'],
  ['update-keys', 'Keys of updates', 'Whoever’s key is in here may install another system as an update.'],
  ['updater', 'The updater', 'Without it, or with another one, the maker’s corrections do not arrive.'],
  ['trust', 'Certificates that are trusted', 'With an authority added here, encrypted connections can be read on the way.'],
  ['names', 'Names of servers', 'It says which address a server’s name stands for: updates and checks can be sent elsewhere.'],
  ['program', 'Programs of the system', 'It runs outside the walls that apps live in.'],
  ['privileged-app', 'Privileged apps', 'It may hold rights that no app from a shop can get, and cannot be uninstalled.'],
  ['permissions', 'Rights given to apps', 'It gives apps rights without asking the owner.'],
  ['module', 'Kernel modules', 'It is loaded into the kernel.'],
  ['library', 'Libraries', 'It is code that programs and apps load.'],
  ['vendor-code', 'The chip maker’s code', 'It drives the hardware: camera, radio, fingerprint.'],
  ['app', 'Apps in the system', 'It cannot be uninstalled, and it is there before the owner is.'],
  ['apex', 'Updatable modules', 'A module of the platform that the maker updates as one.'],
  ['carrier', 'The carrier’s and customer’s part', 'It is packed for each region and carrier.'],
  ['keys-and-input', 'Layouts of keys and input', 'It says what a key does.'],
  ['setting', 'Settings and properties', 'It changes how the system behaves.'],
  ['firmware', 'Firmware of other processors', 'It runs on the modem, the sound processor or the like.'],
  ['compiled', 'Compiled copies of apps', 'What an app’s code was compiled to: it runs instead of it.'],
  ['data', 'Media, fonts and other data', 'Nothing runs it.'],
] as const;

export type WeightId = (typeof TABLE)[number][0];

export const WEIGHTS: readonly Weight[] = TABLE.map(([id, title, means], index) => ({ id, title, means, rank: TABLE.length - index }));
const byId = new Map(WEIGHTS.map((weight) => [weight.id, weight]));

/** The weight of a class. */
export function weightOf(id: WeightId): Weight {
  const found = byId.get(id);
  if (found === undefined) throw new RangeError(`no weight is called ${id}`);
  return found;
}

const P =
  '/(?:system|system_ext|product|vendor|odm|system/(?:system_ext|product|vendor|odm)|oem|cust|my_[a-z]+|mi_ext|hw_product|prism|optics)';
const at = (pattern: string) => new RegExp(`^(?:${pattern})`);

/** The first that fits counts. */
const RULES: readonly (readonly [RegExp, WeightId])[] = [
  [
    at(
      `${P}/(?:app|priv-app|data-app|vital-app|del-app)/.*\\.(?:odex|vdex|art|prof|dm|oat)(?:\\.fsv_meta)?$|${P}/framework/(?:arm|arm64|x86|x86_64|oat)/|.*/oat/(?:arm|arm64|x86|x86_64)/`,
    ),
    'compiled',
  ],
  [at('/system/bin/(?:app_process|linker|bootstrap/linker)'), 'every-app'],
  [
    at(
      '/(?:system|apex/com\\.android\\.(?:art|runtime|i18n))/lib(?:64)?/(?:bionic/)?(?:libandroid_runtime|libandroid_servers|libart|libartbase|libartpalette|libdexfile|libdvm|libc|libm|libdl|libcutils|libutils|libbinder|liblog|libbase|libnativehelper|libnativeloader|libnativebridge|libhwui|libandroidfw|libnativeloader|libjavacore|libopenjdk|libicuuc|libselinux)\\.so$',
    ),
    'every-app',
  ],
  [at('.*/(?:su|daemonsu|ksud|apd|supolicy|sudo|magisk[^/]*|busybox)$'), 'root'],
  [
    at(
      '/ramdisk/|/boot-image/|/(?:init|kernel|sepolicy|file_contexts[^/]*|fstab\\.[^/]+)$|/[^/]+\\.rc$|/sbin/|/overlay\\.d/|/first_stage_ramdisk/',
    ),
    'boot',
  ],
  [
    at(
      `${P}/etc/(?:init/|ueventd|fstab|install-recovery\\.sh)|/system/bin/(?:init|install-recovery\\.sh|vold|ueventd|apexd)$|/system/etc/(?:init\\.d|rc\\.d)/`,
    ),
    'boot',
  ],
  [at('/(?:system|system_ext|product)/framework/|/apex/[^/]+/javalib/'), 'framework'],
  [at(`${P}/etc/(?:selinux/|sepolicy)|.*/(?:mac_permissions\\.xml|seapp_contexts|[a-z_]*sepolicy[^/]*|[a-z]+_contexts)$`), 'policy'],
  [at('.*/otacerts\\.zip$|/(?:ramdisk/[^/]+/)?res/keys$|.*/etc/(?:update_engine|security)/update-payload-key'), 'update-keys'],
  [
    at(
      `${P}/(?:app|priv-app)/(?:Updater|SystemUpdate|FotaService|FOTA[^/]*|OTA[^/]*|SecurityUpdater|GmsUpdater|MiuiUpdater|WirelessUpdate|AdupsFota[^/]*|Fota[^/]*|SystemFota|OnePlusOTA|OPOTA|HwOUC|SystemUpdater|GoogleOta|SoftwareUpdate)(?:/|\\.apk$)|/system/bin/(?:update_engine[^/]*|update_verifier|uncrypt|recovery-persist|recovery-refresh)$|/system/recovery-from-boot\\.p$`,
    ),
    'updater',
  ],
  [at(`(?:${P}|/apex/com\\.android\\.conscrypt)/(?:etc/security/)?cacerts(?:_[a-z]+)?(?:/|\\.bks$)`), 'trust'],
  [at(`${P}/etc/hosts$|/etc/hosts$|${P}/etc/resolv\\.conf$`), 'names'],
  [at('/(?:system|system_ext|product)/(?:bin|xbin)/'), 'program'],
  [at(`${P}/priv-app/`), 'privileged-app'],
  [at(`${P}/etc/(?:permissions|sysconfig|default-permissions|privapp-permissions[^/]*|preferred-apps)`), 'permissions'],
  [at('.*\\.ko$|/(?:vendor|odm|system)_dlkm/|.*/lib/modules/'), 'module'],
  [at(`${P}/(?:app|data-app|vital-app|del-app|overlay|preload|preinstall|vendor_overlay)/`), 'app'],
  [at('.*\\.(?:apex|capex)$|/apex/'), 'apex'],
  [at('/(?:vendor|odm|system/vendor)/(?:bin|lib|lib64|etc/acdbdata)(?:/|$)'), 'vendor-code'],
  [at(`${P}/lib(?:64)?/|.*\\.so$`), 'library'],
  [at('/(?:cust|oem|carrier|prism|optics|omr|preload|my_[a-z]+|hw_product|product_h|version)/'), 'carrier'],
  [at('.*\\.(?:kl|kcm|idc)$|.*/usr/(?:keylayout|keychars|idc)/'), 'keys-and-input'],
  [at('.*/firmware[^/]*/|/(?:modem|bluetooth|dsp|radio)/|.*\\.(?:mbn|mdt|b\\d\\d|fw)$'), 'firmware'],
  [at(`.*\\.(?:prop|xml|conf|cfg|ini|txt|json|cil|sh)$|.*/(?:prop\\.default)$|${P}/etc/`), 'setting'],
];

/** The weight of a path, and of the rights that its entry has: a program that takes its owner’s rights is a way to become root, wherever it lies. */
export function weigh(row: Pick<Row, 'path' | 'type' | 'mode' | 'uid'>): Weight {
  const isSetuidRoot = row.type === 'file' && row.mode !== undefined && (Number.parseInt(row.mode, 8) & 0o4000) !== 0 && row.uid === 0;
  if (isSetuidRoot) return weightOf('root');
  return weightOf(RULES.find(([pattern]) => pattern.test(row.path))?.[1] ?? 'data');
}
