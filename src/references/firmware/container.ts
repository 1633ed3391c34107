/**
 * Containers of firmware behind one face: names inside, each opened as a Source where it lies. Containers nest: an OTA zip holds a payload, which holds partitions.
 * Opened here: zip, payload, super (raw or sparse, both slots' partitions by their names), sparse, boot images. Everything else is opaque.
 */
import { bytesSource, type CodecPort, FormatError, type HashPort, type Source, sliceSource } from '../../bytes/index.ts';
import {
  isBoot,
  isPayload,
  isSparse,
  isSuper,
  lpPartition,
  payloadPartition,
  readBoot,
  readLp,
  readPayload,
  readSparse,
  sparseSource,
} from '../../formats/android/index.ts';
import { entrySource, isZip, openEntry, readZip } from '../../formats/archive/index.ts';

/** Containers in containers. */
const DEPTH_MAX = 8;
/** A packed zip entry is unpacked into memory; what is larger is stored by every tool that makes firmware. */
const MEMBER_MAX = 1 << 30;

export interface FirmwarePorts {
  readonly hash: HashPort;
  readonly codec: CodecPort;
}

/** Something inside a container. */
export interface Member {
  /** As the container has it: never a host path. */
  readonly name: string;
  readonly size: number;
  /** @throws FormatError */
  open(): Promise<Source>;
}

export type ContainerKind = 'zip' | 'payload' | 'super' | 'boot' | 'vendor_boot';

export interface Container {
  readonly kind: ContainerKind;
  readonly members: readonly Member[];
}

/** A Source without its sparse coat; the same one where it wears none. @throws FormatError */
export async function unsparse(source: Source): Promise<Source> {
  const start = await source.read(0, Math.min(4, source.size));
  return isSparse(start) ? sparseSource(source, (await readSparse(source)).value) : source;
}

/** The container that a Source is; undefined where it is none known here. @throws FormatError when it is one and malformed */
export async function openContainer(wrapped: Source, ports: FirmwarePorts): Promise<Container | undefined> {
  const source = await unsparse(wrapped);
  const start = await source.read(0, Math.min(8, source.size));
  if (isZip(start)) return openZip(source, ports);
  if (isPayload(start)) return openPayload(source, ports);
  if (isBoot(start)) return openBoot(source);
  if (await isSuper(source)) return openSuper(source, ports);
  return undefined;
}

async function openZip(source: Source, { codec }: FirmwarePorts): Promise<Container> {
  const { value } = await readZip(source, { locals: false });
  const members = value.entries
    .filter(({ name }) => !name.endsWith('/'))
    .map((entry): Member => {
      const open = async () =>
        entry.method === 0 ? entrySource(source, entry) : bytesSource(await openEntry(source, entry, codec, MEMBER_MAX));
      return { name: entry.name, size: entry.size, open };
    });
  return { kind: 'zip', members };
}

async function openPayload(source: Source, ports: FirmwarePorts): Promise<Container> {
  const { value: payload } = await readPayload(source);
  const members = payload.manifest.partitions.map(
    (partition): Member => ({
      name: `${partition.name}.img`,
      size: partition.after?.size ?? 0,
      open: async () => payloadPartition(payload, partition, ports),
    }),
  );
  return { kind: 'payload', members };
}

async function openSuper(source: Source, { hash }: FirmwarePorts): Promise<Container> {
  const { value } = await readLp(source, hash);
  const members = value.partitions.map(
    (partition): Member => ({
      name: `${partition.name}.img`,
      size: partition.size,
      open: async () => lpPartition(value, partition, [source]),
    }),
  );
  return { kind: 'super', members };
}

async function openBoot(source: Source): Promise<Container> {
  const { value } = await readBoot(source);
  const members = value.sections.map(({ name, at, size }): Member => ({ name, size, open: async () => sliceSource(source, at, size) }));
  return { kind: value.kind, members };
}

/**
 * Follows a path through nested containers, as in `payload.bin/boot.img/ramdisk`; an empty one is the Source itself. A name may have slashes: the longest that fits is taken.
 * @throws FormatError where a step is no container or has no such member
 */
export async function openInside(source: Source, path: string, ports: FirmwarePorts): Promise<Source> {
  let at = source;
  let rest = path;
  for (let depth = 0; rest !== ''; depth++) {
    if (depth === DEPTH_MAX) throw problem(path, 'too-deep', `more than ${DEPTH_MAX} containers in each other`);
    const container = await openContainer(at, ports);
    if (container === undefined)
      throw problem(path, 'bad-value', `${JSON.stringify(rest)}: what should hold it is no container known here`);
    const wanted = rest;
    const fitting = container.members.filter(
      ({ name }) => wanted === name || wanted.startsWith(`${name}/`) || wanted.startsWith(`${name}!`),
    );
    const member = fitting.toSorted((a, b) => b.name.length - a.name.length)[0];
    if (member === undefined) throw problem(path, 'bad-value', `this ${container.kind} has no ${JSON.stringify(rest)}`);
    at = await member.open();
    rest = rest.slice(member.name.length + 1);
  }
  return at;
}

const problem = (path: string, code: FormatError['code'], detail: string) =>
  new FormatError({ format: 'firmware', field: `path ${JSON.stringify(path)}`, at: 0 }, code, detail);

/** Partition images by name without slot suffix, from every container inside: a zip's payload and super are looked into. Empty partitions (the other slot's) are left out. */
export async function listPartitions(source: Source, ports: FirmwarePorts): Promise<ReadonlyMap<string, Source>> {
  const found = new Map<string, Source>();
  await collect(source, { ports, found }, 0);
  return found;
}

async function collect(
  source: Source,
  into: { readonly ports: FirmwarePorts; readonly found: Map<string, Source> },
  depth: number,
): Promise<void> {
  if (depth === DEPTH_MAX) throw problem('', 'too-deep', `more than ${DEPTH_MAX} containers in each other`);
  const container = await openContainer(source, into.ports);
  if (container === undefined || container.kind === 'boot' || container.kind === 'vendor_boot') return;
  for (const member of container.members) {
    const name = /(?:^|\/)([^/]+)$/.exec(member.name)?.[1] ?? member.name;
    const nested = container.kind === 'zip' && /^(?:payload\.bin|super\.img|image-.*\.zip)$/.test(name);
    if (nested) await collect(await member.open(), into, depth + 1);
    else if (name.endsWith('.img') && member.size > 0) {
      const partition = name.slice(0, -'.img'.length).replace(/_[ab]$/, '');
      // Slot a stands before b in every table; the first that holds something is the one that boots after flashing.
      if (!into.found.has(partition)) into.found.set(partition, await unsparse(await member.open()));
    }
  }
}
