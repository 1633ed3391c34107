/** The phone's file tree while it runs: the value's files, what was written since, and folders that a jail keeps on the host's disk. */
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { type ApkMaker, contentBytes, contentSize, hash32 } from '../content.ts';
import type { PhoneFile, PhoneMount, VirtualPhone } from '../phone.ts';

/** Who asks: a shell command, the daemon's own sync service, or the system itself. */
export interface Actor {
  readonly uid: number;
  readonly domain: 'shell' | 'daemon' | 'system';
}

export const SYSTEM: Actor = { uid: 0, domain: 'system' };

export type ErrorCode = 'ENOENT' | 'EACCES' | 'ENOTDIR' | 'EISDIR' | 'ELOOP' | 'EROFS' | 'EEXIST' | 'ENOTEMPTY' | 'EINVAL';
const ERROR_TEXT: Readonly<Record<ErrorCode, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many symbolic links encountered',
  EROFS: 'Read-only file system',
  EEXIST: 'File exists',
  ENOTEMPTY: 'Directory not empty',
  EINVAL: 'Invalid argument',
};
export const ERRNO: Readonly<Record<ErrorCode, number>> = {
  ENOENT: 2,
  EACCES: 13,
  EEXIST: 17,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EROFS: 30,
  ENOTEMPTY: 39,
  ELOOP: 40,
};

/** What a system call of the phone answered instead. */
export class PhoneFsError extends Error {
  override readonly name = 'PhoneFsError';
  readonly code: ErrorCode;
  constructor(code: ErrorCode) {
    super(ERROR_TEXT[code]);
    this.code = code;
  }
}

export interface Stat {
  readonly type: PhoneFile['type'];
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly context: string;
  readonly mtime: number;
  readonly size: number;
  readonly device: string;
  readonly inode: number;
  readonly links: number;
  readonly rdev: string | undefined;
  readonly target: string | undefined;
}

/** Groups that AOSP gives its shell. */
const SHELL_GROUPS = new Set([2000, 1004, 1007, 1011, 1015, 1028, 3001, 3002, 3003, 3006, 9997]);
const LINKS_MAX = 40;
const TYPE_BITS: Readonly<Record<PhoneFile['type'], number>> = {
  file: 0o100000,
  directory: 0o040000,
  link: 0o120000,
  'character device': 0o020000,
  'block device': 0o060000,
  socket: 0o140000,
  fifo: 0o010000,
};

/** `st_mode`: type and permissions. */
export const modeBits = (stat: Pick<Stat, 'type' | 'mode'>): number => TYPE_BITS[stat.type] | stat.mode;

/** `st_dev` of `major:minor` as both C libraries encode it. */
export function deviceNumber(text: string): number {
  const [major = 0, minor = 0] = text.split(':').map(Number);
  return ((major & 0xfff) << 8) | (minor & 0xff) | ((minor & ~0xff) << 12);
}

const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 1));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const isUnder = (path: string, folder: string): boolean => path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);

/** An absolute path without `.`, `..` and doubled slashes. */
export function normalise(path: string, from = '/'): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${from}/${path}`).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Folders of the phone that lie on the host's disk, for a real shell to write in. */
export interface Backing {
  readonly hostRoot: string;
  readonly folders: readonly string[];
  /** Added to every uid and gid on the host. */
  readonly idBase: number;
}

interface Entry {
  file: PhoneFile;
  bytes: Uint8Array | undefined;
}

const FOLDER: PhoneFile = { type: 'directory', mode: 0o755, uid: 0, gid: 0, context: 'u:object_r:rootfs:s0', mtime: 0 };

export class PhoneTree {
  readonly #entries = new Map<string, Entry>();
  readonly #children = new Map<string, Set<string>>();
  readonly #makeApk: ApkMaker;
  readonly #redirections: ReadonlyMap<string, { readonly to: string; readonly seenByStat: boolean }>;
  readonly #mounts: readonly PhoneMount[];
  #backing: Backing | undefined;
  /** Told of every change outside the backed folders. */
  onChange: ((path: string) => void) | undefined;

  constructor(phone: VirtualPhone, makeApk: ApkMaker) {
    this.#makeApk = makeApk;
    this.#redirections = new Map(phone.behaviours.redirections.map((one) => [one.path, one]));
    this.#mounts = phone.mounts.toSorted((a, b) => b.mountPoint.length - a.mountPoint.length);
    this.#put('/', FOLDER);
    for (const [path, file] of phone.files) this.#put(path, file);
  }

  /** From now on these folders live on the host's disk. */
  back(backing: Backing): void {
    this.#backing = backing;
  }

  #put(path: string, file: PhoneFile, bytes?: Uint8Array): void {
    if (path !== '/') {
      const parent = parentOf(path);
      if (!this.#entries.has(parent)) this.#put(parent, { ...FOLDER, context: contextUnder(parent), mtime: file.mtime });
      const names = this.#children.get(parent) ?? new Set();
      names.add(nameOf(path));
      this.#children.set(parent, names);
    }
    this.#entries.set(path, { file, bytes });
    this.onChange?.(path);
  }

  #hostPath(path: string): string | undefined {
    const backing = this.#backing;
    return backing?.folders.some((folder) => isUnder(path, folder)) === true ? `${backing.hostRoot}${path}` : undefined;
  }

  /** The file at a path whose folders are no links. */
  #at(path: string): PhoneFile | undefined {
    const host = this.#hostPath(path);
    if (host === undefined) return this.#entries.get(path)?.file;
    const stat = lstatSync(host, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    const base = this.#backing?.idBase ?? 0;
    const type = stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'link'
        : stat.isFIFO()
          ? 'fifo'
          : stat.isSocket()
            ? 'socket'
            : 'file';
    return {
      type,
      mode: stat.mode & 0o7777,
      uid: Math.max(stat.uid - base, 0),
      gid: Math.max(stat.gid - base, 0),
      context: contextUnder(path),
      mtime: Math.floor(stat.mtimeMs / 1000),
      inode: stat.ino,
      ...(type === 'link' ? { target: readlinkSync(host) } : {}),
      ...(type === 'file' ? { statSize: stat.size } : {}),
    };
  }

  /** The path with every link on the way resolved, and the last one too if `follow`. */
  realPath(path: string, actor: Actor, follow: boolean): string {
    let rest = normalise(path).split('/').slice(1);
    let at = '';
    let links = 0;
    while (rest.length > 0) {
      const [name = '', ...after] = rest;
      if (name === '') break;
      const folder = at === '' ? '/' : at;
      const parent = this.#at(folder);
      if (parent?.type !== 'directory') throw new PhoneFsError(parent === undefined ? 'ENOENT' : 'ENOTDIR');
      if (!may(parent, actor, 1)) throw new PhoneFsError('EACCES');
      const next = `${at}/${name}`;
      const file = this.#at(next);
      if (file?.type === 'link' && (after.length > 0 || follow)) {
        links += 1;
        if (links > LINKS_MAX) throw new PhoneFsError('ELOOP');
        rest = [
          ...normalise(file.target ?? '', folder)
            .split('/')
            .slice(1),
          ...after,
        ];
        at = '';
      } else {
        at = next;
        rest = after;
      }
    }
    return at === '' ? '/' : at;
  }

  #mountOf(path: string): PhoneMount | undefined {
    return this.#mounts.find((mount) => isUnder(path, mount.mountPoint));
  }

  /** @throws PhoneFsError */
  stat(path: string, actor: Actor, follow = true): Stat {
    let real = this.realPath(path, actor, follow);
    const redirection = this.#redirections.get(real);
    if (redirection?.seenByStat === true) real = redirection.to;
    const file = this.#at(real);
    if (file === undefined) throw new PhoneFsError('ENOENT');
    if (file.denied === 'all' && actor.domain !== 'system') throw new PhoneFsError('EACCES');
    return {
      type: file.type,
      mode: file.mode,
      uid: file.uid,
      gid: file.gid,
      context: file.context,
      mtime: file.mtime,
      size:
        file.statSize ??
        (file.type === 'file'
          ? this.#size(real)
          : file.type === 'link'
            ? (file.target ?? '').length
            : file.type === 'directory'
              ? 4096
              : 0),
      device: file.statDevice ?? this.#mountOf(real)?.deviceNumber ?? '0:1',
      inode: file.inode ?? (hash32(real) >>> 8) + 2,
      links: file.type === 'directory' ? 2 : 1,
      rdev: file.rdev,
      target: file.target,
    };
  }

  /** Type of the file system that a path lies on, as mounted. */
  fileSystem(path: string, actor: Actor): PhoneMount | undefined {
    return this.#mountOf(this.realPath(path, actor, true));
  }

  exists(path: string, actor: Actor): boolean {
    try {
      this.stat(path, actor);
      return true;
    } catch {
      return false;
    }
  }

  #size(path: string): number {
    const entry = this.#entries.get(path);
    const content = entry?.bytes === undefined ? entry?.file.content : undefined;
    // APKs are made once: somebody who looks at their size mostly reads them next.
    return content === undefined || content.kind === 'apk' ? this.#bytes(path).length : contentSize(content, this.#makeApk);
  }

  #bytes(path: string): Uint8Array {
    const host = this.#hostPath(path);
    if (host !== undefined) return readFileSync(host);
    const entry = this.#entries.get(path);
    if (entry === undefined) throw new PhoneFsError('ENOENT');
    if (entry.bytes !== undefined) return entry.bytes;
    const { content } = entry.file;
    if (content === undefined) return new Uint8Array(0);
    const bytes = contentBytes(content, this.#makeApk);
    if (content.kind === 'apk') entry.bytes = bytes;
    return bytes;
  }

  /** @throws PhoneFsError */
  read(path: string, actor: Actor): Uint8Array {
    const asked = this.realPath(path, actor, true);
    const file = this.#at(asked);
    if (file === undefined) throw new PhoneFsError('ENOENT');
    if (file.type === 'directory') throw new PhoneFsError('EISDIR');
    if (!may(file, actor, 4) || isDenied(file, actor)) throw new PhoneFsError('EACCES');
    return this.#bytes(this.#redirections.get(asked)?.to ?? asked);
  }

  /** Names in a folder, sorted. @throws PhoneFsError */
  list(path: string, actor: Actor): readonly string[] {
    const real = this.realPath(path, actor, true);
    const file = this.#at(real);
    if (file === undefined) throw new PhoneFsError('ENOENT');
    if (file.type !== 'directory') throw new PhoneFsError('ENOTDIR');
    if (!may(file, actor, 4) || isDenied(file, actor)) throw new PhoneFsError('EACCES');
    const host = this.#hostPath(real);
    return host === undefined ? [...(this.#children.get(real) ?? [])].toSorted() : readdirSync(host).toSorted();
  }

  #writable(path: string, actor: Actor): string {
    const folder = this.realPath(parentOf(normalise(path)), actor, true);
    const parent = this.#at(folder);
    if (parent === undefined) throw new PhoneFsError('ENOENT');
    if (parent.type !== 'directory') throw new PhoneFsError('ENOTDIR');
    const readOnly = this.#mountOf(folder)?.options.includes('ro') === true;
    if (readOnly && actor.domain !== 'system') throw new PhoneFsError('EROFS');
    if (!may(parent, actor, 3)) throw new PhoneFsError('EACCES');
    return normalise(nameOf(normalise(path)), folder);
  }

  /** Makes or replaces a file. @throws PhoneFsError */
  write(path: string, bytes: Uint8Array, options: { readonly actor: Actor; readonly mode: number; readonly mtime: number }): void {
    const { actor, mode, mtime } = options;
    const real = this.exists(path, SYSTEM) ? this.realPath(path, actor, true) : this.#writable(path, actor);
    const old = this.#at(real);
    if (old?.type === 'directory') throw new PhoneFsError('EISDIR');
    if (old !== undefined && !may(old, actor, 2)) throw new PhoneFsError('EACCES');
    if (old !== undefined && this.#mountOf(real)?.options.includes('ro') === true && actor.domain !== 'system')
      throw new PhoneFsError('EROFS');
    const host = this.#hostPath(real);
    if (host === undefined) {
      const owner = { uid: actor.uid, gid: actor.uid };
      this.#put(real, { type: 'file', mode: mode & 0o7777, ...owner, context: contextUnder(real), mtime }, bytes);
      return;
    }
    rmSync(host, { force: true }); // never through a link that the phone's side has made
    writeFileSync(host, bytes, { flag: 'wx' });
    this.#own(host, actor.uid, mode & 0o7777);
    utimesSync(host, mtime, mtime);
  }

  #own(host: string, uid: number, mode: number): void {
    const base = this.#backing?.idBase ?? 0;
    chownSync(host, base + uid, base + uid);
    chmodSync(host, mode);
  }

  /** @throws PhoneFsError */
  makeFolder(path: string, actor: Actor, mode = 0o771): void {
    const real = this.#writable(path, actor);
    if (this.#at(real) !== undefined) throw new PhoneFsError('EEXIST');
    const host = this.#hostPath(real);
    if (host === undefined) {
      this.#put(real, { ...FOLDER, mode, uid: actor.uid, gid: actor.uid, context: contextUnder(real) });
    } else {
      mkdirSync(host);
      this.#own(host, actor.uid, mode);
    }
  }

  /** Removes a file, a link or a folder with everything in it. @throws PhoneFsError */
  remove(path: string, actor: Actor): void {
    const real = this.#writable(path, actor);
    if (this.#at(real) === undefined) throw new PhoneFsError('ENOENT');
    const host = this.#hostPath(real);
    if (host !== undefined) {
      rmSync(host, { recursive: true });
      return;
    }
    for (const name of this.#children.get(real) ?? []) this.remove(`${real}/${name}`, SYSTEM);
    this.#children.delete(real);
    this.#entries.delete(real);
    this.#children.get(parentOf(real))?.delete(nameOf(real));
    this.onChange?.(real);
  }

  /** @throws PhoneFsError */
  rename(from: string, to: string, actor: Actor): void {
    const source = this.#writable(from, actor);
    const target = this.#writable(to, actor);
    const file = this.#at(source);
    if (file === undefined) throw new PhoneFsError('ENOENT');
    const [sourceHost, targetHost] = [this.#hostPath(source), this.#hostPath(target)];
    if (sourceHost !== undefined && targetHost !== undefined) {
      renameSync(sourceHost, targetHost);
      return;
    }
    if (file.type !== 'file') throw new PhoneFsError('EINVAL');
    this.write(target, this.#bytes(source), { actor, mode: file.mode, mtime: file.mtime });
    this.remove(source, actor);
  }

  /** @throws PhoneFsError */
  changeMode(path: string, mode: number, actor: Actor): void {
    const real = this.realPath(path, actor, true);
    const file = this.#at(real);
    if (file === undefined) throw new PhoneFsError('ENOENT');
    if (actor.uid !== 0 && actor.uid !== file.uid) throw new PhoneFsError('EACCES');
    const host = this.#hostPath(real);
    if (host === undefined) this.#put(real, { ...file, mode }, this.#entries.get(real)?.bytes);
    else chmodSync(host, mode);
  }

  /** Every path, parents before what lies in them. */
  *paths(): Generator<readonly [path: string, file: PhoneFile]> {
    for (const [path, entry] of [...this.#entries].toSorted(([a], [b]) => (a < b ? -1 : 1))) yield [path, entry.file];
  }

  /** The bytes of a file as the system itself has them. */
  contentOf(path: string): Uint8Array {
    return this.#bytes(path);
  }
}

/** The label that a new file gets by where it is made. */
function contextUnder(path: string): string {
  if (path.startsWith('/data/local/tmp')) return 'u:object_r:shell_data_file:s0';
  if (path.startsWith('/data/app')) return 'u:object_r:apk_data_file:s0';
  if (path.startsWith('/data')) return 'u:object_r:system_data_file:s0';
  if (path.startsWith('/storage') || path.startsWith('/mnt') || path.startsWith('/sdcard')) return 'u:object_r:fuse:s0';
  if (path.startsWith('/proc')) return 'u:object_r:proc:s0';
  if (path.startsWith('/sys')) return path.startsWith('/system') ? 'u:object_r:system_file:s0' : 'u:object_r:sysfs:s0';
  return 'u:object_r:rootfs:s0';
}

function may(file: PhoneFile, actor: Actor, wanted: number): boolean {
  if (actor.uid === 0) return true;
  const bits = file.uid === actor.uid ? file.mode >> 6 : file.gid === actor.uid || SHELL_GROUPS.has(file.gid) ? file.mode >> 3 : file.mode;
  return (bits & wanted) === wanted;
}

function isDenied(file: PhoneFile, actor: Actor): boolean {
  if (actor.domain === 'system' || actor.uid === 0) return false;
  return file.denied === 'read' || file.denied === 'all' || (file.denied === 'shell' && actor.domain === 'shell');
}
