/** `stat`, as toybox 0.8 prints it. */
import type { Call, Program } from '../shell/call.ts';
import { deviceNumber, modeBits, normalise, PhoneFsError, type Stat } from '../tree.ts';
import { modeText } from './attributes.ts';
import { userName } from './names.ts';
import { optionsOf } from './text.ts';

const TYPE_NAMES: Readonly<Record<Stat['type'], string>> = {
  file: 'regular file',
  directory: 'directory',
  link: 'symbolic link',
  'character device': 'character device',
  'block device': 'block device',
  socket: 'socket',
  fifo: 'FIFO (named pipe)',
};
/** Magic numbers, and the names that toybox knows for them; it says `unknown` of the rest. */
const FILE_SYSTEMS: Readonly<Record<string, readonly [magic: number, name: string]>> = {
  ext4: [0xef53, 'ext3'],
  tmpfs: [0x01021994, 'tmpfs'],
  devpts: [0x1cd1, 'devpts'],
  proc: [0x9fa0, 'proc'],
  sysfs: [0x62656572, 'sysfs'],
  vfat: [0x4d44, 'msdos'],
  f2fs: [0xf2f52010, 'unknown'],
  erofs: [0xe0f5e1e2, 'unknown'],
  overlay: [0x794c7630, 'unknown'],
  selinuxfs: [0xf97cff8c, 'unknown'],
  fuse: [0x65735546, 'unknown'],
  rootfs: [0x858458f6, 'unknown'],
  cgroup: [0x27e0eb, 'unknown'],
  debugfs: [0x64626720, 'unknown'],
};

const fullTime = (seconds: number, offsetMinutes: number): string => {
  const local = new Date((seconds + offsetMinutes * 60) * 1000).toISOString();
  const sign = offsetMinutes < 0 ? '-' : '+';
  const minutes = Math.abs(offsetMinutes);
  const zone = `${sign}${String(Math.floor(minutes / 60)).padStart(2, '0')}${String(minutes % 60).padStart(2, '0')}`;
  return `${local.slice(0, 10)} ${local.slice(11, 19)}.000000000 ${zone}`;
};

export const stat: Program = async (call) => {
  const { flags, rest } = optionsOf(call.args, 'c');
  let status = 0;
  for (const path of rest) {
    const at = normalise(path, call.cwd);
    try {
      const found = call.machine.tree.stat(at, call.actor, flags.has('L') || (path.endsWith('/') && path !== '/'));
      if (flags.has('f')) {
        await call.out(`${fileSystemText(call, path, at, flags.get('c') ?? '  File: "%n"\n    ID: %i Namelen: %l    Type: %t')}\n`);
      } else {
        const format =
          flags.get('c') ??
          '  File: %N\n  Size: %s\t Blocks: %b\t IO Blocks: 512\t %F\nDevice: %Dh/%dd\t Inode: %i\t Links: %h\t Device type: %t,%T\nAccess: (%a/%A)\tUid: (%5u/%8U)\tGid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z';
        await call.out(`${statText(format, found, { path, offsetMinutes: call.machine.phone.clock.offsetMinutes })}\n`);
      }
    } catch (error) {
      if (!(error instanceof PhoneFsError)) throw error;
      status = 1;
      await call.err(`stat: '${path}': ${error.message}\n`);
    }
  }
  return status;
};

function statText(format: string, found: Stat, where: { readonly path: string; readonly offsetMinutes: number }): string {
  const [major = 0, minor = 0] = (found.rdev ?? '0:0').split(':').map(Number);
  const when = fullTime(found.mtime, where.offsetMinutes);
  const fields: Readonly<Record<string, string>> = {
    a: found.mode.toString(8).padStart(found.mode < 0o1000 ? 3 : 4, '0'),
    A: modeText(found),
    b: String(Math.ceil(found.size / 4096) * 8),
    B: '512',
    C: found.context,
    d: String(deviceNumber(found.device)),
    D: deviceNumber(found.device).toString(16),
    f: modeBits(found).toString(16),
    F: found.type === 'file' && found.size === 0 ? 'regular empty file' : TYPE_NAMES[found.type],
    g: String(found.gid),
    G: userName(found.gid),
    h: String(found.links),
    i: String(found.inode),
    n: where.path,
    N: found.type === 'link' ? `${where.path} -> '${found.target}'` : where.path,
    o: '4096',
    s: String(found.size),
    t: major.toString(16),
    T: minor.toString(16),
    u: String(found.uid),
    U: userName(found.uid),
    x: when,
    X: String(found.mtime),
    y: when,
    Y: String(found.mtime),
    z: when,
    Z: String(found.mtime),
    '%': '%',
  };
  return format.replaceAll(/%(\d*)([a-zA-Z%])/g, (whole, width: string, letter: string) =>
    (fields[letter] ?? whole).padStart(Number(width)),
  );
}

function fileSystemText(call: Call, path: string, at: string, format: string): string {
  const { tree, phone } = call.machine;
  const device = tree.stat(at, call.actor).device;
  // What a hook redirects lies on the target's file system, whatever is mounted there.
  const mount = phone.mounts.find((one) => one.deviceNumber === device) ?? tree.fileSystem(at, call.actor);
  const [magic, name] = FILE_SYSTEMS[mount?.type ?? ''] ?? [0, 'unknown'];
  const blocks = Math.floor((mount?.sizeBytes ?? 0) / 4096);
  const free = Math.floor(((mount?.sizeBytes ?? 0) - (mount?.usedBytes ?? 0)) / 4096);
  const fields: Readonly<Record<string, string>> = {
    n: path,
    T: name,
    t: magic.toString(16),
    s: '4096',
    S: '4096',
    b: String(blocks),
    f: String(free),
    a: String(free),
    c: '0',
    d: '0',
    i: deviceNumber(device).toString(16),
    l: '255',
  };
  return format.replaceAll(/%([a-zA-Z])/g, (whole, letter: string) => fields[letter] ?? whole);
}
