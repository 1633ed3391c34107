/**
 * Containers of firmware behind one face: names inside, each opened as a Source where it lies. Containers nest: an OTA zip holds a payload, which holds partitions.
 * Opened here: zip, tar, packed streams (a packed tar is a tar), payload, super (raw, sparse or split), sparse, boot images, tables of device trees, file systems; in zips and tars also what only several
 * members make together (`fold.ts`). What can only be read forwards (deflated members, packed streams) is spooled when it is opened; everything else is read where it lies.
 */
import { bytesSource, FormatError, type Source, sliceSource } from '../../bytes/index.ts';
import {
  isBoot,
  isDtTable,
  isPayload,
  isSuper,
  payloadPartition,
  readBoot,
  readDtTable,
  readPayload,
} from '../../formats/android/index.ts';
import { entrySource, isTar, isZip, openEntry, readTar, readZip, tarMember, type ZipEntry } from '../../formats/archive/index.ts';
import { streamFormat, unpackedName } from '../../formats/codec/index.ts';
import { type FileSystem, openFileSystem } from '../../formats/fs/index.ts';
import { foldMembers } from './fold.ts';
import type { Member } from './member.ts';
import { type FirmwarePorts, peekStream, unpackedPart, unpackedSource } from './ports.ts';
import { readSuper } from './super.ts';
import { unsparse } from './unsparse.ts';
import { refuseWrapped } from './wrapped.ts';

/** Containers in containers. */
export const DEPTH_MAX = 8;
/** Packed members up to this size are unpacked in memory. */
const IN_MEMORY = 16 << 20;
/** Enough for every magic that is looked for, and a tar header. */
const START = 512;

export type ContainerKind = 'zip' | 'tar' | 'stream' | 'payload' | 'super' | 'boot' | 'vendor_boot' | 'device trees' | 'file system';

export interface Container {
  readonly kind: ContainerKind;
  /** What is to be said of it besides its members. */
  readonly notes?: readonly string[];
  /** Everything inside. Of a file system, its files: reads all of its directories. */
  list(): Promise<readonly Member[]>;
  /** The member that a path begins with, and what is left of the path. */
  find(path: string): Promise<{ readonly member: Member; readonly rest: string } | undefined>;
}

/** The container that a Source is; undefined where it is none known here. `name` tells the formats that have no magic. @throws FormatError when it is one and malformed, or a wrapping that is known and not read */
export async function openContainer(wrapped: Source, ports: FirmwarePorts, name = ''): Promise<Container | undefined> {
  const source = await unsparse(wrapped);
  const start = await source.read(0, Math.min(START, source.size));
  if (isZip(start)) return openZip(source, ports);
  if (isPayload(start)) return openPayload(source, ports);
  if (isBoot(start)) return openBoot(source);
  if (isDtTable(start)) return openDtTable(source);
  if (isTar(start)) return openTar(source, ports);
  const format = streamFormat(start, name);
  if (format !== undefined) {
    const packed = { format, source };
    if (isTar(await peekStream(ports, packed, START))) {
      const part = await unpackedPart(ports, packed);
      return openTar(part.source, ports, part.broken);
    }
    const inner = unpackedName(name);
    return fixed('stream', [
      { name: inner.slice(inner.lastIndexOf('/') + 1), size: source.size, open: () => unpackedSource(ports, packed) },
    ]);
  }
  if (await isSuper(source)) return openSuper(source, ports, new Map());
  const fileSystem = await openFileSystem(source, ports.codec);
  if (fileSystem !== undefined) return filesOf(fileSystem);
  await refuseWrapped(source, name);
  return undefined;
}

/** Members by their names. A name may have slashes: the longest that fits is taken. */
function fixed(kind: ContainerKind, members: readonly Member[]): Container {
  return {
    kind,
    list: async () => members,
    async find(path) {
      const fitting = members.filter(({ name }) => path === name || path.startsWith(`${name}/`) || path.startsWith(`${name}!`));
      const member = fitting.toSorted((a, b) => b.name.length - a.name.length)[0];
      return member === undefined ? undefined : { member, rest: path.slice(member.name.length + 1) };
    },
  };
}

async function openZip(source: Source, ports: FirmwarePorts): Promise<Container> {
  const { value } = await readZip(source, { locals: false });
  const members = value.entries
    .filter(({ name }) => !name.endsWith('/'))
    .map((entry): Member => ({ name: entry.name, size: entry.size, open: () => openZipMember(source, entry, ports) }));
  return fixed('zip', await foldMembers(members, ports));
}

async function openZipMember(source: Source, entry: ZipEntry, ports: FirmwarePorts): Promise<Source> {
  const raw = await entrySource(source, entry);
  if (entry.method === 0) return raw;
  if (entry.size <= IN_MEMORY) return bytesSource(await openEntry(source, entry, ports.codec, IN_MEMORY));
  if (entry.method !== 8)
    throw new FormatError(
      { format: 'zip', field: `entry[${entry.index}].method`, at: entry.localAt },
      'unsupported-feature',
      `method ${entry.method}`,
    );
  const unpacked = await unpackedSource(ports, { format: 'deflate-raw', source: raw, ceiling: entry.size });
  if (unpacked.size !== entry.size)
    throw new FormatError(
      { format: 'zip', field: `entry[${entry.index}].size`, at: entry.localAt },
      'bad-value',
      `${entry.size}, where it unpacks to ${unpacked.size}`,
    );
  return unpacked;
}

/** `broken`: why its stream ended early. */
async function openTar(source: Source, ports: FirmwarePorts, broken?: FormatError): Promise<Container> {
  const { value, oddities } = await readTar(source, { cut: true });
  const cut = oddities.find(({ code }) => code === 'out-of-bounds') ?? (broken === undefined ? undefined : oddities.at(-1));
  const because = [broken?.message, cut === undefined ? undefined : `${cut.field} @0x${cut.at.toString(16)}: ${cut.detail}`].filter(
    (text) => text !== undefined,
  );
  const notes =
    because.length === 0 ? [] : [`it is cut off: ${value.length} members are whole, and what follows is not here (${because.join('; ')})`];
  const members = value
    .filter(({ type }) => type === 'file')
    .map((entry): Member => ({ name: entry.name, size: entry.size, open: async () => tarMember(source, entry) }));
  return { ...fixed('tar', await foldMembers(members, ports)), notes };
}

async function openPayload(source: Source, ports: FirmwarePorts): Promise<Container> {
  const { value: payload } = await readPayload(source);
  const { hash, codec, cacheBytes, ahead, stream, spool } = ports;
  const decoding = {
    hash,
    codec,
    ...(cacheBytes === undefined ? {} : { cacheBytes }),
    ...(ahead === undefined ? {} : { ahead }),
    ...(stream === undefined || spool === undefined ? {} : { large: { stream, spool } }),
  };
  const members = payload.manifest.partitions.map((partition): Member => {
    const before = ports.before?.get(partition.name);
    return {
      name: `${partition.name}.img`,
      size: partition.after?.size ?? 0,
      ...(partition.after === undefined || partition.after.sha256.length === 0 ? {} : { statedSha256: partition.after.sha256 }),
      open: async () => payloadPartition(payload, partition, { ...decoding, ...(before === undefined ? {} : { before }) }),
    };
  });
  return fixed('payload', members);
}

/** A super image; `devices` holds the images of further block devices by name, where it is split over several. */
export async function openSuper(
  source: Source,
  ports: FirmwarePorts,
  devices: ReadonlyMap<string, () => Promise<Source>>,
): Promise<Container> {
  const { members, notes } = await readSuper(source, ports, devices);
  return { ...fixed('super', members), notes };
}

async function openBoot(source: Source): Promise<Container> {
  const { value } = await readBoot(source);
  const members = value.sections.map(({ name, at, size }): Member => ({ name, size, open: async () => sliceSource(source, at, size) }));
  return fixed(value.kind, members);
}

async function openDtTable(source: Source): Promise<Container> {
  const { value } = await readDtTable(source);
  const members = value.entries.map(
    ({ at, size, packing }, index): Member => ({
      name: `${index}.dtb${packing === 'gzip' ? '.gz' : ''}`,
      size,
      open: async () => sliceSource(source, at, size),
    }),
  );
  return fixed('device trees', members);
}

function filesOf(fileSystem: FileSystem): Container {
  const member = (path: string, entry: { readonly size: number }, open: () => Promise<Source>): Member => ({
    name: path.slice(1),
    size: entry.size,
    open,
  });
  return {
    kind: 'file system',
    async list() {
      const members: Member[] = [];
      for await (const visit of fileSystem.walk())
        if (visit.kind === 'entry' && visit.entry.type === 'file')
          members.push(member(visit.entry.path, visit.entry, () => fileSystem.open(visit.entry)));
      return members.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    async find(path) {
      const names = (path.split('!')[0] ?? '').split('/').filter((part) => part !== '');
      // From the root down, until something is no directory: the rest of the path is inside it.
      for (let count = 1; count <= names.length; count++) {
        const at = `/${names.slice(0, count).join('/')}`;
        const entry = await fileSystem.find(at);
        if (entry === undefined) return undefined;
        if (entry.type === 'link')
          throw new FormatError(
            { format: 'firmware', field: `path ${JSON.stringify(path)}`, at: 0 },
            'bad-value',
            `${at} is a link to ${JSON.stringify(entry.target)}`,
          );
        if (entry.type !== 'file') continue;
        const rest = path
          .replace(/^\/+/, '')
          .slice(at.length - 1)
          .replace(/^[/!]/, '');
        return { member: member(at, entry, () => fileSystem.open(entry)), rest };
      }
      return undefined;
    },
  };
}

/**
 * Follows a path through nested containers, as in `payload.bin/system.img/system/build.prop`; an empty one is the Source itself.
 * @throws FormatError where a step is no container or has no such member
 */
export async function openInside(source: Source, path: string, ports: FirmwarePorts, name = ''): Promise<Source> {
  return (await followPath(source, path, ports, name)).source;
}

/** The same, with the name of what was found. */
export async function followPath(
  source: Source,
  path: string,
  ports: FirmwarePorts,
  name = '',
): Promise<{ readonly source: Source; readonly name: string }> {
  let at = { source, name };
  let rest = path;
  for (let depth = 0; rest !== ''; depth++) {
    if (depth === DEPTH_MAX) throw problem(path, 'too-deep', `more than ${DEPTH_MAX} containers in each other`);
    const container = await openContainer(at.source, ports, at.name);
    if (container === undefined)
      throw problem(path, 'bad-value', `${JSON.stringify(rest)}: what should hold it is no container known here`);
    const found = await container.find(rest);
    if (found === undefined) throw problem(path, 'bad-value', `this ${container.kind} has no ${JSON.stringify(rest)}`);
    at = { source: await found.member.open(), name: found.member.name };
    rest = found.rest;
  }
  return at;
}

const problem = (path: string, code: FormatError['code'], detail: string) =>
  new FormatError({ format: 'firmware', field: `path ${JSON.stringify(path)}`, at: 0 }, code, detail);
