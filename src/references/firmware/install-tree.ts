/** The files of one partition while a script installs them. */
import { FormatError } from '../../bytes/index.ts';
import { type FileSystem, type LooseEntry, type LooseRights, looseFiles } from '../../formats/fs/index.ts';
import type { Member } from './member.ts';

/** Something that could not be done to one file: the rest goes on. */
export class TreeProblem extends Error {
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

interface Folder {
  readonly type: 'directory';
  readonly children: Map<string, Entry>;
  rights: LooseRights;
}
type Entry =
  | Folder
  | { readonly type: 'link'; readonly target: string; rights: LooseRights }
  | { readonly type: 'file'; readonly member: Member; readonly order: number; rights: LooseRights };

/** What unpacking sets. Source: AOSP bootable/recovery/minzip/Zip.c, UNZIP_DIRMODE and UNZIP_FILEMODE. */
const NO_LABEL = { uid: 0, gid: 0, context: undefined, capabilities: undefined };
const newFolder = (): Folder => ({ type: 'directory', children: new Map(), rights: { mode: 0o755, ...NO_LABEL } });

/** Names of a path. */
export const pathNames = (path: string): readonly string[] => path.split('/').filter((name) => name !== '');

const DEPTH_MAX = 128;
const isGoodName = (name: string) => name !== '' && name !== '.' && name !== '..' && !name.includes('\0');

/** Owns the entries. `budget` counts entries met, over all partitions of a package. */
export class InstalledTree {
  readonly #mount: string;
  readonly #budget: { left: number };
  #root = newFolder();
  #isFormatted = false;
  #isFilled = false;

  /** `mount` is where the partition is mounted. */
  constructor(mount: string, budget: { left: number }) {
    this.#mount = mount;
    this.#budget = budget;
  }

  /** Whether it began empty. */
  get isFormatted(): boolean {
    return this.#isFormatted;
  }

  /** Whether the package brought any file of it. */
  get isFilled(): boolean {
    return this.#isFilled;
  }

  format(): void {
    this.#root = newFolder();
    this.#isFormatted = true;
  }

  /** Unpacks a member. @throws TreeProblem */
  put(names: readonly string[], member: Member, order: number): void {
    this.#isFilled = true;
    this.place(names, { type: 'file', member, order, rights: { mode: 0o644, ...NO_LABEL } });
  }

  link(names: readonly string[], target: string): void {
    this.place(names, { type: 'link', target, rights: { mode: 0o777, ...NO_LABEL } });
  }

  /** Puts an entry, making the folders above it. @throws TreeProblem */
  place(names: readonly string[], entry: Entry): void {
    const path = [this.#mount, ...names].join('/');
    const last = names.at(-1);
    if (last === undefined || names.length > DEPTH_MAX || !names.every(isGoodName))
      throw new TreeProblem(path, `${JSON.stringify(path.slice(0, 200))} is no path that a file can have`);
    let folder = this.#root;
    for (const name of names.slice(0, -1)) {
      const next = folder.children.get(name) ?? newFolder();
      if (next.type !== 'directory') throw new TreeProblem(path, `${name} is a ${next.type}, and it should be a folder`);
      folder.children.set(name, next);
      folder = next;
    }
    if (folder.children.get(last)?.type === 'directory' && entry.type !== 'directory')
      throw new TreeProblem(path, 'there is a folder of that name');
    folder.children.set(last, entry);
  }

  /** Takes an entry away, with what is in it. */
  remove(names: readonly string[]): Entry | undefined {
    const last = names.at(-1);
    const folder = this.#find(names.slice(0, -1));
    if (last === undefined || folder?.type !== 'directory') return undefined;
    const entry = folder.children.get(last);
    folder.children.delete(last);
    return entry;
  }

  /** The same of anything but a folder: folders are not moved by any script that was seen. */
  take(names: readonly string[]): Entry | undefined {
    return this.#find(names)?.type === 'directory' ? undefined : this.remove(names);
  }

  #find(names: readonly string[]): Entry | undefined {
    let entry: Entry | undefined = this.#root;
    for (const name of names) entry = entry?.type === 'directory' ? entry.children.get(name) : undefined;
    return entry;
  }

  /** Sets rights as `ApplyParsedPerms` does; false where there is no such entry. @throws FormatError above the budget */
  setRights(names: readonly string[], isRecursive: boolean, values: ReadonlyMap<string, unknown>): boolean {
    const start = this.#find(names);
    if (start === undefined) return false;
    const change = changeOf(values);
    const waiting: Entry[] = [start];
    for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
      if (--this.#budget.left < 0)
        throw new FormatError({ format: 'updater-script', field: 'steps', at: 0 }, 'too-large', 'more than are followed: the rest was not');
      entry.rights = rightsAfter(entry, change);
      if (isRecursive && entry.type === 'directory') for (const child of entry.children.values()) waiting.push(child);
    }
    return true;
  }

  /** The tree as a file system. */
  mount(): FileSystem {
    return looseFiles(frozen(this.#root));
  }
}

function frozen(entry: Entry): LooseEntry {
  const { rights } = entry;
  if (entry.type === 'link') return { type: 'link', target: entry.target, ...rights };
  if (entry.type === 'file')
    return { type: 'file', size: entry.member.size, order: entry.order, open: () => entry.member.open(), ...rights };
  return { type: 'directory', children: new Map([...entry.children].map(([name, child]) => [name, frozen(child)])), ...rights };
}

/** What a function sets; undefined: nothing. */
interface Change {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly folderMode: number | undefined;
  readonly fileMode: number | undefined;
  readonly context: string | undefined;
  /** Null: there are none afterwards. */
  readonly capabilities: Uint8Array | null | undefined;
}

/** A `mode` is for whatever it is, `dmode` for folders and `fmode` for files. */
function changeOf(values: ReadonlyMap<string, unknown>): Change {
  const number = (name: string) => numberOf(values.get(name));
  const label = values.get('selabel');
  const capabilities = values.get('capabilities');
  return {
    uid: number('uid'),
    gid: number('gid'),
    folderMode: number('dmode') ?? number('mode'),
    fileMode: number('fmode') ?? number('mode'),
    context: typeof label === 'string' && label !== '' ? label : undefined,
    capabilities: typeof capabilities === 'string' ? capabilitiesOf(capabilities) : undefined,
  };
}

/** A label is set on links, too; everything else is not. */
function rightsAfter({ type, rights }: Entry, change: Change): LooseRights {
  const context = change.context ?? rights.context;
  if (type === 'link') return { ...rights, context };
  const mode = type === 'directory' ? change.folderMode : change.fileMode;
  return {
    mode: mode === undefined ? rights.mode : mode & 0o7777,
    uid: change.uid ?? rights.uid,
    gid: change.gid ?? rights.gid,
    context,
    capabilities: change.capabilities === undefined || type !== 'file' ? rights.capabilities : (change.capabilities ?? undefined),
  };
}

/** As `strtoul` and `%i` take it: octal after 0, hexadecimal after 0x. */
function numberOf(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^(?:0[xX][0-9a-fA-F]{1,8}|0[0-7]{0,10}|[1-9]\d{0,9})$/.test(text)) return undefined;
  const value = /^0[0-7]/.test(text) ? Number.parseInt(text, 8) : Number(text);
  return value <= 0xffff_ffff ? value : undefined;
}

/** `vfs_cap_data` of revision 2 with the permitted set, effective; none for 0. */
function capabilitiesOf(text: string): Uint8Array | null {
  const value = /^(?:0[xX][0-9a-fA-F]{1,16}|\d{1,19})$/.test(text) ? BigInt(text) : 0n;
  if (value === 0n) return null;
  const bytes = new DataView(new ArrayBuffer(20));
  bytes.setUint32(0, 0x0200_0001, true);
  bytes.setUint32(4, Number(value & 0xffff_ffffn), true);
  bytes.setUint32(12, Number(value >> 32n), true);
  return new Uint8Array(bytes.buffer);
}
