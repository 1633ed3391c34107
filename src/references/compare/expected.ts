/**
 * Differences that genuine phones and official packages show, as rules with their reasons. A rule covers only what cannot carry code that runs by itself:
 * a compiled copy of an app that differs is not expected, since it runs instead of the app.
 */
import type { Difference } from './difference.ts';

export interface ExpectedRule {
  readonly id: string;
  /** One sentence for the reader: why this differs on a phone that nobody altered. */
  readonly because: string;
  readonly fits: (difference: Difference, side: ComparedSide) => boolean;
}

/** What the newer side is. */
export type ComparedSide = 'phone' | 'build';

const MOUNT_POINTS =
  /^\/(?:acct|apex|bootstrap-apex|cache|config|d|data|data_mirror|debug_ramdisk|dev|linkerconfig|metadata|mnt|odm|odm_dlkm|oem|persist|postinstall|proc|product|sdcard|second_stage_resources|storage|sys|system_dlkm|system_ext|tmp|vendor|vendor_dlkm|vendor\/(?:dsp|firmware_mnt|bt_firmware|vm-system)|firmware|dsp|cust|mi_ext|my_[a-z]+|carrier|efs|omr|optics|prism|preload|keydata|keyrefuge|spu|dqmdbg|bt_firmware)$/;

export const EXPECTED: readonly ExpectedRule[] = [
  {
    id: 'lost-and-found',
    because: 'The tool that packs a file system makes it; the build has none of its own.',
    fits: ({ path, before, after }) => path.endsWith('/lost+found') && (after ?? before)?.type === 'directory',
  },
  {
    id: 'mount-point',
    because: 'Another file system is mounted there while the phone runs, so its folder has that one’s rights and label.',
    fits: ({ path, change, before, after }, side) =>
      side === 'phone' &&
      MOUNT_POINTS.test(path) &&
      (after ?? before)?.type !== 'file' &&
      (change === 'changed' || change === 'added' || change === 'removed'),
  },
  {
    id: 'system-other',
    because: 'This partition is only read once, at the first boot of a phone with two slots.',
    fits: ({ before, after }) => (before ?? after)?.partition === 'system_other',
  },
  {
    id: 'other-slot-compiled',
    because: 'Compiled copies of preinstalled apps lie on the other slot of a new phone, and are compiled again into /data.',
    fits: ({ path, change }, side) => side === 'phone' && change === 'removed' && /\/(?:app|priv-app)\/.*\.(?:odex|vdex|art)$/.test(path),
  },
  {
    id: 'recovery-patch',
    because: 'Packages that update in the field carry the recovery as a patch, factory images carry it whole.',
    fits: ({ path, change }) =>
      change !== 'changed' &&
      /^\/system\/(?:vendor\/)?(?:recovery-from-boot\.p|etc\/recovery-resource\.dat|etc\/recovery\.img)$/.test(path),
  },
  {
    id: 'removable-preload',
    because: 'The owner may remove these apps, and the maker changes them from package to package.',
    fits: ({ path, change, before, after }) =>
      change === 'removed' &&
      /^\/(?:system|product|vendor|system\/vendor|cust|preload|oem)\/(?:data-app|del-app|preinstall|preload|vital-app|removable|operator\/app)\//.test(
        path,
      ) &&
      (before ?? after)?.mode !== '4755',
  },
  {
    id: 'module-in-force',
    because:
      'Modules are unpacked from their packages while the phone starts; an updated one comes from /data and is signed with the module’s own key.',
    fits: ({ path, change }, side) =>
      side === 'phone' && change !== 'changed' && /^\/apex\/(?:apex-info-list\.xml|\.[^/]+|[^/]+@\d+|sharedlibs)(?:\/|$)/.test(path),
  },
];

/** The first rule that covers a difference; undefined where none does. */
export const expectedRule = (difference: Difference, side: ComparedSide): ExpectedRule | undefined =>
  EXPECTED.find(({ fits }) => fits(difference, side));
