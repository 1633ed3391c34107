/**
 * The walk that all file systems share: names are judged, loops cut, depth and number bounded, and everything is visited in the order in which it lies (`elevator.ts`).
 * A driver reads inodes and directories of its format; nothing here knows one.
 */
import { FormatError, type Source } from '../../bytes/index.ts';
import { elevator } from './elevator.ts';
import type { FileEntry, FileSystem, Inode, Visit } from './types.ts';

/** How much of one image is walked. */
export interface WalkLimits {
  /** The largest builds have some 20,000 entries; an image that claims more than this is cut off and says so. */
  readonly entries: number;
  /** Names and bytes of all directories together: what is shared between them, or told as broken, counts each time it is read. */
  readonly names: number;
  readonly bytes: number;
  /** Characters of all paths together: a long path above a directory of many names costs it once for each. */
  readonly paths: number;
  /** Bytes of all extended attributes together, and so many for each: what a million inodes share is read for each of them. */
  readonly attributes: number;
}

const LIMITS: WalkLimits = { entries: 1 << 19, names: 1 << 22, bytes: 1 << 30, paths: 1 << 27, attributes: 1 << 29 };
const ATTRIBUTE_COST = 32;
const DEPTH_MAX = 256;
const NAME_MAX = 255;
const TARGET_MAX = 4096;

/** A name of a directory, with the inode it names. */
export interface DirectoryEntry {
  readonly name: Uint8Array;
  readonly id: number;
}

/** What a directory holds, and what of it could not be read. */
export interface DirectoryListing {
  readonly entries: readonly DirectoryEntry[];
  readonly errors: readonly FormatError[];
  /** How many bytes were read for it: many directories may share the same blocks. */
  readonly bytes: number;
}

/** What a format brings. `N` is its inode with whatever it keeps for itself. */
export interface Driver<N extends Inode> {
  readonly format: string;
  readonly rootId: number;
  readInode(id: number): Promise<N>;
  /** Where an inode lies, in bytes; undefined: not worth an order. */
  readonly inodeAt?: (id: number) => number | undefined;
  /** Without `.` and `..`. */
  readDirectory(node: N): Promise<DirectoryListing>;
  readXattrs(node: N): Promise<ReadonlyMap<string, Uint8Array>>;
  openContent(node: N): Promise<Source>;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const strictUtf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** A name as text: UTF-8, or where it is none, with every byte above 7F written as `\xNN`, so that different names stay different. */
function nameOf(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`)).join('');
  }
}

/** Why a name cannot be one, or undefined. */
function badName(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'an empty name';
  if (bytes.length > NAME_MAX) return `a name of ${bytes.length} bytes`;
  if (bytes.includes(0)) return 'a name with NUL';
  if (bytes.includes(0x2f)) return 'a name with a slash';
  if (bytes[0] === 0x2e && (bytes.length === 1 || (bytes.length === 2 && bytes[1] === 0x2e))) return 'a name that is . or ..';
  return undefined;
}

/** What a walk has read of directories so far. */
interface Spent {
  names: number;
  bytes: number;
  paths: number;
  attributes: number;
  isOver: boolean;
}

const nothingSpent = (): Spent => ({ names: 0, bytes: 0, paths: 0, attributes: 0, isOver: false });

interface Found<N> {
  readonly path: string;
  readonly node: N;
}

/** A name whose inode is to be read. */
interface Unread {
  readonly path: string;
  readonly id: number;
  readonly depth: number;
}

/** A name whose content is due: of a directory, its names. */
interface Due<N> extends Found<N> {
  readonly depth: number;
}

type Step<N> = Unread | Due<N>;

/** The part of a FileSystem that is the same for all. */
export function treeOf<N extends Inode>(driver: Driver<N>, limits: WalkLimits = LIMITS): Pick<FileSystem, 'walk' | 'find' | 'open'> {
  const fail = (path: string, error: unknown): Visit => {
    if (!(error instanceof FormatError)) throw error;
    return { kind: 'broken', path, error };
  };
  /** `at`: where a directory's names lie, or an inode; of what has no place of its own, where the walk stands. */
  const problem = (code: FormatError['code'], detail: string, at: number) =>
    new FormatError({ format: driver.format, field: 'directory', at }, code, detail);
  const refuse = (path: string, error: FormatError): Visit => ({ kind: 'broken', path, error });

  /** Nodes that entries came from: what `open` needs more than an entry carries. */
  const nodes = new WeakMap<Inode, N>();

  async function entryOf({ path, node }: Found<N>): Promise<FileEntry> {
    const xattrs = await driver.readXattrs(node);
    const selinux = xattrs.get('security.selinux');
    const entry: FileEntry = {
      id: node.id,
      type: node.type,
      size: node.size,
      mode: node.mode,
      uid: node.uid,
      gid: node.gid,
      links: node.links,
      modifiedSeconds: node.modifiedSeconds,
      device: node.device,
      contentAt: node.contentAt,
      ...(node.storedSize === undefined ? {} : { storedSize: node.storedSize }),
      path,
      xattrs,
      context: selinux === undefined ? undefined : utf8.decode(selinux).replace(/\0$/, ''),
      capabilities: xattrs.get('security.capability'),
      target: node.type === 'link' ? await readTarget(node) : undefined,
    };
    nodes.set(entry, node);
    return entry;
  }

  async function readTarget(node: N): Promise<string> {
    if (node.size > TARGET_MAX)
      throw new FormatError({ format: driver.format, field: 'link', at: node.contentAt }, 'too-large', `a target of ${node.size} bytes`);
    const source = await driver.openContent(node);
    return nameOf(await source.read(0, source.size));
  }

  /** Reads a directory's good names; what is wrong with the others is told. A name that occurs twice is found by the first, as a kernel does. */
  async function childrenOf(
    path: string,
    node: N,
    spent: Spent,
    tell: (visit: Visit) => void,
  ): Promise<readonly { path: string; id: number }[]> {
    const prefix = path === '/' ? '/' : `${path}/`;
    const listing = await driver.readDirectory(node);
    spent.names += listing.entries.length + listing.errors.length;
    spent.bytes += listing.bytes;
    spent.paths += listing.entries.reduce((sum, { name }) => sum + prefix.length + name.length, 0);
    const over = (['names', 'bytes', 'paths'] as const).find((what) => spent[what] > limits[what]);
    if (over !== undefined) {
      spent.isOver = true;
      throw problem(
        'too-large',
        `directories of more than ${limits[over]} ${over === 'paths' ? 'characters of paths' : over}: the rest was not read`,
        node.contentAt,
      );
    }
    for (const error of listing.errors) tell({ kind: 'broken', path, error });
    const seen = new Set<string>();
    const children: { path: string; id: number }[] = [];
    for (const { name, id } of listing.entries) {
      const text = nameOf(name);
      const bad = badName(name) ?? (seen.has(text) ? 'a name that occurs twice' : undefined);
      if (bad !== undefined) tell(refuse(`${prefix}${text}`, problem('bad-value', bad, node.contentAt)));
      else {
        seen.add(text);
        children.push({ path: `${prefix}${text}`, id });
      }
    }
    return children;
  }

  async function* walk(): AsyncGenerator<Visit, void, void> {
    const queue = elevator<Step<N>>();
    /** Inodes that are still to be read, and those that were. */
    let waiting = 1;
    let count = 0;
    let told: Visit[] = [];
    const tell = (visit: Visit) => void told.push(visit);
    /** Inodes that say they have several names: read once for all of them. */
    const known = new Map<number, N>();
    const directories = new Set<number>();
    const spent = nothingSpent();
    let isCut = false;
    const cutAt = (path: string) => {
      if (!isCut) tell(refuse(path, problem('too-large', `more than ${limits.entries} entries: the rest was not read`, queue.at)));
      isCut = true;
    };
    const placeOf = (id: number) => driver.inodeAt?.(id) ?? queue.at;
    const enqueue = (path: string, id: number, depth: number) => queue.push(placeOf(id), { path, id, depth });
    /** Reads an inode; answers whether its name is an entry now, without waiting for its content's turn. */
    const meet = async ({ path, id, depth }: Unread): Promise<Found<N> | undefined> => {
      const node = known.get(id) ?? (await driver.readInode(id));
      if (node.links > 1 && node.type !== 'directory') known.set(id, node);
      if (node.type === 'directory') {
        if (directories.has(id)) throw problem('overlap', `directory ${id} is its own or another's child too`, placeOf(id));
        if (depth > DEPTH_MAX) throw problem('too-deep', `more than ${DEPTH_MAX} directories deep`, placeOf(id));
        directories.add(id);
      }
      count++;
      const waits = node.contentAt > 0 && (node.type === 'directory' || (node.type === 'file' && node.size > 0));
      if (!waits && node.type !== 'directory') return { path, node };
      queue.push(waits ? node.contentAt : queue.at, { path, node, depth });
      return undefined;
    };
    const lookInto = async ({ path, node, depth }: Due<N>): Promise<void> => {
      const children = await childrenOf(path, node, spent, tell);
      for (const child of children.toReversed()) {
        if (waiting + count > limits.entries) return cutAt(path);
        waiting++;
        enqueue(child.path, child.id, depth + 1);
      }
    };
    enqueue('/', driver.rootId, 0);
    for (let step = queue.pop(); step !== undefined; step = queue.pop()) {
      const { path } = step;
      let found: Found<N> | undefined;
      try {
        if ('id' in step) {
          waiting--;
          if (count >= limits.entries) cutAt(path);
          // What is cut off already gets no more names.
          else if (!spent.isOver) found = await meet(step);
        } else {
          found = step;
          if (step.node.type === 'directory' && !isCut && !spent.isOver) await lookInto(step);
        }
      } catch (error) {
        tell(fail(path, error));
      }
      if (told.length > 0) {
        yield* told;
        told = [];
      }
      if (found === undefined) continue;
      yield await visitOf(found, spent);
      if (spent.attributes <= limits.attributes || spent.isOver) continue;
      spent.isOver = true;
      yield refuse(path, problem('too-large', `attributes of more than ${limits.attributes} bytes: the rest was not read`, queue.at));
    }
  }

  const visitOf = async (found: Found<N>, spent: Spent): Promise<Visit> => {
    try {
      if (spent.attributes > limits.attributes)
        throw problem('too-large', 'its attributes were not read: those before it were too many', found.node.contentAt);
      const entry = await entryOf(found);
      for (const [name, value] of entry.xattrs) spent.attributes += ATTRIBUTE_COST + name.length + value.length;
      return { kind: 'entry', entry };
    } catch (error) {
      return fail(found.path, error);
    }
  };

  async function find(path: string): Promise<FileEntry | undefined> {
    let node = await driver.readInode(driver.rootId);
    let at = '/';
    const names = path.split('/').filter((name) => name !== '');
    if (names.length > DEPTH_MAX) return undefined;
    for (const name of names) {
      if (node.type !== 'directory') return undefined;
      const wanted = at === '/' ? `/${name}` : `${at}/${name}`;
      const child = (await childrenOf(at, node, nothingSpent(), () => undefined)).find((one) => one.path === wanted);
      if (child === undefined) return undefined;
      node = await driver.readInode(child.id);
      at = wanted;
    }
    return entryOf({ path: at, node });
  }

  async function open(entry: Inode): Promise<Source> {
    const node = nodes.get(entry) ?? (await driver.readInode(entry.id));
    if (node.type !== 'file')
      throw new FormatError({ format: driver.format, field: 'open', at: node.contentAt }, 'bad-value', `a ${node.type} has no content`);
    return driver.openContent(node);
  }

  return { walk, find, open };
}

const S_IFMT = 0o170000;
const TYPES: Readonly<Record<number, Inode['type']>> = {
  4096: 'fifo',
  8192: 'character device',
  16384: 'directory',
  24576: 'block device',
  32768: 'file',
  40960: 'link',
  49152: 'socket',
};

/** The type in the high bits of st_mode, or undefined. */
export const typeOfMode = (mode: number): Inode['type'] | undefined => TYPES[mode & S_IFMT];

/** The kernel's new encoding of device numbers: minor[0..7], major[8..19], minor[20..31]. */
export function newDevice(value: number): { major: number; minor: number } {
  return { major: (value >>> 8) & 0xfff, minor: (value & 0xff) | ((value >>> 12) & 0xfff00) };
}
