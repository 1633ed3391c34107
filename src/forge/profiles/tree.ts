/** Small makers of file trees, from which profiles are put together. */
import { type Content, elf, hash32, seeded, text } from '../content.ts';
import type { PhoneFile, PhoneMount } from '../phone.ts';

/** Entries of a tree under construction; a later one replaces an earlier one. */
export type Entries = readonly (readonly [path: string, file: PhoneFile])[];

export interface FileOptions {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly context?: string;
  readonly mtime?: number;
  readonly denied?: PhoneFile['denied'];
  readonly statSize?: number;
}

/** When images are packed, files get this time: 1 January 2009 as in AOSP builds. */
const IMAGE_TIME = 1_230_768_000;
/** Boot, for /proc, /sys and /dev. */
export const BOOT_TIME = 1_425_254_400;

const base = (options: FileOptions, fallback: { readonly mode: number; readonly context: string }) => ({
  mode: options.mode ?? fallback.mode,
  uid: options.uid ?? 0,
  gid: options.gid ?? 0,
  context: options.context ?? fallback.context,
  mtime: options.mtime ?? IMAGE_TIME,
  ...(options.denied === undefined ? {} : { denied: options.denied }),
  ...(options.statSize === undefined ? {} : { statSize: options.statSize }),
});

/** The label that files of a folder have by the platform's file_contexts, as far as it matters here. */
function labelOf(path: string): string {
  const rules: readonly (readonly [prefix: string, label: string])[] = [
    ['/system/bin/app_process', 'zygote_exec'],
    ['/system/bin/sh', 'shell_exec'],
    ['/system/bin/mksh', 'shell_exec'],
    ['/system/bin/toybox', 'toolbox_exec'],
    ['/system/bin/toolbox', 'toolbox_exec'],
    ['/system/xbin/su', 'su_exec'],
    ['/system/', 'system_file'],
    ['/vendor/etc', 'vendor_configs_file'],
    ['/vendor/app', 'vendor_app_file'],
    ['/vendor/lib64/egl', 'same_process_hal_file'],
    ['/vendor/', 'vendor_file'],
    ['/product/', 'system_file'],
    ['/system_ext/', 'system_file'],
    ['/odm/', 'vendor_file'],
    ['/apex/', 'system_file'],
    ['/data/app', 'apk_data_file'],
    ['/data/local/tmp', 'shell_data_file'],
    ['/data/', 'system_data_file'],
    ['/proc/', 'proc'],
    ['/sys/', 'sysfs'],
    ['/dev/block', 'block_device'],
    ['/dev/input', 'input_device'],
    ['/dev/', 'device'],
    ['/storage/', 'fuse'],
    ['/mnt/', 'fuse'],
  ];
  return `u:object_r:${rules.find(([prefix]) => path.startsWith(prefix))?.[1] ?? 'rootfs'}:s0`;
}

export const file = (path: string, content: Content, options: FileOptions = {}): Entries => [
  [path, { type: 'file', content, ...base(options, { mode: 0o644, context: labelOf(path) }) }],
];
export const textFile = (path: string, value: string, options: FileOptions = {}): Entries => file(path, text(value), options);
export const program = (path: string, size = 24_000, machine: 'arm' | 'aarch64' = 'arm'): Entries =>
  file(path, elf(machine, path, size), { mode: 0o755, gid: 2000 });
export const library = (path: string, machine: 'arm' | 'aarch64' = 'arm'): Entries =>
  file(path, elf(machine, path, 12_000 + (hash32(path) % 60_000)));
export const archive = (path: string): Entries => file(path, seeded(path, 20_000 + (hash32(path) % 80_000)));
export const link = (path: string, target: string, options: FileOptions = {}): Entries => [
  [path, { type: 'link', target, ...base(options, { mode: 0o777, context: labelOf(path) }) }],
];
export const folder = (path: string, options: FileOptions = {}): Entries => [
  [path, { type: 'directory', ...base(options, { mode: 0o755, context: labelOf(`${path}/`) }) }],
];
export const node = (path: string, type: 'character device' | 'block device', rdev: string, options: FileOptions = {}): Entries => [
  [path, { type, rdev, ...base({ mtime: BOOT_TIME, ...options }, { mode: 0o600, context: labelOf(path) }) }],
];

/** A file of /proc: no size, whoever asks. */
export const proc = (name: string, value: string, options: FileOptions = {}): Entries =>
  textFile(`/proc/${name}`, value, { mode: 0o444, mtime: BOOT_TIME, statSize: 0, ...options });
/** A file of /sys: one page. */
export const sys = (name: string, value: string, options: FileOptions = {}): Entries =>
  textFile(`/sys/${name}`, `${value}\n`, { mode: 0o444, mtime: BOOT_TIME, statSize: 4096, ...options });

/** `/proc/mounts`. */
export const mountsText = (mounts: readonly PhoneMount[]): string =>
  mounts.map((one) => `${one.device} ${one.mountPoint} ${one.type} ${one.options.join(',')} 0 0\n`).join('');

/** `/proc/self/mountinfo`: id, parent, device, root, mount point, options, file system. */
export const mountInfoText = (mounts: readonly PhoneMount[]): string =>
  mounts
    .map((one, i) => {
      const flag = one.options[0] ?? 'rw';
      return `${i + 12} ${i === 0 ? 1 : 12} ${one.deviceNumber} ${one.root} ${one.mountPoint} ${one.options.filter((option) => !option.includes('=')).join(',')} - ${one.type} ${one.device} ${[flag, ...one.options.filter((option) => option.includes('='))].join(',')}\n`;
    })
    .join('');

export const mountOf = (fields: Partial<PhoneMount> & Pick<PhoneMount, 'device' | 'mountPoint' | 'type' | 'deviceNumber'>): PhoneMount => ({
  options: ['rw', 'relatime'],
  root: '/',
  sizeBytes: 0,
  usedBytes: 0,
  ...fields,
});
