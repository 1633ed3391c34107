import { writeSelinuxPolicy } from '../../formats/android/index.ts';
import type { PhoneFile, VirtualPhone } from '../phone.ts';
import { MAKERS_POLICY } from '../profiles/selinux.ts';
import type { AlterationEntry } from './catalogue.ts';
import { all, isNew, setuidSu, withPackage, withProcess } from './edit.ts';

const POLICY = '/sys/fs/selinux/policy';

/** The running policy as Magisk patches it: a domain of its own, permissive, for which every door stands open. */
function policyOfMagisk(phone: VirtualPhone): readonly (readonly [string, PhoneFile])[] {
  const file = phone.files.get(POLICY);
  if (file === undefined) return [];
  const bytes = writeSelinuxPolicy({
    ...MAKERS_POLICY,
    types: [...MAKERS_POLICY.types, 'magisk', 'magisk_file'],
    permissive: ['magisk'],
    allow: [
      ...MAKERS_POLICY.allow,
      ['untrusted_app', 'magisk', 'process', ['sigchld', 'transition']],
      ['magisk', 'system_file', 'file', ['read', 'write', 'open', 'execute']],
    ],
  });
  return [[POLICY, { ...file, content: { kind: 'bytes', bytes } }]];
}

export const systemAlterations: readonly AlterationEntry[] = [
  {
    id: 'root-su',
    title: 'A setuid su in the system',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: (phone) => ({ ...setuidSu(phone), shell: { ...phone.shell, su: 'grants' } }),
  },
  {
    id: 'root-magisk',
    title: 'Magisk, its traces on mounts and in processes',
    level: 'kernel',
    axis: 'software',
    nature: 'modified',
    fits: isNew,
    apply: (phone) => {
      const rooted = all(
        withPackage({ name: 'com.topjohnwu.magisk', path: '/data/app/com.topjohnwu.magisk-1/base.apk', signer: 'magisk', system: false }),
        withProcess({ user: 'root', name: 'magiskd', label: 'u:r:magisk:s0' }),
      )(phone);
      return {
        ...rooted,
        mounts: [
          ...phone.mounts,
          {
            device: 'magisk',
            mountPoint: '/system/bin',
            type: 'tmpfs',
            options: ['ro', 'relatime', 'mode=755'],
            deviceNumber: '0:44',
            root: '/',
            sizeBytes: 0,
            usedBytes: 0,
          },
        ],
        files: new Map([...rooted.files, ...policyOfMagisk(rooted)]),
        shell: { ...phone.shell, su: 'asks' },
      };
    },
  },
  {
    id: 'system-overlay',
    title: 'An overlay over the system partition',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: (phone) => ({
      ...phone,
      mounts: [
        ...phone.mounts,
        {
          device: 'overlay',
          mountPoint: '/system/app',
          type: 'overlay',
          options: ['ro', 'lowerdir=/system/app', 'upperdir=/data/.up', 'workdir=/data/.wk'],
          deviceNumber: '0:61',
          root: '/',
          sizeBytes: 0,
          usedBytes: 0,
        },
      ],
    }),
  },
  {
    id: 'bind-mounted-buildprop',
    title: 'build.prop covered by a bind mount from data',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: (phone) => {
      const data = phone.mounts.find(({ mountPoint }) => mountPoint === '/data');
      if (data === undefined) return phone;
      return { ...phone, mounts: [...phone.mounts, { ...data, mountPoint: '/system/build.prop', root: '/local/.b' }] };
    },
  },
  {
    id: 'system-writable',
    title: 'The system partition mounted writable',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    // EROFS cannot be written at all.
    fits: (phone) =>
      phone.mounts.some(
        ({ mountPoint, type }) => type !== 'erofs' && (mountPoint === '/system' || (mountPoint === '/' && phone.sdk >= 28)),
      ),
    apply: (phone) => ({
      ...phone,
      mounts: phone.mounts.map((mount) =>
        mount.mountPoint === '/system' || (mount.mountPoint === '/' && phone.sdk >= 28)
          ? { ...mount, options: mount.options.map((option) => (option === 'ro' ? 'rw' : option)) }
          : mount,
      ),
    }),
  },
  {
    id: 'adb-without-auth',
    title: 'ADB that lets everybody in without a prompt',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: (phone) => ({ ...phone, adb: { ...phone.adb, authorisation: 'none' } }),
  },
  {
    id: 'adb-root',
    title: 'An ADB daemon that stays root on a user build',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: (phone) => ({ ...phone, adb: { ...phone.adb, runsAs: 'root', authorisation: 'none' } }),
  },
  {
    id: 'selinux-permissive',
    title: 'SELinux set to permissive',
    level: 'kernel',
    axis: 'software',
    nature: 'modified',
    // Before Android 5.0 a genuine phone may be permissive.
    fits: (phone) => phone.sdk >= 21 && phone.selinux === 'Enforcing',
    apply: (phone) => ({ ...phone, selinux: 'Permissive' }),
  },
];
