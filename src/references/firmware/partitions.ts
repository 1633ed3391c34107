/** The partitions that a ROM holds, whatever containers it comes in. */
import { bytesSource, FormatError, readAll, type Source } from '../../bytes/index.ts';
import { findVbmeta, isSuper, parseEdify } from '../../formats/android/index.ts';
import { streamFormat, unpackedName } from '../../formats/codec/index.ts';
import type { FileSystem } from '../../formats/fs/index.ts';
import { type Container, type ContainerKind, DEPTH_MAX, openContainer, openSuper } from './container.ts';
import { isFolded } from './fold.ts';
import { followInstall } from './install.ts';
import type { Member } from './member.ts';
import { type FirmwarePorts, unpackedSource } from './ports.ts';
import { type Flashed, isDigestList, isFlashScript, parseDigestList, parseFlashScript, type StatedDigest, withoutSlot } from './scripts.ts';
import { isSnapshot } from './super.ts';
import { unsparse } from './unsparse.ts';
import { wrappedWords, wrappingOfName } from './wrapped.ts';

const SCRIPT_MAX = 8 << 20;
const AMEND_SCRIPT = 'META-INF/com/google/android/update-script';
const INSTALL_SCRIPT = 'META-INF/com/google/android/updater-script';

/** One partition's image, opened where it lies. */
export interface RomPartition {
  readonly source: Source;
  /** What its container says that the SHA-256 of all its bytes is. */
  readonly statedSha256: Uint8Array | undefined;
  /** No image, but files that a script of the package installs: then `source` is empty. */
  readonly files?: InstalledFiles;
}

/** A partition as a script fills it. */
export interface InstalledFiles {
  readonly fileSystem: FileSystem;
  /** What of it could not be followed: its digest is not known then. */
  readonly unread: readonly { readonly path: string | null; readonly because: string }[];
}

/** What is in a ROM. */
export interface RomContents {
  /** The outermost container; undefined: the file is a partition's image itself. */
  readonly kind: ContainerKind | undefined;
  /** Partitions are decoded from a payload's operations. */
  readonly isPayload: boolean;
  /** By name without slot suffix. */
  readonly partitions: ReadonlyMap<string, RomPartition>;
  /** Digests that lists in the package state of files beside them, and how to read those. */
  readonly stated: readonly (StatedDigest & { readonly open: () => Promise<Source> })[];
  /** What could not be opened, and why. */
  readonly unread: readonly { readonly partition: string; readonly path?: string | null; readonly because: string }[];
}

interface Collection {
  isPayload: boolean;
  readonly ports: FirmwarePorts;
  readonly found: Map<string, RomPartition>;
  readonly stated: (StatedDigest & { readonly open: () => Promise<Source> })[];
  readonly unread: { partition: string; path?: string | null; because: string }[];
}

/** Looks into every container. `name` is the file's own: that of a partition where it is an image; `depth`, the streams that it was packed in. @throws FormatError where the outermost container is malformed */
export async function findPartitions(source: Source, ports: FirmwarePorts, name = '', depth = 0): Promise<RomContents> {
  const into: Collection = { isPayload: false, ports, found: new Map(), stated: [], unread: [] };
  const container = await openContainer(source, ports, name);
  const [packed] = container?.kind === 'stream' ? await container.list() : [];
  // A stream has no names inside: what it unpacks to is looked at as if it lay there, whatever it is called.
  if (packed !== undefined) {
    if (depth === DEPTH_MAX)
      throw new FormatError({ format: 'firmware', field: 'containers', at: 0 }, 'too-deep', `more than ${DEPTH_MAX} in each other`);
    try {
      return { ...(await findPartitions(await packed.open(), ports, packed.name, depth + 1)), kind: 'stream' };
    } catch (error) {
      // What does not unpack costs what is in it, as a member of any other container.
      if (!(error instanceof FormatError)) throw error;
      const unread = [{ partition: partitionOf(packed.name) ?? packed.name, because: error.message }];
      return { kind: 'stream', isPayload: false, partitions: new Map(), stated: [], unread };
    }
  }
  if (isContainer(container)) await collect(container, into, 0);
  else {
    const image = await unsparse(source);
    into.found.set((await ownName(image)) ?? partitionOf(name) ?? 'image', { source: image, statedSha256: undefined });
  }
  return { kind: container?.kind, isPayload: into.isPayload, partitions: into.found, stated: into.stated, unread: into.unread };
}

/** Containers of partitions: an image is one itself. */
const isContainer = (container: Container | undefined): container is Container =>
  container !== undefined &&
  container.kind !== 'boot' &&
  container.kind !== 'vendor_boot' &&
  container.kind !== 'device trees' &&
  container.kind !== 'file system';

/** The partition that a file's name says, as in `images/system_a.img` and `super.img.lz4`. */
function partitionOf(path: string): string | undefined {
  const name = /([^/\\]+)$/
    .exec(path)?.[1]
    ?.replace(/(?:\.(?:ext4|erofs|f2fs|raw|sparse|simg))?\.(?:img|simg|image|bin|mbn|elf|erofs|ext4|f2fs)(?:\.ext4)?$/i, '');
  // MediaTek's signed images say so behind their names.
  return name === undefined || name === '' ? undefined : withoutSlot(name.replace(/-(?:verified|sign)$/i, ''));
}

/** The partition that an image's own footer says it is: files are renamed. */
async function ownName(image: Source): Promise<string | undefined> {
  try {
    const found = await findVbmeta(image);
    const descriptors = found?.footer === undefined ? [] : found.vbmeta.descriptors;
    const names = descriptors.flatMap((one) => (one.kind === 'hash' || one.kind === 'hashtree' ? [one.partitionName] : []));
    return names.length === 1 && names[0] !== '' ? names[0] : undefined;
  } catch (error) {
    // A footer that is malformed is the AVB walk's to tell.
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}

const base = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const isNested = (name: string) => /^(?:payload\.bin|super\.s?img|image-.*\.zip|.*\.tar(?:\.md5)?|.*\.tgz|original_apex)$/i.test(name);
/** `super_empty.img` is a table without what it tells of. */
const isImage = (name: string) => /\.s?img(?:\.ext4)?$/i.test(name) && name !== 'super_empty.img';
/** In Samsung's archives, which hold no script, every file at the root is a partition's. */
const isFirmwareFile = (name: string) => /^[^/]+\.(?:bin|mbn|elf|fv)$/i.test(name);

async function collect(container: Container, into: Collection, depth: number): Promise<void> {
  if (depth === DEPTH_MAX)
    throw new FormatError({ format: 'firmware', field: 'containers', at: 0 }, 'too-deep', `more than ${DEPTH_MAX} in each other`);
  if (container.kind === 'payload') into.isPayload = true;
  for (const because of container.notes ?? []) into.unread.push({ partition: container.kind, because });
  const members = await container.list();
  const flashed = new Map<string, Set<string>>();
  for (const [file, partition] of [...(await install(members, into)), ...(await readScripts(members, into))])
    flashed.set(file, (flashed.get(file) ?? new Set()).add(partition));
  const siblings = new Map(members.map((member) => [partitionOf(member.name) ?? '', () => member.open()]));
  // Images in slots: a stands before b in every table; the first that holds something is the one that boots after flashing.
  for (const member of members) {
    if (member.size === 0 || isFolded(member.name, members)) continue;
    if (container.kind === 'super' && isSnapshot(member.name.replace(/\.img$/, ''))) continue;
    const name = base(member.name);
    const packed = streamFormat(new Uint8Array(0), name) !== undefined || /\.(?:lz4|gz|xz|zst|bz2)$/i.test(name);
    const plain = packed ? unpackedName(name) : name;
    const isOwn =
      isImage(plain) ||
      (container.kind === 'tar' && flashed.size === 0 && isFirmwareFile(packed ? unpackedName(member.name) : member.name));
    const own = isOwn ? partitionOf(plain) : undefined;
    const names = [...(flashed.get(name) ?? (own === undefined ? [] : [own]))];
    const free = names.filter((partition) => !into.found.has(partition));
    const nested = container.kind !== 'payload' && container.kind !== 'super' && isNested(plain);
    const wrapping = names.length === 0 && !nested ? wrappingOfName(name) : undefined;
    if (wrapping !== undefined) into.unread.push({ partition: name, because: wrappedWords(wrapping) });
    if (!nested && free.length === 0) continue;
    try {
      const source = await openMember(member, into.ports, packed);
      if (nested || (await isSplitSuper(source, container))) await collectNested(source, { name: plain, siblings }, into, depth);
      else {
        const raw = container.kind === 'payload' ? source : await unsparse(source);
        for (const partition of free) into.found.set(partition, { source: raw, statedSha256: member.statedSha256 });
      }
    } catch (error) {
      // One member that does not open costs that member.
      if (!(error instanceof FormatError)) throw error;
      into.unread.push({ partition: free[0] ?? name, because: error.message });
    }
  }
  // A package in an archive that holds nothing else, as people pass them on.
  if (container.kind === 'zip' && into.found.size === 0 && into.unread.length === 0)
    for (const member of members)
      if (/\.zip$/i.test(member.name) && !isNested(base(member.name))) await collectPackage(member, into, depth);
}

async function collectPackage(member: Member, into: Collection, depth: number): Promise<void> {
  try {
    const container = await openContainer(await member.open(), into.ports, member.name);
    if (isContainer(container)) await collect(container, into, depth + 1);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    into.unread.push({ partition: base(member.name), because: error.message });
  }
}

async function openMember(member: Member, ports: FirmwarePorts, packed: boolean): Promise<Source> {
  const source = await member.open();
  if (!packed) return source;
  const format = streamFormat(await source.read(0, Math.min(64, source.size)), member.name);
  return format === undefined ? source : unpackedSource(ports, { format, source });
}

/** Retrofitted phones keep the metadata of their super in what was their system partition. */
async function isSplitSuper(source: Source, { kind }: Container): Promise<boolean> {
  if (kind === 'super' || kind === 'payload') return false;
  try {
    return await isSuper(await unsparse(source));
  } catch (error) {
    // Of an incremental package some blocks may not be readable: that is told when they are wanted.
    if (!(error instanceof FormatError)) throw error;
    return false;
  }
}

interface Nested {
  readonly name: string;
  /** Images beside it, by partition: a split super's further devices. */
  readonly siblings: ReadonlyMap<string, () => Promise<Source>>;
}

async function collectNested(source: Source, { name, siblings }: Nested, into: Collection, depth: number): Promise<void> {
  const raw = await unsparse(source);
  const container = (await isSuper(raw)) ? await openSuper(raw, into.ports, siblings) : await openContainer(raw, into.ports, name);
  if (isContainer(container)) await collect(container, into, depth + 1);
  else into.unread.push({ partition: name, because: 'it is no container known here' });
}

/** Follows the package's own script: partitions that it fills file by file are found, and the images that it writes are told. */
async function install(members: readonly Member[], into: Collection): Promise<readonly Flashed[]> {
  const script = members.find(({ name, size }) => name === INSTALL_SCRIPT && size <= SCRIPT_MAX);
  if (script === undefined) {
    if (members.some(({ name }) => name === AMEND_SCRIPT))
      into.unread.push({
        partition: 'update-script',
        because: 'it is written in Amend, as packages before Android 2 were: it is not followed here',
      });
    return [];
  }
  const text = new TextDecoder().decode(await readAll(await script.open(), SCRIPT_MAX, 'script'));
  try {
    const { trees, images, problems } = followInstall(parseEdify(text), members);
    for (const [partition, tree] of trees) {
      const unread = problems.filter((problem) => problem.partition === partition);
      const files = { fileSystem: tree.mount(), unread };
      if (!into.found.has(partition)) into.found.set(partition, { source: NOTHING, statedSha256: undefined, files });
    }
    // What a script of images alone does besides is no file's business.
    for (const { partition, path, because } of problems)
      if (partition === null ? trees.size > 0 : !trees.has(partition))
        into.unread.push({ partition: partition ?? 'updater-script', path, because });
    return images.map(([name, partition]) => [base(name), partition]);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    // Packages of others are no scripts at all; one that unpacks files was one.
    if (text.includes('package_extract_dir')) into.unread.push({ partition: 'updater-script', because: error.message });
    return [];
  }
}

const NOTHING = bytesSource(new Uint8Array(0));

/** Which files are flashed where; what lists of digests say is kept. */
async function readScripts(members: readonly Member[], into: Collection): Promise<readonly Flashed[]> {
  const flashed: Flashed[] = [];
  for (const member of members) {
    const isScript = isFlashScript(member.name);
    if ((!isScript && !isDigestList(member.name)) || member.size > SCRIPT_MAX) continue;
    const text = new TextDecoder().decode(await readAll(await member.open(), SCRIPT_MAX, 'script'));
    if (isScript) flashed.push(...parseFlashScript(text));
    else
      for (const stated of parseDigestList(text)) {
        const of = members.find((other) => other.name === stated.name || base(other.name) === base(stated.name));
        if (of !== undefined) into.stated.push({ ...stated, name: of.name, open: () => of.open() });
      }
  }
  return flashed;
}
