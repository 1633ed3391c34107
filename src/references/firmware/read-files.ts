/** Single files of a ROM by their path as mounted, read where they lie: texts whose difference is shown, policies, ramdisks. */
import { FormatError, type Source } from '../../bytes/index.ts';
import { isBoot, RAMDISK_MAX, readBoot, readCpio, unpackRamdisk } from '../../formats/android/index.ts';
import { openFileSystem } from '../../formats/fs/index.ts';
import { mountOf } from './layout.ts';
import type { InstalledFiles, RomContents } from './partitions.ts';
import type { FirmwarePorts } from './ports.ts';

/** A file as a manifest names it. */
export interface WantedFile {
  readonly partition: string;
  readonly path: string;
}

/** The bytes of files up to `limit` bytes each, by path. What is larger, not there or does not decode is left out: a comparison shows then that it differs, and not how. */
export async function readRomFiles(
  { partitions }: Pick<RomContents, 'partitions'>,
  wanted: readonly WantedFile[],
  ports: FirmwarePorts,
  limit: number,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const partition of new Set(wanted.map((file) => file.partition))) {
    const image = partitions.get(partition);
    if (image === undefined) continue;
    const { source, files } = image;
    const paths = wanted.filter((file) => file.partition === partition).map(({ path }) => path);
    try {
      const read = files === undefined && isBoot(await source.read(0, Math.min(8, source.size))) ? fromRamdisk : fromFileSystem;
      for (const [path, bytes] of await read({ source, files, partition, paths, ports, limit })) found.set(path, bytes);
    } catch (error) {
      // An image that does not open costs its files.
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return found;
}

interface Question {
  readonly source: Source;
  readonly files: InstalledFiles | undefined;
  readonly partition: string;
  readonly paths: readonly string[];
  readonly ports: FirmwarePorts;
  readonly limit: number;
}

async function fromFileSystem({ limit, ...question }: Question): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const [path, content] of await openIn(question)) {
    if (content.size > limit) continue;
    try {
      found.set(path, await content.read(0, content.size));
    } catch (error) {
      // One file that does not decode costs that file.
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return found;
}

/** Files of one partition's file system, opened where they lie. */
async function openIn({ source, files, partition, paths, ports }: Omit<Question, 'limit'>): Promise<ReadonlyMap<string, Source>> {
  const found = new Map<string, Source>();
  const fileSystem = files?.fileSystem ?? (await openFileSystem(source, ports.codec));
  if (fileSystem === undefined) return found;
  const isRoot = partition === 'system' && (await fileSystem.find('/system'))?.type === 'directory';
  const mount = mountOf(partition, isRoot);
  for (const path of paths) {
    if (!path.startsWith(`${mount}/`)) continue;
    try {
      const entry = await fileSystem.find(path.slice(mount.length));
      if (entry?.type === 'file') found.set(path, await fileSystem.open(entry));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return found;
}

/** Files of a ROM's file systems as sources, by path: nothing is read of them yet. What is not there or does not open is left out. */
export async function openRomFiles(
  { partitions }: Pick<RomContents, 'partitions'>,
  wanted: readonly WantedFile[],
  ports: FirmwarePorts,
): Promise<ReadonlyMap<string, Source>> {
  const found = new Map<string, Source>();
  for (const partition of new Set(wanted.map((file) => file.partition))) {
    const image = partitions.get(partition);
    if (image === undefined) continue;
    const paths = wanted.filter((file) => file.partition === partition).map(({ path }) => path);
    try {
      for (const [path, source] of await openIn({ source: image.source, files: image.files, partition, paths, ports }))
        found.set(path, source);
    } catch (error) {
      // An image that does not open costs its files.
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return found;
}

async function fromRamdisk({ source, partition, paths, ports, limit }: Question): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const { value: boot } = await readBoot(source);
  const ramdisk = boot.sections.find(({ name }) => name === 'ramdisk');
  if (ramdisk === undefined || ramdisk.size > RAMDISK_MAX) return found;
  const { value: entries } = readCpio(await unpackRamdisk(await source.read(ramdisk.at, ramdisk.size), ports.codec));
  for (const { name, data } of entries) {
    const plain = name.replace(/^(?:\.?\/)+/, '');
    const path = [`/${plain}`, `/ramdisk/${partition}/${plain}`].find((one) => paths.includes(one));
    if (path !== undefined && data.length <= limit) found.set(path, data);
  }
  return found;
}
