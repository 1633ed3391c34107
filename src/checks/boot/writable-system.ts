import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { buildWords, claimsOf, evidenceOf, natureOf } from './claims.ts';
import { isPartitionRoot, isWritable, mountsOf } from './system-paths.ts';

export const writableSystem = defineCheck({
  id: 'boot.writable-system',
  axis: 'software',
  title: 'Writable system partitions',
  what: 'The mount options of the system partitions, `/` among them where the system is the root.',
  why: 'A consumer phone never writes to its system; who mounts it writable has root and means to change it.',
  benign: [
    'A development build after `adb remount`.',
    'Phones of small makers, and of before Android 4.4, that mount it so from the start.',
  ],
  confirm: 'Read /proc/mounts again after a restart.',
  strength: 'conclusive',
  impossible:
    'Certified phones mount their system read-only: CTS FileSystemPermissionTest.testSystemMountedRO and its sisters for /, /vendor and /odm fail otherwise. On a consumer build only root can remount it, and where dm-verity is on not even root.',
  standing: 'shown',
  needs: ['mounts'],
  settledBy: 'the output of mount, or /proc/mounts',
  group: 'mounts',
  causes: ['root', 'rom-flash', 'tool'],
  catches: 'app',
  spec: ['CTS FileSystemPermissionTest', 'AOSP fs_mgr: fstab flags'],
  run(context) {
    const mounts = mountsOf(context);
    if (mounts.length === 0) return notChecked('no mounts were read', 'the output of mount, or /proc/mounts');
    const claims = claimsOf(context);
    const findings: Draft[] = [];
    for (const mount of mounts) {
      // The first ramdisk on `/` is no partition.
      const ramdisk = mount.mountPoint === '/' && /^(rootfs|ramfs|tmpfs)$/.test(mount.type);
      if (!isPartitionRoot(mount.mountPoint) || ramdisk || mount.type === 'overlay' || !isWritable(mount)) continue;
      findings.push({
        claimed: buildWords(claims),
        observed: `${mount.mountPoint} (${mount.device}, ${mount.type}) is mounted writable`,
        because: 'The system partitions of a consumer phone are mounted read-only; somebody with root mounted this one again.',
        standing: mount.standing,
        evidence: evidenceOf(mount.place, claims.type),
        nature: natureOf(claims),
        ...(claims.consumer && (claims.sdk ?? 0) >= 19 ? {} : { strength: 'weak' as const }),
      });
    }
    return failOrPass(findings, mounts[0]?.standing ?? 'told');
  },
});
