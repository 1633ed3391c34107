import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { buildWords, claimsOf, evidenceOf, natureOf } from './claims.ts';
import { isCodePath, isSystemPath, mountsOf, type SeenMount } from './system-paths.ts';

/** Where makers keep the layers of their own overlays (Xiaomi mi_ext, OPPO my_*, Samsung prism and optics): all read-only images. */
const MAKER_LAYERS =
  /^\/(system|system_ext|product|vendor|odm|oem|cust|mi_ext|mnt\/vendor|my_[a-z]+|prism|optics|omr|hw_product|apex|preload|carrier)(\/|$)/;
const WRITABLE_LAYERS = /^\/(data|cache|metadata|mnt\/scratch|mnt\/overlay|sdcard|storage|dev|sbin|debug_ramdisk|tmp)(\/|$)/;

export const systemOverlays = defineCheck({
  id: 'boot.system-overlays',
  axis: 'software',
  title: 'What lies over the system files',
  what: 'Overlay, tmpfs and bind mounts at paths of the system: their layers and where their content comes from.',
  why: 'A mount over a file shows another content in its place, while the partition below stays untouched and verified. Root tools hide so.',
  benign: [
    'Xiaomi (mi_ext), OPPO and OnePlus (my_*), and Samsung (prism, optics) lay read-only images of theirs over system folders.',
    'A development build after `adb remount`.',
  ],
  confirm: 'Read /proc/self/mountinfo again, and compare the covered file with the one in the partition.',
  strength: 'conclusive',
  impossible:
    'A system is verified as an image, so a certified maker lays only other verified images over it. A layer in data, cache, scratch or memory over code of the system is written at run time; on a consumer build only root can put it there (adb remount refuses on user builds).',
  standing: 'shown',
  needs: ['mounts'],
  settledBy: 'mount and /proc/self/mountinfo',
  group: 'mounts',
  causes: ['root', 'rom-flash', 'tool'],
  catches: 'app',
  spec: ['AOSP fs_mgr/README.overlayfs.md', 'kernel Documentation/filesystems/overlayfs.rst'],
  run(context) {
    const mounts = mountsOf(context);
    if (mounts.length === 0) return notChecked('no mounts were read', 'mount and /proc/self/mountinfo');
    const claims = claimsOf(context);
    const data = mounts.find(({ mountPoint }) => mountPoint === '/data');
    const findings = mounts.flatMap((mount): Draft[] => {
      const seen = isSystemPath(mount.mountPoint) ? coverOf(mount, data) : undefined;
      if (seen === undefined) return [];
      return [
        {
          claimed: buildWords(claims),
          observed: seen.observed,
          because: seen.certain
            ? 'What the system shows at this path is not what lies in its verified partition.'
            : 'Something is laid over this path whose origin is not known here.',
          standing: mount.standing,
          evidence: evidenceOf(mount.place, claims.type),
          nature: natureOf(claims),
          ...(seen.certain && claims.consumer ? {} : { strength: 'weak' as const }),
        },
      ];
    });
    return failOrPass(findings, mounts[0]?.standing ?? 'told');
  },
});

interface Cover {
  readonly observed: string;
  readonly certain: boolean;
}

function coverOf(mount: SeenMount, data: SeenMount | undefined): Cover | undefined {
  if (mount.type === 'overlay' || mount.type === 'overlayfs') return overlayOf(mount);
  if (mount.type === 'tmpfs' || mount.type === 'ramfs') {
    // The APEX folder is memory by design.
    if (/^\/apex(\/|$)/.test(mount.mountPoint)) return undefined;
    return { observed: `memory (${mount.type}) is mounted over ${mount.mountPoint}`, certain: isCodePath(mount.mountPoint) };
  }
  const fromData =
    data !== undefined && mount.device === data.device && (mount.deviceNumber === undefined || mount.deviceNumber === data.deviceNumber);
  if (fromData)
    return {
      observed: `${mount.root ?? 'a part'} of the data partition is mounted over ${mount.mountPoint}`,
      certain: isCodePath(mount.mountPoint),
    };
  return undefined;
}

function overlayOf(mount: SeenMount): Cover | undefined {
  const layers = mount.options
    .flatMap((option) => /^(?:lowerdir|upperdir|workdir)=(.*)$/.exec(option)?.[1]?.split(':') ?? [])
    .filter((layer) => layer !== '');
  const upper = mount.options.find((option) => option.startsWith('upperdir='));
  const writable = layers.find((layer) => WRITABLE_LAYERS.test(layer));
  if (upper !== undefined || writable !== undefined)
    return { observed: `an overlay covers ${mount.mountPoint} with ${upper ?? writable ?? 'a writable layer'}`, certain: true };
  const unknown = layers.filter((layer) => !MAKER_LAYERS.test(layer));
  if (layers.length > 0 && unknown.length === 0) return undefined;
  return {
    observed: `an overlay covers ${mount.mountPoint}${unknown.length === 0 ? '' : ` with ${unknown.slice(0, 3).join(', ')}`}`,
    certain: false,
  };
}
